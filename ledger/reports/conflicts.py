"""The report `conflicts`: lines on which claimants disagree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from ledger.counting import figures
from ledger.counting.claims import Choice, Claim
from ledger.projections.state import Incident, Toll
from ledger.reports.cases import cases, line_filter
from ledger.reports.footing import agree
from ledger.reports.question import Question
from ledger.reports.selection import Selection, settle
from ledger.reports.table import COUNTED, Cell, Table, high, number, text

COLUMNS = (
    text("incident", "key of the incident"),
    text("date", "date of the incident as written"),
    text("line", "measure and attributes"),
    number("claims", "claims that stand and disagree with another that stands", "claims"),
    text("claimants", "who made them, separated by semicolons"),
    number("least", "the least of their bests, or lows where there is no best", COUNTED),
    number("greatest", "the greatest of them", COUNTED),
    number("spread", "greatest less least; empty where one of them gives neither", COUNTED),
    number("low", "low of the count that the policy chooses for the line", COUNTED),
    number("best", "its best, or its low where there is no best", COUNTED),
    high("high", "its high; empty: open"),
    text("chosen", "the claimant whose count is chosen"),
    number("set_aside", "claims on the line that are set aside: not among the others", "claims"),
)
_SEVERAL = "id IN (SELECT incident FROM tolls WHERE NOT settled)"
"""Incidents with a line of several claims, if there are lines on which claimants disagree."""


def conflicts(connection: Connection, question: Question) -> Table:
    """The lines whose standing claims disagree, by incident and line.

    Claims that stand are those which the report of claims tells as chosen or standing: one a
    claimant. Two disagree where they cannot both be right: their bests differ, or the best of
    the one is out of the bounds of the other, which is vague.
    """
    return Table(COLUMNS, _rows(connection, question), [])


def _rows(connection: Connection, question: Question) -> Iterator[tuple[Cell, ...]]:
    admits = line_filter(question)
    for case in cases(Selection(connection, question, listing=True), _SEVERAL):
        for toll in case.tolls:
            settled = settle(toll, question)
            for line, some in sorted(settled.claims.items()):
                if len(some) < 2 or not admits(line):
                    continue
                choice = settled.choices[line]
                if against := _disagreeing(some, choice):
                    yield _row(case.incident, toll, against, choice)


def _disagreeing(some: Sequence[Claim], choice: Choice) -> list[Claim]:
    """The claims that stand and cannot be right together with another that stands."""
    stand = [one for one in some if choice.verdicts[one.position].fate in ("chosen", "stands")]
    return [one for one in stand if not all(agree(one.count, other.count) for other in stand)]


def _row(
    incident: Incident, toll: Toll, against: Sequence[Claim], choice: Choice
) -> tuple[Cell, ...]:
    cited = toll.document.cited
    bests = [one.count.effective for one in against]
    known = [best for best in bests if best is not None]
    least, greatest = min(known, default=None), max(known, default=None)
    chosen = figures.of(choice.count)
    return (
        incident.key,
        incident.date,
        choice.claim.line,
        len(against),
        "; ".join(sorted({cited[one.cited].claimant for one in against})),
        least,
        greatest,
        greatest - least
        if least is not None and greatest is not None and None not in bests
        else None,
        chosen.low,
        chosen.best,
        chosen.high,
        cited[choice.claim.cited].claimant,
        len([one for one in choice.verdicts.values() if one.fate == "set aside"]),
    )
