from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import text

from ledger.app import Ledger
from ledger.store import triggers
from tests.conftest import file_of
from tests.invented import findings, incident, source

ROW = "INSERT {how} INTO events VALUES ({position}, '{id}', '{stream}', {version}, 't', '', '{{}}')"


@pytest.fixture(params=["plain", "recursive"])
def opened(ledger: Ledger, request: pytest.FixtureRequest) -> Iterator[sqlite3.Connection]:
    ledger.append([source(), incident("ambush", "killed 2")])
    before = list(ledger.export())
    with closing(sqlite3.connect(file_of(ledger), isolation_level=None)) as connection:
        if request.param == "recursive":
            connection.execute("PRAGMA recursive_triggers = ON")
        yield connection
    assert list(ledger.export()) == before
    assert findings(ledger) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET body = '{}'",
        "UPDATE events SET batch = batch WHERE position = 0",
        "UPDATE OR REPLACE events SET position = 0 WHERE position = 1",
        "UPDATE OR IGNORE events SET id = 'x'",
        "UPDATE events SET rowid = 9 WHERE position = 1",
    ],
)
def test_update_is_refused(opened: sqlite3.Connection, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="events are never changed"):
        opened.execute(statement)


@pytest.mark.parametrize("where", ["", "WHERE position = 1", "WHERE type = 'incident.recorded'"])
def test_delete_is_refused(opened: sqlite3.Connection, where: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="events are never removed"):
        opened.execute(f"DELETE FROM events {where}")


@pytest.mark.parametrize("how", ["", "OR REPLACE", "OR FAIL", "OR ABORT", "OR ROLLBACK"])
@pytest.mark.parametrize("position", [-1, 0, 1, 3, 99])
def test_an_event_must_take_the_next_position(
    opened: sqlite3.Connection, how: str, position: int
) -> None:
    row = ROW.format(how=how, position=position, id="new", stream="source/new", version=1)
    with pytest.raises(sqlite3.IntegrityError, match="must take the next position"):
        opened.execute(row)


@pytest.mark.parametrize("how", ["", "OR REPLACE", "OR FAIL"])
def test_an_id_must_be_new(opened: sqlite3.Connection, how: str) -> None:
    (taken,) = opened.execute("SELECT id FROM events WHERE position = 0").fetchone()
    row = ROW.format(how=how, position=2, id=taken, stream="source/new", version=1)
    with pytest.raises(sqlite3.IntegrityError, match="an event id must be new"):
        opened.execute(row)


@pytest.mark.parametrize("how", ["", "OR REPLACE", "OR FAIL"])
def test_a_stream_version_must_be_new(opened: sqlite3.Connection, how: str) -> None:
    row = ROW.format(how=how, position=2, id="new", stream="incident/ambush", version=1)
    with pytest.raises(sqlite3.IntegrityError, match="a stream version must be new"):
        opened.execute(row)


def test_insert_without_a_position_is_refused(opened: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="must take the next position"):
        opened.execute(
            "INSERT INTO events (id, stream, version, type, batch, body) "
            "VALUES ('new', 'source/new', 1, 't', '', '{}')"
        )


def test_ignoring_inserts_leave_everything_as_it_is(opened: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="must take the next position"):
        opened.execute(ROW.format(how="OR IGNORE", position=0, id="x", stream="s", version=1))


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("DELETE FROM head", "the head is never removed"),
        ("UPDATE head SET size = size - 1", "the log never shrinks"),
        ("UPDATE head SET size = 0, root = ''", "the log never shrinks"),
    ],
)
def test_the_head_never_goes_back(opened: sqlite3.Connection, statement: str, message: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=message):
        opened.execute(statement)


def test_the_head_cannot_be_replaced(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2")])
    with (
        closing(sqlite3.connect(file_of(ledger), isolation_level=None)) as connection,
        pytest.raises(sqlite3.IntegrityError),
    ):
        connection.execute("INSERT OR REPLACE INTO head VALUES (1, 0, '', '')")


def test_there_is_one_head(opened: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=r"one_head|one head"):
        opened.execute("INSERT INTO head VALUES (2, 0, '', '')")


@pytest.mark.parametrize("name", triggers.SQLITE)
def test_a_trigger_that_is_gone_or_changed_is_found(ledger: Ledger, name: str) -> None:
    with closing(sqlite3.connect(file_of(ledger), isolation_level=None)) as connection:
        connection.execute(f"DROP TRIGGER {name}")
        assert _missing(ledger) == [name]
        assert findings(ledger) == [f"trigger {name}: no-trigger"]
        table = name.partition("_")[0]
        connection.execute(f"CREATE TRIGGER {name} AFTER INSERT ON {table} BEGIN SELECT 1; END")
        assert _missing(ledger) == [name]
        connection.execute(f"DROP TRIGGER {name}")
        connection.execute(triggers.SQLITE[name])
    assert _missing(ledger) == []


def _missing(ledger: Ledger) -> list[str]:
    with ledger.database.reading() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
        return triggers.missing(connection)
