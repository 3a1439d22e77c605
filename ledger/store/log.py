"""The log: append whole sets of events, read them in order.

An append is one transaction: take the head row, check expected versions, insert events and
tiles, fold them into the projections, move the head. So positions have no gaps, no reader can
skip one, and what stands in the log stands in the projections too.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, bindparam, text

from ledger import codec, tree
from ledger.errors import IdTakenError, IntegrityError, NotFoundError, VersionConflictError
from ledger.events import SCHEMAS, Draft, Event, Payload, Unknown
from ledger.store.driver import Values, fetch, insert, run_for_each, select
from ledger.store.ids import uuid7s

AnyEvent = Event[Payload] | Event[Unknown]
Fold = Callable[[Connection, Sequence[AnyEvent]], None]
"""Brings the projections up to date with new events; raises RefusedError to undo the append."""

CHUNK = 10_000
"""Events that are appended, read or folded at a time: memory stays flat however long the log."""
_LOOK_UP = 500


@contextmanager
def bulk_work() -> Iterator[None]:
    """Let the garbage collector rest: in bulk work it only looks at what is kept alive."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Head(NamedTuple):
    """How far the log goes: its size, the root of its tree, when the last event came."""

    size: int
    root: str
    recorded_at: str


class Log:
    """The first `stop` events of a log (all, where `stop` is None), over a connection."""

    def __init__(self, connection: Connection, stop: int | None = None) -> None:
        self.connection = connection
        self.stop = head(connection).size if stop is None else stop

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[AnyEvent]:
        """The events at positions `start` to `stop` (exclusive), in order, decoded."""
        end = self.stop if stop is None else min(stop, self.stop)
        for body, kind in self._select("body, type", start, end):
            yield codec.decode(body, kind)

    def rows(self, start: int = 0, stop: int | None = None) -> Iterator[EventColumns]:
        """The stored rows at positions `start` to `stop` (exclusive), in order."""
        end = self.stop if stop is None else min(stop, self.stop)
        columns = ", ".join(EventColumns._fields)
        for row in self._select(columns, start, end):
            yield EventColumns(*row)

    def bodies(self, kind: str) -> Iterator[tuple[str]]:
        """Rows of the bytes of the events of one type, in order: for folds of whole logs."""
        statement = "SELECT body FROM events WHERE position < ? AND type = ? ORDER BY position"
        found = select(self.connection, statement, (self.stop, kind))
        return cast("Iterator[tuple[str]]", found)

    def _select(self, columns: str, start: int, end: int) -> Iterator[tuple[Any, ...]]:
        """Columns of the events at some positions, straight from the driver: a log is long."""
        statement = f"SELECT {columns} FROM events WHERE position >= ? AND position < ?"
        return select(self.connection, f"{statement} ORDER BY position", (start, end))

    def chunks(self, start: int = 0, size: int = 0) -> Iterator[list[AnyEvent]]:
        """All events from `start` on, `size` (0: `CHUNK`) at a time."""
        step = size or CHUNK
        for first in range(start, self.stop, step):
            yield list(self.read(first, first + step))

    def at(self, position: int) -> AnyEvent:
        """The event at a position; raises NotFoundError beyond the end."""
        for event in self.read(position, position + 1):
            return event
        raise NotFoundError("event at position", str(position), f"the log has {self.stop} events")

    def stream(self, name: str) -> list[AnyEvent]:
        """The events of one stream, in order; none if there is no such stream."""
        return self.streams([name]).get(name, [])

    def streams(self, names: Iterable[str]) -> dict[str, list[AnyEvent]]:
        """The events of many streams, each in order; streams that are not there are left out."""
        found: dict[str, list[AnyEvent]] = {}
        statement = text(
            "SELECT type, body FROM events WHERE stream IN :names AND position < :stop "
            "ORDER BY stream, version"
        ).bindparams(bindparam("names", expanding=True))
        for some in _batches(list(names)):
            rows = self.connection.execute(statement, {"names": some, "stop": self.stop})
            for kind, body in rows:
                event = codec.decode(body, kind)
                found.setdefault(event.stream, []).append(event)
        return found

    def until(self, moment: str) -> int:
        """How many events were recorded up to a moment (UTC, ISO 8601, inclusive)."""
        low, high = 0, self.stop
        while low < high:
            middle = (low + high) // 2
            if self.at(middle).recorded_at <= moment:
                low = middle + 1
            else:
                high = middle
        return low

    def root(self) -> str:
        """The RFC 6962 root of these events, in hexadecimal."""
        return tree.root(self.stop, tiles(self.connection)).hex()


class EventColumns(NamedTuple):
    """A stored event: its columns and its bytes."""

    position: int
    id: str
    stream: str
    version: int
    type: str
    batch: str
    body: str


def head(connection: Connection) -> Head:
    """The head row."""
    row = connection.execute(text("SELECT size, root, recorded_at FROM head")).one()
    return Head(*row)


def tiles(connection: Connection) -> tree.Tiles:
    """The stored tiles of the tree."""
    statement = text("SELECT hashes FROM tiles WHERE level = :level AND number = :number")

    def read(level: int, number: int) -> bytes:
        found = connection.execute(statement, {"level": level, "number": number}).scalar()
        return bytes(found) if found else b""

    return read


def versions(connection: Connection, streams: Iterable[str]) -> dict[str, int]:
    """The newest version of each stream; streams that are not there are left out."""
    found: dict[str, int] = {}
    for some in _batches(list(dict.fromkeys(streams))):
        marks = ", ".join("?" * len(some))
        statement = (
            f"SELECT stream, max(version) FROM events WHERE stream IN ({marks}) GROUP BY stream"
        )
        found.update(fetch(connection, statement, tuple(some)))
    return found


def append(
    connection: Connection,
    drafts: Sequence[Draft],
    steward: str,
    fold: Fold,
    *,
    now: datetime,
    new_ids: Callable[[int], list[str]] = uuid7s,
) -> list[AnyEvent]:
    """Append drafts in this order, all or nothing, and give each one's event as it stands.

    Call it within a writing transaction. A draft whose id stands already, or was given before
    in this set, gives the event that stands (nothing is appended twice). Raises
    VersionConflictError for a stream that is not at the version that the draft expects,
    IdTakenError for an id that stands with other content, and what `fold` raises.
    """
    before = head(connection)
    repeats = _repeats(connection, drafts)
    moment = max(before.recorded_at, timestamp(now))
    at = versions(connection, [draft.stream for draft in drafts if draft.id not in repeats])
    events: list[Event[Payload]] = []
    told: list[AnyEvent] = []
    fresh = iter(new_ids(len(drafts)))
    for draft in drafts:
        event_id = draft.id or next(fresh)
        if event_id in repeats:
            told.append(_the_same(draft, repeats[event_id]))
            continue
        version = at.get(draft.stream, 0)
        if draft.expect is not None and draft.expect != version:
            raise VersionConflictError(draft.stream, draft.expect, version)
        at[draft.stream] = version + 1
        kind = draft.type
        event = Event(
            position=before.size + len(events),
            id=event_id,
            stream=draft.stream,
            version=version + 1,
            type=kind,
            schema=SCHEMAS[kind],
            recorded_at=moment,
            recorded_by=steward,
            batch=draft.batch,
            citations=draft.citations,
            data=draft.data,
        )
        events.append(event)
        told.append(event)
        if draft.id:
            repeats[draft.id] = event
    if events:
        _insert(connection, before, events, codec.encode_all(events))
        fold(connection, events)
    return told


def append_bodies(connection: Connection, bodies: Sequence[bytes], fold: Fold) -> None:
    """Append events whose bytes exist already, as they are: for copies.

    Raises IntegrityError where a body is not the event of the next position, or not the next
    of its stream.
    """
    if not bodies:
        return
    before = head(connection)
    decoded = [codec.decode(body) for body in bodies]
    at = versions(connection, (event.stream for event in decoded))
    for position, event in enumerate(decoded, before.size):
        if event.position != position:
            raise IntegrityError(f"expected position {position}, got the event of {event.position}")
        at[event.stream] = at.get(event.stream, 0) + 1
        if event.version != at[event.stream]:
            raise IntegrityError(
                f"position {position}: expected version {at[event.stream]} of {event.stream}, "
                f"got {event.version}"
            )
    _insert(connection, before, decoded, bodies)
    fold(connection, decoded)


def timestamp(moment: datetime) -> str:
    """A moment as events write it: UTC, microseconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def is_position(text_: str) -> bool:
    """Whether a text is a position, and not the name of something."""
    return re.fullmatch(r"\d{1,18}", text_, re.ASCII) is not None


def _insert(
    connection: Connection, before: Head, events: Sequence[AnyEvent], bodies: Sequence[bytes]
) -> None:
    """Insert events with their bytes, grow the tree, move the head."""
    rows: list[Values] = [
        (e.position, e.id, e.stream, e.version, e.type, e.batch, body.decode())
        for e, body in zip(events, bodies, strict=True)
    ]
    insert(connection, "events", rows)
    leaves = [tree.leaf_hash(body) for body in bodies]
    changed, root = tree.append(before.size, leaves, tiles(connection))
    run_for_each(
        connection,
        "INSERT INTO tiles (level, number, hashes) VALUES (?, ?, ?) "
        "ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes",
        [(tile.level, tile.index, tile.hashes) for tile in changed],
    )
    connection.execute(
        text("UPDATE head SET size = :size, root = :root, recorded_at = :moment"),
        {
            "size": before.size + len(events),
            "root": root.hex(),
            "moment": events[-1].recorded_at,
        },
    )


def _repeats(connection: Connection, drafts: Sequence[Draft]) -> dict[str, AnyEvent]:
    """The standing events of those drafts that bring an id which stands already."""
    given = {draft.id: draft for draft in drafts if draft.id}
    statement = text("SELECT type, body FROM events WHERE id IN :ids").bindparams(
        bindparam("ids", expanding=True)
    )
    found: dict[str, AnyEvent] = {}
    for some in _batches(list(given)):
        for kind, body in connection.execute(statement, {"ids": some}):
            event = codec.decode(body, kind)
            found[event.id] = event
    return found


def _the_same(draft: Draft, event: AnyEvent) -> AnyEvent:
    """The event, if it says what the draft says; raises IdTakenError if not."""
    said = (draft.stream, draft.type, draft.citations, draft.data)
    if said != (event.stream, event.type, event.citations, event.data):
        raise IdTakenError(event.id, event.position)
    return event


def _batches(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), _LOOK_UP):
        yield names[start : start + _LOOK_UP]
