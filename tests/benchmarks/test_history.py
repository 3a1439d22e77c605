"""What goes through the whole log: reading, folding, rebuilding, verifying; 100,000 events."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from ledger import tree
from ledger.app import Ledger
from ledger.audit import walk
from ledger.audit.histories import Kept
from ledger.audit.order import Order
from ledger.audit.walk import Tiles
from ledger.store.log import Log
from tests.benchmarks import ledgers
from tests.benchmarks.conftest import Filled, Record
from tests.benchmarks.events import GED_LIKE, SINGLE
from tests.benchmarks.ledgers import CHUNKS, EVENTS
from tests.benchmarks.rounds import Benchmark, Prepare, by_turns
from tests.benchmarks.yardsticks import EventStore

ROUNDS = 5


@pytest.fixture(scope="module")
def event_store(folder: Path, filled: Filled) -> Iterator[Callable[[str], EventStore]]:
    """Makes the `eventsourcing` package's store of the same events."""
    made: list[EventStore] = []

    def make(kind: str) -> EventStore:
        store = EventStore(folder / f"eventsourcing-{kind}.db")
        made.append(store)
        for chunk in range(CHUNKS):
            store.put(ledgers.rows(filled(kind), chunk))
        return store

    yield make
    for store in made:
        store.close()


@pytest.mark.parametrize("kind", [SINGLE, GED_LIKE])
def test_read_of_the_log(
    kind: str,
    benchmark: Benchmark,
    filled: Filled,
    event_store: Callable[[str], EventStore],
    record: Record,
) -> None:
    """Every event, in order, decoded."""
    ledger, store = filled(kind), event_store(kind)
    assert _drained(store.read()) == EVENTS
    ours, theirs = map(
        min,
        by_turns(
            benchmark,
            ROUNDS,
            lambda: partial(_read, ledger),
            lambda: partial(_drained, store.read()),
        ),
    )
    how = f"{EVENTS / ours:,.0f} events/s; eventsourcing {EVENTS / theirs:,.0f}"
    record(f"read of the log, {kind}", theirs / ours, "read", how)


@pytest.mark.parametrize("kind", [SINGLE, GED_LIKE])
def test_fold_into_memory(kind: str, benchmark: Benchmark, filled: Filled, record: Record) -> None:
    _record_rate(record, f"fold into memory, {kind}", "fold", _best(benchmark, filled(kind).replay))


def test_rebuild(benchmark: Benchmark, folder: Path, filled: Filled, record: Record) -> None:
    """The tables emptied and folded anew, in one transaction."""
    ledger = ledgers.opened_copy(filled(GED_LIKE), folder / "rebuilt.db")
    best = _best(benchmark, ledger.rebuild, rounds=3)
    _record_rate(record, f"rebuild, {GED_LIKE}", "rebuild", best)


@pytest.mark.parametrize("kind", [SINGLE, GED_LIKE])
def test_verify_hash_tree_root(
    kind: str, benchmark: Benchmark, filled: Filled, record: Record
) -> None:
    """What an auditor's program must do at least; `ledger verify` always checks columns too."""
    ledger = filled(kind)
    with ledger.database.reading() as connection:
        assert _root(ledger) == Log(connection).root()
    best = _best(benchmark, partial(_root, ledger))
    _record_rate(record, f"verify, hash, tree and root, {kind}", "hash", best)


@pytest.mark.parametrize("kind", [SINGLE, GED_LIKE])
def test_verify_with_columns(
    kind: str, benchmark: Benchmark, filled: Filled, record: Record
) -> None:
    best = _best(benchmark, partial(_verify_log, filled(kind)))
    _record_rate(record, f"verify, with columns, {kind}", "columns", best)


def test_verify_with_projections(benchmark: Benchmark, filled: Filled, record: Record) -> None:
    """All that `ledger verify` checks: the projections folded anew and compared."""
    best = _best(benchmark, filled(GED_LIKE).verify, rounds=1)
    _record_rate(record, f"verify, with projections, {GED_LIKE}", "", best)


def _best(benchmark: Benchmark, action: Callable[[], object], rounds: int = ROUNDS) -> float:
    prepare: Prepare = lambda: action  # noqa: E731 - nothing needs to be made ready
    return min(by_turns(benchmark, rounds, prepare)[0])


def _record_rate(record: Record, what: str, goal: str, seconds: float) -> None:
    how = f"{seconds:.2f} s, {seconds / EVENTS * 1e6:.1f} us an event"
    record(what, EVENTS / seconds, goal, how, "events/s")


def _read(ledger: Ledger) -> int:
    with ledger.database.reading() as connection:
        return _drained(Log(connection).read())


def _drained(found: Iterator[object]) -> int:
    """How many there are; none of them is kept."""
    last = deque(enumerate(found, 1), maxlen=1)
    return last[0][0] if last else 0


def _verify_log(ledger: Ledger) -> None:
    with ledger.database.reading() as connection:
        history, order = Kept(connection, str(ledger.database)), Order()
        tiles = Tiles(history)
        assert walk.walk(history, (), tiles, [order]).size >= EVENTS
        assert [*tiles.findings, *order.findings] == []


def _root(ledger: Ledger) -> str:
    growth = tree.Growth()
    with ledger.database.reading() as connection:
        cursor = connection.connection.cursor()
        cursor.execute("SELECT body FROM events ORDER BY position")
        while found := cursor.fetchmany(walk.CHUNK):
            growth.add([tree.leaf_hash(body.encode()) for (body,) in found])
    return growth.root().hex()
