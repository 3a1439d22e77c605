"""A ledger in a PostgreSQL database: for a team.

Writers queue at the head row, which each locks before it reads on, at READ COMMITTED: a
snapshot taken before the lock would not see what the writer before has appended. Readers see
one moment (REPEATABLE READ) and never wait. Nothing here but the triggers, the roles and COPY is
beyond plain SQL, so that databases which speak PostgreSQL's protocol can serve too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, NamedTuple

import psycopg
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from ledger.errors import (
    LedgerError,
    NoLedgerError,
    NotAllowedError,
    OutcomeUnknownError,
    ServerError,
    UnreachableError,
    UnsafeSettingError,
)
from ledger.store import roles, server
from ledger.store.database import Answer, Database, Replica, engine, version

SAFE: dict[str, tuple[str, ...]] = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply", "remote_write", "local"),
    "server_encoding": ("UTF8",),
}
"""The server's settings without which an acknowledged append can be lost, or cannot be written,
and their safe values."""

_PATIENCE = 30.0
"""Seconds in which a server that went away may come back."""
_PAUSE = 0.1
_IDLE = "10min"
"""How long the head is held for a writer that says nothing: its machine may be gone."""
_STREAMING = {"stream_results": True, "max_row_buffer": 1_000}


Driver = psycopg.Connection[Any]


class _Streaming(psycopg.ServerCursor[Any]):
    """A cursor whose reader may have seen enough: the server drops it with its transaction."""

    def __del__(self, *_: object) -> None:
        """Say nothing of rows that nobody asked for."""


class Last(NamedTuple):
    """The last event and the last checkpoint; None where there is none."""

    position: int | None
    id: str | None
    number: int | None
    note: str | None


class PostgresDatabase(Database):
    """A ledger in the database (and the schema, by `options=-csearch_path=…`) of a URL."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __str__(self) -> str:
        """The URL without its password."""
        return server.shown(self._url)

    @property
    def address(self) -> str:
        """The URL."""
        return self._url

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that cannot write, to a server or to a replica of it.

        Raises UnreachableError, NoLedgerError or SchemaError.
        """
        with self._opened(self._for_reading) as connection:
            streaming = connection.execution_options(**_STREAMING)
            self._check_schema(streaming)
            yield streaming

    @contextmanager
    def writing(self, *, fresh: bool = False) -> Iterator[Connection]:
        """A connection that holds the head row; when it was lost in a commit, what came of it.

        Raises ReadOnlyError, NotAllowedError, NoLedgerError, SchemaError, UnsafeSettingError;
        ConnectionLostError where nothing was appended, OutcomeUnknownError where nobody can say.
        """
        with self._opened(self._for_writing) as connection:
            if not fresh:
                self._check_schema(connection)
                _take_head(connection)
                self._check_schema(connection)  # an upgrade may have held it until now
            elif self.schema(connection) is None:
                _must_be_safe(connection.execute(_SETTINGS).one())
            else:
                _take_head(connection)
            before = None if fresh else _last(connection)
            yield connection
            after = None if fresh else _last(connection)
            self._commit(connection, after if after != before else None)

    def write(self, work: Callable[[Connection], Answer]) -> Answer:
        """Work that a lost connection undid is done again, for as long as a restart may take."""
        end, undone = time.monotonic() + _PATIENCE, False
        while True:
            try:
                return super().write(work)
            except OutcomeUnknownError:
                raise
            except ServerError as error:
                undone = undone or not isinstance(error, UnreachableError)
                if not undone or time.monotonic() > end:
                    raise
            time.sleep(_PAUSE)

    def exists(self) -> bool:
        """Whether there is a ledger in the database."""
        with self._opened() as connection:
            return self.schema(connection) is not None

    def must_exist(self) -> None:
        """Raise NoLedgerError unless there is a ledger, UnreachableError where nobody answers."""
        if not self.exists():
            raise NoLedgerError(str(self))

    def discard(self) -> None:
        """Drop the ledger's tables."""
        from ledger.store import schema

        with self._opened() as connection:
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
        with self._opened() as connection:
            return dict(zip(SAFE, connection.execute(_SETTINGS).one(), strict=True))

    def library(self) -> tuple[str, str]:
        """The server's version."""
        with self._opened() as connection:
            found = connection.execute(text("SELECT current_setting('server_version')"))
            return "PostgreSQL", str(found.scalar_one())

    def warnings(self) -> list[str]:
        """That it is a replica, and that nothing keeps users apart, where there are no roles."""
        found = []
        if replica := self.replica():
            found.append(replica.in_words)
        with self._opened() as connection:
            if not roles.are_there(connection):
                lack = "there are no roles of this ledger: whoever may write can record under any"
                found.append(f"{lack} name; `ledger init --roles` makes them")
        return found

    def replica(self) -> Replica | None:
        """What a standby says of itself."""
        with self._opened() as connection:
            if not connection.execute(text("SELECT pg_is_in_recovery()")).scalar_one():
                return None
            return Replica(*connection.execute(_FOLLOWED).one())

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
    def _opened(self, engine: Engine | None = None) -> Iterator[Connection]:
        """A connection; one that is lost is not rolled back, which would tell of that alone."""
        with self._translating(), (engine or self._for_asking).connect() as connection:
            try:
                yield connection
            except BaseException:
                if not connection.invalidated and _is_closed(connection):
                    connection.invalidate()
                raise

    @cached_property
    def _for_asking(self) -> Engine:
        return _engine(self._connect)

    @cached_property
    def _for_reading(self) -> Engine:
        return _engine(self._connect_reading)

    @cached_property
    def _for_writing(self) -> Engine:
        return _engine(self._connect_writing)

    def _connect(self) -> Driver:
        return server.connect(self._url)

    def _connect_reading(self) -> Driver:
        made = self._connect()
        made.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        made.read_only = True
        made.server_cursor_factory = _Streaming
        return made

    def _connect_writing(self) -> Driver:
        made = self._connect()
        if server.is_standby(made):
            made.close()
            raise server.refused_as_standby(self._url)
        made.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return made

    def _commit(self, connection: Connection, appended: Last | None) -> None:
        """Commit; where the reply was lost, ask whether what was appended stands."""
        try:
            connection.commit()
        except DBAPIError as error:
            if not (server.is_lost(error.orig) and appended and self._stands(appended)):
                raise

    def _stands(self, appended: Last) -> bool:
        """Whether something stands, once the transaction that appended it has surely ended.

        That one held the head row: whoever holds it afterwards knows.
        """
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            try:
                with self._opened() as connection:
                    connection.execute(_WAIT, {"most": f"{_PATIENCE:.0f}s"})
                    connection.execute(text("SELECT size FROM head FOR UPDATE"))
                    return bool(connection.execute(_STANDS, appended._asdict()).scalar_one())
            except LedgerError:
                time.sleep(_PAUSE)
        raise OutcomeUnknownError(str(self))

    def _meaning(self, error: BaseException | None) -> LedgerError:
        return server.meaning(str(self), error)

    @contextmanager
    def _translating(self) -> Iterator[None]:
        """Also what the driver says where it is spoken to past SQLAlchemy."""
        with super()._translating():
            try:
                yield
            except psycopg.Error as error:
                raise self._meaning(error) from error


def _engine(connect: Callable[[], Driver]) -> Engine:
    return engine("postgresql+psycopg://", connect, use_native_hstore=False)


def _is_closed(connection: Connection) -> bool:
    driver = connection.connection.driver_connection
    return driver is None or bool(driver.closed)


def _take_head(connection: Connection) -> None:
    """Wait for the head row, and hold it: one writer at a time; refuse where that is unsafe."""
    _must_be_safe(connection.execute(_HOLD, {"idle": _IDLE}).one())


def _must_be_safe(found: Iterable[str]) -> None:
    """Raise UnsafeSettingError where the server does not keep what it acknowledges."""
    for value, (name, safe) in zip(found, SAFE.items(), strict=False):
        if value not in safe:
            raise UnsafeSettingError(name, " or ".join(safe), value)


def _last(connection: Connection) -> Last:
    return Last(*connection.execute(_LAST).one())


_CURRENT = ", ".join(f"current_setting('{name}')" for name in SAFE)
_SETTINGS = text(f"SELECT {_CURRENT}")
_HOLD = text(
    f"SELECT {_CURRENT}, set_config('idle_in_transaction_session_timeout', "
    "CASE current_setting('idle_in_transaction_session_timeout') WHEN '0' THEN :idle "
    "ELSE current_setting('idle_in_transaction_session_timeout') END, true) FROM head FOR UPDATE"
)
_LAST = text(
    "SELECT e.position, e.id, c.number, c.note FROM (SELECT 1) AS one "
    "LEFT JOIN (SELECT position, id FROM events ORDER BY position DESC LIMIT 1) e ON true "
    "LEFT JOIN (SELECT number, note FROM checkpoints ORDER BY number DESC LIMIT 1) c ON true"
)
_STANDS = text(
    "SELECT (CAST(:position AS bigint) IS NULL "
    "OR EXISTS (SELECT 1 FROM events WHERE position = :position AND id = :id)) "
    "AND (CAST(:number AS bigint) IS NULL "
    "OR EXISTS (SELECT 1 FROM checkpoints WHERE number = :number AND note = :note))"
)
_WAIT = text("SELECT set_config('lock_timeout', :most, true)")
_FOLLOWED = text(
    "SELECT greatest(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), 0), "
    "EXISTS (SELECT 1 FROM pg_stat_wal_receiver WHERE pid IS NOT NULL), "
    "coalesce(to_char(pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC', "
    """'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '')"""
)
