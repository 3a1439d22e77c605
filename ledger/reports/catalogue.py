"""Every report by name, in the order of help."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.reports import listings, published, totals
from ledger.reports.definition import Definition, listing

_EVERY = (
    Definition(
        "totals",
        "Sums by measure and by what is asked for.",
        totals.every_column,
        lambda connection, _log, question: totals.totals(connection, question),
    ),
    listing(
        "incidents",
        "The incidents of which something is known.",
        listings.INCIDENTS,
        listings.incidents,
    ),
    listing("counts", "The figure of every line.", listings.COUNTS, listings.counts),
    listing("claims", "Every claim, with what became of it.", listings.CLAIMS, listings.claims),
    listing(
        "people", "The persons identified: one row a statement.", listings.PEOPLE, listings.people
    ),
    listing(
        "sources",
        "The sources, with how many claims cite each.",
        listings.SOURCES,
        listings.sources,
    ),
    listing(
        "attributions",
        "Who is said to have done it, and by whom.",
        listings.ATTRIBUTIONS,
        listings.attributions,
    ),
    listing(
        "published",
        "Published totals against what the ledger computes.",
        published.COLUMNS,
        published.published,
    ),
)
REPORTS: Mapping[str, Definition] = {one.name: one for one in _EVERY}
"""Reports that answer a question; `running` answers one about a tally and stands apart."""
