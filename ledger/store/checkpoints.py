"""The signed checkpoints that a ledger keeps: appended in the order in which they came.

They stand outside the tree, since each speaks of it. `note` is a C2SP signed note, kept as it
was signed; what it says is read in `ledger.audit`.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, text


class Kept(NamedTuple):
    """One checkpoint: its number from 1, how many events it covers, its note."""

    number: int
    size: int
    note: str


def kept(connection: Connection) -> list[Kept]:
    """All checkpoints, oldest first."""
    rows = connection.execute(text("SELECT number, size, note FROM checkpoints ORDER BY number"))
    return [_kept(*row) for row in rows]


def newest(connection: Connection) -> Kept | None:
    """The last checkpoint of those that cover the most events; None if there is none."""
    statement = text(
        "SELECT number, size, note FROM checkpoints ORDER BY size DESC, number DESC LIMIT 1"
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else _kept(*row)


def keep(connection: Connection, size: int, note: str) -> int:
    """Append a checkpoint; gives its number. Call it within a writing transaction."""
    statement = text(
        "INSERT INTO checkpoints (number, size, note) "
        "SELECT coalesce(max(number), 0) + 1, :size, :note FROM checkpoints RETURNING number"
    )
    return int(connection.execute(statement, {"size": size, "note": note}).scalar_one())


def _kept(number: int, size: int, note: object) -> Kept:
    """A row as it is; a note that was made a blob behind the ledger's back is no text of a note."""
    return Kept(number, size, str(note))
