"""Many writers, some readers and an import at once: nothing is lost, missed or out of order."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.app import Ledger
from ledger.store import log as store
from ledger.store.driver import insert
from ledger.store.log import Log
from tests.children import SPAWN, Child, Pipe, together
from tests.faults import crowd, tasks
from tests.faults.crowd import Appended, Rules
from tests.faults.numbers import FULL, number
from tests.faults.tasks import opened
from tests.intake.mutations import written
from tests.invented import findings

WRITERS, READERS = 16, 4
MOST = 50_000
APPENDS = number(2_000, MOST)
ROWS = APPENDS // 20
"""Of the file that is imported beside them."""
PLANTED = 120
"""Appends of writers whose positions are not taken under the lock of the head."""


@pytest.fixture
def ledger(where: str) -> Ledger:
    """A ledger of a source, at an address for other processes."""
    made = opened(where)
    made.create()
    return made


def test_writers_readers_and_an_import(
    ledger: Ledger, where: str, quick: Path, record_property: Callable[[str, object], None]
) -> None:
    file = quick / "ged241-beside.csv"
    file.write_bytes(written("csv", tasks.rows(1, ROWS)))
    names = [f"w{one:02}" for one in range(WRITERS)]
    rules = crowd.rules(WRITERS + 1, READERS, APPENDS)
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
    assert (counts.total(), ledger.verify().size) == (APPENDS, APPENDS + imported)
    if FULL:
        assert_fair(ledger, names, counts)
    record_property("appends by 16 writers at once, none lost", f"{APPENDS} of {MOST}")
    slowest, fastest = min(counts.values()), max(counts.values())
    record_property("appends of the slowest writer, of the fastest", f"{slowest} of {fastest}")


def assert_fair(ledger: Ledger, names: list[str], counts: Counter[str]) -> None:
    """By counts and turns alone: how busy the machine is makes no difference to them."""
    with ledger.database.reading() as connection:
        waits = crowd.waits(crowd.order(list(Log(connection).rows()), names))
    assert min(counts.values()) >= 0.8 * max(counts.values()), counts
    assert max(waits) <= 20 * sum(waits) / len(waits)


def test_a_sequence_without_the_lock_makes_readers_miss_events(ledger: Ledger, where: str) -> None:
    """The control: what the test above would find if positions were taken without the lock."""
    without_order(ledger)
    rules, sequence = crowd.rules(4, 2, PLANTED), SPAWN.Value("q", 0)
    children = [
        *(Child(planted, where, f"w{one}", rules, sequence) for one in range(4)),
        *(Child(crowd.tailing, where, f"r{one}", rules) for one in range(2)),
    ]
    with together(*children):
        heard = crowd.run(children)
    found = list(crowd.faults(ledger, heard))
    assert not [one for one in found if "told" in one], "nothing is lost, and yet:"
    assert [one for one in found if "missed" in one]


def without_order(ledger: Ledger) -> None:
    """Take away what else would refuse a position that is not the next one."""
    with ledger.database.writing() as connection:
        connection.execute(text("DROP TRIGGER events_in_order"))


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
