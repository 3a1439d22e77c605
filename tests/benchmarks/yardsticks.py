"""What the ledger is measured beside: raw `sqlite3`, the `eventsourcing` package, importers of CSV.

The first two get the bytes or the events that the ledger stored, the importers the file that it
imports; all have the same journal and sync settings.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from eventsourcing.persistence import JSONTranscoder, Mapper
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from ledger.store.log import EventColumns
from ledger.store.sqlite import SETTINGS
from tests.benchmarks import processes

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
        self._recorder.insert_events([self._mapper.to_stored_event(recorded(row)) for row in rows])

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


def recorded(row: EventColumns) -> Recorded:
    """An event for that package, given as the ledger stored it."""
    said = msgspec.json.decode(row.body)
    return Recorded(
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


class Spent(NamedTuple):
    """What a whole process took: seconds that passed and of the processor, peak memory in bytes."""

    wall: float
    cpu: float
    peak: int


def spent(command: Sequence[str], env: Mapping[str, str]) -> Spent:
    """Run a process to its end, which must be a good one.

    A small Python starts it: the system counts the memory of whoever starts a process as
    the process's own, and this one has far more than most.
    """
    said = processes.run((sys.executable, "-I", "-S", "-c", _LAUNCHER, *command), env)
    wall, cpu, peak = said.split()
    return Spent(float(wall), float(cpu), int(peak))


_LAUNCHER = """
import os, sys, time
start = time.perf_counter()
to_stderr = [(os.POSIX_SPAWN_DUP2, 2, 1)]
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=to_stderr)
_, status, used = os.wait4(child, 0)
wall = time.perf_counter() - start
unit = 1 if sys.platform == "darwin" else 1024
print(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit)
sys.exit(os.waitstatus_to_exitcode(status))
"""

TABLE = "ged"
"""Where the importers put the rows."""


class Importer(NamedTuple):
    """A program that puts a CSV file into a table: its name, and its command line."""

    name: str
    command: Callable[[Path, Path], Sequence[str]]


def prepare(database: Path) -> None:
    """Make an empty database of our settings; an importer that sets none keeps them."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(f"PRAGMA journal_mode = {SETTINGS['journal_mode']}")
        (synchronous,) = connection.execute("PRAGMA synchronous").fetchone()
        assert str(synchronous) == SETTINGS["synchronous"], "not what this SQLite does by itself"


def _by_shell(database: Path, file: Path) -> Sequence[str]:
    full = f"PRAGMA synchronous = {SETTINGS['synchronous']}"
    return ("sqlite3", "-cmd", full, str(database), f".import --csv '{file}' {TABLE}")


def _by_csv(database: Path, file: Path) -> Sequence[str]:
    return (sys.executable, "-c", _CSV, str(database), str(file), TABLE)


def _by_pandas(database: Path, file: Path) -> Sequence[str]:
    return (sys.executable, "-c", _PANDAS, str(database), str(file), TABLE)


def _by_sqlite_utils(database: Path, file: Path) -> Sequence[str]:
    asked = ("insert", str(database), TABLE, str(file), "--csv", "--pk", "id", "--silent")
    return (sys.executable, "-m", "sqlite_utils", *asked)


_CSV = """
import csv, sqlite3, sys
database, file, table = sys.argv[1:]
with sqlite3.connect(database) as connection, open(file, encoding="utf-8", newline="") as opened:
    rows = csv.reader(opened)
    columns = next(rows)
    connection.execute(f"CREATE TABLE {table} ({', '.join(f'{name} TEXT' for name in columns)})")
    marks = ", ".join("?" * len(columns))
    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
"""
_PANDAS = """
import sqlite3, sys
import pandas
database, file, table = sys.argv[1:]
with sqlite3.connect(database) as connection:
    pandas.read_csv(file, low_memory=False).to_sql(table, connection, index=False)
"""

SHELL = (
    Importer("sqlite3 .import", _by_shell)
    if shutil.which("sqlite3")
    else Importer("Python's csv and sqlite3", _by_csv)
)
"""SQLite's own program; where it is not installed, as little Python as does the same."""
PANDAS = Importer("pandas", _by_pandas)
SQLITE_UTILS = Importer("sqlite-utils", _by_sqlite_utils)
