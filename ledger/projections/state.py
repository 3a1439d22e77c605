"""Reads single things back from the projections, for those who ask.

Plain SQL and structs: a reading command does not wait for SQLModel to be imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import starmap
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, bindparam, text

from ledger.counting.claims import Cited, Claim
from ledger.errors import TablesBehindError
from ledger.projections.documents import (
    AttributionDocument,
    Facet,
    IncidentDocument,
    PersonDocument,
    SourceDocument,
    TallyDocument,
    Told,
    TollDocument,
    TotalDocument,
)
from ledger.sources import Citation
from ledger.store.driver import select
from ledger.store.log import Log

_SOME = 500
_facets = msgspec.json.Decoder(Facet)
_tolls = msgspec.json.Decoder(TollDocument)
told = msgspec.json.Decoder(Told).decode
"""What the document of a toll tells of its lines."""
_incidents = msgspec.json.Decoder(IncidentDocument)
_people = msgspec.json.Decoder(PersonDocument)
_attributions = msgspec.json.Decoder(AttributionDocument)
_sources = msgspec.json.Decoder(SourceDocument)
_tallies = msgspec.json.Decoder(TallyDocument)
_totals = msgspec.json.Decoder(TotalDocument)


NAME = "present"
VERSION = 2
"""The projections' version: tables that another one made are rebuilt before they are read."""


class Clock(NamedTuple):
    """What was known by a day (ISO, inclusive); None: all that stands now."""

    known_by: str | None = None

    @property
    def condition(self) -> str:
        """SQL that admits rows with columns `known` and `until`."""
        if self.known_by is None:
            return "until = ''"
        return "known <= :known_by AND (until = '' OR until > :known_by)"

    @property
    def parameters(self) -> dict[str, str]:
        """What the condition needs."""
        return {} if self.known_by is None else {"known_by": self.known_by}


class StandingClaim(NamedTuple):
    """A claim that stands, and its citation."""

    claim: Claim
    cited: Cited

    @property
    def line(self) -> str:
        """The line on which it stands."""
        return self.claim.line

    @property
    def citation(self) -> Citation:
        """The citation as it was recorded."""
        one = self.cited
        return Citation(one.source, one.claimant, one.speaker, one.locator, one.item_grade)


NOW = Clock()


class Incident(msgspec.Struct, frozen=True, dict=True):
    """An incident as it stands, with its document, which is read when it is asked for.

    `first_day` is the day on which it counts.
    """

    id: int
    key: str
    first_day: str
    last_day: str
    facet: int
    merged_into: str
    written: str

    @cached_property
    def document(self) -> IncidentDocument:
        """What is told of it."""
        return _incidents.decode(self.written)

    @property
    def title(self) -> str:
        """The title."""
        return self.document.title

    @property
    def date(self) -> str:
        """The date as written."""
        return self.document.date


_INCIDENT = "id, key, first_day, last_day, facet, merged_into, document"


class Toll(msgspec.Struct, frozen=True, dict=True):
    """A toll with its document, which is read when it is asked for."""

    incident: int
    measure: str
    facet: int
    first_day: str
    settled: bool
    last_known: str
    written: str

    @cached_property
    def document(self) -> TollDocument:
        """All of it."""
        return _tolls.decode(self.written)

    @property
    def told(self) -> Told:
        """What is told of its lines, without what is cited: read in half the time."""
        return told(self.written)


TOLL = "incident, measure, facet, first_day, settled, last_known, document"
"""The columns that a toll is made of, in order."""


class Person(NamedTuple):
    """A person identified, and the event that says so."""

    position: int
    incident: int
    document: PersonDocument


class Attribution(NamedTuple):
    """An attribution, and the event that says so."""

    position: int
    incident: int
    document: AttributionDocument


class Link(NamedTuple):
    """A link between two incidents, by key."""

    position: int
    origin: str
    relation: str
    target: str


class Source(NamedTuple):
    """A source as it stands."""

    position: int
    key: str
    known: str
    document: SourceDocument


class Tally(NamedTuple):
    """A tally as it was defined last."""

    position: int
    key: str
    document: TallyDocument


class Total(NamedTuple):
    """A published total."""

    position: int
    tally: str
    document: TotalDocument


def position(connection: Connection) -> int:
    """How many events the projections hold; -1 if another version of the program made them."""
    statement = text("SELECT position, version FROM projections WHERE name = :name")
    row = connection.execute(statement, {"name": NAME}).one_or_none()
    if row is None:
        return 0
    return int(row.position) if row.version == VERSION else -1


def must_hold(connection: Connection, events: int) -> None:
    """Raise TablesBehindError unless the projections hold so many events."""
    if position(connection) != events:
        raise TablesBehindError


def facets(connection: Connection) -> dict[int, Facet]:
    """Every facet in use, by id."""
    rows = connection.execute(text("SELECT id, facet FROM facets"))
    return {row.id: _facets.decode(row.facet) for row in rows}


def facets_in_use(connection: Connection) -> Iterator[Facet]:
    """The facets that an incident has now: one that none has any more may still be kept."""
    statement = "SELECT facet FROM facets WHERE id IN (SELECT facet FROM incidents)"
    return map(_facets.decode, connection.execute(text(statement)).scalars())


def incidents(
    connection: Connection, clock: Clock = NOW, condition: str = "1 = 1", **values: str | int
) -> Iterator[Incident]:
    """Incidents of which something is known, merged ones left out, by day and position."""
    rows = connection.execute(
        text(
            f"SELECT {_INCIDENT} FROM incidents WHERE merged_into = '' "
            f"AND {clock.condition} AND {condition} ORDER BY first_day, last_day, id"
        ),
        {**clock.parameters, **values},
    )
    return starmap(Incident, rows)


def incident(connection: Connection, key: str) -> Incident | None:
    """One incident by key, merged and withdrawn ones too."""
    row = connection.execute(
        text(f"SELECT {_INCIDENT} FROM incidents WHERE key = :key"), {"key": key}
    ).one_or_none()
    return Incident(*row) if row else None


def incidents_by_id(connection: Connection, ids: Iterable[int]) -> dict[int, Incident]:
    """Those of the incidents, by id."""
    statement = text(f"SELECT {_INCIDENT} FROM incidents WHERE id IN :ids").bindparams(
        bindparam("ids", expanding=True)
    )
    wanted, found = sorted(set(ids)), dict[int, Incident]()
    for start in range(0, len(wanted), _SOME):
        rows = connection.execute(statement, {"ids": wanted[start : start + _SOME]})
        found.update((one.id, one) for one in starmap(Incident, rows))
    return found


def tolls_of(connection: Connection, incident: int) -> list[Toll]:
    """The tolls of one incident, by measure."""
    rows = connection.execute(
        text(f"SELECT {TOLL} FROM tolls WHERE incident = :id ORDER BY measure"), {"id": incident}
    )
    return list(starmap(Toll, rows))


def tolls(connection: Connection, condition: str = "1 = 1") -> Iterator[Toll]:
    """Every toll, or those that meet a condition, in no order unless the condition ends in one."""
    return starmap(Toll, select(connection, f"SELECT {TOLL} FROM tolls WHERE {condition}"))


def people(connection: Connection, clock: Clock = NOW) -> Iterator[Person]:
    """The persons identified, in the order in which they were recorded."""
    for row in _standing(connection, "people", clock, "position"):
        yield Person(row.position, row.incident, _people.decode(row.document))


def attributions(connection: Connection, clock: Clock = NOW) -> Iterator[Attribution]:
    """The attributions, in the order in which they were recorded."""
    for row in _standing(connection, "attributions", clock, "position, item"):
        yield Attribution(row.position, row.incident, _attributions.decode(row.document))


def links(connection: Connection, clock: Clock = NOW) -> Iterator[Link]:
    """The links, in the order in which they were recorded."""
    for row in _standing(connection, "links", clock, "position"):
        yield Link(row.position, row.source_incident, row.relation, row.target_incident)


def sources(connection: Connection) -> Iterator[Source]:
    """The sources, by key."""
    for row in connection.execute(text("SELECT * FROM sources ORDER BY key")):
        yield Source(row.position, row.key, row.known, _sources.decode(row.document))


def tallies(connection: Connection) -> Iterator[Tally]:
    """The tallies, by key."""
    for row in connection.execute(text("SELECT * FROM tallies ORDER BY key")):
        yield Tally(row.position, row.key, _tallies.decode(row.document))


def totals(connection: Connection, clock: Clock = NOW) -> Iterator[Total]:
    """The published totals, by tally and position."""
    for row in _standing(connection, "totals", clock, "tally, position"):
        yield Total(row.position, row.tally, _totals.decode(row.document))


def merges(connection: Connection) -> dict[str, str]:
    """The merges in force: from each merged incident to that which it was merged into."""
    rows = connection.execute(
        text("SELECT key, merged_into FROM incidents WHERE merged_into != ''")
    )
    return {row.key: row.merged_into for row in rows}


def unfinished(connection: Connection, log: Log) -> Iterator[str]:
    """The imports whose last word was not appended."""
    ended = text("SELECT id FROM batches WHERE position >= 0 OR retraction <> ''")
    finished = set(connection.execute(ended).scalars())
    statement = text(
        "SELECT DISTINCT batch FROM events WHERE batch <> '' AND position < :stop ORDER BY batch"
    )
    found = log.connection.execute(statement, {"stop": log.stop}).scalars()
    return (batch for batch in found if batch not in finished)


def _standing(connection: Connection, table: str, clock: Clock, order: str) -> Iterator[Row[Any]]:
    statement = f"SELECT * FROM {table} WHERE {clock.condition} ORDER BY {order}"
    return iter(connection.execute(text(statement), clock.parameters))
