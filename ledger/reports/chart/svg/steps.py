"""A tally through time: a line with steps in its band, and what others published as points."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.reports.chart import words
from ledger.reports.chart.scale import Scale, around
from ledger.reports.chart.series import Course
from ledger.reports.chart.svg import axes, differences, marks, page, strokes
from ledger.reports.chart.svg.axes import Frame
from ledger.reports.chart.svg.elements import SIZE, text, width
from ledger.reports.chart.svg.page import MARGIN, WIDTH, Block
from ledger.reports.chart.svg.plot import Plot, plot

_HEIGHT = 320
_TICKS = 6
_BELOW = 48
_BESIDE = 8
"""Pixels between the last sum and its number, and after it."""
_INSET = 10
"""Pixels before the first day and after the last, for which the last sum goes on."""


def course(one: Course, *, titled: bool = False) -> list[Block]:
    """The plot of a tally, what its marks mean, and its differences where it has some."""
    blocks = [Block("", 14), page.heading(words.heading(one))] if titled else []
    if not one.days:
        return [*blocks, *_remarks(one)]
    scale, lower = around(one.values, _TICKS), differences.scale(one)
    frame = _frame(one, scale, lower or scale)
    blocks.append(_plotted(one, plot(one, scale, frame)))
    blocks.append(Block(*axes.legend(list(_legend(one)), MARGIN, WIDTH - MARGIN)))
    blocks.extend(_remarks(one, scale))
    if lower is not None:
        frame = frame._replace(bottom=SIZE + differences.HEIGHT)
        blocks.extend(differences.blocks(one, plot(one, lower, frame)))
    return blocks


def told(one: Course) -> str:
    """The course in words."""
    parts = [f"{words.heading(one)}, {words.axis(one)}."]
    if one.opening:
        parts.append(f"Begins with the {words.opening(one)}.")
    if one.moments:
        kind = "Sum" if one.joined else "Computed"
        ends = dict.fromkeys((one.moments[0], one.moments[-1]))
        sums = "; ".join(f"on {_iso(end.day)}: {words.told(end.range)}" for end in ends)
        parts.append(f"{kind} {sums}.")
    for status in one.statuses:
        some = [point for point in one.points if point.status == status]
        parts.append(
            f"Published totals, {status}: {len(some):,}, the last {words.told(some[-1].range)} "
            f"for {_iso(some[-1].day)}."
        )
    return " ".join((*parts, *one.remarks))


def _frame(one: Course, *scales: Scale) -> Frame:
    """The frame of the plot, with room for numbers on its left and the last sum on its right."""
    left = MARGIN - 20 + max(map(axes.margin, scales))
    last = words.briefly(one.moments[-1].range) if one.moments and one.joined else ""
    right = WIDTH - MARGIN - (width(last) + _BESIDE if last else 0)
    return Frame(left, right, SIZE, SIZE + _HEIGHT, _INSET)


def _plotted(one: Course, on: Plot) -> Block:
    day = "day of the incident" if one.joined else "day that the total is for"
    parts = (
        axes.upright(on.frame, on.scale, words.axis(one)),
        axes.below(on.frame, on.days, day),
        *(strokes.joined(one, on) if one.joined else strokes.apart(one, on)),
        *strokes.points(one, on),
        *strokes.opening(one, on),
    )
    return Block("".join(parts), on.frame.bottom + _BELOW)


def _legend(one: Course) -> Iterator[tuple[str, str]]:
    """Each mark that is drawn, and what it means."""
    if one.opening:
        yield marks.opening(), words.opening(one)
    if one.moments:
        told_ = f"best, so far: {words.told(one.moments[-1].range)}"
        yield (marks.step(), told_) if one.joined else (marks.dash(), "computed")
    sums = [moment.range for moment in one.moments] if one.joined else []
    if any(map(strokes.banded, sums)):
        yield marks.band(), "low to high"
    if any(map(strokes.opened, (*sums, *(point.range for point in one.points)))):
        yield marks.sign("+"), "the high is open"
    if any(moment.unknown for moment in one.moments):
        yield marks.sign("?"), "an unknown count, not added"
    for status in one.statuses:
        yield marks.point(status), f"published, {status}"


def _remarks(one: Course, scale: Scale | None = None) -> Iterator[Block]:
    """What must be said of what is not drawn."""
    said = list(one.remarks)
    if scale is not None and len(one.points) > strokes.FEW:
        said.append(f"Published totals: {len(one.points):,}; of those close by, one is drawn.")
    if scale is not None and scale.low:
        said.append(f"The axis begins at {words.counted(scale.low)}, not at 0.")
    for remark in said:
        yield Block(text(MARGIN, 14, remark), 20)


def _iso(day: int) -> str:
    return date.fromordinal(day).isoformat()
