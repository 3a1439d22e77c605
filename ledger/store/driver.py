"""Straight to the driver, past the layers above it: in bulk, each of them costs a little a row.

The one place that knows how the drivers of the two databases differ. A row is a tuple in the
order of the table's columns, so no class of a table needs to be imported; statements mark their
values with `?`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

Value = str | int | bytes | None
Values = tuple[Value, ...]

_FEW = 20
"""Rows that are inserted sooner than the types of their columns are looked up for COPY."""
_AT_A_TIME = 2_000
"""Rows that a server sends in one go."""
_names = count()


def is_postgres(connection: Connection) -> bool:
    """Whether a connection is to PostgreSQL; else it is to SQLite."""
    return connection.dialect.name == "postgresql"


def select(connection: Connection, statement: str, values: Values = ()) -> Iterator[Values]:
    """Rows as they come, never all in memory at once."""
    if is_postgres(connection):
        return _streamed(connection, _marked(statement), values)
    cursor = connection.connection.cursor()
    return cast("Iterator[Values]", cursor.execute(statement, values))


def fetch(connection: Connection, statement: str, values: Values = ()) -> list[Any]:
    """All rows at once, as tuples: for what is few."""
    cursor = connection.connection.cursor()
    cursor.execute(_marked(statement) if is_postgres(connection) else statement, values)
    return list(cursor.fetchall())


def insert(connection: Connection, table: str, rows: Sequence[Values]) -> None:
    """Insert rows, all values given, in the order of the table's columns."""
    if is_postgres(connection) and len(rows) > _FEW:
        _copy(connection, table, rows)
    elif rows:
        marks = ", ".join("?" * len(rows[0]))
        run_for_each(connection, f"INSERT INTO {table} VALUES ({marks})", rows)


def run(connection: Connection, statement: str) -> None:
    """Run a statement as it is written: in names, a % is no mark of a value."""
    connection.connection.cursor().execute(statement)


def run_for_each(connection: Connection, statement: str, rows: Sequence[Values]) -> None:
    """Run a statement once for each row of values, in the transaction of the connection."""
    if not rows:
        return
    if is_postgres(connection):
        statement = _marked(statement)
    connection.connection.cursor().executemany(statement, rows)


def is_of_server(error: BaseException) -> bool:
    """Whether a server could not go on, which tells nothing of what is stored."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return type(cause).__module__.partition(".")[0] == "psycopg"


def damage(connection: Connection, most: int) -> Iterator[str]:
    """What the database itself finds wrong with its file, at most so many lines.

    SQLite compares its indexes with its tables; PostgreSQL keeps checksums of its own pages.
    """
    if is_postgres(connection):
        return
    for line in connection.exec_driver_sql(f"PRAGMA integrity_check({most})").scalars():
        if line != "ok":
            yield str(line).replace("\n", ", ")


def _marked(statement: str) -> str:
    return statement.replace("%", "%%").replace("?", "%s")


def _streamed(connection: Connection, statement: str, values: Values) -> Iterator[Values]:
    """Rows of a cursor that the server keeps: without one, all rows are sent at once."""
    driver: Any = connection.connection.driver_connection
    with driver.cursor(name=f"ledger_{next(_names)}") as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(_AT_A_TIME):
            yield from rows


def _copy(connection: Connection, table: str, rows: Sequence[Values]) -> None:
    """Binary COPY: several times as fast as any INSERT."""
    driver: Any = connection.connection.driver_connection
    types = _types(connection, table)
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _types(connection: Connection, table: str) -> list[str]:
    """The types of a table's columns, in order, looked up once a connection."""
    known: dict[str, list[str]] = connection.info.setdefault("types", {})
    if table not in known:
        rows = connection.exec_driver_sql(
            "SELECT atttypid::regtype::text FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            (table,),
        )
        known[table] = list(rows.scalars())
    return known[table]
