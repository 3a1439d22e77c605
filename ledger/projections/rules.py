"""What new events may not do to what stands: the rules that need the whole ledger.

They are looked at after the fold and before the commit: the state that they ask of is the one
that the append would leave, so the order of events within one append does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, text

from ledger.counting import lines
from ledger.events import stream_of
from ledger.events.faults import Fault
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
from ledger.projections import rows
from ledger.projections.incidents import Stream, claims_of, lines_of_reports
from ledger.projections.runner import Touched
from ledger.projections.standing import taken_back
from ledger.store.log import AnyEvent
from ledger.vocabulary import did_you_mean

_NAMES = {
    "incident": "SELECT key FROM incidents LIMIT 2000",
    "source": "SELECT key FROM sources LIMIT 2000",
    "tally": "SELECT key FROM tallies LIMIT 2000",
    "batch": "SELECT id FROM batches LIMIT 2000",
}
_REMEDIES = {
    "incident": "add the incident first",
    "source": "add the source first",
    "tally": "add the tally first",
    "batch": "see `ledger log` for the batches",
}
OF_INCIDENTS = (
    IncidentRevised,
    CountsReported,
    ResponsibilityAttributed,
    PersonIdentified,
    IncidentsLinked,
    IncidentMerged,
)


class Breach(NamedTuple):
    """A rule that the event at a position breaks."""

    position: int
    fault: Fault


class BreachError(Exception):
    """New events break rules: the append is undone."""

    def __init__(self, breaches: Sequence[Breach]) -> None:
        super().__init__(f"{len(breaches)} breaches, first: {breaches[0].fault.message}")
        self.breaches = breaches


def check(connection: Connection, events: Sequence[AnyEvent], touched: Touched) -> None:
    """Raise BreachError with everything that the new events may not do."""
    ledger = _Ledger(connection, touched)
    found = [
        Breach(event.position, fault)
        for event in events
        if not ledger.is_plainly_new(event)
        for fault in ledger.faults(event)
    ]
    if found:
        raise BreachError(found)


class _Ledger:
    """What the rules ask: the projections as the new events leave them."""

    def __init__(self, connection: Connection, touched: Touched) -> None:
        self.connection = connection
        self.touched = touched
        self.undone = rows.undone_batches(connection)
        cited = {
            citation.source
            for history in touched.histories.values()
            for event in history
            for citation in event.citations
        }
        self.sources = rows.read_sources(connection, cited)

    def is_plainly_new(self, event: AnyEvent) -> bool:
        """Whether an event begins an incident of which nothing else is said: most of a bulk."""
        return (
            event.version == 1
            and isinstance(event.data, IncidentRecorded)
            and len(event.citations) == 1
            and self._registered(event.citations[0].source, event.position)
            and not self.touched.overlapping
        )

    def faults(self, event: AnyEvent) -> Iterator[Fault]:  # noqa: C901 - one case a type
        """What one event may not do."""
        kind, _, key = event.stream.partition("/")
        yield from self._unknown_sources(event)
        match event.data:
            case IncidentRecorded() | SourceRegistered() | BatchImported() if event.version > 1:
                yield from self._recorded_twice(event)
            case NoteAdded() if not self._stands(kind, key):
                yield self._not_found(kind, key, "of")
            case TotalPublished() if not self._stands("tally", key):
                yield self._not_found("tally", key, "tally")
            case SourceRevised() if not self._stands("source", key):
                yield self._not_found("source", key, "of")
            case SourceRevised():
                yield from self._confidential(key)
            case EventRetracted():
                yield from self._retraction(event, event.data)
        if type(event.data) in OF_INCIDENTS:
            if not self._recorded(key, event.position):
                yield self._not_found("incident", key, "incident")
            else:
                yield from self._of_incident(event, key)
        if isinstance(event.data, TallyDefined):
            yield from self._filter(event.data)
        if key in self.touched.overlapping:
            yield from self._overlap(event, key)

    def _unknown_sources(self, event: AnyEvent) -> Iterator[Fault]:
        for citation in event.citations:
            if not self._registered(citation.source, event.position):
                yield self._not_found("source", citation.source, "source")

    def _registered(self, source: str, before: int) -> bool:
        """Whether a source was registered before a position."""
        found = self.sources.get(source)
        return found is not None and found.position < before

    def _confidential(self, key: str) -> Iterator[Fault]:
        source = self.touched.sources.get(key)
        said = source.document if source else None
        if said and said.confidential and (said.url or said.archived_url or said.author):
            yield Fault(
                "confidential",
                "not-confidential",
                f"source {key} is confidential: it is recorded without address or author",
                "leave out url, archived_url and author",
            )

    def _recorded_twice(self, event: AnyEvent) -> Iterator[Fault]:
        """Refuse a second record of what stands; one that was retracted may come again."""
        taken = taken_back(
            self.touched.histories[event.stream], lambda one: one.recorded_at, self.undone
        )
        for other in self.touched.histories[event.stream]:
            same = type(other.data) is type(event.data) and other.position < event.position
            back = (other.position, "") in taken or other.batch in self.undone
            if same and not back:
                yield Fault(
                    "key",
                    "key-taken",
                    f"{event.stream} stands already, at position {other.position}",
                    "revise it, or choose another key",
                )

    def _of_incident(self, event: AnyEvent, key: str) -> Iterator[Fault]:
        match event.data:
            case IncidentsLinked(to=to):
                yield from self._other_incident(to, key, "to", event.position)
            case IncidentMerged(into=into):
                yield from self._other_incident(into, key, "into", event.position)
                if into != key and self._leads_back(key):
                    yield Fault(
                        "into",
                        "merge-cycle",
                        f"{into} is merged, in the end, into {key}",
                        "retract the other merge first",
                    )
            case PersonIdentified(line=line):
                yield from self._person(key, line)
            case IncidentRevised() as data if data.reclassify:
                yield from self._reclassified(event, data)

    def _other_incident(self, other: str, key: str, field: str, before: int) -> Iterator[Fault]:
        if other == key:
            yield Fault(field, "same-incident", f"{key} cannot stand so to itself")
        elif not self._recorded(other, before):
            yield self._not_found("incident", other, field)

    def _leads_back(self, key: str) -> bool:
        merges, seen = rows.merges(self.connection), {key}
        at = merges.get(key, "")
        while at and at not in seen:
            seen.add(at)
            at = merges.get(at, "")
        return bool(at)

    def _person(self, key: str, line: str) -> Iterator[Fault]:
        claimed = self._claimed_lines(key)
        if line not in claimed:
            near = did_you_mean(line, claimed) if claimed else "the incident counts nobody yet"
            yield Fault(
                "line", "unknown-line", f"{key} has no claim on {line}", f"record the count; {near}"
            )

    def _reclassified(self, event: AnyEvent, data: IncidentRevised) -> Iterator[Fault]:
        history = self.touched.histories[event.stream]
        before = [one for one in history if one.position < event.position]
        claimed = lines_of_reports(Stream.plain("", before, self.undone)).values()
        for old, new in ((one.line, one.to) for one in data.reclassify):
            if not any(old in some for some in claimed):
                yield Fault("reclassify", "unknown-line", f"nothing was claimed on {old}")
            if any(old in some and new in some for some in claimed):
                yield Fault(
                    "reclassify",
                    "line-twice",
                    f"one report claims {old} and {new}",
                    "correct its counts instead",
                )

    def _filter(self, data: TallyDefined) -> Iterator[Fault]:
        for key, values in data.where.items():
            if not values:
                yield Fault("where", "empty", f"{key} has no value to ask for")

    def _overlap(self, event: AnyEvent, key: str) -> Iterator[Fault]:
        """Lines that this event brought, and that would count persons twice."""
        overlapping = self.touched.overlapping.get(key, ())
        brought = {claim.line for claim in claims_of(event)} & {*overlapping}
        if isinstance(event.data, IncidentRevised | EventRetracted):
            brought = {*overlapping[:1]}
        for line in sorted(brought):
            other = self._clashing(key, line)
            yield Fault(
                "line",
                "overlap",
                f"{line} may count persons that {other} of {key} counts",
                f"record {lines.holding(line, other)} first, which holds both; ? will do",
            )

    def _clashing(self, key: str, line: str) -> str:
        measure = lines.parse(line).measure
        claimed = [one for one in self._claimed_lines(key) if lines.parse(one).measure == measure]
        found = [pair for pair in lines.clashes(claimed) if line in pair]
        return next((one for pair in found for one in pair if one != line), measure)

    def _retraction(self, event: AnyEvent, data: EventRetracted) -> Iterator[Fault]:
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

    def _batch_retraction(self, event: AnyEvent) -> Iterator[Fault]:
        kind, _, key = event.stream.partition("/")
        before = [one for one in self.touched.histories[event.stream] if one is not event]
        if kind != "batch" or not before:
            yield self._not_found("batch", key, "batch")
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

    def _lines_of(self, stream: str, target: AnyEvent) -> set[str]:
        """The lines that an event claims: as recorded, and as reclassified since."""
        now = lines_of_reports(Stream.plain("", self.touched.histories[stream], self.undone))
        recorded = {claim.line for claim in claims_of(target)}
        return recorded | now.get(target.position, set())

    def _coming_back(self, event: AnyEvent) -> Iterator[Fault]:
        """What may not come back when a retraction is taken back."""
        kind, _, key = event.stream.partition("/")
        standing = [one for one, _ in self._stream(event.stream).standing]
        records = [one for one in standing if isinstance(one.data, IncidentRecorded)]
        if len(records) > 1:
            message = f"{event.stream} stands already, at position {records[-1].position}"
            yield Fault("position", "key-taken", message, "retract that first")
        if kind == "incident":
            if not records and any(type(one.data) in OF_INCIDENTS for one in standing):
                yield self._not_found("incident", key, "position")
            if self._leads_back(key):
                yield Fault("position", "merge-cycle", f"{key} is merged, in the end, into itself")
        for one in standing:
            yield from self._unknown_sources(one)

    def _stream(self, name: str) -> Stream:
        """A stream's events as they stand, apart from what comes with days."""
        return Stream.plain(name, self.touched.histories[name], self.undone)

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
            case TallyDefined() if not self._stands(kind, key):
                totals = [one.position for one in self.touched.totals if not one.until]
                yield from _rests(event, totals)
            case CountsReported():
                yield from self._people_without_line(event, key)

    def _resting_on_incident(self, event: AnyEvent, key: str) -> Iterator[Fault]:
        """What stands on an incident that nothing records any more."""
        if self._stands("incident", key):
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
        if not self._stands("source", key):
            streams = rows.citing(self.touched.log, [key])
            yield from _rests(
                event,
                [
                    one.position
                    for history in self.touched.log.streams(streams).values()
                    for one in self._still(history)
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
            if kind == "tally" and not self._stands(kind, key):
                rest = [e.position for e in self._still(history) if e.position != event.position]
                yield from _rests(event, rest)

    def _still(self, history: Sequence[AnyEvent]) -> list[AnyEvent]:
        taken = taken_back(history, lambda one: one.recorded_at, self.undone)
        return [
            one
            for one in history
            if (one.position, "") not in taken and one.batch not in self.undone
        ]

    def _people_without_line(self, event: AnyEvent, key: str) -> Iterator[Fault]:
        made = self.touched.incidents.get(self._counted_with(key))
        claimed = self._claimed_lines(key)
        people = made[1].people if made else []
        yield from _rests(
            event, [one.position for one in people if one.document.line not in claimed]
        )

    def _claimed_lines(self, key: str) -> set[str]:
        made = self.touched.incidents.get(self._counted_with(key))
        return {claim.line for claim in made[1].claims} if made else set()

    def _counted_with(self, key: str) -> str:
        """The incident that an incident's claims count with, by the merges in force."""
        merges, seen = rows.merges(self.connection), {key}
        while (into := merges.get(key, "")) and into not in seen:
            seen.add(into)
            key = into
        return key

    def _recorded(self, key: str, before: int) -> bool:
        """Whether an incident stands that was recorded before a position."""
        if key in self.touched.incidents:
            made = self.touched.incidents[key]
            return made is not None and not made[0].until and made[0].position < before
        return self._stands("incident", key)

    def _stands(self, kind: str, key: str) -> bool:
        """Whether something of that name is recorded and was not taken back."""
        found: object
        match kind:
            case "incident":
                if key in self.touched.incidents:
                    made = self.touched.incidents[key]
                    return made is not None and not made[0].until
                query = "SELECT 1 FROM incidents WHERE key = :key AND until = ''"
            case "source":
                query = "SELECT 1 FROM sources WHERE key = :key"
            case "tally":
                query = "SELECT 1 FROM tallies WHERE key = :key"
            case _:
                query = "SELECT 1 FROM batches WHERE id = :key"
        found = self.connection.execute(text(query), {"key": key}).scalar()
        return found is not None

    def _not_found(self, kind: str, key: str, field: str) -> Fault:
        query = _NAMES.get(kind)
        names = list(self.connection.execute(text(query)).scalars()) if query else []
        names = [name for name in names if name != key]
        near = did_you_mean(key, names) if names else f"there is no {kind} yet"
        hint = near if near.startswith(("did", "there")) else _REMEDIES.get(kind, "")
        return Fault(field, f"unknown-{kind}", f"there is no {kind} {key!r}", hint)


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
