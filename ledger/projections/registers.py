"""From the events of a source, a tally or a batch to what is now true of it; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from ledger import dates
from ledger.counting.claims import Cited
from ledger.events import stream_of
from ledger.events.payloads import (
    BatchImported,
    EventRetracted,
    SourceRegistered,
    SourceRevised,
    TallyDefined,
    TotalPublished,
)
from ledger.projections.documents import SourceDocument, TallyDocument, TotalDocument
from ledger.projections.incidents import Stream
from ledger.projections.standing import Taken
from ledger.sources import Citation
from ledger.store.log import AnyEvent


class Source(NamedTuple):
    """A source as it stands; `day` and `instant` order its claims, `known` dates them."""

    position: int
    key: str
    grade: str
    day: str
    instant: int
    known: str
    document: SourceDocument


class Tally(NamedTuple):
    """A tally as it was defined last."""

    position: int
    key: str
    document: TallyDocument


class Total(NamedTuple):
    """A published total of a tally."""

    position: int
    tally: str
    known: str
    until: str
    document: TotalDocument


class Batch(NamedTuple):
    """An import, and how it was taken back, if it was."""

    position: int
    key: str
    taken: Taken | None


def source(stream: Stream) -> Source | None:
    """The source as it stands after its revisions; None if nothing registers it any more."""
    document: SourceDocument | None = None
    position, recorded = 0, ""
    for event, until in stream.standing:
        match event.data:
            case SourceRegistered() if not until:
                position, recorded = event.position, event.recorded_at[:10]
                fields = {name: getattr(event.data, name) for name in event.data.__struct_fields__}
                document = SourceDocument(**fields)
            case SourceRevised(changes=changes) if document and not until:
                fields = {**msgspec.structs.asdict(document), **changes}
                document = msgspec.convert(fields, SourceDocument)
    if document is None:
        return None
    when = dates.parse(document.published) if document.published else None
    day = (when.last if when else None) or ""
    instant = when.instant if when else 0
    return Source(position, stream.key, document.grade, day, instant, day or recorded, document)


def tally(stream: Stream) -> Tally | None:
    """The tally as it was defined last; None if no definition stands."""
    found: Tally | None = None
    for event, until in stream.standing:
        if isinstance(event.data, TallyDefined) and not until:
            said = event.data
            document = TallyDocument(said.title, said.measure, said.where, said.covers)
            found = Tally(event.position, stream.key, document)
    return found


def totals(stream: Stream) -> Iterator[Total]:
    """The published totals of a tally, withdrawn ones among them."""
    for event, until in stream.standing:
        if isinstance(event.data, TotalPublished):
            said = event.data
            cited = stream.resolve(event.citations[0], event)
            document = TotalDocument(
                said.count,
                said.as_of,
                cited,
                said.opening,
                said.unit_unclear,
                said.definition,
                said.tolerance,
            )
            yield Total(event.position, stream.key, stream.known(event), until, document)


def batch(stream: Stream) -> Batch:
    """An import, from its stream: a retraction there without a position takes it all back."""
    fates = [
        Taken(event.data.kind, event.position, stream.known(event))
        for event in stream.history
        if isinstance(event.data, EventRetracted) and event.data.position is None
    ]
    still = [fate for fate in fates if (fate.by, "") not in stream.taken]
    taken = min(still, key=lambda one: one.weight, default=None)
    positions = [e.position for e in stream.history if isinstance(e.data, BatchImported)]
    return Batch(positions[0] if positions else -1, stream.key, taken)


class Sources:
    """Looks sources up for citations, and remembers what it found."""

    def __init__(self, found: Mapping[str, Source]) -> None:
        self._found = dict(found)

    def __contains__(self, key: str) -> bool:
        """Whether a source was looked up and stands."""
        return key in self._found

    def put(self, key: str, one: Source | None) -> None:
        """Replace what is known of a source."""
        self._found.pop(key, None)
        if one is not None:
            self._found[key] = one

    def resolve(self, citation: Citation, event: AnyEvent) -> Cited:
        """The citation with its source's grade and days; of an unknown source, the event's."""
        incident = event.stream.partition("/")[2]
        found = self._found.get(citation.source)
        if found is None:
            grade, day, instant, known = "F", "", 0, event.recorded_at[:10]
        else:
            grade, day, instant, known = found.grade, found.day, found.instant, found.known
        return Cited(
            citation.source,
            citation.claimant,
            citation.speaker,
            citation.locator,
            citation.grade,
            grade,
            day,
            instant,
            known,
            incident,
        )


def streams_of(
    kind: str, histories: Mapping[str, Sequence[AnyEvent]]
) -> Mapping[str, Sequence[AnyEvent]]:
    """Those of the histories that belong to a kind of stream, by key."""
    start = stream_of(kind, "")
    return {
        name.removeprefix(start): history
        for name, history in histories.items()
        if name.startswith(start)
    }
