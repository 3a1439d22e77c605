"""The short way for plain incidents: one event, one source, nothing merged or taken back.

Nearly every row of a dataset becomes one. Its rows are what `incidents` and `rows` would make of
it, made straight from the event, in about half the time: a property test folds histories both
ways and compares.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import msgspec
from sqlalchemy import Connection

from ledger import codec
from ledger.counting import figures, plans
from ledger.counting.claims import Cited, Claim
from ledger.counting.figures import Figure
from ledger.counting.plans import Part, Plan
from ledger.events.payloads import Claimed, IncidentRecorded
from ledger.projections import incidents, rows, tables
from ledger.projections.documents import Facet, TollDocument, as_claimed
from ledger.projections.incidents import Resolve
from ledger.projections.standing import Taken
from ledger.projections.sums import Changes
from ledger.store.log import AnyEvent
from ledger.store.tables import Values, insert


class Plain(msgspec.Struct, frozen=True, gc=False):
    """An event that is a plain incident, what it says, and how its lines add up."""

    event: AnyEvent
    said: IncidentRecorded
    plan: Plan


def plain(history: Sequence[AnyEvent], undone: Mapping[str, Taken]) -> Plain | None:
    """The plain incident that a stream is, but for merges into it; None if it is not one."""
    event = history[0]
    said = event.data
    if (
        len(history) > 1
        or type(said) is not IncidentRecorded
        or len(event.citations) != 1
        or said.attributions
        or event.batch in undone
    ):
        return None
    for claim in said.counts:
        if claim.citation:
            return None
    found = plans.plan(tuple([claim.line for claim in said.counts]))
    return Plain(event, said, found) if found else None


def write(into: Connection, some: Sequence[Plain], resolve: Resolve) -> None:
    """Write the rows of plain incidents, none of which has any yet."""
    headers: list[Values] = []
    tolls: list[Values] = []
    sums = Changes()
    for one, facet in zip(some, _facets(into, some), strict=True):
        event, said, plan = one.event, one.said, one.plan
        cited = resolve(event.citations[0], event)
        days = incidents.days(said.date)
        headers.append(_header(event.position, said, days, facet, cited))
        counts = [claim.count for claim in said.counts]
        lifted = None if plan.as_claimed(counts) else plan.figures(counts)
        for part in plan.parts:
            tops = [lifted[top] if lifted else figures.of(counts[top]) for top in part.tops]
            whole = rows.whole(tops)
            document = _document(event.position, said.counts, part, lifted, cited)
            start = (event.position, part.measure, facet, days[0])
            tolls.append((*start, *whole, True, cited.known, cited.known, document))
            sums.add(facet, part.measure, days[0], whole)
    insert(into, tables.IncidentRow, headers)
    insert(into, tables.TollRow, tolls)
    sums.write(into)


def _facets(into: Connection, some: Sequence[Plain]) -> list[int]:
    """The facet of each incident, by its id; each is encoded once."""
    encoded: dict[Hashable, str] = {}
    found: list[str] = []
    for one in some:
        said = one.said
        key = (said.kind, said.status, said.place.country, *said.labels.items())
        facet = encoded.get(key)
        if facet is None:
            whole = Facet(said.kind, said.status, said.place.country, (), said.labels)
            facet = encoded[key] = codec.canonical(whole).decode()
        found.append(facet)
    ids = rows.intern(into, set(encoded.values()))
    return [ids[facet] for facet in found]


def _header(
    position: int, said: IncidentRecorded, days: tuple[str, str], facet: int, cited: Cited
) -> Values:
    document = codec.canonical(incidents.document(said)).decode()
    return (position, cited.incident, *days, facet, "", cited.known, "", document)


def _document(
    position: int,
    counts: Sequence[Claimed],
    part: Part,
    lifted: Sequence[Figure] | None,
    cited: Cited,
) -> str:
    claims = tuple(
        [
            Claim(position, one.line, 0, one.count, one.as_of, one.allocated)
            for one in map(counts.__getitem__, part.claimed)
        ]
    )
    told = None
    if lifted:
        found = {counts[place].line: lifted[place] for place in part.upwards}
        told = tuple(found.items()) if found != as_claimed(claims) else None
    return codec.canonical(TollDocument(cited.incident, (cited,), claims, told)).decode()
