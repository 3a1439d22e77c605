"""The triggers that keep the log immutable in the database too: the one place that holds them.

Migrations create them, `doctor` and `verify` compare what is there with them. The insert
trigger checks position, id and stream version itself: `INSERT OR REPLACE` would otherwise
delete a row without firing a delete trigger on connections without `recursive_triggers`.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text

SQLITE: Mapping[str, str] = {
    "events_no_update": (
        "CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN "
        "SELECT RAISE(ABORT, 'events are never changed'); END"
    ),
    "events_no_delete": (
        "CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN "
        "SELECT RAISE(ABORT, 'events are never removed'); END"
    ),
    "events_in_order": (
        "CREATE TRIGGER events_in_order BEFORE INSERT ON events "
        "WHEN NEW.position <> (SELECT coalesce(max(position) + 1, 0) FROM events) "
        "OR EXISTS (SELECT 1 FROM events WHERE id = NEW.id) "
        "OR EXISTS (SELECT 1 FROM events WHERE stream = NEW.stream AND version = NEW.version) "
        "BEGIN SELECT RAISE(ABORT, 'an event must take the next position') WHERE NEW.position <> "
        "(SELECT coalesce(max(position) + 1, 0) FROM events); "
        "SELECT RAISE(ABORT, 'an event id must be new') WHERE EXISTS "
        "(SELECT 1 FROM events WHERE id = NEW.id); "
        "SELECT RAISE(ABORT, 'a stream version must be new'); END"
    ),
    "head_no_delete": (
        "CREATE TRIGGER head_no_delete BEFORE DELETE ON head BEGIN "
        "SELECT RAISE(ABORT, 'the head is never removed'); END"
    ),
    "head_only_one": (
        "CREATE TRIGGER head_only_one BEFORE INSERT ON head "
        "WHEN EXISTS (SELECT 1 FROM head) BEGIN "
        "SELECT RAISE(ABORT, 'there is one head'); END"
    ),
    "head_never_back": (
        "CREATE TRIGGER head_never_back BEFORE UPDATE ON head "
        "WHEN NEW.size < OLD.size BEGIN "
        "SELECT RAISE(ABORT, 'the log never shrinks'); END"
    ),
    "checkpoints_no_update": (
        "CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON checkpoints BEGIN "
        "SELECT RAISE(ABORT, 'checkpoints are never changed'); END"
    ),
    "checkpoints_no_delete": (
        "CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints BEGIN "
        "SELECT RAISE(ABORT, 'checkpoints are never removed'); END"
    ),
    "checkpoints_in_order": (
        "CREATE TRIGGER checkpoints_in_order BEFORE INSERT ON checkpoints "
        "WHEN NEW.number <> (SELECT coalesce(max(number) + 1, 1) FROM checkpoints) BEGIN "
        "SELECT RAISE(ABORT, 'a checkpoint must take the next number'); END"
    ),
}
"""Name of each trigger, which begins with its table's, and the statement that creates it."""


def create(connection: Connection, *tables: str) -> None:
    """Create the triggers of some tables; for migrations."""
    for name, statement in SQLITE.items():
        if name.partition("_")[0] in tables:
            connection.execute(text(statement))


def missing(connection: Connection) -> list[str]:
    """Names of triggers that are not there, or not as they should be."""
    there = _there(connection)
    return [name for name, statement in SQLITE.items() if there.get(name) != statement]


def unknown(connection: Connection) -> list[str]:
    """Names of triggers that nobody who made the ledger put there."""
    return sorted(_there(connection).keys() - SQLITE.keys())


def _there(connection: Connection) -> dict[str, str]:
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    return {row.name: row.sql for row in rows}
