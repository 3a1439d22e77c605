"""A tally through time, in characters: a line with steps, and what others published as points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ledger.reports.chart import words
from ledger.reports.chart.scale import Days, Scale, around, days, whole
from ledger.reports.chart.series import COMPARED, Course, Range
from ledger.reports.chart.terminal.bars import glyphs_meaning
from ledger.reports.chart.terminal.canvas import Canvas
from ledger.reports.chart.terminal.glyphs import Glyphs

_TALLEST, _LOWEST = 16, 8
_DIFFERENCES = 7
_EVERY = 4
"""Columns from one sign of an open high to the next."""


def course(one: Course, width: int, glyphs: Glyphs) -> Iterator[str]:
    """The running sum of a tally, by day."""
    yield from _folded(glyphs.text(f"{words.heading(one)}: {words.axis(one)}"), width)
    yield from _plot(one, width, glyphs)
    yield ""


def comparisons(every: Sequence[Course], width: int, glyphs: Glyphs) -> Iterator[str]:
    """What was published of each tally against what is computed, and the differences by day."""
    if not every:
        yield from ("no total is published", "")
    for one in every:
        yield from course(one, width, glyphs)


def _plot(one: Course, width: int, glyphs: Glyphs) -> Iterator[str]:
    if not one.days:
        yield "nothing is counted"
        yield from _remarks(one, width, glyphs)
        return
    height = max(_LOWEST, min(_TALLEST, width // 5))
    scale = around(one.values, max(3, height // 3))
    last = words.briefly(one.moments[-1].range) if one.moments and one.joined else ""
    room = width - Canvas.margin(scale) - 2
    after = len(last) + 1 if last and len(last) < room // 3 else 0
    canvas = Canvas(room - after, height, glyphs)
    axis = days(min(one.days), max(one.days), canvas.width)
    _draw(one, canvas, scale, axis, glyphs)
    lines = list(canvas.lines(scale, axis))
    if after:
        place = height - 1 - canvas.row(scale, _top(one.moments[-1].range))
        lines[place] += f" {last}"
    yield from lines
    if scale.low:
        yield from _folded(f"the axis begins at {words.counted(scale.low)}, not at 0", width)
    yield from glyphs_meaning(list(_legend(one, glyphs)), width)
    yield from _remarks(one, width, glyphs)
    yield from _differences(one, glyphs, width)


def _draw(one: Course, canvas: Canvas, scale: Scale, axis: Days, glyphs: Glyphs) -> None:
    if one.joined:
        held = list(_held(one, canvas, axis))
        _draw_bands(held, canvas, scale, glyphs)
        _draw_line(held, canvas, scale, glyphs)
    for moment in one.moments:
        column = canvas.column(axis, moment.day)
        if not one.joined and moment.range.best is not None:
            canvas.put(column, canvas.row(scale, moment.range.best), glyphs.across)
        if moment.unknown:
            canvas.put(column, canvas.row(scale, _top(moment.range)) + 1, "?")
    for point in one.points:
        sign = {"equal": glyphs.equal, "differs": glyphs.differs}.get(point.status, glyphs.apart)
        if point.range.best is not None:
            row = canvas.row(scale, point.range.best)
            canvas.put(canvas.column(axis, point.day), row, sign)
    if one.opening and one.opening.day is not None:
        column, row = (
            canvas.column(axis, one.opening.day),
            canvas.row(scale, _top(one.opening.range)),
        )
        for below in range(row):
            canvas.put(column, below, glyphs.before, over=False)
        canvas.put(column, row, "?" if one.opening.range.best is None else glyphs.opening)


def _held(one: Course, canvas: Canvas, axis: Days) -> Iterator[tuple[int, list[Range]]]:
    """Each column from the start on, with what the tally came to before it and in it."""
    starts = [(one.opening.day, one.opening.range)] if one.opening else []
    known = [(day, figure) for day, figure in starts if day is not None]
    known += [(moment.day, moment.range) for moment in one.moments]
    by_column: dict[int, list[Range]] = {}
    for day, figure in known:
        by_column.setdefault(canvas.column(axis, day), []).append(figure)
    now: list[Range] = []
    for column in range(canvas.width):
        found = by_column.get(column, [])
        if now or found:
            yield column, [*now, *found]
        now = found[-1:] or now


def _draw_bands(
    held: Sequence[tuple[int, list[Range]]], canvas: Canvas, scale: Scale, glyphs: Glyphs
) -> None:
    for column, figures in held:
        figure = figures[-1]
        if figure.best is None:
            continue
        low = figure.best if figure.low is None else figure.low
        high = figure.best if figure.high is None else figure.high
        if low != high:
            for row in range(canvas.row(scale, low), canvas.row(scale, high) + 1):
                canvas.put(column, row, glyphs.high)
        if figure.high is None and column % _EVERY == _EVERY // 2:
            canvas.put(column, canvas.row(scale, figure.best) + 1, "+")


def _draw_line(
    held: Sequence[tuple[int, list[Range]]], canvas: Canvas, scale: Scale, glyphs: Glyphs
) -> None:
    for column, figures in held:
        rows = [canvas.row(scale, one.best) for one in figures if one.best is not None]
        if not rows:
            continue
        first, last = rows[0], rows[-1]
        if first == last or len(figures) == 1:
            canvas.put(column, last, glyphs.across)
            continue
        leaves, comes = list(glyphs.corners[:2] if last > first else glyphs.corners[2:])
        for row in range(min(first, last) + 1, max(first, last)):
            canvas.put(column, row, glyphs.up)
        canvas.put(column, first, leaves)
        canvas.put(column, last, comes)


def _legend(one: Course, glyphs: Glyphs) -> Iterator[tuple[str, str]]:
    if one.opening:
        yield glyphs.opening, words.opening(one)
    if one.moments:
        sum_ = f"best, so far: {words.told(one.moments[-1].range)}"
        yield glyphs.across, sum_ if one.joined else "computed"
    ranges = [moment.range for moment in one.moments]
    if any(one.low != one.best or one.high not in (None, one.best) for one in ranges):
        yield glyphs.high, "low to high"
    if any(one.high is None for one in ranges):
        yield "+", "the high is open"
    if any(moment.unknown for moment in one.moments):
        yield "?", "an unknown count, not added"
    if "equal" in one.statuses:
        yield glyphs.equal, "published, equal"
    if "differs" in one.statuses:
        yield glyphs.differs, "published, differs"
    if not {*one.statuses} <= {*COMPARED}:
        yield glyphs.apart, "published, not compared"


def _differences(one: Course, glyphs: Glyphs, width: int) -> Iterator[str]:
    """Computed less published, by day, the largest of the days that fall on one column."""
    some = [(day, number) for day, number in one.differences if number]
    if not one.differences:
        return
    yield ""
    if not some:
        yield from _folded("computed less published: 0 on every day compared", width)
        return
    yield from _folded("computed less published", width)
    scale = whole(min(0, *(one[1] for one in some)), max(0, *(one[1] for one in some)), 3)
    canvas = Canvas(width - Canvas.margin(scale) - 2, _DIFFERENCES, glyphs)
    axis = days(min(one.days), max(one.days), canvas.width)
    zero = canvas.row(scale, 0)
    for day, number in some:
        end = canvas.row(scale, number)
        for row in range(min(zero, end), max(zero, end) + 1):
            canvas.put(canvas.column(axis, day), row, glyphs.low)
    for column in range(canvas.width):
        canvas.put(column, zero, glyphs.across, over=False)
    yield from canvas.lines(scale, axis)


def _remarks(one: Course, width: int, glyphs: Glyphs) -> Iterator[str]:
    for remark in one.remarks:
        yield from _folded(glyphs.text(remark), width)


def _top(figure: Range) -> int:
    """The best, or what is known in its stead; 0 where nothing is."""
    if figure.best is not None:
        return figure.best
    return max(figure.known, default=0)


def _folded(text: str, width: int) -> Iterator[str]:
    from rich.cells import chop_cells

    line = ""
    for word in text.split(" "):
        for part in chop_cells(word, width) or [""]:
            if line and len(line) + 1 + len(part) > width:
                yield line
                line = part
            else:
                line = f"{line} {part}" if line else part
    yield line
