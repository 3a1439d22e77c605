"""Growth: the leg of a span in which the log grew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from sqlalchemy import text

from ledger.audit.causes import Cause, Step, steps
from ledger.audit.excerpt import excerpt
from ledger.audit.movements import NOBODY, Keys, Merged, segments
from ledger.audit.sides import Moment, Side, Steps, chunks, histories, merged
from ledger.events import stream_of
from ledger.projections import rows, runner, state
from ledger.store.log import AnyEvent, Log

_MANY = 20
"""Sources and imports for which what cites them is looked up: beyond, all incidents are taken."""


class Growth:
    """The leg in which the log grew."""

    def __init__(self, before: Side, after: Side) -> None:
        self.before, self.after = before, after
        self.start = before.log.stop

    def candidates(self) -> set[str]:
        """The incidents of which something else may be counted."""
        log = self.after.log
        statement = (
            "SELECT DISTINCT stream FROM events WHERE position >= :start AND position < :stop"
        )
        found = set(self._positions(statement))
        if self._further:
            found.update(self._reached_further(log))
        keys = (name.partition("/")[2] for name in found if name.startswith("incident/"))
        return set().union(*(self.merged.group(key) for key in keys))

    def is_new(self, incident: int) -> bool:
        """Whether an incident, by its id, was first recorded on the way."""
        return incident >= self.start and incident not in self._recorded_again

    def alone(self, key: str) -> bool:
        """Whether an incident was never merged with another."""
        return len(self.merged.group(key)) == 1

    def merged_anew(self, key: str) -> bool:
        """Whether an incident counts, after this leg, with others than before."""
        before, after = self._merges
        return any(before.get(one) != after.get(one) for one in self.merged.group(key))

    def steps(self, keys: Iterable[str]) -> Iterator[tuple[str, list[Step]]]:
        """The events on the way that may have moved what is counted of each incident."""
        for some in chunks(keys):
            told = histories(self.after.log, self.merged, some)
            for key in some:
                members = [told.get(one, []) for one in self.merged.group(key)]
                found = [one for history in members for one in steps(history, self.start)]
                found += self._from_further(event for history in members for event in history)
                yield key, sorted(found, key=lambda one: one.event.position)

    def walk(self, asked: Steps) -> Iterator[Moment]:
        """Fold what is said of the incidents; each moment has reached one of them once at most."""
        causes: dict[int, dict[str, Cause]] = {}
        for key, some in asked.items():
            for cause, event in some:
                causes.setdefault(event.position, {})[key] = cause

        def reach(event: AnyEvent) -> Keys:
            return frozenset(causes.get(event.position, NOBODY))

        keys = {one for key in asked for one in self.merged.group(key)}
        with excerpt(self.after.log, (stream_of("incident", key) for key in sorted(keys))) as log:
            earlier = list(log.read(0, self.start))
            runner.fold(Log(log.connection, self.start), log.connection, earlier)
            for segment in segments(log.read(self.start), reach):
                last = segment.events[-1].position
                runner.fold(Log(log.connection, last + 1), log.connection, segment.events)
                reached = {
                    key: (cause, (event.position,))
                    for event in segment.events
                    for key, cause in causes.get(event.position, {}).items()
                }
                if reached:
                    yield Moment(Side(log.connection, log, self.before.known_by), reached)

    @cached_property
    def merged(self) -> Merged:
        """The incidents that were ever merged."""
        return merged(self.after.log)

    @cached_property
    def _merges(self) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """The merges in force on both sides, read before the leg is walked."""
        return state.merges(self.before.connection), state.merges(self.after.connection)

    @cached_property
    def _further(self) -> list[tuple[Step, Keys, Keys]]:
        """Events that may reach any incident: each with the sources and the imports that it may."""
        log = self.after.log
        positions = self._positions(
            "SELECT position FROM events WHERE position >= :start AND position < :stop AND ("
            "(stream LIKE 'source/%' AND (version > 1 OR type <> 'source.registered')) "
            "OR (stream LIKE 'batch/%' AND type <> 'batch.imported')) ORDER BY position"
        )
        found = []
        for event in map(log.at, map(int, positions)):
            kind, _, key = event.stream.partition("/")
            for step in steps([event]):
                if kind == "source":
                    found.append((step, frozenset({key}), NOBODY))
                else:
                    brought = rows.of_batches(log, [key])
                    start = stream_of("source", "")
                    sources = (one.removeprefix(start) for one in brought if one.startswith(start))
                    found.append((step, frozenset(sources), frozenset({key})))
        return found

    def _reached_further(self, log: Log) -> list[str]:
        """The streams that cite a source that changed, or hold what an import brought."""
        sources = NOBODY.union(*(some for _, some, _ in self._further))
        batches = NOBODY.union(*(some for _, _, some in self._further))
        if len(sources) + len(batches) > _MANY:
            return self._positions("SELECT DISTINCT stream FROM events WHERE position < :stop")
        return [*rows.citing(log, sorted(sources)), *rows.of_batches(log, sorted(batches))]

    def _from_further(self, events: Iterable[AnyEvent]) -> list[Step]:
        """Those of the events that reach further which reach an incident of these events."""
        if not self._further:
            return []
        cited, brought = set[str](), set[str]()
        for event in events:
            cited.update(one.source for one in event.citations)
            brought.add(event.batch)
        return [
            step
            for step, sources, batches in self._further
            if not (sources.isdisjoint(cited) and batches.isdisjoint(brought))
        ]

    @cached_property
    def _recorded_again(self) -> frozenset[int]:
        """The positions at which an incident was recorded whose key had been there before."""
        statement = (
            "SELECT position FROM events WHERE position >= :start AND position < :stop "
            "AND type = 'incident.recorded' AND version > 1"
        )
        return frozenset(map(int, self._positions(statement)))

    def _positions(self, statement: str) -> list[str]:
        values = {"start": self.start, "stop": self.after.log.stop}
        used = {name: value for name, value in values.items() if f":{name}" in statement}
        return list(self.after.log.connection.execute(text(statement), used).scalars())
