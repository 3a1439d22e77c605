"""Creates and upgrades the tables, by Alembic migrations that also work from a wheel."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

import ledger
from ledger.errors import LedgerExistsError
from ledger.store import triggers
from ledger.store.database import Database


def config() -> Config:
    """Alembic's configuration: inside the package in a wheel, beside it in a checkout."""
    package = Path(ledger.__file__).parent
    homes = (package / "alembic.ini", package.parent / "alembic.ini")
    return Config(next(home for home in homes if home.is_file()))


def newest() -> str:
    """The newest migration there is."""
    return str(ScriptDirectory.from_config(config()).get_current_head())


def create(database: Database) -> None:
    """Make a new ledger's tables; raises LedgerExistsError if the file is there already."""
    if database.path.exists():
        raise LedgerExistsError(str(database.path))
    upgrade(database)


def upgrade(database: Database) -> list[str]:
    """Bring the tables to the newest schema, all or nothing; gives the triggers then missing."""
    with database.writing(fresh=True) as connection:
        database.refuse_newer(connection)
        settings = config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
        return triggers.missing(connection)


def revision(database: Database) -> str:
    """The schema that the database has."""
    with database.reading() as connection:
        return str(database.schema(connection))
