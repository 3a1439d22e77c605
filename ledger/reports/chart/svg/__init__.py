"""Charts as SVG: text that any browser shows, by itself, without colour, script or other files.

In reading order: `elements`, `page` (title, alt text, caption), `axes`, then `bars` and `steps`.
"""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.reports import manifest
from ledger.reports.chart import claimants, series, words
from ledger.reports.chart.svg import bars, page, steps
from ledger.reports.chart.svg.page import Block
from ledger.reports.manifest import State
from ledger.reports.request import Request
from ledger.reports.table import Table


def picture(connection: Connection, request: Request, table: Table, of: State) -> str:
    """The chart of a report as an SVG document: the same bytes for the same answer.

    Its caption says what was asked, of which state of the ledger, and whose statements it rests
    on; its alt text says the figures.
    """
    title, told, blocks = _content(connection, request, table)
    caption = [
        claimants.told(connection, request),
        *table.notes,
        *manifest.caption(request, of)[1:],
    ]
    return page.document(title, told, blocks, [line for line in caption if line])


def _content(
    connection: Connection, request: Request, table: Table
) -> tuple[str, str, list[Block]]:
    """The title, the alt text, and the blocks of a chart."""
    if request.report == "totals":
        panels = series.panels(table)
        by = f" by {', '.join(request.by)}" if request.by else ""
        return f"Totals{by}", bars.told(panels), bars.panels(panels)
    if request.report == "running":
        one = series.course(connection, request, table)
        return words.heading(one), steps.told(one), steps.course(one)
    every = series.compared(connection, table)
    of = f" of {words.heading(every[0])}" if len(every) == 1 else ""
    blocks = [block for one in every for block in steps.course(one, titled=len(every) > 1)]
    return f"Published totals{of}", " ".join(map(steps.told, every)), blocks
