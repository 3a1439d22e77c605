"""A report as it is declared: table, CSV, JSON, help and codebook are all made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.reports.question import Question
from ledger.reports.table import Column, Table
from ledger.store.log import Log

Answer = Callable[[Connection, Log, Question], Table]
"""What a report says: of the tables, of the log that they were made of, to a question."""


class Definition(NamedTuple):
    """One report: its name, what it says in a line, its columns for a question, its answer."""

    name: str
    summary: str
    columns: Callable[[Question], tuple[Column, ...]]
    answer: Answer


def listing(
    name: str,
    summary: str,
    columns: tuple[Column, ...],
    answer: Callable[[Connection, Question], Table],
) -> Definition:
    """A report whose columns are always the same, and that needs the tables alone."""
    return Definition(
        name,
        summary,
        lambda _question: columns,
        lambda connection, _log, question: answer(connection, question),
    )
