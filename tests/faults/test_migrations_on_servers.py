"""Upgrades of a ledger on a server: by whom, with whose rights after, and cut off in the middle."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, event, make_url, text

from ledger.app import Ledger
from ledger.errors import ConnectionLostError, NotAllowedError, SchemaError
from ledger.store.database import OLDER_SCHEMAS, SCHEMA
from tests import postgres
from tests.faults.conftest import POSTGRESQL, Addresses
from tests.faults.numbers import number, seed
from tests.faults.tasks import opened
from tests.faults.upgrades import EVENTS, NONE, NOTHING, must_be_new, released, state, upgrade
from tests.invented import findings, note

MOST_CUTS = 100
CUTS = number(3, MOST_CUTS)
"""Of an upgrade from each schema."""


def user(where: str, role: str) -> str:
    """The address of a ledger for a new user, whom it gives a role."""
    name = make_url(where).database
    with postgres.administered(where) as connection:
        connection.execute(f'CREATE ROLE "{name}-{role}" LOGIN IN ROLE "{name}_{role}"'.encode())
    return postgres.psycopg_url(where, username=f"{name}-{role}")


@pytest.mark.parametrize("revision", OLDER_SCHEMAS)
def test_the_owner_upgrades_and_every_role_has_its_rights(
    databases: Callable[[], str], revision: str
) -> None:
    where, another = databases(), databases()
    ledger = released(where, revision, with_roles=True)
    before = state(ledger.database)
    owner, steward, auditor = (user(where, role) for role in ("owner", "steward", "auditor"))
    for one in (steward, auditor):
        with pytest.raises(NotAllowedError, match="ask the owner"):
            opened(one).upgrade()
        assert state(ledger.database) == before
    opened(owner).upgrade()
    must_be_new(ledger, before)
    Ledger(another).create(roles=True)
    assert rights(where) == rights(another)
    Ledger(steward).append([note("incident/ambush", "Invented.")])
    assert findings(Ledger(auditor)) == []


def rights(where: str) -> list[str]:
    """Whose each table is, and who may do what with it, whatever the name of the database."""
    found = sorted(
        f"{table}: {owner} {right}"
        for table, (owner, those) in state(opened(where).database).access.items()
        for right in those
    )
    assert found
    return [one.replace(str(make_url(where).database), "NAME") for one in found]


@pytest.mark.parametrize("kind", [POSTGRESQL])
@pytest.mark.parametrize("revision", [NONE, *OLDER_SCHEMAS])
def test_an_upgrade_that_is_cut_off_leaves_the_old_schema(
    revision: str, addresses: Addresses, record_property: Callable[[str, object], None]
) -> None:
    """The server ends it before any of its statements, and before its commit."""
    chance = random.Random(f"cut {revision} {seed()}")
    ledger = released(addresses(), revision)
    with cut_before(0) as statements:
        upgrade(ledger)
    whole = next(statements) - 1
    points = {whole, *chance.sample(range(1, whole), min(CUTS, whole) - 1)}
    for point in sorted(points):
        ledger = released(addresses(), revision)
        before = NOTHING if revision == NONE else state(ledger.database)
        with cut_before(point), pytest.raises(ConnectionLostError):
            upgrade(ledger)
        assert state(ledger.database) == before
        upgrade(ledger)
        assert state(ledger.database).schema == SCHEMA
        must_be_new(ledger, before)
        addresses.drop(ledger.database.address)
    record_property("upgrades cut off before a statement", f"{len(points)} of {whole}")


@pytest.mark.parametrize("kind", [POSTGRESQL])
def test_who_waited_for_an_upgrade_does_not_append_after_it(where: str) -> None:
    """A program that fits the old tables, and looked at them before the upgrade had the head."""
    ledger = released(where, SCHEMA)
    ledger.upgrade()
    with ThreadPoolExecutor() as pool:
        with ledger.database.writing() as connection:
            appended = pool.submit(opened(where).append, [note("incident/ambush", "Invented.")])
            wait_until_behind(connection, appended)
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(SchemaError, match="9999"):
            appended.result()
    log = state(ledger.database).log
    assert log is not None
    assert log[0].size == EVENTS


@pytest.mark.parametrize("kind", [POSTGRESQL])
def test_an_upgrade_waits_for_who_appends(where: str) -> None:
    """Else it would count the event of another as one that it changed, or leave it unfolded."""
    ledger = released(where, SCHEMA)
    ledger.upgrade()
    with ThreadPoolExecutor() as pool:
        with ledger.database.writing() as connection:
            upgraded = pool.submit(opened(where).upgrade)
            wait_until_behind(connection, upgraded)
            ledger._append(connection, [note("incident/ambush", "Invented.")])
        upgraded.result()
    assert findings(ledger) == []
    assert ledger.verify().size == EVENTS + 1


def wait_until_behind(connection: Connection, other: Future[Any]) -> None:
    """Wait until what another does waits for a connection, or has ended."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"
    with postgres.administered() as admin:
        while not other.done():
            if admin.execute(waiting, (backend(connection),)).fetchall() != [(0,)]:
                return
            time.sleep(0.01)


@contextmanager
def cut_before(statement: int) -> Iterator[Iterator[int]]:
    """Have the server end the connection before one of its statements, or before its commit.

    0: before none. Gives the number of the next one.
    """
    numbers = count(1)

    def tell(connection: Connection, *_given: object) -> None:
        if next(numbers) == statement:
            ended(connection)

    names = ("before_cursor_execute", "commit")
    for name in names:
        event.listen(Engine, name, tell)
    try:
        yield numbers
    finally:
        for name in names:
            event.remove(Engine, name, tell)


def ended(connection: Connection) -> None:
    """End a connection as an administrator does."""
    with postgres.administered() as admin:
        told = admin.execute("SELECT pg_terminate_backend(%s, 9000)", (backend(connection),))
        assert told.fetchall() == [(True,)]


def backend(connection: Connection) -> int:
    """The process of the server that a connection is to."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver.info.backend_pid
