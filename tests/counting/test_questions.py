"""Questions: which part of a toll a filter counts, and into which row (design, section 5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.counting import figures, questions
from ledger.counting.figures import Figure, add
from ledger.counting.lines import parse
from ledger.counting.questions import Piece
from ledger.counts import UNKNOWN, Count
from ledger.errors import QuestionError
from ledger.reports.question import Question, ask
from tests.counting.samples import (
    VALUES,
    Toll,
    some_filters,
    some_groups,
    some_line_sets,
    some_tolls,
    toll,
)

# Each docstring is a toll: a line and its count.


def test_an_unknown_part_stands_beside_what_is_not_told_apart(toll: Toll) -> None:
    """
    injured: 14
    injured[nationality=PL]: ?
    """
    assert toll.bests("nationality") == {"PL": None, "unspecified": 14}
    assert toll.pieces()[0].figure == Figure(14, 14, 14)


def test_a_line_that_carries_what_is_asked_counts_whole(toll: Toll) -> None:
    """
    killed[nationality=US]: 3
    killed[nationality=US,role=military]: 2
    """
    assert toll.pieces(by=("nationality",)) == [Piece("killed[nationality=US]", Figure(3, 3, 3))]


def test_a_line_counts_whole_where_nothing_inside_states_more(toll: Toll) -> None:
    """
    killed: 3
    killed[nationality=US]: 2
    """
    assert toll.bests("role") == {"unspecified": 3}
    assert toll.pieces(by=("role",))[0].whole


def test_what_is_left_of_a_line_is_unspecified(toll: Toll) -> None:
    """
    killed: 10/11/13
    killed[nationality=US]: 2
    killed[nationality=GB]: 3+
    """
    assert toll.pieces(by=("nationality",)) == [
        Piece("killed[nationality=GB]", Figure(3, 3, None, at_least=True)),
        Piece("killed[nationality=US]", Figure(2, 2, 2)),
        Piece("killed", Figure(5, 6, 8), whole=False),
    ]


def test_where_everybody_is_told_apart_nothing_is_left(toll: Toll) -> None:
    """
    killed: 3
    killed[nationality=US]: 2
    killed[nationality=GB]: 1
    """
    assert toll.bests("nationality") == {"US": 2, "GB": 1}


def test_where_the_whole_is_at_least_something_unknown_is_left(toll: Toll) -> None:
    """
    killed: 3+
    killed[nationality=US]: 2
    killed[nationality=GB]: 1
    """
    assert toll.bests("nationality") == {"US": 2, "GB": 1, "unspecified": None}


def test_one_family_is_taken_and_nobody_counted_twice(toll: Toll) -> None:
    """
    killed: 10
    killed[nationality=PL]: 3
    killed[role=contractor]: 4
    """
    assert toll.bests("nationality") == {"PL": 3, "unspecified": 7}
    assert toll.bests("role") == {"contractor": 4, "unspecified": 6}
    assert toll.bests("nationality,role") == {
        "unspecified,contractor": 4,
        "unspecified,unspecified": 6,
    }


def test_of_families_alike_the_first_by_name_is_taken(toll: Toll) -> None:
    """
    killed: 10
    killed[role=contractor]: 4
    killed[nationality=PL]: 4
    """
    for by in ("nationality,role", "role,nationality"):
        assert toll.pieces(by=tuple(by.split(",")))[0].line == "killed[nationality=PL]"


def test_what_is_stated_deep_inside_is_found(toll: Toll) -> None:
    """
    killed: 20
    killed[cause=hostile]: 12
    killed[cause=hostile,role=military]: 9
    killed[nationality=US]: 15
    """
    assert toll.bests("role") == {"military": 9, "unspecified": 11}
    assert len(toll.pieces(by=("role",))) == 3


def test_the_family_that_states_all_for_the_most_is_taken(toll: Toll) -> None:
    """
    killed: 20
    killed[nationality=US]: 8
    killed[nationality=US,role=military]: 6
    killed[role=contractor]: 7
    """
    assert toll.bests("nationality,role") == {
        "US,military": 6,
        "US,unspecified": 2,
        "unspecified,unspecified": 12,
    }


# Filters


def test_a_filter_counts_only_what_states_its_attributes(toll: Toll) -> None:
    """
    killed: 10
    killed[nationality=US]: 2
    killed[nationality=GB]: 3
    """
    found = toll.ask({"nationality": ["US"]})
    assert [(one.line, one.figure.best) for one in found.pieces] == [("killed[nationality=US]", 2)]
    assert [(one.line, one.figure.best) for one in found.not_stated] == [("killed", 5)]
    several = toll.ask({"nationality": ["US", "GB"]})
    assert sum(one.figure.best or 0 for one in several.pieces) == 5


def test_what_contradicts_a_filter_is_not_merely_not_stated(toll: Toll) -> None:
    """
    killed[nationality=US]: 2
    killed[nationality=GB]: 3
    """
    found = toll.ask({"nationality": ["US"], "role": ["military"]})
    assert found.pieces == []
    assert [one.line for one in found.not_stated] == ["killed[nationality=US]"]


def test_the_filter_comes_first_then_the_groups(toll: Toll) -> None:
    """
    killed: 10
    killed[nationality=US]: 6
    killed[nationality=US,role=military]: 4
    killed[role=military]: 9
    """
    americans = {"nationality": ["US"]}
    assert toll.bests("role", americans) == {"military": 4, "unspecified": 2}
    soldiers = {"role": ["military"]}
    assert toll.bests("nationality", soldiers) == {"unspecified": 9}


def test_two_filters_on_overlapping_lines_need_not_add_up(toll: Toll) -> None:
    """
    killed: 5
    killed[nationality=PL]: 4
    killed[role=contractor]: 3
    """
    assert toll.bests("nationality", {"nationality": ["PL"]}) == {"PL": 4}
    assert toll.bests("role", {"role": ["contractor"]}) == {"contractor": 3}


def test_no_line_gives_no_piece(toll: Toll) -> None:
    """
    killed[nationality=US]: 2
    """
    assert toll.ask({"nationality": ["GB"]}) == ([], [])


# What was said to be zero


def test_a_zero_that_was_said_is_not_lost(toll: Toll) -> None:
    """
    killed: 0
    killed[nationality=PL]: ?
    """
    assert add(one.figure for one in toll.pieces(by=("nationality",))).best == 0


def test_a_low_of_zero_that_was_said_is_not_lost(toll: Toll) -> None:
    """
    killed: 0/3/5
    killed[nationality=PL]: ~2
    """
    assert add(one.figure for one in toll.pieces(by=("nationality",))).low == 0


# What must always hold


@given(some_tolls(), some_filters, some_groups)
@settings(max_examples=120)
def test_for_one_filter_every_breakdown_adds_up_to_the_same(
    found: Toll, where: Mapping[str, Iterable[str]], by: tuple[str, ...]
) -> None:
    assert _sum(found.pieces(where, by)) == _sum(found.pieces(where))


@given(some_tolls(0), some_filters, some_groups)
@settings(max_examples=120)
def test_values_that_are_not_asked_for_do_not_matter(
    found: Toll, where: Mapping[str, Iterable[str]], by: tuple[str, ...]
) -> None:
    """Lines with numbers in their place answer alike: so tolls can be counted together."""
    asked = (*where, *by)
    texts = tuple(found.figures)
    alike = questions.as_asked(texts, frozenset(asked))
    names = dict(zip(texts, alike, strict=True))
    other = Toll(
        {names[line]: one for line, one in found.own.items()},
        figures.structure(tuple(sorted(alike))),
        {names[line]: one for line, one in found.figures.items()},
    )
    for mine, theirs in zip(found.ask(where, by), other.ask(where, by), strict=True):
        assert Counter(_stated(one, asked) for one in mine) == Counter(
            _stated(one, asked) for one in theirs
        )


def _stated(piece: Piece, asked: Iterable[str]) -> tuple[object, ...]:
    return (*(piece.value(key) for key in asked), piece.figure, piece.whole)


@given(some_tolls(0), some_filters, some_groups)
@settings(max_examples=60)
def test_nobody_is_counted_twice(
    found: Toll, where: Mapping[str, Iterable[str]], by: tuple[str, ...]
) -> None:
    counted, not_stated = found.ask(where, by)
    whole = add(found.figures[top] for top in found.structure.tops)
    together = add(one.figure for one in (*counted, *not_stated))
    assert (together.best or 0) <= (whole.best or 0)
    assert (together.low or 0) <= (whole.low or 0)
    assert len({(one.line, one.whole) for one in counted}) == len(counted)
    for one in counted:
        assert all(one.value(key) in set(where[key]) for key in where)
    for one in not_stated:
        assert any(one.value(key) is None for key in where)


@given(some_tolls(0), st.sampled_from(sorted(VALUES)))
@settings(max_examples=60)
def test_every_value_and_what_is_not_stated_make_the_whole(found: Toll, key: str) -> None:
    counted, not_stated = found.ask({key: VALUES[key]})
    whole = add(found.figures[top] for top in found.structure.tops)
    assert (add(one.figure for one in (*counted, *not_stated)).best or 0) == (whole.best or 0)


PEOPLE = [dict(zip(sorted(VALUES), some, strict=True)) for some in
          product(*(VALUES[key] for key in sorted(VALUES)))]  # fmt: skip


def _among(people: Iterable[Mapping[str, str]], attributes: Mapping[str, Iterable[str]]) -> int:
    return sum(all(one[key] in attributes[key] for key in attributes) for one in people)


@given(
    some_line_sets,
    st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=12),
    st.sets(st.integers(0, 9)),
    some_filters,
    some_groups,
)
@settings(max_examples=120)
def test_no_row_has_more_persons_than_there_were(
    texts: list[str],
    people: list[dict[str, str]],
    unknown: set[int],
    where: dict[str, frozenset[str]],
    by: tuple[str, ...],
) -> None:
    """Lines that each count a crowd rightly, or not at all: no answer exceeds the crowd."""
    said: dict[str, Count] = {}
    for place, text in enumerate(texts):
        true = _among(people, {key: [value] for key, value in parse(text).attributes})
        said[text] = UNKNOWN if place in unknown else Count(true, true, true)
    rows: dict[tuple[str | None, ...], list[Figure]] = {}
    for one in toll(said).pieces(where, by):
        rows.setdefault(tuple(map(one.value, by)), []).append(one.figure)
    for values, some in rows.items():
        stated = {key: [value] for key, value in zip(by, values, strict=True) if value}
        inside = [one for one in people if _among([one], where)]
        assert (add(some).best or 0) <= _among(inside, stated)
    everyone = add(one for some in rows.values() for one in some)
    assert (everyone.best or 0) <= _among(people, where)


def _sum(pieces: list[Piece]) -> tuple[int | None, int | None]:
    found = add(one.figure for one in pieces)
    return found.low, found.best


# A question as it is typed


def test_a_question_is_read() -> None:
    found = ask(
        measures=["killed"],
        where=["nationality=US", "nationality=GB", "operation=invented"],
        by="role, year",
        as_of="2020-03",
        known_by="2020",
        since="2020-02",
        until="2020-02",
        policy="graded",
    )
    assert found == Question(
        measures=("killed",),
        where={"nationality": frozenset({"US", "GB"}), "operation": frozenset({"invented"})},
        by=("role", "year"),
        as_of="2020-03-31",
        known_by="2020-12-31",
        since="2020-02-01",
        until="2020-02-29",
        policy="graded",
    )
    assert found.attributes_asked == {"nationality": frozenset({"US", "GB"})}
    assert found.attributes_by == ("role",)
    assert found.asks("year")
    assert not found.asks("cause")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"measures": ["casualties"]}, "killed and injured"),
        ({"measures": ["kiled"]}, "did you mean killed?"),
        ({"where": ["nationality"]}, "KEY=VALUE"),
        ({"where": ["nationality="]}, "KEY=VALUE"),
        ({"where": ["nationality=UK"]}, "did you mean GB?"),
        ({"where": ["country=us"]}, "did you mean US?"),
        ({"where": ["cause=hostil"]}, "did you mean hostile?"),
        ({"where": ["status=confirmd"]}, "did you mean confirmed?"),
        ({"as_of": "11.3.2020"}, "--as-of"),
        ({"known_by": "soon"}, "--known-by"),
    ],
)
def test_a_question_that_cannot_be_asked_says_why(asked: dict[str, object], says: str) -> None:
    with pytest.raises(QuestionError) as error:
        ask(**asked)  # type: ignore[arg-type]
    assert says in str(error.value)


def test_all_that_is_wrong_with_a_question_is_said_at_once() -> None:
    with pytest.raises(QuestionError) as error:
        ask(measures=["x", "y"], where=["a"], as_of="b")
    assert len(str(error.value).splitlines()) == 4


@pytest.mark.parametrize(
    ("clock", "text"), [("known_by", "2020/.."), ("as_of", "2020/.."), ("since", "../2020")]
)
def test_a_clock_with_an_open_end_is_not_dropped_in_silence(clock: str, text: str) -> None:
    with pytest.raises(QuestionError):
        ask(**{clock: text})  # type: ignore[arg-type]


def test_spaces_around_a_key_do_not_hide_a_wrong_value() -> None:
    with pytest.raises(QuestionError):
        ask(where=["sex = femal"])
