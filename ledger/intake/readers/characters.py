"""What a cell may hold: NFC, no control characters, no bidi overrides, 64 KiB.

Controls are refused as Unicode Technical Report 36 advises of text that people are to trust: what
is shown must be what is stored. Tab and line breaks are text; so are U+2028 and U+2029.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ledger.intake.readers.shape import CELL_LIMIT, Misfit, Record
from ledger.problems import Problem

_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


class Place:
    """Where rows stand: names the file and the columns in problems."""

    def __init__(self, where: str, header: Sequence[str]) -> None:
        self.where = where
        self.header = header

    def settled(self, line: int, raw: str, cells: list[str]) -> Record | Misfit:
        """The row as a record with its text in NFC, or why it is none."""
        if len(cells) != len(self.header):
            return self.wrong_width(line, raw, len(cells))
        cells = [nfc(cell) for cell in cells]
        for name, cell in zip(self.header, cells, strict=True):
            if found := cell_fault(cell):
                return self.misfit(line, raw, cells, found, name)
        return Record(line, cells)

    def wrong_width(self, line: int, raw: str, width: int) -> Misfit:
        """A row of too many cells or too few."""
        message = f"has {cell_count(width)}, the header has {len(self.header)}"
        if width < len(self.header):
            hint = "give every column its cell, also where it is empty"
        else:
            hint = "quote the cell that holds the delimiter, or remove the cell that is too many"
        return self.misfit(line, raw, None, ("wrong-width", message, hint))

    def misfit(
        self,
        line: int,
        raw: str,
        cells: list[str] | None,
        told: tuple[str, str, str],
        column: str = "",
    ) -> Misfit:
        """A row that cannot be used: `told` is code, message and hint."""
        if cells and any(map(_SURROGATE.search, cells)):
            cells = None  # no file could hold them
        where = f"{self.where}:{line}:{column}" if column else f"{self.where}:{line}"
        code, message, hint = told
        message = f"{message} in column {column}" if column else message
        return Misfit(line, raw, cells, Problem(where, code, message, hint))


def nfc(text: str) -> str:
    """The text in Unicode's normal form C."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def cell_fault(cell: str) -> tuple[str, str, str] | None:
    """Code, message and hint of what is wrong with a cell."""
    if found := _REFUSED.search(cell):
        return "control-character", _named(found[0]), "remove it"
    if len(cell) * 4 > CELL_LIMIT and len(cell.encode()) > CELL_LIMIT:
        message = f"{len(cell.encode()):,} bytes, a cell has at most {CELL_LIMIT:,},"
        return "long-cell", message, "shorten it, or keep the text elsewhere and cite it"
    return None


def is_clean(text: str) -> bool:
    """Whether no cell of this text can need a change or have a fault, ASCII controls aside."""
    if len(text) * 4 > CELL_LIMIT:
        return False
    if text.isascii():
        return True
    if not unicodedata.is_normalized("NFC", text):
        return False
    # Nothing printable is refused; that is known in half the time of a search.
    return text.rstrip("\r\n").isprintable() or not _REFUSED.search(text)


def cell_count(number: int) -> str:
    """`1 cell`, `42 cells`."""
    return f"{number} cell" if number == 1 else f"{number} cells"


def _named(character: str) -> str:
    """`U+202E right-to-left override`."""
    kind = "half of a surrogate pair" if _SURROGATE.match(character) else "control character"
    return f"U+{ord(character):04X} {unicodedata.name(character, kind).lower()}"
