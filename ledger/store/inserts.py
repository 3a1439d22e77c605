"""Inserts rows straight through the driver: in bulk, each layer above it costs a little a row.

A row is a tuple in the order of the table's columns, so no class of a table needs to be imported.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

Values = tuple[str | int | bytes | None, ...]


def insert(connection: Connection, table: str, rows: Sequence[Values]) -> None:
    """Insert rows, all values given, in the order of the table's columns."""
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        run_for_each(connection, f"INSERT INTO {table} VALUES ({marks})", rows)


def run_for_each(connection: Connection, statement: str, rows: Sequence[Values]) -> None:
    """Run a statement once for each row of values, in the transaction of the connection."""
    connection.connection.cursor().executemany(statement, rows)
