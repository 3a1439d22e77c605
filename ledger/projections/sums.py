"""Keeps the tolls of each facet, measure and year summed, as tolls come and go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, text

from ledger.store.driver import Values, run_for_each

_REMOVED = text(
    "SELECT facet, measure, first_day, low, best, high, lines, at_least, vague "
    "FROM tolls WHERE incident = :id"
)
_ADD = (
    "INSERT INTO sums (facet, measure, year, incidents, low, lows, best, bests, high, highs, "
    "lines, at_least, vague) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (facet, measure, year) DO UPDATE SET "
    "incidents = sums.incidents + excluded.incidents, "
    "low = sums.low + excluded.low, lows = sums.lows + excluded.lows, "
    "best = sums.best + excluded.best, bests = sums.bests + excluded.bests, "
    "high = sums.high + excluded.high, highs = sums.highs + excluded.highs, "
    "lines = sums.lines + excluded.lines, at_least = sums.at_least + excluded.at_least, "
    "vague = sums.vague + excluded.vague"
)


Whole = tuple[int | None, int | None, int | None, int, int, int]
"""What a toll comes to: low, best and high of its top lines; how many they are, how many of
them are only a low, how many unknown."""


_LINES = 3
SUMS = 10
"""How many sums are kept: of `added`."""


def added(sums: list[int], toll: Whole, times: int = 1) -> None:
    """Add what a toll comes to, so many times, to sums in the order of the table's columns.

    They are of incidents; of lows, and of how many know theirs; of bests and highs alike; of
    lines, of those that are only a low, of unknown ones. A toll without lines adds nothing.
    """
    low, best, high, lines, at_least, vague = toll
    if not lines:
        return
    sums[0] += times
    if low is not None:
        sums[1] += times * low
        sums[2] += times
    if best is not None:
        sums[3] += times * best
        sums[4] += times
    if high is not None:
        sums[5] += times * high
        sums[6] += times
    sums[7] += times * lines
    sums[8] += times * at_least
    sums[9] += times * vague


class Changes:
    """What a fold changes in the sums; written once, at its end."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, str, str], list[int]] = {}
        self._removed = False

    def __len__(self) -> int:
        """How many sums change."""
        return len(self._found)

    def add(self, facet: int, measure: str, first_day: str, toll: Whole, times: int = 1) -> None:
        """Add a toll, or with `times` -1 take it away; one that counts nothing is left out."""
        if toll[_LINES]:
            key = (facet, measure, first_day[:4])
            sums = self._found.get(key)
            if sums is None:
                sums = self._found[key] = [0] * SUMS
            added(sums, toll, times)

    def remove(self, connection: Connection, incidents: Iterable[int]) -> None:
        """Take away what the tolls of incidents had added, before they are deleted."""
        for incident in incidents:
            rows: Iterable[tuple[Any, ...]] = connection.execute(_REMOVED, {"id": incident}).all()
            for facet, measure, first_day, *counted in map(tuple, rows):
                self.add(facet, measure, first_day, tuple(counted), times=-1)
                self._removed = True

    def write(self, connection: Connection) -> None:
        """Bring the table up to date; sums of nothing go."""
        rows: list[Values] = [(*key, *sums) for key, sums in sorted(self._found.items())]
        run_for_each(connection, _ADD, rows)
        if self._removed:
            connection.exec_driver_sql("DELETE FROM sums WHERE incidents = 0")
