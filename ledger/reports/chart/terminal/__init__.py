"""Charts of characters, for a terminal of any width."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from ledger.reports.chart import series
from ledger.reports.chart.terminal import bars, steps
from ledger.reports.chart.terminal.glyphs import ASCII, UNICODE
from ledger.reports.request import Request
from ledger.reports.table import Table

_NARROWEST = 20


def lines(
    connection: Connection, request: Request, table: Table, width: int, encoding: str
) -> Iterator[str]:
    r"""The chart of a report, line by line, none longer than `width` columns or 20.

    Drawn with ASCII alone where the encoding is not UTF-8: other characters of names are then
    shown as `\u0633`.
    """
    width = max(width, _NARROWEST)
    unicode = encoding.lower().replace("-", "") in ("utf8", "utf8sig")
    glyphs = UNICODE if unicode else ASCII
    match request.report:
        case "totals":
            drawn = bars.bars(series.panels(table), width, glyphs)
        case "running":
            drawn = steps.course(series.course(connection, request, table), width, glyphs)
        case _:
            drawn = steps.comparisons(series.compared(connection, table), width, glyphs)
    return (line.rstrip() for line in drawn)
