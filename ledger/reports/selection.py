"""Which tolls a question counts, and which part of each.

What most tolls come to is kept beside them; under another policy, or as of an earlier day, it is
worked out anew from the claims, toll by toll, by the same functions of `counting`. Tolls that
need not be looked at one by one are counted together: see `parcels`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, reduce
from itertools import starmap
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, text

from ledger import dates
from ledger.counting import figures, questions, tolls
from ledger.counting.claims import Claim
from ledger.counting.figures import Figure, Structure
from ledger.counting.questions import Counted
from ledger.counting.tolls import Placed
from ledger.projections import state
from ledger.projections.documents import Facet, Said, figures_said
from ledger.projections.state import TOLL, Toll
from ledger.reports.question import DATE_KEYS, UNSPECIFIED, Question
from ledger.store.driver import Value, select
from ledger.vocabulary import ATTRIBUTES

NOT_COUNTED = "discounted"
TOGETHER = " + "
"""Between the values that an incident has of one key."""
PERIODS = {"day": 10, "month": 7, "year": 4}
"""The keys that are the beginning of an ISO day, and how much of it."""
_SOME = 500


class Answer(NamedTuple):
    """What a question counts of one toll."""

    incident: int
    measure: str
    facet: Facet
    first_day: str
    counted: Counted


class Condition(NamedTuple):
    """SQL on tolls, with the values of its marks in order."""

    sql: str
    values: tuple[Value, ...] = ()

    def __and__(self, other: Condition) -> Condition:
        """Both."""
        return Condition(f"({self.sql}) AND ({other.sql})", self.values + other.values)

    def __or__(self, other: Condition) -> Condition:
        """Either."""
        return Condition(f"({self.sql}) OR ({other.sql})", self.values + other.values)

    def __invert__(self) -> Condition:
        """Not so."""
        return self._replace(sql=f"NOT ({self.sql})")


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
        self._periods = [(key, question.where[key]) for key in DATE_KEYS if key in question.where]
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

    def answers(self) -> Iterator[Answer]:
        """What is counted, toll by toll."""
        for toll in self.tolls(self.condition & self.days):
            facet = self._facet(toll)
            if facet is None:
                continue
            order, found = self.figures(toll)
            counted = questions.count(
                order, found, self.question.attributes_asked, self.question.attributes_by
            )
            if counted.pieces or counted.not_stated:
                yield Answer(toll.incident, toll.measure, facet, toll.first_day, counted)

    def tolls(self, condition: Condition) -> Iterator[Toll]:
        """The tolls that meet a condition, in no order."""
        statement = f"SELECT {TOLL} FROM tolls WHERE {condition.sql}"
        return starmap(Toll, self.select(statement, condition.values))

    def select(self, statement: str, values: tuple[Value, ...]) -> Iterator[tuple[Any, ...]]:
        """Rows straight from the driver: there may be as many as tolls."""
        return select(self.connection, statement, values)

    @cached_property
    def condition(self) -> Condition:
        """The tolls that the question may count, as far as SQL tells, their days apart."""
        asked = self.question
        some = [Condition("1 = 1")]
        if asked.measures:
            some.append(_among("measure", asked.measures))
        if not self.every_facet:
            some.append(numbered("facet", self.facets))
        if asked.known_by is not None:
            some.append(Condition("first_known <= ?", (asked.known_by,)))
        if "incident" in asked.where:
            wanted = asked.where["incident"]
            some.append(
                numbered("incident", [id for id, key in self.keys.items() if key in wanted])
            )
        return reduce(Condition.__and__, some)

    @cached_property
    def days(self) -> Condition:
        """The tolls whose day the question may count, as far as SQL tells: quarters are left."""
        asked = self.question
        some = [Condition("1 = 1")]
        for comparison, day in (("<=", asked.as_of), ("<=", asked.until), (">=", asked.since)):
            if day is not None:
                some.append(Condition(f"first_day {comparison} ?", (day,)))
        for key, length in PERIODS.items():
            if key in asked.where:
                some.append(_among(f"substr(first_day, 1, {length})", sorted(asked.where[key])))
        return reduce(Condition.__and__, some)

    def value(self, key: str, facet: Facet, day: str, incident: int | None = None) -> str:
        """What an incident states of a key that is no attribute; `day` as far as it is needed."""
        if key in DATE_KEYS:
            return date_value(key, day)
        if key == "incident":
            return "" if incident is None else self.keys[incident]
        return facet_value(key, facet)

    def facet_of(self, incident: int, number: int) -> Facet | None:
        """An incident's facet as it was known by the day asked for, if the question admits it."""
        if self.actors is None:
            return self.facets.get(number)
        return self.with_actors(number, self.actors.get(incident, ()))

    def with_actors(self, number: int, actors: tuple[str, ...]) -> Facet | None:
        """A facet with these actors where they are a matter of days, if the question admits it."""
        facet = self.facets.get(number)
        if facet is None or self.actors is None:
            return facet
        facet = msgspec.structs.replace(facet, actors=actors)
        wanted = self.question.where.get("actor")
        return facet if wanted is None or wanted & _values("actor", facet) else None

    def admits_incident(self, incident: state.Incident) -> bool:
        """Whether the filter and the days asked for admit an incident."""
        asked, day = self.question, incident.first_day
        return (
            self.facet_of(incident.id, incident.facet) is not None
            and self.in_period(day)
            and (asked.as_of is None or day <= asked.as_of)
            and (asked.since is None or day >= asked.since)
            and (asked.until is None or day <= asked.until)
            and ("incident" not in asked.where or incident.key in asked.where["incident"])
        )

    def _facet(self, toll: Toll) -> Facet | None:
        """The toll's facet, if the question admits it and its day."""
        if not self.in_period(toll.first_day):
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

    def in_period(self, day: str) -> bool:
        """Whether the filter admits a day; all of it that the filter needs is there."""
        return all(date_value(key, day) in days for key, days in self._periods)

    def _actors(self) -> dict[int, tuple[str, ...]] | None:
        """Who was an actor by the day asked for, by incident; None where the facets tell."""
        if self.question.known_by is None or not (self.listing or self.question.asks("actor")):
            return None
        found: dict[int, set[str]] = {}
        for one in state.attributions(self.connection, self.question.clock):
            if one.document.stance != "denies":
                found.setdefault(one.incident, set()).add(one.document.actor)
        return {incident: tuple(sorted(actors)) for incident, actors in found.items()}

    def figures(self, toll: Toll) -> tuple[Structure, Mapping[str, Figure]]:
        """The figures of a toll's lines: as they are kept, or worked out anew."""
        if self.keeps(toll):
            return as_kept(*toll.told.said)
        settled = settle(toll, self.question)
        return settled.structure, settled.figures

    def keeps(self, toll: Toll) -> bool:
        """Whether what is kept of a toll is right for this question's policy and day."""
        asked = self.question
        return (asked.known_by is None or toll.last_known <= asked.known_by) and (
            asked.policy == "latest" or toll.settled
        )


def as_kept(lines: Sequence[str], said: Said) -> tuple[Structure, Mapping[str, Figure]]:
    """What the lines of a toll come to by default."""
    found = figures_said(lines, said)
    return figures.structure(tuple(sorted(found))), found


def settle(toll: Toll, question: Question) -> tolls.Settled:
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


def standing(toll: Toll, question: Question) -> tuple[Mapping[str, Sequence[Claim]], Placed]:
    """The claims of a toll that count by the question's known-by day, and where lines lie."""
    document = toll.document
    return tolls.standing(
        document.claims,
        document.cited,
        document.incident,
        retracted=document.retracted,
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
    return TOGETHER.join(sorted(_values(key, facet)))


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


def _among(column: str, texts: Sequence[str]) -> Condition:
    return Condition(f"{column} IN ({', '.join('?' * len(texts))})", tuple(texts))


def numbered(column: str, numbers: Iterable[int]) -> Condition:
    """A column is one of numbers of our own: there may be more than a statement takes values."""
    some = ", ".join(map(str, numbers))
    return Condition(f"{column} IN ({some})" if some else "1 = 0")
