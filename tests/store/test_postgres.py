"""PostgreSQL alone: its names, its texts, its cursors, and writers that it loses."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Barrier
from urllib.parse import quote

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import text

from ledger.app import Ledger
from ledger.errors import (
    ConnectionLostError,
    IntegrityError,
    InterruptedReadingError,
    LedgerError,
    LedgerExistsError,
    NotAllowedError,
    OutcomeUnknownError,
    ReadOnlyError,
    RefusedError,
    UndoneError,
    UnreachableError,
    UnsafeSettingError,
)
from ledger.events import payloads as said
from ledger.store import driver, server
from ledger.store import postgres as database
from ledger.store.database import at
from ledger.store.log import Log, head
from ledger.store.postgres import PostgresDatabase
from ledger.vocabulary import LONGEST_KEY
from tests import postgres
from tests.children import SPAWN, Child, Pipe, together
from tests.conftest import Clock, Ids
from tests.invented import findings, incident, note, source

LONGER = driver._AT_A_TIME + 100
"""Events that come in more than one go."""
LONG = "k" * LONGEST_KEY


@pytest.fixture
def ledger() -> Ledger:
    """An empty ledger."""
    return made(postgres.new_schema())


def made(where: str, *, roles: bool = False) -> Ledger:
    new = Ledger(where, "Test Steward", now=Clock(), new_ids=Ids())
    new.create(roles=roles)
    return new


@pytest.fixture
def new_database() -> Iterator[Callable[..., str]]:
    """Makes databases by name, and gives their URLs."""
    names: list[str] = []

    def make(name: str, how: str = "") -> str:
        with postgres.administered() as connection:
            connection.execute(f'CREATE DATABASE "{name}" {how}'.encode())
        names.append(name)
        return postgres.psycopg_url(postgres.base(), database="DB").replace(
            "/DB", f"/{quote(name)}"
        )

    yield make
    with postgres.administered() as connection:
        for name in names:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
            for role in ("owner", "steward", "auditor", "names"):
                connection.execute(f'DROP ROLE IF EXISTS "{name}_{role}"'.encode())


# Names


@pytest.mark.parametrize("name", ["My Ledger", "100% Ünïted"])
def test_databases_of_odd_names(new_database: Callable[..., str], name: str) -> None:
    ledger = made(new_database(name), roles=True)
    ledger.append([source()])
    assert findings(ledger) == []
    with postgres.administered(ledger.database.address) as connection:
        found = connection.execute("SELECT rolname FROM pg_roles").fetchall()
    assert {f"{name}_{role}" for role in ("owner", "steward", "auditor", "names")} <= {
        row[0] for row in found
    }


@pytest.mark.parametrize("name", ["Camel", "my ledger", "o'brien", 'a"b', "100%", "ü"])
def test_schemas_of_odd_names(name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    with postgres.administered() as connection:
        connection.execute(f"CREATE SCHEMA {quoted}".encode())
    path = quoted.replace(" ", "\\ ")
    ledger = made(postgres.with_options(postgres.base(), options=f"-csearch_path={path}"))
    ledger.append([source()])
    assert findings(ledger) == []
    assert ledger.diagnose().faults == []


def test_a_database_whose_roles_would_have_their_names_cut(
    new_database: Callable[..., str],
) -> None:
    where = new_database("l" * 57)
    with pytest.raises(LedgerError, match=r"at most 63 bytes.*give it a shorter name"):
        made(where, roles=True)
    assert not Ledger(where).database.exists()
    assert findings(made(where)) == []


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_hold_all_texts(
    new_database: Callable[..., str], encoding: str
) -> None:
    where = new_database(f"in-{encoding}", f"ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'")
    with pytest.raises(UnsafeSettingError, match=f"server_encoding is {encoding} and not UTF8"):
        made(where)
    assert not Ledger(where).database.exists()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://amina:se:cr%40et@db/oir", "postgresql://amina:***@db/oir"),
        ("postgres://amina:secret@a:1,b:2/oir", "postgres://amina:***@a:1,b:2/oir"),
        ("postgresql://amina@db/oir", "postgresql://amina@db/oir"),
        ("postgresql:///oir?host=/run", "postgresql:///oir?host=/run"),
        (
            "postgresql:///oir?user=amina&password=secret&sslpassword=secret&port=1",
            "postgresql:///oir?user=amina&password=***&sslpassword=***&port=1",
        ),
        ("postgresql://db:5432/oir?password=secret", "postgresql://db:5432/oir?password=***"),
        ("postgresql://[::1]:5432/oir", "postgresql://[::1]:5432/oir"),
    ],
)
def test_no_message_shows_a_password(url: str, shown: str) -> None:
    assert str(at(url)) == shown
    assert at(url).address == url


def test_what_a_url_asks_for_is_not_overridden() -> None:
    asked = postgres.with_options(postgres.base(), application_name="a notebook")
    with server.connect(asked) as connection:
        found = connection.info.get_parameters()
    assert (found["application_name"], found["keepalives_idle"]) == ("a notebook", "30")
    with server.connect(postgres.base()) as connection:
        assert connection.info.get_parameters()["application_name"] == "casualty-ledger"


def test_postgresql_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ledger.store.postgres", None)
    with pytest.raises(LedgerError, match=r"pip install .casualty-ledger\[postgres\]."):
        at("postgresql:///oir")


# Texts


def test_texts_of_every_kind(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the client's environment says of its encoding."""
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    told = "100% of what? 漢字 \\ ' \" \t\n \U0001f54a :name ?"
    ledger.append([source(), note("source/invented-gazette", told)])
    assert findings(ledger) == []
    with ledger.asking() as present:
        event = present.log.at(1)
    assert isinstance(event.data, said.NoteAdded)
    assert event.data.text == told


def test_a_text_that_postgresql_cannot_hold(ledger: Ledger) -> None:
    ledger.append([source()])
    with pytest.raises(RefusedError, match="holds a NUL"):
        ledger.append([note("source/invented-gazette", "a\0b")])
    with pytest.raises(RefusedError):
        ledger.append([note("source/invented-gazette", "a\ud800b")])
    assert ledger.verify().size == 1


def test_what_is_longest(ledger: Ledger) -> None:
    """Keys of 200 characters, and labels of more than a page of the database (8 kB)."""
    labels = {f"label-{number}": f"{number}" * 120 for number in range(100, 140)}
    ledger.append([source(LONG), incident(LONG, "killed 2", of=LONG, labels=labels)])
    assert findings(ledger) == []
    with ledger.asking() as present:
        assert len(str(labels)) > 1 << 13
        assert present.log.at(1).stream == f"incident/{LONG}"


# Reading


def test_a_reader_sees_one_moment_also_with_a_cursor_open(ledger: Ledger) -> None:
    ledger.append([source(f"paper-{number}") for number in range(LONGER)])
    with ledger.database.reading() as connection:
        rows = Log(connection).rows()
        assert next(rows).position == 0
        ledger.append([note("source/paper-1")])
        assert [row.position for row in rows] == list(range(1, LONGER))
        assert Log(connection).stop == LONGER
        assert list(Log(connection).rows(LONGER)) == []


def test_no_cursor_is_left_open(ledger: Ledger) -> None:
    ledger.append([source(), *(note("source/invented-gazette") for _ in range(20))])
    open_ones = text("SELECT count(*) FROM pg_cursors WHERE name LIKE 'ledger%'")
    with ledger.database.reading() as connection:
        log = Log(connection)
        assert [log.at(number).position for number in range(20)] == list(range(20))
        rows = log.rows()
        next(rows)
        assert connection.execute(open_ones).scalar_one() == 1
        del rows
        assert connection.execute(open_ones).scalar_one() == 0


def test_rows_that_are_asked_for_after_the_end(ledger: Ledger) -> None:
    ledger.append([source()])
    with ledger.database.reading() as connection:
        rows = Log(connection).rows()
        next(rows)
    rows.close()  # type: ignore[attr-defined] # a cursor of a connection that is no more


def test_a_reader_cannot_write(ledger: Ledger) -> None:
    with pytest.raises(ReadOnlyError), ledger.database.reading() as connection:
        driver.run(connection, "UPDATE head SET size = 7")


def test_transactions_that_may_only_read(ledger: Ledger) -> None:
    only = f"{ledger.database.address}%20-cdefault_transaction_read_only%3Don"
    with pytest.raises(ReadOnlyError, match=r"read-only transaction.*where transactions may write"):
        Ledger(only, "Test Steward").append([source()])


def test_tables_that_are_gone(ledger: Ledger) -> None:
    ledger.append([source()])
    with postgres.administered(ledger.database.address) as connection:
        connection.execute("DROP TABLE tiles")
    with pytest.raises(IntegrityError, match=r"relation .tiles. does not exist"):
        ledger.verify()


# Writing


def test_rows_that_cannot_be_copied_leave_nothing(ledger: Ledger) -> None:
    """What fails in the middle of a COPY is undone, and the transaction goes on."""
    rows: list[driver.Values] = [(9, number, f"{number}") for number in range(50)]
    with ledger.database.writing() as connection:
        for row in ((9, 99, "a\0b"), (9, "no number", "")):
            with pytest.raises(psycopg.Error), connection.begin_nested():
                driver.insert(connection, "facets", [*rows, row])
        assert driver.fetch(connection, "SELECT count(*) FROM facets") == [(0,)]
    ledger.append([source()])
    assert findings(ledger) == []


def test_what_a_copy_breaks_is_said(ledger: Ledger) -> None:
    ledger.append([source()])
    rows: list[driver.Values] = [(7, "x", "source/x", 1, "note.added", "", "{}")]
    with (
        pytest.raises(LedgerError, match="an event must take the next position"),
        ledger.database.writing() as connection,
    ):
        driver.insert(connection, "events", rows)
    assert ledger.verify().size == 1


def test_a_writer_that_says_nothing_lets_go(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its machine may be gone: others go on, and what it had begun is done again if it wakes."""
    monkeypatch.setattr(database, "_IDLE", "100ms")
    other, tries = Ledger(ledger.database.address, "Other Steward"), []

    def slow(connection: object) -> int:
        tries.append(connection)
        if len(tries) == 1:
            other.append([source("of-another")])
        return head(connection).size  # type: ignore[arg-type]

    assert ledger.database.write(slow) == 1
    assert len(tries) == 2
    assert findings(ledger) == []


def test_a_writer_that_says_nothing_and_is_not_tried_again(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_IDLE", "50ms")

    def sleep_over_it() -> None:
        with ledger.database.writing() as connection:
            time.sleep(0.5)
            head(connection)

    with pytest.raises(ConnectionLostError, match="idle-in-transaction timeout"):
        sleep_over_it()


def test_whether_it_stands_is_not_waited_for_without_end(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another holds the head, nobody can tell."""
    monkeypatch.setattr(database, "_PATIENCE", 1.0)
    asked = PostgresDatabase(ledger.database.address)
    with (
        ledger.database.writing(),
        pytest.raises(OutcomeUnknownError, match="run the same again: what stands is not append"),
    ):
        asked._stands(database.Last(0, "none", None, None))


def test_a_transaction_that_was_undone_is_tried_again(ledger: Ledger) -> None:
    tries = []

    def undone_once(connection: object) -> str:
        tries.append(connection)
        if len(tries) == 1:
            raise errors.SerializationFailure("invented")
        return "done"

    assert ledger.database.write(undone_once) == "done"


@pytest.mark.parametrize(
    ("error", "meaning", "said"),
    [
        (errors.SerializationFailure("invented"), UndoneError, "nothing was appended"),
        (errors.DeadlockDetected("invented"), UndoneError, "run the same again"),
        (
            errors.SerializationFailure("canceling statement due to conflict with recovery"),
            InterruptedReadingError,
            "max_standby_streaming_delay",
        ),
        (errors.InsufficientPrivilege("invented"), NotAllowedError, "ask the owner"),
        (errors.AdminShutdown("invented"), ConnectionLostError, "nothing was appended"),
        (errors.CrashShutdown("invented"), ConnectionLostError, "nothing was appended"),
        (errors.IdleInTransactionSessionTimeout("a"), ConnectionLostError, "connection was lost"),
        (psycopg.OperationalError("the connection is closed"), ConnectionLostError, "is closed"),
        (errors.DuplicateTable("invented"), LedgerExistsError, "a table of that name"),
        (errors.DataCorrupted("invalid page in block 3"), IntegrityError, "block 3"),
        (errors.DiskFull("no space left"), LedgerError, "the database refused: no space left"),
        (errors.QueryCanceled("statement timeout"), LedgerError, "refused: statement timeout"),
    ],
)
def test_what_errors_mean(error: psycopg.Error, meaning: type[LedgerError], said: str) -> None:
    found = server.meaning("postgresql:///oir", error)
    assert type(found) is meaning
    assert said in str(found)


def test_an_address_that_is_none() -> None:
    with pytest.raises(UnreachableError, match="invalid percent-encoded token"):
        list(Ledger("postgresql://local%zz/x").export())


def creating(pipe: Pipe, where: str, start: Barrier) -> None:
    start.wait(60)
    try:
        Ledger(where).create()
    except LedgerExistsError:
        pipe.send("there already")
    else:
        pipe.send("made")


def test_two_who_make_the_same_ledger() -> None:
    """One makes it, and the other is told that it is there."""
    where, start = postgres.new_schema(), SPAWN.Barrier(2)
    children = [Child(creating, where, start) for _ in range(2)]
    with together(*children):
        answers = sorted(str(word) for child in children for word in child.hear())
        assert all(child.ended() for child in children)
    assert answers == ["made", "there already"]
    assert findings(Ledger(where)) == []
