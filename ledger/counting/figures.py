"""Figures: what a line comes to, with the lines inside it; sums with unknowns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from ledger.counting.lines import CACHED, Line, arrange
from ledger.counts import Count


class Figure(NamedTuple):
    """What a line comes to: persons or things; None is unknown, never zero.

    `best` is the effective best: a best that somebody gave, else the low. `at_least` says
    that it is only a low, or a sum in which something was unknown. An unknown `high` is open.
    """

    low: int | None
    best: int | None
    high: int | None
    at_least: bool = False

    @property
    def nothing(self) -> bool:
        """Whether this is what is left when everything was told apart."""
        return not self.low and not self.best and self.high == 0


NOT_KNOWN = Figure(None, None, None)


class Structure(NamedTuple):
    """How the lines of one measure lie: the top lines, and each line's families.

    A family is the children that add one attribute: they are disjoint, so they add.
    """

    tops: tuple[Line, ...]
    families: Mapping[Line, Mapping[str, tuple[Line, ...]]]
    upwards: tuple[Line, ...]
    """All lines, each after the lines inside it."""


def of(count: Count) -> Figure:
    """The figure of one count."""
    at_least = count.best is None and count.low is not None
    return Figure(count.low, count.effective, count.high, at_least)


def add(figures: Iterable[Figure]) -> Figure:
    """The sum: known lows, effective bests and highs; its high is open if one high is unknown."""
    low: int | None = None
    best: int | None = None
    high: int | None = 0
    at_least = False
    for one in figures:
        low = _plus(low, one.low)
        best = _plus(best, one.best)
        high = None if high is None or one.high is None else high + one.high
        at_least = at_least or one.at_least or one.best is None
    return Figure(low, best, high, at_least and best is not None)


def never_less(own: Figure, families: Iterable[Figure]) -> Figure:
    """A line's figure, which is never less than any of its families (design, section 5).

    Low and best are the largest of the line's own and each family's sum; the high is the
    line's own, or the family's where the family made the best.
    """
    figure = own
    for family in families:
        low = _larger(figure.low, family.low)
        if family.best is not None and (figure.best is None or family.best > figure.best):
            figure = family._replace(low=low)
        else:
            figure = figure._replace(low=low)
    return figure


def rest(whole: Figure, inside: Figure) -> Figure:
    """What is left of a line when a family is taken out of it; unknown where nothing is known.

    Low and best add up to the whole's again. Zero is left empty: nobody said "none".
    """
    return Figure(
        _minus(whole.low, inside.low),
        _minus(whole.best, inside.best),
        None if whole.high is None else max(0, whole.high - (inside.low or 0)),
        whole.at_least and _minus(whole.best, inside.best) is not None,
    )


@lru_cache(maxsize=CACHED)
def structure(lines: tuple[Line, ...]) -> Structure:
    """How lines of one measure lie within each other; none of them may overlap."""
    parents = arrange(lines)
    families: dict[Line, dict[str, tuple[Line, ...]]] = {line: {} for line in lines}
    for line, parent in parents.items():
        if parent is not None:
            for key in sorted(line.keys - parent.keys):
                families[parent][key] = (*families[parent].get(key, ()), line)
    return Structure(
        tuple(line for line in lines if parents[line] is None),
        families,
        tuple(sorted(lines, key=lambda line: -len(line.attributes))),
    )


def figures(own: Mapping[Line, Figure], order: Structure) -> dict[Line, Figure]:
    """Each line's figure: its own, lifted to what its families come to.

    `own` gives the figure of the claims on a line itself; a line without one is unknown.
    """
    found: dict[Line, Figure] = {}
    for line in order.upwards:
        families = order.families[line]
        sums = (add(found[child] for child in families[key]) for key in families)
        found[line] = never_less(own.get(line, NOT_KNOWN), sums)
    return found


def exceeded(own: Mapping[Line, Figure], order: Structure) -> list[tuple[Line, str]]:
    """Lines whose own claim is less than one of their families, with the family's attribute."""
    found = figures(own, order)
    return [
        (line, key)
        for line, families in order.families.items()
        for key, children in families.items()
        if _is_less(own.get(line, NOT_KNOWN), add(found[child] for child in children))
    ]


def _is_less(own: Figure, family: Figure) -> bool:
    return own.best is not None and not own.at_least and (family.best or 0) > own.best


def _plus(one: int | None, other: int | None) -> int | None:
    if one is None:
        return other
    return one if other is None else one + other


def _larger(one: int | None, other: int | None) -> int | None:
    known: Sequence[int] = [number for number in (one, other) if number is not None]
    return max(known, default=None)


def _minus(whole: int | None, part: int | None) -> int | None:
    return None if whole is None else (whole - (part or 0)) or None
