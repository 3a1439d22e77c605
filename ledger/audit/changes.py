"""The report `changes`: every figure of a line that changed between two states, as an erratum.

A row says which line of which incident, what its figure was, what it is, and because of what.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

import msgspec

from ledger.audit import because, sides
from ledger.audit.causes import Cause, Step, speaks
from ledger.audit.sides import Side
from ledger.audit.spans import Leg, legs
from ledger.counting import lines
from ledger.events.payloads import IncidentRevised
from ledger.reports import listings
from ledger.reports.definition import Asked
from ledger.reports.question import PLAIN, Question
from ledger.reports.question import check as check_question
from ledger.reports.table import COUNTED, Cell, Table, high, number, text
from ledger.store.log import AnyEvent, Log, bulk_work

COLUMNS = (
    text("incident", "key of the incident"),
    text("date", "date of the incident as written"),
    text("line", "measure and attributes"),
    text("change", "new (there was no such line), changed, gone (there is none any more)"),
    number("was_low", "low of the line before", COUNTED),
    number("was_best", "its best before, or its low where there was no best", COUNTED),
    high("was_high", "its high before; empty: open, or no such line"),
    number("is_low", "low of the line now", COUNTED),
    number("is_best", "its best now, or its low where there is no best", COUNTED),
    high("is_high", "its high now; empty: open, or no such line"),
    *because.COLUMNS,
)
_SOME = 500
_FILTERED = (Cause.REVISED, Cause.ACTORS)
"""What moves no line by itself."""
_NONE = (None, None, None)
Cells = tuple[Cell, ...]
Place = tuple[str, str]
"""An incident by key, and a line of it."""


class Figure(NamedTuple):
    """What a line comes to, and the date of its incident."""

    date: Cell
    cells: Cells


class Changed(NamedTuple):
    """A line whose figure changed; None where there was, or is, no such line."""

    place: Place
    was: Figure | None
    is_: Figure | None


def report(asked: Asked) -> Table:
    """The report as it is declared: from the state with which it is to begin, to the one asked of.

    Raises QuestionError where the first is the later one.
    """
    after = Side(asked.connection, asked.log, asked.question.known_by)
    with sides.start(asked) as before:
        return changes(before, after, asked.question)


def changes(before: Side, after: Side, question: Question) -> Table:
    """A row for each figure of the report `counts` that is another, by incident and line.

    The rows are read as the log is: their events are looked up some at a time, in the log of
    `after` alone.
    """
    way = legs(before, after)
    check_question(question, after.connection)
    with bulk_work():
        keys = set[str]().union(*(leg.candidates() for leg in way))
        found = sorted(_changed(before, after, question, keys)) if keys else []
    notes = [
        f"{name} the first {log.stop} events, root {log.root()}"
        for name, log in (("was: of", before.log), ("is: of", after.log))
    ]
    if before.known_by != after.known_by:
        notes.append(f"known by {before.known_by}, then by {after.known_by}")
    notes.append("1 figure changed" if len(found) == 1 else f"{len(found)} figures changed")
    return Table(COLUMNS, _rows(found, way, question, after.log), notes)


def _changed(
    before: Side, after: Side, question: Question, keys: Collection[str]
) -> Iterator[Changed]:
    was = dict(_figures(before, question, keys))
    for place, figure in _figures(after, question, keys):
        old = was.pop(place, None)
        if old is None or old.cells != figure.cells:
            yield Changed(place, old, figure)
    for place, old in was.items():
        yield Changed(place, old, None)


def _figures(
    side: Side, question: Question, keys: Collection[str]
) -> Iterator[tuple[Place, Figure]]:
    """The figures of the lines of some incidents, as the report `counts` has them."""
    asked = msgspec.structs.replace(question, known_by=side.known_by)
    named = frozenset(keys)
    where = {**asked.where, "incident": asked.where.get("incident", named) & named}
    asked = msgspec.structs.replace(asked, where=where)
    for incident, date, line, _, *figure, _, _ in listings.counts(side.connection, asked).rows:
        yield (str(incident), str(line)), Figure(date, tuple(figure))


def _rows(
    found: Iterable[Changed], way: Iterable[Leg], question: Question, log: Log
) -> Iterator[tuple[Cell, ...]]:
    waiting, way = iter(found), list(way)
    while chunk := list(islice(waiting, _SOME)):
        steps = _steps(way, {one.place[0] for one in chunk})
        for (key, line), was, is_ in chunk:
            figure = is_ or was
            change = "gone" if is_ is None else "changed" if was else "new"
            events = _of_line(steps[key], line, question, log)
            yield (
                key,
                figure.date if figure else "",
                line,
                change,
                *(was.cells if was else _NONE),
                *(is_.cells if is_ else _NONE),
                *because.cells(events, log),
            )


def _steps(way: Iterable[Leg], keys: Collection[str]) -> Mapping[str, list[Step]]:
    """By incident, what may have moved it, in the order of the log."""
    found: dict[str, dict[int, Step]] = {key: {} for key in keys}
    for leg in way:
        for key, steps in leg.steps(keys):
            found[key].update((step.event.position, step) for step in steps)
    return {key: [some[position] for position in sorted(some)] for key, some in found.items()}


def _of_line(steps: Iterable[Step], line: str, question: Question, log: Log) -> list[AnyEvent]:
    """The events that may have moved a line: a claim moves the lines that it lies within too."""
    measure = lines.parse(line).measure
    return [
        one.event
        for one in steps
        if speaks(one, measure, log) and (_moves_lines(one) or _filters(question))
    ]


def _moves_lines(step: Step) -> bool:
    """Whether an event does more than to make a filter admit an incident, or not."""
    data = step.event.data
    return step.cause not in _FILTERED or (
        isinstance(data, IncidentRevised) and bool(data.reclassify)
    )


def _filters(question: Question) -> bool:
    """Whether it matters what an incident is, beside what is claimed of its lines."""
    asked = msgspec.structs.replace(question, known_by=None, measures=(), by=(), policy="latest")
    return asked != PLAIN
