"""The part of the `sqlite3` module that the ledger uses, over apsw: so that a test's own VFS works.

apsw brings an SQLite library of its own, in which a VFS may be written in Python. All of the
product above the driver stays as it is: its pragmas, triggers, lock file and transactions.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

import apsw
import pytest

HOMES = ("ledger.store.sqlite", "ledger.store.files")
"""The modules of the product that open databases which last: their name `sqlite3` is replaced."""

Value = str | int | bytes | float | None
Row = tuple[Value, ...]
Committed = Callable[[], object]

_OF_CODE: dict[int, type[sqlite3.Error]] = {
    apsw.SQLITE_INTERNAL: sqlite3.InternalError,
    apsw.SQLITE_NOTFOUND: sqlite3.InternalError,
    apsw.SQLITE_CORRUPT: sqlite3.DatabaseError,
    apsw.SQLITE_NOTADB: sqlite3.DatabaseError,
    apsw.SQLITE_TOOBIG: sqlite3.DataError,
    apsw.SQLITE_CONSTRAINT: sqlite3.IntegrityError,
    apsw.SQLITE_MISMATCH: sqlite3.IntegrityError,
    apsw.SQLITE_MISUSE: sqlite3.InterfaceError,
}
"""What the `sqlite3` module raises; for all other codes of apsw it is OperationalError."""
_COUNTED = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)


@contextmanager
def installed(vfs: str, committed: Committed = lambda: None) -> Iterator[None]:
    """Let the product open its databases by a VFS; `committed` is told of each commit that held."""
    with pytest.MonkeyPatch.context() as patch:
        for home in HOMES:
            patch.setattr(f"{home}.sqlite3", Module(vfs, committed))
        yield


class Opened:
    """A connection, as the `sqlite3` module gives it with `isolation_level=None`."""

    def __init__(self, opened: apsw.Connection, committed: Committed) -> None:
        self._opened = opened
        self._committed = committed

    def cursor(self) -> Cursor:
        return Cursor(self._opened, self._committed)

    def execute(self, statement: str, values: Sequence[Value] = ()) -> Cursor:
        return self.cursor().execute(statement, values)

    def commit(self) -> None:
        if self._opened.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        if self._opened.in_transaction:
            self.execute("ROLLBACK")

    def create_function(
        self, name: str, number: int, function: Callable[..., Value], *, deterministic: bool = False
    ) -> None:
        self._opened.create_scalar_function(name, function, number, deterministic=deterministic)

    def backup(self, target: Opened) -> None:
        with _as_sqlite3():
            copy = target._opened.backup("main", self._opened, "main")
            try:
                while not copy.done:
                    copy.step(-1)
                copy.finish()
            finally:
                # apsw forgets to pass on what fails in undoing a copy.
                with suppress(SystemError):
                    copy.close(force=True)

    def close(self) -> None:
        """Close it; as in `sqlite3`, what goes wrong in that is passed over."""
        try:
            self._opened.close()
        except (apsw.Error, OSError):
            self._opened.close(force=True)


class Cursor:
    """A cursor: what SQLAlchemy asks of one, and not more."""

    arraysize = 1
    lastrowid = 0

    def __init__(self, opened: apsw.Connection, committed: Committed) -> None:
        self._opened = opened
        self._committed = committed
        self._cursor = opened.cursor()
        self._rows: Iterator[Row] = iter(())
        self._columns: list[str] = []
        self._cursor.exec_trace = _describing(self._columns)
        self.rowcount = -1

    @property
    def description(self) -> list[tuple[str | None, ...]] | None:
        return [(name, *[None] * 6) for name in self._columns] or None

    def execute(self, statement: str, values: Sequence[Value] = ()) -> Cursor:
        within = self._opened.in_transaction
        with _as_sqlite3():
            # At once to its end: what fails after the first row must not fail out of sight.
            self._rows = iter(self._cursor.execute(statement, values).fetchall())
        self.rowcount = self._opened.changes() if _COUNTED.match(statement) else -1
        if within and not self._opened.in_transaction and statement.strip().upper() == "COMMIT":
            self._committed()
        return self

    def executemany(self, statement: str, rows: Sequence[Sequence[Value]]) -> Cursor:
        before = self._opened.total_changes()
        with _as_sqlite3():
            self._cursor.executemany(statement, rows)
        self.rowcount = self._opened.total_changes() - before
        return self

    def fetchone(self) -> Row | None:
        return next(self._rows, None)

    def fetchmany(self, size: int = 1) -> list[Row]:
        return list(islice(self._rows, size))

    def fetchall(self) -> list[Row]:
        return list(self._rows)

    def close(self) -> None:
        self._cursor.close(force=True)

    def __iter__(self) -> Iterator[Row]:
        return self._rows


class Module:
    """What stands for the module `sqlite3`."""

    DatabaseError = sqlite3.DatabaseError
    OperationalError = sqlite3.OperationalError
    sqlite_version_info = sqlite3.sqlite_version_info

    Connection = Opened

    def __init__(self, vfs: str, committed: Committed) -> None:
        self._vfs = vfs
        self._committed = committed

    def connect(
        self,
        database: str | Path,
        *,
        timeout: float = 5,
        isolation_level: None = None,
        uri: bool = False,
        check_same_thread: bool = True,
    ) -> Opened:
        """A connection by the VFS, in no transaction; the rest is as `sqlite3` has it."""
        assert isolation_level is None
        assert check_same_thread or not database
        flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        flags |= apsw.SQLITE_OPEN_URI if uri else 0
        with _as_sqlite3():
            opened = apsw.Connection(str(database), flags, vfs=self._vfs)
        opened.set_busy_timeout(int(timeout * 1000))
        return Opened(opened, self._committed)


def _describing(columns: list[str]) -> Callable[[apsw.Cursor, str, object], bool]:
    """Puts the names of a statement's columns where a cursor finds them, which is not held."""

    def describe(cursor: apsw.Cursor, _statement: str, _values: object) -> bool:
        columns[:] = [one[0] for one in cursor.get_description()]
        return True

    return describe


@contextmanager
def _as_sqlite3() -> Iterator[None]:
    """What apsw raises, as `sqlite3` raises it, with the words of SQLite."""
    try:
        yield
    except apsw.Error as error:
        code = getattr(error, "result", apsw.SQLITE_ERROR)
        raise _OF_CODE.get(code, sqlite3.OperationalError)(str(error)) from error
