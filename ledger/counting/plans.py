"""Plans: how the lines of one report add up, worked out once for each set of lines.

A dataset's rows have the same few sets of lines over and over. Where no line is claimed twice
and none overlap, each line's claim is its figure, and all that is left to do for a row is to see
whether a line is less than its families.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from ledger.counting import figures, lines, tolls
from ledger.counting.figures import Figure
from ledger.counting.lines import CACHED
from ledger.counts import Count

Place = int
"""Where a line stands among the lines of its report, from 0."""


class Part(NamedTuple):
    """The lines of one measure: as they are claimed, each after those inside it, and the tops."""

    measure: str
    claimed: tuple[Place, ...]
    upwards: tuple[Place, ...]
    tops: tuple[Place, ...]


class Plan(NamedTuple):
    """The parts of a report, and the families of those lines that have any, innermost first."""

    parts: tuple[Part, ...]
    families: tuple[tuple[Place, tuple[tuple[Place, ...], ...]], ...]

    def as_claimed(self, counts: Sequence[Count]) -> bool:
        """Whether each line's figure is that of its own count: no family comes to more.

        It is False also where that takes a closer look.
        """
        for place, families in self.families:
            own = counts[place]
            if own.low is None or own.best is None:
                return False
            for family in families:
                low = best = 0
                for child in family:
                    one = counts[child]
                    known, guess = one.low, one.best
                    if known:
                        low += known
                    if guess is None:
                        guess = known
                    if guess:
                        best += guess
                if low > own.low or best > own.best:
                    return False
        return True

    def figures(self, counts: Sequence[Count]) -> list[Figure]:
        """Each line's figure: its own, lifted to what its families come to."""
        found = list(map(figures.of, counts))
        if not self.as_claimed(counts):
            for place, families in self.families:
                sums = [figures.add([found[child] for child in family]) for family in families]
                found[place] = figures.never_less(found[place], sums)
        return found


@lru_cache(maxsize=CACHED)
def plan(texts: tuple[str, ...]) -> Plan | None:
    """The plan of a report on these lines; None where they need to be looked at one by one."""
    if len(set(texts)) < len(texts):
        return None
    measures: dict[str, list[str]] = {}
    for text in texts:
        measures.setdefault(lines.parse(text).measure, []).append(text)
    placed = {measure: tolls.place(tuple(some)) for measure, some in measures.items()}
    if any(one.unplaced for one in placed.values()):
        return None
    at = texts.index
    return Plan(
        tuple(
            Part(
                measure,
                tuple(map(at, some)),
                tuple(at(text) for text, _ in placed[measure].structure.upwards),
                tuple(map(at, placed[measure].structure.tops)),
            )
            for measure, some in measures.items()
        ),
        tuple(
            (at(text), tuple(tuple(map(at, family)) for family in families))
            for one in placed.values()
            for text, families in one.structure.upwards
            if families
        ),
    )
