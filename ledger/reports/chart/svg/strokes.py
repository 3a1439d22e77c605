"""What is drawn of a tally: its line in its band, its opening, what others published of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ledger.reports.chart import words
from ledger.reports.chart.series import Course, Range
from ledger.reports.chart.svg import axes, marks
from ledger.reports.chart.svg.elements import (
    GREY,
    INK,
    PALE,
    PAPER,
    element,
    line,
    moved,
    number,
    text,
    width,
)
from ledger.reports.chart.svg.plot import Plot, Stretch, stretches, thinned

FEW = 60
"""Points, of which each has its range drawn too."""
_EVERY = 56
"""Pixels from one sign of an open high to the next."""
_OVER = 9
"""Pixels from a line to a sign above it."""


def joined(one: Course, on: Plot) -> Iterator[str]:
    """The line of sums that hold until the next, with its band and the last sum beside it."""
    every = list(stretches(one, on))
    for is_banded, some in groupby(every, key=lambda stretch: banded(stretch.range)):
        if is_banded:
            yield _band(list(some), on)
    for is_open, some in groupby(every, key=lambda stretch: opened(stretch.range)):
        if is_open:
            yield from _plus(list(some), on)
    for is_known, some in groupby(every, key=lambda stretch: stretch.range.best is not None):
        if is_known:
            yield _steps(list(some), on)
    unknown = (
        (moment.day, moment.range.best or 0, "?") for moment in one.moments if moment.unknown
    )
    for x, y, sign in thinned(unknown, on):
        yield moved(marks.sign(sign), x, y - _OVER)
    if one.moments:
        last = one.moments[-1].range
        y = on.y(on.scale.low if last.best is None else last.best)
        yield text(on.frame.right + 4, y + 4, words.briefly(last), font_weight="bold")


def apart(one: Course, on: Plot) -> Iterator[str]:
    """A dash for each sum that stands by itself."""
    for x, y, _ in thinned(((moment.day, moment.range.best, "") for moment in one.moments), on):
        yield moved(marks.dash(), x, y)


def points(one: Course, on: Plot) -> Iterator[str]:
    """What others published, by how it compares; of few, with their ranges."""
    every = ((point.day, point.range.best, point.status) for point in one.points)
    for x, y, status in thinned(every, on):
        yield moved(marks.point(status), x, y)
    for point in one.points if len(one.points) <= FEW else ():
        yield _reach(on.x(point.day), point.range, on)
        if opened(point.range):
            yield moved(marks.sign("+"), on.x(point.day), on.y(point.range.best or 0) - _OVER)


def opening(one: Course, on: Plot) -> Iterator[str]:
    """The opening total on the line at which the tally begins, with its words beside it."""
    if one.opening is None or one.opening.day is None:
        return
    x, figure = on.x(one.opening.day), one.opening.range
    y = on.y(max(figure.known, default=on.scale.low) if figure.best is None else figure.best)
    yield line(x, on.frame.top, x, on.frame.bottom, stroke=GREY, stroke_dasharray="3 3")
    yield _reach(x, figure, on)
    yield moved(marks.sign("?") if figure.best is None else marks.opening(), x, y)
    label = f"opening total {words.told(figure)}"
    is_left = x - width(label) - 12 > on.frame.left
    yield text(
        x - 12 if is_left else x + 12,
        min(y + 18, on.frame.bottom - 6),
        label,
        text_anchor="end" if is_left else "start",
        stroke=PAPER,
        stroke_width=4,
        paint_order="stroke",
    )


def banded(figure: Range) -> bool:
    """Whether there is a band to draw: both bounds are known, and differ."""
    return None not in figure and figure.low != figure.high


def opened(figure: Range) -> bool:
    """Whether a figure may be more than anybody said."""
    return figure.best is not None and figure.high is None


def _steps(some: Sequence[Stretch], on: Plot) -> str:
    y = on.y(some[0].range.best or 0)
    way = [f"M{number(some[0].start)} {number(y)}"]
    for stretch in some:
        if (now := on.y(stretch.range.best or 0)) != y:
            way.append(f"V{number(now)}")
            y = now
        way.append(f"H{number(stretch.end)}")
    return element("path", d="".join(way), fill="none", stroke=INK, stroke_width=marks.LINE)


def _band(some: Sequence[Stretch], on: Plot) -> str:
    def corners(stretch: Stretch, value: int | None) -> list[str]:
        y = number(on.y(value or 0))
        return [f"{number(stretch.start)} {y}", f"{number(stretch.end)} {y}"]

    above = [corner for one in some for corner in corners(one, one.range.high)]
    under = [corner for one in some for corner in corners(one, one.range.low)]
    return element("polygon", points=" ".join([*above, *reversed(under)]), fill=PALE)


def _plus(some: Sequence[Stretch], on: Plot) -> Iterator[str]:
    """Signs above the line for as long as the high is open."""
    at = 0
    for x in axes.spaced(some[0].start, some[-1].end, _EVERY):
        while x > some[at].end and at < len(some) - 1:
            at += 1
        yield moved(marks.sign("+"), round(x, 1), on.y(some[at].range.best or 0) - _OVER)


def _reach(x: float, figure: Range, on: Plot) -> str:
    """A range as an upright line; nothing where it is a single number."""
    if len(set(figure.known)) < 2:
        return ""
    return line(x, on.y(min(figure.known)), x, on.y(max(figure.known)), stroke=INK)
