"""Counted parts added up, with what is unknown beside the sum and never in it."""

from __future__ import annotations

from ledger.counting.figures import Figure
from ledger.counts import Count
from ledger.reports.table import Cell, Column, number

COLUMNS: tuple[Column, ...] = (
    number("incidents", "incidents counted", "incidents"),
    number("lines", "figures counted: lines, or what is left of one", "figures"),
    number("at_least", "figures of which only a low is known", "figures"),
    number("unknown", "figures that nobody gave: not in the sum, and not zero", "figures"),
)


class Sum:
    """A sum of figures: low, best and high are None until something known is added."""

    __slots__ = ("at_least", "best", "high", "incidents", "lines", "low", "opened", "unknown")

    def __init__(self) -> None:
        self.low: int | None = None
        self.best: int | None = None
        self.high = 0
        self.opened = False
        self.incidents = self.lines = self.at_least = self.unknown = 0

    def add(self, figure: Figure) -> None:
        """Add one figure; count its incident apart."""
        low, best, high = figure.low, figure.best, figure.high
        if low is not None:
            self.low = low + (self.low or 0)
        if best is None:
            self.unknown += 1
        else:
            self.best = best + (self.best or 0)
        if high is None:
            self.opened = True
        else:
            self.high += high
        self.lines += 1
        self.at_least += figure.at_least

    def add_count(self, count: Count) -> None:
        """Add the figure of one count, as `figures.of` gives it, without making it."""
        low, best, high = count.low, count.best, count.high
        if low is not None:
            self.low = low + (self.low or 0)
        if best is None:
            self.at_least += low is not None
            best = low
        if best is None:
            self.unknown += 1
        else:
            self.best = best + (self.best or 0)
        if high is None:
            self.opened = True
        else:
            self.high += high
        self.lines += 1

    def add_many(  # noqa: PLR0913 - the columns of a sum
        self,
        low: int | None,
        best: int | None,
        high: int | None,
        *,
        lines: int,
        at_least: int,
        unknown: int,
        opened: bool,
    ) -> None:
        """Add figures that were summed already."""
        if low is not None:
            self.low = (self.low or 0) + low
        if best is not None:
            self.best = (self.best or 0) + best
        self.high += high or 0
        self.opened = self.opened or opened
        self.lines += lines
        self.at_least += at_least
        self.unknown += unknown

    def add_times(self, figure: Figure, times: int) -> None:
        """Add the same figure so many times."""
        self.add_many(
            None if figure.low is None else times * figure.low,
            None if figure.best is None else times * figure.best,
            None if figure.high is None else times * figure.high,
            lines=times,
            at_least=times * figure.at_least,
            unknown=times * (figure.best is None),
            opened=figure.high is None,
        )

    def include(self, part: Sum) -> None:
        """Add another sum, its incidents too; of its highs those that are known."""
        self.incidents += part.incidents
        self.add_many(
            part.low,
            part.best,
            part.high,
            lines=part.lines,
            at_least=part.at_least,
            unknown=part.unknown,
            opened=part.opened,
        )

    @property
    def figure(self) -> Figure:
        """The sum as a figure; its high is None where it is open."""
        high = None if self.opened or not self.lines else self.high
        return Figure(self.low, self.best, high, bool(self.at_least or self.unknown))

    def cells(self) -> tuple[Cell, ...]:
        """Low, best, high, and what stands beside them, as `COUNT` and `COLUMNS` name them."""
        found = self.figure
        return (
            found.low,
            found.best,
            found.high,
            self.incidents,
            self.lines,
            self.at_least,
            self.unknown,
        )
