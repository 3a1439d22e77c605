"""Lines: how they are written, which are disjoint, where each lies (design, section 5)."""

from __future__ import annotations

from itertools import combinations, permutations
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.app import Ledger
from ledger.counting import lines
from ledger.counting.lines import Line, LineError, arrange, make, overlap, parse
from ledger.errors import RefusedError
from ledger.vocabulary import ATTRIBUTES, MEASURES
from tests.counting.samples import some_line_sets, some_lines

WHOLE = "killed"
PL, US, GB = (f"killed[nationality={code}]" for code in ("PL", "US", "GB"))
CONTRACTORS, MILITARY = "killed[role=contractor]", "killed[role=military]"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("killed", Line("killed")),
        ("killed[]", Line("killed")),
        (
            "killed[role=military,nationality=US]",
            Line("killed", (("nationality", "US"), ("role", "military"))),
        ),
        ('killed[party="A, B"]', Line("killed", (("party", "A, B"),))),
        (r'killed[party="the \"A\" [B] \\ C=D"]', make("killed", {"party": r'the "A" [B] \ C=D'})),
        (
            "killed[place=Camp Invented,role=police]",
            Line("killed", (("place", "Camp Invented"), ("role", "police"))),
        ),
    ],
)
def test_a_line_is_read(text: str, line: Line) -> None:
    assert parse(text) == line


def test_the_text_of_a_line_has_its_attributes_by_name() -> None:
    assert str(parse("killed[role=military,nationality=US]")) == (
        "killed[nationality=US,role=military]"
    )


@pytest.mark.parametrize(
    "text",
    [
        "killed[nationality=US",
        "killed[nationality=US]x",
        "killed[nationality]",
        "killed[nationality=US,]",
        "killed[,nationality=US]",
        "killed[=US]",
        "killed[nationality=US,nationality=GB]",
        "killed[nationality=US,nationality=US]",
        'killed[party="A]',
        'killed[party="A"B]',
        r'killed[party="A\n"]',
        "killed[a=[b]]",
    ],
)
def test_what_is_no_line_is_refused(text: str) -> None:
    with pytest.raises(LineError) as error:
        parse(text)
    assert text in str(error.value) or repr(text) in str(error.value)


@given(
    st.sampled_from(sorted(MEASURES)),
    st.dictionaries(st.sampled_from(sorted(ATTRIBUTES)), st.text()),
)
@example("killed", {"party": "\n"})
@example("killed", {"party": 'a"\n', "place": "\\"})
@example("killed", {"party": "a\n", "place": "\u2003x"})
@example("killed", {"party": "", "place": "]"})
def test_every_line_is_read_back_from_its_text(measure: str, attributes: dict[str, str]) -> None:
    line = make(measure, attributes)
    assert parse(str(line)) == line


@given(st.text(alphabet='killed[]=,"\\ab \n', max_size=20))
def test_a_text_is_a_line_or_no_line(text: str) -> None:
    try:
        line = parse(text)
    except LineError:
        return
    assert parse(str(line)) == line


def test_lines_are_disjoint_if_they_differ_where_both_speak() -> None:
    assert parse(PL).disjoint(parse(US))
    assert parse("killed[nationality=PL,role=military]").disjoint(parse(US))
    assert not parse(PL).disjoint(parse(CONTRACTORS))
    assert not parse(PL).disjoint(parse(WHOLE))
    assert not parse(PL).disjoint(parse(PL))


@given(some_lines, some_lines)
def test_disjoint_goes_both_ways_and_no_part_is_disjoint(one: str, other: str) -> None:
    mine, its = parse(one), parse(other)
    assert mine.disjoint(its) == its.disjoint(mine)
    assert not (mine.within(its) and mine.disjoint(its))


INCIDENT = {"key": "a", "kind": "accident", "title": "Invented", "date": "2020", "source": "s"}
TAKEN: list[tuple[str, ...]] = [
    (WHOLE,),
    (PL, US),
    (WHOLE, PL, US),
    (WHOLE, PL, CONTRACTORS),
    (PL, "killed[nationality=US,role=contractor]"),
    (US, "killed[nationality=US,role=military]", "killed[cause=hostile,nationality=US]"),
    (WHOLE, US, "killed[nationality=US,sex=male]", "killed[cause=hostile,nationality=US]"),
    (WHOLE, PL, CONTRACTORS, "killed[nationality=PL,role=contractor]"),
]
REFUSED: list[tuple[str, ...]] = [
    (PL, CONTRACTORS),
    (PL, "killed[role=contractor,sex=male]"),
    ("killed[nationality=US,sex=male]", "killed[cause=hostile,nationality=US]"),
    (WHOLE, "killed[nationality=US,sex=male]", "killed[cause=hostile,nationality=US]"),
    (
        US,
        "killed[cause=hostile,nationality=US,sex=male]",
        "killed[nationality=US,role=police,sex=male]",
    ),
]


@pytest.mark.parametrize("texts", TAKEN)
def test_disjoint_tops_and_siblings_without_a_common_attribute_may_stand(
    texts: tuple[str, ...],
) -> None:
    assert not overlap(frozenset(texts))


@pytest.mark.parametrize("texts", REFUSED)
def test_tops_and_siblings_with_a_common_attribute_must_be_disjoint(texts: tuple[str, ...]) -> None:
    assert overlap(frozenset(texts))


@pytest.mark.parametrize("texts", REFUSED)
def test_the_missing_line_lets_them_stand(texts: tuple[str, ...]) -> None:
    common = set.intersection(*(set(parse(text).attributes) for text in texts[-2:]))
    missing = str(Line("killed", tuple(sorted(common))))
    assert not overlap(frozenset([*texts, missing]))


def test_a_refusal_names_the_line_that_is_missing(ledger: Ledger) -> None:
    values = {"key": "s", "title": "An invented report", "publisher": "The Invented Times"}
    ledger.add("source", values)
    ledger.add("incident", {**INCIDENT, "counts": [{"line": "killed", "count": "9"}]})
    clashing = ("killed[nationality=US,sex=male]", "killed[cause=hostile,nationality=US]")
    said = [{"line": text, "count": "1"} for text in clashing]
    with pytest.raises(RefusedError) as error:
        ledger.add("counts", {"incident": "a", "source": "s", "claims": said})
    assert "killed[nationality=US]" in str(error.value)


def test_the_whole_may_be_told_after_its_parts() -> None:
    """3 of the coalition, told after 2 Americans and 1 Briton, are their whole."""
    parts = tuple(f"killed[nationality={code},party=coalition]" for code in ("US", "GB"))
    whole = "killed[party=coalition]"
    assert not overlap(frozenset(parts))
    for told in permutations([*parts, whole]):
        assert arrange(told) == {parts[0]: whole, parts[1]: whole, whole: None}


def test_a_line_lies_within_the_largest_part_of_its_own() -> None:
    inner = "killed[nationality=US,role=military,sex=male]"
    pair = "killed[nationality=US,role=military]"
    assert arrange((WHOLE, US, pair, inner)) == {WHOLE: None, US: WHOLE, pair: US, inner: pair}


def test_a_new_line_takes_in_those_of_which_it_is_a_part() -> None:
    inner = "killed[nationality=US,role=military]"
    assert arrange((WHOLE, inner))[inner] == WHOLE
    assert arrange((WHOLE, inner, US))[inner] == US


def test_of_two_parts_alike_the_first_by_name_holds_the_line() -> None:
    both = "killed[nationality=PL,role=contractor]"
    for told in permutations((WHOLE, PL, CONTRACTORS, both)):
        assert arrange(told)[both] == PL


@given(some_line_sets, st.randoms())
@settings(max_examples=60)
def test_where_a_line_lies_does_not_depend_on_the_order(texts: list[str], random: Random) -> None:
    shuffled = random.sample(texts, len(texts))
    assert dict(arrange(tuple(texts))) == dict(arrange(tuple(shuffled)))


@given(some_line_sets)
@settings(max_examples=60)
def test_a_line_holds_only_what_says_all_that_it_says(texts: list[str]) -> None:
    for text, parent in arrange(tuple(texts)).items():
        around = [one for one in texts if one != text and parse(text).within(parse(one))]
        assert (parent is None) == (not around)
        if parent is not None:
            assert len(parse(parent).attributes) == max(len(parse(o).attributes) for o in around)


@given(some_line_sets)
@settings(max_examples=60)
def test_lines_that_stand_together_are_disjoint_where_they_must_be(texts: list[str]) -> None:
    parents = arrange(tuple(texts))
    for one, other in combinations(texts, 2):
        if parents[one] == parents[other]:
            held = parse(parents[one] or "killed").keys
            common = (parse(one).keys & parse(other).keys) - held
            if common or parents[one] is None:
                assert parse(one).disjoint(parse(other))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("casualties", "killed and injured"),
        ("deaths", "the measure is killed"),
        ("wounded", "the measure is injured"),
        ("kiled", "did you mean killed?"),
        ("killed[nationalty=US]", "did you mean nationality?"),
        ("killed[nationality=UK]", "did you mean GB?"),
        ("killed[cause=hostil]", "did you mean hostile?"),
        ("killed[sex=unknown]", "unknown sex"),
        ("killed[age-group=baby]", "adult, child"),
        ("killed[role=soldier]", "--new-value role=soldier"),
        ("killed[munition=]", "leave the attribute out"),
    ],
)
def test_words_that_are_not_known_are_named(text: str, says: str) -> None:
    (fault,) = lines.faults(parse(text))
    assert says in fault


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert len(lines.faults(parse("deaths[cause=x,colour=red,nationality=XX]"))) == 4


@pytest.mark.parametrize("key", ["role", "service", "injury", "munition"])
def test_a_usual_list_takes_a_new_value_that_was_declared(key: str) -> None:
    line = make("injured", {key: "invented"})
    assert lines.faults(line)
    assert not lines.faults(line, frozenset({(key, "invented")}))


@pytest.mark.parametrize("key", ["cause", "sex", "age-group"])
def test_a_closed_list_takes_no_new_value(key: str) -> None:
    assert lines.faults(make("injured", {key: "invented"}), frozenset({(key, "invented")}))


@pytest.mark.parametrize("key", ["party", "place"])
def test_free_attributes_take_any_words(key: str) -> None:
    assert not lines.faults(make("injured", {key: "Invented Brigade (north)"}))
