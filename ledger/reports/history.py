"""The history: every event in a line, and what it says in a few words."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.events.payloads import (
    BatchImported,
    Claimed,
    CountsReported,
    EventRetracted,
    IncidentMerged,
    IncidentRecorded,
    IncidentRevised,
    IncidentsLinked,
    NoteAdded,
    PersonIdentified,
    ResponsibilityAttributed,
    SourceRegistered,
    SourceRevised,
    TallyDefined,
    TotalPublished,
)
from ledger.people import shown_name
from ledger.reports.table import Cell, Table, number, position, text
from ledger.store.log import AnyEvent

COLUMNS = (
    position("position", "0-based place in the log"),
    text("recorded_at", "UTC"),
    text("recorded_by", "the steward"),
    text("type", "type of event"),
    text("stream", "what it is about"),
    number("version", "1-based place in the stream", "events"),
    text("summary", "what it says, in a few words"),
    text("sources", "keys of the sources cited"),
)


def history(events: Iterable[AnyEvent]) -> Table:
    """A row for each event, in order."""
    return Table(COLUMNS, (_row(event) for event in events), [])


def summary(event: AnyEvent) -> str:  # noqa: C901, PLR0911, PLR0912 - one case a type
    """What an event says, in a few words; nothing for a type that is not known."""
    match event.data:
        case SourceRegistered(title=title) | IncidentRecorded(title=title, counts=()):
            return title
        case IncidentRecorded(title=title, counts=counts):
            return f"{title}; {_claims(counts)}"
        case CountsReported(claims=claims):
            return _claims(claims)
        case ResponsibilityAttributed(actor=actor, stance=stance):
            return f"{stance} {actor}"
        case PersonIdentified(name=name, line=line):
            return f"{shown_name(name)}, {line}"
        case IncidentsLinked(relation=relation, to=to):
            return f"{relation} {to}"
        case IncidentMerged(into=into):
            return f"into {into}"
        case TallyDefined(title=title):
            return title
        case TotalPublished(count=count, as_of=as_of, opening=opening):
            return f"{count} as of {as_of}{', the opening total' if opening else ''}"
        case EventRetracted():
            return _retraction(event.data)
        case NoteAdded(text=note):
            return note
        case SourceRevised(changes=changes):
            return ", ".join(sorted(changes))
        case IncidentRevised():
            return _revision(event.data)
        case BatchImported():
            return _batch(event.data)
    return ""


def _claims(claims: Iterable[Claimed]) -> str:
    return "; ".join(f"{claim.line} {claim.count}" for claim in claims)


def _revision(data: IncidentRevised) -> str:
    """The fields that change, and why."""
    changed = [name for name in data.__struct_fields__ if getattr(data, name)]
    names = ", ".join(name for name in changed if name not in ("emptied", "reason"))
    emptied = "".join(f"; no {name}" for name in data.emptied)
    return f"{names}{emptied}" + (f" ({data.reason})" if data.reason else "")


def _batch(data: BatchImported) -> str:
    """The files, and what became of their rows."""
    counts = {name: getattr(data, name) for name in ("new", "changed", "duplicates", "retracted")}
    told = ", ".join(
        f"{number} {name}" for name, number in counts.items() if number or name == "new"
    )
    return f"{', '.join(one.name for one in data.files)}: {told}"


def _retraction(data: EventRetracted) -> str:
    what = "the whole import" if data.position is None else f"position {data.position}"
    line = f", {data.line}" if data.line else ""
    reason = f": {data.reason}" if data.reason else ""
    return f"takes back {what}{line} ({data.kind}){reason}"


def _row(event: AnyEvent) -> tuple[Cell, ...]:
    return (
        event.position,
        event.recorded_at,
        event.recorded_by,
        event.type,
        event.stream,
        event.version,
        summary(event),
        "; ".join(dict.fromkeys(one.source for one in event.citations)),
    )
