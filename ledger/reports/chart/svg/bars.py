"""Totals as bars, the range from low to high behind each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ledger.reports.chart import words
from ledger.reports.chart.scale import Scale, from_zero
from ledger.reports.chart.series import Panel, Range
from ledger.reports.chart.svg import axes, marks
from ledger.reports.chart.svg.axes import Frame
from ledger.reports.chart.svg.elements import INK, PALE, cut, element, line, text, width
from ledger.reports.chart.svg.page import MARGIN, WIDTH, Block

_ROW, _BAR, _RANGE = 24, 8, 16
_LABELS = 260
_MOST_TICKS = 6
_TOLD = 20


def panels(every: Sequence[Panel]) -> list[Block]:
    """The bars of each measure, with an axis of their own, and what their parts mean."""
    names = [cut(bar.label, _LABELS) for one in every for bar in one.bars]
    numbers = [words.told(bar.range) for one in every for bar in one.bars]
    left = MARGIN + max(map(width, names), default=0) + 8
    right = WIDTH - MARGIN - 16 - max(map(width, numbers), default=0)
    blocks = [_panel(one, left, right) for one in every]
    if every:
        ranges = [bar.range for one in every for bar in one.bars]
        blocks.append(Block(*axes.legend(list(_legend(ranges)), MARGIN, WIDTH - MARGIN)))
    return blocks


def _panel(one: Panel, left: float, right: float) -> Block:
    frame = Frame(left, right, 4, 4 + _ROW * len(one.bars))
    scale = from_zero((value for bar in one.bars for value in bar.range.known), _MOST_TICKS)
    parts = [axes.along(frame, scale, words.unit(one.measure))]
    for place, bar in enumerate(one.bars):
        middle = frame.top + (place + 0.5) * _ROW
        parts.append(text(left - 8, middle + 4, cut(bar.label, _LABELS), text_anchor="end"))
        parts.append(_bar(bar.range, frame, scale, middle))
    parts.append(line(left, frame.top, left, frame.bottom, stroke=INK))
    if one.left_out:
        note = f"not drawn: {one.left_out:,} shorter bars"
        parts.append(text(left, frame.bottom + 54, note))
    return Block("".join(parts), frame.bottom + (76 if one.left_out else 56))


def told(panels: Sequence[Panel]) -> str:
    """The bars in words."""
    return " ".join(_told(one) for one in panels) or "Nothing is counted."


def _told(one: Panel) -> str:
    some = [f"{bar.label}: {words.told(bar.range)}" for bar in one.bars[:_TOLD]]
    more = len(one.bars) - len(some) + one.left_out
    return (
        f"Bars of {words.unit(one.measure)}. {'; '.join(some)}{f'; {more} more' if more else ''}."
    )


def _bar(figure: Range, frame: Frame, scale: Scale, middle: float) -> str:
    def x(value: int) -> float:
        return frame.x(scale.part(value))

    def box(start: float, end: float, height: int, fill: str) -> str:
        return element(
            "rect", x=start, y=middle - height / 2, width=end - start, height=height, fill=fill
        )

    parts, known = [], figure.known
    if len(set(known)) > 1:
        parts.append(box(x(min(known)), x(max(known)), _RANGE, PALE))
    if figure.best:
        parts.append(box(frame.left, x(figure.best), _BAR, INK))
    end = max(x(value) for value in (0, *known))
    parts.append(text(end + 6, middle + 4, words.told(figure)))
    return "".join(parts)


def _legend(ranges: Sequence[Range]) -> Iterator[tuple[str, str]]:
    yield marks.bar(), "best"
    if any(not figure.exact and len(set(figure.known)) > 1 for figure in ranges):
        yield marks.band(), "low to high"
    if any(figure.high is None for figure in ranges):
        yield marks.sign("+"), "the high is open"
    if any(None in (figure.low, figure.best) for figure in ranges):
        yield marks.sign("?"), "unknown"
