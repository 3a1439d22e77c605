"""What the ledger is measured beside: raw `sqlite3`, and the `eventsourcing` package.

Both get the bytes or the events that the ledger stored, and the same journal and sync settings.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from ledger.store.database import SETTINGS
from ledger.store.log import EventColumns

_READ_AT_A_TIME = 1000


class RawTable:
    """The `events` table by itself: the same columns and indexes, without triggers.

    With `stay_open` one connection serves until `close`; else each `insert` opens and closes
    its own, as every append of the ledger does.
    """

    def __init__(self, path: Path, statement: str, *, stay_open: bool) -> None:
        self.path = path
        self._open: sqlite3.Connection | None = None
        with closing(self._connect()) as connection:
            connection.execute(statement)
        if stay_open:
            self._open = self._connect()

    def insert(self, rows: Sequence[EventColumns]) -> None:
        """Insert rows in one transaction, durably."""
        if self._open is not None:
            _insert(self._open, rows)
        else:
            with closing(self._connect()) as connection:
                _insert(connection, rows)

    def close(self) -> None:
        """Close what is open, which writes the journal back."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None)
        for name, value in SETTINGS.items():
            connection.execute(f"PRAGMA {name} = {value}")
        return connection


def _insert(connection: sqlite3.Connection, rows: Sequence[EventColumns]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    connection.execute("COMMIT")


@dataclass(frozen=True)
class Recorded:
    """An event as the `eventsourcing` package keeps one: its stream is the originator."""

    originator_id: str
    originator_version: int
    position: int
    id: str
    type: str
    schema: int
    recorded_at: str
    recorded_by: str
    batch: str
    citations: list[dict[str, Any]]
    data: dict[str, Any]


class EventStore:
    """The package's SQLite recorder with its JSON transcoder and mapper.

    Where the package leaves a choice, it is the faster one: ids are texts and need no
    conversion, times stay texts, and a thousand events are read at a time, not ten.
    """

    def __init__(self, path: Path) -> None:
        self._datastore = SQLiteDatastore(str(path), originator_id_type="text")
        self._recorder = SQLiteApplicationRecorder(self._datastore)
        self._recorder.create_table()
        self._mapper: Mapper[str] = Mapper(JSONTranscoder())

    def put(self, rows: Iterable[EventColumns]) -> None:
        """Store events, given as the ledger stored them."""
        self._recorder.insert_events([self._stored(row) for row in rows])

    def read(self) -> Iterator[Recorded]:
        """All events, in order, decoded."""
        start = 1
        while found := self._recorder.select_notifications(start, _READ_AT_A_TIME):
            for notification in found:
                yield self._mapper.to_domain_event(notification)  # type: ignore[misc,unused-ignore]
            start = found[-1].id + 1

    def close(self) -> None:
        """Close the database."""
        self._datastore.close()

    def _stored(self, row: EventColumns) -> StoredEvent:
        said = msgspec.json.decode(row.body)
        event = Recorded(
            row.stream,
            row.version,
            row.position,
            row.id,
            row.type,
            said["schema"],
            said["recorded_at"],
            said["recorded_by"],
            row.batch,
            said.get("citations", []),
            said["data"],
        )
        return self._mapper.to_stored_event(event)
