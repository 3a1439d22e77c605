"""A toll: all that is said of one measure in one incident, from claims to figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from ledger.counting import figures, lines
from ledger.counting.claims import Choice, Cited, Claim, Policy, choose
from ledger.counting.figures import Figure, Structure
from ledger.counting.lines import CACHED, Line


class Placed(NamedTuple):
    """The lines of a toll that have their place, and those that would count persons twice."""

    lines: tuple[Line, ...]
    unplaced: tuple[Line, ...] = ()


class Settled(NamedTuple):
    """A toll under a policy: the choice on each line, and what each line comes to."""

    choices: Mapping[Line, Choice]
    structure: Structure
    figures: Mapping[Line, Figure]
    unplaced: tuple[Line, ...]

    @property
    def whole(self) -> Figure:
        """The sum of the top lines."""
        return figures.add(self.figures[line] for line in self.structure.tops)

    @property
    def own(self) -> Mapping[Line, Figure]:
        """What the claims on each line say by themselves."""
        return {line: figures.of(choice.count) for line, choice in self.choices.items()}


def counts_at(claim: Claim, cited: Sequence[Cited], known_by: str | None) -> bool:
    """Whether a claim counts: today, or by what was published until a day.

    Withdrawn claims stand for the days before their withdrawal was published.
    """
    if known_by is None:
        return not claim.until
    return cited[claim.cited].known <= known_by and (not claim.until or known_by < claim.until)


def settle(
    claims: Iterable[Claim],
    cited: Sequence[Cited],
    incident: str,
    *,
    retracted: Iterable[str] = (),
    policy: Policy = "latest",
    known_by: str | None = None,
) -> Settled:
    """What the claims of a toll come to, by a policy and by what was known on a day.

    Claims recorded on another incident than `incident` came by a merge: they yield where
    their line has no place. `retracted` are lines that once had a claim: they come back, as
    unknown, where without them others would overlap.
    """
    own: dict[Line, list[Claim]] = {}
    merged: dict[Line, list[Claim]] = {}
    idle = [lines.parse(text) for text in retracted]
    for claim in claims:
        line = lines.parse(claim.line)
        if counts_at(claim, cited, known_by):
            mine = cited[claim.cited].incident == incident
            (own if mine else merged).setdefault(line, []).append(claim)
        else:
            idle.append(line)
    placed = place(tuple(own), tuple(merged), tuple(idle))
    choices = {
        line: choose((*own.get(line, ()), *merged.get(line, ())), cited, policy)
        for line in placed.lines
        if line in own or line in merged
    }
    order = figures.structure(placed.lines)
    found = figures.figures(
        {line: figures.of(choice.count) for line, choice in choices.items()}, order
    )
    return Settled(choices, order, found, placed.unplaced)


@lru_cache(maxsize=CACHED)
def place(
    own: tuple[Line, ...], merged: tuple[Line, ...] = (), idle: tuple[Line, ...] = ()
) -> Placed:
    """Where the lines of one measure find their place, in canonical order.

    Where lines would overlap, `idle` ones (no claim counts any more, or yet) come back to
    hold them apart. Of the `merged` lines those that still overlap are left out.
    """
    inside: frozenset[Line] = frozenset(own)
    if lines.overlap(tuple(inside)):
        inside = inside | frozenset(idle)
    together = inside | frozenset(merged)
    if not lines.overlap(tuple(together)):
        return Placed(tuple(sorted(together)))
    if lines.overlap(tuple(inside)):
        inside, merged = frozenset(), (*own, *merged)
    waiting = list(dict.fromkeys(line for line in merged if line not in inside))
    while fitting := [line for line in waiting if not lines.overlap((*inside, line))][:1]:
        inside |= frozenset(fitting)
        waiting.remove(fitting[0])
    return Placed(tuple(sorted(inside)), tuple(waiting))
