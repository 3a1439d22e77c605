"""Opens a database: for reading, and for writing under the lock.

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
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError, NoResultFound
from sqlalchemy.pool import NullPool

from ledger.errors import (
    IntegrityError,
    LedgerError,
    NoLedgerError,
    NotALedgerError,
    ReadOnlyError,
    SchemaError,
    UnsafeSettingError,
)

SCHEMA = "0002"
"""The migration that this program needs: the newest under `migrations/versions`."""
OLDER_SCHEMAS: tuple[str, ...] = ("0001",)
"""Migrations before it, which `ledger upgrade` leaves behind."""

SETTINGS: dict[str, str] = {
    "journal_mode": "wal",
    "synchronous": "2",
    "foreign_keys": "1",
    "recursive_triggers": "1",
}
"""What a writing connection sets and reads back (synchronous 2 is FULL)."""


class Database:
    """One ledger's database, by path or `sqlite:///` URL; nothing is opened until it is used."""

    def __init__(self, where: str) -> None:
        """Name a database; raises LedgerError for a URL that this program does not know."""
        if "://" in where and not where.startswith("sqlite:///"):
            raise LedgerError(
                f"{where}: this program keeps ledgers in SQLite files only: give a path"
            )
        self.path = Path(where.removeprefix("sqlite:///"))

    def __str__(self) -> str:
        """The path, for messages."""
        return str(self.path)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A read-only connection within one transaction: everything it reads is of one moment."""
        self.must_exist()
        engine = _engine(self._connect_reading, "BEGIN")
        try:
            with self._translating(), engine.connect() as connection:
                self._check_schema(connection)
                yield connection
        finally:
            engine.dispose()

    @contextmanager
    def writing(self, *, fresh: bool = False) -> Iterator[Connection]:
        """A writing connection within one transaction, committed if nothing is raised.

        `fresh` is for `init` and `upgrade`, which meet a schema that is not there yet.
        Raises ReadOnlyError, NotALedgerError, SchemaError or UnsafeSettingError.
        """
        if not fresh:
            self.must_exist()
        self._must_be_writable()
        with self.locked():
            engine = _engine(self._connect_writing, "BEGIN IMMEDIATE")
            try:
                with self._translating(), engine.connect() as connection, connection.begin():
                    if not fresh:
                        self._check_schema(connection)
                    yield connection
            finally:
                engine.dispose()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock file: at most one process writes, and those that wait take turns."""
        import fcntl

        with Path(f"{self.path}.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def must_exist(self) -> None:
        """Raise NoLedgerError unless there is a file."""
        if not self.path.is_file():
            raise NoLedgerError(str(self.path))

    def settings(self) -> dict[str, str]:
        """The durability settings that a writing connection gets, read back."""
        with self.locked():
            connection = self._connect_writing()
            try:
                return {name: _pragma(connection, name) for name in SETTINGS}
            finally:
                connection.close()

    def schema(self, connection: Connection) -> str | None:
        """The migration that the database has; None where it has no tables of a ledger."""
        tables = text(
            "SELECT count(*) FROM sqlite_master WHERE name IN ('alembic_version', 'events')"
        )
        try:
            if connection.execute(tables).scalar_one() < 2:
                return None
        except UnicodeDecodeError as error:  # the driver can't read what SQLite says of its schema
            raise NotALedgerError(str(self.path), "its schema is damaged") from error
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return str(found)

    def refuse_newer(self, connection: Connection) -> None:
        """Raise SchemaError if a newer program made the tables."""
        found = self.schema(connection)
        if found not in (None, SCHEMA, *OLDER_SCHEMAS):
            raise SchemaError(str(self.path), str(found), SCHEMA, newer=True)

    def _connect_reading(self) -> sqlite3.Connection:
        uri = self.path.absolute().as_uri()
        wal = Path(f"{self.path}-wal")
        waiting = wal.exists() and wal.stat().st_size > 0  # `immutable` would not see it
        can_write = os.access(self.path.absolute().parent, os.W_OK)
        mode = "mode=ro" if can_write or waiting else "mode=ro&immutable=1"
        return sqlite3.connect(f"{uri}?{mode}", uri=True, isolation_level=None)

    def _connect_writing(self) -> sqlite3.Connection:
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

    def _check_schema(self, connection: Connection) -> None:
        found = self.schema(connection)
        if found is None:
            raise NotALedgerError(str(self.path), "it has not the tables of one")
        self.refuse_newer(connection)
        if found != SCHEMA:
            raise SchemaError(str(self.path), found, SCHEMA, newer=False)

    @contextmanager
    def _translating(self) -> Iterator[None]:
        """Say what SQLite's errors mean for a ledger: the one place that does."""
        try:
            yield
        except NoResultFound as error:
            raise IntegrityError(f"{self.path}: there is no head: run `ledger verify`") from error
        except (DatabaseError, sqlite3.DatabaseError) as error:
            why = str(error.orig) if isinstance(error, DatabaseError) else str(error)
            if "not a database" in why or "malformed" in why:
                raise NotALedgerError(str(self.path), why) from error
            if "readonly" in why or "unable to open" in why:
                raise ReadOnlyError(str(self.path), why) from error
            raise LedgerError(f"{self.path}: the database refused: {why}") from error


def scratch() -> Engine:
    """An engine on a nameless temporary database: kept in memory while small, then on disk."""
    connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    return _engine(lambda: connection, "BEGIN")


def library_is_affected(
    version: tuple[int, int, int] = sqlite3.sqlite_version_info,
) -> bool:
    """Whether this SQLite may corrupt a WAL file when two connections write at one moment.

    Fixed in 3.51.3, 3.50.7 and 3.44.6. The lock keeps that moment from existing here.
    """
    fixed = {(3, 50): 7, (3, 44): 6}
    return version < (3, 51, 3) and version[2] < fixed.get(version[:2], sys.maxsize)


def _engine(connect: Any, begin: str) -> Engine:  # noqa: ANN401 - SQLAlchemy's own type
    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _make_safe(connection: sqlite3.Connection) -> None:
    for name, wanted in SETTINGS.items():
        connection.execute(f"PRAGMA {name} = {wanted}")
        if (found := _pragma(connection, name)) != wanted:
            raise UnsafeSettingError(name, wanted, found)


def _pragma(connection: sqlite3.Connection, name: str) -> str:
    return str(connection.execute(f"PRAGMA {name}").fetchone()[0])
