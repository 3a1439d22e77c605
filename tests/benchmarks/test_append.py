"""Appends: one event, and 100,000 in chunks of 10,000, beside raw `sqlite3`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median

import pytest
from sqlalchemy import Connection

from ledger.app import Ledger
from ledger.events import Draft
from ledger.store import log
from ledger.store.log import AnyEvent
from tests.benchmarks import events, ledgers
from tests.benchmarks.conftest import Filled, Record
from tests.benchmarks.events import GED_LIKE, SINGLE, STEWARD
from tests.benchmarks.ledgers import CHUNKS, EVENTS, Appended, Filling
from tests.benchmarks.rounds import Benchmark, Ready, best_of_chunks, by_turns
from tests.benchmarks.yardsticks import RawTable

PASSES = 3
ONES = 300

Append = Callable[[Sequence[Draft]], object]


@pytest.mark.parametrize("kind", [SINGLE, GED_LIKE])
def test_bulk_append_of_the_log_alone(
    kind: str, benchmark: Benchmark, folder: Path, template: Ledger, filled: Filled, record: Record
) -> None:
    """Encode, hash, tree, head, triggers; durable; nothing is folded."""

    def begin(path: Path) -> Appended:
        database = ledgers.opened_copy(template, path).database

        def append(drafts: Sequence[Draft]) -> None:
            with database.writing() as connection:
                log.append(connection, drafts, STEWARD, _no_fold, now=datetime.now(UTC))

        return Appended(append)

    times = _beside_raw(benchmark, folder, kind, filled(kind), begin)
    _record_bulk(record, f"bulk append, log alone, {kind}", "log", times)


@pytest.mark.parametrize("kind", [SINGLE, GED_LIKE])
def test_bulk_append_with_projections(
    kind: str, benchmark: Benchmark, folder: Path, template: Ledger, filled: Filled, record: Record
) -> None:
    def begin(path: Path) -> Appended:
        return Appended(ledgers.opened_copy(template, path).append)

    times = _beside_raw(benchmark, folder, kind, filled(kind), begin)
    _record_bulk(record, f"bulk append, {kind}", f"append {kind}", times)


def test_append_of_one(benchmark: Benchmark, folder: Path, filled: Filled, record: Record) -> None:
    """One single event to a ledger of 100,000, durably, as a steward's command does."""
    whole = filled(SINGLE)
    ledger = ledgers.opened_copy(whole, folder / "one.db")
    numbers = count(EVENTS)

    def one() -> Ready:
        return partial(ledger.append, events.drafts(SINGLE, number := next(numbers), number + 1))

    tables = [
        RawTable(folder / f"one-{name}.db", ledgers.table_statement(whole), stay_open=stay_open)
        for name, stay_open in (("stays", True), ("reopens", False))
    ]
    *most, last = (ledgers.rows(whole, chunk) for chunk in range(CHUNKS))
    for table in tables:
        for rows in most:
            table.insert(rows)
    left = [iter(last) for _ in tables]
    ours, stays, reopens = map(
        median,
        by_turns(
            benchmark,
            ONES,
            one,
            lambda: partial(tables[0].insert, [next(left[0])]),
            lambda: partial(tables[1].insert, [next(left[1])]),
        ),
    )
    for table in tables:
        table.close()
    how = (
        f"{ours * 1e3:.2f} ms; raw {stays * 1e3:.2f}, opened for each {reopens * 1e3:.2f} "
        f"(medians of {ONES})"
    )
    record("append of one", stays / ours, "", how, "of raw")


def _beside_raw(
    benchmark: Benchmark,
    folder: Path,
    kind: str,
    source: Ledger,
    begin: Callable[[Path], Appended],
) -> list[float]:
    """Seconds for all events: ours, raw on one connection, raw opened for each chunk."""
    statement = ledgers.table_statement(source)
    rows = partial(ledgers.rows, source)
    stays = partial(RawTable, statement=statement, stay_open=True)
    reopens = partial(RawTable, statement=statement, stay_open=False)
    times = by_turns(
        benchmark,
        PASSES * CHUNKS,
        Filling(folder / "ours", begin, partial(ledgers.drafts, kind)),
        Filling(folder / "stays", stays, rows),
        Filling(folder / "reopens", reopens, rows),
    )
    return [best_of_chunks(found, CHUNKS) for found in times]


def _record_bulk(record: Record, what: str, goal: str, times: Sequence[float]) -> None:
    ours, stays, reopens = (seconds / EVENTS * 1e6 for seconds in times)
    how = (
        f"{ours:.1f} us an event; raw {stays:.1f}, "
        f"opened for each chunk {reopens:.1f} ({reopens / ours:.2f} of it)"
    )
    record(what, stays / ours, goal, how)


def _no_fold(_connection: Connection, _events: Sequence[AnyEvent]) -> None:
    """Leave the projections alone."""
