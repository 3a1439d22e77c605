"""What the rows of a report come to as a chart: bars, the course of a tally, comparisons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import counts, dates
from ledger.projections import state
from ledger.reports import published, tallies
from ledger.reports.chart.scale import ordinal
from ledger.reports.request import Request
from ledger.reports.table import Cell, Table

MOST_BARS = 60
"""Of one measure; where there are more, the longest are drawn, in the report's order."""
COMPARED = ("equal", "differs")
DRAWN = (*COMPARED, "partly covered", "not covered")
"""The statuses of totals that can stand on one axis with what is computed."""


class Range(NamedTuple):
    """Low, best and high; None is unknown, of `high` that it is open."""

    low: int | None
    best: int | None
    high: int | None

    @property
    def known(self) -> list[int]:
        """The numbers of it that are known."""
        return [one for one in self if one is not None]

    @property
    def exact(self) -> bool:
        """Whether all three are one number."""
        return self.low == self.best == self.high and self.best is not None


class Bar(NamedTuple):
    """A row of totals: what tells it from others, and its sum."""

    label: str
    range: Range


class Panel(NamedTuple):
    """The bars of one measure, which add to no other; `left_out` is how many are not drawn."""

    measure: str
    bars: tuple[Bar, ...]
    left_out: int


class Moment(NamedTuple):
    """What a tally comes to from a day on; `unknown` if a figure of that day is not known."""

    day: int
    range: Range
    unknown: bool


class Point(NamedTuple):
    """A total that somebody published for a day, and how it compares."""

    day: int
    range: Range
    status: str


class Opening(NamedTuple):
    """Where a tally begins; `day` is None where no opening total is admitted."""

    day: int | None
    range: Range


class Course(NamedTuple):
    """A tally through time.

    `moments` are its sums, `joined` if each holds until the next; `differences` are computed
    less published, by day; `remarks` say what is not drawn.
    """

    tally: str
    title: str
    measure: str
    opening: Opening | None
    moments: tuple[Moment, ...]
    points: tuple[Point, ...]
    joined: bool
    differences: tuple[tuple[int, int], ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def days(self) -> list[int]:
        """The days on which there is something to draw."""
        found = [*(one.day for one in self.moments), *(one.day for one in self.points)]
        opened = self.opening.day if self.opening else None
        return found if opened is None else [opened, *found]

    @property
    def values(self) -> list[int]:
        """The numbers that there are to draw."""
        ranges = [self.opening.range] if self.opening else []
        ranges += [one.range for one in self.moments]
        ranges += [one.range for one in self.points]
        return [number for one in ranges for number in one.known]

    @property
    def statuses(self) -> list[str]:
        """How the published totals compare, as far as some do so."""
        found = {one.status for one in self.points}
        return [status for status in DRAWN if status in found]


def panels(table: Table) -> list[Panel]:
    """The bars of `totals`, a panel a measure, both in the report's order."""
    names = [column.name for column in table.columns]
    measure, low = names.index("measure"), names.index("low")
    found: dict[str, list[Bar]] = {}
    for row in table.rows:
        label = ", ".join(str(cell) for cell in row[:measure]) or str(row[measure])
        found.setdefault(str(row[measure]), []).append(Bar(label, _range(row[low : low + 3])))
    return [
        Panel(name, tuple(_longest(bars)), max(0, len(bars) - MOST_BARS))
        for name, bars in found.items()
    ]


def course(connection: Connection, request: Request, table: Table) -> Course:
    """The course of `running`, with the totals that were published of the same tally."""
    key, question = request.tally, request.question()
    opening, moments = _ran(list(table.rows))
    narrowed = bool(request.where or request.since or request.until)
    others = () if narrowed else published.comparisons(connection, question)
    every = [one for one in others if one.total.tally == key and one.status != "opening"]
    rows = [(one.total.document.as_of, str(one.total.document.count), one.status) for one in every]
    remarks = ["published totals are of the whole tally: not drawn"] if narrowed else []
    named = tallies.tally(connection, key).document
    return Course(
        key,
        named.title,
        named.measure,
        opening,
        tuple(moments),
        tuple(_points(rows)),
        joined=True,
        remarks=(*remarks, *_not_drawn(status for _, _, status in rows)),
    )


def compared(connection: Connection, table: Table) -> list[Course]:
    """The comparisons of `published`, one a tally: what was published, what is computed."""
    named = {one.key: one.document for one in state.tallies(connection)}
    names = [column.name for column in table.columns]
    wanted = [names.index(name) for name in ("tally", "as_of", "published", "computed", "status")]
    rows = [[row[place] for place in wanted] for row in table.rows]
    found = []
    for key, some in groupby(rows, key=lambda row: str(row[0])):
        title, measure = (named[key].title, named[key].measure) if key in named else ("", "")
        found.append(_comparison(key, title, measure, list(some)))
    return found


def _comparison(key: str, title: str, measure: str, rows: Sequence[Sequence[Cell]]) -> Course:
    openings = [Opening(_last(row[1]), _typed(row[2])) for row in rows if row[4] == "opening"]
    told = [(str(row[1]), str(row[2]), str(row[4])) for row in rows if row[4] != "opening"]
    moments = {
        _last(row[1]): Moment(_last(row[1]), Range(row[3], row[3], row[3]), unknown=False)
        for row in rows
        if isinstance(row[3], int)
    }
    differences = [
        (_last(row[1]), row[3] - best)
        for row in rows
        if row[4] in COMPARED
        and isinstance(row[3], int)
        and (best := counts.parse(str(row[2])).effective) is not None
    ]
    return Course(
        key,
        title,
        measure,
        max(openings, key=lambda one: one.day or 0, default=None),
        tuple(moments[day] for day in sorted(moments)),
        tuple(_points(told)),
        joined=False,
        differences=tuple(sorted(differences)),
        remarks=tuple(_not_drawn(status for _, _, status in told)),
    )


def _ran(rows: Sequence[tuple[Cell, ...]]) -> tuple[Opening | None, list[Moment]]:
    """The opening and the sums of `running`, one a day: the last of it."""
    opening = None
    moments: dict[int, Moment] = {}
    for row in rows:
        so_far = _range(row[6:9])
        if not row[1]:
            opening = Opening(_counts_on(row[0]) if row[0] else None, so_far)
            continue
        day = _counts_on(row[0])
        unknown = row[4] is None or (day in moments and moments[day].unknown)
        moments[day] = Moment(day, so_far, unknown)
    return opening, list(moments.values())


def _points(rows: Iterable[tuple[str, str, str]]) -> Iterator[Point]:
    """The published totals that are drawn, by day."""
    points = [Point(_last(day), _typed(count), status) for day, count, status in rows]
    return iter(sorted((one for one in points if one.status in DRAWN), key=lambda one: one.day))


def _not_drawn(statuses: Iterable[str]) -> Iterator[str]:
    """How many published totals are not drawn, by why; nothing where all are."""
    numbers = Counter(one for one in statuses if one not in DRAWN)
    if numbers:
        told = ", ".join(f"{number} {status}" for status, number in sorted(numbers.items()))
        yield f"published totals not drawn: {told}"


def _longest(bars: list[Bar]) -> Iterator[Bar]:
    def length(place: int) -> int:
        return -max(bars[place].range.known, default=-1)

    kept = set(sorted(range(len(bars)), key=length)[:MOST_BARS])
    return (bar for place, bar in enumerate(bars) if place in kept)


def _counts_on(cell: Cell) -> int:
    """The day that an incident counts on."""
    return ordinal(dates.parse(str(cell)).counts_on)


def _last(cell: Cell) -> int:
    """The last day of a date: a sum as of a month is that of its end."""
    when = dates.parse(str(cell))
    return ordinal(when.last or when.counts_on)


def _typed(cell: Cell) -> Range:
    count = counts.parse(str(cell))
    return Range(count.low, count.effective, count.high)


def _range(cells: Sequence[Cell]) -> Range:
    low, best, high = (one if isinstance(one, int) else None for one in cells)
    return Range(low, best, high)
