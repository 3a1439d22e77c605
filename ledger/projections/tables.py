"""The shape of the projections' tables: what is now true, and can be rebuilt at any time.

Three ideas keep imports and totals fast. A **toll** is one row, however many lines and claims it
has: they are a document beside the toll's own sums. What a question asks of an incident as a
whole (kind, country, labels, …) is its **facet**, one row for all incidents that have it in
common. And the tolls of a facet, measure and year are kept summed.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field, SQLModel


class FacetRow(SQLModel, table=True):
    """What incidents have in common: kind, status, country, actors, labels, as canonical JSON."""

    __tablename__ = "facets"

    id: int = Field(primary_key=True)
    facet: str = Field(sa_column=Column(Text, nullable=False, unique=True))


class IncidentRow(SQLModel, table=True):
    """An incident as it stands; `id` is the position of the event that recorded it.

    `known` is the first day on which anything was known of it, `until` the day from which it
    was withdrawn ("" if it was not).
    """

    __tablename__ = "incidents"
    __table_args__ = (
        Index("incidents_by_key", "key", unique=True),
        Index("incidents_merged", "merged_into", sqlite_where=Column("merged_into") != ""),
    )

    id: int = Field(primary_key=True)
    key: str
    first_day: str
    last_day: str
    facet: int
    merged_into: str
    known: str
    until: str
    document: str = Field(sa_column=Column(Text, nullable=False))


class TollRow(SQLModel, table=True):
    """All that is said of one measure in one incident, and what it comes to by default.

    `low`, `best`, `high` are the sums of its top lines (None: unknown, a high: open);
    `lines`, `at_least` and `vague` count those lines, those whose best is only a low, and
    those of unknown count. `first_known` and `last_known` are the days between which
    `--known-by` matters; a `settled` toll has one claim a line, so that no policy can matter.
    """

    __tablename__ = "tolls"

    incident: int = Field(primary_key=True)
    measure: str = Field(primary_key=True)
    facet: int
    first_day: str
    low: int | None = Field(sa_type=BigInteger)
    best: int | None = Field(sa_type=BigInteger)
    high: int | None = Field(sa_type=BigInteger)
    lines: int
    at_least: int
    vague: int
    settled: bool
    first_known: str
    last_known: str
    document: str = Field(sa_column=Column(Text, nullable=False))


class SumRow(SQLModel, table=True):
    """The tolls of a facet, measure and year, summed: what most totals are made of.

    `lows`, `bests`, `highs` say how many of the `incidents` know theirs.
    """

    __tablename__ = "sums"
    __table_args__ = ({"sqlite_with_rowid": False},)

    facet: int = Field(primary_key=True)
    measure: str = Field(primary_key=True)
    year: str = Field(primary_key=True)
    incidents: int
    low: int = Field(sa_type=BigInteger)
    lows: int
    best: int = Field(sa_type=BigInteger)
    bests: int
    high: int = Field(sa_type=BigInteger)
    highs: int
    lines: int
    at_least: int
    vague: int


class PersonRow(SQLModel, table=True):
    """A person identified, on a line of an incident."""

    __tablename__ = "people"

    position: int = Field(primary_key=True)
    incident: int = Field(index=True)
    known: str
    until: str
    document: str = Field(sa_column=Column(Text, nullable=False))


class AttributionRow(SQLModel, table=True):
    """Who is said to have done it; `item` is its place in the event."""

    __tablename__ = "attributions"

    position: int = Field(primary_key=True)
    item: int = Field(primary_key=True)
    incident: int = Field(index=True)
    known: str
    until: str
    document: str = Field(sa_column=Column(Text, nullable=False))


class LinkRow(SQLModel, table=True):
    """How one incident stands to another, both by key."""

    __tablename__ = "links"

    position: int = Field(primary_key=True)
    source_incident: str = Field(index=True)
    relation: str
    target_incident: str = Field(index=True)
    known: str
    until: str


class SourceRow(SQLModel, table=True):
    """A source as it stands; `day` is the last on which it may have been published, or ""."""

    __tablename__ = "sources"

    key: str = Field(primary_key=True)
    position: int
    grade: str
    day: str
    instant: int
    known: str
    document: str = Field(sa_column=Column(Text, nullable=False))


class TallyRow(SQLModel, table=True):
    """A tally as it was defined last."""

    __tablename__ = "tallies"

    key: str = Field(primary_key=True)
    position: int
    document: str = Field(sa_column=Column(Text, nullable=False))


class TotalRow(SQLModel, table=True):
    """A published total of a tally."""

    __tablename__ = "totals"

    position: int = Field(primary_key=True)
    tally: str = Field(index=True)
    known: str
    until: str
    document: str = Field(sa_column=Column(Text, nullable=False))


class BatchRow(SQLModel, table=True):
    """An import: `retraction` is "" or how it was taken back, by which event and since when."""

    __tablename__ = "batches"

    id: str = Field(primary_key=True)
    position: int
    retraction: str
    taken_by: int
    until: str
