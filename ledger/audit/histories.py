"""Where a history can be read from: a database, an export, a published log.

Each is read with nothing taken on trust. What cannot be read becomes a problem and leaves an
empty event in its place, so that reading goes on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias
from urllib.error import URLError
from urllib.request import urlopen

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from ledger.audit import checkpoints, layout
from ledger.audit.texts import MalformedError
from ledger.errors import LedgerError, refusal
from ledger.problems import Problem
from ledger.store import checkpoints as store
from ledger.store.database import Replica
from ledger.store.driver import is_of_server, is_postgres, select
from ledger.tree import HASH_BYTES, Tile

_BEFORE_ALL = -(2**63)
_WEB = ("http://", "https://")
_ENTRIES = (
    "SELECT position, id, stream, version, type, batch, {} FROM events "
    "WHERE position > ? ORDER BY position"
)
_SECONDS = 30.0
_MOST_BYTES = 256 * (2**16 + 1)
"""Of one part of a published log: a full bundle of the longest events."""
_MOST_UNREADABLE = 20


Columns: TypeAlias = tuple[int, str, str, int, str, str]
"""What a database repeats of an event: position, id, stream, version, type, batch."""


class Noted(NamedTuple):
    """A signed checkpoint as it was found: where, and its bytes."""

    where: str
    data: bytes


class History(Protocol):
    """A history that can be checked: `where` names it, `problems` holds what could not be read."""

    where: str
    problems: list[Problem]

    def entries(self) -> Iterator[tuple[Columns | None, bytes]]:
        """The events in order, each with the columns that a database has beside it."""

    def tile(self, tile: Tile) -> bytes | None:
        """The stored hashes where a tile belongs; None if this kind of history has no tiles."""

    def notes(self) -> list[Noted]:
        """The signed checkpoints that come with it."""


class Kept:
    """The history in an open database; `replica` tells how far it has followed another."""

    def __init__(self, connection: Connection, where: str, replica: Replica | None = None) -> None:
        self.connection = connection
        self.where = where
        self.replica = replica
        self.problems: list[Problem] = []

    def entries(self) -> Iterator[tuple[Columns | None, bytes]]:
        """Every row, also beyond what the head says; straight from the driver.

        Where a column is no UTF-8, it is read on from there with such bytes replaced.
        """
        last, why = _BEFORE_ALL, ""
        for lenient in (False, True):
            try:
                for row in self._rows(last, lenient=lenient):
                    last = row[0]
                    yield row[:6], bytes(row[6] or b"")
            except sqlite3.DatabaseError as error:
                why = str(error)
            else:
                return
        self.problems.append(Problem(f"after position {last}", "unreadable", why))

    def _rows(self, last: int, *, lenient: bool) -> Iterator[tuple[Any, ...]]:
        driver = self.connection.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection):  # PostgreSQL holds no text that is no UTF-8
            yield from select(self.connection, _ENTRIES.format("convert_to(body, 'UTF8')"), (last,))
            return
        driver.text_factory = _replacing if lenient else str
        cursor = driver.execute(_ENTRIES.format("CAST(body AS BLOB)"), (last,))
        try:
            while rows := cursor.fetchmany(1 if lenient else 1000):
                yield from rows
        finally:
            driver.text_factory = str

    def tile(self, tile: Tile) -> bytes | None:
        """What the table of tiles holds there."""
        kind = "BYTEA" if is_postgres(self.connection) else "BLOB"
        statement = text(
            f"SELECT CAST(hashes AS {kind}) FROM tiles WHERE level = :level AND number = :number"
        )
        place = {"level": tile.level, "number": tile.index}
        try:
            return bytes(self.connection.execute(statement, place).scalar() or b"")
        except DatabaseError as error:
            if is_of_server(error):
                raise
            self.problems.append(_unreadable(f"tile {tile.level}/{tile.index}"))
            return b""

    def tiles_beyond(self, size: int) -> Iterator[tuple[int, int]]:
        """Level and number of stored tiles that cover no event of the first `size`."""
        covered = {
            (level, index)
            for level in layout.levels(size)
            for index, _ in layout.widths(level, size)
        }
        rows = self.connection.execute(text("SELECT level, number FROM tiles"))
        yield from sorted({(row.level, row.number) for row in rows} - covered)

    def notes(self) -> list[Noted]:
        """The checkpoints that the database keeps."""
        try:
            found = store.kept(self.connection)
        except DatabaseError as error:
            if is_of_server(error):
                raise
            self.problems.append(_unreadable("checkpoints"))
            return []
        self.problems.extend(filter(None, map(_size_fault, found)))
        return [Noted(f"checkpoint {one.number}", one.note.encode()) for one in found]


class Export:
    """The history in a JSONL export: one event a line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.where = str(path)
        self.problems: list[Problem] = []

    def entries(self) -> Iterator[tuple[Columns | None, bytes]]:
        """The lines, without their line feeds."""
        try:
            with self.path.open("rb") as lines:
                for line in lines:
                    yield None, line.removesuffix(b"\n")
        except OSError as error:
            raise LedgerError(f"{self.path}: {refusal(error)}") from error

    def tile(self, tile: Tile) -> bytes | None:  # noqa: ARG002 - of every history
        """An export has none."""
        return None

    def notes(self) -> list[Noted]:
        """An export has none."""
        return []


class Published:
    """The history in a published log: a folder, or the URL where one is served.

    Raises LedgerError if it has no checkpoint; one that is none is a problem.
    """

    def __init__(self, where: str) -> None:
        self.where = where.rstrip("/")
        self.problems: list[Problem] = []
        try:
            self._note = self._read(layout.CHECKPOINT)
        except OSError as error:
            raise LedgerError(f"{where} is no published log: {_why(error)}") from error

    @property
    def size(self) -> int:
        """How many events its checkpoint covers: 0 where that is none."""
        try:
            return checkpoints.parse(self._note).checkpoint.size
        except MalformedError:
            return 0

    def entries(self) -> Iterator[tuple[Columns | None, bytes]]:
        """The events of every bundle, as many as the checkpoint covers.

        Reading ends where too many could not be read: a forged checkpoint may claim any size.
        """
        for index, width in layout.widths(0, self.size):
            yield from ((None, body) for body in self._bundle(index, width))
            if len(self.problems) >= _MOST_UNREADABLE:
                return

    def tile(self, tile: Tile) -> bytes | None:
        """The tile's file; empty if it cannot be read."""
        path = layout.tile_path(tile.level, tile.index, len(tile.hashes) // HASH_BYTES)
        try:
            return self._read(path)
        except OSError as error:
            self.problems.append(Problem(path, "unreadable", _why(error)))
            return b""

    def notes(self) -> list[Noted]:
        """The one that it publishes."""
        return [Noted(layout.CHECKPOINT, self._note)]

    def _bundle(self, index: int, width: int) -> list[bytes]:
        path = layout.entries_path(index, width)
        try:
            return layout.unbundle(self._read(path), width)
        except (OSError, MalformedError) as error:
            self.problems.append(Problem(path, "unreadable", _why(error)))
            return [b""] * width

    def _read(self, path: str) -> bytes:
        if not self.where.startswith(_WEB):
            return (Path(self.where) / path).read_bytes()
        try:
            with urlopen(f"{self.where}/{path}", timeout=_SECONDS) as answer:  # noqa: S310 - http(s)
                return bytes(answer.read(_MOST_BYTES))
        except (HTTPException, ValueError) as error:
            raise OSError(str(error)) from error


def read_note(path: Path) -> Noted:
    """A checkpoint's file, whatever it holds; raises LedgerError if it cannot be read."""
    try:
        return Noted(str(path), path.read_bytes())
    except OSError as error:
        raise LedgerError(f"{path}: {_why(error)}") from error


def is_published(where: str) -> bool:
    """Whether a name is a URL, or a folder that may hold a published log."""
    return where.startswith(_WEB) or Path(where).is_dir()


def is_export(where: str) -> bool:
    """Whether a name is that of a JSONL export."""
    return Path(where).suffix == ".jsonl"


def _replacing(data: bytes) -> str:
    return data.decode(errors="replace")


def _size_fault(one: store.Kept) -> Problem | None:
    """That the column beside a kept checkpoint says another size, where it does."""
    try:
        said = checkpoints.parse(one.note.encode()).checkpoint.size
    except MalformedError:
        return None
    if said == one.size:
        return None
    message = f"its column says {one.size} events, it covers {said}"
    return Problem(f"checkpoint {one.number}", "columns-differ", message)


def _unreadable(where: str) -> Problem:
    return Problem(where, "unreadable", "the database does not give it")


def _why(error: Exception) -> str:
    if isinstance(error, URLError):
        return f"{error.reason}".lower()
    if isinstance(error, OSError):
        return refusal(error)
    return str(error)
