"""Causes: what an event may have done to a figure, in the words of a waterfall."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from ledger.counting.figures import Figure
from ledger.counting.lines import parse
from ledger.events.payloads import (
    CountsReported,
    EventRetracted,
    IncidentMerged,
    IncidentRecorded,
    IncidentRevised,
    ResponsibilityAttributed,
    SourceRegistered,
    SourceRevised,
)
from ledger.store.log import AnyEvent, Log


class Cause(StrEnum):
    """Why a figure moved: a row of a waterfall, in the order of its rows."""

    NEW = "new incidents"
    UP = "claims up"
    DOWN = "claims down"
    RECLASSIFIED = "reclassified"
    MERGED = "merged"
    RETRACTED = "retracted"
    OPENING = "opening changed"
    TALLY = "tally redefined"
    REVISED = "incidents revised"
    ACTORS = "actors named"
    SOURCES = "sources revised"
    OTHER = "other"


class Step(NamedTuple):
    """An event that may have moved what is counted of an incident, and why.

    Claims are UP as long as nobody has seen where they went (`directed`).
    """

    cause: Cause
    event: AnyEvent


def steps(history: Sequence[AnyEvent], start: int = 0) -> Iterator[Step]:
    """The events of a stream, from a position on, that may have moved a figure.

    What is taken back and recorded again at once, as `ledger correct` does, is a claim that
    went up or down. Links, notes and persons move nothing.
    """
    told = {event.position: event for event in history}
    for event, following in pairwise([*history, None]):
        assert event is not None, "nothing follows the last event"
        cause = _cause(event, following, told) if event.position >= start else None
        if cause is not None:
            yield Step(cause, event)


def speaks(step: Step, measure: str, log: Log) -> bool:
    """Whether an event may have moved lines of a measure: reports on others alone do not."""
    event, named = step.event, list[str]()
    if isinstance(event.data, EventRetracted) and step.cause in (Cause.RETRACTED, Cause.UP):
        named = [event.data.line] if event.data.line else []
        at = event.data.position
        event = log.at(at) if at is not None and at < event.position else event
    if isinstance(event.data, CountsReported):
        named = named or [claim.line for claim in event.data.claims]
    elif isinstance(event.data, IncidentRevised) and step.cause is Cause.RECLASSIFIED:
        named = [line for one in event.data.reclassify for line in (one.line, one.to)]
    return not named or any(parse(line).measure == measure for line in named)


def directed(cause: Cause, before: Figure | None, after: Figure | None) -> Cause:
    """The cause itself; of claims, whether they went up or down: by best, low, then high."""
    if cause is Cause.UP and _size(after) < _size(before):
        return Cause.DOWN
    return cause


def corrects(event: AnyEvent, following: AnyEvent | None) -> bool:
    """Whether an event takes back a claim that the next one records again, in one append."""
    return (
        following is not None
        and isinstance(event.data, EventRetracted)
        and isinstance(following.data, CountsReported)
        and following.position == event.position + 1
        and following.recorded_at == event.recorded_at
    )


def _cause(  # noqa: PLR0911 - one case a type
    event: AnyEvent, following: AnyEvent | None, told: Mapping[int, AnyEvent]
) -> Cause | None:
    match event.data:
        case IncidentRecorded() | CountsReported():
            return Cause.UP
        case IncidentMerged():
            return Cause.MERGED
        case IncidentRevised():
            return _revision(event.data)
        case ResponsibilityAttributed():
            return Cause.ACTORS
        case SourceRegistered() | SourceRevised():
            return Cause.SOURCES
        case EventRetracted():
            if _takes_back_merge(event, told):
                return Cause.MERGED
            return Cause.UP if corrects(event, following) else Cause.RETRACTED
    return None


def _revision(data: IncidentRevised) -> Cause:
    """What a revision is when it moves lines and nothing else that is asked for."""
    asked_for = (data.kind, data.date, data.place, data.status, data.labels, data.emptied)
    return Cause.RECLASSIFIED if data.reclassify and not any(asked_for) else Cause.REVISED


def _takes_back_merge(event: AnyEvent, told: Mapping[int, AnyEvent]) -> bool:
    """Whether a retraction, or the one that it takes back, takes back a merge."""
    target: AnyEvent | None = event
    while target is not None and isinstance(target.data, EventRetracted):
        before, at = target.position, target.data.position
        target = told.get(at) if at is not None and at < before else None
    return target is not None and isinstance(target.data, IncidentMerged)


def _size(figure: Figure | None) -> tuple[int, int, float]:
    if figure is None:
        return 0, 0, 0
    return figure.best or 0, figure.low or 0, float("inf") if figure.high is None else figure.high
