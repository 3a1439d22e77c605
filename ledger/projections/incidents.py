"""From an incident's events to what is now true of it; pure.

Statements (claims, attributions, persons) of merged incidents count as if they had been made
of the incident that they were merged into.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from ledger import dates
from ledger.counting import lines, tolls
from ledger.counting.claims import Cited, Claim
from ledger.events.payloads import (
    Attributed,
    Claimed,
    CountsReported,
    IncidentMerged,
    IncidentRecorded,
    IncidentRevised,
    IncidentsLinked,
    PersonIdentified,
    Reclassified,
    ResponsibilityAttributed,
)
from ledger.projections.documents import (
    AttributionDocument,
    Facet,
    IncidentDocument,
    PersonDocument,
    TollDocument,
    as_claimed,
)
from ledger.projections.revisions import revised
from ledger.projections.standing import Taken, standing, taken_back
from ledger.sources import Citation
from ledger.store.log import AnyEvent

_TELLING = (IncidentRecorded, CountsReported, ResponsibilityAttributed, PersonIdentified)
"""What makes an incident known: a later word on its place or links does not."""

Resolve = Callable[[Citation, AnyEvent], Cited]
"""Looks a citation's source up."""


class Header(NamedTuple):
    """An incident as it stands, without what is said of it; `until`: withdrawn since."""

    position: int
    key: str
    recorded: IncidentRecorded
    merged_into: str
    until: str


class Attribution(NamedTuple):
    """An attribution of responsibility, by position and place in its event."""

    position: int
    item: int
    until: str
    document: AttributionDocument


class Person(NamedTuple):
    """A person identified."""

    position: int
    until: str
    document: PersonDocument


class Link(NamedTuple):
    """A link from the incident `origin` to another, both by key."""

    position: int
    origin: str
    relation: str
    to: str
    known: str
    until: str


class Said(NamedTuple):
    """All that stands of what was said of an incident, in the order in which it was recorded.

    `cited` holds each citation once; claims name theirs by its place. `retracted` are lines
    that lost a claim; `known` the first day on which anything was known.
    """

    cited: list[Cited]
    claims: list[Claim]
    retracted: list[str]
    attributions: list[Attribution]
    people: list[Person]
    links: list[Link]
    known: list[str]


class Stream:
    """A stream's events, those of them that stand, and what was taken back."""

    __slots__ = ("batches", "history", "key", "resolve", "standing", "taken")

    def __init__(
        self,
        key: str,
        history: Sequence[AnyEvent],
        batches: Mapping[str, Taken],
        resolve: Resolve,
    ) -> None:
        self.key, self.history, self.batches, self.resolve = key, history, batches, resolve
        self.taken = taken_back(history, self.known, batches) if len(history) > 1 else {}
        self.standing = list(standing(history, self.taken, batches))

    @classmethod
    def plain(cls, key: str, history: Sequence[AnyEvent], batches: Mapping[str, Taken]) -> Stream:
        """A stream for those who ask only what stands, and no source's day."""
        return cls(key, history, batches, _unresolved)

    def known(self, event: AnyEvent) -> str:
        """The day from which an event is known: of its earliest source, or when recorded."""
        days = (self.resolve(citation, event).known for citation in event.citations)
        return min(days, default=event.recorded_at[:10])


def _unresolved(citation: Citation, event: AnyEvent) -> Cited:
    day = event.recorded_at[:10]
    return Cited(citation.source, citation.claimant, "", "", 6, "F", day, 0, day, "")


def header(stream: Stream) -> Header | None:
    """The incident as it stands after its revisions; None if nothing records it any more.

    A record that was withdrawn yields to one that stands: that may have come back later.
    """
    found: Header | None = None
    for event, until in stream.standing:
        match event.data:
            case IncidentRecorded() if not (until and found and not found.until):
                found = Header(event.position, stream.key, event.data, "", until)
            case IncidentRevised() if found and not until:
                found = found._replace(recorded=revised(found.recorded, event.data))
            case IncidentMerged() if found and not until:
                found = found._replace(merged_into=event.data.into)
    return found


def said_of(streams: Sequence[Stream]) -> Said:
    """What was said of an incident: of its own stream, then of those merged into it."""
    said = Said([], [], [], [], [], [], [])
    for stream in streams:
        _gather(stream, said)
    if len(streams) > 1:
        said.claims.sort(key=lambda claim: claim.position)
    return said


def document(said: IncidentRecorded) -> IncidentDocument:
    """What is told of an incident, apart from what questions ask for."""
    return IncidentDocument(
        said.title,
        said.date,
        said.clarity,
        said.date_precision,
        said.place,
        said.summary,
        said.parties,
        said.foreign_ids,
    )


def facet(head: Header, attributions: Iterable[Attribution]) -> Facet:
    """What a question may ask of the incident as a whole; denials make nobody an actor."""
    recorded = head.recorded
    actors = {
        one.document.actor
        for one in attributions
        if one.document.stance != "denies" and not one.until
    }
    return Facet(
        recorded.kind,
        recorded.status,
        recorded.place.country,
        tuple(sorted(actors)),
        recorded.labels,
    )


def toll_documents(head: Header, said: Said) -> dict[str, tuple[TollDocument, tolls.Settled]]:
    """The tolls of an incident, by measure, each with what it comes to by default."""
    measures: dict[str, list[Claim]] = {}
    for claim in said.claims:
        measures.setdefault(claim.line.partition("[")[0], []).append(claim)
    return {measure: _toll(measure, claims, head, said) for measure, claims in measures.items()}


def _toll(
    measure: str, claims: list[Claim], head: Header, said: Said
) -> tuple[TollDocument, tolls.Settled]:
    cited = tuple(said.cited)
    if len(cited) > 1:
        claims, cited = _own_citations(claims, cited)
    retracted: tuple[str, ...] = ()
    if said.retracted:
        mine = (text for text in said.retracted if lines.parse(text).measure == measure)
        retracted = tuple(dict.fromkeys(mine))
    settled = tolls.settle(claims, cited, head.key, retracted=retracted)
    told = tuple(settled.figures.items()) if settled.figures != as_claimed(claims) else None
    document = TollDocument(head.key, cited, tuple(claims), told, retracted, settled.unplaced)
    return document, settled


def _own_citations(
    claims: list[Claim], cited: tuple[Cited, ...]
) -> tuple[list[Claim], tuple[Cited, ...]]:
    """The claims with those citations only that they use."""
    used = list(dict.fromkeys(claim.cited for claim in claims))
    renumbered = [msgspec.structs.replace(one, cited=used.index(one.cited)) for one in claims]
    return renumbered, tuple(cited[place] for place in used)


def _gather(stream: Stream, said: Said) -> None:  # noqa: C901 - one case a type
    """Add what stands of one stream's events to what was said."""
    taken = stream.taken
    moved: list[tuple[int, tuple[Reclassified, ...]]] = []
    first, first_person = len(said.claims), len(said.people)
    for event, until in stream.standing:
        cited = [stream.resolve(citation, event) for citation in event.citations]
        if type(event.data) in _TELLING:
            said.known.extend([one.known for one in cited])
        match event.data:
            case IncidentRecorded():
                _add_claims(event.data.counts, event.position, cited, until, taken, said)
                _add_attributions(event.data.attributions, event.position, cited, until, said)
            case CountsReported():
                _add_claims(event.data.claims, event.position, cited, until, taken, said)
            case ResponsibilityAttributed(actor=actor, stance=stance, confidence=confidence):
                alone = Attributed(actor=actor, stance=stance, confidence=confidence)
                _add_attributions([alone], event.position, cited, until, said)
            case PersonIdentified():
                fields = {name: getattr(event.data, name) for name in event.data.__struct_fields__}
                document = PersonDocument(cited=cited[0], **fields)
                said.people.append(Person(event.position, until, document))
            case IncidentsLinked(relation=relation, to=to):
                known = stream.known(event)
                said.links.append(Link(event.position, stream.key, relation, to, known, until))
            case IncidentRevised(reclassify=reclassify) if reclassify and not until:
                moved.append((event.position, reclassify))
    for one in stream.history if taken or stream.batches else ():
        _add_retracted(one, taken, stream.batches, said)
    for position, lines_moved in moved:
        _reclassify(said.claims, first, position, lines_moved)
        _reclassify_people(said.people, first_person, position, lines_moved)
    if moved and taken:
        said.claims[first:] = _without_taken(said.claims[first:], taken)


def _add_claims(
    claims: Sequence[Claimed],
    position: int,
    cited: Sequence[Cited],
    until: str,
    taken: Mapping[tuple[int, str], Taken],
    said: Said,
) -> None:
    base = len(said.cited)
    said.cited.extend(cited)
    for claim in claims:
        fate = taken.get((position, claim.line)) if taken else None
        if fate is not None and fate.kind == "error":
            continue
        said.claims.append(
            Claim(
                position,
                claim.line,
                base + claim.citation,
                claim.count,
                claim.as_of,
                claim.allocated,
                min(day for day in (fate.day, until) if day) if fate else until,
            )
        )


def _add_attributions(
    attributions: Iterable[Attributed],
    position: int,
    cited: Sequence[Cited],
    until: str,
    said: Said,
) -> None:
    for item, one in enumerate(attributions):
        document = AttributionDocument(one.actor, one.stance, cited[one.citation], one.confidence)
        said.attributions.append(Attribution(position, item, until, document))


def _add_retracted(
    event: AnyEvent,
    taken: Mapping[tuple[int, str], Taken],
    batches: Mapping[str, Taken],
    said: Said,
) -> None:
    """Remember the lines of claims that were retracted as errors."""
    whole = taken.get((event.position, "")) or batches.get(event.batch)
    for claim in claims_of(event):
        fate = whole or taken.get((event.position, claim.line))
        if fate is not None and fate.kind == "error":
            said.retracted.append(claim.line)


def claims_of(event: AnyEvent) -> Sequence[Claimed]:
    """The claims that an event makes, whether they stand or not."""
    match event.data:
        case IncidentRecorded():
            return event.data.counts
        case CountsReported():
            return event.data.claims
    return ()


def _reclassify(
    claims: list[Claim], first: int, before: int, moved: Sequence[Reclassified]
) -> None:
    """Move claims made before a position to the lines that a revision gives them."""
    lines_moved = {one.line: one.to for one in moved}
    for place in range(first, len(claims)):
        claim = claims[place]
        if claim.position < before and claim.line in lines_moved:
            claims[place] = msgspec.structs.replace(claim, line=lines_moved[claim.line])


def _reclassify_people(
    people: list[Person], first: int, before: int, moved: Sequence[Reclassified]
) -> None:
    """Move persons along with the line that counts them."""
    lines_moved = {one.line: one.to for one in moved}
    for place in range(first, len(people)):
        person = people[place]
        line = lines_moved.get(person.document.line)
        if person.position < before and line is not None:
            document = msgspec.structs.replace(person.document, line=line)
            people[place] = person._replace(document=document)


def _without_taken(claims: Iterable[Claim], taken: Mapping[tuple[int, str], Taken]) -> list[Claim]:
    """Claims without those that were retracted by the line that they were moved to."""
    kept = []
    for claim in claims:
        fate = taken.get((claim.position, claim.line))
        if fate is None or (fate.kind == "withdrawn" and claim.until):
            kept.append(claim)
        elif fate.kind == "withdrawn":
            kept.append(msgspec.structs.replace(claim, until=fate.day))
    return kept


def chain(key: str, merges: Mapping[str, str]) -> list[str]:
    """The incidents that a key leads to by merges, nearest first; a circle ends it."""
    found: list[str] = []
    while (key := merges.get(key, "")) and key not in found:
        found.append(key)
    return found


def survivor(key: str, merges: Mapping[str, str]) -> str:
    """The incident that a key counts with: itself, or the one that merges lead it to."""
    return chain(key, merges)[-1] if key in merges else key


@lru_cache(maxsize=65_536)
def days(date: str) -> tuple[str, str]:
    """The first day on which an incident counts, and the last on which it may have been."""
    when = dates.parse(date)
    return when.counts_on, when.last or "9999-12-31"
