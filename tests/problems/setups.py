"""What is done to the ledger of a case before its commands: behind its back, or beforehand."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec

from ledger.app import Ledger
from tests import invented

Setup = Callable[[Path], None]

_STOPPED = "incidents-v1-0123456789abcdef"


def run_setup(name: str, ledger: Path) -> None:
    """Do what a case says was done to its ledger."""
    SETUPS[name](ledger)


def _tampered(*statements: str) -> Setup:
    """Changes the database with its triggers out of the way."""
    return lambda ledger: invented.tamper(Ledger(ledger), *statements)


def _without_trigger(ledger: Path) -> None:
    with closing(sqlite3.connect(ledger, isolation_level=None)) as database:
        database.execute("DROP TRIGGER events_no_delete")


def _body(position: int, old: str, new: str) -> str:
    """A statement that edits the bytes of one event."""
    return f"UPDATE events SET body = replace(body, '{old}', '{new}') WHERE position = {position}"


def _read_only(ledger: Path) -> None:
    ledger.chmod(0o444)


def _stopped_import(ledger: Path) -> None:
    """Events of an import whose last word is missing."""
    drafts = [invented.source(), invented.incident("invented-ambush", "killed 2")]
    opened = Ledger(ledger, steward="Test Steward")
    opened.append([msgspec.structs.replace(one, batch=_STOPPED) for one in drafts])


def _edited_tile(ledger: Path) -> None:
    """A tile above others exists from 256 events on."""
    opened = Ledger(ledger, steward="Test Steward")
    of = "incident/taji-2020-03-11"
    opened.append([invented.note(of, f"Invented note {number}.") for number in range(60)])
    _tampered("UPDATE tiles SET hashes = zeroblob(length(hashes)) WHERE level = 1")(ledger)


def _damaged_index(ledger: Path) -> None:
    """One letter of one entry of an index, past SQLite itself."""
    with closing(sqlite3.connect(ledger)) as database:
        statement = "SELECT rootpage FROM sqlite_master WHERE name = 'events_by_batch'"
        (page,) = database.execute(statement).fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    body = bytearray(ledger.read_bytes())
    at = body.index(b"drafts-", (page - 1) * size)
    body[at] = ord("c")
    ledger.write_bytes(body)


def _foreign_trigger(ledger: Path) -> None:
    with closing(sqlite3.connect(ledger, isolation_level=None)) as database:
        database.execute(
            "CREATE TRIGGER quietly AFTER INSERT ON events BEGIN "
            "UPDATE sources SET grade = 'A'; END"
        )


SETUPS: dict[str, Setup] = {
    "ledger.db has the schema of a newer program": _tampered(
        "UPDATE alembic_version SET version_num = '9999'"
    ),
    "ledger.db is read-only": _read_only,
    "an import was stopped halfway": _stopped_import,
    "one word of event 128 was edited": _tampered(_body(128, "Test Steward", "Tesu Steward")),
    "event 128 was cut short": _tampered(
        "UPDATE events SET body = substr(body, 2) WHERE position = 128"
    ),
    "event 197 was removed": _tampered("DELETE FROM events WHERE position = 197"),
    "event 128 was moved to another stream": _tampered(
        "UPDATE events SET stream = 'incident/elsewhere', version = 7 WHERE position = 128"
    ),
    "event 128 was dated back": _tampered(
        'UPDATE events SET body = replace(body, \'"recorded_at":"2024\', \'"recorded_at":"2023\')'
        " WHERE position = 128"
    ),
    "a space was added to event 128": _tampered(
        "UPDATE events SET body = body || ' ' WHERE position = 128"
    ),
    "versions 2 and 3 of a stream changed places": _tampered(
        "UPDATE events SET version = 99 WHERE stream = 'incident/taji-2020-03-11' AND version = 2",
        "UPDATE events SET version = 2 WHERE stream = 'incident/taji-2020-03-11' AND version = 3",
        "UPDATE events SET version = 3 WHERE stream = 'incident/taji-2020-03-11' AND version = 99",
    ),
    "one letter of an index was changed": _damaged_index,
    "a trigger was added": _foreign_trigger,
    "the head names another root": _tampered("UPDATE head SET root = lower(hex(zeroblob(32)))"),
    "a tile was edited": _edited_tile,
    "a tile was added": _tampered("INSERT INTO tiles VALUES (5, 3, zeroblob(32))"),
    "a trigger was dropped": _without_trigger,
    "a figure in the tables was edited": _tampered(
        "UPDATE tolls SET best = 9, high = 9 WHERE incident = "
        "(SELECT id FROM incidents WHERE key = 'taji-2020-03-11') AND measure = 'killed'"
    ),
}
