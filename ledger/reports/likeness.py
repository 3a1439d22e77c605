"""Whether two incidents may be one: when, where, and who or what, compared without a ledger.

Names are compared by their words, whatever their order, case, accents and punctuation: the
ratios are those of rapidfuzz, from 0 (nothing in common) to 100 (the same).
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz

from ledger import dates
from ledger.events.payloads import IncidentRecorded
from ledger.projections.documents import IncidentDocument

LONGEST = 7
"""Days: a longer span (a month, a siege) says too little of when it was."""
APART = 1
"""Days between two that may be one: reports differ by a night, or by a time zone."""
NEAR_KM = 25.0
"""Kilometres: what UCDP GED's where_prec 2 calls near a known point."""
ALIKE_NAMES = 86
"""Of places and parties; three letters of four (85.7) are another abbreviation."""
ALIKE_TITLES = 80
EARTH_KM = 6371.0

_APOSTROPHES = str.maketrans("", "", "'`\u2018\u2019\u02bb\u02bc\u02be\u02bf")


class Sight(NamedTuple):
    """What is compared of an incident.

    `id` is its position in the log (-1: not recorded yet). Days are ordinals of the calendar
    (`date.toordinal`), inclusive; coordinates are decimal degrees, None where there are none;
    `schemes` are those of its foreign ids, and so the datasets that it is from.
    """

    id: int
    key: str
    first_day: int
    last_day: int
    country: str
    latitude: float | None
    longitude: float | None
    place: str
    admin1: str
    title: str
    parties: tuple[str, ...]
    schemes: frozenset[str]

    @property
    def where(self) -> str:
        """The place by its own name, else by that of its first-order division."""
        return self.place or self.admin1


class Likeness(NamedTuple):
    """How much two incidents are alike.

    `score` (60 to 100) is the mean of when (the same day 100, a day apart 50), where (0 km 100,
    25 km 50; or how alike the names are), and who or what (parties or title, which is more).
    `km` is None where one has no coordinates. `why` names what is alike besides day and
    distance: title, parties, place (its name).
    """

    score: int
    days_apart: int
    km: float | None
    why: tuple[str, ...]


def sight(key: str, said: IncidentDocument | IncidentRecorded, id: int = -1) -> Sight | None:
    """What is compared of an incident; None if its date is open or longer than 7 days."""
    when = dates.parse(said.date)
    if when.first is None or when.last is None:
        return None
    first, last = _ordinal(when.first), _ordinal(when.last)
    if last - first >= LONGEST:
        return None
    place = said.place
    placed = bool(place.latitude and place.longitude)
    return Sight(
        id,
        key,
        first,
        last,
        place.country,
        float(place.latitude) if placed else None,
        float(place.longitude) if placed else None,
        place.name,
        place.admin1,
        said.title,
        said.parties,
        frozenset(one.scheme for one in said.foreign_ids),
    )


def likeness(one: Sight, other: Sight) -> Likeness | None:
    """How much two incidents are alike; None unless they may be one.

    They may be one if all of this holds:

    - their days come within a day of each other, and neither spans more than 7;
    - they lie within 25 km; or, where one has no coordinates, in one country (or one that is not
      stated) at places of like names (86): of first-order divisions where a place has none;
    - each party of the one that names fewer has its like (86) in the other; or their titles
      are alike (80). Where both name parties, and these are not alike, only the same title
      will do: two clashes in one town on one day have much the same headline.

    Two names are alike also if one has all words of the other (Camp, Camp 4), and otherwise
    never if they hold different numbers (Camp 4, Camp 8). It is the same both ways.
    """
    apart = max(0, one.first_day - other.last_day, other.first_day - one.last_day)
    if apart > APART:
        return None
    km = distance(one, other)
    if (km is None and not _may_share_country(one, other)) or (km is not None and km > NEAR_KM):
        return None
    names = alike(one.where, other.where)
    if km is None and names < ALIKE_NAMES:
        return None
    parties = _parties(one.parties, other.parties)
    title = _titles(one, other, told_apart=bool(one.parties and other.parties and not parties))
    if not (parties or title):
        return None
    where = names if km is None else 100 - 50 * km / NEAR_KM
    score = round((100 - 50 * apart + where + max(parties, title)) / 3)
    found = (("title", title > 0), ("parties", parties > 0), ("place", names >= ALIKE_NAMES))
    return Likeness(score, apart, km, tuple(name for name, holds in found if holds))


def distance(one: Sight, other: Sight) -> float | None:
    """Kilometres between two places on a great circle; None where one has no coordinates."""
    if one.latitude is None or other.latitude is None:
        return None
    assert one.longitude is not None
    assert other.longitude is not None
    north, south = math.radians(one.latitude), math.radians(other.latitude)
    across = math.radians(one.longitude - other.longitude)
    half = (
        math.sin((north - south) / 2) ** 2
        + math.cos(north) * math.cos(south) * math.sin(across / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def alike(one: str, other: str) -> float:
    """How alike two names are by the words that only one of them has: 0 to 100.

    What both have is left out: "Supporters of A" and "Supporters of B" have only that in common.
    0 where one name is empty.
    """
    ours, theirs = set(_words(one).split()), set(_words(other).split())
    if not ours or not theirs:
        return 0
    if ours <= theirs or theirs <= ours:
        return 100
    if _numbers(ours) != _numbers(theirs):
        return 0
    return fuzz.ratio(" ".join(sorted(ours - theirs)), " ".join(sorted(theirs - ours)))


def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _may_share_country(one: Sight, other: Sight) -> bool:
    return one.country == other.country or not one.country or not other.country


def _parties(one: Sequence[str], other: Sequence[str]) -> float:
    """How alike two lists of parties are: 0 unless each of the shorter has its own like."""
    names = sorted(one), sorted(other)  # in one order, so that it is the same both ways
    fewer, more = sorted(names, key=lambda several: (len(several), several))
    left, found = list(more), list[float]()
    for name in fewer:
        best = max(left, key=lambda candidate: alike(name, candidate))
        found.append(alike(name, best))
        if found[-1] < ALIKE_NAMES:
            return 0
        left.remove(best)
    return sum(found) / len(found) if found else 0


def _titles(one: Sight, other: Sight, *, told_apart: bool) -> float:
    """How alike two titles are: 0 unless enough; told apart by parties, they must be the same."""
    ours, theirs = _words(one.title), _words(other.title)
    if told_apart:
        return 100 if ours and ours == theirs else 0
    found = fuzz.token_set_ratio(ours, theirs)
    return found if found >= ALIKE_TITLES else 0


def _numbers(words: set[str]) -> set[str]:
    return {word for word in words if any(map(str.isdecimal, word))}


@lru_cache(maxsize=16384)
def _words(text: str) -> str:
    """The words of a text in order of the alphabet, without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_APOSTROPHES))
    kept = (char for char in plain if not unicodedata.combining(char))
    return " ".join(sorted("".join(map(_letter, kept)).split()))


def _letter(char: str) -> str:
    """A letter, digit or vowel sign as it is; anything else parts words."""
    return char if unicodedata.category(char)[0] in "LMN" else " "
