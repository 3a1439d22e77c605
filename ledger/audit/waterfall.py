"""Waterfalls: why a total moved from one state of a ledger to a later one.

What is counted of each incident is compared in both states; each difference has the cause that
the events between them give it. Of a tally there come two more causes: it was defined anew, and
its opening total changed. So the parts add up to the whole. Low, best and high are sums of what
is known: an unknown count is in none of them before it is known, and a high that is open is no
number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import msgspec

from ledger.audit import because, redefined, sides
from ledger.audit.causes import Cause, speaks, steps
from ledger.audit.parts import NOTHING, Change, Counting, End, Place, cells, changes
from ledger.audit.sides import Side
from ledger.audit.spans import legs
from ledger.counting.figures import Figure
from ledger.events import stream_of
from ledger.reports import totals
from ledger.reports.definition import Asked
from ledger.reports.question import Question
from ledger.reports.question import check as check_question
from ledger.reports.table import COUNTED, Cell, Column, Table, high, number, text
from ledger.reports.totals import Group
from ledger.store.log import AnyEvent, Log, bulk_work

START, END = "start", "end"
_INCIDENT = text("incident", "key of the incident; empty for the opening total")
_SOME = 500
_CLAIMING = (Cause.UP, Cause.RECLASSIFIED, Cause.RETRACTED)
_UNKNOWN = (
    "an unknown count is in no sum, so it moves one only when it becomes known; "
    "a high is empty where it is open on either side"
)


class Delta(NamedTuple):
    """By how much a sum moved; None where nothing is known, or (of `high`) where it is open."""

    low: int | None
    best: int | None
    high: int | None


class Measured(NamedTuple):
    """A change, with what it comes to."""

    change: Change
    delta: Delta


class Waterfall(NamedTuple):
    """The whole in both states, by group, and every change between.

    The changes of one incident follow each other in the order in which they came about.
    `measure` is that of a tally; else the groups end in theirs.
    """

    start: Mapping[Group, End]
    end: Mapping[Group, End]
    changes: Sequence[Measured]
    measure: str
    notes: Sequence[str]


def report(asked: Asked) -> Table:
    """The waterfall from the state with which it is to begin, to the one asked of."""
    after = Side(asked.connection, asked.log, asked.question.known_by)
    with sides.start(asked) as before:
        found = waterfall(before, after, asked.question, asked.tally)
    columns = every_column(asked.question, of_tally=bool(asked.tally), listed=asked.listed)
    return table(found, columns, (asked.log, asked.start.events) if asked.listed else None)


def waterfall(before: Side, after: Side, question: Question, tally: str = "") -> Waterfall:
    """Why the total of a question, or of a tally under it, moved.

    Raises QuestionError for what cannot be asked, NotFoundError for a tally that neither side
    has.
    """
    with bulk_work():
        return _waterfall(before, after, question, tally)


def table(
    found: Waterfall, columns: tuple[Column, ...], listed: tuple[Log, int] | None = None
) -> Table:
    """The waterfall as a report, under `every_column`: a row for each end, and for each cause.

    With `listed`, the log of the later state and the number of events of the earlier one, a row
    for each change instead, with what its events say.
    """
    rows = _listed_rows(found, columns, *listed) if listed else _rows(found)
    return Table(columns, rows, list(found.notes))


def every_column(question: Question, *, of_tally: bool, listed: bool) -> tuple[Column, ...]:
    """The columns of a waterfall; `listed` adds each incident and what the events say of it."""
    causes = ", ".join(Cause)
    incident = () if "incident" in question.by else (_INCIDENT,)
    return (
        *(() if of_tally else totals.columns(question)),
        text("part", f"{START} and {END}: the whole; between them why it moved: {causes}"),
        *(incident if listed else ()),
        number("best", "sum of the bests; in between by how much it moved", COUNTED),
        number("low", "sum of the lows, likewise", COUNTED),
        high("high", "sum of the highs, likewise; empty where open on either side"),
        number("incidents", "incidents counted; in between those concerned", "incidents"),
        *(because.COLUMNS if listed else ()),
    )


def sums(found: Waterfall) -> dict[Group, dict[Cause, tuple[Delta, int]]]:
    """By group and cause, in the order of rows: by how much it moved, and of how many incidents."""
    return {
        group: {
            cause: (_sum([one.delta for one in causes[cause]]), _concerned(causes[cause]))
            for cause in Cause
            if cause in causes
        }
        for group, causes in _gathered(found).items()
    }


def _waterfall(before: Side, after: Side, question: Question, tally: str) -> Waterfall:
    way = legs(before, after)
    check_question(question, after.connection)
    notes = [f"from {before.log.stop} to {after.log.stop} events"]
    if before.known_by != after.known_by:
        notes.append(f"known by {before.known_by}, then by {after.known_by}")
    start: Mapping[Group, End]
    end: Mapping[Group, End]
    if tally:
        first, last, moved = redefined.moved(way, before, after, question, tally)
        start, end = {(): first.whole}, {(): last.whole}
        told: tuple[Sequence[str], Sequence[str]] = (first.notes, last.notes)
        (measure,) = last.question.measures or first.question.measures
    else:
        start, first_notes = _wholes(before, question)
        end, last_notes = _wholes(after, question)
        told, measure = (first_notes, last_notes), ""
        moved = [one for leg in way for one in changes(leg, Counting(question))]
    notes += [f"{START}: {note}" for note in told[0]] + [f"{END}: {note}" for note in told[1]]
    return Waterfall(start, end, list(_measured(moved)), measure, [*notes, _UNKNOWN])


def _wholes(side: Side, question: Question) -> tuple[dict[Group, End], Sequence[str]]:
    """What the report of totals says of a question in one state, by group; and its notes."""
    asked = msgspec.structs.replace(question, known_by=side.known_by)
    width = len(totals.columns(asked))
    answer, found = totals.totals(side.connection, asked), dict[Group, End]()
    for row in answer.rows:
        low, best, most, incidents = (_whole(cell) for cell in row[width : width + 4])
        found[tuple(map(str, row[:width]))] = End(Figure(low, best, most), incidents or 0)
    return found, answer.notes


def _whole(cell: Cell) -> int | None:
    return cell if isinstance(cell, int) else None


def _measured(moved: Iterable[Change]) -> Iterator[Measured]:
    """The changes, those of one place together, each with what it comes to."""
    by_place: dict[Place, list[Change]] = {}
    for one in moved:
        by_place.setdefault(one.place, []).append(one)
    for _, some in sorted(by_place.items()):
        yield from map(Measured, some, _deltas(some))


def _deltas(some: list[Change]) -> Iterator[Delta]:
    """What changes that follow each other come to.

    A high that was open only in between is passed over: it is a number at both ends, so the
    parts must add up to the difference.
    """
    last = _high(some[0].before)
    passing = last is not None and _high(some[-1].after) is not None
    for one in some:
        now = _high(one.after)
        if passing and now is None:
            now = last
        highest = now - last if now is not None and last is not None else None
        last = now
        (low, best, _), (new_low, new_best, _) = cells(one.before), cells(one.after)
        yield Delta(_less(new_low, low), _less(new_best, best), highest)


def _high(figure: Figure | None) -> int | None:
    """A high, 0 where nothing is counted; None where it is open."""
    return figure.high if figure else 0


def _less(after: int | None, before: int | None) -> int | None:
    return None if after is None and before is None else (after or 0) - (before or 0)


def _gathered(found: Waterfall) -> dict[Group, dict[Cause, list[Measured]]]:
    gathered: dict[Group, dict[Cause, list[Measured]]] = {}
    for one in found.changes:
        causes = gathered.setdefault(one.change.place[0], {})
        causes.setdefault(one.change.cause, []).append(one)
    return gathered


def _sum(some: list[Delta]) -> Delta:
    lows = [one.low for one in some if one.low is not None]
    bests = [one.best for one in some if one.best is not None]
    highs = [one.high for one in some if one.high is not None]
    return Delta(
        sum(lows) if lows else None,
        sum(bests) if bests else None,
        sum(highs) if len(highs) == len(some) else None,
    )


def _concerned(some: Iterable[Measured]) -> int:
    return len({one.change.place[1] for one in some} - {""})


def _groups(found: Waterfall) -> list[Group]:
    changed = (one.change.place[0] for one in found.changes)
    return sorted({*found.start, *found.end, *changed}, key=totals.in_order)


def _rows(found: Waterfall) -> Iterator[tuple[Cell, ...]]:
    """Group by group: the start, why it moved, the end."""
    by_cause = sums(found)
    for group in _groups(found):
        yield (*group, START, *_end(found.start.get(group, NOTHING)))
        for cause, (delta, incidents) in by_cause.get(group, {}).items():
            yield (*group, cause.value, delta.best, delta.low, delta.high, incidents)
        yield (*group, END, *_end(found.end.get(group, NOTHING)))


def _listed_rows(
    found: Waterfall, columns: tuple[Column, ...], log: Log, start: int
) -> Iterator[tuple[Cell, ...]]:
    """The same with a row for each change: by cause, then by incident."""
    gathered = _gathered(found)
    named = _INCIDENT in columns
    for group in _groups(found):
        causes = gathered.get(group, {})
        nobody = ("",) if named else ()
        yield (*group, START, *nobody, *_end(found.start.get(group, NOTHING)), "", "", "")
        for cause in (one for one in Cause if one in causes):
            for key, *cells_ in _listed(causes[cause], found.measure, log, start):
                yield (*group, cause.value, *((key,) if named else ()), *cells_)
        yield (*group, END, *nobody, *_end(found.end.get(group, NOTHING)), "", "", "")


def _end(end: End) -> tuple[Cell, ...]:
    low, best, most = cells(end.figure)
    return best, low, most, end.incidents


def _listed(
    some: Iterable[Measured], measure: str, log: Log, start: int
) -> Iterator[tuple[Cell, ...]]:
    waiting = iter(some)
    while chunk := list(islice(waiting, _SOME)):
        new = _of_new([one.change for one in chunk], measure, log, start)
        for change, delta in chunk:
            events = map(log.at, change.positions) if change.positions else new[change.place]
            _, key = change.place
            figures = (delta.best, delta.low, delta.high, int(bool(key)))
            yield (key, *figures, *because.cells(events, log))


def _of_new(
    some: Iterable[Change], measure: str, log: Log, start: int
) -> dict[Place, list[AnyEvent]]:
    """Of incidents that are new, the events that say what is counted of them."""
    places = [one.place for one in some if not one.positions]
    histories = log.streams(dict.fromkeys(stream_of("incident", key) for _, key in places))
    return {
        (group, key): [
            one.event
            for one in steps(histories.get(stream_of("incident", key), []), start)
            if one.cause in _CLAIMING and speaks(one, measure or group[-1], log)
        ]
        for group, key in places
    }
