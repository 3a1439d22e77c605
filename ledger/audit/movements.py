"""Movements: each event that moved a tally, found by folding the log anew from its start.

A tally is its opening total and what it counts of each incident, and one incident has nothing
to do with another unless they were merged. So events are folded many at a time, as long as no
two of them speak of one incident, and after each such segment only those incidents are counted
again. What may reach further (the tally's own events, a source that changes, an import that is
taken back, a type that is not known) is a segment of its own: then the tally is counted anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, text

from ledger.audit import scratch
from ledger.counting.figures import Figure
from ledger.errors import NotFoundError
from ledger.events import stream_of
from ledger.events.payloads import (
    BatchImported,
    CountsReported,
    EventRetracted,
    IncidentMerged,
    IncidentRecorded,
    IncidentRevised,
    IncidentsLinked,
    NoteAdded,
    PersonIdentified,
    ResponsibilityAttributed,
    SourceRegistered,
    SourceRevised,
    TallyDefined,
    TotalPublished,
)
from ledger.projections import runner
from ledger.projections.incidents import claims_of
from ledger.reports import history, tallies
from ledger.reports.question import PLAIN, Question
from ledger.reports.table import COUNTED, Cell, Table, high, number, position
from ledger.reports.table import text as text_column
from ledger.store import log as store
from ledger.store.log import AnyEvent, Log
from ledger.vocabulary import did_you_mean

COLUMNS = (
    position("position", "0-based place in the log"),
    number("before", "best of the tally before the event; empty: nothing was counted", COUNTED),
    number("after", "best of the tally after it", COUNTED),
    number("after_low", "low of the tally after it", COUNTED),
    high("after_high", "high of the tally after it; empty if it is open"),
    text_column("why", "what the event says: the key of its stream, then in a few words"),
    text_column("source", "keys of the sources cited"),
)

_OF_ONE = (
    IncidentRecorded,
    IncidentRevised,
    CountsReported,
    PersonIdentified,
    ResponsibilityAttributed,
    IncidentsLinked,
    EventRetracted,
)
"""What an incident's stream holds that reaches it alone, and those once merged with it."""

_VERBS: dict[type, str] = {
    IncidentRecorded: "recorded",
    IncidentRevised: "revised",
    IncidentMerged: "merged",
    CountsReported: "reported",
    SourceRegistered: "registered",
    SourceRevised: "revised",
    TallyDefined: "defined",
    TotalPublished: "published",
}

Keys = frozenset[str]
NOBODY: Keys = frozenset()


class Movement(NamedTuple):
    """An event that moved a tally: another low, best or high.

    A figure is None where there was none: no such tally, or nothing that it counted.
    """

    event: AnyEvent
    before: Figure | None
    after: Figure | None


class Segment(NamedTuple):
    """Events to be folded together, and the incidents that each may change.

    None of them may change an incident that another one may change. `reached` is None for a
    single event that may change anything.
    """

    events: list[AnyEvent]
    reached: dict[int, Keys] | None


class Merged:
    """Which incidents were ever merged: what is said of one may count with another."""

    def __init__(self) -> None:
        self._groups: dict[str, set[str]] = {}

    def group(self, key: str) -> Keys:
        """An incident with all that it may count with."""
        return frozenset(self._groups.get(key, (key,)))

    def join(self, one: str, other: str) -> Keys:
        """Take note that one incident was merged into another; gives them with their groups."""
        whole = {*self.group(one), *self.group(other)}
        self._groups.update(dict.fromkeys(whole, whole))
        return frozenset(whole)


class RunningSum:
    """A sum that figures are added to and taken away from: what `figures.add` gives of them."""

    def __init__(self, some: Iterable[Figure] = ()) -> None:
        self._figures = self._lows = self._bests = self._opened = self._vague = 0
        self._low = self._best = self._high = 0
        for figure in some:
            self.add(figure)

    @property
    def figure(self) -> Figure | None:
        """The sum; None where nothing is in it."""
        if not self._figures:
            return None
        best = self._best if self._bests else None
        return Figure(
            self._low if self._lows else None,
            best,
            None if self._opened else self._high,
            bool(self._vague) and best is not None,
        )

    def add(self, figure: Figure) -> None:
        """Add a figure."""
        self._count(figure, 1)

    def take(self, figure: Figure) -> None:
        """Take away a figure that was added."""
        self._count(figure, -1)

    def _count(self, figure: Figure, times: int) -> None:
        low, best, high = figure.low, figure.best, figure.high
        self._figures += times
        self._lows += times * (low is not None)
        self._bests += times * (best is not None)
        self._opened += times * (high is None)
        self._vague += times * (figure.at_least or best is None)
        self._low += times * (low or 0)
        self._best += times * (best or 0)
        self._high += times * (high or 0)


def table(log: Log, tally: str, start: int = 0, stop: int | None = None, stream: str = "") -> Table:
    """A row for each event that moved a tally; the rows are read as the log is folded.

    Only events at positions `start` to `stop` (exclusive) are told, and only those of `stream`
    if one is named (by its whole name, or an incident by its key); all that come before are
    folded with them. Raises NotFoundError for a tally or stream that the log never names.
    """
    _must_be_named(log, tally)
    name = stream if "/" in stream or not stream else stream_of("incident", stream)
    if name and not log.stream(name):
        raise NotFoundError("stream", name, "streams are incident/KEY, source/KEY, tally/KEY")
    folded = Log(log.connection, log.stop if stop is None else min(stop, log.stop))
    rows = (
        _row(one, folded)
        for one in movements(folded, tally)
        if one.event.position >= start and name in ("", one.event.stream)
    )
    return Table(COLUMNS, rows, [f"folded {folded.stop} events"])


def movements(log: Log, tally: str) -> Iterator[Movement]:
    """The events of a log that moved a tally, in order."""
    merged = Merged()
    with scratch.folded(Log(log.connection, 0)) as into:
        following = _Following(log, into, tally)
        for segment in segments(log.read(), lambda event: _reach(event, tally, merged)):
            yield from following.fold(segment)


def segments(
    events: Iterable[AnyEvent], reach: Callable[[AnyEvent], Keys | None]
) -> Iterator[Segment]:
    """Events in segments, each as long as can be; `reach` says which incidents each may change."""
    some: list[AnyEvent] = []
    reached: dict[int, Keys] = {}
    taken: set[str] = set()
    for event in events:
        keys = reach(event)
        if some and (keys is None or len(some) >= store.CHUNK or not taken.isdisjoint(keys)):
            yield Segment(some, reached)
            some, reached, taken = [], {}, set()
        if keys is None:
            yield Segment([event], None)
        else:
            some.append(event)
            reached[event.position] = keys
            taken |= keys
    if some:
        yield Segment(some, reached)


def why(event: AnyEvent, log: Log) -> str:
    """What an event says in a line of text; of a retraction, also what it takes back."""
    said, data = _said(event), event.data
    if isinstance(data, EventRetracted):
        reason = f": {data.reason}" if data.reason else ""
        said = f"takes back {_target(data, event, log)} ({data.kind}){reason}"
    return f"{event.stream.partition('/')[2]}: {said}"


class _Following:
    """A tally as the log is folded: its sum so far, and what each incident adds to it."""

    def __init__(self, log: Log, into: Connection, tally: str) -> None:
        self.log, self.into, self.tally = log, into, tally
        self.sum: RunningSum | None = None
        self.added: dict[str, Figure] = {}

    @property
    def figure(self) -> Figure | None:
        """The tally's total; None where there is no tally, or nothing in it."""
        return self.sum.figure if self.sum else None

    def fold(self, segment: Segment) -> Iterator[Movement]:
        """Fold a segment; the events of it that moved the tally."""
        stop = segment.events[-1].position + 1
        runner.fold(Log(self.log.connection, stop), self.into, segment.events)
        if segment.reached is not None:
            yield from self._some(segment.events, segment.reached)
            return
        before = self.figure
        self._everything()
        yield from _moved(segment.events[0], before, self.figure)

    def _some(self, events: Iterable[AnyEvent], reached: dict[int, Keys]) -> Iterator[Movement]:
        """Count the incidents that were reached again, and find which event moved what."""
        keys = NOBODY.union(*reached.values())
        if self.sum is None or not keys:
            return
        now = _by_incident(self._run(Question(where={"incident": keys})))
        for event in events:
            before = self.figure
            for key in reached[event.position]:
                self._replace(self.sum, key, now.get(key))
            yield from _moved(event, before, self.figure)

    def _replace(self, total: RunningSum, key: str, figure: Figure | None) -> None:
        old = self.added.pop(key, None)
        if old is not None:
            total.take(old)
        if figure is not None:
            self.added[key] = figure
            total.add(figure)

    def _everything(self) -> None:
        run = self._run(PLAIN)
        self.added = _by_incident(run)
        opening = [run.opening.figure] if run and run.opening else []
        self.sum = RunningSum([*opening, *self.added.values()]) if run else None

    def _run(self, question: Question) -> tallies.Run | None:
        """The tally by its steps; None where it is not defined."""
        try:
            return tallies.run(self.into, self.tally, question)
        except NotFoundError:
            return None


def _reach(event: AnyEvent, tally: str, merged: Merged) -> Keys | None:
    """The incidents of which a tally may count something else after an event; None: of any."""
    kind, _, key = event.stream.partition("/")
    data = event.data
    if isinstance(data, NoteAdded) or (kind == "tally" and key != tally):
        return NOBODY
    if isinstance(data, (SourceRegistered, BatchImported)) and event.version == 1:
        return NOBODY
    if kind == "incident" and isinstance(data, IncidentMerged):
        return merged.join(key, data.into)
    if kind == "incident" and isinstance(data, _OF_ONE):
        return merged.group(key)
    return None


def _moved(event: AnyEvent, before: Figure | None, after: Figure | None) -> Iterator[Movement]:
    if _cells(before) != _cells(after):
        yield Movement(event, before, after)


def _by_incident(run: tallies.Run | None) -> dict[str, Figure]:
    return {step.incident.key: step.figure for step in run.steps} if run else {}


def _row(one: Movement, log: Log) -> tuple[Cell, ...]:
    low, best, high = _cells(one.after)
    sources = dict.fromkeys(citation.source for citation in one.event.citations)
    said = why(one.event, log)
    return (one.event.position, _cells(one.before)[1], best, low, high, said, "; ".join(sources))


def _cells(figure: Figure | None) -> tuple[int | None, int | None, int | None]:
    return (figure.low, figure.best, figure.high) if figure else (None, None, None)


def _said(event: AnyEvent) -> str:
    verb = _VERBS.get(type(event.data), "")
    return f"{verb} {history.summary(event) or event.type}".strip()


def _target(data: EventRetracted, event: AnyEvent, log: Log) -> str:
    """What a retraction takes back, in words."""
    if data.position is None:
        return "the whole import"
    where = f"position {data.position}"
    stops = min(data.position + 1, event.position)
    for target in log.read(data.position, stops) if data.position < stops else ():
        if not data.line:
            return f"{where}, {_said(target)}"
        counts = [one.count for one in claims_of(target) if one.line == data.line]
        return " ".join(map(str, [f"{where}, {data.line}", *counts]))
    return where


def _must_be_named(log: Log, tally: str) -> None:
    """Raise NotFoundError for a tally that no event speaks of."""
    statement = (
        "SELECT DISTINCT stream FROM events WHERE stream >= 'tally/' AND stream < 'tally0' "
        "AND position < :stop ORDER BY stream"
    )
    names = log.connection.execute(text(statement), {"stop": log.stop}).scalars()
    known = [name.partition("/")[2] for name in names]
    if tally not in known:
        raise NotFoundError(
            "tally", tally, did_you_mean(tally, known) if known else "add one first"
        )
