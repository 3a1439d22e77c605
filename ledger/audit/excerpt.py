"""Excerpts: some streams of a log by themselves, to be folded without the rest of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from ledger.audit import scratch
from ledger.events import stream_of
from ledger.store.driver import Values, insert
from ledger.store.log import AnyEvent, Log


@contextmanager
def excerpt(log: Log, streams: Iterable[str]) -> Iterator[Log]:
    """A log of some streams, with the sources and the imports that they rest on.

    Its events keep their positions. Its connection also has the tables of the projections,
    empty as yet.
    """
    with scratch.folded(Log(log.connection, 0)) as into:
        _tables(into)
        found = log.streams(streams)
        for kind in ("source", "batch", "source", "batch"):
            found |= log.streams(_of(kind, found.values()) - found.keys())
        positions = sorted(event.position for history in found.values() for event in history)
        insert(into, "events", list(_rows(log, positions)))
        yield Log(into, log.stop)


def _tables(into: Connection) -> None:
    """The table of events, as the store has it."""
    from sqlmodel import SQLModel

    SQLModel.metadata.create_all(into, tables=[SQLModel.metadata.tables["events"]])


def _of(kind: str, histories: Iterable[list[AnyEvent]]) -> set[str]:
    """The sources that events cite, or the imports that brought them, as streams."""
    events = [event for history in histories for event in history]
    if kind == "batch":
        return {stream_of(kind, event.batch) for event in events if event.batch}
    return {stream_of(kind, one.source) for event in events for one in event.citations}


def _rows(log: Log, positions: Iterable[int]) -> Iterator[Values]:
    for position in positions:
        yield from log.rows(position, position + 1)
