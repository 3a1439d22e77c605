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

    def figures(self, own: Sequence[Figure]) -> Sequence[Figure]:
        """Each line's figure: its own, lifted to what its families come to."""
        if not self.families:
            return own
        found = list(own)
        for place, families in self.families:
            if _may_exceed(found[place], families, found):
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


def _may_exceed(own: Figure, families: Sequence[Sequence[Place]], found: Sequence[Figure]) -> bool:
    """Whether a family may be more than the line's own figure: seldom, and quickly seen."""
    most_low, most_best = own.low, own.best
    if most_low is None or most_best is None:
        return True
    for family in families:
        low = best = 0
        for child in family:
            one = found[child]
            low += one.low or 0
            best += one.best or 0
        if low > most_low or best > most_best:
            return True
    return False
