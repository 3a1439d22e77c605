"""Cases: incidents that a question asks for, each with all that is said of it, some at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from sqlalchemy import bindparam, text

from ledger.counting import lines, questions
from ledger.counting.questions import Counted
from ledger.counting.tolls import Settled
from ledger.projections import state
from ledger.projections.documents import Facet
from ledger.projections.state import Incident, Toll
from ledger.reports.question import Question
from ledger.reports.selection import Selection

SOME = 500
"""Incidents that are read at a time: memory stays flat, and few statements are run."""
_TOLLS = text("SELECT * FROM tolls WHERE incident IN :ids ORDER BY incident, measure").bindparams(
    bindparam("ids", expanding=True)
)


class Case(NamedTuple):
    """An incident as it was known by the day asked for, and its tolls of the measures asked for."""

    incident: Incident
    facet: Facet
    tolls: list[Toll]


def cases(selection: Selection, condition: str = "1 = 1") -> Iterator[Case]:
    """The incidents that a question asks for, by first day, last day and position.

    `condition` is SQL on the table of incidents. A selection that is a listing shows discounted
    incidents too.
    """
    admitted = incidents(selection, condition)
    while some := list(islice(admitted, SOME)):
        yield from _with_tolls(selection, some)


def incidents(selection: Selection, condition: str = "1 = 1") -> Iterator[Incident]:
    """The incidents that a question asks for, in that order, without their tolls."""
    connection, clock = selection.connection, selection.question.clock
    if "incident" not in selection.question.where:
        return filter(selection.admits_incident, state.incidents(connection, clock, condition))
    named, found = sorted(selection.keys), list[Incident]()
    for start in range(0, len(named), SOME):
        ids = ", ".join(map(str, named[start : start + SOME]))
        found += state.incidents(connection, clock, f"{condition} AND id IN ({ids})")
    found.sort(key=lambda one: (one.first_day, one.last_day, one.id))
    return filter(selection.admits_incident, found)


def counted(settled: Settled, question: Question) -> Counted:
    """What a question counts of a toll that was settled for it."""
    where, by = question.attributes_asked, question.attributes_by
    return questions.count(settled.structure, settled.figures, where, by)


def line_asked(line: str, question: Question) -> bool:
    """Whether a line states what the filter asks of lines."""
    asked = question.attributes_asked
    if not asked:
        return True
    stated = dict(lines.parse(line).attributes)
    return all(stated.get(key) in values for key, values in asked.items())


def _with_tolls(selection: Selection, some: Sequence[Incident]) -> Iterable[Case]:
    measures = selection.question.measures
    tolls: dict[int, list[Toll]] = {one.id: [] for one in some}
    for row in selection.connection.execute(_TOLLS, {"ids": list(tolls)}):
        if not measures or row.measure in measures:
            tolls[row.incident].append(state.toll(row))
    for one in some:
        facet = selection.facet_of(one.id, one.facet)
        assert facet is not None, "an admitted incident has a facet that is admitted"
        yield Case(one, facet, tolls[one.id])
