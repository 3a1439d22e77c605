"""Ledgers that hold benchmark events, and databases that are filled chunk by chunk."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from ledger.app import Ledger
from ledger.events import Draft
from ledger.store.log import EventColumns, Log
from tests.benchmarks import events
from tests.benchmarks.rounds import Ready
from tests.conftest import file_of

EVENTS = 100_000
CHUNK = 10_000
CHUNKS = EVENTS // CHUNK
MANY = 400_000
"""Incidents that the question for totals is asked of."""
MILLION = 1_000_000

Row = TypeVar("Row")
Row_contra = TypeVar("Row_contra", contravariant=True)


class Target(Protocol[Row_contra]):
    """A database that takes rows, or drafts of events."""

    def insert(self, rows: Sequence[Row_contra]) -> None: ...
    def close(self) -> None: ...


class Appended:
    """A ledger as a target: its own `append`, or another way to append to it."""

    def __init__(self, append: Callable[[Sequence[Draft]], object]) -> None:
        self._append = append

    def insert(self, rows: Sequence[Draft]) -> None:
        self._append(rows)

    def close(self) -> None:
        """Nothing: every append has closed what it opened."""


class Filling(Generic[Row]):
    """Fills one new database after another with the same chunks; each call makes one ready."""

    def __init__(
        self,
        folder: Path,
        begin: Callable[[Path], Target[Row]],
        rows: Callable[[int], Sequence[Row]],
    ) -> None:
        self._folder, self._begin, self._rows = folder, begin, rows
        self._steps = count()
        self._target: Target[Row] | None = None

    def __call__(self) -> Ready:
        """Insert the next chunk; after the last, close the database."""
        chunk = next(self._steps) % CHUNKS
        if chunk == 0 or self._target is None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True)
            self._target = self._begin(self._folder / "target.db")
        target, rows = self._target, self._rows(chunk)

        def ready() -> None:
            target.insert(rows)
            if chunk == CHUNKS - 1:
                target.close()

        return ready


def empty(path: Path) -> Ledger:
    """A new ledger of the sources that benchmark events cite."""
    made = Ledger(path, steward=events.STEWARD)
    made.create()
    made.append(events.sources())
    return made


def filled(path: Path, kind: str, number: int) -> Ledger:
    """A new ledger of so many events of a kind, the sources apart."""
    made = empty(path)
    for start in range(0, number, CHUNK):
        made.append(events.drafts(kind, start, min(number, start + CHUNK)))
    return made


def drafts(kind: str, chunk: int) -> list[Draft]:
    """The drafts of one chunk."""
    return events.drafts(kind, chunk * CHUNK, (chunk + 1) * CHUNK)


def rows(ledger: Ledger, chunk: int) -> list[EventColumns]:
    """One chunk of a filled ledger's events, as they are stored."""
    start = len(events.sources()) + chunk * CHUNK
    with ledger.database.reading() as connection:
        return list(Log(connection).rows(start, start + CHUNK))


def table_statement(ledger: Ledger) -> str:
    """What creates the table `events`, with its indexes and without its triggers."""
    with ledger.database.reading() as connection:
        found = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'events'")
        return str(found.scalar_one())


def opened_copy(ledger: Ledger, path: Path) -> Ledger:
    """A ledger of the same file content, to be written to."""
    shutil.copyfile(file_of(ledger), path)
    return Ledger(path, steward=events.STEWARD)
