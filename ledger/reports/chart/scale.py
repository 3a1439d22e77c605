"""Axes: which whole numbers and which days they mark, and where a value lies on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import count, pairwise
from typing import NamedTuple

_CLOSE = 5
"""An axis leaves zero out where the values fill less than this part of the way up from it."""
_DAYS = (1, 2, 7, 14)
_MONTHS = (1, 3, 6)
_MONDAY = 1


class Scale(NamedTuple):
    """An axis of whole numbers from `low` to `high`, marked at every `step`."""

    low: int
    high: int
    step: int

    @property
    def ticks(self) -> range:
        """The numbers that are marked, the ends among them."""
        return range(self.low, self.high + 1, self.step)

    def part(self, value: int) -> float:
        """Where a value lies: 0 is the axis' low end, 1 its high end."""
        return (value - self.low) / (self.high - self.low)


class Tick(NamedTuple):
    """A day that is marked, as an ordinal, and the text that marks it."""

    day: int
    label: str


class Days(NamedTuple):
    """An axis of days from `first` to `last`, ordinals of `datetime.date`."""

    first: int
    last: int
    ticks: tuple[Tick, ...]

    def part(self, day: int) -> float:
        """Where a day lies: 0 is the first, 1 the last; of a single day, the middle."""
        return (day - self.first) / (self.last - self.first) if self.last > self.first else 0.5


def whole(low: int, high: int, most: int) -> Scale:
    """The axis that takes in `low` to `high` with no more than `most` steps, at least one.

    Steps are 1, 2 or 5 times a power of ten; both ends are marked.
    """
    step = next(one for one in _round_numbers() if -(-high // one) - low // one <= max(most, 1))
    bottom, top = low // step * step, -(-high // step) * step
    return Scale(bottom, max(top, bottom + step), step)


def from_zero(values: Iterable[int], most: int) -> Scale:
    """The axis of bars, whose lengths are compared: it begins at zero."""
    return whole(0, max(values, default=0), most)


def around(values: Iterable[int], most: int) -> Scale:
    """The axis of a line: from zero, but for values that lie high above it and close together."""
    some = list(values) or [0]
    low, high = min(some), max(some)
    if low <= 0 or (high - low) * _CLOSE > high:
        return whole(min(low, 0), high, most)
    return whole(max(low - 1, 0), high, most)


def days(first: int, last: int, room: float) -> Days:
    """The axis from a day to another; `room` is its length in characters.

    The marks are the closest of days, weeks, months or years that leave two characters between
    them; where none fits twice, the first and the last day.
    """
    for size, apart, ticks in _rows_of_ticks(first, last):
        if (last - first) * (size + 2) > room * apart:
            continue
        found = tuple(ticks)
        if len(found) > 1 and (last - first) * (size + 2) <= room * _closest(found):
            return Days(first, last, found)
    ends = tuple(Tick(day, _iso(day)) for day in sorted({first, last}))
    return Days(first, last, ends if room >= len(ends) * (len("2020-03-11") + 2) else ends[:1])


def ordinal(day: str) -> int:
    """The ordinal of an ISO day."""
    return date.fromisoformat(day).toordinal()


def _closest(ticks: tuple[Tick, ...]) -> int:
    return min(later.day - one.day for one, later in pairwise(ticks))


def _rows_of_ticks(first: int, last: int) -> Iterator[tuple[int, int, Iterator[Tick]]]:
    """Marks from close to wide: how long their labels are, how many days apart at most."""
    for step in _DAYS:
        yield len("2020-03-11"), step, _every_days(first, last, step)
    for step in _MONTHS:
        yield len("2020-03"), 31 * step, _every_months(first, last, step)
    for step in _round_numbers():
        if step > max((last - first) // 365, 1):
            return
        yield len("2020"), 366 * step, _every_years(first, last, step)


def _every_days(first: int, last: int, step: int) -> Iterator[Tick]:
    """Every day, every other, or every Monday or other Monday."""
    start = first if step < _DAYS[2] else first + (_MONDAY - first) % _DAYS[2]
    return (Tick(day, _iso(day)) for day in range(start, last + 1, step))


def _every_months(first: int, last: int, step: int) -> Iterator[Tick]:
    begin, end = date.fromordinal(first), date.fromordinal(last)
    for number in range(begin.year * 12, end.year * 12 + end.month, step):
        day = date(number // 12, number % 12 + 1, 1).toordinal()
        if first <= day <= last:
            yield Tick(day, _iso(day)[:7])


def _every_years(first: int, last: int, step: int) -> Iterator[Tick]:
    begin, end = date.fromordinal(first).year, date.fromordinal(last).year
    for year in range(-(-begin // step) * step, end + 1, step):
        day = date(year, 1, 1).toordinal()
        if first <= day <= last:
            yield Tick(day, f"{year:04d}")


def _iso(day: int) -> str:
    return date.fromordinal(day).isoformat()


def _round_numbers() -> Iterator[int]:
    """The numbers 1, 2, 5, 10, 20, 50 and so on."""
    for power in count():
        yield from (10**power, 2 * 10**power, 5 * 10**power)
