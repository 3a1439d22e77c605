"""Which tolls a question counts, and which part of each.

Most questions are answered by sums that the tolls keep; what a question asks beyond that (an
attribute, another policy, an earlier day) is worked out anew from the claims, toll by toll,
by the same functions of `counting`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, bindparam, text

from ledger import dates
from ledger.counting import figures, questions, tolls
from ledger.counting.figures import Figure, Structure
from ledger.counting.questions import Counted
from ledger.projections import state
from ledger.projections.documents import Facet
from ledger.reports.question import DATE_KEYS, UNSPECIFIED, Question
from ledger.vocabulary import ATTRIBUTES

NOT_COUNTED = "discounted"
_SOME = 500


class Answer(NamedTuple):
    """What a question counts of one toll."""

    incident: int
    measure: str
    facet: Facet
    first_day: str
    counted: Counted


class Summed(NamedTuple):
    """What a question counts of many tolls that have their facet, measure and period in common.

    `period` is a day, month or year, whichever the question needs.
    """

    measure: str
    facet: Facet
    period: str
    row: Row[Any]


class Selection:
    """The tolls that a question may count, over a connection."""

    def __init__(
        self, connection: Connection, question: Question, *, listing: bool = False
    ) -> None:
        """Select; a `listing` shows discounted incidents, which no sum counts."""
        self.connection = connection
        self.question = question
        self.listing = listing
        self.actors = self._actors()
        every = state.facets(connection)
        self.facets = {number: facet for number, facet in every.items() if self._admits(facet)}
        self.every_facet = len(self.facets) == len(every)

    @cached_property
    def keys(self) -> Mapping[int, str]:
        """The key of each incident that the filter names (all if none), by id."""
        named = self.question.where.get("incident")
        if named is None:
            rows = self.connection.execute(text("SELECT id, key FROM incidents"))
            return {row.id: row.key for row in rows}
        ready = text("SELECT id, key FROM incidents WHERE key IN :keys").bindparams(
            bindparam("keys", expanding=True)
        )
        wanted, found = sorted(named), dict[int, str]()
        for start in range(0, len(wanted), _SOME):
            some = self.connection.execute(ready, {"keys": wanted[start : start + _SOME]})
            found.update((row.id, row.key) for row in some)
        return found

    @property
    def by_toll(self) -> bool:
        """Whether every toll must be looked at by itself."""
        asked = self.question
        return bool(
            asked.attributes_asked
            or asked.attributes_by
            or asked.asks("incident")
            or self.actors is not None
        )

    def answers(self, *, all_tolls: bool = True) -> Iterator[Answer]:
        """What is counted, toll by toll; without `all_tolls` those that kept sums do not answer."""
        condition = "1 = 1" if all_tolls or self.by_toll else f"NOT ({self._kept()})"
        rows = self._execute(f"SELECT * FROM tolls WHERE {{where}} AND {condition}")
        for row in rows:
            toll = state.toll(row)
            facet = self._facet(toll)
            if facet is None:
                continue
            order, found = self._figures(toll)
            counted = questions.count(
                order, found, self.question.attributes_asked, self.question.attributes_by
            )
            if counted.pieces or counted.not_stated:
                yield Answer(toll.incident, toll.measure, facet, toll.first_day, counted)

    def summed(self) -> Iterator[Summed]:
        """What is counted of the tolls whose kept sums answer the question."""
        if self.by_toll:
            return
        if self._by_year():
            yield from self._kept_by_year()
            return
        length = {"day": 10, "month": 7, "quarter": 7, "year": 4}
        period = max((length[key] for key in DATE_KEYS if self.question.asks(key)), default=0)
        rows = self._execute(
            f"SELECT facet, measure, substr(first_day, 1, {period}) AS period, sum(low) AS low, "
            "sum(best) AS best, sum(high) AS high, count(*) - count(high) AS opened, "
            "count(*) AS incidents, sum(lines) AS lines, sum(at_least) AS at_least, "
            f"sum(vague) AS unknown FROM tolls WHERE {{where}} AND {self._kept()} "
            "AND lines > 0 GROUP BY facet, measure, period"
        )
        for row in rows:
            facet = self.facets[row.facet]
            if self._in_period(row.period):
                yield Summed(row.measure, facet, row.period, row)

    def _by_year(self) -> bool:
        """Whether the sums that are kept by facet, measure and year answer the question."""
        asked = self.question
        days = (asked.as_of, asked.known_by, asked.since, asked.until)
        finer = any(asked.asks(key) for key in ("day", "month", "quarter"))
        return asked.policy == "latest" and not finer and all(day is None for day in days)

    def _kept_by_year(self) -> Iterator[Summed]:
        rows = self._execute(
            "SELECT facet, measure, year AS period, CASE WHEN lows > 0 THEN low END AS low, "
            "CASE WHEN bests > 0 THEN best END AS best, high, incidents - highs AS opened, "
            "incidents, lines, at_least, vague AS unknown FROM sums WHERE {where}"
        )
        for row in rows:
            if self._in_period(row.period):
                yield Summed(row.measure, self.facets[row.facet], row.period, row)

    def value(self, key: str, facet: Facet, day: str, incident: int | None = None) -> str:
        """What an incident states of a key that is no attribute; `day` as far as it is needed."""
        if key in DATE_KEYS:
            return date_value(key, day)
        if key == "incident":
            return "" if incident is None else self.keys[incident]
        return facet_value(key, facet)

    def facet_of(self, incident: int, number: int) -> Facet | None:
        """An incident's facet as it was known by the day asked for, if the question admits it."""
        facet = self.facets.get(number)
        if facet is None or self.actors is None:
            return facet
        facet = msgspec.structs.replace(facet, actors=self.actors.get(incident, ()))
        wanted = self.question.where.get("actor")
        return facet if wanted is None or wanted & _values("actor", facet) else None

    def admits_incident(self, incident: state.Incident) -> bool:
        """Whether the filter and the days asked for admit an incident."""
        asked, day = self.question, incident.first_day
        return (
            self.facet_of(incident.id, incident.facet) is not None
            and self._in_period(day)
            and (asked.as_of is None or day <= asked.as_of)
            and (asked.since is None or day >= asked.since)
            and (asked.until is None or day <= asked.until)
            and ("incident" not in asked.where or incident.key in asked.where["incident"])
        )

    def uncertain(self, counted: set[int]) -> int:
        """How many of the counted incidents may have happened after the `as_of` day.

        `counted` are those of `answers`; where sums answer, all that they sum are counted.
        """
        day = self.question.as_of
        if day is None:
            return 0
        if self.by_toll:
            found = state.incidents_by_id(self.connection, counted)
            return len([1 for incident in found.values() if incident.last_day > day])
        rows = self._execute(
            "SELECT count(DISTINCT incident) AS number FROM tolls JOIN incidents "
            "ON incidents.id = tolls.incident WHERE {where} AND last_day > :as_of",
            prefix="tolls.",
        )
        return int(next(rows).number)

    def _facet(self, toll: state.Toll) -> Facet | None:
        """The toll's facet, if the question admits it and its day."""
        if not self._in_period(toll.first_day):
            return None
        return self.facet_of(toll.incident, toll.facet)

    def _admits(self, facet: Facet) -> bool:
        """Whether incidents with this facet are counted, as far as it tells."""
        return (self.listing or facet.status != NOT_COUNTED) and all(
            wanted & _values(key, facet)
            for key, wanted in self.question.where.items()
            if key not in ATTRIBUTES
            and key not in DATE_KEYS
            and key != "incident"
            and not (key == "actor" and self.actors is not None)
        )

    def _in_period(self, day: str) -> bool:
        """Whether the filter admits a day; all of it that the filter needs is there."""
        where = self.question.where
        return all(date_value(key, day) in where[key] for key in DATE_KEYS if key in where)

    def _actors(self) -> dict[int, tuple[str, ...]] | None:
        """Who was an actor by the day asked for, by incident; None where the facets tell."""
        if self.question.known_by is None or not (self.listing or self.question.asks("actor")):
            return None
        found: dict[int, set[str]] = {}
        for one in state.attributions(self.connection, self.question.clock):
            if one.document.stance != "denies":
                found.setdefault(one.incident, set()).add(one.document.actor)
        return {incident: tuple(sorted(actors)) for incident, actors in found.items()}

    def _figures(self, toll: state.Toll) -> tuple[Structure, Mapping[str, Figure]]:
        """The figures of a toll's lines: as they are kept, or worked out anew."""
        asked = self.question
        kept = asked.known_by is None or toll.last_known <= asked.known_by
        if kept and (asked.policy == "latest" or toll.settled):
            found = toll.document.figures
            return figures.structure(tuple(sorted(found))), found
        settled = settle(toll, asked)
        return settled.structure, settled.figures

    def _kept(self) -> str:
        """SQL for tolls whose kept sums are right for this question's policy and day."""
        conditions = ["1 = 1"]
        if self.question.policy != "latest":
            conditions.append("settled")
        if self.question.known_by is not None:
            conditions.append("last_known <= :known_by")
        return " AND ".join(conditions)

    def _execute(self, statement: str, prefix: str = "") -> Iterator[Row[Any]]:
        asked = self.question
        conditions: dict[str, tuple[str, Any]] = {}
        if asked.measures:
            conditions["measures"] = (f"{prefix}measure IN :measures", list(asked.measures))
        if not self.every_facet:
            conditions["facets"] = (f"{prefix}facet IN ({_list(self.facets)})", None)
        for name, comparison, day in (
            ("as_of", "<=", asked.as_of),
            ("until", "<=", asked.until),
            ("since", ">=", asked.since),
        ):
            if day is not None:
                conditions[name] = (f"{prefix}first_day {comparison} :{name}", day)
        if asked.known_by is not None:
            conditions["known_by"] = (f"{prefix}first_known <= :known_by", asked.known_by)
        if "incident" in asked.where:
            wanted = [number for number, key in self.keys.items() if key in asked.where["incident"]]
            conditions["incidents"] = (f"{prefix}incident IN ({_list(wanted)})", None)
        where = " AND ".join(sql for sql, _ in conditions.values()) or "1 = 1"
        values = {name: value for name, (_, value) in conditions.items() if value is not None}
        ready = text(statement.format(where=where)).bindparams(
            *(bindparam(name, expanding=True) for name in values if isinstance(values[name], list))
        )
        return iter(self.connection.execute(ready, values))


def settle(toll: state.Toll, question: Question) -> tolls.Settled:
    """A toll worked out anew from its claims, by the question's policy and known-by day."""
    document = toll.document
    return tolls.settle(
        document.claims,
        document.cited,
        document.incident,
        retracted=document.retracted,
        policy=question.policy,
        known_by=question.known_by,
    )


def date_value(key: str, day: str) -> str:
    """The day, month, quarter or year of an ISO day."""
    match key:
        case "month":
            return dates.month(day)
        case "quarter":
            return dates.quarter(day)
        case "year":
            return dates.year(day)
    return day


def facet_value(key: str, facet: Facet) -> str:
    """What a facet states of a key: several values are one group, `A + B`."""
    return " + ".join(sorted(_values(key, facet)))


def _values(key: str, facet: Facet) -> frozenset[str]:
    match key:
        case "kind":
            found: tuple[str, ...] = (facet.kind,)
        case "status":
            found = (facet.status,)
        case "country":
            found = (facet.country,)
        case "actor":
            found = facet.actors
        case _:
            found = (facet.labels.get(key, ""),)
    return frozenset(value for value in found if value) or frozenset({UNSPECIFIED})


def _list(numbers: Iterable[int]) -> str:
    """Numbers of our own as a list in SQL: there may be more than a statement takes parameters."""
    return ", ".join(map(str, numbers)) or "NULL"
