"""The report `timeline`: incidents that are linked, each group of them in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from ledger.counting import figures
from ledger.counting.figures import NOT_KNOWN, Figure
from ledger.projections import state
from ledger.projections.incidents import survivor
from ledger.reports.cases import Case, cases, counted, incidents
from ledger.reports.question import Question
from ledger.reports.selection import Selection, settle
from ledger.reports.table import COUNTED, Cell, Column, Table, high, number, text

MEASURES = ("killed", "injured")
"""Whose figures are shown where the question names no measure."""
SUSPICION = "duplicate-of"
"""The relation that puts nothing in order: the two may be one."""
_COLUMNS = (
    text("group", "key of the group's first incident; links connect all of a group"),
    text("date", "date as written"),
    text("incident", "key of the incident"),
    text("title", "title"),
    text("status", "provisional, confirmed, contested, discounted (no sum counts it)"),
    text("relation", "how it stands to others, as its own links say; separated by semicolons"),
    text("to", "the incidents that it stands so to, in the same order"),
)
_When = tuple[str, str, int]
"""First day, last day and position: the order of incidents."""


class Tie(NamedTuple):
    """A link between two incidents that count by themselves, by key."""

    origin: str
    relation: str
    target: str


def timeline(connection: Connection, question: Question) -> Table:
    """The linked incidents that the question asks for, group by group; groups by first day.

    Links hold together what was known, and happened, by the days asked for; those of a merged
    incident are of the one that it was merged into. An incident that the question names brings
    its whole group. A suspicion that two are one is no link here.
    """
    return Table(columns(question), _rows(connection, question), [])


def columns(question: Question) -> tuple[Column, ...]:
    """The columns of the answer to a question: figures of the measures that it names."""
    return (*_COLUMNS, *(column for one in _measures(question) for column in _figure(one)))


def ties(connection: Connection, question: Question) -> list[Tie]:
    """The links that were known, by what counts by itself; each once, in order of recording."""
    merges = state.merges(connection)
    found = (
        Tie(survivor(one.origin, merges), one.relation, survivor(one.target, merges))
        for one in state.links(connection, question.clock)
    )
    return list(dict.fromkeys(one for one in found if one.origin != one.target))


def _rows(connection: Connection, question: Question) -> list[tuple[Cell, ...]]:
    some = [one for one in ties(connection, question) if one.relation != SUSPICION]
    when = _when(connection, question, {key for one in some for key in (one.origin, one.target)})
    some = [one for one in some if one.origin in when and one.target in when]
    said: dict[str, list[Tie]] = {}
    for one in some:
        said.setdefault(one.origin, []).append(one)
    named = _named(connection, question)
    groups = {
        key: keys[0]
        for keys in _groups(some, when)
        if named is None or not named.isdisjoint(keys)
        for key in keys
    }
    found = [
        (case.incident.key, _row(groups[case.incident.key], case, said, question))
        for case in _cases(connection, question, groups)
    ]
    found.sort(key=lambda one: (when[groups[one[0]]], when[one[0]]))
    return [row for _, row in found]


def _named(connection: Connection, question: Question) -> frozenset[str] | None:
    """The incidents that the question names, merged ones by what they count with."""
    named = question.where.get("incident")
    if named is None:
        return None
    merges = state.merges(connection)
    return frozenset(survivor(key, merges) for key in named)


def _when(connection: Connection, question: Question, keys: Iterable[str]) -> dict[str, _When]:
    """When those of the incidents were that the days asked for admit."""
    clocks = Question(
        where={"incident": frozenset(keys)}, as_of=question.as_of, known_by=question.known_by
    )
    admitted = incidents(Selection(connection, clocks, listing=True))
    return {one.key: (one.first_day, one.last_day, one.id) for one in admitted}


def _groups(some: Iterable[Tie], when: Mapping[str, _When]) -> list[list[str]]:
    """The incidents that links hold together, in order; groups by their first."""
    group: dict[str, list[str]] = {}
    for one in some:
        mine, other = (group.setdefault(key, [key]) for key in (one.origin, one.target))
        if mine is not other:
            larger, smaller = (mine, other) if len(mine) >= len(other) else (other, mine)
            larger.extend(smaller)
            group.update(dict.fromkeys(smaller, larger))
    distinct = {id(keys): sorted(keys, key=when.__getitem__) for keys in group.values()}
    return sorted(distinct.values(), key=lambda keys: when[keys[0]])


def _cases(connection: Connection, question: Question, groups: Mapping[str, str]) -> Iterator[Case]:
    """The incidents of the groups that the rest of the question asks for."""
    asked = msgspec.structs.replace(
        question,
        where={**question.where, "incident": frozenset(groups)},
        measures=_measures(question),
    )
    return cases(Selection(connection, asked, listing=True))


def _row(
    group: str, case: Case, said: Mapping[str, Sequence[Tie]], question: Question
) -> tuple[Cell, ...]:
    incident, mine = case.incident, said.get(case.incident.key, ())
    cells = (_cells(_sum(case, measure, question)) for measure in _measures(question))
    return (
        group,
        incident.date,
        incident.key,
        incident.title,
        case.facet.status,
        "; ".join(one.relation for one in mine),
        "; ".join(one.target for one in mine),
        *(cell for some in cells for cell in some),
    )


def _sum(case: Case, measure: str, question: Question) -> Figure:
    """What the question counts of a measure; unknown where nothing is counted."""
    for toll in case.tolls:
        if toll.measure == measure:
            pieces = counted(settle(toll, question), question).pieces
            return figures.add(one.figure for one in pieces) if pieces else NOT_KNOWN
    return NOT_KNOWN


def _cells(figure: Figure) -> tuple[Cell, ...]:
    return figure.low, figure.best, figure.high


def _measures(question: Question) -> tuple[str, ...]:
    return question.measures or MEASURES


def _figure(measure: str) -> tuple[Column, ...]:
    return (
        number(f"{measure}_low", "sum of the known lows", COUNTED),
        number(f"{measure}_best", "sum of the bests, or of the lows where there is none", COUNTED),
        high(f"{measure}_high", "sum of the highs; empty if one of them is unknown: it is open"),
    )
