"""Questions to a toll: which part of it a filter counts, and into which row it goes.

A question asks for attributes: its filter's, then its groups'. A line counts whole if it
carries what is asked or nothing inside it states more; else the family that states it for the
most persons is taken, and what is left of the line stays unspecified. So nobody is counted
twice, and for one filter every breakdown adds up to the same low and best.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from ledger.counting.figures import Family, Figure, Structure, add, rest
from ledger.counting.lines import CACHED, Line, parse

Values = Mapping[str, frozenset[str]]


class Piece(NamedTuple):
    """A part of a toll that is counted as one: a line, or what is left of it."""

    line: str
    figure: Figure
    whole: bool = True

    def value(self, key: str) -> str | None:
        """What the piece states of an attribute; None where it states nothing."""
        return dict(parse(self.line).attributes).get(key)


class Counted(NamedTuple):
    """The pieces that a filter counts, and those that do not state what it asks."""

    pieces: list[Piece]
    not_stated: list[Piece]


def count(
    order: Structure, figures: Mapping[str, Figure], where: Values, by: tuple[str, ...] = ()
) -> Counted:
    """What a question counts of a toll.

    `where` gives the values that each attribute of the filter may have (all keys must match),
    `by` the attributes to group by. A piece that contradicts the filter is in neither list.
    """
    counted = Counted([], [])
    asked = tuple(where)
    for piece in _split(order.tops, order, figures, asked):
        values = [piece.value(key) for key in asked]
        if any(value is not None and value not in where[key] for key, value in _zip(asked, values)):
            continue
        if None in values:
            counted.not_stated.append(piece)
        else:
            counted.pieces.extend(_split((piece.line,), order, figures, by))
    return counted


@lru_cache(maxsize=CACHED)
def as_asked(texts: tuple[str, ...], asked: frozenset[str]) -> tuple[str, ...]:
    """Lines that answer a question just as these do, the same for many tolls.

    Values of attributes that are not asked for are replaced by numbers, one for each value: how
    lines lie depends on which of their values are the same, and not on what they are.
    """
    numbers: dict[tuple[str, str], str] = {}

    def value(pair: tuple[str, str]) -> str:
        return pair[1] if pair[0] in asked else numbers.setdefault(pair, str(len(numbers)))

    found = []
    for text in texts:
        line = parse(text)
        pairs = [(pair[0], value(pair)) for pair in line.attributes]
        found.append(str(Line(line.measure, tuple(pairs))))
    return tuple(found)


def _zip(keys: tuple[str, ...], values: list[str | None]) -> zip[tuple[str, str | None]]:
    return zip(keys, values, strict=True)


def _split(
    texts: tuple[str, ...],
    order: Structure,
    figures: Mapping[str, Figure],
    asked: tuple[str, ...],
) -> list[Piece]:
    """The pieces of disjoint lines that state as much as can be of what is asked."""
    found = []
    for text in texts:
        missing = frozenset(asked) - parse(text).keys
        family = _family(text, order, figures, missing)
        found.extend(_split(family, order, figures, asked))
        if not family:
            found.append(Piece(text, figures[text]))
            continue
        left = rest(figures[text], add(figures[child] for child in family))
        if not left.nothing:
            found.append(Piece(text, left, whole=False))
    return found


def _family(
    text: str, order: Structure, figures: Mapping[str, Figure], missing: frozenset[str]
) -> Family:
    """The family to go down: it states what is missing for the most persons (ties by name)."""
    families = order.families[text]
    if not missing or not families:
        return ()
    stating = [
        family
        for _, family in sorted(families.items())
        if any(_states(child, order, missing) for child in family)
    ]
    return max(stating, key=lambda family: _stated(family, order, figures, missing), default=())


def _states(text: str, order: Structure, missing: frozenset[str]) -> bool:
    """Whether the line, or one inside it, states something of what is missing."""
    return bool(parse(text).keys & missing) or any(
        _states(child, order, missing)
        for family in order.families[text].values()
        for child in family
    )


def _stated(
    texts: tuple[str, ...],
    order: Structure,
    figures: Mapping[str, Figure],
    missing: frozenset[str],
) -> tuple[int, int]:
    """Persons for whom all that is missing is stated, then persons times attributes stated."""
    full = part = 0
    for text in texts:
        keys = parse(text).keys
        here, persons = len(keys & missing), figures[text].best or 0
        family = _family(text, order, figures, missing - keys)
        inner = _stated(family, order, figures, missing - keys)
        full += persons if here == len(missing) else inner[0]
        part += persons * here + inner[1]
    return full, part
