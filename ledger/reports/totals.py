"""The report `totals`: sums by measure and by what the question groups by."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.counting.questions import Piece
from ledger.reports import sums
from ledger.reports.question import UNSPECIFIED, Question
from ledger.reports.selection import Answer, Selection
from ledger.reports.sums import Sum
from ledger.reports.table import COUNT, Cell, Column, Table, text
from ledger.vocabulary import ATTRIBUTES

Group = tuple[str, ...]


def totals(connection: Connection, question: Question) -> Table:
    """What sources say, summed: a row for each group and measure that has a line.

    Rows are in code-point order of the group keys, `unspecified` last, then of the measure.
    """
    selection = Selection(connection, question)
    groups: dict[Group, Sum] = {}
    not_stated, counted = Sum(), set[int]()
    _add_summed(selection, groups)
    for answer in selection.answers(all_tolls=False):
        mine: set[Group] = set()
        counted.update([answer.incident] if answer.counted.pieces else [])
        for piece in answer.counted.pieces:
            group = group_of(selection, piece, answer)
            groups.setdefault(group, Sum()).add(piece.figure)
            mine.add(group)
        for group in mine:
            groups[group].incidents += 1
        for piece in answer.counted.not_stated:
            not_stated.add(piece.figure)
    rows: list[tuple[Cell, ...]] = [
        (*group, *groups[group].cells()) for group in sorted(groups, key=in_order)
    ]
    return Table(every_column(question), rows, _notes(selection, not_stated, counted))


def every_column(question: Question) -> tuple[Column, ...]:
    """The columns of the answer to a question."""
    return (*columns(question), *COUNT, *sums.COLUMNS)


def columns(question: Question) -> tuple[Column, ...]:
    """The columns of the groups, and the measure."""
    keys = (text(key, ATTRIBUTES.get(key, f"{key} of the incident")) for key in question.by)
    return (*keys, text("measure", "what is counted; measures never add to each other"))


def in_order(group: Group) -> tuple[tuple[bool, str], ...]:
    """A sort key: code-point order, `unspecified` last."""
    return tuple((value == UNSPECIFIED, value) for value in group)


def not_stated_note(left_out: Sum) -> str:
    """How many persons or things a filter left out since they do not state what it asks."""
    figure = left_out.figure
    number = "an unknown number" if figure.best is None else str(figure.best)
    more = " or more" if figure.best is not None and figure.at_least else ""
    lines = "1 line" if left_out.lines == 1 else f"{left_out.lines} lines"
    return f"left out as not stated: {number}{more} (in {lines})"


def _add_summed(selection: Selection, groups: dict[Group, Sum]) -> None:
    for some in selection.summed():
        keys = selection.question.by
        values = [selection.value(key, some.facet, some.period) for key in keys]
        total = groups.setdefault((*values, some.measure), Sum())
        total.incidents += some.row.incidents
        total.add_many(
            some.row.low,
            some.row.best,
            some.row.high,
            lines=some.row.lines,
            at_least=some.row.at_least,
            unknown=some.row.unknown,
            opened=bool(some.row.opened),
        )


def group_of(selection: Selection, piece: Piece, answer: Answer) -> Group:
    """The group in which a question counts a part of a toll: its values, then the measure."""
    values = (
        piece.value(key) or UNSPECIFIED
        if key in ATTRIBUTES
        else selection.value(key, answer.facet, answer.first_day, answer.incident)
        for key in selection.question.by
    )
    return (*values, answer.measure)


def _notes(selection: Selection, not_stated: Sum, counted: set[int]) -> list[str]:
    notes = []
    if not_stated.lines:
        notes.append(not_stated_note(not_stated))
    if uncertain := selection.uncertain(counted):
        notes.append(f"{uncertain} of the incidents may have happened after the as-of day")
    return notes
