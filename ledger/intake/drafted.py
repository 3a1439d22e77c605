"""A set of drafts into the ledger: planned, appended, and said to be complete."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy import Connection

from ledger.errors import RefusedError
from ledger.events import Draft
from ledger.events.checks import NewValues
from ledger.intake import plan, scoped
from ledger.intake.plan import FileSet, Imported, Plan
from ledger.problems import Problem, in_file_order
from ledger.projections import rows
from ledger.store import log as store

Append = Callable[[Connection, Sequence[Draft], Sequence[str]], object]
"""Appends drafts, each with the place where it was written; raises RefusedError."""

_REFERENCES = ("unknown-source", "unknown-incident", "unknown-tally")


def planned(connection: Connection, found: FileSet, new_values: NewValues) -> Plan:
    """What a set would change in the ledger."""
    found = found._replace(tables=scoped.tables(connection, found.tables))
    return plan.make(connection, found, rows.undone_batches(connection), new_values)


def import_set(
    connection: Connection, found: FileSet, append: Append, new_values: NewValues
) -> Imported:
    """Append what is new in a set, and the word that its import is complete.

    Raises RefusedError with all that is wrong with the set.
    """
    found = found._replace(tables=scoped.tables(connection, found.tables))
    made = planned(connection, found, new_values)
    if made.problems:
        more = _missing(connection, found, made, append)
        raise RefusedError(in_file_order([*made.problems, *more]), exit_code=1)
    batch = plan.batch_id(connection, found) if made.new else ""
    if made.new:
        drafts = [msgspec.structs.replace(one.draft, batch=batch) for one in made.new]
        drafts.append(plan.last_word(found, made, batch))
        append(connection, drafts, [*(one.where for one in made.new), batch])
    return Imported(len(made.new), made.unchanged, batch, store.head(connection))


def _missing(connection: Connection, found: FileSet, made: Plan, append: Append) -> list[Problem]:
    """What the sound drafts of a faulty set refer to, and neither it nor the ledger has.

    They are appended to find out, in a transaction that is about to be undone.
    """
    written = {str(table.values.get("key")) for table in found.tables}
    try:
        append(connection, [one.draft for one in made.new], [one.where for one in made.new])
    except RefusedError as error:
        return [
            problem
            for problem in error.problems
            if isinstance(problem, Problem)
            and problem.code in _REFERENCES
            and not any(repr(key) in problem.message for key in written)
        ]
    return []
