"""What the imports of a mapping recorded before, and whether a row says the same again.

Only events of the mapping's own batches are looked at: what a steward corrected or took back by
hand stays so, however often the file comes again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from ledger import codec
from ledger.events import Draft, Event, Payload
from ledger.events import payloads as said
from ledger.projections.incidents import Stream
from ledger.projections.revisions import revised
from ledger.projections.standing import Taken
from ledger.sources import Citation
from ledger.store.driver import fetch
from ledger.store.log import AnyEvent

_BATCH = re.compile(r"(.+)-v\d+-[0-9a-f]{16}(\.\d+)?")
_LOOK_UP = 500
_EVENTS = (
    "SELECT stream, type, batch, body FROM events WHERE stream IN ({}) ORDER BY stream, version"
)

Identity = tuple[str, ...]
"""What a statement is about, within its stream: `("claim", LINE, CLAIMANT, …)`."""
Content = tuple[object, ...]

INCIDENT: Identity = ("incident",)


class Statement(NamedTuple):
    """One thing that an event says: what, by which event, in which batch."""

    content: Content
    position: int
    batch: str
    citation: Citation


class Stored(NamedTuple):
    """An event of a stream, as it is stored."""

    type: str
    batch: str
    body: str


class Ours(NamedTuple):
    """The batches of one mapping: `batch` is the one that is being imported.

    `undone` are batches that were taken back. `by_row` says that rows cite documents of their
    own, so that a claim of another document is another claim.
    """

    mapping: str
    batch: str
    undone: Mapping[str, Taken]
    by_row: bool

    def has(self, batch: str) -> bool:
        """Whether a batch is of this mapping, and stands."""
        return mapping_of(batch) == self.mapping and batch not in self.undone


def batch_name(mapping: str, version: int, sha256: str, completed: int) -> str:
    """The id of a batch: of mapping, version, file, and how often that was completed before."""
    name = f"{mapping}-v{version}-{sha256[:16]}"
    return f"{name}.{completed}" if completed else name


def mapping_of(batch: str) -> str:
    """The mapping that a batch was imported by; "" for drafts."""
    if not batch or (found := _BATCH.fullmatch(batch)) is None:
        return ""
    return found[1]


def statements(
    draft: Draft | Event[Payload], *, by_row: bool
) -> Iterator[tuple[Identity, Content]]:
    """What a draft or an event says, one by one."""
    match draft.data:
        case said.IncidentRecorded() as data:
            bare = msgspec.structs.replace(data, counts=(), attributions=())
            yield INCIDENT, (bare,)
            yield from _claims(data.counts, draft.citations, by_row=by_row)
        case said.CountsReported() as data:
            yield from _claims(data.claims, draft.citations, by_row=by_row)
        case said.ResponsibilityAttributed() as data:
            cited = _without_source(draft.citations[0])
            yield ("attribution", data.actor, data.stance, cited.claimant), (data, cited)
        case said.TotalPublished() as data:
            cited = _without_source(draft.citations[0])
            yield ("total", data.as_of, cited.claimant), (data, cited)


def _claims(
    claims: Iterable[said.Claimed], citations: Sequence[Citation], *, by_row: bool
) -> Iterator[tuple[Identity, Content]]:
    for claim in claims:
        citation = citations[claim.citation]
        document = (citation.source, citation.locator) if by_row else ()
        content = (claim.count, claim.as_of, claim.allocated, _without_source(citation))
        yield ("claim", claim.line, citation.claimant, *document), content


def _without_source(citation: Citation) -> Citation:
    """A citation apart from its source: a new version that says the same is no news."""
    return msgspec.structs.replace(citation, source="")


class _Said(msgspec.Struct):
    """What an event says, as it stands in its bytes: keys are sorted, and `id` comes next."""

    citations: tuple[Citation, ...]
    data: Payload


def line_of(identity: Identity) -> str:
    """The line that a statement claims; "" for what is no claim."""
    return identity[1] if identity[0] == "claim" else ""


class Recorded:
    """The events of some streams, and what of them a mapping recorded."""

    def __init__(self, connection: Connection, streams: Iterable[str], ours: Ours) -> None:
        self.ours = ours
        self.stored: dict[str, list[Stored]] = {}
        self._said: dict[str, History] = {}
        self._ours = lru_cache(maxsize=64)(ours.has)
        names = list(dict.fromkeys(streams))
        for start in range(0, len(names), _LOOK_UP):
            some = names[start : start + _LOOK_UP]
            marks = ", ".join("?" * len(some))
            for stream, *stored in fetch(connection, _EVENTS.format(marks), tuple(some)):
                self.stored.setdefault(stream, []).append(Stored(*stored))

    def has(self, draft: Draft) -> bool:
        """Whether the stream of a draft has any event."""
        return draft.stream in self.stored

    def stands(self, stream: str) -> bool:
        """Whether a stream has any event that was not undone with its batch."""
        return any(one.batch not in self.ours.undone for one in self.stored.get(stream, ()))

    def same(self, draft: Draft) -> str:
        """The batch of the one event that the mapping has in the stream, if it says the same.

        The stored bytes are compared, so an unchanged row costs no decoding. "" is not the last
        word: `history` is.
        """
        stored = self.stored.get(draft.stream)
        if stored is None or len(stored) != 1:
            return ""
        ((kind, batch, body),) = stored
        if kind != draft.type or not self._ours(batch):
            return ""
        again = codec.canonical(_Said(draft.citations, draft.data))
        return batch if again[1:-1].decode() + ',"id":' in body else ""

    def history(self, stream: str) -> History:
        """What the mapping's events in a stream say, after its own revisions and retractions."""
        if stream not in self._said:
            stored = self.stored.get(stream, ())
            events = [codec.decode(one.body, one.type) for one in stored]
            self._said[stream] = History(stream, events, self.ours)
        return self._said[stream]


class History:
    """What a mapping's events in one stream say now.

    `said` holds the newest of each statement, `standing` all that nobody took back, oldest
    first; `replaced` are statements that the batch being imported took back or made anew.
    """

    def __init__(self, stream: str, events: Sequence[AnyEvent], ours: Ours) -> None:
        self.stream = stream
        self.said: dict[Identity, Statement] = {}
        self.standing: dict[Identity, list[Statement]] = {}
        self.replaced: set[Identity] = set()
        self._ours = ours
        self._taken = Stream.plain(stream, events, ours.undone).taken
        own = Stream.plain(stream, [event for event in events if ours.has(event.batch)], {})
        self._batches = {event.position: event.batch for event in own.history}
        for event, until in own.standing:
            self._take(event, own, withdrawn=bool(until))

    def content(self, identity: Identity) -> Content | None:
        """What stands of a statement; None if nothing does."""
        one = self.said.get(identity)
        return one.content if one is not None else None

    def _take(self, event: Event[Payload], stream: Stream, *, withdrawn: bool) -> None:
        if isinstance(event.data, said.IncidentRevised):
            if INCIDENT in self.said:
                before = self.said[INCIDENT]
                (bare,) = before.content
                assert isinstance(bare, said.IncidentRecorded)
                now = revised(bare, event.data)
                self.said[INCIDENT] = before._replace(content=(now,))
                self._replaces(INCIDENT, event.batch)
                citation = event.citations[0] if event.citations else before.citation
                self._stands(INCIDENT, Statement((), event.position, event.batch, citation))
            return
        for identity, content in statements(event, by_row=self._ours.by_row):
            line = line_of(identity)
            taken = stream.taken.get((event.position, line)) or stream.taken.get(
                (event.position, "")
            )
            if taken is None and not withdrawn:
                self._replaces(identity, event.batch)
                citation = event.citations[0]
                one = Statement(content, event.position, event.batch, citation)
                self.said[identity] = one
                self._stands(identity, one)
            elif taken is not None and self._batches.get(taken.by) == self._ours.batch:
                self.replaced.add(identity)

    def _stands(self, identity: Identity, one: Statement) -> None:
        targets = {(one.position, ""), (one.position, line_of(identity))}
        if not targets & self._taken.keys():
            self.standing.setdefault(identity, []).append(one)

    def _replaces(self, identity: Identity, batch: str) -> None:
        before = self.said.get(identity)
        if before is not None and before.batch != batch == self._ours.batch:
            self.replaced.add(identity)
