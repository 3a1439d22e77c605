"""The report `running`: a tally, incident by incident, with the sum so far."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from ledger import dates
from ledger.counting import figures
from ledger.counting.figures import Figure
from ledger.reports import tallies
from ledger.reports.question import Question
from ledger.reports.table import COUNT, COUNTED, Cell, Table, high, number, text
from ledger.reports.tallies import Run
from ledger.reports.totals import not_stated_note

COLUMNS = (
    text("date", "date of the incident as written; of the opening, the day that it is for"),
    text("incident", "key of the incident, empty for the opening total"),
    text("title", "title of the incident"),
    *COUNT,
    number("running_low", "sum of the lows so far", COUNTED),
    number("running_best", "sum of the bests so far", COUNTED),
    high("running_high", "sum of the highs so far; empty once it is open"),
)


def running(connection: Connection, key: str, question: Question) -> Table:
    """A row for the opening total, then one for each incident with a counted line."""
    run = tallies.run(connection, key, question)
    return Table(COLUMNS, list(_rows(run)), notes(run))


def notes(run: Run) -> list[str]:
    """What must be said beside the figures of a tally."""
    found = []
    if run.opening and run.opening.total:
        found.append(f"opening total as of {run.opening.day}: {_itemised(run)}")
    elif run.opening:
        found.append("no opening total is admitted by the days asked for: the start is unknown")
    if run.not_stated.lines:
        found.append(not_stated_note(run.not_stated))
    if run.uncertain:
        found.append(f"{run.uncertain} of the incidents may have happened after the as-of day")
    return found


def _itemised(run: Run) -> str:
    assert run.opening is not None
    inside = figures.add(step.figure for step in run.itemised)
    known = "?" if run.opening.figure.best is None else run.opening.figure.best
    listed = ", ".join(step.incident.key for step in run.itemised)
    what = f"{inside.best or 0} of the {known} are itemised"
    return f"{what} ({listed})" if listed else what


def _rows(run: Run) -> Iterator[tuple[Cell, ...]]:
    so_far: list[Figure] = []
    if run.opening is not None:
        figure, day = run.opening.figure, run.opening.day
        so_far = [figure]
        yield (day, "", "opening total", *_cells(figure), *_cells(figure))
    for step in run.steps:
        so_far = [figures.add([*so_far, step.figure])]
        incident = step.incident
        day = dates.parse(incident.date).day_text
        yield (day, incident.key, incident.title, *_cells(step.figure), *_cells(so_far[0]))


def _cells(figure: Figure) -> tuple[Cell, ...]:
    return figure.low, figure.best, figure.high
