"""Ledgers of every released schema, what an upgrade must keep of them, and what it must bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Constraint, Index, inspect, text
from sqlalchemy.schema import SchemaItem
from sqlmodel import SQLModel

import ledger.projections.tables
import ledger.store.tables  # noqa: F401 - the two fill the metadata
from ledger.app import Ledger
from ledger.store import log as store
from ledger.store import roles, schema, triggers
from ledger.store.database import SCHEMA, Database
from ledger.store.driver import is_postgres
from ledger.store.log import AnyEvent, EventColumns, Head, Log
from tests.faults import merkle
from tests.faults.tasks import opened
from tests.invented import counts, findings, incident, note, source

EVENTS = 600
"""More than two tiles of the tree."""
NONE = "none"
"""The schema of a database that is not there yet."""


class State(NamedTuple):
    """What an upgrade must not change, and what it must change as a whole.

    `access` says of each table whose it is, and who may do what with it.
    """

    log: tuple[Head, list[EventColumns]] | None
    schema: str | None
    triggers: frozenset[str]
    tables: Mapping[str, list[str]]
    access: Mapping[str, tuple[str, frozenset[str]]]


NOTHING = State(None, None, frozenset(), {}, {})


def released(where: str, revision: str, *, with_roles: bool = False) -> Ledger:
    """A ledger of a schema that was released, with a log and empty tables; none if NONE."""
    ledger = opened(where)
    if revision == NONE:
        return ledger
    with ledger.database.writing(fresh=True) as connection:
        if with_roles:
            roles.create(connection)
            with roles.as_owner(connection):
                migrate(connection, revision)
                roles.grant(connection, inspect(connection).get_table_names())
        else:
            migrate(connection, revision)
        drafts = [source(), incident("ambush", "killed 2"), note("incident/ambush")]
        drafts += [counts("ambush", f"killed {one}") for one in range(4)]
        drafts += [incident(f"raid-{one}", "killed 1") for one in range(EVENTS - len(drafts))]
        moment = datetime(2024, 1, 1, tzinfo=UTC)
        store.append(connection, drafts, "Test Steward", _no_fold, now=moment)
    return ledger


def migrate(connection: Connection, revision: str) -> None:
    """Bring the tables to a schema, as a program of that time did."""
    settings = schema.config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)


def state(database: Database) -> State:
    """All of it, as it stands; of an older schema too."""
    with database.writing(fresh=True) as connection:
        found = database.schema(connection)
        there = inspect(connection)
        tables = {
            name: [f"{column['name']} {column['type']}" for column in there.get_columns(name)]
            for name in there.get_table_names()
        }
        log = (store.head(connection), list(Log(connection).rows())) if found else None
        wanted = frozenset(triggers.expected(connection))
        whole = wanted - frozenset(triggers.missing(connection))
        return State(log, found, whole, tables, access(connection))


def access(connection: Connection) -> dict[str, tuple[str, frozenset[str]]]:
    """Whose each table is, and who may do what with it; of a file nobody but who can open it."""
    if not is_postgres(connection):
        return {}
    rows = connection.execute(
        text(
            "SELECT relname, relowner::regrole::text, coalesce(relacl::text[], '{}') FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = CAST(current_schema() AS regnamespace)"
        )
    )
    return {name: (owner, frozenset(grants)) for name, owner, grants in rows}


def upgrade(ledger: Ledger) -> None:
    """What `ledger upgrade` does, or `ledger init` where there is nothing."""
    if ledger.database.exists():
        ledger.upgrade()
    else:
        ledger.create()


def must_be_new(ledger: Ledger, before: State) -> None:
    """The log is what it was, byte for byte, and all else is that of a new ledger."""
    after = state(ledger.database)
    assert after.schema == SCHEMA
    if before.log is not None:
        assert after.log == before.log
        head, rows = before.log
        assert list(merkle.roots(row.body.encode() for row in rows))[-1] == head.root
    assert {name: after.access[name] for name in before.access} == before.access
    with ledger.database.writing() as connection:
        options = {"include_object": _is_compared}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, SQLModel.metadata) == []
        assert triggers.missing(connection) == []
        assert triggers.unknown(connection) == []
    assert findings(ledger) == []
    ledger.append([source("another")])
    assert findings(ledger) == []


def _is_compared(thing: SchemaItem, _name: str | None, kind: str, *_: object) -> bool:
    """All but how the text of facets is found, for which the two databases differ."""
    if kind not in ("index", "unique_constraint") or not isinstance(thing, Index | Constraint):
        return True
    return thing.table is None or thing.table.name != "facets"


def _no_fold(_connection: Connection, _events: Sequence[AnyEvent]) -> None:
    """An older program's tables are of no use to this one: an upgrade makes them anew."""
