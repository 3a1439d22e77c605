"""A report as it leaves: columns, rows, and what must be said beside them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

COUNTED = "persons, or things, that the measure counts"
"""The unit of what sources count: persons for killed, rounds for munitions-fired."""

Cell = str | int | bool | None
"""A value of a report; None is unknown, and is written as an empty cell."""


class Column(NamedTuple):
    """A column: its name, what it holds, what it means, and what its numbers count.

    An empty `number` is unknown, an empty `high` is open, an empty `position` is none.
    """

    name: str
    kind: Literal["text", "number", "high", "position"]
    meaning: str
    unit: str = ""


class Table(NamedTuple):
    """A report: `rows` have a cell for each column; `notes` are said on stderr.

    Rows may be an iterator: it is read once.
    """

    columns: tuple[Column, ...]
    rows: Iterable[tuple[Cell, ...]]
    notes: list[str]


def text(name: str, meaning: str) -> Column:
    """A column of text."""
    return Column(name, "text", meaning)


def number(name: str, meaning: str, unit: str = "") -> Column:
    """A column of whole numbers, empty where unknown."""
    return Column(name, "number", meaning, unit)


def high(name: str, meaning: str) -> Column:
    """A column of upper bounds of what is counted, empty where open."""
    return Column(name, "high", meaning, COUNTED)


def position(name: str, meaning: str) -> Column:
    """A column of positions in the log, empty where there is none."""
    return Column(name, "position", meaning)


COUNT = (
    number("low", "sum of the known lows", COUNTED),
    number("best", "sum of the bests; where there is none, of the lows (at least)", COUNTED),
    high("high", "sum of the highs; empty if one of them is unknown: it is open"),
)
