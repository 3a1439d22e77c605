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
from ledger.counting.plans import BETWEEN, Part, Plan
from ledger.counts import Count
from ledger.events.payloads import Claimed, IncidentRecorded
from ledger.projections import incidents, rows
from ledger.projections.documents import Facet, TollDocument, as_claimed, as_text
from ledger.projections.incidents import Resolve
from ledger.projections.kept import Kept
from ledger.projections.standing import Taken
from ledger.projections.sums import Whole
from ledger.store.driver import Values, insert
from ledger.store.log import AnyEvent


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
    found = plans.plan(BETWEEN.join([claim.line for claim in said.counts]))
    return Plain(event, said, found) if found else None


def write(into: Connection, some: Sequence[Plain], resolve: Resolve, kept: Kept) -> None:
    """Write the rows of plain incidents, none of which has any yet."""
    headers: list[Values] = []
    tolls: list[Values] = []
    sums = kept.sums
    for one, facet in zip(some, _facets(into, some, kept), strict=True):
        event, said, plan = one.event, one.said, one.plan
        cited = resolve(event.citations[0], event)
        position, known = event.position, cited.known
        first, last = incidents.days(said.date)
        document = as_text(incidents.document(said))
        headers.append((position, cited.incident, first, last, facet, "", known, "", document))
        counts = [claim.count for claim in said.counts]
        lifted = None if plan.as_claimed(counts) else plan.figures(counts)
        for part in plan.parts:
            whole = _whole(part, counts, lifted)
            document = _document(position, said.counts, part, lifted, cited)
            start = (position, part.measure, facet, first)
            tolls.append((*start, *whole, True, known, known, document))
            sums.add(facet, part.measure, first, whole)
    insert(into, "incidents", headers)
    insert(into, "tolls", tolls)


def _facets(into: Connection, some: Sequence[Plain], kept: Kept) -> list[int]:
    """The facet of each incident, by its id; each is encoded once."""
    known = kept.facets
    new: dict[Hashable, str] = {}
    keys: list[Hashable] = []
    for one in some:
        said = one.said
        key = (said.kind, said.status, said.place.country, *said.labels.items())
        keys.append(key)
        if key not in known and key not in new:
            whole = Facet(said.kind, said.status, said.place.country, (), said.labels)
            new[key] = codec.canonical(whole).decode()
    kept.learn(into, new)
    return [known[key] for key in keys]


def _whole(part: Part, counts: Sequence[Count], lifted: Sequence[Figure] | None) -> Whole:
    """What a toll comes to: nearly always what is claimed of its one top line."""
    if lifted or len(part.tops) > 1:
        return rows.whole([lifted[top] if lifted else figures.of(counts[top]) for top in part.tops])
    count = counts[part.tops[0]]
    if count.best is None:
        known = count.low is not None
        return count.low, count.low, count.high, 1, int(known), int(not known)
    return count.low, count.best, count.high, 1, 0, 0


def _document(
    position: int,
    counts: Sequence[Claimed],
    part: Part,
    lifted: Sequence[Figure] | None,
    cited: Cited,
) -> str:
    claims = []
    for place in part.claimed:
        one = counts[place]
        claims.append(Claim(position, one.line, 0, one.count, one.as_of, one.allocated))
    told = None
    if lifted:
        found = {counts[place].line: lifted[place] for place in part.upwards}
        told = tuple(found.items()) if found != as_claimed(claims) else None
    return as_text(TollDocument(cited.incident, (cited,), tuple(claims), told))
