"""Diagnosis: what is in force in a database, and what is unsafe about it."""

from __future__ import annotations

from typing import NamedTuple

from ledger.projections import state
from ledger.store import triggers
from ledger.store.database import SCHEMA, Database
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
        wanted, missing = triggers.expected(connection).keys(), triggers.missing(connection)
    found.facts.append(("events", str(size)))
    found.facts.append(("tables hold", f"{position} events"))
    found.facts.append(("triggers", f"{len(wanted - set(missing))} in force"))
    found.facts.extend((name, value) for name, value in database.settings().items())
    found.facts.append(database.library())
    if position != size:
        found.faults.append("the tables are not up to date: run `ledger rebuild`")
    found.faults.extend(f"trigger {name} is missing or changed" for name in missing)
    found.warnings.extend(database.warnings())
    return found
