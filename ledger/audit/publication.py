"""Publication: the leg of a span in which more became known, of one and the same log."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property

from sqlalchemy import text

from ledger.audit.causes import Cause, Step, steps
from ledger.audit.sides import Moment, Side, Steps, chunks, histories, merged
from ledger.events.payloads import EventRetracted
from ledger.projections import rows, state
from ledger.projections.incidents import Stream
from ledger.store.log import AnyEvent

_KINDS = (Cause.UP, Cause.RETRACTED, Cause.ACTORS)
"""What has a day of its own; if several came on one day, the first of them is said."""


class Publication:
    """The leg in which more became known, in one and the same log."""

    def __init__(self, before: Side, after: Side) -> None:
        self.before, self.after = before, after
        self.first, self.last = before.known_by or "", after.known_by or ""
        self.undone = rows.undone_batches(after.connection)

    def candidates(self) -> set[str]:
        """The incidents of which something became known, or was withdrawn."""
        between = "(known > :first AND known <= :last) OR (until > :first AND until <= :last)"
        statement = (
            "SELECT key FROM incidents WHERE id IN ("
            "SELECT incident FROM tolls WHERE last_known > :first AND first_known <= :last "
            f"UNION SELECT incident FROM attributions WHERE {between})"
        )
        return set(self._ask(statement))

    def is_new(self, incident: int) -> bool:
        """Whether nothing was known of an incident, by its id, on the first day."""
        return incident in self._new

    def alone(self, key: str) -> bool:  # noqa: ARG002 - as the other leg
        """Of no incident: what is said of it before and after the days is looked at."""
        return False

    def merged_anew(self, key: str) -> bool:  # noqa: ARG002 - as the other leg
        """Of no incident: a merge has no day, it counts on both sides."""
        return False

    def steps(self, keys: Iterable[str]) -> Iterator[tuple[str, list[Step]]]:
        """The events, by day, that speak of each incident and became known between the days."""
        groups = merged(self.after.log)
        for some in chunks(keys):
            told = histories(self.after.log, groups, some)
            for key in some:
                found = [
                    step
                    for one in groups.group(key)
                    for step in self._of_stream(one, told.get(one, []))
                ]
                yield key, sorted(found, key=lambda one: one.event.position)

    def walk(self, asked: Steps) -> Iterator[Moment]:
        """The days on which something became known of the incidents."""
        days: dict[str, dict[str, list[Step]]] = {}
        for key, some in asked.items():
            for step in some:
                for day in self._days(step.event):
                    days.setdefault(day, {}).setdefault(key, []).append(step)
        for day, reached in sorted(days.items()):
            yield Moment(
                self.after._replace(known_by=day),
                {
                    key: (
                        min((one.cause for one in some), key=_KINDS.index),
                        tuple(one.event.position for one in some),
                    )
                    for key, some in reached.items()
                },
            )

    @cached_property
    def _new(self) -> frozenset[int]:
        return frozenset(map(int, self._ask("SELECT id FROM incidents WHERE known > :first")))

    @cached_property
    def _known(self) -> dict[str, str]:
        """The day from which each source counts as known."""
        return {one.key: one.known for one in state.sources(self.after.connection)}

    def _of_stream(self, key: str, history: Sequence[AnyEvent]) -> Iterator[Step]:
        """The events of a stream that stand and became known, and the imports taken back."""
        standing = Stream.plain(key, history, self.undone).standing
        stands = {event.position for event, _ in standing}
        for step in steps(history):
            stood = step.event.position in stands and step.cause in _KINDS
            if stood and not _is_error(step.event) and self._days(step.event):
                yield step
        for batch in dict.fromkeys(event.batch for event in history if event.batch in self.undone):
            taken = self.after.log.at(self.undone[batch].by)
            if self._days(taken):
                yield Step(Cause.RETRACTED, taken)

    def _days(self, event: AnyEvent) -> list[str]:
        """The days, after the first and up to the last, on which an event became known."""
        recorded = event.recorded_at[:10]
        known = {self._known.get(one.source, recorded) for one in event.citations} or {recorded}
        return [day for day in sorted(known) if self.first < day <= self.last]

    def _ask(self, statement: str) -> Collection[str]:
        values = {"first": self.first, "last": self.last}
        used = {name: value for name, value in values.items() if f":{name}" in statement}
        return list(self.after.connection.execute(text(statement), used).scalars())


def _is_error(event: AnyEvent) -> bool:
    """Whether an event takes back an error of ours: that has no day."""
    return isinstance(event.data, EventRetracted) and event.data.kind == "error"
