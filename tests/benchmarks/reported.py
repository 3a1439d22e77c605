"""Drafts of incidents as several sources report them: what reports are asked of.

Eight forms of incident take turns, with 20 claims together, so 400,000 incidents have a million:
most have one report of one line; some are told by nationality, role or cause, some have injured
beside killed, and a quarter is reported again, weeks or years later, by others. What dates,
parties and countries vary as in `events`. All is invented from an incident's number alone.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

from ledger.app import Ledger
from ledger.counts import Count
from ledger.events import Draft, Payload
from ledger.events.payloads import (
    Attributed,
    Claimed,
    CountsReported,
    IncidentRecorded,
    IncidentsLinked,
    PersonIdentified,
    SourceGrade,
    SourceRegistered,
    Stance,
    TallyDefined,
)
from ledger.places import Place
from ledger.sources import Citation
from tests.benchmarks import events

TALLY = "invented-front-1"
CLAIMS = 20
FORMS = 8
"""Claims of so many incidents, one of each form."""
_CHUNK = 10_000
_AGENCIES = 12
_LAST_YEAR = events.YEARS[-1] + 6
_DELAYS = (1, 1, 1, 2, 3, 6, 14, 60)
"""Months after the incident in which somebody reports it again."""
_STANCES: Sequence[Stance] = ("claims", "accuses", "suspects", "denies")
_GRADES: Sequence[SourceGrade] = ("A", "B", "B", "C")
_DISCOUNTED = 100
_PERSON = 50
_LINKED = 100
"""Of so many incidents one is discounted, has a person identified, is linked to another."""


def ledger(path: Path, incidents: int) -> Ledger:
    """A new ledger of so many incidents, 2.5 times as many claims, and a tally."""
    made = Ledger(path, steward=events.STEWARD)
    made.create()
    made.append([*_sources(), _tally()])
    for start in range(0, incidents, _CHUNK):
        numbers = range(start, min(incidents, start + _CHUNK))
        made.append([draft for number in numbers for draft in drafts(number)])
    return made


def key(number: int) -> str:
    """The key of an incident."""
    return f"invented-report-{number:07d}"


def drafts(number: int) -> list[Draft]:
    """An incident as it was recorded, and what others said of it afterwards."""
    random = Random(number)
    dyad = events.dyad_of(random)
    day = date(random.choice(dyad.years), 1, 1) + timedelta(random.randrange(365))
    form = number % FORMS
    data = IncidentRecorded(
        kind=dyad.kind,
        title=f"Invented incident of {dyad.group}",
        date=f"{day:%Y-%m}" if random.randrange(20) == 0 else str(day),
        place=Place(
            name=f"Invented Town {random.randrange(5000)}", country=random.choice(dyad.countries)
        ),
        status="discounted" if number % _DISCOUNTED == 0 else "confirmed",
        labels=events.labels_of(dyad),
        counts=_first(form, random),
        attributions=_attributed(dyad, random),
    )
    told = [_draft(number, day, 0, random, data)]
    told += [_draft(number, day, delay, random, said) for delay, said in _later(form, random)]
    if number % _PERSON == 0:
        person = PersonIdentified(name=f"Invented Person {number}", line=data.counts[0].line)
        told.append(_draft(number, day, 1, random, person))
    if number % _LINKED == 1:
        link = IncidentsLinked(relation="followed-by", to=key(number - 1))
        told.append(_draft(number, day, 1, random, link))
    return told


def _first(form: int, random: Random) -> tuple[Claimed, ...]:
    """What the first report says, by the form of the incident."""
    match form:
        case 3:
            return _claim("killed", random), _claim("injured", random)
        case 4:
            return _told_apart(("role=civilian", "role=police"), random)
        case 5:
            nationality = random.choice(("IQ", "SY", "US", "AF", "PK", "NG"))
            cause = random.choice(("hostile", "hostile", "hostile", "non-hostile", "pending"))
            return (
                _claim(f"killed[cause={cause},nationality={nationality},role=military]", random),
                _claim(f"injured[nationality={nationality}]", random),
            )
        case 7:
            return _told_apart(("role=civilian", "role=combatant", "role=police"), random)
    return (_claim("killed", random),)


def _later(form: int, random: Random) -> list[tuple[int, CountsReported]]:
    """What others report later, and how many months later."""
    match form:
        case 6:
            return [
                (random.choice(_DELAYS), CountsReported(claims=(_claim("killed", random),)))
                for _ in range(2)
            ]
        case 7:
            claims = _told_apart(("role=civilian", "role=combatant"), random)
            return [(random.choice(_DELAYS), CountsReported(claims=claims))]
    return []


def _told_apart(parts: Sequence[str], random: Random) -> tuple[Claimed, ...]:
    """A total and its parts; in some reports nobody tells the rest apart."""
    some = [random.choice((0, 0, 1, 2, 5)) for _ in parts]
    low = sum(some) + random.choice((0, 0, 0, 4))
    total = Count(low=low, best=low, high=low + random.choice((0, 0, 12)))
    inside = zip(parts, some, strict=True)
    return (
        Claimed(line="killed", count=total),
        *(Claimed(line=f"killed[{part}]", count=events.exactly(one)) for part, one in inside),
    )


def _claim(line: str, random: Random) -> Claimed:
    return Claimed(line=line, count=events.count_of(random))


def _attributed(dyad: events.Dyad, random: Random) -> tuple[Attributed, ...]:
    """Every tenth incident is laid at somebody's door."""
    if random.randrange(10):
        return ()
    return (Attributed(actor=dyad.group, stance=random.choice(_STANCES)),)


def _draft(number: int, day: date, delay: int, random: Random, data: Payload) -> Draft:
    """What some agency says in its bulletin of a month."""
    month = day.year * 12 + day.month - 1 + delay
    agency = random.randrange(_AGENCIES)
    citation = Citation(
        source=_bulletin(agency, month // 12, month % 12 + 1),
        claimant=f"Invented Agency {agency}",
        locator=f"item {number}",
        grade=random.choice((1, 2, 2, 2, 3, 6, 4)),
    )
    return Draft(stream=f"incident/{key(number)}", citations=(citation,), data=data)


def _sources() -> list[Draft]:
    """The bulletins of all agencies, a month each; every fourth agency passes on the first's."""
    return [
        Draft(
            stream=f"source/{_bulletin(agency, year, month)}",
            data=SourceRegistered(
                title=f"Invented bulletin of {year}-{month:02d}",
                publisher=f"Invented Agency {agency}",
                published=str(date(year, month, monthrange(year, month)[1])),
                grade=_GRADES[agency % 4],
                relays=(_bulletin(0, year, month),) if agency % 4 == 3 else (),
            ),
        )
        for agency in range(_AGENCIES)
        for year in range(events.YEARS[0], _LAST_YEAR)
        for month in range(1, 13)
    ]


def _bulletin(agency: int, year: int, month: int) -> str:
    return f"invented-bulletin-{agency}-{year}-{month:02d}"


def _tally() -> Draft:
    where = {"dyad": ("1",), "status": ("confirmed",)}
    data = TallyDefined(title="Invented Front 1", measure="killed", where=where)
    return Draft(stream=f"tally/{TALLY}", data=data)
