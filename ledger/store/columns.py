"""The types of columns: what means the same on SQLite and on PostgreSQL.

Whole numbers have 64 bits. Text sorts by code point, where a PostgreSQL database would sort by
the locale that it was made with.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, Text, text
from sqlmodel import Field

INTEGER = BigInteger().with_variant(Integer(), "sqlite")
WORDS = String().with_variant(Text(collation="C"), "postgresql")
LONG_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Text of any length, such as a document: SQLite tells the two kinds apart by name."""


def integer(*, primary_key: bool = False, index: bool = False) -> Any:  # noqa: ANN401 - as Field
    """A field of whole numbers, always given: no database makes them up."""
    return Field(
        sa_type=INTEGER,
        primary_key=primary_key,
        index=index,
        sa_column_kwargs={"autoincrement": False},
    )


def words(*, primary_key: bool = False, index: bool = False, unique: bool = False) -> Any:  # noqa: ANN401 - as Field
    """A field of text that things are found and sorted by."""
    return Field(
        sa_type=WORDS,
        primary_key=primary_key,
        index=index,
        unique=unique,
    )


def long_text() -> Any:  # noqa: ANN401 - as Field
    """A field of text that is kept as it is."""
    return Field(sa_type=LONG_TEXT)


def partial_index(name: str, column: str, condition: str) -> Index:
    """An index that holds only the rows for which a condition holds."""
    rows = text(condition)
    return Index(name, column, sqlite_where=rows, postgresql_where=rows)
