from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlmodel import SQLModel

import ledger.projections.tables
import ledger.store.tables  # noqa: F401 - fills the metadata
from ledger.app import Ledger
from ledger.audit.projected import COMPARED
from ledger.errors import LedgerExistsError, SchemaError
from ledger.store import schema, triggers
from ledger.store.database import OLDER_SCHEMAS, SCHEMA
from ledger.store.sqlite import SqliteDatabase
from tests.audit.signing import LOG_KEY
from tests.cli.command import in_process
from tests.conftest import file_of
from tests.invented import findings, incident, source, tables, tamper


def test_the_program_needs_what_the_migrations_end_with() -> None:
    assert schema.newest() == SCHEMA


def test_older_schemas_are_the_migrations_before_it() -> None:
    script = ScriptDirectory.from_config(schema.config())
    every = [one.revision for one in script.walk_revisions()]
    assert set(every) == {*OLDER_SCHEMAS, SCHEMA}
    assert every[0] == SCHEMA


def test_a_new_ledger_has_the_newest_schema_and_every_trigger(tmp_path: Path) -> None:
    made = SqliteDatabase(str(tmp_path / "ledger.db"))
    schema.create(made)
    assert schema.revision(made) == SCHEMA
    with made.reading() as connection:
        assert triggers.missing(connection) == []


def test_migrations_give_the_tables_that_the_classes_describe(ledger: Ledger) -> None:
    with ledger.database.writing() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, SQLModel.metadata) == []


def test_columns_stand_in_the_order_in_which_rows_are_inserted(ledger: Ledger) -> None:
    with ledger.database.reading() as connection:
        for name, table in SQLModel.metadata.tables.items():
            found = connection.execute(text(f"SELECT name FROM pragma_table_info('{name}')"))
            assert found.scalars().all() == table.columns.keys()


def test_a_ledger_that_is_there_is_not_created_again(ledger: Ledger) -> None:
    with pytest.raises(LedgerExistsError):
        schema.create(ledger.database)


def test_a_failing_migration_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(triggers, "create", fail)
    made = SqliteDatabase(str(tmp_path / "ledger.db"))
    with pytest.raises(ZeroDivisionError):
        schema.upgrade(made)
    with closing(sqlite3.connect(made.path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []


def test_what_a_failed_creation_left_can_be_created_after_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object) -> None:
        raise ZeroDivisionError

    made = Ledger(tmp_path / "ledger.db", "Test Steward")
    with monkeypatch.context() as patched:
        patched.setattr(triggers, "create", fail)
        with pytest.raises(ZeroDivisionError):
            made.create()
    made.upgrade()
    made.append([source()])
    assert findings(made) == []


def test_upgrading_what_is_up_to_date_changes_nothing(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2")])
    events, rows = list(ledger.export()), tables(ledger)
    ledger.upgrade()
    assert list(ledger.export()) == events
    assert tables(ledger) == rows


@pytest.fixture
def older(ledger: Ledger) -> Ledger:
    """A ledger of three events that an older program left: schema 0001, without checkpoints."""
    ledger.append([source(), incident("ambush", "killed 2"), incident("raid", "killed 1")])
    with closing(sqlite3.connect(file_of(ledger), isolation_level=None)) as connection:
        connection.execute("DROP TABLE checkpoints")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    return ledger


def statements(path: Path) -> list[tuple[str, str]]:
    """Every table, index and trigger of a database, and what made it."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()


def test_an_older_ledger_is_what_the_first_migration_makes(older: Ledger, tmp_path: Path) -> None:
    made = SqliteDatabase(str(tmp_path / "first.db"))
    with made.writing(fresh=True) as connection:
        settings = schema.config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0001")
    assert statements(file_of(older)) == statements(made.path)


def test_an_older_ledger_says_what_to_do(older: Ledger, tmp_path: Path) -> None:
    before = file_of(older).read_bytes()
    for asked in (older.verify, older.rebuild, lambda: older.append([source("another")])):
        with pytest.raises(SchemaError, match=r"older schema \(0001\).*: run `ledger upgrade`"):
            asked()
    assert file_of(older).read_bytes() == before
    done = in_process("--db", str(file_of(older)), "report", "totals", at=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "run `ledger upgrade`" in done.stderr


def test_an_upgrade_from_the_first_schema_touches_no_event(older: Ledger) -> None:
    with closing(sqlite3.connect(file_of(older))) as connection:
        rows = {name: connection.execute(sql).fetchall() for name, sql in COMPARED.items()}
        events = connection.execute("SELECT * FROM events").fetchall()
        head = connection.execute("SELECT * FROM head").fetchall()
    older.upgrade()
    assert schema.revision(older.database) == SCHEMA
    assert findings(older) == []
    assert tables(older) == rows
    with closing(sqlite3.connect(file_of(older))) as connection:
        assert connection.execute("SELECT * FROM events").fetchall() == events
        assert connection.execute("SELECT * FROM head").fetchall() == head
        assert connection.execute("SELECT count(*) FROM checkpoints").fetchone() == (0,)


def test_an_upgraded_ledger_is_like_a_new_one(older: Ledger, tmp_path: Path) -> None:
    older.upgrade()
    new = SqliteDatabase(str(tmp_path / "new.db"))
    schema.create(new)
    assert statements(file_of(older)) == statements(new.path)
    older.append([source("another")])
    assert older.auditor.checkpoint(LOG_KEY).checkpoint.size == 4
    assert findings(older) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE checkpoints SET note = 'x'",
        "DELETE FROM checkpoints",
        "INSERT INTO checkpoints VALUES (3, 0, 'x')",
        "INSERT OR REPLACE INTO checkpoints VALUES (1, 0, 'x')",
        "INSERT INTO checkpoints VALUES (0, 0, 'x')",
    ],
)
def test_checkpoints_are_only_appended(ledger: Ledger, statement: str) -> None:
    made = ledger.auditor.checkpoint(LOG_KEY)
    with (
        closing(sqlite3.connect(file_of(ledger), isolation_level=None)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="checkpoint"),
    ):
        connection.execute(statement)
    assert ledger.auditor.newest() == made


def test_an_upgrade_says_which_triggers_are_missing(ledger: Ledger) -> None:
    with closing(sqlite3.connect(file_of(ledger), isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER events_no_update")
    assert schema.upgrade(ledger.database) == ["events_no_update"]


def test_a_schema_table_without_a_revision_is_no_ledger_that_is_read(ledger: Ledger) -> None:
    tamper(ledger, "DELETE FROM alembic_version")
    with pytest.raises(Exception, match="schema"), ledger.database.reading() as connection:
        connection.execute(text("SELECT 1"))
