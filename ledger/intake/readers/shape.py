"""Values of a file of rows: its shape, its records, and what cannot be used of it."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import msgspec

from ledger.errors import LedgerError
from ledger.problems import Problem

Format = Literal["csv", "tsv", "json", "jsonl", "geojson", "xlsx", "hxl"]
FORMATS: tuple[Format, ...] = get_args(Format)

CELL_LIMIT = 65_536
"""The longest cell, in bytes of UTF-8."""
ROW_LIMIT = 1_048_576
"""The longest row, in bytes of UTF-8, as it stands in the file."""
COLUMN_LIMIT = 16_384
"""The most columns: JSON could bring new ones with each row, and a header is kept in memory."""


class Shape(msgspec.Struct, frozen=True):
    """How a file is to be read. Nothing of it is ever guessed from the file.

    `hxl` is CSV of which one of the first rows holds HXL tags. `delimiter` is for csv and hxl
    (tsv has the tab), `encoding` a Python codec's name (utf-8 accepts a byte order mark), `rows`
    the dotted path to the array of rows in JSON ("": the document is the array), `sheet` the name
    of an XLSX sheet ("": the first), `header` the columns of csv and tsv without a header. Raises
    ValueError for a delimiter that cannot be one.
    """

    format: Format
    delimiter: str = ","
    encoding: str = "utf-8"
    rows: str = ""
    sheet: str = ""
    header: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a delimiter that would make no columns."""
        if len(self.delimiter) != 1 or self.delimiter in '"\r\n\0':
            raise ValueError(f"delimiter {self.delimiter!r} is not one character that can be one")


class Record(NamedTuple):
    """A row: the line on which it begins, from 1, and a cell for each column of the header.

    Cells are NFC; "" where there is nothing. The line is a physical one, also with line breaks
    inside cells; of XLSX it is the row's number, of JSON the line where the object begins.
    """

    line: int
    cells: list[str]


class Misfit(NamedTuple):
    """A row that cannot be used: it goes to the rejects.

    `raw` is its text in the file, all its lines, without the last line's end; `cells` what it
    holds where that fits the header, else None; `problem.where` FILE:LINE[:COLUMN].
    """

    line: int
    raw: str
    cells: list[str] | None
    problem: Problem


class Outline(NamedTuple):
    """What one look at a whole file shows: see `Tabular`."""

    header: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    size: int = 0
    problems: tuple[Problem, ...] = ()


class FileFaultError(LedgerError):
    """A problem of a file after which it cannot be read on; `open_table` makes it a value."""

    def __init__(self, where: str, code: str, message: str, hint: str = "") -> None:
        self.problem = Problem(where, code, message, hint)
        super().__init__(str(self.problem))
