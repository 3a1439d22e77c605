"""A ledger of what qualifies: the other way to answer a question with clocks.

Of the first N events of a ledger it leaves out the claims, attributions, persons, links and
published totals that were not known by a day, or that are of a later one. What is left is
appended, as it was, to an empty ledger, which is then asked without clocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, cast

import msgspec

from ledger import codec, dates
from ledger.app import Ledger
from ledger.events import Event
from ledger.events import payloads as said
from ledger.present import Present
from ledger.projections import state
from ledger.projections.incidents import survivor
from ledger.store import log as store
from ledger.store.log import AnyEvent

TELLING = (
    said.IncidentRecorded,
    said.CountsReported,
    said.ResponsibilityAttributed,
    said.PersonIdentified,
)
"""What makes an incident known."""
DATED = (*TELLING[1:], said.IncidentsLinked, said.TotalPublished)
"""What is said on a day; headers, merges, sources and definitions are as the log has them."""
ALWAYS = "9999-12-31"


class Clocks(NamedTuple):
    """The days asked for; "" is none."""

    as_of: str = ""
    known_by: str = ""


def fill(less: Ledger, whole: Present, clocks: Clocks) -> list[int]:
    """Append what qualifies to an empty ledger; gives where each of its events stood."""
    kept = list(_Sieve(whole, clocks).kept())
    stood = [event.position for event in kept]
    there = {old: new for new, old in enumerate(stood)}
    versions: dict[str, int] = {}
    bodies = []
    for position, event in enumerate(kept):
        versions[event.stream] = versions.get(event.stream, 0) + 1
        moved = msgspec.structs.replace(
            event, position=position, version=versions[event.stream], data=_moved(event, there)
        )
        bodies.append(codec.encode(cast("Event[said.Payload]", moved)))
    with less.database.writing() as connection:
        store.append_bodies(connection, bodies, less._fold)
    return stood


def _moved(event: AnyEvent, there: Mapping[int, int]) -> said.Payload:
    data = event.data
    assert isinstance(data, said.Payload)
    if isinstance(data, said.EventRetracted) and data.position is not None:
        return msgspec.structs.replace(data, position=there[data.position])
    return data


def _errors(events: Sequence[AnyEvent]) -> set[int | str]:
    """The positions and batches that were recorded in error: nothing of them was ever known."""
    undone: set[int | str] = set()
    found: set[int | str] = set()
    for event in reversed(events):
        data = event.data
        if not isinstance(data, said.EventRetracted) or {event.position, event.batch} & undone:
            continue
        whole = event.stream.partition("/")[2] if data.position is None else data.position
        if not data.line:
            undone.add(whole)
            found |= {whole} if data.kind == "error" else set()
    return found


class _Sieve:
    """Tells what qualifies of a ledger at one position."""

    def __init__(self, whole: Present, clocks: Clocks) -> None:
        self.events: Sequence[AnyEvent] = list(whole.log.read())
        self.as_of, self.known_by = clocks.as_of or ALWAYS, clocks.known_by or ALWAYS
        self.days = {one.key: one.known for one in state.sources(whole.connection)}
        self.merges = state.merges(whole.connection)
        rows = whole.connection.exec_driver_sql("SELECT key, first_day FROM incidents")
        self.first_days = {row.key: row.first_day for row in rows}
        errors = _errors(self.events)
        self.incidents = {
            survivor(key, self.merges)
            for event in self.events
            if isinstance(event.data, TELLING) and self.is_known(event)
            if not {event.position, event.batch} & errors
            for key in [event.stream.partition("/")[2]]
        }

    def kept(self) -> Iterator[AnyEvent]:
        """The events that qualify, as far as they do."""
        gone: set[int] = set()
        before = {event.position: event for event in self.events}
        for event in self.events:
            found = self._part(event, gone, before.__getitem__)
            if found is None:
                gone.add(event.position)
            else:
                yield msgspec.structs.replace(event, data=found)

    def is_known(self, event: AnyEvent) -> bool:
        """Whether an event was known by the day: that of its source, or when it was recorded."""
        recorded = event.recorded_at[:10]
        days = (self.days.get(one.source, recorded) for one in event.citations)
        return min(days, default=recorded) <= self.known_by

    def is_of_incident(self, key: str) -> bool:
        """Whether the incident that a key counts with was, and was known, by the days."""
        kept = survivor(key, self.merges)
        return kept in self.incidents and self.first_days.get(kept, "") <= self.as_of

    def _part(
        self, event: AnyEvent, gone: set[int], before: Callable[[int], AnyEvent]
    ) -> said.Payload | None:
        kind, _, key = event.stream.partition("/")
        data = event.data
        assert isinstance(data, said.Payload)
        if kind == "incident" and not self.is_of_incident(key):
            return None
        match data:
            case said.IncidentRecorded() if not self.is_known(event):
                return msgspec.structs.replace(data, counts=(), attributions=())
            case said.IncidentMerged() if not self.is_of_incident(data.into):
                return None
            case said.TotalPublished() if (dates.parse(data.as_of).last or "") > self.as_of:
                return None
            case said.EventRetracted():
                return data if self._takes_back(event, data, gone, before) else None
        return None if isinstance(data, DATED) and not self.is_known(event) else data

    def _takes_back(
        self,
        event: AnyEvent,
        data: said.EventRetracted,
        gone: set[int],
        before: Callable[[int], AnyEvent],
    ) -> bool:
        """Whether a retraction is of what qualifies, and was published by the day itself.

        Errors are taken back at every day; of headers and merges the log alone decides.
        """
        if data.position in gone:
            return False
        if data.kind == "error" or self.is_known(event):
            return True
        of = None if data.position is None else before(data.position).data
        return isinstance(of, said.IncidentRevised | said.IncidentMerged)
