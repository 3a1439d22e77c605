"""Where days and numbers lie in a picture, and which marks are drawn of many."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ledger.reports.chart.scale import Days, Scale, days
from ledger.reports.chart.series import Course, Range
from ledger.reports.chart.svg.axes import Frame

APART = 8
"""Pixels between two marks of one kind, so that they can be told apart."""
_LETTER = 8.5
"""Pixels of a digit, with a little room."""


class Stretch(NamedTuple):
    """What a tally comes to from a place across to another."""

    start: float
    end: float
    range: Range


class Plot(NamedTuple):
    """A frame with the axes that place days and numbers in it."""

    frame: Frame
    scale: Scale
    days: Days

    def x(self, day: int) -> float:
        """The place across of a day."""
        return self.frame.x(self.days.part(day))

    def y(self, value: int) -> float:
        """The place down of a number."""
        return self.frame.y(self.scale.part(value))


def plot(one: Course, scale: Scale, frame: Frame) -> Plot:
    """The plot of a course in a frame."""
    room = frame.right - frame.left - 2 * frame.inset
    return Plot(frame, scale, days(min(one.days), max(one.days), room / _LETTER))


def stretches(one: Course, on: Plot) -> Iterator[Stretch]:
    """The sums from day to day, the last going on to the edge."""
    starts = [(moment.day, moment.range) for moment in one.moments]
    if one.opening and one.opening.day is not None:
        starts.insert(0, (one.opening.day, one.opening.range))
    ends = [on.x(day) for day, _ in starts[1:]] + [on.frame.right]
    for (day, figure), end in zip(starts, ends, strict=True):
        if (start := on.x(day)) < end:
            yield Stretch(start, end, figure)


def thinned(
    some: Iterable[tuple[int, int | None, str]], on: Plot
) -> Iterator[tuple[float, float, str]]:
    """The places of marks by day; none as close to one of its kind as to be lost in it."""
    drawn: dict[str, list[tuple[float, float]]] = {}
    for day, value, kind in some:
        if value is None:
            continue
        x, y = on.x(day), on.y(value)
        near = [place for place in drawn.get(kind, []) if x - place[0] < APART]
        if all(math.dist(place, (x, y)) >= APART for place in near):
            near.append((x, y))
            yield x, y, kind
        drawn[kind] = near
