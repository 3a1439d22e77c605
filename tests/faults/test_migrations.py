"""Upgrades from every released schema: whole, killed, and failing."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from alembic.config import Config

from ledger.app import Ledger
from ledger.errors import IntegrityError, LedgerError, LedgerExistsError
from ledger.store import schema
from ledger.store.database import OLDER_SCHEMAS, SCHEMA
from tests.children import Child, Pipe, dying_after, together
from tests.faults.conftest import KINDS, POSTGRESQL, SQLITE, Addresses
from tests.faults.numbers import number, seed
from tests.faults.tasks import opened
from tests.faults.upgrades import NONE, NOTHING, must_be_new, released, state, upgrade

MOST_KILLS = 100
KILLS = {SQLITE: number(8, MOST_KILLS), POSTGRESQL: number(3, MOST_KILLS)}
"""Of an upgrade from each schema."""


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
    some = chance.sample(range(whole - 2), min(KILLS[addresses.kind], whole) - 2)
    points = sorted({whole - 1, whole - 2, *some})
    for last in points:
        ledger = released(addresses(), revision)
        before = NOTHING if revision == NONE else state(ledger.database)
        assert upgraded_until(ledger, last) is None
        after = state(ledger.database)
        assert after == before or after.schema == SCHEMA
        if after.schema != SCHEMA:
            upgrade(ledger)
        must_be_new(ledger, before)
        addresses.drop(ledger.database.address)
    told = f"upgrades on {addresses.kind} killed before one of their statements"
    record_property(told, f"{len(points)} of {whole}")


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


ON = {SQLITE: "", POSTGRESQL: " ON events"}
CHANGE = "UPDATE events SET body = body || ' ' WHERE position = 1"
WANTED = 'triggers.expected(op.get_bind())["events_no_update"]'
ALWAYS = "ALTER TABLE events ENABLE ALWAYS TRIGGER events_no_update"
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


class Failing(NamedTuple):
    """What a planted migration does, and what is said of it."""

    does: str
    refusal: type[Exception]
    why: str


def failing(kind: str) -> Mapping[str, Failing]:
    """Migrations that fail on a kind of database, by what is wrong with them."""
    dropped = sql(f"DROP TRIGGER events_no_update{ON[kind]}")
    made = f"op.execute({WANTED})" + (f"; {sql(ALWAYS)}" if kind == POSTGRESQL else "")
    found = {
        "raises": Failing("raise ZeroDivisionError('planted')", ZeroDivisionError, "planted"),
        "is refused": Failing(sql("INSERT INTO nowhere VALUES (1)"), LedgerError, "nowhere"),
        "loses a trigger": Failing(dropped, IntegrityError, LOST),
        "changes an event": Failing(f"{dropped}; {sql(CHANGE)}; {made}", IntegrityError, CHANGED),
        "changes the head": Failing(sql("UPDATE head SET root = 'none'"), IntegrityError, CHANGED),
    }
    return found | ALTERING if kind == POSTGRESQL else found


def sql(statement: str) -> str:
    """The line of a migration that runs a statement."""
    return f"op.execute({statement!r})"


LOST, CHANGED = "lost the trigger events_no_update", "changed events"
ALTERING = {
    "lets a trigger be passed over": Failing(
        sql("ALTER TABLE events ENABLE TRIGGER events_no_update"), IntegrityError, LOST
    ),
    "changes bytes and fires no trigger": Failing(
        sql("ALTER TABLE events ALTER COLUMN body TYPE text USING body || ' '"),
        IntegrityError,
        CHANGED,
    ),
    "turns text into documents": Failing(
        sql("ALTER TABLE events ALTER COLUMN body TYPE jsonb USING body::jsonb"),
        IntegrityError,
        CHANGED,
    ),
}
"""What only a server would do."""
CASES = [(kind, name) for kind in KINDS for name in failing(kind)]


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
@pytest.mark.parametrize(("kind", "name"), CASES)
def test_an_upgrade_that_fails_leaves_the_old_schema(
    planted: Callable[[str], None], where: str, revision: str, kind: str, name: str
) -> None:
    ledger = released(where, revision)
    before = state(ledger.database)
    wrong = failing(kind)[name]
    planted(wrong.does)
    with pytest.raises(wrong.refusal, match=wrong.why):
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
