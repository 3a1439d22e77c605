"""The state that an append would leave: what the rules ask of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from sqlalchemy import Connection, text

from ledger.counting import lines
from ledger.events.checks import Fault
from ledger.events.payloads import (
    CountsReported,
    IncidentMerged,
    IncidentRevised,
    IncidentsLinked,
    PersonIdentified,
    ResponsibilityAttributed,
)
from ledger.projections import rows, state
from ledger.projections.incidents import Stream, chain, claims_of
from ledger.projections.runner import Touched
from ledger.projections.standing import Taken, Target, taken_back
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


class Outcome:
    """The projections as the new events leave them, and the log with them."""

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
        self._taken: dict[str, Mapping[Target, Taken]] = {}

    @cached_property
    def merges(self) -> Mapping[str, str]:
        """The merges in force."""
        return state.merges(self.connection)

    def registered(self, source: str, before: int) -> bool:
        """Whether a source was registered before a position."""
        found = self.sources.get(source)
        return found is not None and found.position < before

    def recorded(self, key: str, before: int) -> bool:
        """Whether an incident stands that was recorded before a position."""
        if key in self.touched.incidents:
            made = self.touched.incidents[key]
            return made is not None and not made[0].until and made[0].position < before
        query = "SELECT 1 FROM incidents WHERE key = :key AND until = '' AND id < :before"
        found = self.connection.execute(text(query), {"key": key, "before": before}).scalar()
        return found is not None

    def stands(self, kind: str, key: str) -> bool:
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

    def stream(self, name: str) -> Stream:
        """A stream's events as they stand, apart from what comes with days."""
        return Stream.plain(name, self.touched.histories[name], self.undone)

    def still(self, history: Sequence[AnyEvent]) -> list[AnyEvent]:
        """The events of a stream that were not taken back in any way."""
        taken = taken_back(history, lambda one: one.recorded_at, self.undone)
        return [
            one
            for one in history
            if (one.position, "") not in taken and one.batch not in self.undone
        ]

    def gone(self, event: AnyEvent, line: str = "") -> bool:
        """Whether an event of a touched stream, or a line's claim of it, was taken back."""
        name, here = event.stream, event.position
        if name not in self._taken:
            self._taken[name] = self.stream(name).taken
        taken = self._taken[name]
        return (here, "") in taken or (here, line) in taken or event.batch in self.undone

    def claimed_lines(self, key: str) -> set[str]:
        """The lines on which claims count with those of an incident."""
        made = self.touched.incidents.get(self.counted_with(key))
        return {claim.line for claim in made[1].claims} if made else set()

    def counted_with(self, key: str) -> str:
        """The incident that an incident's claims count with, by the merges in force."""
        return [key, *chain(key, self.merges)][-1]

    def leads_back(self, key: str) -> bool:
        """Whether merges lead from an incident back to one that they have passed."""
        return any(one in self.merges for one in chain(key, self.merges)[-1:])

    def clashing(self, key: str, line: str) -> str:
        """A line of an incident that may count the same persons as another."""
        measure = lines.parse(line).measure
        claimed = [one for one in self.claimed_lines(key) if lines.parse(one).measure == measure]
        found = [pair for pair in lines.clashes(claimed) if line in pair]
        return next((one for pair in found for one in pair if one != line), measure)

    def unknown_sources(self, event: AnyEvent) -> Iterator[Fault]:
        """Sources that an event cites, and that were not registered before it."""
        for citation in event.citations:
            if not self.registered(citation.source, event.position):
                yield self.not_found("source", citation.source, "source")

    def not_found(self, kind: str, key: str, field: str) -> Fault:
        """That there is no such thing, and which one may have been meant."""
        query = _NAMES.get(kind)
        names = list(self.connection.execute(text(query)).scalars()) if query else []
        names = [name for name in names if name != key]
        near = did_you_mean(key, names) if names else f"there is no {kind} yet"
        hint = near if near.startswith(("did", "there")) else _REMEDIES.get(kind, "")
        return Fault(field, f"unknown-{kind}", f"there is no {kind} {key!r}", hint)


def lines_of_reports(stream: Stream) -> dict[int, set[str]]:
    """The lines that each standing event of a stream claims, where they stand now."""
    found: dict[int, set[str]] = {}
    for event, _ in stream.standing:
        if claims := claims_of(event):
            found[event.position] = {claim.line for claim in claims}
        if isinstance(event.data, IncidentRevised):
            moved = {one.line: one.to for one in event.data.reclassify}
            for position, some in found.items():
                found[position] = {moved.get(line, line) for line in some}
    return found
