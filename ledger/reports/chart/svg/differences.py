"""Computed less published, by day, as bars up or down from zero."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ledger.reports.chart.scale import Scale, whole
from ledger.reports.chart.series import Course
from ledger.reports.chart.svg import axes
from ledger.reports.chart.svg.elements import GREY, INK, element, line, number, text
from ledger.reports.chart.svg.page import MARGIN, Block
from ledger.reports.chart.svg.plot import Plot

HEIGHT = 110
_BELOW = 48
_MANY = 60
"""Bars, from which on they are one pixel wide."""


def scale(one: Course) -> Scale | None:
    """The axis of the differences; None where nothing is compared."""
    numbers = [value for _, value in one.differences]
    return whole(min(0, *numbers), max(0, *numbers), 3) if numbers else None


def blocks(one: Course, on: Plot) -> Iterator[Block]:
    """The differences, or that there are none."""
    if not any(value for _, value in one.differences):
        yield Block(text(MARGIN, 14, "Computed less published: 0 on every day compared."), 28)
        return
    zero = on.y(0)
    parts = [
        axes.upright(on.frame, on.scale, "difference"),
        _bars(one.differences, on),
        line(on.frame.left, zero, on.frame.right, zero, stroke=INK),
        axes.below(on.frame, on.days, "day that the total is for"),
    ]
    yield Block(text(MARGIN, 24, "Computed less published", font_weight="bold"), 28)
    yield Block("".join(parts), on.frame.bottom + _BELOW)


def _bars(differences: Sequence[tuple[int, int]], on: Plot) -> str:
    """A bar for each pixel across: the largest difference of its days."""
    largest: dict[int, int] = {}
    for day, value in differences:
        x = round(on.x(day))
        largest[x] = max(value, largest.get(x, 0), key=abs)
    zero = number(on.y(0))
    way = "".join(f"M{x} {zero}V{number(on.y(value))}" for x, value in sorted(largest.items()))
    wide = 1 if len(largest) > _MANY else 3
    return element("path", d=way, stroke=GREY, stroke_width=wide, shape_rendering="crispEdges")
