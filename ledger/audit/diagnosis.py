"""Diagnosis: what is in force in a database, and what is unsafe about it."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from ledger.projections import state
from ledger.store import triggers
from ledger.store.database import SCHEMA, Database, library_is_affected
from ledger.store.log import Log


class Diagnosis(NamedTuple):
    """Facts by name, warnings that call for care, faults that make the ledger unsafe."""

    facts: list[tuple[str, str]]
    warnings: list[str]
    faults: list[str]


def diagnose(database: Database) -> Diagnosis:
    """Read back what is in force; raises UnsafeSettingError where a setting does not take."""
    found = Diagnosis([("database", str(database)), ("schema", SCHEMA)], [], [])
    with database.reading() as connection:
        size, position = Log(connection).stop, state.position(connection)
        missing = triggers.missing(connection)
    found.facts.append(("events", str(size)))
    found.facts.append(("tables hold", f"{position} events"))
    found.facts.append(("triggers", f"{len(triggers.SQLITE) - len(missing)} in force"))
    found.facts.extend((name, value) for name, value in database.settings().items())
    found.facts.append(("SQLite", sqlite3.sqlite_version))
    if position != size:
        found.faults.append("the tables are not up to date: run `ledger rebuild`")
    found.faults.extend(f"trigger {name} is missing or changed" for name in missing)
    if library_is_affected():
        found.warnings.append(
            f"SQLite {sqlite3.sqlite_version} may corrupt a WAL file when two connections write "
            "at one moment (fixed in 3.51.3): write with `ledger` alone, which never does"
        )
    return found
