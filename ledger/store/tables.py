"""The shape of the log's tables, as SQLModel classes.

They are read by Alembic alone; rows are read and written with plain statements. No other
command imports this module: SQLModel takes longer to import than they run.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel


class EventRow(SQLModel, table=True):
    """One event: its canonical bytes, and the columns by which it is found."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("stream", "version"),
        Index("events_by_batch", "batch", sqlite_where=text("batch != ''")),
    )

    position: int = Field(primary_key=True)
    id: str = Field(unique=True)
    stream: str
    version: int
    type: str
    batch: str
    body: str = Field(sa_column=Column(Text, nullable=False))


class HeadRow(SQLModel, table=True):
    """The one row that says how far the log goes; writers queue at it."""

    __tablename__ = "head"
    __table_args__ = (CheckConstraint("id = 1", name="one_head"),)

    id: int = Field(primary_key=True)
    size: int
    root: str
    recorded_at: str


class TileRow(SQLModel, table=True):
    """Up to 256 hashes of the tree, at their level (C2SP tlog-tiles)."""

    __tablename__ = "tiles"

    level: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    hashes: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class CheckpointRow(SQLModel, table=True):
    """One signed checkpoint, as its note says it; the size stands beside it to find it by."""

    __tablename__ = "checkpoints"

    number: int = Field(primary_key=True)
    size: int
    note: str = Field(sa_column=Column(Text, nullable=False))


class ProjectionRow(SQLModel, table=True):
    """How far a projection has come: it holds what the first `position` events say."""

    __tablename__ = "projections"

    name: str = Field(primary_key=True)
    version: int
    position: int


class MarkRow(SQLModel, table=True):
    """What an import remembers of its rows to know them again: a short cut, and no record."""

    __tablename__ = "marks"

    mapping: str = Field(primary_key=True)
    state: str
    token: str
    marks: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    names: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
