"""A streaming replica: what reads works there, what appends says so, and it tells if it lags."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from ledger.app import Ledger
from ledger.audit import projected
from ledger.errors import InterruptedReadingError
from ledger.problems import Problem
from ledger.store.log import Log
from tests.audit.signing import LOG_KEY
from tests.cli.command import Command
from tests.faults import clusters
from tests.faults.clusters import Cluster
from tests.invented import incident, note, source

USAGE, INTEGRITY = 2, 3
_PATIENCE = 60.0


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """A server with a ledger in its own database."""
    with clusters.started() as made:
        yield made


@pytest.fixture(scope="module")
def replica(server: Cluster) -> Iterator[Cluster]:
    """A replica that follows it; it ends readings that are in its way at once."""
    made = Cluster(server.folder.parent / "replica", "max_standby_streaming_delay=0")
    made.follow(server)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def ledger(server: Cluster, replica: Cluster) -> Ledger:
    """A ledger of two events, at the server."""
    made = Ledger(server.at(server.database()), "Test Steward")
    made.create()
    made.append([source(), incident("ambush", "killed 2")])
    caught_up(server, replica)
    return made


@pytest.fixture
def there(ledger: Ledger, server: Cluster, replica: Cluster) -> str:
    """The same ledger's address at the replica."""
    return ledger.database.address.replace(str(server.folder), str(replica.folder))


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """The command line."""
    return Command(capsys, tmp_path)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def caught_up(server: Cluster, replica: Cluster) -> None:
    ((written,),) = server.tell("SELECT pg_current_wal_insert_lsn()")
    shown = f"SELECT pg_last_wal_replay_lsn() >= '{written}'"
    until(lambda: replica.tell(shown) == [(True,)])


def received(server: Cluster, replica: Cluster) -> None:
    ((written,),) = server.tell("SELECT pg_current_wal_insert_lsn()")
    come = f"SELECT pg_last_wal_receive_lsn() >= '{written}'"
    until(lambda: replica.tell(come) == [(True,)])


READING = (
    ("export",),
    ("log",),
    ("show", "ambush"),
    ("report", "totals", "-f", "csv"),
    ("report", "incidents", "-f", "csv"),
    ("report", "totals", "--at", "1", "-f", "csv"),
    ("explain", "--measure", "killed"),
    ("check",),
    ("replay",),
    ("verify",),
)


def test_what_reads_gives_the_same(ask: Command, ledger: Ledger, there: str) -> None:
    for command in READING:
        here = ask("--db", ledger.database.address, *command)
        assert ask("--db", there, *command)[:2] == here[:2], command
        assert here.code != USAGE, command


@pytest.mark.parametrize(
    "command",
    [
        ("add", "note", "incident/ambush", "An invented note."),
        ("retract", "1", "--reason", "an invented one"),
        ("rebuild",),
        ("upgrade",),
    ],
)
def test_what_appends_says_that_it_is_a_replica(
    ask: Command, there: str, command: tuple[str, ...]
) -> None:
    done = ask("--db", there, *command)
    assert (done.code, done.out) == (USAGE, "")
    assert done.err == (
        f"ledger: {there} cannot be written (it is a replica): nothing was appended; "
        "append at the server that it follows\n"
    )


def test_a_replica_that_shows_all_that_it_has(ask: Command, there: str) -> None:
    done = ask("--db", there, "verify")
    assert done.code == 0, done
    assert "this is a replica: it shows all that it has received from its server" in done.err
    assert (
        "this is a replica" in ask("--db", there, "doctor").err + ask("--db", there, "doctor").out
    )


def test_a_replica_that_is_behind(
    ask: Command, ledger: Ledger, there: str, server: Cluster, replica: Cluster, tmp_path: Path
) -> None:
    replica.tell("SELECT pg_wal_replay_pause()")
    try:
        ledger.append([note("incident/ambush")])
        checkpoint = tmp_path / "here.checkpoint"
        checkpoint.write_text(str(ledger.auditor.checkpoint(LOG_KEY)), encoding="utf-8")
        received(server, replica)
        done = ask("--db", there, "verify")
        assert (done.code, done.out.split()[0]) == (0, "2")
        assert "this replica is behind: " in done.err
        assert " bytes came that it does not show; the last change that it shows " in done.err
        done = ask("--db", there, "verify", "--checkpoint", str(checkpoint))
        assert done.code == INTEGRITY
        assert "it covers 3 events, here are 2: events are gone, or this replica is beh" in done.out
    finally:
        replica.tell("SELECT pg_wal_replay_resume()")
    caught_up(server, replica)
    done = ask("--db", there, "verify", "--checkpoint", str(checkpoint))
    assert (done.code, done.out.split()[0]) == (0, "3")


@pytest.fixture
def must_go_on(ledger: Ledger, server: Cluster, replica: Cluster) -> Callable[[], None]:
    """Lets the replica end all readings that began before: it has to remove what they see."""
    name = make_url(ledger.database.address).database or ""

    def go_on() -> None:
        ledger.append([note("incident/ambush")])
        server.tell("VACUUM head", name)
        caught_up(server, replica)

    return go_on


def test_a_reading_that_is_in_the_way(there: str, must_go_on: Callable[[], None]) -> None:
    with (
        pytest.raises(InterruptedReadingError, match="hot_standby_feedback"),
        Ledger(there).database.reading() as connection,
    ):
        read_on(Log(connection), must_go_on)


def read_on(log: Log, meanwhile: Callable[[], None]) -> None:
    assert len(list(log.rows())) == 2
    meanwhile()
    list(log.rows())


def test_a_verification_that_is_in_the_way_finds_nothing_wrong(
    there: str, must_go_on: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the server ends it tells nothing of what is stored."""
    differences = projected.differences

    def late(log: Log) -> Iterator[Problem]:
        must_go_on()
        return differences(log)

    monkeypatch.setattr(projected, "differences", late)
    with pytest.raises(InterruptedReadingError):
        Ledger(there).verify()


def test_a_replica_whose_server_is_gone(
    ask: Command, there: str, server: Cluster, replica: Cluster
) -> None:
    receiving = "SELECT count(*) FROM pg_stat_wal_receiver WHERE pid IS NOT NULL"
    server.kill()
    try:
        until(lambda: replica.tell(receiving) == [(0,)])
        done = ask("--db", there, "verify")
        assert done.code == 0
        assert "this replica is behind: it receives nothing from its server at pres" in done.err
    finally:
        server.start()
