"""Dates: a day, month, year or interval as a source wrote it, with its earliest and latest day.

A small, strict subset of EDTF (ISO 8601-2, level 1), in the proleptic Gregorian calendar:

    date      = part | timed | part "/" part | part "/.." | "../" part
    part      = year [ "-" month [ "-" day ]] [ mark ]
    timed     = year "-" month "-" day "T" hour ":" minute [ ":" second ] [ zone ] [ mark ]
    zone      = "Z" | ( "+" | "-" ) hour ":" minute
    mark      = "~" (approximate) | "?" (uncertain)

Years run 0001 to 9999, times 00:00:00 to 23:59:59, zones to 14 hours and 59 minutes; digits
are ASCII, and nothing stands around a date. Both bounds are inclusive. An interval runs from
the first day of its first part to the last day of its second; `..` is an end left open.

A day is the one that the source wrote, local to it: zones order times within a day and never
move a day (design, section 6). An order of day and month is never guessed.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

END_OF_DAY = 1 << 20
"""The `instant` of a date without a time: after every time of its day, in every zone."""

ACCEPTED = (
    "the ledger reads 2020-03-11, 2020-03 and 2020, each also with ~ or ? at its end, "
    "2020-03-11T19:35+03:00, and the intervals A/B, A/.. and ../B"
)


class DateError(ValueError):
    """A text that is no date; the message says what is wrong with it and what to write."""


@dataclass(frozen=True, slots=True)
class When:
    """A date as it was written, and the days that it may mean. Made by `parse`.

    `first` and `last` are ISO days (2020-03-11), inclusive; None is an open start or end, and
    never both are None. `instant` orders times within the last day: seconds since its midnight
    less the offset of the zone, so that it may be below 0 or beyond 24 hours; a time without a
    zone is taken as written, a date without a time is at END_OF_DAY. `approximate` (~) and
    `uncertain` (?) hold for an interval as soon as one of its parts says so.
    """

    text: str
    first: str | None
    last: str | None
    instant: int
    approximate: bool
    uncertain: bool

    @property
    def counts_on(self) -> str:
        """The ISO day that it counts on: its first, of an open start its last (section 6)."""
        day = self.first or self.last
        assert day is not None, "a date is open at one end at most"
        return day

    @property
    def day_text(self) -> str:
        """The date as written, without its time and zone; a ~ or ? stays."""
        day, timed, time = self.text.partition("T")
        return day + time[-1] if timed and time[-1] in "~?" else day

    @property
    def bounded(self) -> bool:
        """Whether neither end is open."""
        return self.first is not None and self.last is not None

    @property
    def precision(self) -> Literal["day", "month", "year", "interval"]:
        """What was written: an interval is one even where it is a single day long."""
        if "/" in self.text:
            return "interval"
        match self.text.count("-", 0, len("2020-03-11")):
            case 0:
                return "year"
            case 1:
                return "month"
        return "day"


@lru_cache(maxsize=65536)
def parse(text: str) -> When:
    """Return the date that a text writes, its text kept verbatim.

    Raises DateError for anything outside the grammar above, for days that no calendar has, and
    for an interval whose last day is before its first.
    """
    instant = END_OF_DAY
    if "/" in text:
        first, last = _interval(text)
    elif _PART.fullmatch(text):
        first, last = _days(text)
    elif timed := _TIMED.fullmatch(text):
        first, last = _days(timed["date"])
        instant = _instant(text, timed)
    else:
        raise DateError(_why_not(text))
    return When(text, first, last, instant, approximate="~" in text, uncertain="?" in text)


def month(day: str) -> str:
    """Return the month of an ISO day: 2020-03 of 2020-03-11."""
    return day[:7]


def quarter(day: str) -> str:
    """Return the quarter of an ISO day: 2020-Q1 of 2020-03-11."""
    return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"


def year(day: str) -> str:
    """Return the year of an ISO day: 2020 of 2020-03-11."""
    return day[:4]


_OPEN = ".."
_PART = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}[~?]?")
_TIMED = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(:(?P<second>[0-9]{2}))?"
    r"(Z|(?P<sign>[+-])(?P<zone_hour>[0-9]{2}):(?P<zone_minute>[0-9]{2}))?[~?]?"
)
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _interval(text: str) -> tuple[str | None, str | None]:
    start, _, end = text.partition("/")
    ends = [side for side in (start, end) if side != _OPEN]
    if not ends or not all(map(_PART.fullmatch, ends)):
        raise DateError(_why_not(text))
    try:
        first = None if start == _OPEN else _days(start)[0]
        last = None if end == _OPEN else _days(end)[1]
    except DateError as error:
        raise DateError(f"{text!r}: {error}") from None
    if first is not None and last is not None and last < first:
        raise DateError(f"{text!r} ends before it starts: write the earlier date first")
    return first, last


def _days(part: str) -> tuple[str, str]:
    """Return the first and last ISO day of a part, whose shape is right already."""
    year_, month_, day = part[:4], part[5:7], part[8:10]
    if year_ == "0000":
        raise DateError(f"{part!r} has no year of the calendar: years run 0001 to 9999")
    if not month_:
        return f"{year_}-01-01", f"{year_}-12-31"
    if not "01" <= month_ <= "12":
        raise DateError(_why_no_month(part, month_, day))
    days = monthrange(int(year_), int(month_))[1]
    if not day:
        return f"{year_}-{month_}-01", f"{year_}-{month_}-{days}"
    if not 1 <= int(day) <= days:
        name = f"{_MONTHS[int(month_) - 1]} {year_}"
        raise DateError(f"{part!r} is no calendar day: {name} has {days} days")
    return part[:10], part[:10]


def _instant(text: str, timed: re.Match[str]) -> int:
    """Seconds since the day's midnight, less the offset of the zone."""
    hour, minute, second = (int(timed[unit] or 0) for unit in ("hour", "minute", "second"))
    if hour == 24:
        raise DateError(f"{text!r} has the hour 24: write 00:00 of the next day")
    if hour > 23 or minute > 59 or second > 59:
        raise DateError(f"{text!r} has no time of a day: times run 00:00:00 to 23:59:59")
    zone_hour, zone_minute = int(timed["zone_hour"] or 0), int(timed["zone_minute"] or 0)
    if zone_hour > 14 or zone_minute > 59:
        raise DateError(f"{text!r} has no zone: offsets have up to 14 hours and 59 minutes")
    offset = (zone_hour * 60 + zone_minute) * 60
    return (hour * 60 + minute) * 60 + second + (offset if timed["sign"] == "-" else -offset)


def _why_no_month(part: str, month_: str, day: str) -> str:
    if not day and "21" <= month_ <= "41":
        return f"{part!r} is an EDTF season or part of a year: write its months as A/B; {ACCEPTED}"
    return f"{part!r} has no month {month_}: months run 01 to 12, write YYYY-MM-DD"


_REASONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), reason)
    for pattern, reason in (
        (r"^\s*$", "is empty"),
        (r"^\s|\s$", "has white space around it: take that away"),
        (r"[^\x00-\x7f]", "goes beyond ASCII: write digits 0-9, hyphens - and slashes /"),
        (r"^[\[{]", "is an EDTF set: write an interval A/B, or one date"),
        (r"^-[0-9]", "is a negative year: years run 0001 to 9999"),
        (r"^Y-?[0-9]", "is a long year: years run 0001 to 9999"),
        (r"[0-9-][Xx]|^[Xx]{2}", "has X for digits: write the month, the year or an interval"),
        (r"%", "has %: write ~ for approximate or ? for uncertain"),
        (r"\.\.[~?]", "marks an open end: .. takes no ~ or ?"),
        (r"[~?][^/]", "has ~ or ? inside a date: write one of them, at the end of the date"),
        (r"^\.\.(/\.\.|/)?$|^/\.\.$", "is open at both ends: write a date at one of them"),
        (r"^/|/$|/(open|unknown)$|^(open|unknown)/", "has an end with no date: write .. there"),
        (
            r"^[0-9]{1,2}([-/. ])[0-9]{1,2}\1[0-9]{2,4}\b",
            "does not say which number is the month: write YYYY-MM-DD",
        ),
        (r"^[0-9]{1,2}[-/.][0-9]{4}\b", "has its month first: write YYYY-MM"),
        (r"^[0-9]{4}([/. ])[0-9]{1,2}\1[0-9]{1,2}\b", "has no hyphens: write YYYY-MM-DD"),
        (
            r"^[0-9]{4}(-?[QW][0-9]|-[0-9]{3}\b)",
            "counts quarters, weeks or days of a year: write YYYY-MM-DD or A/B",
        ),
        (r"[A-Za-z]{2}", "has words in it: write YYYY-MM-DD, or YYYY-MM for a month"),
        (r"/.*T[0-9]|T[0-9].*/", "has a time in an interval: write its days only"),
        (r"/.*/", "has more than one slash: write an interval as A/B"),
        (
            r"^[0-9]{4}[0-9-]*/[0-9]{1,2}$",
            "has an end that is no whole date: write YYYY-MM for a month, A/B for an interval",
        ),
        (
            r"[0-9]\.\.|\.\.[0-9]|[0-9]( - |--)[0-9]|^[0-9]{4}(-[0-9]{2}){0,2}-[0-9]{4}",
            "has no slash between its ends: write an interval as A/B",
        ),
        (r"^[0-9-]{10}[ t][0-9]", "has no T between its day and its time"),
        (r"^[0-9]{4}(-[0-9]{2})?T", "has a time and no day: write YYYY-MM-DDTHH:MM"),
        (
            r"^[0-9-]{10}T",
            "has its time in another shape: write HH:MM or HH:MM:SS, then nothing, Z or +HH:MM",
        ),
        (r"[0-9]-[0-9]([-/T]|$)", "needs two digits for a month and a day"),
        (r"^[0-9]+$", "is a bare number: write YYYY-MM-DD, YYYY-MM, or a year of four digits"),
        (r"", "is no date"),
    )
)
"""What is wrong with a text outside the grammar: the first pattern that is found says it."""

_LONGEST = 60


def _why_not(text: str) -> str:
    if len(text) > _LONGEST:
        return f"{text[:_LONGEST]!r} (and more) is longer than any date; {ACCEPTED}"
    reason = next(reason for pattern, reason in _REASONS if pattern.search(text))
    return f"{text!r} {reason}; {ACCEPTED}"
