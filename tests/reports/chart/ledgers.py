"""Invented tallies to draw."""

from __future__ import annotations

from ledger.app import Ledger
from ledger.reports.request import Request
from ledger.reports.table import Table
from tests.invented import HERALD, incident, source, tally, total

TALLY = "invented-tally"
RUNNING = Request(report="running", tally=TALLY)
PUBLISHED = Request(report="published")
TOTALS = Request(report="totals", by=("incident",))
COUNTS = ("2", "3/5/9", "10-20", "?", "~8", "5/7/7")


def course(ledger: Ledger) -> Ledger:
    """A tally with an opening total, bands, an unknown count, open highs, published totals."""
    ledger.append([source(), source(HERALD, "2024-02-02"), tally()])
    ledger.append([total("100-120", "2023-12-31", opening=True)])
    for number, count in enumerate(COUNTS):
        date = f"2024-01-{3 + 4 * number:02d}"
        ledger.append([incident(f"raid-{number}", f"killed {count}", date=date)])
    ledger.append([total("107", "2024-01-09"), total("150+", "2024-01-20")])
    ledger.append([total("99", "2023-06", of=HERALD), total("1", "2024-01-01", unit_unclear=True)])
    return ledger


def answer(ledger: Ledger, request: Request) -> Table:
    """The answer to a request, its rows in a list."""
    with ledger.asking(request.at) as present:
        found = present.answer(request)
        return found._replace(rows=list(found.rows))
