"""What new events may not do to what stands: the rules that need the whole ledger.

They are looked at after the fold and before the commit: the state that they ask of is the one
that the append would leave, so the order of events within one append does not matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.counting import lines
from ledger.events import stream_of
from ledger.events.checks import Fault
from ledger.events.payloads import (
    BatchImported,
    EventRetracted,
    IncidentMerged,
    IncidentRecorded,
    IncidentRevised,
    IncidentsLinked,
    NoteAdded,
    PersonIdentified,
    Reclassified,
    SourceRegistered,
    SourceRevised,
    TallyDefined,
    TotalPublished,
)
from ledger.projections.incidents import Stream, claims_of
from ledger.projections.outcome import OF_INCIDENTS, lines_of_reports
from ledger.projections.runner import Touched
from ledger.projections.standing import taken_back
from ledger.projections.taking_back import TakingBack
from ledger.store.log import AnyEvent
from ledger.vocabulary import did_you_mean


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
    ledger = _Rules(connection, touched)
    found = [
        Breach(event.position, fault)
        for event in events
        if not ledger.is_plainly_new(event)
        for fault in ledger.faults(event)
    ]
    if found:
        raise BreachError(found)


class _Rules(TakingBack):
    """The rules of everything that is added, and of what takes back."""

    def is_plainly_new(self, event: AnyEvent) -> bool:
        """Whether an event begins an incident of which nothing else is said: most of a bulk."""
        return (
            event.version == 1
            and isinstance(event.data, IncidentRecorded)
            and len(event.citations) == 1
            and self.registered(event.citations[0].source, event.position)
            and not self.touched.overlapping
        )

    def faults(self, event: AnyEvent) -> Iterator[Fault]:
        """What one event may not do."""
        yield from self.grounds(event)
        match event.data:
            case IncidentRecorded() | SourceRegistered() | BatchImported() if event.version > 1:
                yield from self._recorded_twice(event)
            case IncidentRevised(reclassify=moved) if moved:
                yield from self._moves_nothing(event, moved)
            case TallyDefined():
                yield from self._filter(event.data)
            case EventRetracted():
                yield from self.retraction(event, event.data)
        if self.touched.overlapping:
            yield from self._overlap(event)

    def grounds(self, event: AnyEvent) -> Iterator[Fault]:
        """What an event that stands rests on, and that is not there."""
        kind, _, key = event.stream.partition("/")
        yield from self.unknown_sources(event)
        match event.data:
            case NoteAdded() if not self.stands(kind, key):
                yield self.not_found(kind, key, "of")
            case TotalPublished() if not self.stands("tally", key):
                yield self.not_found("tally", key, "tally")
            case SourceRevised() if not self.stands("source", key):
                yield self.not_found("source", key, "of")
            case SourceRevised():
                yield from self._confidential(key)
        if type(event.data) in OF_INCIDENTS:
            if not self.recorded(key, event.position):
                yield self.not_found("incident", key, "incident")
            else:
                yield from self._of_incident(event, key)

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
                if into != key and self.leads_back(key):
                    yield Fault(
                        "into",
                        "merge-cycle",
                        f"{into} is merged, in the end, into {key}",
                        "retract the other merge first",
                    )
            case PersonIdentified(line=line):
                yield from self._person(key, line)
            case IncidentRevised(reclassify=moved) if moved:
                yield from self._line_twice(event, moved)

    def _other_incident(self, other: str, key: str, field: str, before: int) -> Iterator[Fault]:
        if other == key:
            yield Fault(field, "same-incident", f"{key} cannot stand so to itself")
        elif not self.recorded(other, before):
            yield self.not_found("incident", other, field)

    def _person(self, key: str, line: str) -> Iterator[Fault]:
        claimed = self.claimed_lines(key)
        if line not in claimed:
            near = did_you_mean(line, claimed) if claimed else "the incident counts nobody yet"
            yield Fault(
                "line", "unknown-line", f"{key} has no claim on {line}", f"record the count; {near}"
            )

    def _claimed_before(self, event: AnyEvent) -> Collection[set[str]]:
        """The lines that each report claimed before an event, where they stood then."""
        history = self.touched.histories[event.stream]
        before = [one for one in history if one.position < event.position]
        return lines_of_reports(Stream.plain("", before, self.undone)).values()

    def _moves_nothing(self, event: AnyEvent, moved: Sequence[Reclassified]) -> Iterator[Fault]:
        claimed = self._claimed_before(event)
        for old in (one.line for one in moved):
            if not any(old in some for some in claimed):
                yield Fault("reclassify", "unknown-line", f"nothing was claimed on {old}")

    def _line_twice(self, event: AnyEvent, moved: Sequence[Reclassified]) -> Iterator[Fault]:
        claimed = self._claimed_before(event)
        for old, new in ((one.line, one.to) for one in moved):
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

    def _overlap(self, event: AnyEvent) -> Iterator[Fault]:
        """Lines that would count persons twice: this event brought them, or moved what held them.

        A line that was moved away may have counted with those of another incident.
        """
        said = {claim.line for claim in claims_of(event)}
        for key, overlapping in self.touched.overlapping.items():
            brought = said & {*overlapping} if event.stream == stream_of("incident", key) else set()
            if isinstance(event.data, IncidentRevised | EventRetracted | IncidentMerged):
                brought = {*overlapping[:1]}
            for line in sorted(brought):
                other = self.clashing(key, line)
                yield Fault(
                    "line",
                    "overlap",
                    f"{line} may count persons that {other} of {key} counts",
                    f"record {lines.holding(line, other)} first, which holds both; ? will do",
                )
