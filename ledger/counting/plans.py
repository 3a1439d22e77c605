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
Family = tuple[Place, ...]
BETWEEN = "\0"
"""Between the lines of a report, where one text names them all: no event holds a NUL."""


class Part(NamedTuple):
    """The lines of one measure: as they are claimed, each after those inside it, and the tops."""

    measure: str
    claimed: tuple[Place, ...]
    upwards: tuple[Place, ...]
    tops: tuple[Place, ...]


class Plan(NamedTuple):
    """The parts of a report, and the families of those lines that have any, innermost first.

    `widest` are those families that lie in no other one: where none of them comes to more than
    its line, no family does.
    """

    parts: tuple[Part, ...]
    families: tuple[tuple[Place, tuple[Family, ...]], ...]
    widest: tuple[tuple[Place, Family], ...]

    def as_claimed(self, counts: Sequence[Count]) -> bool:
        """Whether each line's figure is that of its own count: no family comes to more.

        It is False also where a low or a best is unknown, which takes a closer look.
        """
        try:
            for place, family in self.widest:
                own = counts[place]
                low, best = own.low, own.best
                for child in family:
                    one = counts[child]
                    low -= one.low  # type: ignore[operator] # None is what is caught below
                    best -= one.best  # type: ignore[operator]
                if low < 0 or best < 0:  # type: ignore[operator]
                    return False
        except TypeError:
            return False
        return True

    def figures(self, counts: Sequence[Count]) -> list[Figure]:
        """Each line's figure: its own, lifted to what its families come to."""
        found = list(map(figures.of, counts))
        for place, families in self.families:
            sums = [figures.add([found[child] for child in family]) for family in families]
            found[place] = figures.never_less(found[place], sums)
        return found


@lru_cache(maxsize=CACHED)
def plan(joined: str) -> Plan | None:
    """The plan of a report on these lines; None where they need to be looked at one by one.

    `joined` are their texts with `BETWEEN` between them: found again in half the time that a
    tuple of texts takes.
    """
    texts = joined.split(BETWEEN) if joined else []
    if len(set(texts)) < len(texts):
        return None
    measures: dict[str, list[str]] = {}
    for text in texts:
        measures.setdefault(lines.parse(text).measure, []).append(text)
    placed = {measure: tolls.place(tuple(some)) for measure, some in measures.items()}
    if any(one.unplaced for one in placed.values()):
        return None
    at = texts.index
    families = tuple(
        (at(text), tuple(tuple(map(at, family)) for family in families))
        for one in placed.values()
        for text, families in one.structure.upwards
        if families
    )
    found = Plan(
        tuple(
            Part(
                measure,
                tuple(map(at, some)),
                tuple(at(text) for text, _ in placed[measure].structure.upwards),
                tuple(map(at, placed[measure].structure.tops)),
            )
            for measure, some in measures.items()
        ),
        families,
        tuple((place, one) for place, some in families for one in _widest(some)),
    )
    return _shared(found)


@lru_cache(maxsize=CACHED)
def _shared(found: Plan) -> Plan:
    """One and the same plan for all lines that lie alike: a few plans stay close to hand."""
    return found


def _widest(families: Sequence[Family]) -> list[Family]:
    """Those of a line's families that lie in no other one."""
    some = {one: frozenset(one) for one in families}
    return [one for one, lines_ in some.items() if not any(map(lines_.__lt__, some.values()))]
