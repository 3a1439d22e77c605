"""Writes a report as CSV, TSV, JSON, JSONL, or a table for a terminal.

CSV: UTF-8, LF, minimal quoting, one header; unknown is an empty cell.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from typing import Literal, TextIO, get_args

from ledger.reports.safe import for_spreadsheet, for_terminal
from ledger.reports.table import Cell, Column, Table

Format = Literal["table", "csv", "tsv", "json", "jsonl"]
FORMATS: tuple[Format, ...] = get_args(Format)


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
    match kind:
        case "csv" | "tsv":
            _write_separated(table, out, "\t" if kind == "tsv" else ",", excel=excel, raw=raw)
        case "json":
            rows = [_named(table, row) for row in table.rows]
            out.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
        case "jsonl":
            out.writelines(
                json.dumps(_named(table, row), ensure_ascii=False) + "\n" for row in table.rows
            )
        case "table":
            _write_table(table, out, width=width, color=color)


def _write_separated(table: Table, out: TextIO, delimiter: str, *, excel: bool, raw: bool) -> None:
    if excel:
        out.write("\ufeff")
    ending = "\r\n" if excel else "\n"
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ending)
    writer.writerow([column.name for column in table.columns])
    writer.writerows(row if raw else [_cell(value) for value in row] for row in table.rows)


def _cell(value: Cell) -> Cell:
    return for_spreadsheet(value) if isinstance(value, str) else value


def _named(table: Table, row: Iterable[Cell]) -> dict[str, Cell]:
    return {column.name: value for column, value in zip(table.columns, row, strict=True)}


def _write_table(table: Table, out: TextIO, *, width: int | None, color: bool) -> None:
    """A table for people: numbers to the right, an unknown number as `?`, an open high as `…+`.

    Columns that are empty throughout are left out.
    """
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    rows = list(table.rows)
    used = [
        place
        for place in range(len(table.columns))
        if not rows or any(row[place] not in (None, "") for row in rows)
    ]
    shown = RichTable(box=None, pad_edge=False, header_style="bold")
    for place in used:
        column = table.columns[place]
        right = column.kind != "text"
        shown.add_column(
            column.name, justify="right" if right else "left", no_wrap=right, overflow="fold"
        )
    for row in rows:
        shown.add_row(*(Text(_shown(row[place], table.columns[place])) for place in used))
    console = Console(
        file=out,
        width=width,
        no_color=not color,
        force_terminal=color,
        legacy_windows=False,
        highlight=False,
    )
    console.print(shown)


def _shown(value: Cell, column: Column) -> str:
    if value is None:
        return "…+" if column.kind == "high" else "?" if column.kind == "number" else ""
    return for_terminal(str(value))
