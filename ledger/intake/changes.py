"""A row against what its mapping recorded before: new, changed or unchanged, and by which events.

What is new is recorded, what is different is revised or claimed anew, what is said no more is
withdrawn. Nothing is ever changed in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Literal, NamedTuple

from ledger import codec
from ledger.events import Draft
from ledger.events import payloads as said
from ledger.events.checks import Fault
from ledger.intake.mapper import Mapped
from ledger.intake.recorded import (
    INCIDENT,
    Content,
    History,
    Identity,
    Recorded,
    Statement,
    Stored,
    line_of,
    statements,
)
from ledger.places import Place
from ledger.projections.revisions import FIELDS
from ledger.sources import Citation

Fate = Literal["new", "changed", "unchanged"]
_SHARED = (said.SourceRegistered, said.TallyDefined)
"""What several rows may bring, and one of them does."""
_PLACE = Place.__struct_fields__


class Change(NamedTuple):
    """What becomes of a row, and the events that it takes; or all that is in its way."""

    fate: Fate
    drafts: tuple[Draft, ...]
    faults: tuple[Fault, ...] = ()


_UNCHANGED = Change("unchanged", ())
_CONTINUED = Change("new", ())
"""What the batch that is being imported recorded already, before it was stopped."""


def in_words(drafts: Iterable[Draft]) -> str:
    """What the events of a changed row say anew: fields, lines with their counts, what is gone."""
    told: list[str] = []
    for draft in drafts:
        match draft.data:
            case said.IncidentRevised(reason=reason):
                told.append(reason.partition(": ")[2])
            case said.CountsReported(claims=claims):
                told += [f"{one.line} {one.count}" for one in claims]
            case said.EventRetracted(reason=reason, line=line):
                told.append(line + reason.rpartition(":")[2] if line else reason)
            case said.TotalPublished(as_of=as_of, count=count):
                told.append(f"total as of {as_of} {count}")
            case said.ResponsibilityAttributed(actor=actor, stance=stance):
                told.append(f"{actor} ({stance})")
    return "; ".join(told)


def change(row: Mapped, recorded: Recorded, brought: set[str]) -> Change:
    """What a row changes.

    `brought` are the sources and tallies that rows before it in the same append bring along.
    """
    told = [draft for draft in row.drafts if not isinstance(draft.data, _SHARED)]
    if len(told) == len(row.drafts) and not any(map(recorded.has, told)):
        return Change("new", row.drafts)
    batches = {recorded.same(draft) for draft in told}
    if batches and "" not in batches:
        return _CONTINUED if batches == {recorded.ours.batch} else _UNCHANGED
    shared = [draft for draft in row.drafts if isinstance(draft.data, _SHARED)]
    in_the_way = [fault for draft in told for fault in _taken(draft, recorded)]
    in_the_way += [fault for draft in shared for fault in _differing(draft, recorded)]
    if in_the_way:
        return Change("unchanged", (), tuple(in_the_way))
    missing = {draft.stream: draft for draft in shared if not recorded.stands(draft.stream)}
    news = [draft for stream, draft in missing.items() if stream not in brought]
    brought.update(missing)
    by_stream: dict[str, list[Draft]] = {}
    for draft in told:
        by_stream.setdefault(draft.stream, []).append(draft)
    fates: set[Fate] = set()
    for stream, drafts in by_stream.items():
        history = recorded.history(stream)
        found = list(
            _stream(
                drafts, history, f"{recorded.ours.mapping} {row.key}", by_row=recorded.ours.by_row
            )
        )
        fates.add(_fate(history, drafts, found, recorded))
        news += found
    return Change(_together(fates), tuple(news))


def withdrawals(history: History, citation: Citation | None, reason: str) -> Iterator[Draft]:
    """What takes back all that stands of a stream's statements, newest first.

    `citation` is of the document that says them no more; None: each by its own.
    """
    events = {one.position: one for some in history.standing.values() for one in some}
    for position in sorted(events, reverse=True):
        yield _retraction(history.stream, events[position], citation, reason)


def withdrawal(
    history: History, identity: Identity, citation: Citation | None, reason: str
) -> Iterator[Draft]:
    """What takes back a statement, however often it was made anew."""
    for one in history.standing.get(identity, ()):
        yield _retraction(history.stream, one, citation, reason, line_of(identity))


def _stream(
    drafts: Sequence[Draft], history: History, reason: str, *, by_row: bool
) -> Iterator[Draft]:
    """The events that bring one stream from what was recorded to what a row says."""
    owned = any(isinstance(draft.data, said.IncidentRecorded) for draft in drafts)
    if owned and INCIDENT not in history.said:
        yield from drafts
        return
    if owned and INCIDENT not in history.standing:
        return  # a steward took it back by hand: whatever the row says now, that stays so
    told: dict[Identity, Content] = {}
    for draft in drafts:
        now = dict(statements(draft, by_row=by_row))
        told |= now
        news = {key for key, content in now.items() if history.content(key) != content}
        yield from _draft(draft, news, history, reason)
    for identity in history.said if owned else ():
        if identity not in told:
            yield from withdrawal(history, identity, drafts[0].citations[0], f"{reason}: gone")


def _draft(
    draft: Draft, news: AbstractSet[Identity], history: History, reason: str
) -> Iterator[Draft]:
    """What of a draft is news, as the events that say so."""
    data = draft.data
    if isinstance(data, said.IncidentRecorded) and INCIDENT in news:
        (before,) = history.said[INCIDENT].content
        assert isinstance(before, said.IncidentRecorded)
        revision = _revision(before, data, reason)
        yield Draft(stream=draft.stream, data=revision, citations=draft.citations)
    if isinstance(data, said.IncidentRecorded | said.CountsReported):
        claims = data.counts if isinstance(data, said.IncidentRecorded) else data.claims
        lines = {key[1]: key for key in news if key[0] == "claim"}
        if changed := tuple(claim for claim in claims if claim.line in lines):
            # A vague claim would corroborate the one before, which the row says no more.
            for claim in changed if history.said else ():
                if claim.count.vague:
                    why = f"{reason}: {claim.line} is {claim.count} now"
                    yield from withdrawal(history, lines[claim.line], draft.citations[0], why)
            reported = said.CountsReported(claims=changed)
            yield Draft(stream=draft.stream, data=reported, citations=draft.citations)
    elif news:
        for identity in news:
            yield from withdrawal(history, identity, draft.citations[0], f"{reason}: changed")
        yield draft


def _retraction(
    stream: str, one: Statement, citation: Citation | None, reason: str, line: str = ""
) -> Draft:
    data = said.EventRetracted(kind="withdrawn", position=one.position, line=line, reason=reason)
    return Draft(stream=stream, data=data, citations=(citation or one.citation,))


def _revision(
    before: said.IncidentRecorded, now: said.IncidentRecorded, reason: str
) -> said.IncidentRevised:
    """The fields that differ, and their names as the reason."""
    different = [name for name in FIELDS if getattr(before, name) != getattr(now, name)]
    places = [name for name in _PLACE if getattr(before.place, name) != getattr(now.place, name)]
    labels = {
        key: now.labels.get(key, "")
        for key in sorted({*before.labels, *now.labels})
        if before.labels.get(key) != now.labels.get(key)
    }
    emptied = [name for name in different if getattr(now, name) in ("", None)]
    emptied += [f"place.{name}" for name in places if getattr(now.place, name) in ("", None)]
    if not {"latitude", "longitude"}.isdisjoint(places):
        places += ["latitude", "longitude"]
    parts = {name: getattr(now.place, name) for name in places if f"place.{name}" not in emptied}
    names = [*different, *(f"place.{name}" for name in dict.fromkeys(places)), *labels]
    return said.IncidentRevised(
        **{name: getattr(now, name) for name in different if name not in emptied},
        place=Place(**parts) if parts else None,
        labels=labels,
        emptied=tuple(emptied),
        reason=f"{reason}: {', '.join(names)}",
    )


def _taken(draft: Draft, recorded: Recorded) -> Iterator[Fault]:
    """An incident that others recorded under the same key."""
    others = [one for one in recorded.stored.get(draft.stream, ()) if one.type == draft.type]
    if not (others and isinstance(draft.data, said.IncidentRecorded)):
        return
    ours = recorded.ours
    if not any(ours.has(one.batch) or one.batch in ours.undone for one in others):
        message = f"{draft.stream} stands, and not by the mapping {ours.mapping}"
        yield Fault("key", "key-taken", message, "give the incident another key")


def _differing(draft: Draft, recorded: Recorded) -> Iterator[Fault]:
    """A source that stands as it was registered, and that the row tells otherwise."""
    stored = recorded.stored.get(draft.stream, ())
    if not isinstance(draft.data, said.SourceRegistered) or _is_revised(stored):
        return
    same = [one for one in stored if one.type == draft.type]
    standing = [one for one in same if one.batch not in recorded.ours.undone]
    before = codec.decode(standing[-1].body, draft.type).data if standing else draft.data
    fields = [
        name
        for name in draft.data.__struct_fields__
        if getattr(before, name, None) != getattr(draft.data, name)
    ]
    if fields:
        key = draft.stream.partition("/")[2]
        message = f"source {key!r} is registered with another {', '.join(fields)}"
        hint = f"see `ledger log source/{key}`; to change it, `ledger revise source {key}`"
        yield Fault("source", "source-differs", message, hint)


def _is_revised(stored: Iterable[Stored]) -> bool:
    """Whether a steward changed a source since, so that its rows may tell it otherwise."""
    return any(one.type in ("source.revised", "event.retracted") for one in stored)


def _fate(
    history: History, drafts: Sequence[Draft], found: Sequence[Draft], recorded: Recorded
) -> Fate:
    """What became of the statements of one stream, by the batch that is being imported.

    A batch that is continued finds what it did before it was stopped, and tells it again.
    """
    ours = recorded.ours
    told = {identity for one in drafts for identity, _ in statements(one, by_row=ours.by_row)}
    if history.replaced & (told if INCIDENT not in told else history.replaced):
        return "changed"
    older = {history.said[identity].batch != ours.batch for identity in told & history.said.keys()}
    if found:
        return "changed" if older else "new"
    return "unchanged" if older == {True} else "changed" if True in older else "new"


def _together(fates: AbstractSet[Fate]) -> Fate:
    if not fates:
        return "unchanged"
    return next(iter(fates)) if len(fates) == 1 else "changed"
