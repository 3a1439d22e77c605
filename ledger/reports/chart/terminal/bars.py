"""Totals as bars of characters: to the low, to the best, and behind them to the high."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from ledger.reports.chart import words
from ledger.reports.chart.scale import Scale, from_zero
from ledger.reports.chart.series import Bar, Panel, Range
from ledger.reports.chart.terminal.glyphs import Glyphs

_TICK = 12
"""Columns that a mark of the axis needs, at the least."""
_SHORTEST = 8


def bars(panels: Sequence[Panel], width: int, glyphs: Glyphs) -> Iterator[str]:
    """A chart for each measure, each with an axis of its own, then what the characters mean."""
    if not panels:
        yield from ("nothing is counted", "")
        return
    for panel in panels:
        yield from _panel(panel, width, glyphs)
    every = [bar.range for panel in panels for bar in panel.bars]
    yield from _legend(every, width, glyphs)


def _panel(panel: Panel, width: int, glyphs: Glyphs) -> Iterator[str]:
    numbers = [words.told(bar.range) for bar in panel.bars]
    names = [glyphs.text(bar.label) for bar in panel.bars]
    margin, beside = max(map(cell_len, names)) + 1, max(map(len, numbers)) + 3
    if margin > width // 3 or width - margin - beside < _SHORTEST:
        margin = 0
    is_beside = width - margin - beside >= _SHORTEST
    length = max(1, width - margin - (beside if is_beside else 2))
    scale = from_zero((one for bar in panel.bars for one in bar.range.known), length // _TICK)
    yield glyphs.fit(words.unit(panel.measure), width)
    for bar, name, number in zip(panel.bars, names, numbers, strict=True):
        if not margin:
            yield glyphs.fit(name, width)
        drawn = f"{glyphs.fit(name, margin)}{glyphs.axis}{_bar(bar, scale, length, glyphs)}"
        yield f"{drawn} {number}" if is_beside else drawn
        if not is_beside:
            yield glyphs.fit(number, width)
    yield from _axis(scale, margin, length, glyphs)
    if panel.left_out:
        yield f"not drawn: {panel.left_out} shorter bars"[:width]
    yield ""


def _bar(bar: Bar, scale: Scale, length: int, glyphs: Glyphs) -> str:
    """The bar; a number that is not zero has one column at the least."""

    def columns(number: int | None) -> int:
        return 0 if not number else max(1, round(scale.part(number) * length))

    figure = bar.range
    low, best, high = columns(figure.low), columns(figure.best), columns(figure.high)
    drawn = glyphs.low * min(low, best) + glyphs.best * (best - low)
    drawn += glyphs.high * (high - best)
    return drawn + ("?" if figure.best is None else "") + ("+" if figure.high is None else "")


def _axis(scale: Scale, margin: int, length: int, glyphs: Glyphs) -> Iterator[str]:
    """A line of marks at their numbers, each where the next leaves it room."""
    line = [" "] * (length + 2)
    free = 0
    for tick in scale.ticks:
        text = words.counted(tick)
        at = round(scale.part(tick) * length)
        start = min(max(0, at - len(text) // 2), length + 2 - len(text))
        if start >= free and start + len(text) <= length + 2:
            line[start : start + len(text)] = text
            free = start + len(text) + 2
    yield " " * margin + glyphs.origin + glyphs.base * length
    yield " " * margin + "".join(line)


def _legend(ranges: Sequence[Range], width: int, glyphs: Glyphs) -> Iterator[str]:
    used = (
        (glyphs.low, "to the low", any(one.low for one in ranges)),
        (glyphs.best, "to the best", any((one.best or 0) > (one.low or 0) for one in ranges)),
        (glyphs.high, "to the high", any((one.high or 0) > (one.best or 0) for one in ranges)),
        ("+", "the high is open", any(one.high is None for one in ranges)),
        ("?", "unknown", any(None in (one.low, one.best) for one in ranges)),
    )
    yield from glyphs_meaning(
        [(sign, meaning) for sign, meaning, is_used in used if is_used], width
    )
    yield ""


def glyphs_meaning(used: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    """What characters mean, as many on a line as fit."""
    line = ""
    for sign, meaning in used:
        part = f"{sign} {meaning}"
        if line and cell_len(f"{line}   {part}") > width:
            yield line
            line = ""
        line = f"{line}   {part}" if line else part
        while cell_len(line) > width:
            end = line.rfind(" ", 2, width + 1)
            end = end if end > 0 else width
            yield line[:end]
            line = f"  {line[end:].lstrip()}"
    if line:
        yield line
