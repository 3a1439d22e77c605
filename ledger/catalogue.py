"""Every report by name, in the order of help."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.reports import claims, conflicts, coverage, listings, published, timeline, todo, totals
from ledger.reports.definition import Asked, Definition, listing
from ledger.reports.question import Question
from ledger.reports.table import Column, Table

CHANGES, DIFF = "changes", "diff"
BETWEEN = (CHANGES, DIFF)
"""What is asked of two states, not of one."""


def _changes(asked: Asked) -> Table:
    """The report on changes, whose room is imported when it is asked for."""
    from ledger.audit import changes

    return changes.report(asked)


def _diff(asked: Asked) -> Table:
    from ledger.audit import waterfall

    return waterfall.report(asked)


def _diff_columns(question: Question) -> tuple[Column, ...]:
    from ledger.audit import waterfall

    return waterfall.every_column(question, of_tally=False, listed=False)


def _changes_columns(_question: Question) -> tuple[Column, ...]:
    from ledger.audit import changes

    return changes.COLUMNS


_EVERY = (
    Definition(
        "totals",
        "Sums by measure and by what is asked for.",
        totals.every_column,
        lambda asked: totals.totals(asked.connection, asked.question),
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
        lambda asked: coverage.coverage(asked.connection, asked.log, asked.question),
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
        lambda asked: timeline.timeline(asked.connection, asked.question),
    ),
    Definition(
        "published",
        "Published totals against what the ledger computes.",
        lambda _question: published.COLUMNS,
        lambda asked: published.published(asked.connection, asked.question, asked.tally),
    ),
    Definition(
        CHANGES,
        "The figures that changed between two states, as an erratum: was, is, because.",
        _changes_columns,
        _changes,
    ),
    Definition(
        "open",
        "What a steward still has to do.",
        lambda _question: todo.COLUMNS,
        lambda asked: todo.todo(asked.connection, asked.log, asked.question),
    ),
)
REPORTS: Mapping[str, Definition] = {one.name: one for one in _EVERY}
"""Reports that answer a question; `running` answers one about a tally and stands apart."""
ANSWERS: Mapping[str, Definition] = {
    **REPORTS,
    DIFF: Definition(DIFF, "Why a total moved between two states.", _diff_columns, _diff),
}
"""Those, and the answers of other commands that leave as reports do."""
