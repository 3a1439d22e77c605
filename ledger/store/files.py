"""Whole ledgers: a consistent copy of the file, and one made of events that exist already."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection

from ledger.errors import LedgerError, LedgerExistsError
from ledger.store import log as store
from ledger.store.database import Database
from ledger.store.log import Fold, Head


def backup(database: Database, target: Path) -> None:
    """Copy the database as it is at one moment; the target appears whole or not at all."""
    if target.exists():
        raise LedgerExistsError(str(target))
    if not target.absolute().parent.is_dir():
        raise LedgerError(f"{target.parent} does not exist: make the folder first")
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    with database.reading() as connection, closing(sqlite3.connect(partial)) as copy:
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        source.backup(copy)
    partial.rename(target)


def fill(
    target: Database, bodies: Iterable[bytes], fold: Fold, finish: Callable[[Connection], None]
) -> Head:
    """Make a new ledger of events that exist already, byte for byte; gives its head.

    `finish` looks at the result and may add to it. The whole is one transaction, and nothing is
    left where it fails.
    """
    from ledger.store import schema

    schema.create(target)
    try:
        with target.writing() as connection:
            for some in _chunks(bodies):
                store.append_bodies(connection, some, fold)
            finish(connection)
            return store.head(connection)
    except BaseException:
        for suffix in ("", "-wal", "-shm", ".lock"):
            Path(f"{target.path}{suffix}").unlink(missing_ok=True)
        raise


def _chunks(bodies: Iterable[bytes]) -> Iterator[Sequence[bytes]]:
    some: list[bytes] = []
    for body in bodies:
        some.append(body)
        if len(some) == store.CHUNK:
            yield some
            some = []
    if some:
        yield some
