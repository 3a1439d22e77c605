"""Where to look for what may be the same: incidents by dataset, latitude or country, and day.

Numbers alone, so that those of a whole ledger fit in memory: 20 bytes an incident, twice.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ledger.reports.likeness import APART, EARTH_KM, LONGEST, NEAR_KM, Sight

REACH = LONGEST + APART - 1
"""Days: of two that may be one, neither begins more than this before the other."""

_BAND = 0.25
"""Degrees of latitude: more than 25 km, so that what is near lies in this band or the next."""
_NEAR = NEAR_KM / EARTH_KM
"""25 km as an angle at the earth's centre."""
_Block = tuple[str, str | int]


class Index:
    """Where to look for what may be the same: ids by dataset, and by latitude or country.

    Incidents are added in the order of their first days. One with coordinates is looked for in
    its band of latitude; by its name, in its country, only where the other has none.
    """

    def __init__(self, some: Iterable[Sight] = ()) -> None:
        self._blocks: dict[_Block, dict[frozenset[str], _Shelf]] = {}
        self._countries: set[str] = set()
        for one in some:
            self.add(one)

    def __bool__(self) -> bool:
        """Whether there is any incident in it."""
        return bool(self._countries)

    def add(self, one: Sight) -> None:
        """Add an incident that begins on no earlier day than all before it."""
        self._countries.add(one.country)
        for block in _kept_in(one):
            shelves = self._blocks.setdefault(block, {})
            if one.schemes not in shelves:
                shelves[one.schemes] = _Shelf.empty()
            shelves[one.schemes].add(one)

    def candidates(self, one: Sight) -> Iterator[int]:
        """Ids of incidents of other datasets that are near by the cheap tests, each once."""
        first, last = one.first_day - REACH, one.last_day + APART
        box = _width(one)
        for block in self._sought_in(one):
            for schemes, shelf in self._blocks.get(block, {}).items():
                if not schemes & one.schemes:
                    yield from shelf.between(first, last, one.longitude, box)

    def _sought_in(self, one: Sight) -> Iterator[_Block]:
        if one.latitude is not None:
            band = _band(one.latitude)
            yield from (("band", band + step) for step in (-1, 0, 1))
        if one.where:
            countries = {one.country, ""} if one.country else self._countries
            for country in countries:
                yield "named", country
                if one.latitude is None:
                    yield "placed", country


class _Shelf(NamedTuple):
    """Incidents of a block, by first day."""

    days: array[int]
    ids: array[int]
    longitudes: array[float]

    @classmethod
    def empty(cls) -> _Shelf:
        return cls(array("i"), array("q"), array("d"))

    def add(self, one: Sight) -> None:
        self.days.append(one.first_day)
        self.ids.append(one.id)
        self.longitudes.append(math.nan if one.longitude is None else one.longitude)

    def between(self, first: int, last: int, longitude: float | None, box: float) -> Iterator[int]:
        """Ids of those that begin within these days and, if they have one, at a near longitude."""
        start = bisect_left(self.days, first)
        stop = bisect_left(self.days, last + 1, start)
        for place in range(start, stop):
            if longitude is not None:
                across = abs(self.longitudes[place] - longitude)
                if box < across < 360 - box:
                    continue
            yield self.ids[place]


def _kept_in(one: Sight) -> Iterator[_Block]:
    if one.latitude is not None:
        yield "band", _band(one.latitude)
    if one.where:
        yield "named" if one.latitude is None else "placed", one.country


def _band(latitude: float) -> int:
    return math.floor(latitude / _BAND)


def _width(one: Sight) -> float:
    """Degrees of longitude within which what is near must lie: all of them near a pole."""
    if one.latitude is None or abs(one.latitude) > 89:
        return 180
    return math.degrees(math.asin(math.sin(_NEAR) / math.cos(math.radians(one.latitude)))) + 1e-6
