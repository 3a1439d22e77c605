"""Cases: incidents that a question asks for, each with its tolls, some hundreds at a time.

A query for each incident would take most of the time of a long report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice, starmap
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.counting import lines, questions
from ledger.counting.questions import Counted
from ledger.counting.tolls import Settled
from ledger.projections import state
from ledger.projections.documents import Facet, Said
from ledger.projections.state import Incident, Toll
from ledger.reports.question import Question
from ledger.reports.selection import Selection, as_kept
from ledger.store.driver import fetch

SOME = 500
"""Incidents that are read at a time: memory stays flat, and few statements are run."""

_RECENT = 4096
"""Answers that are kept at hand."""


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
    return chain.from_iterable(batches(selection, condition))


def batches(selection: Selection, condition: str = "1 = 1") -> Iterator[list[Case]]:
    """The same, as many at a time as are read at a time."""
    admitted = incidents(selection, condition)
    while some := list(islice(admitted, SOME)):
        tolls = _tolls(selection.connection, some, selection.question.measures)
        yield [_case(selection, one, tolls.get(one.id, [])) for one in some]


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


def of_one_report(toll: Toll, question: Question) -> bool:
    """Whether one report tells all of a toll, a claim a line: nothing is to be chosen.

    So are most tolls of a dataset: each figure rests on that report, and is as it is kept.
    """
    document = toll.document
    return (
        toll.settled
        and len(document.cited) == 1
        and not document.retracted
        and document.cited[0].incident == document.incident
        and (question.known_by is None or toll.last_known <= question.known_by)
    )


def counter(question: Question) -> Callable[[Toll], Counted]:
    """What a question counts of tolls of one report: worked out once for all that say the same."""
    where, by = question.attributes_asked, question.attributes_by

    @lru_cache(maxsize=_RECENT)
    def count(texts: tuple[str, ...], said: Said) -> Counted:
        return questions.count(*as_kept(texts, said), where, by)

    return lambda toll: count(*toll.document.said)


def line_filter(question: Question) -> Callable[[str], bool]:
    """Whether a line states what the question's filter asks of lines."""
    asked = question.attributes_asked

    @lru_cache(maxsize=lines.CACHED)
    def admits(line: str) -> bool:
        stated = dict(lines.parse(line).attributes)
        return all(stated.get(key) in values for key, values in asked.items())

    return admits if asked else lambda _line: True


def _case(selection: Selection, incident: Incident, tolls: list[Toll]) -> Case:
    facet = selection.facet_of(incident.id, incident.facet)
    assert facet is not None, "an admitted incident has a facet that is admitted"
    return Case(incident, facet, tolls)


def _tolls(
    connection: Connection, some: Sequence[Incident], measures: Sequence[str]
) -> Mapping[int, list[Toll]]:
    """The tolls of some incidents, by incident."""
    found: dict[int, list[Toll]] = {}
    wanted = ", ".join([str(one.id) for one in some])
    rows = fetch(
        connection,
        f"SELECT {state.TOLL} FROM tolls WHERE incident IN ({wanted}) ORDER BY incident, measure",
    )
    for toll in starmap(Toll, rows):
        if not measures or toll.measure in measures:
            found.setdefault(toll.incident, []).append(toll)
    return found
