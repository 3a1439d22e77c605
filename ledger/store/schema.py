"""Creates and upgrades the tables, by Alembic migrations that also work from a wheel."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

import ledger
from ledger.errors import IntegrityError, LedgerError, LedgerExistsError
from ledger.store import triggers
from ledger.store.database import Database
from ledger.store.driver import is_postgres
from ledger.store.log import Log, head

Fold = Callable[[Connection], object]
_VERSION_TABLE = "alembic_version"


class Kept(NamedTuple):
    """A hash of the head and of every row of the log; the triggers that are missing."""

    events: str
    missing: frozenset[str]


def config() -> Config:
    """Alembic's configuration: inside the package in a wheel, beside it in a checkout."""
    package = Path(ledger.__file__).parent
    homes = (package / "alembic.ini", package.parent / "alembic.ini")
    return Config(next(home for home in homes if home.is_file()))


def newest() -> str:
    """The newest migration there is."""
    return str(ScriptDirectory.from_config(config()).get_current_head())


def create(database: Database, *, roles: bool = False) -> None:
    """Make a new ledger's tables, with roles if asked for (PostgreSQL).

    What an earlier attempt left that was stopped, a database of nothing, is no obstacle. Raises
    LedgerExistsError if something is there already, LedgerError where there are no users.
    """
    if database.exists():
        raise LedgerExistsError(str(database))
    if roles and not database.has_users:
        raise LedgerError(
            f"{database}: roles are for PostgreSQL; a file is as open as its permissions say"
        )
    with database.writing(fresh=True) as connection:
        _wait_for_others(connection)
        if _holds_something(database, connection):
            raise LedgerExistsError(str(database))
        _migrate(connection, new_roles=roles)


def upgrade(database: Database, fold: Fold = lambda _connection: None) -> list[str]:
    """Bring the tables to the newest schema, all or nothing; gives the triggers then missing.

    `fold` fills what is made of the events, in the same transaction. Raises IntegrityError where
    a migration changed an event or lost a trigger: then nothing was done.
    """
    with database.writing(fresh=True) as connection:
        database.refuse_newer(connection)
        before = _kept(connection) if database.schema(connection) else None
        _migrate(connection)
        if before is not None:
            _must_be_kept(before, _kept(connection))
        fold(connection)
        return triggers.missing(connection)


def drop(connection: Connection) -> None:
    """Drop all tables of a ledger in PostgreSQL: for one that was begun and cannot be finished."""
    for name in names():
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
    triggers.drop_functions(connection)


def names() -> list[str]:
    """The names of all tables of a ledger, as the migrations that ran in this process know them."""
    from sqlmodel import SQLModel

    return [*SQLModel.metadata.tables, _VERSION_TABLE]


def revision(database: Database) -> str:
    """The schema that the database has."""
    with database.reading() as connection:
        return str(database.schema(connection))


def _kept(connection: Connection) -> Kept:
    """What no migration may change."""
    hashed = sha256(repr(tuple(head(connection))).encode())
    for row in Log(connection).rows():
        hashed.update(repr(tuple(row)).encode())
    return Kept(hashed.hexdigest(), frozenset(triggers.missing(connection)))


def _must_be_kept(before: Kept, after: Kept) -> None:
    if lost := sorted(after.missing - before.missing):
        raise IntegrityError(f"the upgrade lost the trigger {lost[0]}: nothing was changed")
    if after.events != before.events:
        raise IntegrityError("the upgrade changed events: nothing was changed after all")


def _holds_something(database: Database, connection: Connection) -> bool:
    """Whether there is a ledger by now; in a file, any table at all, also one in its log alone."""
    if is_postgres(connection):
        return database.schema(connection) is not None
    return bool(connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar_one())


def _wait_for_others(connection: Connection) -> None:
    """Of two who make a ledger on a server at once, one waits here until the other has made it.

    There is no head to hold yet; a name in the catalogue can be taken by one transaction alone.
    """
    if is_postgres(connection):
        connection.exec_driver_sql("CREATE TABLE ledger_being_made ()")
        connection.exec_driver_sql("DROP TABLE ledger_being_made")


def _migrate(connection: Connection, *, new_roles: bool = False) -> None:
    if is_postgres(connection):
        _upgrade_as_owner(connection, new_roles=new_roles)
    else:
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")


def _upgrade_as_owner(connection: Connection, *, new_roles: bool) -> None:
    from ledger.store import roles

    if new_roles:
        roles.create(connection)
    with roles.as_owner(connection):
        _upgrade(connection)
        roles.grant(connection, names())
