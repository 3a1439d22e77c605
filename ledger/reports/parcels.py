"""Parcels: tolls that a question counts together, since all that it asks of them is alike.

Where what is kept of a toll answers the question, the database sums. The others are read, and
those that say the same are counted once, times how many they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache, reduce
from operator import add
from typing import Any, NamedTuple

from sqlalchemy import text

from ledger.counting import questions
from ledger.counting.figures import Figure, Structure
from ledger.counting.lines import parse
from ledger.counting.questions import Counted, Piece
from ledger.projections.documents import Said
from ledger.projections.state import TOLL, Toll
from ledger.projections.sums import SUMS, Whole, added
from ledger.reports.question import DATE_KEYS, UNSPECIFIED
from ledger.reports.selection import (
    PERIODS,
    Condition,
    Selection,
    as_kept,
    date_value,
    facet_value,
    numbered,
)
from ledger.reports.sums import Sum
from ledger.vocabulary import ATTRIBUTES

Values = tuple[str, ...]
_LENGTHS = {**PERIODS, "quarter": 7}
"""As much of an ISO day as each key needs."""
_NOT_OF_FACETS = frozenset({*ATTRIBUTES, *DATE_KEYS, "incident"})
_SPANNING = text("SELECT id FROM incidents WHERE first_day <= :day AND last_day > :day")
_COLUMNS = len(Toll.__struct_fields__)
_MOST = 20_000
"""Parcels that are gathered before they are counted: memory stays flat."""
_OWN = "low, best, high, lines, at_least, vague"
_OF_TOLLS = (
    "count(*), coalesce(sum(low), 0), count(low), coalesce(sum(best), 0), count(best), "
    "coalesce(sum(high), 0), count(high), sum(lines), sum(at_least), sum(vague)"
)
_OF_SUMS = (
    "sum(incidents), sum(low), sum(lows), sum(best), sum(bests), sum(high), sum(highs), "
    "sum(lines), sum(at_least), sum(vague)"
)
"""In the order of `sums.added`."""


class Common(NamedTuple):
    """What tolls have in common that are counted together.

    `values` are those of the keys to group by that ask for the incident as a whole, `period` as
    much of its day as the question needs; `incident` where the question tells them apart.
    """

    measure: str
    values: Values
    period: str
    incident: int | None = None


class Parcel(NamedTuple):
    """Tolls that say the same: what is counted of one of them, and how many there are.

    `later` is the incident, where it may have happened after the as-of day.
    """

    common: Common
    counted: Counted
    times: int
    later: int | None


_Alike = tuple[Common, int | None, tuple[str, ...], Said]
"""What tolls are counted by at once: common, later, lines and what they come to."""


class Parcels:
    """The tolls that a question may count, together as far as they can be."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        asked = self._asked = selection.question
        self._period = max((_LENGTHS[key] for key in DATE_KEYS if asked.asks(key)), default=0)
        self._keys = [key for key in asked.by if key not in _NOT_OF_FACETS]
        self._by_incident = "incident" in asked.by
        self._actors = selection.actors
        self._values: dict[tuple[int, Values], Values | None] = {}
        self._count_kept = lru_cache(_MOST)(lambda lines, said: self._count(as_kept(lines, said)))
        self._group = lru_cache(_MOST)(self._group_of)
        self._sums: dict[Common, list[int]] = {}
        self._commons: dict[tuple[str, int, str, Values], Common | None] = {}

    def alike(self) -> Iterator[Parcel]:
        """What is counted of the tolls that are read. To be asked before `summed`."""
        if self._apart is None:
            return
        found: Counter[_Alike] = Counter()
        asked = frozenset((*self._asked.attributes_asked, *self._asked.attributes_by))
        for toll, own in self._read(self._of_tolls & self._apart):
            common = self._common(toll)
            if common is None:
                continue
            if self._by_year:
                added(self._sums.setdefault(common, [0] * SUMS), own, times=-1)
            later = toll.incident if toll.incident in self._later else None
            if self.selection.keeps(toll):
                lines, said = toll.told.said
                found[common, later, questions.as_asked(lines, asked), said] += 1
                if len(found) > _MOST:
                    yield from self._counted(found)
                    found.clear()
            else:
                yield Parcel(common, self._count(self.selection.figures(toll)), 1, later)
        yield from self._counted(found)

    def summed(self) -> Iterator[tuple[Common, Sum]]:
        """What the database sums: tolls that state nothing of the attributes asked for.

        The sums that are kept by year hold the others too: what `alike` read is taken away.
        """
        for facet, measure, period, *more in self._grouped():
            if self.selection.in_period(period):
                values = self._of_facet(facet, ()) if self._keys else ()
                common = Common(measure, values or (), period)
                sums = self._sums.get(common)
                self._sums[common] = list(map(add, sums, more)) if sums else more
        for common, sums in self._sums.items():
            if sums[0]:
                yield common, _sum(sums)

    def group(self, common: Common, piece: Piece | None = None) -> Values:
        """The values of the keys to group by, then the measure: of tolls, or a piece of theirs."""
        return self._group(common, piece.line if piece else "")

    def uncertain(self, counted: set[int]) -> int:
        """How many of the counted incidents may have happened after the as-of day.

        `counted` are those of them that `alike` told.
        """
        if not self._later or self._asked.attributes_asked:
            return len(counted)
        where = self._together & numbered("incident", self._later)
        rows = self.selection.select(
            f"SELECT incident, first_day FROM tolls WHERE {where.sql}", where.values
        )
        summed = {incident for incident, day in rows if self.selection.in_period(day)}
        return len(summed | counted)

    def _read(self, where: Condition) -> Iterator[tuple[Toll, Whole]]:
        """Tolls, each with what it comes to."""
        statement = f"SELECT {TOLL}, {_OWN} FROM tolls WHERE {where.sql}"
        for row in self.selection.select(statement, where.values):
            yield Toll(*row[:_COLUMNS]), row[_COLUMNS:]

    def _grouped(self) -> Iterator[tuple[Any, ...]]:
        """Rows of facet (0 where it does not matter), measure, period and sums."""
        table, sums, where = "tolls", _OF_TOLLS, self._together
        period = f"substr(first_day, 1, {self._period})"
        if self._by_year:
            table, sums, where, period = "sums", _OF_SUMS, self.selection.condition, "year"
        columns, grouped = ["0", "measure", "''"], ["measure"]
        if self._keys:
            columns[0] = "facet"
            grouped.append("facet")
        if self._period:
            columns[2] = f"{period} AS period"
            grouped.append("period")
        return self.selection.select(
            f"SELECT {', '.join(columns)}, {sums} FROM {table} WHERE {where.sql} "
            f"GROUP BY {', '.join(grouped)}",
            where.values,
        )

    @cached_property
    def _by_year(self) -> bool:
        """Whether the sums that are kept by facet, measure and year can be made use of."""
        asked = self._asked
        days = (asked.as_of, asked.known_by, asked.since, asked.until)
        return (
            asked.policy == "latest"
            and not self._by_incident
            and self._period <= _LENGTHS["year"]
            and "incident" not in asked.where
            and all(day is None for day in days)
        )

    @cached_property
    def _apart(self) -> Condition | None:
        """The tolls that are read; None where no toll needs to be."""
        asked, some = self._asked, list[Condition]()
        if self._by_incident:
            some.append(Condition("1 = 1"))
        if asked.policy != "latest":
            some.append(Condition("NOT settled"))
        if asked.known_by is not None:
            some.append(Condition("last_known > ?", (asked.known_by,)))
        for key in {*asked.attributes_asked, *asked.attributes_by}:
            some.append(Condition("document LIKE ?", (f"%{key}=%",)))
        if self._actors is not None:
            some.append(self._with_actors())
        return reduce(Condition.__or__, some) if some else None

    @cached_property
    def _of_tolls(self) -> Condition:
        """The tolls that the question may count."""
        return self.selection.condition & self.selection.days

    @cached_property
    def _together(self) -> Condition:
        """The tolls that are summed."""
        condition = self._of_tolls & Condition("lines > 0")
        return condition & ~self._apart if self._apart else condition

    def _with_actors(self) -> Condition:
        """Tolls of incidents that have, or had, an actor: not all may have been known."""
        facets = [number for number, one in self.selection.facets.items() if one.actors]
        had = text("SELECT DISTINCT incident FROM attributions WHERE until <> ''")
        incidents = self.selection.connection.execute(had).scalars()
        return numbered("facet", facets) | numbered("incident", incidents)

    @cached_property
    def _later(self) -> frozenset[int]:
        """The incidents that may have happened after the as-of day."""
        day = self._asked.as_of
        if day is None:
            return frozenset()
        rows = self.selection.connection.execute(_SPANNING, {"day": day})
        return frozenset(rows.scalars())

    def _common(self, toll: Toll) -> Common | None:
        """What a toll has in common with others; None where the question does not admit it."""
        actors = self._actors.get(toll.incident, ()) if self._actors else ()
        key = toll.measure, toll.facet, toll.first_day[: self._period], actors
        if key not in self._commons:
            if len(self._commons) > _MOST:
                self._commons.clear()
            measure, number, period, _ = key
            values = self._of_facet(number, actors)
            admitted = values is not None and self.selection.in_period(period)
            self._commons[key] = Common(measure, values or (), period) if admitted else None
        found = self._commons[key]
        if self._by_incident and found is not None:
            return found._replace(incident=toll.incident)
        return found

    def _of_facet(self, number: int, actors: Values) -> Values | None:
        """The values of a facet with these actors; None where the question does not admit it."""
        key = number, actors
        if key not in self._values:
            facet = self.selection.with_actors(number, actors)
            self._values[key] = (
                None if facet is None else tuple(facet_value(one, facet) for one in self._keys)
            )
        return self._values[key]

    def _counted(self, found: Counter[_Alike]) -> Iterator[Parcel]:
        for (common, later, lines, said), times in found.items():
            yield Parcel(common, self._count_kept(lines, said), times, later)

    def _count(self, found: tuple[Structure, Mapping[str, Figure]]) -> Counted:
        asked = self._asked
        return questions.count(*found, asked.attributes_asked, asked.attributes_by)

    def _group_of(self, common: Common, line: str) -> Values:
        """What a line of tolls states ("": it states no attribute that is asked for)."""
        attributes = dict(parse(line).attributes)
        of_facet = iter(common.values)
        found = []
        for key in self._asked.by:
            if key in ATTRIBUTES:
                found.append(attributes.get(key) or UNSPECIFIED)
            elif key in DATE_KEYS:
                found.append(date_value(key, common.period))
            elif key != "incident":
                found.append(next(of_facet))
            elif common.incident is not None:
                found.append(self.selection.keys[common.incident])
        return (*found, common.measure)


def _sum(sums: list[int]) -> Sum:
    """Sums of tolls, as `sums.added` has them, as a sum of figures."""
    incidents, low, lows, best, bests, high, highs, lines, at_least, unknown = sums
    found = Sum()
    found.incidents = incidents
    found.add_many(
        low if lows else None,
        best if bests else None,
        high,
        lines=lines,
        at_least=at_least,
        unknown=unknown,
        opened=highs < incidents,
    )
    return found
