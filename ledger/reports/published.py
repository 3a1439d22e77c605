"""The report `published`: what others published of a tally, against what the ledger computes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec
from sqlalchemy import Connection

from ledger import dates
from ledger.counting.claims import satisfies
from ledger.counting.figures import Figure
from ledger.counts import Count
from ledger.projections import state
from ledger.projections.state import Total
from ledger.reports import tallies
from ledger.reports.question import PLAIN, Question
from ledger.reports.table import Cell, Table, number, position, text

Status = Literal["opening", "equal", "differs", "partly covered", "not covered", "unit unclear"]

COLUMNS = (
    text("tally", "key of the tally"),
    text("as_of", "the date that the published figure is for"),
    text("published", "the published figure, as a steward types it"),
    number("computed", "what the ledger computes as of that date; empty where it is not compared"),
    number("difference", "computed less published"),
    text("status", "opening, equal, differs, partly covered, not covered, unit unclear"),
    text("claimant", "who published it"),
    text("source", "key of the source"),
    text("definition", "what the publisher counted, as it says"),
    position("position", "position of the event in the log"),
)


class Comparison(NamedTuple):
    """A published total against the ledger's own figure as of the same date."""

    total: Total
    status: Status
    computed: Figure | None

    @property
    def difference(self) -> int | None:
        """Computed less published; None where either is unknown."""
        published = self.total.document.count.effective
        if self.computed is None or self.computed.best is None or published is None:
            return None
        return self.computed.best - published


def published(connection: Connection, question: Question) -> Table:
    """Every published total that the clocks admit, compared where its tally covers it."""
    return Table(COLUMNS, [_row(one) for one in comparisons(connection, question)], [])


def comparisons(connection: Connection, question: Question = PLAIN) -> Iterator[Comparison]:
    """The published totals, each compared where its tally covers it."""
    for total in state.totals(connection, question.clock):
        if question.as_of is None or tallies.last_day(total) <= question.as_of:
            yield _compare(connection, total, question)


def _compare(connection: Connection, total: Total, question: Question) -> Comparison:
    if total.document.opening:
        return Comparison(total, "opening", None)
    if total.document.unit_unclear:
        return Comparison(total, "unit unclear", None)
    day = tallies.last_day(total)
    asked = msgspec.structs.replace(question, as_of=day)
    run = tallies.run(connection, total.tally, asked)
    covered = _covered(run, total)
    if covered != "covered":
        return Comparison(total, covered, None)
    equal = _agrees(total.document.count, run.total)
    return Comparison(total, "equal" if equal else "differs", run.total)


def _covered(run: tallies.Run, total: Total) -> Literal["covered", "partly covered", "not covered"]:
    """Whether the tally claims to be complete as of the total's date.

    It does from its opening total on, or over the dates that it says it `covers`.
    """
    when = dates.parse(total.document.as_of)
    covers = run.tally.document.covers
    if covers:
        span = dates.parse(covers)
        first, last = span.first or "", span.last or "9999-12-31"
    elif run.opening and run.opening.total:
        first, last = run.opening.day, "9999-12-31"
    else:
        return "not covered"
    if (when.last or "") < first:
        return "not covered"
    return (
        "covered"
        if first <= (when.first or "") and (when.last or "") <= last
        else ("partly covered")
    )


def _agrees(count: Count, computed: Figure) -> bool:
    if count.vague:
        return satisfies(Count(computed.low, computed.best, computed.high), count)
    return computed.best == count.best


def _row(one: Comparison) -> tuple[Cell, ...]:
    document = one.total.document
    return (
        one.total.tally,
        document.as_of,
        str(document.count),
        one.computed.best if one.computed else None,
        one.difference,
        one.status,
        document.cited.claimant,
        document.cited.source,
        document.definition,
        one.total.position,
    )
