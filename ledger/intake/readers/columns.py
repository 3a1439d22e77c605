"""Headers: every column has a name, and a name of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledger.intake.readers.characters import cell_fault, nfc
from ledger.intake.readers.shape import COLUMN_LIMIT
from ledger.problems import Problem


def named(cells: Iterable[str]) -> tuple[str, ...]:
    """The names of columns: NFC, without space around them."""
    return tuple(nfc(cell).strip() for cell in cells)


def header_problems(where: str, header: Sequence[str]) -> list[Problem]:
    """All that is wrong with a header; `where` is FILE or FILE:LINE."""
    if not header:
        return [no_header(where)]
    if len(header) > COLUMN_LIMIT:
        message = f"there are more than {COLUMN_LIMIT:,} columns"
        return [Problem(where, "too-many-columns", message, "give every row the same keys")]
    return [
        one
        for number, name in enumerate(header, 1)
        for one in _name_problems(where, number, name, header)
    ]


def no_header(where: str) -> Problem:
    """The problem of a file without columns."""
    return Problem(where, "no-header", "there are no columns", "is this the right file?")


def _name_problems(where: str, number: int, name: str, header: Sequence[str]) -> Iterable[Problem]:
    if not name:
        hint = "name it, or remove it"
        yield Problem(where, "unnamed-column", f"column {number} has no name", hint)
    elif header.index(name) < number - 1:
        first = header.index(name) + 1
        message = f"columns {first} and {number} are both named {name!r}"
        yield Problem(where, "column-twice", message, "rename one of them")
    elif fault := cell_fault(name):
        code, message, hint = fault
        yield Problem(where, code, f"{message} in the name of column {number}", hint)
