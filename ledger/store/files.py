"""Whole ledgers: a consistent copy of the file, and a copy event by event."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from ledger import codec
from ledger.errors import IntegrityError, LedgerError, LedgerExistsError, NotALedgerError
from ledger.store import log as store
from ledger.store.database import Database
from ledger.store.log import Fold, Head, Log


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


def copy(source: Path, target: Database, fold: Fold) -> Head:
    """Make a new ledger of another's events, byte for byte; gives its head.

    `source` is a database or a JSONL export. Every event is checked to be canonical and to be
    the next; the whole copy is one transaction, and nothing is left where it fails.
    """
    from ledger.store import schema

    schema.create(target)
    try:
        with target.writing() as connection:
            for bodies in _chunks(_bodies(source)):
                store.append_bodies(connection, bodies, fold)
            return store.head(connection)
    except BaseException:
        for suffix in ("", "-wal", "-shm", ".lock"):
            Path(f"{target.path}{suffix}").unlink(missing_ok=True)
        raise


def _bodies(source: Path) -> Iterator[bytes]:
    if source.suffix != ".jsonl":
        with Database(str(source)).reading() as connection:
            for row in Log(connection).rows():
                yield _canonical(row.body.encode(), f"{source}, position {row.position}")
        return
    try:
        with source.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                yield _canonical(line.removesuffix(b"\n"), f"{source}:{number}")
    except OSError as error:
        raise NotALedgerError(str(source), (error.strerror or str(error)).lower()) from error


def _canonical(body: bytes, where: str) -> bytes:
    """The bytes, if they are canonical JSON; raises IntegrityError if not."""
    try:
        if codec.canonical(msgspec.json.decode(body)) == body:
            return body
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    raise IntegrityError(f"{where}: no event in canonical JSON")


def _chunks(bodies: Iterator[bytes]) -> Iterator[Sequence[bytes]]:
    some: list[bytes] = []
    for body in bodies:
        some.append(body)
        if len(some) == store.CHUNK:
            yield some
            some = []
    if some:
        yield some
