"""The characters that charts in a terminal are drawn with."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from ledger.reports.safe import for_terminal


class Glyphs(NamedTuple):
    """One character for each thing that is drawn, and whether texts must be ASCII."""

    low: str
    best: str
    high: str
    across: str
    up: str
    corners: str
    """Of a line that rises: where it leaves its level, where it comes to the next; then of one
    that falls."""
    equal: str
    differs: str
    apart: str
    opening: str
    before: str
    axis: str
    base: str
    origin: str
    cut: str
    is_ascii: bool = False

    def text(self, words: str) -> str:
        """Words that a terminal takes as they are."""
        safe = for_terminal(words)
        return safe.encode("ascii", "backslashreplace").decode() if self.is_ascii else safe

    def fit(self, words: str, width: int) -> str:
        """Words in exactly so many columns, cut where they are longer."""
        safe = self.text(words)
        if cell_len(safe) > width:
            safe = set_cell_size(safe, max(0, width - len(self.cut))) + self.cut
        return set_cell_size(safe, width)


UNICODE = Glyphs(
    *("█", "▓", "░"),
    *("─", "│", "┘┌┐└"),
    *("●", "×", "○", "◆", "┊"),  # noqa: RUF001 - a cross
    *("│", "─", "└", "…"),
)
ASCII = Glyphs(
    *("#", "=", ":"),
    *("-", "|", "'..'"),
    *("o", "x", "*", "@", "!"),
    *("|", "-", "+", "~"),
    is_ascii=True,
)
