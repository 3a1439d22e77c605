"""Drafts of the two benchmark events, invented from their number alone: the same in every run.

They vary where data varies, about as the events of UCDP GED 19.1 in Bangladesh and Myanmar do:
1,200 dyads in 600 conflicts and 100 countries, a few of which have most of the incidents. One in
twenty reaches into a second country; each is active for 1 to 30 of thirty years, 8 on average.
Some days are only known as a week or a month.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from ledger.counts import Count
from ledger.events import Draft
from ledger.events.payloads import (
    Claimed,
    Clarity,
    ForeignId,
    IncidentRecorded,
    SourceRegistered,
    Status,
)
from ledger.places import COUNTRIES, Place
from ledger.sources import Citation

STEWARD = "Invented Steward"
SINGLE = "single"
GED_LIKE = "GED-like"
BYTES: Mapping[str, int] = MappingProxyType({SINGLE: 600, GED_LIKE: 1000})
"""How many bytes an event of each kind should have, as it is stored: about, and on average."""

_DYADS = 1200
YEARS = range(1990, 2020)
_ACTIVE = (1, 1, 1, 2, 2, 3, 4, 4, 4, 5, 5, 6, 6, 6, 7, 8, 8, 9, 12, 16, 24, 30)
"""Years in which a dyad is active, one after the other."""
_KINDS = ("state-based", "state-based", "state-based", "non-state", "one-sided")
_STATUSES: Mapping[Status, int] = MappingProxyType(
    {"confirmed": 90, "provisional": 7, "contested": 3}
)
_CLARITIES: Sequence[Clarity] = ("single", "single", "single", "aggregate")
_CLAIMANT = "Invented Data Programme"


class Dyad(NamedTuple):
    """Two invented parties, what they fight as, and where and when they do."""

    number: int
    kind: str
    countries: Sequence[str]
    years: range
    government: str
    group: str


def drafts(kind: str, start: int, stop: int) -> list[Draft]:
    """Drafts number `start` to `stop` (exclusive) of a kind, none of which depends on another."""
    make = _MAKERS[kind]
    return [make(number) for number in range(start, stop)]


def sources() -> list[Draft]:
    """The sources that the drafts cite: one a year, as of a dataset's releases."""
    return [
        Draft(
            stream=f"source/{_source(year)}",
            data=SourceRegistered(
                title=f"Invented dataset, release of {year}",
                publisher=_CLAIMANT,
                published=f"{year + 1}-06-01",
                grade="B",
            ),
        )
        for year in YEARS
    ]


def single(number: int) -> Draft:
    """An incident of one line, as a newsroom's or a monitor's table has it."""
    random = Random(number)
    dyad = dyad_of(random)
    day = date(random.choice(dyad.years), 1, 1) + timedelta(random.randrange(365))
    data = IncidentRecorded(
        kind=dyad.kind,
        title=f"Invented incident of {dyad.group}",
        date=written(day, random),
        place=Place(
            name=f"Invented Town {random.randrange(5000)}", country=random.choice(dyad.countries)
        ),
        status=random.choices([*_STATUSES], [*_STATUSES.values()])[0],
        labels=labels_of(dyad),
        counts=(Claimed(line="killed", count=count_of(random)),),
    )
    return _draft(f"invented-{number:07d}", number, day, data)


def ged_like(number: int) -> Draft:
    """An incident of four or five lines, as a row of a dataset such as UCDP GED becomes one."""
    random = Random(number)
    dyad = dyad_of(random)
    day = date(random.choice(dyad.years), 1, 1) + timedelta(random.randrange(365))
    key = f"invented-ged-{number:07d}"
    data = IncidentRecorded(
        kind=dyad.kind,
        title=f"{dyad.government} - {dyad.group}",
        date=written(day, random),
        place=Place(
            name=f"Invented Town {random.randrange(5000)}",
            country=random.choice(dyad.countries),
            latitude=f"{random.uniform(-40, 60):.4f}",
            longitude=f"{random.uniform(-100, 140):.4f}",
            precision=random.randrange(1, 7),
        ),
        status="confirmed",
        clarity=random.choice(_CLARITIES),
        labels=labels_of(dyad),
        foreign_ids=(ForeignId(scheme="invented-ged", value=str(number)),),
        counts=_lines(dyad, random),
    )
    return _draft(key, number, day, data)


_MAKERS: Mapping[str, Callable[[int], Draft]] = {SINGLE: single, GED_LIKE: ged_like}


@cache
def _dyads() -> tuple[Sequence[Dyad], Sequence[float]]:
    """The dyads, and the running sum of their weights: few are heavy, long ones heavier."""
    random, countries = Random("dyads"), sorted(COUNTRIES)[:100]
    found = []
    for number in range(1, _DYADS + 1):
        here = random.choice(countries)
        there = random.choice(countries) if number % 20 == 0 else here
        active = random.choice(_ACTIVE)
        since = random.randrange(YEARS[0], YEARS[-1] + 2 - active)
        found.append(
            Dyad(
                number,
                random.choice(_KINDS),
                (here, here, here, there),
                range(since, since + active),
                f"Invented State {number % 100}",
                f"Invented Front {number}",
            )
        )
    weights = (len(dyad.years) / (dyad.number + 10) for dyad in found)
    return found, list(accumulate(weights))


def dyad_of(random: Random) -> Dyad:
    found, weights = _dyads()
    return random.choices(found, cum_weights=weights)[0]


def labels_of(dyad: Dyad) -> Mapping[str, str]:
    return {"conflict": str(dyad.number // 2), "dyad": str(dyad.number)}


def _lines(dyad: Dyad, random: Random) -> tuple[Claimed, ...]:
    """The total and its parts; every other incident has a fifth line."""
    parts = [random.choice((0, 0, 0, 1, 2, 5, 12)) for _ in range(3 + random.randrange(2))]
    best = sum(parts)
    texts = (
        f"killed[party={dyad.government},role=combatant]",
        f"killed[party={dyad.group},role=combatant]",
        "killed[role=civilian]",
        "killed[role=police]",
    )
    total = Count(low=best, best=best, high=best + random.choice((0, 0, 3, 40)))
    return (
        Claimed(line="killed", count=total),
        *(
            Claimed(line=text, count=exactly(part))
            for text, part in zip(texts, parts, strict=False)
        ),
    )


def count_of(random: Random) -> Count:
    """Mostly a number; sometimes bounds, "at least", or unknown."""
    killed = int(random.paretovariate(1.2))
    match random.randrange(20):
        case 0:
            return Count()
        case 1 | 2:
            return Count(low=killed)
        case 3 | 4 | 5 | 6:
            return Count(low=killed, best=killed + 1, high=killed + 9)
    return exactly(killed)


def exactly(number: int) -> Count:
    return Count(low=number, best=number, high=number)


def written(day: date, random: Random) -> str:
    """A date as the source gives it: of ten, eight are a day, one a week, one a month."""
    match random.randrange(10):
        case 0:
            return f"{day:%Y-%m}"
        case 1:
            return f"{day}/{day + timedelta(6)}"
    return str(day)


def _draft(key: str, number: int, day: date, data: IncidentRecorded) -> Draft:
    citation = Citation(
        source=_source(day.year),
        claimant=_CLAIMANT,
        locator=f"row {number + 2}",
        grade=2,
    )
    return Draft(stream=f"incident/{key}", citations=(citation,), data=data)


def _source(year: int) -> str:
    return f"invented-dataset-{year}"
