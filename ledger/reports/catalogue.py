"""Every report by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from ledger.reports import listings
from ledger.reports.published import published
from ledger.reports.question import Question
from ledger.reports.table import Table
from ledger.reports.totals import totals

Report = Callable[[Connection, Question], Table]

REPORTS: Mapping[str, Report] = {
    "totals": totals,
    "incidents": listings.incidents,
    "counts": listings.counts,
    "claims": listings.claims,
    "people": listings.people,
    "sources": listings.sources,
    "attributions": listings.attributions,
    "published": published,
}
"""Reports that answer a question; `running` answers one about a tally and stands apart."""
