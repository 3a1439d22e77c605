"""Brings the projections up to date with new events: live and in a rebuild, the same code.

New events are grouped by stream; each stream that they touch is projected anew from all its
events, and its rows are replaced. Sources, tallies and batches come first, since incidents
depend on them: where one changes, the streams that depend on it are touched as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.events import stream_of
from ledger.events.payloads import BatchImported, IncidentMerged, SourceRegistered
from ledger.projections import incidents, plain, registers, rows, state
from ledger.projections.incidents import Header, Said, Stream
from ledger.projections.kept import Kept
from ledger.projections.plain import Plain
from ledger.projections.registers import Batch, Source, Sources, Tally, Total
from ledger.store.log import AnyEvent, Log

Histories = dict[str, Sequence[AnyEvent]]


class Touched(NamedTuple):
    """What new events brought about; what the rules look at, and what was written.

    An incident is None where nothing records it any more; plain ones are left out.
    """

    log: Log
    sources: dict[str, Source | None]
    tallies: dict[str, Tally | None]
    totals: list[Total]
    batches: dict[str, Batch]
    incidents: dict[str, tuple[Header, Said] | None]
    histories: Histories
    overlapping: dict[str, list[str]]
    """Lines of incidents, not merged in, that would count persons twice."""


def fold(
    log: Log, into: Connection, events: Sequence[AnyEvent], kept: Kept | None = None
) -> Touched:
    """Bring the projections in `into` up to date with events that stand at the end of `log`.

    With `kept`, which other folds share, the sums are left to the caller to be written.
    """
    own = kept or Kept()
    before = events[0].position if events else log.stop
    projector = _Projector(log, into, before, own)
    histories = projector.histories(events)
    sources = projector.sources(registers.streams_of("source", histories))
    histories |= projector.citing(sources, histories)
    batches = projector.batches(registers.streams_of("batch", histories))
    brought = projector.brought(batches, histories)
    more = projector.sources(registers.streams_of("source", brought))
    histories |= brought
    histories |= projector.citing(more, histories)
    tallies, totals = projector.tallies(registers.streams_of("tally", histories))
    found, overlapping = projector.incidents(registers.streams_of("incident", histories))
    if own is not kept:
        own.write(into)
    rows.track(into, state.NAME, state.VERSION, log.stop)
    return Touched(
        log, {**sources, **more}, tallies, totals, batches, found, histories, overlapping
    )


class _Projector:
    """One fold: the log it reads, the tables it writes, what it has looked up."""

    def __init__(self, log: Log, into: Connection, before: int, kept: Kept) -> None:
        self.log = log
        self.into = into
        self.before = before
        self.kept = kept
        self.found = Sources({})
        self.undone = rows.undone_batches(into)
        self.merges = state.merges(into)

    def histories(self, events: Iterable[AnyEvent]) -> Histories:
        """The whole history of each stream that the events touch."""
        found: dict[str, list[AnyEvent]] = {}
        for event in events:
            found.setdefault(event.stream, []).append(event)
        older = [name for name, some in found.items() if some[0].version > 1]
        return {**found, **self.log.streams(older)}

    def stream(self, key: str, history: Sequence[AnyEvent]) -> Stream:
        """A stream, ready to be projected."""
        return Stream(key, history, self.undone, self.found.resolve)

    def sources(self, streams: Mapping[str, Sequence[AnyEvent]]) -> dict[str, Source | None]:
        """Project sources and write them."""
        self._look_up(streams.values())
        made = {key: registers.source(self.stream(key, some)) for key, some in streams.items()}
        rows.replace_sources(self.into, made)
        for key, one in made.items():
            self.found.put(key, one)
        return made

    def tallies(
        self, streams: Mapping[str, Sequence[AnyEvent]]
    ) -> tuple[dict[str, Tally | None], list[Total]]:
        """Project tallies with their published totals and write them."""
        self._look_up(streams.values())
        ready = [self.stream(key, some) for key, some in streams.items()]
        made = {one.key: registers.tally(one) for one in ready}
        totals = [total for one in ready for total in registers.totals(one)]
        rows.replace_tallies(self.into, made, totals)
        return made, totals

    def batches(self, streams: Mapping[str, Sequence[AnyEvent]]) -> dict[str, Batch]:
        """Project batches and write them; from here on the undone ones are known."""
        self._look_up(streams.values())
        made = {key: registers.batch(self.stream(key, some)) for key, some in streams.items()}
        rows.replace_batches(self.into, made.values())
        self.undone = rows.undone_batches(self.into)
        return made

    def citing(self, sources: Mapping[str, Source | None], known: Histories) -> Histories:
        """The histories, beyond the known ones, of streams that cite a source that changed."""
        changed = [key for key, one in sources.items() if self._revised(key, one)]
        names = rows.citing(self.log, changed)
        return dict(self.log.streams(name for name in names if name not in known))

    def brought(self, batches: Mapping[str, Batch], known: Histories) -> Histories:
        """The histories of streams with events of imports that were, or may have been, undone."""
        undone = [key for key, one in batches.items() if one.taken or self._reinstated(key)]
        names = rows.of_batches(self.log, undone)
        again = [name for name in names if name not in known or name.startswith("source/")]
        return dict(self.log.streams(again))

    def incidents(
        self, streams: Mapping[str, Sequence[AnyEvent]]
    ) -> tuple[dict[str, tuple[Header, Said] | None], dict[str, list[str]]]:
        """Project incidents, those that they are merged with among them, and write them."""
        self._look_up(streams.values())
        alone = self._plain(streams)
        plain.write(self.into, list(alone.values()), self.found.resolve, self.kept)
        streams = {key: some for key, some in streams.items() if key not in alone}
        ready = {key: self.stream(key, some) for key, some in streams.items()}
        headers = {key: incidents.header(one) for key, one in ready.items()}
        before = dict(self.merges)
        for key, head in headers.items():
            self.merges.pop(key, None)
            if head is not None and head.merged_into:
                self.merges[key] = head.merged_into
        for key in self._merged_with(headers, before):
            ready[key] = self._load(key)
            headers[key] = incidents.header(ready[key])
        members = self._members(ready)
        made: dict[str, tuple[Header, Said] | None] = {}
        writer = rows.IncidentWriter(self.into, self.before, self.kept)
        for key, head in headers.items():
            if head is None:
                made[key] = None
            else:
                gathered = [] if head.merged_into else [ready[key], *members.get(key, ())]
                made[key] = head, incidents.said_of(gathered)
            writer.add(ready[key], members.get(key, ()), made[key])
        writer.write()
        return made, writer.overlapping

    def _plain(self, streams: Mapping[str, Sequence[AnyEvent]]) -> dict[str, Plain]:
        """Those of the incidents that are new, plain, and that no merge leads to."""
        found: dict[str, Plain] = {}
        merged = {*self.merges, *self.merges.values()}
        for key, history in streams.items():
            one = plain.plain(history, self.undone) if history[0].position >= self.before else None
            if one is not None:
                found[key] = one
            else:
                data = (event.data for event in history)
                merged.update(one.into for one in data if isinstance(one, IncidentMerged))
        return {key: one for key, one in found.items() if key not in merged}

    def _merged_with(
        self, headers: Mapping[str, Header | None], before: Mapping[str, str]
    ) -> list[str]:
        """Incidents that the touched ones are, or were, merged into, and are not touched."""
        if not (before or self.merges):
            return []
        found = dict.fromkeys(
            target
            for key in headers
            for merges in (before, self.merges)
            for target in incidents.chain(key, merges)
        )
        return [key for key in found if key not in headers]

    def _members(self, ready: Mapping[str, Stream]) -> dict[str, list[Stream]]:
        """The streams that count with each incident, by the merges in force."""
        members: dict[str, list[Stream]] = {}
        for key in sorted(self.merges):
            chain = incidents.chain(key, self.merges)
            if chain and chain[-1] in ready:
                members.setdefault(chain[-1], []).append(ready.get(key) or self._load(key))
        return members

    def _load(self, key: str) -> Stream:
        history = self.log.stream(stream_of("incident", key))
        self._look_up([history])
        return self.stream(key, history)

    def _look_up(self, histories: Iterable[Sequence[AnyEvent]]) -> None:
        """Look up the sources that events cite."""
        keys = {
            citation.source
            for history in histories
            for event in history
            for citation in event.citations
        }
        wanted = [key for key in keys if key not in self.found]
        for key, one in rows.read_sources(self.into, wanted).items():
            self.found.put(key, one)

    def _revised(self, key: str, one: Source | None) -> bool:
        """Whether a source is more than registered: then what cites it may look otherwise."""
        history = self.log.stream(stream_of("source", key))
        return len(history) > 1 or one is None or not isinstance(history[0].data, SourceRegistered)

    def _reinstated(self, key: str) -> bool:
        history = self.log.stream(stream_of("batch", key))
        return any(not isinstance(event.data, BatchImported) for event in history)
