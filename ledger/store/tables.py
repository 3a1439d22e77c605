"""The shape of the log's tables, as SQLModel classes.

They are read by Alembic alone; rows are read and written with plain statements. No other
command imports this module: SQLModel takes longer to import than they run.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from ledger.store.columns import integer, long_text, partial_index, words


class EventRow(SQLModel, table=True):
    """One event: its canonical bytes, and the columns by which it is found."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("stream", "version"),
        partial_index("events_by_batch", "batch", "batch != ''"),
    )

    position: int = integer(primary_key=True)
    id: str = words(unique=True)
    stream: str = words()
    version: int = integer()
    type: str = words()
    batch: str = words()
    body: str = long_text()


class HeadRow(SQLModel, table=True):
    """The one row that says how far the log goes; writers queue at it."""

    __tablename__ = "head"
    __table_args__ = (CheckConstraint("id = 1", name="one_head"),)

    id: int = integer(primary_key=True)
    size: int = integer()
    root: str = words()
    recorded_at: str = words()


class TileRow(SQLModel, table=True):
    """Up to 256 hashes of the tree, at their level (C2SP tlog-tiles)."""

    __tablename__ = "tiles"

    level: int = integer(primary_key=True)
    number: int = integer(primary_key=True)
    hashes: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class CheckpointRow(SQLModel, table=True):
    """One signed checkpoint, as its note says it; the size stands beside it to find it by."""

    __tablename__ = "checkpoints"

    number: int = integer(primary_key=True)
    size: int = integer()
    note: str = long_text()


class ProjectionRow(SQLModel, table=True):
    """How far a projection has come: it holds what the first `position` events say."""

    __tablename__ = "projections"

    name: str = words(primary_key=True)
    version: int = integer()
    position: int = integer()


class MarkRow(SQLModel, table=True):
    """What an import remembers of its rows to know them again: a short cut, and no record."""

    __tablename__ = "marks"

    mapping: str = words(primary_key=True)
    state: str = words()
    token: str = words()
    marks: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    names: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
