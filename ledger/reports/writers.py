"""Writes a report as CSV, TSV, JSON, JSONL, or a table for a terminal.

CSV: UTF-8, LF, minimal quoting, one header; unknown is an empty cell.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Literal, Protocol, TextIO, get_args

from ledger.reports.safe import (
    encodable,
    for_json,
    for_spreadsheet,
    for_terminal,
    may_be_formulas,
)
from ledger.reports.table import Cell, Column, Table

Data = Literal["csv", "tsv", "json", "jsonl"]
Format = Literal["table", Data]
Row = tuple[Cell, ...]
_AT_A_TIME = 200
"""Rows that are written in one go."""
_WIDTH = 80
_BETWEEN = 2
_LONGEST_WORD = 32
"""Keys and days are shorter, and stay whole; a longer line or address may be folded."""
FORMATS: tuple[Format, ...] = get_args(Format)


class Writable(Protocol):
    """What takes text: a file, or what measures one."""

    def write(self, part: str, /) -> object:
        """Write a text."""

    def writelines(self, parts: Iterable[str], /) -> object:
        """Write some texts."""


def write(  # noqa: PLR0913 - how a report may leave
    table: Table,
    out: TextIO,
    kind: Format,
    *,
    excel: bool = False,
    raw: bool = False,
    width: int | None = None,
    color: bool = False,
) -> None:
    """Write a report.

    `excel` begins with a byte-order mark and ends lines in CRLF; `raw` leaves text cells of
    CSV and TSV as they are, where a spreadsheet may take them for formulas. `width` is in
    columns of a terminal.
    """
    if kind == "table":
        _write_table(table, out, width=width, color=color)
    else:
        write_data(table, out, kind, excel=excel, raw=raw)


def write_data(
    table: Table, out: Writable, kind: Data, *, excel: bool = False, raw: bool = False
) -> None:
    """Write a report for programs; see `write`."""
    match kind:
        case "csv" | "tsv":
            _write_separated(table, out, "\t" if kind == "tsv" else ",", excel=excel, raw=raw)
        case "json":
            rows = [_named(table, row) for row in table.rows]
            out.write(for_json(json.dumps(rows, ensure_ascii=False, indent=1)) + "\n")
        case "jsonl":
            out.writelines(
                for_json(json.dumps(_named(table, row), ensure_ascii=False)) + "\n"
                for row in table.rows
            )


def _write_separated(
    table: Table, out: Writable, delimiter: str, *, excel: bool, raw: bool
) -> None:
    if excel:
        out.write("\ufeff")
    rows = chain([tuple(column.name for column in table.columns)], table.rows)
    while some := list(islice(rows, _AT_A_TIME)):
        out.write(encodable(_separated(some, delimiter, excel=excel, raw=raw)))


def _separated(some: Sequence[Row], delimiter: str, *, excel: bool, raw: bool) -> str:
    """Rows as text. Few hold anything for a spreadsheet to take for a formula, or an end of line.

    The csv module is left to end rows in CRLF, so that it quotes both.
    """
    text = _as_csv(some, delimiter)
    if not raw and may_be_formulas(text, delimiter):
        some = [tuple(map(_cell, row)) for row in some]
        text = _as_csv(some, delimiter)
    if excel:
        return text
    if text.count("\r\n") == len(some):
        return text.replace("\r\n", "\n")
    return "".join(_as_csv([row], delimiter).removesuffix("\r\n") + "\n" for row in some)


def _as_csv(some: Iterable[Row], delimiter: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(some)
    return text.getvalue()


def _cell(value: Cell) -> Cell:
    return for_spreadsheet(value) if isinstance(value, str) else value


def _named(table: Table, row: Iterable[Cell]) -> dict[str, Cell]:
    return {column.name: value for column, value in zip(table.columns, row, strict=True)}


def _write_table(table: Table, out: TextIO, *, width: int | None, color: bool) -> None:
    """A table for people: an unknown number as `?`, an open high as `…+`.

    Columns that are empty throughout are left out; where the rest does not fit the width,
    each row becomes a block of lines.
    """
    rows = list(table.rows)
    places = [
        place
        for place in range(len(table.columns))
        if table.columns[place].kind in ("number", "high")
        or not rows
        or any(row[place] not in (None, "") for row in rows)
    ]
    columns = [table.columns[place] for place in places]
    cells = [[_shown(row[place], table.columns[place]) for place in places] for row in rows]
    width = width or _WIDTH
    if _narrowest(columns, cells) > width:
        _write_blocks(columns, cells, out)
    else:
        _write_grid(columns, cells, out, width=width, color=color)


def _narrowest(columns: list[Column], cells: list[list[str]]) -> int:
    """The width that the columns need: texts are folded between words where they can be."""
    words = (
        _longest_word(column, [row[place] for row in cells]) for place, column in enumerate(columns)
    )
    return sum(words) + _BETWEEN * (len(columns) - 1)


def _longest_word(column: Column, texts: list[str]) -> int:
    from rich.cells import cell_len

    words = (word for text in (column.name.replace("_", " "), *texts) for word in text.split())
    return min(_LONGEST_WORD, max(map(cell_len, words)))


def _write_blocks(columns: list[Column], cells: list[list[str]], out: TextIO) -> None:
    longest = max(len(column.name) for column in columns)
    for row in cells:
        for column, text in zip(columns, row, strict=True):
            if text:
                out.write(f"{column.name:{longest}}  {text}\n")
        out.write("\n")


def _write_grid(
    columns: list[Column],
    cells: list[list[str]],
    out: TextIO,
    *,
    width: int,
    color: bool,
) -> None:
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid(box=None, pad_edge=False, header_style="bold")
    widths = _widths(columns, cells, width)
    for place, column in enumerate(columns):
        justify: Literal["left", "right"] = "left" if column.kind == "text" else "right"
        name = Text(column.name.replace("_", "\n"))
        grid.add_column(name, justify=justify, width=widths[place], overflow="fold", vertical="top")
    for row in cells:
        grid.add_row(*map(Text, row))
    console = Console(
        file=out, width=width, no_color=not color, force_terminal=color, highlight=False
    )
    console.print(grid)


def _widths(columns: list[Column], cells: list[list[str]], width: int) -> list[int]:
    """The width of each column: no word is broken, and what is to spare goes to the narrowest."""
    texts = [[row[place] for row in cells] for place in range(len(columns))]
    found = [_longest_word(column, some) for column, some in zip(columns, texts, strict=True)]
    most = [_longest(column, some) for column, some in zip(columns, texts, strict=True)]
    spare = width - sum(found) - _BETWEEN * (len(columns) - 1)
    while spare > 0 and found != most:
        place = min((found[one], one) for one in range(len(most)) if found[one] < most[one])[1]
        found[place] += 1
        spare -= 1
    return found


def _longest(column: Column, texts: list[str]) -> int:
    from rich.cells import cell_len

    return max(map(cell_len, (*column.name.split("_"), *texts)))


def _shown(value: Cell, column: Column) -> str:
    if value is None:
        return {"high": "…+", "number": "?"}.get(column.kind, "")
    return for_terminal(str(value))
