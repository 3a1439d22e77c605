"""A toll: all that is said of one measure in one incident, from claims to figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from ledger.counting import figures, lines
from ledger.counting.claims import Choice, Cited, Claim, Policy, choose
from ledger.counting.figures import Figure, Structure
from ledger.counting.lines import CACHED


class Placed(NamedTuple):
    """How lines lie that have their place, and those that would count persons twice."""

    structure: Structure
    unplaced: tuple[str, ...] = ()


class Settled(NamedTuple):
    """A toll by a policy: the claims that count on each line, and what each line comes to.

    `own` is what the claims on a line say by themselves; all lines are named by their text.
    `choices` are those that the policy made, where there was anything to choose.
    """

    claims: Mapping[str, Sequence[Claim]]
    own: Mapping[str, Figure]
    structure: Structure
    figures: Mapping[str, Figure]
    unplaced: tuple[str, ...]
    choices: Mapping[str, Choice]

    def chosen(self, line: str) -> Claim:
        """The claim that gives a line its own count; it has one."""
        choice = self.choices.get(line)
        return choice.claim if choice else self.claims[line][0]


def counts_at(claim: Claim, cited: Sequence[Cited], known_by: str | None) -> bool:
    """Whether a claim counts: today, or by what was published until a day.

    Withdrawn claims stand for the days before their withdrawal was published.
    """
    if known_by is None:
        return not claim.until
    return cited[claim.cited].known <= known_by and (not claim.until or known_by < claim.until)


def settle(
    claims: Sequence[Claim],
    cited: Sequence[Cited],
    incident: str,
    *,
    retracted: Sequence[str] = (),
    policy: Policy = "latest",
    known_by: str | None = None,
) -> Settled:
    """What the claims of a toll come to, by a policy and by what was known on a day.

    Claims recorded on another incident than `incident` came by a merge: they yield where
    their line has no place. `retracted` are lines that once had a claim: they come back, as
    unknown, where without them others would overlap.
    """
    if known_by is None and not retracted and (plain := _of_one_report(claims, cited, incident)):
        return plain
    counting, placed = standing(claims, cited, incident, retracted=retracted, known_by=known_by)
    choices = {
        text: choose(some, cited, policy) for text, some in counting.items() if len(some) > 1
    }
    own = {
        text: figures.of(choices[text].count if text in choices else some[0].count)
        for text, some in counting.items()
    }
    found = figures.figures(own, placed.structure)
    return Settled(counting, own, placed.structure, found, placed.unplaced, choices)


def standing(
    claims: Sequence[Claim],
    cited: Sequence[Cited],
    incident: str,
    *,
    retracted: Sequence[str] = (),
    known_by: str | None = None,
) -> tuple[Mapping[str, Sequence[Claim]], Placed]:
    """The claims of a toll that count on each line, and where lines find their place."""
    mine: dict[str, list[Claim]] = {}
    merged: dict[str, list[Claim]] = {}
    idle = list(retracted)
    for claim in claims:
        if not counts_at(claim, cited, known_by):
            idle.append(claim.line)
        elif cited[claim.cited].incident == incident:
            mine.setdefault(claim.line, []).append(claim)
        else:
            merged.setdefault(claim.line, []).append(claim)
    placed = place(tuple(mine), tuple(merged), tuple(idle))
    for text, some in merged.items():
        if text not in placed.unplaced:
            mine.setdefault(text, []).extend(some)
    return mine, placed


def _of_one_report(
    claims: Sequence[Claim], cited: Sequence[Cited], incident: str
) -> Settled | None:
    """A toll of one report with one claim a line, as most are in a dataset: nothing to choose."""
    if len(cited) > 1 or cited[0].incident != incident:
        return None
    own = {claim.line: figures.of(claim.count) for claim in claims if not claim.until}
    if len(own) < len(claims):
        return None
    structure, unplaced = place(tuple(own))
    if unplaced:
        return None
    found = figures.figures(own, structure)
    return Settled({claim.line: (claim,) for claim in claims}, own, structure, found, (), {})


@lru_cache(maxsize=CACHED)
def place(own: tuple[str, ...], merged: tuple[str, ...] = (), idle: tuple[str, ...] = ()) -> Placed:
    """Where the lines of one measure find their place.

    Where lines would overlap, `idle` ones (no claim counts any more, or yet) come back to
    hold them apart. Of the `merged` lines those that still overlap are left out.
    """
    inside = frozenset(own)
    if lines.overlap(inside):
        inside |= frozenset(idle)
    if lines.overlap(inside):
        inside, merged = frozenset(), (*own, *merged)
    for together in (inside | frozenset(merged), inside | frozenset(merged) | frozenset(idle)):
        if not lines.overlap(together):
            return Placed(figures.structure(tuple(sorted(together))))
    waiting = [text for text in dict.fromkeys(merged) if text not in inside]
    while fitting := [text for text in waiting if not lines.overlap(inside | {text})][:1]:
        inside |= frozenset(fitting)
        waiting.remove(fitting[0])
    return Placed(figures.structure(tuple(sorted(inside))), tuple(waiting))
