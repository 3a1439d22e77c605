"""Axes: round steps, ends that take in every value, marks that leave each other room."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.reports.chart.scale import around, days, from_zero, ordinal, whole

numbers = st.integers(0, 10**13)
ordinals = st.integers(date.min.toordinal(), date.max.toordinal())


@given(numbers, numbers, st.integers(1, 12))
def test_an_axis_takes_in_its_values_in_a_few_round_steps(one: int, other: int, most: int) -> None:
    low, high = sorted((one, other))
    scale = whole(low, high, most)
    assert scale.low <= low <= high <= scale.high
    assert 1 < len(scale.ticks) <= most + 1
    assert scale.ticks[-1] == scale.high
    assert str(scale.step).rstrip("0") in ("1", "2", "5")
    assert 0 <= scale.part(low) <= scale.part(high) <= 1


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ([], 0, 1),
        ([0], 0, 1),
        ([21], 0, 30),
        ([19, 21], 18, 21),
        ([8, 13, 19, 21], 0, 30),
        ([50_000, 50_003], 49_999, 50_003),
        ([-40, 2], -40, 20),
    ],
)
def test_a_line_begins_at_zero_unless_it_lies_high_above(
    values: list[int], low: int, high: int
) -> None:
    if values == [21]:
        assert from_zero(values, 4)[:2] == (low, high)
    else:
        assert around(values, 4)[:2] == (low, high)


@given(ordinals, ordinals, st.floats(10, 400))
def test_marks_of_days_are_round_in_order_and_apart(one: int, other: int, room: float) -> None:
    first, last = sorted((one, other))
    axis = days(first, last, room)
    assert axis.ticks
    assert all(first <= tick.day <= last for tick in axis.ticks)
    for before, after in pairwise(axis.ticks):
        apart = (axis.part(after.day) - axis.part(before.day)) * room
        assert apart >= len(after.label)
    assert all(date.fromordinal(tick.day).isoformat().startswith(tick.label) for tick in axis.ticks)


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        ("2020-03-11", "2020-03-11", ["2020-03-11"]),
        ("2020-03-10", "2020-03-12", ["2020-03-10", "2020-03-11", "2020-03-12"]),
        ("2020-03-01", "2020-03-31", ["2020-03-02", "2020-03-16", "2020-03-30"]),
        ("2017-01-31", "2020-03-11", ["2018", "2019", "2020"]),
        ("1900-01-01", "2020-12-31", ["1900", "1920", "1940", "1960", "1980", "2000", "2020"]),
    ],
)
def test_days_weeks_months_or_years(first: str, last: str, labels: list[str]) -> None:
    assert [tick.label for tick in days(ordinal(first), ordinal(last), 40).ticks] == labels
