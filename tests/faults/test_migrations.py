"""Upgrades from every released schema: whole, killed, and failing."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlmodel import SQLModel

import ledger.projections.tables
import ledger.store.tables  # noqa: F401 - the two fill the metadata
from ledger.app import Ledger
from ledger.errors import IntegrityError, LedgerError, LedgerExistsError
from ledger.store import log as store
from ledger.store import schema, triggers
from ledger.store.database import OLDER_SCHEMAS, SCHEMA, Database
from ledger.store.log import AnyEvent, EventColumns, Head, Log
from tests.children import Child, Pipe, dying_after, together
from tests.faults import merkle
from tests.faults.conftest import Addresses
from tests.faults.numbers import number, seed
from tests.faults.tasks import opened
from tests.invented import counts, findings, incident, note, source

EVENTS = 600
"""More than two tiles of the tree."""
MOST_KILLS = 100
KILLS = number(8, MOST_KILLS)
"""Of an upgrade from each schema."""
NONE = "none"
"""The schema of a database that is not there yet."""


class State(NamedTuple):
    """What an upgrade must not change, and what it must change as a whole."""

    log: tuple[Head, list[EventColumns]] | None
    schema: str | None
    triggers: frozenset[str]
    tables: Mapping[str, list[str]]


def released(where: str, revision: str) -> Ledger:
    """A ledger of a schema that was released, with a log and empty tables; none if NONE."""
    ledger = opened(where)
    if revision == NONE:
        return ledger
    with ledger.database.writing(fresh=True) as connection:
        settings = schema.config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)
        drafts = [source(), incident("ambush", "killed 2"), note("incident/ambush")]
        drafts += [counts("ambush", f"killed {one}") for one in range(4)]
        drafts += [incident(f"raid-{one}", "killed 1") for one in range(EVENTS - len(drafts))]
        moment = datetime(2024, 1, 1, tzinfo=UTC)
        store.append(connection, drafts, "Test Steward", _no_fold, now=moment)
    return ledger


def state(database: Database) -> State:
    """All of it, as it stands; of an older schema too."""
    if not database.exists():
        return State(None, None, frozenset(), {})
    with database.writing(fresh=True) as connection:
        found = database.schema(connection)
        there = inspect(connection)
        tables = {
            name: [f"{column['name']} {column['type']}" for column in there.get_columns(name)]
            for name in there.get_table_names()
        }
        log = (store.head(connection), list(Log(connection).rows())) if found else None
        missing = frozenset(triggers.missing(connection))
        return State(log, found, frozenset(triggers.SQLITE) - missing, tables)


def upgrade(ledger: Ledger) -> None:
    """What `ledger upgrade` does, or `ledger init` where there is nothing."""
    if ledger.database.exists():
        ledger.upgrade()
    else:
        ledger.create()


def must_be_new(ledger: Ledger, before: State) -> None:
    """The log is what it was, byte for byte, and all else is that of a new ledger."""
    after = state(ledger.database)
    assert after.schema == SCHEMA
    assert after.triggers == set(triggers.SQLITE)
    if before.log is not None:
        assert after.log == before.log
        head, rows = before.log
        assert list(merkle.roots(row.body.encode() for row in rows))[-1] == head.root
    with ledger.database.writing() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, SQLModel.metadata) == []
        assert triggers.unknown(connection) == []
    assert findings(ledger) == []
    ledger.append([source("another")])
    assert findings(ledger) == []


@pytest.mark.parametrize("revision", OLDER_SCHEMAS)
def test_an_upgrade_keeps_bytes_root_and_triggers(revision: str, where: str) -> None:
    ledger = released(where, revision)
    before = state(ledger.database)
    assert before.schema == revision
    ledger.upgrade()
    must_be_new(ledger, before)


@pytest.mark.parametrize("revision", [NONE, *OLDER_SCHEMAS])
def test_an_upgrade_that_is_killed_leaves_the_old_schema(
    revision: str, addresses: Addresses, record_property: Callable[[str, object], None]
) -> None:
    """Before any of its statements, at its commit, and after it."""
    chance = random.Random(f"{revision} {seed()}")
    whole = statements(addresses(), revision)
    kills = 0
    for last in sorted({whole - 1, whole - 2, *chance.sample(range(whole), min(KILLS, whole) - 2)}):
        ledger = released(addresses(), revision)
        before = state(ledger.database)
        assert upgraded_until(ledger, last) is None
        after = state(ledger.database)
        assert after.log == before.log or before.log is None
        assert after.schema == SCHEMA or after._replace(log=before.log) == before
        if after.schema != SCHEMA:
            upgrade(ledger)
        must_be_new(ledger, before)
        kills += 1
    record_property("upgrades killed before one of their statements", f"{kills} of {whole}")


def statements(where: str, revision: str) -> int:
    """How many statements, commits and closings an upgrade is."""
    found = upgraded_until(released(where, revision), 1 << 62)
    assert found is not None
    return found


def upgraded_until(ledger: Ledger, last: int) -> int | None:
    """Upgrade in a process that kills itself after so many statements; None if it did so."""
    child = Child(upgrading, ledger.database.address, last)
    with together(child):
        (*_, told) = child.hear()
        if child.ended():
            assert isinstance(told, int)
            return told
        assert child.killed()
        return None


def upgrading(pipe: Pipe, where: str, last: int) -> None:
    """Upgrade, and tell how many statements it took."""
    ledger = opened(where)
    pipe.send(0)
    said = dying_after(last)
    upgrade(ledger)
    pipe.send(next(said) - 1)


DROP = "op.execute('DROP TRIGGER events_no_update')"
CHANGE = "op.execute(\"UPDATE events SET body = body || ' ' WHERE position = 1\")"
CREATE = "op.execute(triggers.SQLITE['events_no_update'])"
PLANTED = '''
"""A planted migration."""

import sqlalchemy as sa
from alembic import op

from ledger.store import triggers

revision = "9999"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table("planted", sa.Column("id", sa.Integer(), primary_key=True))
    {then}
'''


FAILING: Mapping[str, tuple[str, type[Exception], str]] = MappingProxyType(
    {
        "raises": ("raise ZeroDivisionError('planted')", ZeroDivisionError, "planted"),
        "is refused": ("op.execute('INSERT INTO nowhere VALUES (1)')", LedgerError, "nowhere"),
        "loses a trigger": (DROP, IntegrityError, "lost the trigger events_no_update"),
        "changes an event": (f"{DROP}; {CHANGE}; {CREATE}", IntegrityError, "changed events"),
        "changes the head": (
            "op.execute(\"UPDATE head SET root = 'none'\")",
            IntegrityError,
            "changed events",
        ),
    }
)
"""What a planted migration does, and what is said of it."""


@pytest.fixture
def planted(quick: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Plants a migration after the newest one, which makes a table and does one thing more."""

    def plant(then: str) -> None:
        folder = quick / "migrations"
        shutil.copytree(Path(str(schema.config().get_main_option("script_location"))), folder)
        written = PLANTED.format(head=SCHEMA, then=then)
        (folder / "versions" / "9999_planted.py").write_text(written, encoding="utf-8")
        settings = Config()
        settings.set_main_option("script_location", str(folder))
        settings.set_main_option("path_separator", "os")
        monkeypatch.setattr(schema, "config", lambda: settings)

    return plant


@pytest.mark.parametrize("revision", [*OLDER_SCHEMAS, SCHEMA])
@pytest.mark.parametrize(("then", "refusal", "why"), FAILING.values(), ids=FAILING)
def test_an_upgrade_that_fails_leaves_the_old_schema(
    planted: Callable[[str], None],
    where: str,
    revision: str,
    then: str,
    refusal: type[Exception],
    why: str,
) -> None:
    ledger = released(where, revision)
    before = state(ledger.database)
    planted(then)
    with pytest.raises(refusal, match=why):
        ledger.upgrade()
    assert state(ledger.database) == before


def test_a_migration_that_is_planted_is_applied(planted: Callable[[str], None], where: str) -> None:
    """The control: without its failure it would be."""
    ledger = released(where, SCHEMA)
    planted("pass")
    schema.upgrade(ledger.database)
    assert "planted" in state(ledger.database).tables


def test_what_is_there_is_not_made_anew(where: str) -> None:
    ledger = released(where, SCHEMA)
    with pytest.raises(LedgerExistsError):
        ledger.create()


def _no_fold(_connection: object, _events: Sequence[AnyEvent]) -> None:
    """An older program's tables are of no use to this one: an upgrade makes them anew."""
