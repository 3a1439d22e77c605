"""Parts: what a question counts of each incident, and what changed of it along a leg.

Each change has one cause. Where the events on the way are all of one cause, that is it. Where
they are of several, they are gone through moment by moment, and each is given what it moved.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice, pairwise
from typing import NamedTuple

import msgspec

from ledger.audit.causes import Cause, Step, corrects, directed, speaks
from ledger.audit.sides import Side
from ledger.audit.spans import Leg
from ledger.counting import figures
from ledger.counting.figures import Figure
from ledger.reports import totals
from ledger.reports.question import Question
from ledger.reports.selection import Selection
from ledger.reports.totals import Group
from ledger.store import log as store

_SOME = 2000
"""Incidents that are gone through together, event by event."""
Place = tuple[Group, str]
"""A group of what is counted, and an incident in it by key; "" is the opening total."""


Reason = tuple[Cause, tuple[int, ...]]
"""Why something changed: the cause, and the positions of the events that say so."""


class Part(NamedTuple):
    """What a question counts of an incident, by its id and first day."""

    figure: Figure
    incident: int
    first_day: str


class Change(NamedTuple):
    """What is counted of an incident changed, by a cause.

    A figure is None where nothing was counted. `positions` are of the events that say so; none
    for an incident that is new: there they are all that speak of it.
    """

    cause: Cause
    place: Place
    before: Figure | None
    after: Figure | None
    positions: tuple[int, ...] = ()


class End(NamedTuple):
    """The whole in one state: None where nothing is counted; and the incidents counted."""

    figure: Figure | None
    incidents: int


NOTHING = End(None, 0)


class Counting(NamedTuple):
    """How parts are counted: for a tally in one group, and only what came `later` than a day."""

    question: Question
    of_tally: bool = False
    later: str = ""

    def parts(
        self, side: Side, keys: Collection[str] | None = None
    ) -> Iterator[tuple[Place, Part]]:
        """What is counted of each incident, or of those alone that are named."""
        selection = Selection(side.connection, self._asked(side, keys))
        for answer in selection.answers():
            if self.of_tally and answer.first_day <= self.later:
                continue
            found: dict[Group, list[Figure]] = {}
            for piece in answer.counted.pieces:
                group = () if self.of_tally else totals.group_of(selection, piece, answer)
                found.setdefault(group, []).append(piece.figure)
            for group, some in found.items():
                part = Part(figures.add(some), answer.incident, answer.first_day)
                yield (group, selection.keys[answer.incident]), part

    def figures(self, side: Side, keys: Collection[str] | None = None) -> dict[Place, Figure]:
        """The figure of each incident, or of those alone that are named."""
        return {place: part.figure for place, part in self.parts(side, keys)}

    def _asked(self, side: Side, keys: Collection[str] | None) -> Question:
        asked = msgspec.structs.replace(self.question, known_by=side.known_by)
        if keys is None:
            return asked
        named = frozenset(keys)
        where = {**asked.where, "incident": asked.where.get("incident", named) & named}
        return msgspec.structs.replace(asked, where=where)


def cells(figure: Figure | None) -> tuple[int | None, int | None, int | None]:
    """Low, best and high; None where nothing is counted."""
    return (figure.low, figure.best, figure.high) if figure else (None, None, None)


def same(before: Figure | None, after: Figure | None) -> bool:
    """Whether nothing changed: what is counted and unknown is not the same as nothing counted."""
    return (before is None) == (after is None) and cells(before) == cells(after)


def changes(leg: Leg, counting: Counting) -> Iterator[Change]:
    """What changed along a leg."""
    differing = _differing(leg, counting)
    new = {
        place[1]
        for place, (before, after) in differing.items()
        if before is None and after is not None and leg.is_new(after.incident)
    }
    plain = {key for key in new if leg.alone(key)}
    groups: dict[str, list[Group]] = {}
    for group, key in differing:
        groups.setdefault(key, []).append(group)
    clear: dict[Place, Reason] = {}
    unclear: dict[str, list[Step]] = {}
    for key, found in leg.steps(groups.keys() - plain):
        steps, telling = found, _telling(found, key, counting, leg)
        if key in new:
            steps, telling = _as_new(steps), _as_new(telling)
        reasons = {(group, key): _reason(telling, counting, group, leg) for group in groups[key]}
        if all(reasons.values()):
            clear.update((place, one) for place, one in reasons.items() if one)
        else:
            unclear[key] = steps
    for place, (before, after) in differing.items():
        if reason := (Cause.NEW, ()) if place[1] in plain else clear.get(place):
            yield _change(reason, place, _figure(before), _figure(after))
    waiting = iter(sorted(unclear))
    while some := list(islice(waiting, _SOME)):
        yield from _walked(leg, counting, {key: unclear[key] for key in some})


def _telling(steps: Iterable[Step], key: str, counting: Counting, leg: Leg) -> list[Step]:
    """The events that may tell an incident's two figures apart, as it is asked for.

    Of merges none does where the incident counts with the same others as before.
    """
    idle = set() if leg.merged_anew(key) else {Cause.MERGED}
    idle |= set() if counting.question.asks("actor") else {Cause.ACTORS}
    return [one for one in steps if one.cause not in idle]


def _reason(steps: Iterable[Step], counting: Counting, group: Group, leg: Leg) -> Reason | None:
    """The one cause of all events that may have moved what is counted; None if there are more."""
    measure = counting.question.measures[0] if counting.of_tally else group[-1]
    mine = [one for one in steps if speaks(one, measure, leg.after.log)]
    causes = {one.cause for one in mine}
    return (causes.pop(), tuple(one.event.position for one in mine)) if len(causes) == 1 else None


def _differing(leg: Leg, counting: Counting) -> dict[Place, tuple[Part | None, Part | None]]:
    """What is counted of incidents before and after, where it is not the same."""
    found: dict[Place, tuple[Part | None, Part | None]] = {}
    keys = sorted(leg.candidates())
    for start in range(0, len(keys), store.CHUNK):
        some = keys[start : start + store.CHUNK]
        before = dict(counting.parts(leg.before, some))
        for place, after in counting.parts(leg.after, some):
            was = before.pop(place, None)
            if not same(_figure(was), after.figure):
                found[place] = was, after
        found.update((place, (was, None)) for place, was in before.items())
    return dict(sorted(found.items()))


def _walked(leg: Leg, counting: Counting, unclear: Mapping[str, list[Step]]) -> Iterator[Change]:
    """The changes of incidents of which events of several causes speak, event by event."""
    wanted = _by_key(counting.figures(leg.after, unclear))
    now = _by_key(counting.figures(leg.before, unclear))
    found: list[Change] = []
    for moment in leg.walk(unclear):
        then = _by_key(counting.figures(moment.side, moment.reached.keys()))
        for key, reason in moment.reached.items():
            found += _moved(key, now.get(key, {}), then.get(key, {}), reason)
            now[key] = then.get(key, {})
    yield from _corrections_as_one(found, unclear)
    for key in unclear:
        yield from _moved(key, now.get(key, {}), wanted.get(key, {}), (Cause.OTHER, ()))


Figures = Mapping[Group, Figure]


def _by_key(some: Mapping[Place, Figure]) -> dict[str, Figures]:
    found: dict[str, dict[Group, Figure]] = {}
    for (group, key), figure in some.items():
        found.setdefault(key, {})[group] = figure
    return dict(found)


def _moved(key: str, before: Figures, after: Figures, reason: Reason) -> Iterator[Change]:
    """The changes from one moment to the next."""
    for group in sorted({*before, *after}):
        was, is_ = before.get(group), after.get(group)
        if not same(was, is_):
            yield _change(reason, (group, key), was, is_)


def _corrections_as_one(
    found: Iterable[Change], unclear: Mapping[str, list[Step]]
) -> Iterator[Change]:
    """The changes by place; a claim taken back and recorded again at once is one of them."""
    correcting = {
        one.event.position
        for steps in unclear.values()
        for one, following in pairwise(steps)
        if corrects(one.event, following.event)
    }
    by_place: dict[Place, list[Change]] = {}
    for one in found:
        some = by_place.setdefault(one.place, [])
        if (
            some
            and some[-1].positions[-1] in correcting
            and one.positions[0] == some[-1].positions[-1] + 1
        ):
            last = some.pop()
            reason = Cause.UP, (*last.positions, *one.positions)
            some += (
                []
                if same(last.before, one.after)
                else [_change(reason, one.place, last.before, one.after)]
            )
        else:
            some.append(one)
    for some in by_place.values():
        yield from some


def _change(reason: Reason, place: Place, before: Figure | None, after: Figure | None) -> Change:
    cause, positions = reason
    return Change(directed(cause, before, after), place, before, after, positions)


def _as_new(steps: Iterable[Step]) -> list[Step]:
    """What is said of a new incident makes it what it is; only a merge brings what was counted."""
    return [one if one.cause is Cause.MERGED else one._replace(cause=Cause.NEW) for one in steps]


def _figure(part: Part | None) -> Figure | None:
    return part.figure if part else None
