"""A ledger in a SQLite file: for one desk.

Reading never writes: the file is opened `mode=ro`, or `immutable=1` on a medium that cannot be
written. Every writing connection is opened, used and closed under an advisory lock on a file
of its own (`<db>.lock`): writers queue fairly, and no two connections ever write or checkpoint
at one moment. WAL with synchronous=FULL is read back, never assumed (design, section 3).
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cached_property
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from ledger.errors import (
    DiskError,
    FullDiskError,
    LedgerError,
    LockError,
    NoLedgerError,
    NoStewardError,
    NotALedgerError,
    ReadOnlyError,
    UnsafeSettingError,
    refusal,
)
from ledger.store.database import Database, engine, version
from ledger.store.mounts import network_kind

SETTINGS: dict[str, str] = {
    "journal_mode": "wal",
    "synchronous": "2",
    "foreign_keys": "1",
    "recursive_triggers": "1",
}
"""What a writing connection sets and reads back (synchronous 2 is FULL)."""

_CELLS = slice(103, 105)
"""Bytes of a database that say how many tables, indexes and triggers its first page names."""
_MODE = 0o640
"""Of a new ledger's files: its owner writes, the group may read, others see nothing."""


class SqliteDatabase(Database):
    """A ledger in one file, by path or `sqlite:///` URL."""

    def __init__(self, where: str) -> None:
        self.path = Path(where.removeprefix("sqlite:///"))

    def __str__(self) -> str:
        """The path."""
        return str(self.path)

    @property
    def address(self) -> str:
        """The path."""
        return str(self.path)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that cannot write; raises NoLedgerError, NotALedgerError or SchemaError."""
        self.must_exist()
        with self._translating(), self._for_reading.connect() as connection:
            self._check_schema(connection)
            yield connection

    @contextmanager
    def writing(self, *, fresh: bool = False) -> Iterator[Connection]:
        """A connection under the lock file.

        Raises ReadOnlyError, NotALedgerError, SchemaError or UnsafeSettingError.
        """
        if not fresh:
            self.must_exist()
        self._must_be_writable()
        with self.locked():
            writing = self._for_writing
            with self._translating(), writing.connect() as connection, connection.begin():
                if not fresh:
                    self._check_schema(connection)
                yield connection

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock file: at most one process writes, and those that wait take turns."""
        import fcntl

        with ExitStack() as stack:
            try:
                lock = stack.enter_context(open(f"{self.path}.lock", "ab", opener=private))
                fcntl.flock(lock, fcntl.LOCK_EX)
            except OSError as error:
                raise LockError(str(self.path), refusal(error)) from error
            yield

    def exists(self) -> bool:
        """Whether a file holds something: one of an `init` that was stopped does not."""
        if not self.path.is_file():
            return self.path.exists()
        return not (_begins_empty(self.path) and self._has_no_tables())

    def must_exist(self) -> None:
        """Raise NoLedgerError unless there is a file."""
        if not self.path.is_file():
            raise NoLedgerError(str(self.path))

    def discard(self) -> None:
        """Remove the file, and those beside it."""
        for suffix in ("", "-wal", "-shm", "-journal", ".lock"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)

    @property
    def has_users(self) -> bool:
        """No: whoever can open the file can append to it."""
        return False

    def recorder(self, connection: Connection, steward: str) -> str:  # noqa: ARG002 - of every database
        """The steward's own word for it; raises NoStewardError where there is none."""
        if not steward:
            raise NoStewardError
        return steward

    def settings(self) -> dict[str, str]:
        """The durability settings that a writing connection gets, read back."""
        with self.locked():
            connection = self._connect_writing()
            try:
                return {name: _pragma(connection, name) for name in SETTINGS}
            finally:
                connection.close()

    def library(self) -> tuple[str, str]:
        """The SQLite that Python came with."""
        return "SQLite", sqlite3.sqlite_version

    def warnings(self) -> list[str]:
        """That the library is one of those that other programs should not write with."""
        if not library_is_affected():
            return []
        warning = (
            f"SQLite {sqlite3.sqlite_version} may corrupt a WAL file when two connections write "
            "at one moment (fixed in 3.51.3): write with `ledger` alone, which never does"
        )
        return [warning]

    def replica(self) -> None:
        """None: a file follows no other."""
        return

    def schema(self, connection: Connection) -> str | None:
        """The migration that the file has; None where it has no tables of a ledger."""
        tables = text(
            "SELECT count(*) FROM sqlite_master WHERE name IN ('alembic_version', 'events')"
        )
        try:
            if connection.execute(tables).scalar_one() < 2:
                return None
        except UnicodeDecodeError as error:  # the driver can't read what SQLite says of its schema
            raise NotALedgerError(str(self.path), "its schema is damaged") from error
        return version(connection)

    def _without_tables(self) -> LedgerError:
        return NotALedgerError(str(self.path), "it has not the tables of one")

    def _has_no_tables(self) -> bool:
        """Whether there are none in its log either: what was committed last may stand there."""
        try:
            with closing(self._connect_reading()) as connection:
                return not connection.execute("SELECT * FROM sqlite_master LIMIT 1").fetchall()
        except sqlite3.DatabaseError:  # its first page was not written whole
            return True

    @cached_property
    def _for_reading(self) -> Engine:
        return engine("sqlite://", self._connect_reading, "BEGIN")

    @cached_property
    def _for_writing(self) -> Engine:
        return engine("sqlite://", self._connect_writing, "BEGIN IMMEDIATE")

    def _connect_reading(self) -> sqlite3.Connection:
        uri = self.path.absolute().as_uri()
        waiting = _size(Path(f"{self.path}-wal")) > 0  # `immutable` would not see it
        can_write = os.access(self.path.absolute().parent, os.W_OK)
        mode = "mode=ro" if can_write or waiting else "mode=ro&immutable=1"
        return sqlite3.connect(f"{uri}?{mode}", uri=True, isolation_level=None)

    def _connect_writing(self) -> sqlite3.Connection:
        if not self.path.exists():
            os.close(private(str(self.path), os.O_WRONLY | os.O_CREAT))
        connection = sqlite3.connect(self.path, timeout=60, isolation_level=None)
        try:
            _make_safe(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _must_be_writable(self) -> None:
        """Refuse what is marked read-only, also for the superuser, whom modes do not stop."""
        folder = self.path.absolute().parent
        if not folder.is_dir():
            raise ReadOnlyError(str(self.path), "its folder does not exist")
        for path in (self.path, folder):
            if path.exists() and not (path.stat().st_mode & 0o222 and os.access(path, os.W_OK)):
                raise ReadOnlyError(str(self.path), f"{path} is read-only")
        if kind := network_kind(folder):
            why = f"{folder} is on a network file system ({kind}), where locks cannot be relied on"
            raise ReadOnlyError(str(self.path), why)

    @contextmanager
    def _translating(self) -> Iterator[None]:
        """Also what the driver says when it opens the file, before SQLAlchemy hears of it."""
        with super()._translating():
            try:
                yield
            except sqlite3.DatabaseError as error:
                raise self._meaning(error) from error

    def _meaning(self, error: BaseException | None) -> LedgerError:
        why = str(error)
        if "not a database" in why or "malformed" in why:
            return NotALedgerError(str(self.path), why)
        if "readonly" in why or "unable to open" in why:
            return ReadOnlyError(str(self.path), why)
        if "is full" in why:
            return FullDiskError(str(self.path))
        if "I/O error" in why:
            return DiskError(str(self.path), why)
        return LedgerError(f"{self.path}: the database refused: {why}")


def scratch() -> Engine:
    """An engine on a nameless temporary database: kept in memory while small, then on disk."""
    connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    return engine("sqlite://", lambda: connection, "BEGIN")


def library_is_affected(
    version: tuple[int, int, int] = sqlite3.sqlite_version_info,
) -> bool:
    """Whether this SQLite may corrupt a WAL file when two connections write at one moment.

    Fixed in 3.51.3, 3.50.7 and 3.44.6. The lock keeps that moment from existing here.
    """
    fixed = {(3, 50): 7, (3, 44): 6}
    return version < (3, 51, 3) and version[2] < fixed.get(version[:2], sys.maxsize)


def private(path: str, flags: int) -> int:
    """Open a file, made with the mode of a ledger's files if it is not there."""
    return os.open(path, flags, _MODE)


def _size(path: Path) -> int:
    """Bytes of a file, 0 of none: a writer that closes may remove its WAL while we look."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _begins_empty(path: Path) -> bool:
    """Whether a file begins as SQLite's that has no tables in its first page, or is not begun.

    Looked at without opening it: it may be somebody's. https://sqlite.org/fileformat.html, 1.3, 1.6
    """
    with path.open("rb") as file:
        start = file.read(_CELLS.stop)
    return start[:16] in (b"", bytes(16), b"SQLite format 3\0") and not any(start[_CELLS])


def _make_safe(connection: sqlite3.Connection) -> None:
    for name, wanted in SETTINGS.items():
        connection.execute(f"PRAGMA {name} = {wanted}")
        if (found := _pragma(connection, name)) != wanted:
            raise UnsafeSettingError(name, wanted, found)


def _pragma(connection: sqlite3.Connection, name: str) -> str:
    return str(connection.execute(f"PRAGMA {name}").fetchone()[0])
