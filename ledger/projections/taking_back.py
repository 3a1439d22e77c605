"""What a retraction may not do: take back what others rest on, or what was taken back already."""

from __future__ import annotations

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
    SourceRegistered,
    TallyDefined,
)
from ledger.projections import rows
from ledger.projections.incidents import Stream, claims_of
from ledger.projections.outcome import OF_INCIDENTS, Outcome, lines_of_reports
from ledger.projections.standing import taken_back
from ledger.store.log import AnyEvent


class TakingBack(Outcome):
    """The rules of retractions."""

    def retraction(self, event: AnyEvent, data: EventRetracted) -> Iterator[Fault]:
        """What a retraction may not do, whatever it takes back."""
        if data.position is None:
            yield from self._batch_retraction(event)
            return
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
        if isinstance(target.data, EventRetracted):
            if data.kind != "error":
                yield Fault("kind", "own-words", "a retraction is ours", "retract it as an error")
            yield from self._coming_back(event)
        if isinstance(target.data, BatchImported):
            yield Fault("position", "whole-batch", "an import is taken back whole", "use --batch")
        yield from self._resting(event, target)

    def _lines_of(self, stream: str, target: AnyEvent) -> set[str]:
        """The lines that an event claims: as recorded, and as reclassified since."""
        now = lines_of_reports(Stream.plain("", self.touched.histories[stream], self.undone))
        recorded = {claim.line for claim in claims_of(target)}
        return recorded | now.get(target.position, set())

    def _coming_back(self, event: AnyEvent) -> Iterator[Fault]:
        """What may not come back when a retraction is taken back."""
        kind, _, key = event.stream.partition("/")
        standing = [one for one, _ in self.stream(event.stream).standing]
        records = [one for one in standing if isinstance(one.data, IncidentRecorded)]
        if len(records) > 1:
            message = f"{event.stream} stands already, at position {records[-1].position}"
            yield Fault("position", "key-taken", message, "retract that first")
        if kind == "incident":
            if not records and any(type(one.data) in OF_INCIDENTS for one in standing):
                yield self.not_found("incident", key, "position")
            if self.leads_back(key):
                yield Fault("position", "merge-cycle", f"{key} is merged, in the end, into itself")
        for one in standing:
            yield from self.unknown_sources(one)

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
        for name, history in self.touched.histories.items():
            if name.startswith("incident/") and any(one.batch == key for one in history):
                yield from self._resting_on_incident(event, name.partition("/")[2])
        yield from self._resting_on_sources(event, key)

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
        kind, _, key = event.stream.partition("/")
        match target.data:
            case IncidentRecorded():
                yield from self._resting_on_incident(event, key)
            case SourceRegistered():
                yield from self._resting_on_source(event, key)
            case TallyDefined() if not self.stands(kind, key):
                totals = [one.position for one in self.touched.totals if not one.until]
                yield from _rests(event, totals)
            case CountsReported():
                yield from self._people_without_line(event, key)

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
        merged = [other for other, into in rows.merges(self.connection).items() if into == key]
        positions = [
            one.position
            for other in merged
            for one in self.touched.log.stream(stream_of("incident", other))
            if isinstance(one.data, IncidentMerged)
        ]
        yield from _rests(event, [*own, *others, *positions])

    def _resting_on_source(self, event: AnyEvent, key: str) -> Iterator[Fault]:
        if not self.stands("source", key):
            streams = rows.citing(self.touched.log, [key])
            yield from _rests(
                event,
                [
                    one.position
                    for history in self.touched.log.streams(streams).values()
                    for one in self.still(history)
                    if any(citation.source == key for citation in one.citations)
                ],
            )

    def _resting_on_sources(self, event: AnyEvent, batch: str) -> Iterator[Fault]:
        """What still cites the sources that a batch brought, or speaks of its tallies."""
        for name, history in self.touched.log.streams(
            rows.of_batches(self.touched.log, [batch])
        ).items():
            kind, _, key = name.partition("/")
            if kind == "source":
                yield from self._resting_on_source(event, key)
            if kind == "tally" and not self.stands(kind, key):
                rest = [e.position for e in self.still(history) if e.position != event.position]
                yield from _rests(event, rest)

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
