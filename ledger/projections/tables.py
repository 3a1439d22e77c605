"""The shape of the projections' tables: what is now true, and can be rebuilt at any time.

Three ideas keep imports and totals fast. A **toll** is one row, however many lines and claims it
has: they are a document beside the toll's own sums. What a question asks of an incident as a
whole (kind, country, labels, …) is its **facet**, one row for all incidents that have it in
common. And the tolls of a facet, measure and year are kept summed.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from ledger.store.columns import integer, long_text, partial_index, words


class FacetRow(SQLModel, table=True):
    """What incidents have in common: kind, status, country, actors, labels, as canonical JSON."""

    __tablename__ = "facets"
    __table_args__ = (UniqueConstraint("facet"),)

    id: int = integer(primary_key=True)
    facet: str = long_text()


class IncidentRow(SQLModel, table=True):
    """An incident as it stands; `id` is the position of the event that recorded it.

    `known` is the first day on which anything was known of it, `until` the day from which it
    was withdrawn ("" if it was not).
    """

    __tablename__ = "incidents"
    __table_args__ = (
        Index("incidents_by_key", "key", unique=True),
        partial_index("incidents_merged", "merged_into", "merged_into != ''"),
    )

    id: int = integer(primary_key=True)
    key: str = words()
    first_day: str = words()
    last_day: str = words()
    facet: int = integer()
    merged_into: str = words()
    known: str = words()
    until: str = words()
    document: str = long_text()


class TollRow(SQLModel, table=True):
    """All that is said of one measure in one incident, and what it comes to by default.

    `low`, `best`, `high` are the sums of its top lines (None: unknown, a high: open);
    `lines`, `at_least` and `vague` count those lines, those whose best is only a low, and
    those of unknown count. `first_known` and `last_known` are the days between which
    `--known-by` matters; a `settled` toll has one claim a line, so that no policy can matter.
    """

    __tablename__ = "tolls"

    incident: int = integer(primary_key=True)
    measure: str = words(primary_key=True)
    facet: int = integer()
    first_day: str = words()
    low: int | None = Field(sa_type=BigInteger)
    best: int | None = Field(sa_type=BigInteger)
    high: int | None = Field(sa_type=BigInteger)
    lines: int = integer()
    at_least: int = integer()
    vague: int = integer()
    settled: bool
    first_known: str = words()
    last_known: str = words()
    document: str = long_text()


class SumRow(SQLModel, table=True):
    """The tolls of a facet, measure and year, summed: what most totals are made of.

    `lows`, `bests`, `highs` say how many of the `incidents` know theirs.
    """

    __tablename__ = "sums"
    __table_args__ = ({"sqlite_with_rowid": False},)

    facet: int = integer(primary_key=True)
    measure: str = words(primary_key=True)
    year: str = words(primary_key=True)
    incidents: int = integer()
    low: int = Field(sa_type=BigInteger)
    lows: int = integer()
    best: int = Field(sa_type=BigInteger)
    bests: int = integer()
    high: int = Field(sa_type=BigInteger)
    highs: int = integer()
    lines: int = integer()
    at_least: int = integer()
    vague: int = integer()


class PersonRow(SQLModel, table=True):
    """A person identified, on a line of an incident."""

    __tablename__ = "people"

    position: int = integer(primary_key=True)
    incident: int = integer(index=True)
    known: str = words()
    until: str = words()
    document: str = long_text()


class AttributionRow(SQLModel, table=True):
    """Who is said to have done it; `item` is its place in the event."""

    __tablename__ = "attributions"

    position: int = integer(primary_key=True)
    item: int = integer(primary_key=True)
    incident: int = integer(index=True)
    known: str = words()
    until: str = words()
    document: str = long_text()


class LinkRow(SQLModel, table=True):
    """How one incident stands to another, both by key."""

    __tablename__ = "links"

    position: int = integer(primary_key=True)
    source_incident: str = words(index=True)
    relation: str = words()
    target_incident: str = words(index=True)
    known: str = words()
    until: str = words()


class SourceRow(SQLModel, table=True):
    """A source as it stands; `day` is the last on which it may have been published, or ""."""

    __tablename__ = "sources"

    key: str = words(primary_key=True)
    position: int = integer()
    grade: str = words()
    day: str = words()
    instant: int = integer()
    known: str = words()
    document: str = long_text()


class TallyRow(SQLModel, table=True):
    """A tally as it was defined last."""

    __tablename__ = "tallies"

    key: str = words(primary_key=True)
    position: int = integer()
    document: str = long_text()


class TotalRow(SQLModel, table=True):
    """A published total of a tally."""

    __tablename__ = "totals"

    position: int = integer(primary_key=True)
    tally: str = words(index=True)
    known: str = words()
    until: str = words()
    document: str = long_text()


class BatchRow(SQLModel, table=True):
    """An import: `retraction` is "" or how it was taken back, by which event and since when."""

    __tablename__ = "batches"

    id: str = words(primary_key=True)
    position: int = integer()
    retraction: str = words()
    taken_by: int = integer()
    until: str = words()
