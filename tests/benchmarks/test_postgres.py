"""A ledger on PostgreSQL: bulk and single appends, replay and totals, beside what else there is."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psycopg
import pytest
from eventsourcing.persistence import JSONTranscoder, Mapper
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from sqlalchemy import make_url

from ledger.app import Ledger
from ledger.events import Draft
from ledger.store import log
from ledger.store.log import EventColumns
from tests import postgres
from tests.benchmarks import events, ledgers, processes
from tests.benchmarks.conftest import Filled, Record
from tests.benchmarks.events import GED_LIKE, SINGLE, STEWARD
from tests.benchmarks.ledgers import CHUNKS, EVENTS, Appended, Filling
from tests.benchmarks.rounds import Benchmark, Ready, best_of_chunks, by_turns, seconds
from tests.benchmarks.yardsticks import recorded

PASSES = 2
WRITERS = (1, 4, 8)
SECONDS = 5.0


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    """The server, for these benchmarks alone: it would keep others from a whole machine."""
    postgres.base()
    yield
    postgres.base.cache_clear()
    postgres.stop()


class Copied:
    """The `events` table by itself, filled by binary COPY: the same columns and keys."""

    def __init__(self, _path: Path) -> None:
        self._open = psycopg.connect(_empty(postgres.new_schema()).database.address)
        self._open.execute("CREATE TABLE copied (LIKE events INCLUDING ALL)")
        self._open.commit()

    def insert(self, rows: Sequence[EventColumns]) -> None:
        """Copy rows in one transaction, durably."""
        with (
            self._open.cursor() as cursor,
            cursor.copy("COPY copied FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(["int8", "text", "text", "int8", "text", "text", "text"])
            for row in rows:
                copy.write_row(row)
        self._open.commit()

    def close(self) -> None:
        """Close the connection."""
        self._open.close()


class Recorder:
    """The `eventsourcing` package's recorder on PostgreSQL, with its JSON transcoder and mapper."""

    def __init__(self, _path: Path) -> None:
        self._url = postgres.new_database()
        url = make_url(self._url)
        self._datastore = PostgresDatastore(
            str(url.database),
            str(url.query.get("host") or url.host),
            url.port or 5432,
            str(url.username),
            url.password or "",
            originator_id_type="text",
        )
        self._recorder = PostgresApplicationRecorder(self._datastore)
        self._recorder.create_table()
        self._mapper: Mapper[str] = Mapper(JSONTranscoder())

    def insert(self, rows: Sequence[EventColumns]) -> None:
        """Store events, given as the ledger stored them."""
        stored = [self._mapper.to_stored_event(recorded(row)) for row in rows]
        self._recorder.insert_events(stored)

    def close(self) -> None:
        """Close the pool, and drop the database."""
        self._datastore.close()
        name = make_url(self._url).database
        with postgres.administered() as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.mark.parametrize("kind", [SINGLE, GED_LIKE])
def test_bulk_append(
    kind: str, benchmark: Benchmark, folder: Path, filled: Filled, record: Record
) -> None:
    """The log alone, and with all tables, beside binary COPY and the recorder."""
    source = filled(kind)
    rows, drafts = partial(ledgers.rows, source), partial(ledgers.drafts, kind)
    alone, whole, copied, recorder = (
        best_of_chunks(found, CHUNKS) / EVENTS * 1e6
        for found in by_turns(
            benchmark,
            PASSES * CHUNKS,
            Filling(folder / "alone", _log_alone, drafts),
            Filling(folder / "whole", _whole, drafts),
            Filling(folder / "copied", Copied, rows),
            Filling(folder / "recorder", Recorder, rows),
        )
    )
    what = f"PostgreSQL: bulk append, {kind}"
    how = f"{alone:.1f} us an event; COPY {copied:.1f}, with all tables {whole:.1f}"
    record(f"{what}, log alone", copied / alone, "copy", how)
    record(f"{what}, all tables", copied / whole, "", how, "of COPY")
    record(f"{what}, beside eventsourcing", recorder / alone, "recorder", f"{recorder:.1f} us")
    record(f"{what}, all tables, beside it", recorder / whole, "", f"{recorder:.1f} us", "x")


@pytest.mark.parametrize("writers", WRITERS)
def test_single_appends(writers: int, benchmark: Benchmark, record: Record) -> None:
    """Processes that append one event after the other, each on a connection of its own."""
    url = postgres.new_schema()
    _empty(url)
    counts: list[int] = []

    def race() -> None:
        context = multiprocessing.get_context("spawn")
        with context.Pool(writers) as pool:
            counts.extend(pool.starmap(_append_for, [(url, one) for one in range(writers)]))

    benchmark.pedantic(race, setup=lambda: None, rounds=1)
    how = f"slowest {min(counts)}, fastest {max(counts)} in {SECONDS:.0f} s"
    rate = sum(counts) / SECONDS
    record(f"PostgreSQL: single appends, {writers} writers", rate, "", how, "appends/s")


def test_replay_and_totals(
    benchmark: Benchmark, compiled: Path, filled: Filled, record: Record
) -> None:
    """The same ledger on both: whole processes."""
    here = filled(GED_LIKE)
    there = Ledger(postgres.new_schema())
    there.copy_from(here.database.address)
    env = processes.environment(compiled)

    def ask(db: str, *asked: str) -> Callable[[], Ready]:
        return lambda: partial(processes.run, processes.ledger_command("--db", db, *asked), env)

    for name, asked in (
        ("replay", ("replay",)),
        ("totals by country and year", ("report", "totals", "--by", "country,year")),
    ):
        ours, theirs = ask(there.database.address, *asked), ask(here.database.address, *asked)
        assert ours()() == theirs()()
        mine, its = (min(seconds(one()) for _ in range(3)) for one in (ours, theirs))
        record(f"PostgreSQL: {name}, 100,000 events", mine, "", f"SQLite {its:.2f} s", "s")
    benchmark.pedantic(lambda: None, setup=lambda: None, rounds=1)


def _log_alone(_path: Path) -> Appended:
    database = _empty(postgres.new_schema()).database

    def append(drafts: Sequence[Draft]) -> None:
        with database.writing() as connection:
            log.append(connection, drafts, STEWARD, lambda *_: None, now=datetime.now(UTC))

    return Appended(append)


def _whole(_path: Path) -> Appended:
    return Appended(_empty(postgres.new_schema()).append)


def _empty(url: str) -> Ledger:
    made = Ledger(url, steward=STEWARD)
    made.create()
    made.append(events.sources())
    return made


def _append_for(url: str, writer: int) -> int:
    """How many events one process appended in the time that it had."""
    ledger = Ledger(url, steward=STEWARD)
    number = writer * EVENTS
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        ledger.append(events.drafts(SINGLE, number, number + 1))
        number += 1
    return number - writer * EVENTS
