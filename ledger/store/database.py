"""A ledger's database: opened for reading, and for writing under the lock.

What the two kinds share; `sqlite` and `postgres` hold what each does in its own way.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.pool import NullPool

from ledger.errors import IntegrityError, LedgerError, SchemaError

SCHEMA = "0002"
"""The migration that this program needs: the newest under `migrations/versions`."""
OLDER_SCHEMAS: tuple[str, ...] = ("0001",)
"""Migrations before it, which `ledger upgrade` leaves behind."""

Answer = TypeVar("Answer")


class Write(Protocol):
    """What `Database.write` does: `work` within a writing transaction, again if it was undone."""

    def __call__(self, work: Callable[[Connection], Answer]) -> Answer:
        """What `work` gives."""


class Replica(NamedTuple):
    """How a replica stands to the server that it follows: what is known where it is asked.

    `waiting` are bytes that it has received and does not show yet; `connected` whether it receives
    more at present; `shown` the time (as the server writes it) of the last transaction that it
    shows, "" if none came since it started.
    """

    waiting: int
    connected: bool
    shown: str

    @property
    def in_words(self) -> str:
        """What is to be said to whoever reads there."""
        last = f"; the last change that it shows was made at {self.shown}" if self.shown else ""
        if not self.connected:
            return f"this replica is behind: it receives nothing from its server at present{last}"
        if self.waiting:
            return f"this replica is behind: {self.waiting} bytes came that it does not show{last}"
        return f"this is a replica: it shows all that it has received from its server{last}"


class Database(ABC):
    """One ledger's database; nothing is opened until it is used."""

    @abstractmethod
    def __str__(self) -> str:
        """Its address as messages show it: without a password."""

    @property
    @abstractmethod
    def address(self) -> str:
        """Its address in full, to open it again."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Connection]:
        """A read-only connection within one transaction: everything it reads is of one moment."""

    @abstractmethod
    def writing(self, *, fresh: bool = False) -> AbstractContextManager[Connection]:
        """A writing connection within one transaction, committed if nothing is raised.

        Writers queue: there is one at a time. `fresh` is for `init` and `upgrade`, which meet a
        schema that is not there yet.
        """

    def write(self, work: Callable[[Connection], Answer]) -> Answer:
        """What `work` gives, done within one writing transaction.

        Where a lost connection undid it, it is done again: it has to begin anew each time.
        """
        with self.writing() as connection:
            return work(connection)

    @abstractmethod
    def exists(self) -> bool:
        """Whether there is anything at the address, a ledger or not."""

    @abstractmethod
    def must_exist(self) -> None:
        """Raise NoLedgerError unless there is."""

    @abstractmethod
    def discard(self) -> None:
        """Remove a ledger that was begun and cannot be finished."""

    @property
    @abstractmethod
    def has_users(self) -> bool:
        """Whether the database itself knows who appends."""

    @abstractmethod
    def recorder(self, connection: Connection, steward: str) -> str:
        """The name that events are recorded by, where the steward gives this one ("": none).

        Raises NoStewardError, and NotAllowedError where the database's user may not use it.
        """

    @abstractmethod
    def settings(self) -> dict[str, str]:
        """The durability settings of a writing connection, read back."""

    @abstractmethod
    def library(self) -> tuple[str, str]:
        """The name and version of the database program."""

    @abstractmethod
    def warnings(self) -> list[str]:
        """What calls for care in how this database is run."""

    @abstractmethod
    def replica(self) -> Replica | None:
        """How far it has followed another server, at this moment; None if it follows none."""

    @abstractmethod
    def schema(self, connection: Connection) -> str | None:
        """The migration that the database has; None where it has no tables of a ledger."""

    def refuse_newer(self, connection: Connection) -> str | None:
        """The migration that the database has; raises SchemaError if a newer program made it."""
        found = self.schema(connection)
        if found not in (None, SCHEMA, *OLDER_SCHEMAS):
            raise SchemaError(str(self), str(found), SCHEMA, newer=True)
        return found

    def _check_schema(self, connection: Connection) -> None:
        found = self.refuse_newer(connection)
        if found is None:
            raise self._without_tables()
        if found != SCHEMA:
            raise SchemaError(str(self), found, SCHEMA, newer=False)

    @abstractmethod
    def _without_tables(self) -> LedgerError:
        """What to say of a database that has no tables of a ledger."""

    @contextmanager
    def _translating(self) -> Iterator[None]:
        """Say what a driver's errors mean for a ledger: the one place that does."""
        try:
            yield
        except NoResultFound as error:
            raise IntegrityError(f"{self}: there is no head: run `ledger verify`") from error
        except DBAPIError as error:
            raise self._meaning(error.orig) from error

    @abstractmethod
    def _meaning(self, error: BaseException | None) -> LedgerError:
        """What an error of the driver means."""


def at(where: str | Path) -> Database:
    """The database at a path, a `sqlite:///` URL or a `postgresql://` URL.

    Raises LedgerError for a URL of another kind.
    """
    address = str(where)
    if address.startswith(("postgresql://", "postgres://")):
        return _on_a_server(address)
    if "://" in address and not address.startswith("sqlite:///"):
        raise LedgerError(
            f"{address.partition('://')[0]}://… is no address of a ledger: "
            "give the path of a file, or a postgresql:// URL"
        )
    from ledger.store.sqlite import SqliteDatabase

    return SqliteDatabase(address)


def _on_a_server(url: str) -> Database:
    try:
        from ledger.store.postgres import PostgresDatabase
    except ImportError as error:
        raise LedgerError(
            "PostgreSQL needs the extra `postgres`: pip install 'casualty-ledger[postgres]'"
        ) from error
    return PostgresDatabase(url)


def version(connection: Connection) -> str:
    """The migration that a database says it has."""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())


def engine(url: str, connect: Callable[[], Any], begin: str = "", **options: Any) -> Engine:  # noqa: ANN401 - SQLAlchemy's own
    """An engine over connections that are opened for one use; `begin` starts each transaction.

    Whoever appends often keeps it: it knows the statements that it has compiled.
    """
    made = create_engine(url, creator=connect, poolclass=NullPool, **options)
    if begin:
        event.listen(made, "begin", lambda connection: connection.exec_driver_sql(begin))
    return made
