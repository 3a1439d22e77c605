"""What a retraction may not do: take back what others rest on, or what was taken back already."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from sqlalchemy import text

from ledger.events import stream_of
from ledger.events.checks import Fault
from ledger.events.payloads import (
    BatchImported,
    CountsReported,
    EventRetracted,
    IncidentMerged,
    IncidentRecorded,
    IncidentRevised,
    SourceRegistered,
    SourceRevised,
    TallyDefined,
)
from ledger.projections import rows
from ledger.projections.incidents import Stream, claims_of
from ledger.projections.outcome import OF_INCIDENTS, Outcome, lines_of_reports
from ledger.projections.standing import taken_back
from ledger.store.log import AnyEvent


class TakingBack(Outcome, ABC):
    """The rules of retractions.

    What a retraction does is looked for at the end of the chain, where it takes back another:
    what stands there may lack what it rests on, what is gone may be missed by others.
    """

    @abstractmethod
    def grounds(self, event: AnyEvent) -> Iterator[Fault]:
        """What an event that stands rests on, and that is not there."""

    def retraction(self, event: AnyEvent, data: EventRetracted) -> Iterator[Fault]:
        """What a retraction may not do, whatever it takes back; each fault once."""
        some = self._batch_retraction(event) if data.position is None else self._one(event, data)
        yield from dict.fromkeys(some)

    def _one(self, event: AnyEvent, data: EventRetracted) -> Iterator[Fault]:
        history = self.touched.histories[event.stream]
        target = next((one for one in history if one.position == data.position), None)
        if target is None or target.position >= event.position:
            yield Fault(
                "position",
                "not-here",
                f"position {data.position} holds nothing of {event.stream} to take back",
            )
            return
        yield from self._already(event, data, target)
        if data.line and data.line not in self._lines_of(event.stream, target):
            yield Fault("line", "unknown-line", f"position {data.position} claims no {data.line}")
        if isinstance(target.data, EventRetracted) and data.kind != "error":
            yield Fault("kind", "own-words", "a retraction is ours", "retract it as an error")
        if isinstance(target.data, BatchImported):
            yield Fault("position", "whole-batch", "an import is taken back whole", "use --batch")
        yield from self._effect(event, event)

    def _lines_of(self, stream: str, target: AnyEvent) -> set[str]:
        """The lines that an event claims: as recorded, and as reclassified since."""
        now = lines_of_reports(Stream.plain("", self.touched.histories[stream], self.undone))
        recorded = {claim.line for claim in claims_of(target)}
        return recorded | now.get(target.position, set())

    def _effect(self, event: AnyEvent, retraction: AnyEvent) -> Iterator[Fault]:
        """What may not go or come back when a retraction, `event` or of its import, changes."""
        chain = [retraction, *self._chain(retraction)]
        for one in chain[1:]:
            if isinstance(one.data, EventRetracted) and not self.gone(one):
                yield from self.unknown_sources(one)
        *_, last, end = [retraction, *chain]
        if not isinstance(end.data, EventRetracted):
            line = last.data.line if isinstance(last.data, EventRetracted) else ""
            yield from self._changed(event, end, line)
        elif end.data.position is None:
            yield from self._batch_changed(event, end.stream.partition("/")[2])

    def _chain(self, retraction: AnyEvent) -> Iterator[AnyEvent]:
        """What a retraction takes back, what that one took back, and so on."""
        history = {one.position: one for one in self.touched.histories[retraction.stream]}
        while isinstance(said := retraction.data, EventRetracted) and said.position is not None:
            target = history.get(said.position)
            if target is None or target.position >= retraction.position:
                return
            retraction = target
            yield target

    def _changed(self, event: AnyEvent, one: AnyEvent, line: str = "") -> Iterator[Fault]:
        """What may not be so of an event that is gone by now, or stands again."""
        if self.gone(one, line):
            yield from self._resting(event, one)
        else:
            yield from self.grounds(one)
            yield from self._recorded_anew(one)

    def _batch_changed(self, event: AnyEvent, key: str) -> Iterator[Fault]:
        """The same of all that an import brought, and of what its retractions took back."""
        brought = [
            one
            for history in self.touched.histories.values()
            for one in history
            if one.batch == key and not one.stream.startswith("batch/")
        ]
        for one in brought:
            if isinstance(one.data, EventRetracted):
                yield from self._effect(event, one)
            else:
                yield from self._changed(event, one)

    def _recorded_anew(self, one: AnyEvent) -> Iterator[Fault]:
        if isinstance(one.data, IncidentRecorded | SourceRegistered):
            for other in self.still(self.touched.histories[one.stream]):
                if type(other.data) is type(one.data) and other.position != one.position:
                    message = f"{one.stream} stands already, at position {other.position}"
                    yield Fault("position", "key-taken", message, "retract that first")

    def _batch_retraction(self, event: AnyEvent) -> Iterator[Fault]:
        kind, _, key = event.stream.partition("/")
        before = [one for one in self.touched.histories[event.stream] if one is not event]
        brought = rows.of_batches(self.touched.log, [key])
        if kind != "batch" or not (before or brought):
            yield self.not_found("batch", key, "batch")
            return
        open_ones = taken_back(before, lambda one: one.recorded_at, self.undone)
        for one in before:
            whole = isinstance(one.data, EventRetracted) and one.data.position is None
            if whole and (one.position, "") not in open_ones and one.position < event.position:
                yield Fault("batch", "already-retracted", f"{key} was, at position {one.position}")
        yield from self._batch_changed(event, key)

    def _already(self, event: AnyEvent, data: EventRetracted, target: AnyEvent) -> Iterator[Fault]:
        before = [one for one in self.touched.histories[event.stream] if one is not event]
        before = [one for one in before if one.position < event.position]
        taken = taken_back(before, lambda one: one.recorded_at, self.undone)
        undone = self.undone.get(target.batch)
        if undone is not None and undone.by < event.position:
            message = f"position {target.position} was taken back with its import {target.batch}"
            yield Fault("position", "already-retracted", message)
        whole = data.position or 0
        for spot in {(whole, data.line), (whole, "")} & taken.keys():
            yield Fault(
                "position",
                "already-retracted",
                f"position {data.position} was taken back already, at {taken[spot].by}",
            )

    def _resting(self, event: AnyEvent, target: AnyEvent) -> Iterator[Fault]:
        """What stands on an event that is gone."""
        kind, _, key = target.stream.partition("/")
        match target.data:
            case IncidentRecorded():
                yield from self._resting_on_incident(event, key)
            case SourceRegistered():
                yield from self._resting_on_source(event, key)
            case TallyDefined() if not self.stands(kind, key):
                totals = [one for one in self.touched.totals if one.tally == key]
                yield from _rests(event, [one.position for one in totals if not one.until])
            case CountsReported() | IncidentRevised():
                yield from self._people_without_line(event, key)
            case IncidentMerged(into=into):
                yield from self._merged_before(key)
                yield from self._people_without_line(event, key)
                yield from self._people_without_line(event, into)

    def _merged_before(self, key: str) -> Iterator[Fault]:
        """What a merge may not lead to that is in force again, since a later one is gone."""
        into = self.merges.get(key, "")
        if into and not self.stands("incident", into):
            yield self.not_found("incident", into, "position")
        if self.leads_back(key):
            yield Fault("position", "merge-cycle", f"{key} is merged, in the end, into itself")

    def _resting_on_incident(self, event: AnyEvent, key: str) -> Iterator[Fault]:
        """What stands on an incident that nothing records any more."""
        if self.stands("incident", key):
            yield from self._people_without_line(event, key)
            return
        history = self.touched.histories[stream_of("incident", key)]
        taken = taken_back(history, lambda one: one.recorded_at, self.undone)
        own = [
            one.position
            for one in history
            if isinstance(one.data, (*OF_INCIDENTS,))
            and (one.position, "") not in taken
            and one.batch not in self.undone
        ]
        others = self.connection.execute(
            text(
                "SELECT position FROM links WHERE target_incident = :key "
                "AND source_incident <> :key AND until = ''"
            ),
            {"key": key},
        ).scalars()
        merged = [other for other, into in self.merges.items() if into == key]
        positions = [
            one.position
            for other in merged
            for one in self.touched.log.stream(stream_of("incident", other))
            if isinstance(one.data, IncidentMerged)
        ]
        yield from _rests(event, [*own, *others, *positions])

    def _resting_on_source(self, event: AnyEvent, key: str) -> Iterator[Fault]:
        """What still cites a source that nothing registers any more, or revises it."""
        if not self.stands("source", key):
            streams = rows.citing(self.touched.log, [key])
            own = self.still(self.touched.histories[stream_of("source", key)])
            cited = [
                one.position
                for history in self.touched.log.streams(streams).values()
                for one in self.still(history)
                if any(citation.source == key for citation in one.citations)
            ]
            revised = [one.position for one in own if isinstance(one.data, SourceRevised)]
            yield from _rests(event, [*cited, *revised])

    def _people_without_line(self, event: AnyEvent, key: str) -> Iterator[Fault]:
        made = self.touched.incidents.get(self.counted_with(key))
        claimed = self.claimed_lines(key)
        people = made[1].people if made else []
        yield from _rests(
            event, [one.position for one in people if one.document.line not in claimed]
        )


def _rests(event: AnyEvent, positions: Sequence[int]) -> Iterator[Fault]:
    if positions:
        listed = ", ".join(str(one) for one in sorted(set(positions)))
        yield Fault(
            "position",
            "rested-on",
            f"other events rest on it: position {listed}"
            if len(set(positions)) == 1
            else f"other events rest on it: positions {listed}",
            f"retract those first (see `ledger log {event.stream}`)",
        )
