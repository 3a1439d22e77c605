"""The report `published`: what others published of a tally, against what the ledger computes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, groupby
from typing import Literal, NamedTuple

import msgspec
from sqlalchemy import Connection

from ledger import dates
from ledger.counting import figures
from ledger.counting.claims import satisfies
from ledger.counting.figures import Figure
from ledger.counts import Count
from ledger.projections import state
from ledger.projections.state import Total
from ledger.reports import tallies
from ledger.reports.question import PLAIN, Question
from ledger.reports.table import COUNTED, Cell, Table, number, position, text
from ledger.reports.tallies import Step

Status = Literal[
    "opening", "equal", "differs", "partly covered", "not covered", "unit unclear", "superseded"
]
_MOST_KEYS = 20
"""That are listed of the incidents between two dates."""
_Place = tuple[str, str, str]
"""Who published a total, and its first and last day: one total stands for each."""

COLUMNS = (
    text("tally", "key of the tally"),
    text("as_of", "the date that the published figure is for"),
    text("published", "the published figure, as a steward types it"),
    number(
        "computed",
        "what the ledger computes as of that date; empty where it is not compared",
        COUNTED,
    ),
    number("difference", "computed less published", COUNTED),
    text(
        "status",
        "opening, equal, differs, partly covered, not covered, unit unclear, superseded (its "
        "claimant published another for the same date)",
    ),
    number("tolerance", "by how much they may differ, as the source says; else 0", COUNTED),
    text("last_agreed", "the last date before it on which both agreed"),
    text("between", "the first 20 incidents counted since then, or since the opening"),
    number(
        "itemised", "of the published figure, how much incidents in this ledger make up", COUNTED
    ),
    text("claimant", "who published it"),
    text("source", "key of the source"),
    text("definition", "what the publisher counted, as it says"),
    position("position", "position of the event in the log"),
)


class Comparison(NamedTuple):
    """A published total against the ledger's own figure as of the same date.

    `agreed` is the last total before it, of the same claimant, on which both agreed; `steps` are
    the first of the incidents counted since then (since the opening, if none); `itemised` is
    how much of the published figure incidents make up. All three only where it is compared.
    """

    total: Total
    status: Status
    computed: Figure | None
    agreed: Total | None = None
    steps: Sequence[Step] = ()
    itemised: int | None = None

    @property
    def difference(self) -> int | None:
        """Computed less published; None where either is unknown."""
        published = self.total.document.count.effective
        if self.computed is None or self.computed.best is None or published is None:
            return None
        return self.computed.best - published


def published(connection: Connection, question: Question, tally: str = "") -> Table:
    """Every published total that the clocks admit, compared where its tally covers it.

    With `tally`, those of that tally alone.
    """
    return Table(COLUMNS, [_row(one) for one in comparisons(connection, question, tally)], [])


def comparisons(
    connection: Connection, question: Question = PLAIN, tally: str = ""
) -> Iterator[Comparison]:
    """The published totals by tally and position, each compared where its tally covers it.

    Of the totals that one claimant published of a tally for the same days, the last stands:
    by the day of its source, as claims go, then by position. The others are superseded, and
    not compared.
    """
    admitted = [
        total
        for total in state.totals(connection, question.clock)
        if tally in ("", total.tally)
        and (question.as_of is None or tallies.last_day(total) <= question.as_of)
    ]
    for _, some in groupby(admitted, key=lambda total: total.tally):
        yield from _of_tally(connection, list(some), question)


class _Course(NamedTuple):
    """A tally from one opening to the next, by one run: its sums, day by day.

    `sums` has what the tally comes to before the first of the `days`, then after each;
    `inside` the same of incidents alone, without the opening.
    """

    run: tallies.Run
    days: list[str]
    sums: list[Figure]
    inside: list[Figure]

    def steps(self, since: str, until: str) -> Sequence[Step]:
        """The incidents counted after one day, up to another."""
        first, end = bisect_right(self.days, since), bisect_right(self.days, until)
        return self.run.steps[first : min(end, first + _MOST_KEYS + 1)]

    def itemised(self, day: str) -> int | None:
        """How many incidents make up as of a day."""
        return self.inside[bisect_right(self.days, day)].best

    def as_of(self, day: str) -> Figure:
        """What a run as of that day comes to."""
        return self.sums[bisect_right(self.days, day)]


def _of_tally(
    connection: Connection, totals: Sequence[Total], question: Question
) -> Iterator[Comparison]:
    """The totals of one tally, compared; between two openings one run serves every day."""
    standing = _standing(totals)
    openings = sorted(tallies.last_day(one) for one in totals if one.document.opening)
    ends: dict[int, str] = {}
    for total in standing.values():
        day = tallies.last_day(total)
        stretch = bisect_right(openings, day)
        ends[stretch] = max(day, ends.get(stretch, ""))
    courses = {
        stretch: _course(connection, totals[0].tally, question, day)
        for stretch, day in ends.items()
    }
    agreed: dict[str, Total] = {}
    compared: dict[int, Comparison] = {}
    for total in sorted(totals, key=_by_date):
        course = courses.get(bisect_right(openings, tallies.last_day(total)))
        claimant = total.document.cited.claimant
        one = _compare(total, standing, course, agreed.get(claimant))
        if one.status == "equal":
            agreed[claimant] = total
        compared[total.position] = one
    yield from (compared[total.position] for total in totals)


def _standing(totals: Iterable[Total]) -> dict[_Place, Total]:
    """The total that stands for each claimant and date, of those that can be compared."""
    found: dict[_Place, Total] = {}
    for total in sorted(totals, key=_order):
        if not total.document.opening and not total.document.unit_unclear:
            found[_place(total)] = total
    return found


def _place(total: Total) -> _Place:
    when = dates.parse(total.document.as_of)
    return total.document.cited.claimant, when.first or "", when.last or ""


def _order(total: Total) -> tuple[str, int, int]:
    cited = total.document.cited
    return cited.day, cited.instant, total.position


def _by_date(total: Total) -> tuple[str, int]:
    return tallies.last_day(total), total.position


def _course(connection: Connection, tally: str, question: Question, until: str) -> _Course:
    """The course of a tally up to a day, under the opening in force on it."""
    run = tallies.run(connection, tally, msgspec.structs.replace(question, as_of=until))
    before = [run.opening.figure] if run.opening else []
    sums = list(accumulate([*before, *(step.figure for step in run.steps)], _plus))
    days = [step.incident.first_day for step in run.steps]
    opened = figures.add(step.figure for step in run.itemised)
    inside = [*accumulate([opened, *(step.figure for step in run.steps)], _plus)]
    return _Course(run, days, sums if before else [figures.add([]), *sums], inside)


def _plus(so_far: Figure, figure: Figure) -> Figure:
    return figures.add((so_far, figure))


def _compare(
    total: Total, standing: Mapping[_Place, Total], course: _Course | None, agreed: Total | None
) -> Comparison:
    if total.document.opening:
        return Comparison(total, "opening", None)
    if total.document.unit_unclear:
        return Comparison(total, "unit unclear", None)
    if standing[_place(total)] is not total:
        return Comparison(total, "superseded", None)
    assert course is not None, "a total that stands has a course"
    covered = _covered(course.run, total)
    if covered != "covered":
        return Comparison(total, covered, None)
    day = tallies.last_day(total)
    computed = course.as_of(day)
    equal = _agrees(total.document.count, computed, total.document.tolerance)
    between = course.steps(tallies.last_day(agreed) if agreed else "", day)
    return Comparison(
        total,
        "equal" if equal else "differs",
        computed,
        agreed,
        between,
        course.itemised(day),
    )


def _covered(run: tallies.Run, total: Total) -> Literal["covered", "partly covered", "not covered"]:
    """Whether the tally claims to be complete as of the total's date.

    It does from its opening total on, or over the dates that it says it `covers`.
    """
    when = dates.parse(total.document.as_of)
    covers = run.tally.document.covers
    if covers:
        span = dates.parse(covers)
        first, last = span.first or "", span.last or "9999-12-31"
    elif run.opening and run.opening.total:
        first, last = run.opening.day, "9999-12-31"
    else:
        return "not covered"
    if (when.last or "") < first:
        return "not covered"
    return (
        "covered"
        if first <= (when.first or "") and (when.last or "") <= last
        else ("partly covered")
    )


def _agrees(count: Count, computed: Figure, tolerance: int) -> bool:
    if count.vague:
        return satisfies(Count(computed.low, computed.best, computed.high), count)
    if computed.best is None or count.best is None:
        return computed.best == count.best
    return abs(computed.best - count.best) <= tolerance


def _listed(steps: Sequence[Step]) -> str:
    keys = [step.incident.key for step in steps[:_MOST_KEYS]]
    return "; ".join(keys if len(steps) <= _MOST_KEYS else [*keys, "…"])


def _row(one: Comparison) -> tuple[Cell, ...]:
    document = one.total.document
    return (
        one.total.tally,
        document.as_of,
        str(document.count),
        one.computed.best if one.computed else None,
        one.difference,
        one.status,
        document.tolerance,
        one.agreed.document.as_of if one.agreed else "",
        _listed(one.steps),
        one.itemised,
        document.cited.claimant,
        document.cited.source,
        document.definition,
        one.total.position,
    )
