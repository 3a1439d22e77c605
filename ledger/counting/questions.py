"""Questions to a toll: which part of it a filter counts, and into which row it goes.

A question asks for attributes: its filter's, then its groups'. A line counts whole if it
carries what is asked or nothing inside it states more; else the family that states it for the
most persons is taken, and what is left of the line stays unspecified. So nobody is counted
twice, and for one filter every breakdown adds up to the same low and best.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ledger.counting.figures import Figure, Structure, add, rest
from ledger.counting.lines import Line

Values = Mapping[str, frozenset[str]]


class Piece(NamedTuple):
    """A part of a toll that is counted as one: a line, or what is left of it."""

    line: Line
    figure: Figure
    whole: bool = True

    def value(self, key: str) -> str | None:
        """What the piece states of an attribute; None where it states nothing."""
        return dict(self.line.attributes).get(key)


class Counted(NamedTuple):
    """The pieces that a filter counts, and those that do not state what it asks."""

    pieces: list[Piece]
    not_stated: list[Piece]


def count(
    order: Structure, figures: Mapping[Line, Figure], where: Values, by: tuple[str, ...] = ()
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


def _zip(keys: tuple[str, ...], values: list[str | None]) -> zip[tuple[str, str | None]]:
    return zip(keys, values, strict=True)


def _split(
    lines: tuple[Line, ...],
    order: Structure,
    figures: Mapping[Line, Figure],
    asked: tuple[str, ...],
) -> list[Piece]:
    """The pieces of disjoint lines that state as much as can be of what is asked."""
    found = []
    for line in lines:
        missing = frozenset(asked) - line.keys
        family = _family(line, order, figures, missing)
        found.extend(_split(family, order, figures, asked))
        if not family:
            found.append(Piece(line, figures[line]))
            continue
        left = rest(figures[line], add(figures[child] for child in family))
        if not left.nothing:
            found.append(Piece(line, left, whole=False))
    return found


def _family(
    line: Line, order: Structure, figures: Mapping[Line, Figure], missing: frozenset[str]
) -> tuple[Line, ...]:
    """The family to go down: it states what is missing for the most persons (ties by name)."""
    stating = [
        family
        for _, family in sorted(order.families[line].items())
        if any(_states(child, order, missing) for child in family)
    ]
    return max(stating, key=lambda family: _stated(family, order, figures, missing), default=())


def _states(line: Line, order: Structure, missing: frozenset[str]) -> bool:
    """Whether the line, or one inside it, states something of what is missing."""
    return bool(line.keys & missing) or any(
        _states(child, order, missing)
        for family in order.families[line].values()
        for child in family
    )


def _stated(
    lines: tuple[Line, ...],
    order: Structure,
    figures: Mapping[Line, Figure],
    missing: frozenset[str],
) -> tuple[int, int]:
    """Persons for whom all that is missing is stated, then persons times attributes stated."""
    full = part = 0
    for line in lines:
        here = len(line.keys & missing)
        family = _family(line, order, figures, missing - line.keys)
        left = rest(figures[line], add(figures[child] for child in family)).best or 0
        inner = _stated(family, order, figures, missing - line.keys)
        persons = (figures[line].best or 0) - left if family else 0
        full += (figures[line].best or 0) if here == len(missing) else inner[0]
        part += left * here + inner[1] + persons * here
    return full, part
