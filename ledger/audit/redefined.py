"""Redefined: a tally in two states, and what its own definition and opening total moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from ledger.audit.causes import Cause
from ledger.audit.parts import NOTHING, Change, Counting, End, Place, changes, same
from ledger.audit.sides import Side
from ledger.audit.spans import Leg
from ledger.counting.figures import Figure
from ledger.errors import NotFoundError, QuestionError
from ledger.events import stream_of
from ledger.events.payloads import EventRetracted, TallyDefined, TotalPublished
from ledger.reports import running, tallies
from ledger.reports.question import Question
from ledger.store.log import AnyEvent

Positions = tuple[int, ...]


class State(NamedTuple):
    """A tally in one state; `day` and `position` are those of its opening total."""

    question: Question
    whole: End
    notes: tuple[str, ...]
    opening: Figure | None
    day: str = ""
    position: int | None = None


UNDEFINED = State(Question(), NOTHING, (), None)


def moved(
    way: Iterable[Leg], before: Side, after: Side, question: Question, key: str
) -> tuple[State, State, list[Change]]:
    """A tally in both states, and the changes between: of the log first, then of the tally.

    What the log moved is counted as the tally was defined at first, after its first opening.
    """
    if question.by:
        raise QuestionError("--by groups what a question counts, and a tally is one total")
    first, last = _state(before, key, question), _state(after, key, question)
    if first is None and last is None:
        tallies.tally(after.connection, key)  # raises NotFoundError
    was, is_ = first or last or UNDEFINED, last or first or UNDEFINED
    day = first.day if first else ""
    old, new = (Counting(one.question, of_tally=True, later=day) for one in (was, is_))
    history = after.log.stream(stream_of("tally", key))
    defined = _positions(history, before.log.stop, _defines)
    found: list[Change] = []
    if first is None:
        found += _between({}, old.figures(before), defined)
    for leg in way:
        found += changes(leg, old)
    if last is None:
        found += _between(old.figures(after), {}, defined)
    elif old != new:
        found += _between(old.figures(after), new.figures(after), defined)
    published = _positions(history, before.log.stop, _opens)
    first, last = first or UNDEFINED, last or UNDEFINED._replace(day=day)
    found += _opened(first, last, new, after, published)
    return first, last, found


def _state(side: Side, key: str, question: Question) -> State | None:
    """A tally in one state; None where it is not defined there."""
    asked = msgspec.structs.replace(question, known_by=side.known_by)
    try:
        run = tallies.run(side.connection, key, asked)
    except NotFoundError:
        return None
    counted = run.opening is not None or bool(run.steps)
    found = State(
        msgspec.structs.replace(run.question, known_by=question.known_by),
        End(run.total, len(run.steps)) if counted else NOTHING,
        tuple(running.notes(run)),
        run.opening.figure if run.opening else None,
    )
    if run.opening is None or run.opening.total is None:
        return found
    return found._replace(day=run.opening.day, position=run.opening.total.position)


def _opened(
    first: State, last: State, counting: Counting, side: Side, said: Positions
) -> Iterator[Change]:
    """What another opening total moved: itself, and what is inside one of the two alone."""
    if not said and first.position != last.position:
        in_force = {first.position, last.position} - {None}
        said = tuple(sorted(one for one in in_force if one is not None))
    if not same(first.opening, last.opening):
        yield Change(Cause.OPENING, ((), ""), first.opening, last.opening, said)
    if first.day == last.day:
        return
    for place, part in counting._replace(later=min(first.day, last.day)).parts(side):
        was, is_ = (part.figure if part.first_day > one.day else None for one in (first, last))
        if not same(was, is_):
            yield Change(Cause.OPENING, place, was, is_, said)


def _between(
    before: Mapping[Place, Figure], after: Mapping[Place, Figure], said: Positions
) -> Iterator[Change]:
    """What another definition moved: every difference between two countings of one state."""
    for place in sorted({*before, *after}):
        was, is_ = before.get(place), after.get(place)
        if not same(was, is_):
            yield Change(Cause.TALLY, place, was, is_, said)


def _defines(event: AnyEvent) -> bool:
    return isinstance(event.data, TallyDefined)


def _opens(event: AnyEvent) -> bool:
    return isinstance(event.data, TotalPublished) and event.data.opening


def _positions(
    history: Iterable[AnyEvent], start: int, says: Callable[[AnyEvent], bool]
) -> Positions:
    """The events of a tally, from a position on, that say something, or take it back."""
    told = {event.position: event for event in history}

    def speaks(event: AnyEvent | None) -> bool:
        if event is not None and isinstance(event.data, EventRetracted):
            at = event.data.position
            event = None if at is None else told.get(at)
        return event is not None and says(event)

    return tuple(at for at, event in told.items() if at >= start and speaks(event))
