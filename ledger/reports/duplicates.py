"""Possible duplicates: pairs of incidents that may be one, for a steward to merge or to link.

Nothing is merged here. Two rows of one dataset are never a pair: the dataset tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection
from sqlalchemy import text as sql

from ledger.projections import state
from ledger.projections.documents import IncidentDocument
from ledger.projections.incidents import survivor
from ledger.projections.state import NOW, Clock
from ledger.reports.likeness import Likeness, Sight, likeness, sight
from ledger.reports.nearby import REACH, Index
from ledger.reports.selection import NOT_COUNTED
from ledger.reports.table import Cell, Table, number, text

COLUMNS = (
    text("incident", "key of the incident that was recorded later"),
    text("other", "key of the one that was recorded earlier"),
    number("likeness", "how much they are alike: 60 to 100", "percent"),
    number("days_apart", "0 if they may have been on one day, else 1", "days"),
    number("km", "kilometres between them; empty where one has no coordinates", "km"),
    text("why", "what is alike: title, parties, place; duplicate-of: linked so already"),
)
NOTE = (
    "merge with `ledger merge INCIDENT OTHER --reason WHY`, or `ledger add link INCIDENT same-wave "
    "OTHER --source KEY` (or another relation) if they are not the same"
)
SUSPECTED = "duplicate-of"
_NEVER = "~"
"""After every day: what was withdrawn at all is not there now."""

_ONE = sql("SELECT key, document FROM incidents WHERE id = :id")
_documents = msgspec.json.Decoder(IncidentDocument)


class Pair(NamedTuple):
    """Two incidents that may be one; `suspected`: a steward has linked them as duplicates."""

    later: str
    earlier: str
    likeness: Likeness
    suspected: bool


def duplicates(connection: Connection) -> Table:
    """The pairs of standing incidents that may be one, the most alike first."""
    found = sorted(pairs(connection), key=lambda one: (-one.likeness.score, one.later, one.earlier))
    return Table(COLUMNS, map(_row, found), [NOTE] if found else [])


def pairs(connection: Connection, clock: Clock = NOW) -> Iterator[Pair]:
    """The pairs of incidents, of those that were known, that may be one; each once, by day.

    Left out are incidents that are merged, withdrawn or discounted; two of one dataset (they, or
    what was merged into them, have a foreign id of one scheme); and pairs that a steward has
    linked, unless as duplicates.
    """
    links = _linked(connection, clock)
    index, recent, until = Index(), dict[int, Sight](), 0
    for one in sights(connection, clock=clock):
        if one.first_day > until:
            since, until = one.first_day - REACH, one.first_day + REACH
            recent = {number: old for number, old in recent.items() if old.first_day >= since}
            index = Index(recent.values())
        for other in map(recent.__getitem__, index.candidates(one)):
            if (like := likeness(one, other)) is None:
                continue
            relations = links.get(frozenset((one.key, other.key)), set())
            if relations <= {SUSPECTED}:
                later, earlier = (one, other) if one.id > other.id else (other, one)
                yield Pair(later.key, earlier.key, like, bool(relations))
        recent[one.id] = one
        index.add(one)


def sights(connection: Connection, without: str = "", clock: Clock = NOW) -> Iterator[Sight]:
    """What is compared of each incident that was known, by first day; long ones are left out.

    `without` leaves out those with a foreign id of that scheme.
    """
    discounted = [
        str(number)
        for number, facet in state.facets(connection).items()
        if facet.status == NOT_COUNTED
    ]
    condition, values = "1 = 1", dict[str, str | int]()
    if discounted:
        condition = f"facet NOT IN ({', '.join(discounted)})"
    if without:
        condition += " AND replace(document, :scheme, '') = document"
        values["scheme"] = f'"scheme":{msgspec.json.encode(without).decode()}'
    brought = _brought(connection, clock)
    for incident in state.incidents(connection, clock, condition, **values):
        one = sight(incident.key, incident.document, incident.id)
        if one is not None:
            more = brought.get(one.key)
            yield one._replace(schemes=one.schemes | more) if more else one


def sight_at(connection: Connection, id: int) -> Sight | None:
    """What is compared of the incident that the event at a position recorded."""
    row = connection.execute(_ONE, {"id": id}).one_or_none()
    return sight(row.key, _documents.decode(row.document), id) if row else None


def _linked(connection: Connection, clock: Clock) -> Mapping[frozenset[str], set[str]]:
    """The relations of each two incidents that are linked, of merged ones where they count."""
    merges, found = state.merges(connection), dict[frozenset[str], set[str]]()
    for link in state.links(connection, clock):
        ends = frozenset(survivor(key, merges) for key in (link.origin, link.target))
        found.setdefault(ends, set()).add(link.relation)
    return found


def _brought(connection: Connection, clock: Clock) -> Mapping[str, frozenset[str]]:
    """The schemes of foreign ids that an incident has by others that were merged into it."""
    merges, found = state.merges(connection), dict[str, frozenset[str]]()
    rows = connection.execute(
        sql(
            "SELECT key, document FROM incidents WHERE merged_into != '' "
            "AND (until = '' OR until > :known_by)"
        ),
        {"known_by": clock.known_by or _NEVER},
    )
    for row in rows:
        kept = survivor(row.key, merges)
        schemes = {one.scheme for one in _documents.decode(row.document).foreign_ids}
        found[kept] = found.get(kept, frozenset()) | schemes
    return found


def _row(pair: Pair) -> tuple[Cell, ...]:
    like = pair.likeness
    why = (*like.why, SUSPECTED) if pair.suspected else like.why
    return (
        pair.later,
        pair.earlier,
        like.score,
        like.days_apart,
        None if like.km is None else round(like.km),
        "; ".join(why),
    )
