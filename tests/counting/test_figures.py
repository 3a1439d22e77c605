"""Figures: lines inside lines, families, sums with unknowns (design, section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import counts
from ledger.counting import figures
from ledger.counting.figures import NOT_KNOWN, Figure, add, exceeded, never_less, of, rest
from ledger.counting.lines import parse
from ledger.counts import UNKNOWN, Count
from ledger.reports.sums import Sum
from tests.counting.samples import Toll, read_toll, some_counts, some_tolls, toll

some_figures = some_counts(0).map(of)


def figure(text: str) -> Figure:
    """The figure of a typed count."""
    return of(counts.parse(text))


def summed(some: Iterable[Figure]) -> Sum:
    """The sum of some figures, as reports make it."""
    total = Sum()
    for one in some:
        total.add(one)
    return total


def lows(*numbers: int | None) -> int | None:
    """The largest of what is known."""
    return max((n for n in numbers if n is not None), default=None)


# One count


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("2", Figure(2, 2, 2)),
        ("13+", Figure(13, 13, None, at_least=True)),
        ("~30", Figure(None, 30, None)),
        ("11-13", Figure(11, 11, 13, at_least=True)),
        ("11/12/13", Figure(11, 12, 13)),
        ("<=5", Figure(None, None, 5)),
        ("?", NOT_KNOWN),
        ("0", Figure(0, 0, 0)),
    ],
)
def test_the_effective_best_is_the_best_else_the_low(said: str, found: Figure) -> None:
    assert figure(said) == found


def test_contradictory_numbers_are_kept() -> None:
    assert of(Count(13, 12, 11)) == Figure(13, 12, 11)


# Sums


@pytest.mark.parametrize(
    ("said", "low", "best", "high", "at_least", "unknown"),
    [
        (["2", "3"], 5, 5, 5, 0, 0),
        (["2", "?"], 2, 2, None, 0, 1),
        (["?", "?"], None, None, None, 0, 2),
        (["13+", "2"], 15, 15, None, 1, 0),
        (["~30", "2"], 2, 32, None, 0, 0),
        (["11-13", "2"], 13, 13, 15, 1, 0),
        (["<=5", "2"], 2, 2, 7, 0, 1),
        (["0", "?"], 0, 0, None, 0, 1),
        (["0", "0"], 0, 0, 0, 0, 0),
        (["11/12/13", "0", "24+"], 35, 36, None, 1, 0),
    ],
)
def test_a_sum_adds_what_is_known_and_says_what_is_not(
    said: list[str],
    low: int | None,
    best: int | None,
    high: int | None,
    at_least: int,
    unknown: int,
) -> None:
    for some in permutations(map(figure, said)):
        total = summed(some)
        assert total.cells() == (low, best, high, 0, len(said), at_least, unknown)


def test_a_sum_of_nothing_is_unknown() -> None:
    assert Sum().cells() == (None, None, None, 0, 0, 0, 0)


@given(st.lists(some_figures, min_size=1))
def test_unknown_survives_every_sum(some: list[Figure]) -> None:
    total, found = summed(some), add(some)
    assert (found.low, found.best, found.high) == total.cells()[:3]
    assert (found.high is None) == any(one.high is None for one in some)
    assert (found.best is None) == all(one.best is None for one in some)
    assert total.unknown == sum(one.best is None for one in some)


# Never less than a family


def test_a_line_is_lifted_to_its_family(toll: Toll) -> None:
    """
    killed: 3
    killed[nationality=US]: 2
    killed[nationality=GB]: 2
    """
    assert toll.figures["killed"] == Figure(4, 4, 4)
    assert exceeded(toll.own, toll.structure) == [("killed", "nationality")]


def test_a_line_that_holds_its_families_is_as_it_was_said(toll: Toll) -> None:
    """
    killed: 10/11/12
    killed[nationality=US]: 2
    killed[nationality=GB]: 2
    killed[role=contractor]: 11/11/20
    """
    assert toll.figures["killed"] == Figure(11, 11, 12)
    assert exceeded(toll.own, toll.structure) == []


def test_siblings_that_overlap_do_not_add(toll: Toll) -> None:
    """
    killed: ?
    killed[nationality=PL]: 3
    killed[role=contractor]: 4
    """
    assert toll.figures["killed"].best == 4
    assert toll.structure.families["killed"] == {
        "nationality": ("killed[nationality=PL]",),
        "role": ("killed[role=contractor]",),
    }


def test_a_child_with_two_attributes_is_in_two_families(toll: Toll) -> None:
    """
    killed: 10
    killed[nationality=US]: 2
    killed[nationality=PL,role=contractor]: 3
    killed[role=military]: 5
    """
    both = "killed[nationality=PL,role=contractor]"
    assert {key: set(some) for key, some in toll.structure.families["killed"].items()} == {
        "nationality": {"killed[nationality=US]", both},
        "role": {"killed[role=military]", both},
    }
    assert toll.figures["killed"].best == 10


def test_the_high_is_the_familys_where_it_made_the_best(toll: Toll) -> None:
    """
    killed: 3/3/20
    killed[nationality=US]: 4/5/6
    killed[nationality=GB]: 2+
    """
    assert toll.figures["killed"] == Figure(6, 7, None, at_least=True)


def test_the_high_is_its_own_where_the_family_gave_the_low_only(toll: Toll) -> None:
    """
    killed: ~9
    killed[nationality=US]: 4
    """
    assert toll.figures["killed"] == Figure(4, 9, None)


def test_a_family_of_unknown_lifts_nothing(toll: Toll) -> None:
    """
    killed: 14
    killed[nationality=PL]: ?
    """
    assert toll.figures["killed"] == Figure(14, 14, 14)


def test_lifting_goes_all_the_way_up(toll: Toll) -> None:
    """
    killed: 1
    killed[nationality=US]: ?
    killed[nationality=US,role=military]: 2
    killed[nationality=US,role=contractor]: 3
    killed[nationality=GB]: 1
    """
    assert toll.figures["killed[nationality=US]"].best == 5
    assert toll.figures["killed"].best == 6


@given(some_figures, st.lists(some_figures, max_size=3), st.randoms())
def test_low_and_best_are_the_largest(own: Figure, some: list[Figure], random: Random) -> None:
    found = never_less(own, some)
    assert found.low == lows(own.low, *(one.low for one in some))
    assert found.best == lows(own.best, *(one.best for one in some))
    if found.best == own.best:
        assert found.high == own.high
    else:
        assert found.high in [one.high for one in some if one.best == found.best]
    again = never_less(own, random.sample(some, len(some)))
    assert (again.low, again.best) == (found.low, found.best)


EXCEEDED = [("6", "7"), ("11/12/13", "14"), ("0", "1")]
NOT_EXCEEDED = [("6", "6"), ("6+", "7"), ("?", "7"), ("6", "?"), ("~7", "5-9")]


@pytest.mark.parametrize(
    ("own", "family"),
    [*EXCEEDED, *(pytest.param(own, "7") for own in ("5-6", "<=6"))],
)
def test_a_family_that_exceeds_the_lines_own_claim_is_flagged(own: str, family: str) -> None:
    found = read_toll(f"killed: {own}\nkilled[nationality=US]: {family}")
    assert exceeded(found.own, found.structure) == [("killed", "nationality")]


@pytest.mark.parametrize(("own", "family"), NOT_EXCEEDED)
def test_a_family_within_the_lines_own_claim_is_not(own: str, family: str) -> None:
    found = read_toll(f"killed: {own}\nkilled[nationality=US]: {family}")
    assert exceeded(found.own, found.structure) == []


# What is left of a line


@pytest.mark.parametrize(
    ("whole", "inside", "left"),
    [
        ("10", "4", Figure(6, 6, 6)),
        ("10", "10", Figure(None, None, 0)),
        ("14", "?", Figure(14, 14, 14)),
        ("10+", "4", Figure(6, 6, None, at_least=True)),
        ("10", "~4", Figure(10, 6, 10)),
        ("11/12/13", "10", Figure(1, 2, 3)),
        ("?", "?", NOT_KNOWN),
    ],
)
def test_what_is_left_adds_up_to_the_whole(whole: str, inside: str, left: Figure) -> None:
    assert rest(figure(whole), figure(inside)) == left


@pytest.mark.parametrize(
    ("whole", "inside"),
    [
        ("10", "10"),
        pytest.param(
            "0",
            "?",
        ),
    ],
)
def test_the_rest_and_the_inside_come_to_the_whole(whole: str, inside: str) -> None:
    left, taken = rest(figure(whole), figure(inside)), figure(inside)
    found = add([left, taken])
    assert (found.low, found.best) == (figure(whole).low, figure(whole).best)


# What must always hold


@given(some_tolls(0))
@settings(max_examples=60)
def test_no_line_is_less_than_a_family_of_its(found: Toll) -> None:
    for text, families in found.structure.families.items():
        for family in families.values():
            inside, whole = add(found.figures[child] for child in family), found.figures[text]
            assert (whole.low or 0) >= (inside.low or 0)
            assert (whole.best or 0) >= (inside.best or 0)


@given(some_tolls(0))
@settings(max_examples=60)
def test_a_family_adds_one_attribute_and_its_lines_are_disjoint(found: Toll) -> None:
    for text, families in found.structure.families.items():
        for key, family in families.items():
            assert key not in parse(text).keys
            assert all(key in parse(child).keys for child in family)
            values = [parse(child) for child in family]
            pairs = [(a, b) for a in values for b in values if a is not b]
            assert all(a.disjoint(b) for a, b in pairs)


@given(some_tolls(0), st.randoms())
@settings(max_examples=60)
def test_figures_do_not_depend_on_the_order_of_lines(found: Toll, random: Random) -> None:
    texts = random.sample(sorted(found.own), len(found.own))
    again = figures.figures(found.own, figures.structure(tuple(texts)))
    assert {t: (f.low, f.best) for t, f in again.items()} == {
        t: (f.low, f.best) for t, f in found.figures.items()
    }


def test_a_line_without_a_claim_is_unknown() -> None:
    found = toll({"killed": UNKNOWN})
    assert found.figures == {"killed": NOT_KNOWN}
    assert figures.figures({}, found.structure) == {"killed": NOT_KNOWN}
