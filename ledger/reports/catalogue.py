"""Every report by name, in the order of help."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.reports import claims, conflicts, coverage, listings, published, timeline, todo, totals
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
    listing("claims", "Every claim, with what became of it.", claims.COLUMNS, claims.claims),
    listing(
        "conflicts",
        "Lines on which claimants disagree.",
        conflicts.COLUMNS,
        conflicts.conflicts,
    ),
    listing(
        "people", "The persons identified: one row a statement.", listings.PEOPLE, listings.people
    ),
    listing(
        "sources",
        "The sources, with how many claims cite each, and how many figures rest on each.",
        listings.SOURCES,
        listings.sources,
    ),
    Definition(
        "coverage",
        "How well founded the figures are: by sources, grades, allocation, clarity.",
        coverage.every_column,
        coverage.coverage,
    ),
    listing(
        "attributions",
        "Who is said to have done it, and by whom.",
        listings.ATTRIBUTIONS,
        listings.attributions,
    ),
    Definition(
        "timeline",
        "Linked incidents in order, each group of them by itself.",
        timeline.columns,
        lambda connection, _log, question: timeline.timeline(connection, question),
    ),
    listing(
        "published",
        "Published totals against what the ledger computes.",
        published.COLUMNS,
        published.published,
    ),
    Definition(
        "open",
        "What a steward still has to do.",
        lambda _question: todo.COLUMNS,
        todo.todo,
    ),
)
REPORTS: Mapping[str, Definition] = {one.name: one for one in _EVERY}
"""Reports that answer a question; `running` answers one about a tally and stands apart."""
