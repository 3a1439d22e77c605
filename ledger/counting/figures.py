"""Figures: what a line comes to, with the lines inside it; sums with unknowns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

import msgspec

from ledger.counting.lines import CACHED, arrange, parse
from ledger.counts import Count


class Figure(msgspec.Struct, frozen=True, array_like=True, gc=False):
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
        return self.low is None and self.best is None and self.high == 0


NOT_KNOWN = Figure(None, None, None)

Family = tuple[str, ...]
"""Lines that add one attribute to the line they lie within: disjoint, so they add."""


class Structure(NamedTuple):
    """How the lines of one measure lie, each named by its text.

    `families` are those of each line, by the attribute that they add; `upwards` holds all
    lines with their families, each line after the lines inside it.
    """

    tops: tuple[str, ...]
    families: Mapping[str, Mapping[str, Family]]
    upwards: tuple[tuple[str, tuple[Family, ...]], ...]


def of(count: Count) -> Figure:
    """The figure of one count."""
    if count.best is None:
        return Figure(count.low, count.low, count.high, count.low is not None)
    return Figure(count.low, count.best, count.high)


def add(figures: Iterable[Figure]) -> Figure:
    """The sum: known lows, effective bests and highs; its high is open if one high is unknown."""
    low: int | None = None
    best: int | None = None
    high: int | None = 0
    at_least = False
    for one in figures:
        if one.low is not None:
            low = one.low + (low or 0)
        if one.best is not None:
            best = one.best + (best or 0)
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
        low = figure.low
        if family.low is not None and (low is None or family.low > low):
            low = family.low
        if family.best is not None and (figure.best is None or family.best > figure.best):
            figure = Figure(low, family.best, family.high, family.at_least)
        elif low != figure.low:
            figure = Figure(low, figure.best, figure.high, figure.at_least)
    return figure


def rest(whole: Figure, inside: Figure) -> Figure:
    """What is left of a line when a family is taken out of it; unknown where nothing is known.

    Low and best add up to the whole's again. Where all was told apart nothing is left, and
    not zero: nobody said "none".
    """
    best = _minus(whole.best, inside.best)
    return Figure(
        _minus(whole.low, inside.low),
        best,
        None if whole.high is None else max(0, whole.high - (inside.low or 0)),
        whole.at_least and best is not None,
    )


@lru_cache(maxsize=CACHED)
def structure(texts: tuple[str, ...]) -> Structure:
    """How lines of one measure lie within each other; none of them may overlap."""
    parents = arrange(texts)
    families: dict[str, dict[str, Family]] = {text: {} for text in texts}
    for text, parent in parents.items():
        if parent is not None:
            for key in sorted(parse(text).keys - parse(parent).keys):
                families[parent][key] = (*families[parent].get(key, ()), text)
    inwards = sorted(texts, key=lambda text: -len(parse(text).attributes))
    return Structure(
        tuple(text for text in texts if parents[text] is None),
        families,
        tuple((text, tuple(families[text].values())) for text in inwards),
    )


def figures(own: Mapping[str, Figure], order: Structure) -> dict[str, Figure]:
    """Each line's figure: its own, lifted to what its families come to.

    `own` gives the figure of the claims on a line itself; a line without one is unknown.
    """
    found: dict[str, Figure] = {}
    for text, families in order.upwards:
        figure = own.get(text, NOT_KNOWN)
        if families:
            sums = [add([found[child] for child in family]) for family in families]
            figure = never_less(figure, sums)
        found[text] = figure
    return found


def exceeded(own: Mapping[str, Figure], order: Structure) -> list[tuple[str, str]]:
    """Lines whose own claim is less than one of their families, with the family's attribute."""
    found = figures(own, order)
    return [
        (text, key)
        for text, families in order.families.items()
        for key, children in families.items()
        if _is_less(own.get(text, NOT_KNOWN), add(found[child] for child in children))
    ]


def _is_less(own: Figure, family: Figure) -> bool:
    most = own.high if own.high is not None or own.at_least else own.best
    return most is not None and family.best is not None and family.best > most


def _minus(whole: int | None, part: int | None) -> int | None:
    if whole is None or part is None:
        return whole
    return whole - part or None
