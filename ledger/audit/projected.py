"""Projections: the tables against what the log says, folded anew into a scratch database."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from sqlalchemy import Row, text

from ledger.audit import scratch
from ledger.problems import Problem
from ledger.store.log import Log

_MOST_ROWS = 20

COMPARED: dict[str, str] = {
    "incidents": (
        "SELECT i.id, i.key, i.first_day, i.last_day, f.facet, "
        "i.merged_into, i.known, i.until, i.document "
        "FROM incidents i LEFT JOIN facets f ON f.id = i.facet ORDER BY i.id"
    ),
    "tolls": (
        "SELECT t.incident, t.measure, f.facet, t.first_day, t.low, t.best, t.high, t.lines, "
        "t.at_least, t.vague, t.settled, t.first_known, t.last_known, t.document "
        "FROM tolls t LEFT JOIN facets f ON f.id = t.facet ORDER BY t.incident, t.measure"
    ),
    "sums": (
        "SELECT f.facet, s.measure, s.year, s.incidents, s.low, s.lows, s.best, s.bests, s.high, "
        "s.highs, s.lines, s.at_least, s.vague "
        "FROM sums s LEFT JOIN facets f ON f.id = s.facet ORDER BY f.facet, s.measure, s.year"
    ),
    "people": "SELECT * FROM people ORDER BY position",
    "attributions": "SELECT * FROM attributions ORDER BY position, item",
    "links": "SELECT * FROM links ORDER BY position",
    "sources": "SELECT * FROM sources ORDER BY key",
    "tallies": "SELECT * FROM tallies ORDER BY key",
    "totals": "SELECT * FROM totals ORDER BY position",
    "batches": "SELECT * FROM batches ORDER BY id",
    "projections": "SELECT * FROM projections ORDER BY name",
}
"""What is compared of each table: interned ids by what they stand for."""


def differences(log: Log) -> Iterator[Problem]:
    """Rows of the projections that are not what the log says, table by table."""
    with scratch.folded(log) as anew:
        for table, statement in COMPARED.items():
            mine = log.connection.execution_options(yield_per=1000).execute(text(statement))
            theirs = anew.execution_options(yield_per=1000).execute(text(statement))
            if mine.keys() != theirs.keys():
                names = ", ".join(theirs.keys())
                yield Problem(table, "projection-differs", f"its columns are not {names}")
            yield from _differing(table, mine, theirs)


def _differing(table: str, mine: Any, theirs: Any) -> Iterator[Problem]:  # noqa: ANN401 - results
    found = 0
    for stored, folded in zip_longest(mine, theirs):
        if stored != folded:
            found += 1
            if found > _MOST_ROWS:
                yield Problem(table, "projection-differs", "there are more such rows")
                return
            yield Problem(
                f"{table} {_key(stored, folded)}", "projection-differs", _why(stored, folded)
            )


def _key(stored: Row[Any] | None, folded: Row[Any] | None) -> str:
    row = stored if stored is not None else folded
    assert row is not None
    return str(row[0])


def _why(stored: Row[Any] | None, folded: Row[Any] | None) -> str:
    if stored is None:
        return "is not in the table, and follows from the log"
    if folded is None:
        return "is in the table, and does not follow from the log"
    names = [
        name
        for name, one, other in zip(stored._fields, stored, folded, strict=True)
        if one != other
    ]
    return f"differs from what the log says in {', '.join(names)}"
