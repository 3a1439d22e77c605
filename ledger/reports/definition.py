"""A report as it is declared: table, CSV, JSON, help and codebook are all made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.reports.question import Question
from ledger.reports.table import Column, Table
from ledger.store.log import Log


class Start(NamedTuple):
    """The earlier of two states that are compared: its number of events, and by when known."""

    events: int
    known_by: str | None = None


class Asked(NamedTuple):
    """What a report is asked: a question, of tables and of the log that they were made of.

    `tally` is the key of the tally that it is asked of ("": of none), whose question is joined
    with `question` already. `start` is the state with which a report on changes begins; `listed`
    asks for each incident.
    """

    connection: Connection
    log: Log
    question: Question
    tally: str = ""
    start: Start = Start(0)
    listed: bool = False


Answer = Callable[[Asked], Table]


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
        lambda asked: answer(asked.connection, asked.question),
    )
