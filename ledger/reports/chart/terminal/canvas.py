"""A page of characters with an axis of numbers on its left and one of days below."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.reports.chart import words
from ledger.reports.chart.scale import Days, Scale
from ledger.reports.chart.terminal.glyphs import Glyphs


class Canvas:
    """A page: row 0 is the lowest; what is put there later covers what was there."""

    def __init__(self, width: int, height: int, glyphs: Glyphs) -> None:
        self.width, self.height = max(width, 1), height
        self._glyphs = glyphs
        self._rows = [[" "] * self.width for _ in range(height)]

    def put(self, column: int, row: int, sign: str, *, over: bool = True) -> None:
        """One character; unless `over`, only where nothing stands. Beyond the edge: nothing."""
        if (
            0 <= column < self.width
            and 0 <= row < self.height
            and (over or self._rows[row][column] == " ")
        ):
            self._rows[row][column] = sign

    def lines(self, scale: Scale, days: Days | None) -> Iterator[str]:
        """The page with its axes, from the top; the marks of days stand below it."""
        marks = {self.row(scale, tick): words.counted(tick) for tick in scale.ticks}
        margin = self.margin(scale)
        for row in reversed(range(self.height)):
            mark = f"{marks.get(row, ''):>{margin}}"
            yield f"{mark} {self._glyphs.axis}{''.join(self._rows[row])}"
        yield " " * (margin + 1) + self._glyphs.origin + self._glyphs.base * self.width
        if days is not None:
            yield " " * (margin + 2) + self._below(days)

    def row(self, scale: Scale, value: int) -> int:
        """The row of a value."""
        return round(scale.part(value) * (self.height - 1))

    def column(self, days: Days, day: int) -> int:
        """The column of a day."""
        return round(days.part(day) * (self.width - 1))

    @staticmethod
    def margin(scale: Scale) -> int:
        """How many columns the numbers on the left take."""
        return max(len(words.counted(tick)) for tick in scale.ticks)

    def _below(self, days: Days) -> str:
        """The marks of days, each where the one before leaves it room."""
        line, free = [" "] * self.width, 0
        for tick in days.ticks:
            start = self.column(days, tick.day) - len(tick.label) // 2
            start = max(0, min(start, self.width - len(tick.label)))
            if start >= free and start + len(tick.label) <= self.width:
                line[start : start + len(tick.label)] = tick.label
                free = start + len(tick.label) + 1
        return "".join(line)
