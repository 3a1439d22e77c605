"""Whole ledgers: a consistent copy in one file, and one made of events that exist already."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection

from ledger import tree
from ledger.errors import (
    BackupError,
    IntegrityError,
    LedgerError,
    LedgerExistsError,
    NotBeginningError,
    ServerError,
    refusal,
)
from ledger.store import checkpoints, folders
from ledger.store import log as store
from ledger.store.database import Database
from ledger.store.log import Fold, Head, Log
from ledger.store.sqlite import SqliteDatabase, private


def backup(database: Database, target: Path, fold: Fold) -> None:
    """Copy the database as it is at one moment into a SQLite file, which appears whole or not."""
    if target.exists():
        raise LedgerExistsError(str(target))
    if not target.absolute().parent.is_dir():
        raise LedgerError(f"{target.parent} does not exist: make the folder first")
    partial = SqliteDatabase(f"{target}.partial")
    try:
        partial.discard()
        with database.reading() as connection:
            driver = connection.connection.driver_connection
            if isinstance(driver, sqlite3.Connection):
                _copy(driver, partial, target)
            else:
                _unload(connection, partial, fold)
        _move(partial.path, target)
    except OSError as error:
        raise BackupError(str(target), refusal(error)) from error
    finally:
        with suppress(OSError):
            partial.discard()


def fill(
    target: Database, bodies: Iterable[bytes], fold: Fold, finish: Callable[[Connection], None]
) -> Head:
    """Append events that exist already, byte for byte, to a new ledger; gives its head.

    A ledger that holds the first of them already gets the rest: so a copy that was stopped goes
    on. Raises NotBeginningError for one that holds others. `finish` looks at the result and may
    add to it. What is refused leaves no new ledger behind, unless others appended to it.
    """
    from ledger.store import schema

    new = True
    try:
        schema.create(target)
    except LedgerExistsError:
        new = False
    with target.reading() as connection:
        made = store.head(connection)
    try:
        rest = iter(bodies)
        _must_begin_with(made, rest, target)
        while some := list(islice(rest, store.CHUNK)):
            made = target.write(lambda connection: _append(connection, made, some, fold))  # noqa: B023 - run at once
        target.write(finish)
    except LedgerError as error:
        if new and not isinstance(error, ServerError) and _is_as_made(target, made):
            target.discard()
        raise
    return made


def _must_begin_with(made: Head, bodies: Iterator[bytes], target: Database) -> None:
    """Pass over the events that a ledger holds; raise NotBeginningError if it holds others."""
    growth = tree.Growth()
    while growth.size < made.size:
        some = list(islice(bodies, min(store.CHUNK, made.size - growth.size)))
        if not some:
            break
        growth.add([tree.leaf_hash(body) for body in some])
    if (growth.size, growth.root().hex()) != (made.size, made.root):
        raise NotBeginningError(str(target), made.size)


def _is_as_made(target: Database, made: Head) -> bool:
    """Whether nobody else appended to a ledger that was begun."""
    with target.reading() as connection:
        return store.head(connection) == made


def _append(connection: Connection, made: Head, bodies: Sequence[bytes], fold: Fold) -> Head:
    if store.head(connection) != made:
        raise IntegrityError("somebody else appended to the copy while it was made: copy anew")
    store.append_bodies(connection, bodies, fold)
    return store.head(connection)


def _copy(driver: sqlite3.Connection, partial: SqliteDatabase, target: Path) -> None:
    """Copy a database as a connection sees it; SQLite syncs the copy when it is whole."""
    os.close(private(str(partial), os.O_WRONLY | os.O_CREAT))
    try:
        with closing(sqlite3.connect(partial.path)) as copy:
            driver.backup(copy)
    except sqlite3.OperationalError as error:
        raise BackupError(str(target), str(error)) from error


def _move(partial: Path, target: Path) -> None:
    """Give a whole file its name, so that it lasts; it has no name where that fails."""
    partial.rename(target)
    try:
        folders.sync(target.absolute().parent)
    except OSError:
        target.unlink(missing_ok=True)
        raise


def _unload(connection: Connection, target: Database, fold: Fold) -> None:
    """Copy what a connection sees into a SQLite file."""

    def keep_checkpoints(into: Connection) -> None:
        for one in checkpoints.kept(connection):
            checkpoints.keep(into, one.size, one.note)

    fill(target, (row.body.encode() for row in Log(connection).rows()), fold, keep_checkpoints)
