"""Creates and upgrades the tables, by Alembic migrations that also work from a wheel."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

import ledger
from ledger.errors import LedgerError, LedgerExistsError
from ledger.store import triggers
from ledger.store.database import Database
from ledger.store.driver import is_postgres

_VERSION_TABLE = "alembic_version"


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

    Raises LedgerExistsError if something is there already, LedgerError where there are no users.
    """
    if database.exists():
        raise LedgerExistsError(str(database))
    if roles and not database.has_users:
        raise LedgerError(
            f"{database}: roles are for PostgreSQL; a file is as open as its permissions say"
        )
    upgrade(database, roles=roles)


def upgrade(database: Database, *, roles: bool = False) -> list[str]:
    """Bring the tables to the newest schema, all or nothing; gives the triggers then missing."""
    with database.writing(fresh=True) as connection:
        database.refuse_newer(connection)
        if is_postgres(connection):
            _upgrade_as_owner(connection, new_roles=roles)
        else:
            _upgrade(connection)
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
