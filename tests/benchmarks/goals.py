"""What is to be reached (DESIGN, section 10), what was measured, and the table of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple


class Goal(NamedTuple):
    """A floor and an aim, in a unit; `at_most` where less is better."""

    floor: float
    aim: float
    unit: str
    at_most: bool = False


NO_GOAL = Goal(0, 0, "")

GOALS: Mapping[str, Goal] = MappingProxyType(
    {
        "start-up": Goal(2, 1.3, "x", at_most=True),
        "command": Goal(0.5, 0.3, "s", at_most=True),
        "log": Goal(1 / 4, 1 / 2, "of raw"),
        "append single": Goal(1 / 6, 1 / 4, "of raw"),
        "append GED-like": Goal(1 / 10, 1 / 6, "of raw"),
        "import beside sqlite-utils": Goal(5, 8, "x"),
        "import beside .import": Goal(10, 6, "x the time", at_most=True),
        "import again": Goal(3, 3, "x"),
        "copy": Goal(1 / 4, 1 / 2, "of COPY"),
        "recorder": Goal(1.5, 3, "x"),
        "fold": Goal(200_000, 400_000, "events/s"),
        "rebuild": Goal(40_000, 80_000, "events/s"),
        "read": Goal(1.5, 3, "x"),
        "hash": Goal(300_000, 450_000, "events/s"),
        "columns": Goal(150_000, 250_000, "events/s"),
        "proof": Goal(0.5, 0.3, "s", at_most=True),
        "totals": Goal(0.5, 0.3, "s", at_most=True),
        "beside": Goal(50, 10, "ms", at_most=True),
        "grouped": Goal(1.5, 1, "s", at_most=True),
        "clocks": Goal(3, 1.5, "s", at_most=True),
        "explain": Goal(1, 0.5, "s", at_most=True),
        "long report": Goal(10, 5, "s", at_most=True),
        "claims": Goal(100_000, 150_000, "rows/s"),
        "memory": Goal(200, 120, "MB", at_most=True),
    }
)
"""By the key that a benchmark names; what the design sets no goal for has `NO_GOAL`."""


class Result(NamedTuple):
    """One figure, in the unit of its goal, and how it came about."""

    what: str
    figure: float
    unit: str
    goal: Goal
    how: str

    @property
    def reached(self) -> str:
        """`aim`, `floor` or `NO`; nothing where there is no goal."""
        if self.goal is NO_GOAL:
            return ""
        if _beyond(self.figure, self.goal.aim, at_most=self.goal.at_most):
            return "aim"
        return "floor" if _beyond(self.figure, self.goal.floor, at_most=self.goal.at_most) else "NO"

    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        bounds = ("", "")
        if self.goal is not NO_GOAL:
            bounds = (number(self.goal.floor), number(self.goal.aim))
        return (self.what, f"{number(self.figure)} {self.unit}", *bounds, self.reached, self.how)


def number(figure: float) -> str:
    """A figure to three digits, or whole with thousands."""
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"


def line(result: Result) -> str:
    """A result by itself."""
    what, figure, floor, aim, reached, how = result.cells()
    bounds = f" (floor {floor}, aim {aim}: {reached})" if reached else ""
    return f"{what}: {figure}{bounds}; {how}"


def table(results: Iterable[Result]) -> list[str]:
    """All results, one a row, in columns."""
    rows = [
        ("what", "measured", "floor", "aim", "reached", "how"),
        *(one.cells() for one in results),
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(5)]
    return ["  ".join([*map(str.ljust, row, widths), row[5]]).rstrip() for row in rows]


def _beyond(figure: float, bound: float, *, at_most: bool) -> bool:
    return figure <= bound if at_most else figure >= bound
