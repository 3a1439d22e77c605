"""The report `coverage`: how well founded are the figures that a question counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from ledger.counting.figures import Figure
from ledger.projections.state import Toll
from ledger.reports.cases import cases, counted, counter, of_one_report
from ledger.reports.footing import Footing, Footings
from ledger.reports.question import UNSPECIFIED, Question
from ledger.reports.selection import Answer, Selection, settle
from ledger.reports.sums import Sum
from ledger.reports.table import COUNT, Cell, Column, Table, number, text
from ledger.reports.totals import Group, columns, group_of, in_order
from ledger.store.log import Log

ASPECTS = ("sources", "item-grade", "source-grade", "allocated", "clarity")
NONE = "none"
_ONE, _YES, _NO = "one", "yes", "no"
_COLUMNS = (
    text(
        "aspect",
        "sources (how many say it: two that pass on one report are one), item-grade, "
        "source-grade (of the claim that gives the figure), allocated (the report gave only a "
        "larger total), clarity (of the incident)",
    ),
    text(
        "value",
        "one, several; 1 to 6; A to F; yes, no; single, aggregate; none, or unspecified, where "
        "no claim gives the figure; one that several lines make up has the weakest of theirs",
    ),
    number("figures", "figures counted: lines, or what is left of one", "figures"),
    *COUNT,
    number("unknown", "figures that nobody gave: not in the sum, and not zero", "figures"),
)
_Founded = tuple[str, ...]
"""What a figure is by each aspect."""


def coverage(connection: Connection, log: Log, question: Question) -> Table:
    """What the question counts, by how it is founded: each aspect adds up to the whole.

    Rows are in order of the groups and measures, as in `totals`, then of the aspects and their
    values.
    """
    sums: dict[tuple[Group, _Founded], Sum] = {}
    for group, founded, figure in _figures(connection, log, question):
        sums.setdefault((group, founded), Sum()).add(figure)
    return Table(every_column(question), _rows(sums), [])


def every_column(question: Question) -> tuple[Column, ...]:
    """The columns of the answer to a question."""
    return (*columns(question), *_COLUMNS)


def _figures(
    connection: Connection, log: Log, question: Question
) -> Iterator[tuple[Group, _Founded, Figure]]:
    """Every figure that the question counts, with its group and how it is founded."""
    selection = Selection(connection, question)
    footings, count = Footings(connection, log), counter(question)
    for case in cases(selection):
        incident, clarity = case.incident, case.incident.document.clarity
        for toll in case.tolls:
            alike = _alike(toll) if of_one_report(toll, question) else None
            settled = None if alike else settle(toll, question)
            found = counted(settled, question) if settled else count(toll)
            answer = Answer(incident.id, toll.measure, case.facet, incident.first_day, found)
            for piece in found.pieces:
                founded = alike or (
                    _founded(footings.of(toll, settled, piece.line)) if settled else ()
                )
                yield group_of(selection, piece, answer), (*founded, clarity), piece.figure


def _alike(toll: Toll) -> _Founded | None:
    """What every figure of one report is by each aspect but the last, if all of them are alike."""
    cited, allocated = toll.document.cited[0], {one.allocated for one in toll.document.claims}
    if len(allocated) > 1:
        return None
    return _ONE, str(cited.item_grade), cited.source_grade, _YES if True in allocated else _NO


def _founded(footing: Footing | None) -> _Founded:
    """What a figure is by each aspect but the last."""
    if footing is None:
        return NONE, UNSPECIFIED, UNSPECIFIED, UNSPECIFIED
    return (
        _ONE if footing.single else "several",
        str(footing.item_grade),
        footing.source_grade,
        _YES if footing.allocated else _NO,
    )


def _rows(sums: Mapping[tuple[Group, _Founded], Sum]) -> Iterator[tuple[Cell, ...]]:
    rows: dict[tuple[Group, int, str], Sum] = {}
    for (group, founded), part in sums.items():
        for place, value in enumerate(founded):
            rows.setdefault((group, place, value), Sum()).include(part)
    for group, place, value in sorted(rows, key=_in_order):
        found = rows[group, place, value]
        low, best, high = found.figure.low, found.figure.best, found.figure.high
        yield (*group, ASPECTS[place], value, found.lines, low, best, high, found.unknown)


def _in_order(row: tuple[Group, int, str]) -> tuple[tuple[tuple[bool, str], ...], int, bool, str]:
    group, place, value = row
    return in_order(group), place, value in (NONE, UNSPECIFIED), value
