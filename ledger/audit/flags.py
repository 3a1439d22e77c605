"""Flags: data that is kept as it was reported, and is odd. Each oddity has a code.

Every function reads one table once, in its order, so that memory stays flat; what it finds
follows from the log alone, never from today's date.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby

import msgspec
from sqlalchemy import Connection, text

from ledger import dates
from ledger.audit import extents
from ledger.counting import figures, lines
from ledger.counting.claims import Claim
from ledger.counting.figures import Figure, Structure
from ledger.counts import Count
from ledger.events.payloads import (
    IncidentRecorded,
    IncidentRevised,
    SourceRegistered,
    SourceRevised,
)
from ledger.places import Place
from ledger.problems import Problem
from ledger.projections import state
from ledger.projections.documents import IncidentDocument, PersonDocument
from ledger.reports.question import PLAIN
from ledger.reports.selection import NOT_COUNTED, settle
from ledger.store.log import AnyEvent, Log
from ledger.vocabulary import WITHHELD

OLDEST = 120
"""Years of age beyond which an age is taken for a slip."""
ADULT = 18
"""Years of age from which a person is an adult (the vocabulary's `age-group`)."""


def flags(connection: Connection, log: Log) -> Iterator[Problem]:
    """What is odd in the data that stands, table by table, in the order of each table."""
    recorded = _Recorded(log)
    yield from _incidents(connection, recorded)
    yield from _tolls(connection, recorded)
    yield from _people(connection)
    yield from _crowded(connection)
    yield from _actors(connection)
    yield from _counted_twice(connection)
    yield from _sources(connection, recorded)
    yield from _totals(connection, recorded)


@lru_cache(maxsize=lines.CACHED)
def is_placeholder(name: str) -> bool:
    """Whether a text stands where a name is still to come: `TK TK`, `TBD`, `???`, `-`.

    Only whole texts are meant: what holds such a word beside others is a name. An empty text
    says nothing, and is no placeholder.
    """
    bare = name.casefold().strip(_AROUND)
    if bare in _PLACEHOLDERS or bare.startswith("lorem ipsum"):
        return True
    words = _BETWEEN.split(bare)
    return name != "" and all(word in _PLACEHOLDERS or _MARKS.fullmatch(word) for word in words)


_PLACEHOLDERS = frozenset(
    (
        *("tk", "tktk", "tba", "tbc", "tbd", "to be announced", "to be confirmed"),
        *("to be determined", "n/a", "n.a", "n.a.", "not applicable", "not available", "not known"),
        *("unknown", "name unknown", "unidentified", "unnamed", "no name", "untitled"),
        *("test", "placeholder", "asdf", "qwerty"),
    )
)
_AROUND = " \t\n()[]{}<>\"'*#,:;!"
_BETWEEN = re.compile(r"[\s/_-]+")
_MARKS = re.compile(r"x{2,}|[\W_]*")


class _Recorded:
    """The day on which each event was recorded: the latest that it then was anywhere.

    A day of an incident is local to it (design, section 6), and the east of the Pacific is 14
    hours ahead of UTC. Moments of a log never decrease, so that few events have to be read.
    """

    def __init__(self, log: Log) -> None:
        self.log = log
        self._starts: list[int] = []
        self._days: list[str] = []
        start = 0
        while start < log.stop:
            day = self._read(start)
            self._starts.append(start)
            self._days.append(day)
            start = bisect_right(range(log.stop), day, lo=start, key=self._read)

    def day(self, position: int) -> str:
        """The ISO day of the event at a position."""
        return self._days[bisect_right(self._starts, position) - 1]

    def before(self, date: str, position: int, stream: str = "") -> bool:
        """Whether the event at a position was recorded before the first day of a date.

        Where a `stream` is given, its last event that says this date decides: a revision may
        have brought it.
        """
        first = dates.parse(date).first
        if first is None or first <= self.day(position):
            return False
        said = [one for one in self.log.stream(stream) if _date_of(one) == date] if stream else []
        return first > self.day(said[-1].position if said else position)

    def _read(self, position: int) -> str:
        return _latest_day(self.log.at(position).recorded_at)


def _latest_day(moment: str) -> str:
    return (datetime.fromisoformat(moment) + timedelta(hours=14)).date().isoformat()


def _date_of(event: AnyEvent) -> object:
    """The date that an event gives its incident or source, if it gives one."""
    match event.data:
        case IncidentRecorded(date=date) | IncidentRevised(date=date):
            return date
        case SourceRegistered(published=published):
            return published
        case SourceRevised(changes=changes):
            return changes.get("published")
    return None


_incident_documents = msgspec.json.Decoder(IncidentDocument)
_person_documents = msgspec.json.Decoder(PersonDocument)


def _incidents(connection: Connection, recorded: _Recorded) -> Iterator[Problem]:
    statement = "SELECT id, key, document FROM incidents WHERE merged_into = '' AND until = ''"
    rows = connection.execute(text(f"{statement} ORDER BY id"))
    for position, key, body in rows:
        document = _incident_documents.decode(body)
        where, hint = f"incident {key}", f"see `ledger show {key}`"
        yield from _names(where, _texts(document), hint)
        if recorded.before(document.date, position, f"incident/{key}"):
            yield _in_future(where, f"its date {document.date}", hint)
        if not _lies_within(document.place):
            yield _outside(where, document.place)


def _texts(document: IncidentDocument) -> list[tuple[str, str]]:
    place = document.place
    return [
        ("title", document.title),
        ("place", place.name),
        ("admin1", place.admin1),
        ("admin2", place.admin2),
        *(("party", party) for party in document.parties),
    ]


def _names(where: str, texts: Iterable[tuple[str, str]], hint: str) -> Iterator[Problem]:
    for field, name in texts:
        if name and is_placeholder(name):
            message = f"its {field} {name!r} is no name, it stands for one that is missing"
            yield Problem(where, "placeholder-name", message, hint)


def _in_future(where: str, what: str, hint: str) -> Problem:
    return Problem(where, "date-in-future", f"{what} was still to come when it was recorded", hint)


def _lies_within(place: Place) -> bool:
    """Whether a place may be in its country, as far as it tells; 7 is international waters."""
    told = place.latitude and place.longitude and place.country in extents.EXTENTS
    if not told or place.precision == 7:
        return True
    return extents.contains(place.country, float(place.latitude), float(place.longitude))


def _outside(where: str, place: Place) -> Problem:
    latitude, longitude = place.latitude, place.longitude
    exchanged = extents.contains(place.country, float(longitude), float(latitude))
    return Problem(
        where,
        "place-outside-country",
        f"latitude {latitude}, longitude {longitude} is not in {place.country}",
        "latitude and longitude seem to be exchanged"
        if exchanged
        else "compare the coordinates, their signs and the country with the source",
    )


def _tolls(connection: Connection, recorded: _Recorded) -> Iterator[Problem]:
    for toll in state.tolls(connection, "1 = 1 ORDER BY incident, measure"):
        key = toll.document.incident
        for claim in toll.document.claims:
            if not claim.until:
                yield from _claim(claim, key, recorded)
        for line, attribute in _exceeded(toll):
            yield Problem(
                f"incident {key}",
                "parts-exceed-whole",
                f"{line} is less than its parts by {attribute}",
                f"see `ledger show {key}`",
            )


def _claim(claim: Claim, key: str, recorded: _Recorded) -> Iterator[Problem]:
    code, unnamed = _range_fault(claim.count), _unnamed(claim.line)
    late = claim.as_of and recorded.before(claim.as_of, claim.position)
    if not (code or unnamed or late):
        return
    where, hint = f"position {claim.position}", f"see `ledger show {claim.position}`"
    if code:
        yield Problem(where, code, f"{claim.line} of {key} is {claim.count}", hint)
    if late:
        yield _in_future(where, f"{claim.line} as of {claim.as_of}", hint)
    yield from _names(where, unnamed, hint)


def _range_fault(count: Count) -> str:
    """The code of what is wrong with the order of low, best and high, or ""."""
    low, best, high = count.low, count.best, count.high
    if low is not None and high is not None and low > high:
        return "inverted-range"
    if best is None or ((low is None or low <= best) and (high is None or best <= high)):
        return ""
    return "best-outside-range"


@lru_cache(maxsize=lines.CACHED)
def _unnamed(line: str) -> tuple[tuple[str, str], ...]:
    """The placeholders that a line has for a party or place, by attribute."""
    found = lines.parse(line).attributes
    return tuple(one for one in found if one[0] in ("party", "place") and is_placeholder(one[1]))


def _exceeded(toll: state.Toll) -> list[tuple[str, str]]:
    """Lines whose own claim is less than one of their families, with the family's attribute."""
    claims = toll.document.claims
    if len(claims) < 2:
        return []
    own: Mapping[str, Figure]
    order: Structure
    if toll.settled:
        kept = toll.document.figures
        if all(
            kept[one.line].best == one.count.effective and not _range_fault(one.count)
            for one in claims
        ):
            return []  # no part lifted its whole, so none exceeds it
        own = {one.line: figures.of(one.count) for one in claims}
        order = figures.structure(tuple(sorted(kept)))
    else:
        settled = settle(toll, PLAIN)
        own, order = dict(settled.own), settled.structure
    return figures.exceeded(own, order)


def _people(connection: Connection) -> Iterator[Problem]:
    for one in state.people(connection):
        where, hint = f"position {one.position}", f"see `ledger show {one.position}`"
        names = (one.document.name, *one.document.variants)
        yield from _names(where, (("name", name) for name in names), hint)
        if fault := _age_fault(one.document):
            yield Problem(where, "impossible-age", fault, hint)


def _age_fault(person: PersonDocument) -> str:
    """What is wrong with a person's age in years, or ""."""
    age = person.age
    if age is None:
        return ""
    if age > OLDEST:
        return f"an age of {age} years is more than {OLDEST}"
    group = dict(lines.parse(person.line).attributes).get("age-group")
    if (group == "child" and age >= ADULT) or (group == "adult" and age < ADULT):
        return f"an age of {age} years contradicts {person.line}"
    return ""


def _crowded(connection: Connection) -> Iterator[Problem]:
    """Lines on which more persons are identified than counted."""
    rows = connection.execute(
        text("SELECT incident, document FROM people WHERE until = '' ORDER BY incident, position")
    )
    for incident, some in groupby(rows, key=lambda row: int(row.incident)):
        named = _named([_person_documents.decode(row.document) for row in some])
        for toll in state.tolls_of(connection, incident):
            for line, figure in toll.document.figures.items():
                most, number = _most(figure), _fewest(named, line)
                if most is not None and number > most:
                    yield Problem(
                        f"incident {toll.document.incident}",
                        "more-people-than-counted",
                        f"{number} persons are identified on {line}, which counts {most}",
                        f"see `ledger show {toll.document.incident}`",
                    )


def _most(figure: Figure) -> int | None:
    """The most persons that a figure allows for; None where it is open."""
    if figure.high is None and figure.at_least:
        return None
    return max((n for n in (figure.best, figure.high) if n is not None), default=None)


Named = Mapping[str, Counter[tuple[str, str]]]
"""On each line, how often a source gives a name: by name and source."""


def _named(people: Sequence[PersonDocument]) -> Named:
    """The names on each line, each person's variants as one name."""
    main = {other.casefold(): one.name.casefold() for one in people for other in one.variants}
    found: dict[str, Counter[tuple[str, str]]] = {}
    for one in people:
        name = one.name.casefold()
        found.setdefault(one.line, Counter())[main.get(name, name), one.cited.source] += 1
    return found


def _fewest(named: Named, line: str) -> int:
    """The fewest persons, on a line and within it, that the names allow.

    A name that two sources give is one person, and who is withheld by one source may be
    named by another; who is told twice by one source is two.
    """
    whole = lines.parse(line)
    times: Counter[tuple[str, str]] = Counter()
    for text_, some in named.items():
        own = lines.parse(text_)
        if own.measure == whole.measure and own.within(whole):
            times.update(some)
    persons: dict[str, int] = {}
    told: Counter[str] = Counter()
    for (name, source), number in times.items():
        told[source] += number
        if name != WITHHELD:
            persons[name] = max(number, persons.get(name, 0))
    return max(sum(persons.values()), *told.values(), 0)


def _actors(connection: Connection) -> Iterator[Problem]:
    for one in state.attributions(connection):
        hint = f"see `ledger show {one.position}`"
        yield from _names(f"position {one.position}", [("actor", one.document.actor)], hint)


def _counted_twice(connection: Connection) -> Iterator[Problem]:
    """A whole and a part of it that are both counted by one measure."""
    facets = state.facets(connection)

    def measures(key: str) -> set[str]:
        one = state.incident(connection, key)
        if one is None or facets[one.facet].status == NOT_COUNTED:
            return set()
        return {
            toll.measure for toll in state.tolls_of(connection, one.id) if toll.document.figures
        }

    for link in state.links(connection):
        if link.relation == "part-of":
            for measure in sorted(measures(link.origin) & measures(link.target)):
                yield Problem(
                    f"position {link.position}",
                    "counted-twice",
                    f"{link.origin} is part of {link.target}, and both count {measure}",
                    f"see `ledger show {link.origin}` and `ledger show {link.target}`",
                )


def _sources(connection: Connection, recorded: _Recorded) -> Iterator[Problem]:
    for one in state.sources(connection):
        where, published = f"source {one.key}", one.document.published
        hint = f"see `ledger show {one.position}`"
        yield from _names(where, [("title", one.document.title)], hint)
        if published and recorded.before(published, one.position, f"source/{one.key}"):
            yield _in_future(where, f"its day of publication {published}", hint)


def _totals(connection: Connection, recorded: _Recorded) -> Iterator[Problem]:
    for one in state.totals(connection):
        if recorded.before(one.document.as_of, one.position):
            hint = f"see `ledger show {one.position}`"
            what = f"the total as of {one.document.as_of}"
            yield _in_future(f"position {one.position}", what, hint)
