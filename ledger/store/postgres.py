"""A ledger in a PostgreSQL database: for a team.

Writers queue at the head row, which each locks before it reads on, at READ COMMITTED: a
snapshot taken before the lock would not see what the writer before has appended. Readers see
one moment (REPEATABLE READ) and never wait. Nothing here but the triggers, the roles and COPY is
beyond plain SQL, so that databases which speak PostgreSQL's protocol can serve too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors
from psycopg.types.numeric import IntLoader
from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from ledger.errors import (
    ConnectionLostError,
    LedgerError,
    LedgerExistsError,
    NoLedgerError,
    NotAllowedError,
    OutcomeUnknownError,
    ReadOnlyError,
    UnreachableError,
    UnsafeSettingError,
)
from ledger.store import roles
from ledger.store.database import Answer, Database, engine, version

SAFE: dict[str, tuple[str, ...]] = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply", "remote_write", "local"),
}
"""The server's settings without which an acknowledged append can be lost, and their safe values."""
_SETTINGS = "SELECT " + ", ".join(f"current_setting('{name}')" for name in SAFE)

_PATIENCE = 30.0
"""Seconds in which a server that went away may come back."""
_PAUSE = 0.1
_UNDONE = (errors.SerializationFailure, errors.DeadlockDetected)
"""Said of transactions that may be tried again, as distributed databases ask for."""
_STREAMING = {"stream_results": True, "max_row_buffer": 1_000}


class _Streaming(psycopg.ServerCursor[Any]):
    """A cursor whose reader may have seen enough: the server drops it with its transaction."""

    def __del__(self, *_: object) -> None:
        """Say nothing of rows that nobody asked for."""


LastEvent = tuple[int, str]
"""Position and id."""


class PostgresDatabase(Database):
    """A ledger in the database (and the schema, by `options=-csearch_path=…`) of a URL."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __str__(self) -> str:
        """The URL without its password."""
        return make_url(self._url).render_as_string(hide_password=True)

    @property
    def address(self) -> str:
        """The URL."""
        return self._url

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that cannot write, to a server or to a replica of it.

        Raises UnreachableError, NoLedgerError or SchemaError.
        """
        opened = _engine(self._connect_reading)
        try:
            with (
                self._translating(),
                opened.execution_options(**_STREAMING).connect() as connection,
            ):
                self._check_schema(connection)
                yield connection
        finally:
            opened.dispose()

    @contextmanager
    def writing(self, *, fresh: bool = False) -> Iterator[Connection]:
        """A connection that holds the head row; when it was lost in a commit, what came of it.

        Raises ReadOnlyError, NotAllowedError, NoLedgerError, SchemaError, UnsafeSettingError;
        ConnectionLostError where nothing was appended, OutcomeUnknownError where nobody can say.
        """
        opened = _engine(self._connect_writing)
        try:
            with self._translating(), opened.connect() as connection:
                if not fresh:
                    self._check_schema(connection)
                    _take_head(connection)
                before = None if fresh else _last_event(connection)
                yield connection
                after = None if fresh else _last_event(connection)
                self._commit(connection, after if after != before else None)
        finally:
            opened.dispose()

    def write(self, work: Callable[[Connection], Answer]) -> Answer:
        """Work that a lost connection undid is done again, for as long as a restart may take."""
        end, lost = time.monotonic() + _PATIENCE, False
        while True:
            try:
                return super().write(work)
            except (ConnectionLostError, UnreachableError) as error:
                lost = lost or isinstance(error, ConnectionLostError)
                if not lost or time.monotonic() > end:
                    raise
            time.sleep(_PAUSE)

    def exists(self) -> bool:
        """Whether there is a ledger in the database."""
        with self._translating(), self._opened() as connection:
            return self.schema(connection) is not None

    def must_exist(self) -> None:
        """Raise NoLedgerError unless there is a ledger, UnreachableError where nobody answers."""
        if not self.exists():
            raise NoLedgerError(str(self))

    def discard(self) -> None:
        """Drop the ledger's tables."""
        from ledger.store import schema

        with self._translating(), self._opened() as connection:
            schema.drop(connection)
            connection.commit()

    @property
    def has_users(self) -> bool:
        """Yes: each steward has a name in the database."""
        return True

    def recorder(self, connection: Connection, steward: str) -> str:
        """The database's user, or the name given where that user may record under another."""
        user, free = roles.user(connection)
        if steward in ("", user):
            return user
        if not free:
            raise NotAllowedError(
                str(self),
                f"{user} records under that name, and not as {steward}",
                "leave out --as, or have the owner grant the role that may",
            )
        return steward

    def settings(self) -> dict[str, str]:
        """The settings that keep a commit, as the server has them for this user."""
        with self._translating(), self._opened() as connection:
            return dict(zip(SAFE, connection.execute(text(_SETTINGS)).one(), strict=True))

    def library(self) -> tuple[str, str]:
        """The server's version."""
        with self._translating(), self._opened() as connection:
            found = connection.execute(text("SELECT current_setting('server_version')"))
            return "PostgreSQL", str(found.scalar_one())

    def warnings(self) -> list[str]:
        """That nothing keeps users apart, where there are no roles."""
        with self._translating(), self._opened() as connection:
            if roles.are_there(connection):
                return []
        warning = "there are no roles of this ledger: whoever may write can record under any name"
        return [f"{warning}; `ledger init --roles` makes them"]

    def schema(self, connection: Connection) -> str | None:
        """The migration that the database has; None where it has no tables of a ledger."""
        tables = text(
            "SELECT to_regclass('alembic_version') IS NOT NULL "
            "AND to_regclass('events') IS NOT NULL"
        )
        return version(connection) if connection.execute(tables).scalar_one() else None

    def _without_tables(self) -> LedgerError:
        return NoLedgerError(str(self))

    @contextmanager
    def _opened(self) -> Iterator[Connection]:
        opened = _engine(self._connect)
        try:
            with opened.connect() as connection:
                yield connection
        finally:
            opened.dispose()

    def _connect(self) -> psycopg.Connection[Any]:
        try:
            made = psycopg.connect(
                self._url, connect_timeout=10, application_name="casualty-ledger"
            )
        except psycopg.Error as error:
            raise UnreachableError(str(self), _first_line(error)) from error
        made.adapters.register_loader("numeric", IntLoader)  # sums of whole numbers are whole
        return made

    def _connect_reading(self) -> psycopg.Connection[Any]:
        made = self._connect()
        made.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        made.read_only = True
        made.server_cursor_factory = _Streaming
        return made

    def _connect_writing(self) -> psycopg.Connection[Any]:
        made = self._connect()
        made.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return made

    def _commit(self, connection: Connection, appended: LastEvent | None) -> None:
        """Commit; where the reply was lost, ask whether the last event that was appended stands."""
        try:
            connection.commit()
        except DBAPIError as error:
            if not (_is_lost(error.orig) and appended and self._stands(appended)):
                raise

    def _stands(self, event: LastEvent) -> bool:
        """Whether an event stands, once the transaction that appended it has surely ended.

        That one held the head row: whoever holds it afterwards knows.
        """
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            try:
                with self._opened() as connection:
                    _take_head(connection)
                    statement = text("SELECT 1 FROM events WHERE position = :position AND id = :id")
                    place = dict(zip(("position", "id"), event, strict=True))
                    return connection.execute(statement, place).one_or_none() is not None
            except (DBAPIError, UnreachableError):
                time.sleep(_PAUSE)
        raise OutcomeUnknownError(str(self))

    def _meaning(self, error: BaseException | None) -> LedgerError:
        why = _first_line(error)
        if isinstance(error, errors.InsufficientPrivilege):
            return NotAllowedError(str(self), why, "ask the owner for the role that may")
        if isinstance(error, errors.ReadOnlySqlTransaction):
            return ReadOnlyError(str(self), "it is a replica: append at the server that it follows")
        if isinstance(error, errors.DuplicateTable):
            return LedgerExistsError(f"{self}: a table of that name ({why})")
        if _is_lost(error) or isinstance(error, _UNDONE):
            return ConnectionLostError(str(self), why)
        return LedgerError(f"{self}: the database refused: {why}")

    @contextmanager
    def _translating(self) -> Iterator[None]:
        """Also what the driver says where it is spoken to past SQLAlchemy."""
        with super()._translating():
            try:
                yield
            except psycopg.Error as error:
                raise self._meaning(error) from error


def _engine(connect: Callable[[], psycopg.Connection[Any]]) -> Engine:
    return engine("postgresql+psycopg://", connect, use_native_hstore=False)


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().partition("\n")[0]


def _is_lost(error: BaseException | None) -> bool:
    """Whether it says that a connection which was open is no more."""
    if not isinstance(error, psycopg.OperationalError):
        return False
    state = error.sqlstate or "08"  # libpq gives none where the server gave no answer
    return state.startswith("08") or state in ("57P01", "57P02", "57P03")


def _take_head(connection: Connection) -> None:
    """Wait for the head row, and hold it: one writer at a time; refuse where that is unsafe."""
    held = connection.execute(text(f"{_SETTINGS} FROM head FOR UPDATE")).one()
    for found, (name, safe) in zip(held, SAFE.items(), strict=True):
        if found not in safe:
            raise UnsafeSettingError(name, " or ".join(safe), found)


def _last_event(connection: Connection) -> LastEvent | None:
    statement = text("SELECT position, id FROM events ORDER BY position DESC LIMIT 1")
    row = connection.execute(statement).one_or_none()
    return None if row is None else (row.position, row.id)
