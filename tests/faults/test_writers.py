"""Many writers, some readers and an import at once: nothing is lost, missed or out of order."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from ledger.app import Ledger
from ledger.store import log as store
from ledger.store.database import SCHEMA
from ledger.store.driver import insert
from ledger.store.log import Log
from tests import postgres
from tests.children import SPAWN, Child, Pipe, together
from tests.faults import crowd, tasks
from tests.faults.conftest import POSTGRESQL, SQLITE
from tests.faults.crowd import Appended, Rules
from tests.faults.numbers import FULL, number
from tests.faults.tasks import opened
from tests.intake.mutations import written
from tests.invented import findings

WRITERS = {SQLITE: 16, POSTGRESQL: 32}
READERS = 4
MOST = 50_000
APPENDS = {SQLITE: number(1_680, MOST), POSTGRESQL: number(320, MOST)}
PAUSE = {SQLITE: crowd.PAUSE, POSTGRESQL: 0.2}
"""Of readers: each look is a new connection, and a server's costs more."""
PLANTED = 120
"""Appends of writers whose positions are not taken under the lock of the head."""


def test_writers_readers_and_an_import(
    ledger: Ledger,
    where: str,
    kind: str,
    quick: Path,
    record_property: Callable[[str, object], None],
) -> None:
    appends = APPENDS[kind]
    file = quick / "ged241-beside.csv"
    file.write_bytes(written("csv", tasks.rows(1, appends // 20)))
    names = [f"w{one:02}" for one in range(WRITERS[kind])]
    rules = crowd.rules(len(names) + 1, READERS, appends, PAUSE[kind])
    children = [
        *(Child(crowd.writing, where, name, rules) for name in names),
        Child(crowd.importing, where, file, rules),
        *(Child(crowd.tailing, where, f"r{one}", rules) for one in range(READERS)),
    ]
    with together(*children):
        heard = crowd.run(children)
    assert list(crowd.faults(ledger, heard)) == []
    assert findings(ledger) == []
    counts = Counter({one.writer: len(one.ids) for one in heard if isinstance(one, Appended)})
    (imported,) = (one for one in heard if isinstance(one, int))
    assert (counts.total(), ledger.verify().size) == (appends, appends + imported)
    if FULL:
        assert_fair(ledger, names, counts)
    told = f"appends by {len(names)} writers at once on {kind}, none lost"
    record_property(told, f"{appends} of {MOST}")
    slowest, fastest = min(counts.values()), max(counts.values())
    told = f"appends of the slowest writer on {kind}, of the fastest"
    record_property(told, f"{slowest} of {fastest}")


def assert_fair(ledger: Ledger, names: list[str], counts: Counter[str]) -> None:
    """By counts and turns alone: how busy the machine is makes no difference to them."""
    with ledger.database.reading() as connection:
        waits = crowd.waits(crowd.order(list(Log(connection).rows()), names))
    assert min(counts.values()) >= 0.8 * max(counts.values()), counts
    assert max(waits) <= 20 * sum(waits) / len(waits)


@pytest.mark.parametrize("kind", [SQLITE])
def test_a_sequence_without_the_lock_makes_readers_miss_events(ledger: Ledger, where: str) -> None:
    """The control: what the test above would find if positions were taken without the lock."""
    with ledger.database.writing() as connection:  # which else refuses what is not the next one
        connection.execute(text("DROP TRIGGER events_in_order"))
    readers_must_miss(ledger, where, planted, SPAWN.Value("q", 0))


@pytest.mark.parametrize("kind", [POSTGRESQL])
def test_a_sequence_of_the_server_makes_readers_miss_events(where: str) -> None:
    """The control: a table as one would make it, whose positions a sequence gives."""
    with postgres.administered(where) as connection:
        connection.execute(SEQUENCED.encode())
    readers_must_miss(opened(where), where, sequenced)


def readers_must_miss(ledger: Ledger, where: str, run: Callable[..., None], *given: object) -> None:
    """Have four append and two look on: nothing that was told is lost, and yet some is not seen."""
    rules = crowd.rules(4, 2, PLANTED)
    children = [
        *(Child(run, where, f"w{one}", rules, *given) for one in range(4)),
        *(Child(crowd.tailing, where, f"r{one}", rules) for one in range(2)),
    ]
    with together(*children):
        heard = crowd.run(children)
    found = list(crowd.faults(ledger, heard))
    assert not [one for one in found if "told" in one]
    assert [one for one in found if "missed" in one]


def planted(pipe: Pipe, where: str, name: str, rules: Rules, sequence: Synchronized[int]) -> None:
    """Append like a bare sequence does: take the next position, and then the lock."""
    ledger, ids = opened(where, name), dict[int, str]()
    with crowd.one_of_those_who_write(rules):
        while crowd.takes_one(rules.left):
            with sequence.get_lock():
                position = sequence.value
                sequence.value += 1
            time.sleep(0.001 * (position % 7))
            ids[position] = f"{name}-{position}"
            row = (position, ids[position], f"source/{name}-{position}", 1, "none", "", "{}")
            with ledger.database.writing() as connection:
                insert(connection, "events", [row])
                size = max(store.head(connection).size, position + 1)
                connection.execute(text("UPDATE head SET size = :size"), {"size": size})
    pipe.send(Appended(name, ids))


SEQUENCED = f"""
CREATE SEQUENCE positions MINVALUE 0;
CREATE TABLE events (
    position bigint PRIMARY KEY DEFAULT nextval('positions'),
    id text, stream text, version bigint, type text, batch text, body text
);
CREATE VIEW head AS SELECT coalesce(max(position) + 1, 0) AS size, '' AS root, '' AS recorded_at
    FROM events;
CREATE TABLE projections (name text, version bigint, position bigint);
CREATE TABLE alembic_version AS SELECT '{SCHEMA}' AS version_num;
"""
"""No triggers and no lock; and what else a reader looks at."""


def sequenced(pipe: Pipe, where: str, name: str, rules: Rules) -> None:
    """Append to a table whose positions a sequence gives, each in a transaction of its own."""
    ids: dict[int, str] = {}
    with psycopg.connect(where) as connection, crowd.one_of_those_who_write(rules):
        while crowd.takes_one(rules.left):
            event = f"{name}-{len(ids)}"
            row = (event, f"source/{event}", 1, "none", "", "{}")
            ((position,),) = connection.execute(
                "INSERT INTO events (id, stream, version, type, batch, body) "
                "VALUES (%s, %s, %s, %s, %s, %s) RETURNING position",
                row,
            ).fetchall()
            time.sleep(0.01 * (position % 4))
            connection.commit()
            ids[position] = event
    pipe.send(Appended(name, ids))
