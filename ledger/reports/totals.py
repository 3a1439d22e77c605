"""The report `totals`: sums by measure and by what the question groups by."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.counting.questions import Piece
from ledger.reports import sums
from ledger.reports.parcels import Parcel, Parcels
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
    parcels = Parcels(Selection(connection, question))
    groups: dict[Group, Sum] = {}
    not_stated, uncertain = Sum(), set[int]()
    for parcel in parcels.alike():
        if parcel.later is not None and parcel.counted.pieces:
            uncertain.add(parcel.later)
        _add(parcels, parcel, groups, not_stated)
    for common, some in parcels.summed():
        if question.attributes_asked:
            not_stated.include(some)
        else:
            group = parcels.group(common)
            groups.setdefault(group, Sum()).include(some)
    rows: list[tuple[Cell, ...]] = [
        (*group, *groups[group].cells()) for group in sorted(groups, key=in_order)
    ]
    notes = _notes(not_stated, parcels.uncertain(uncertain))
    return Table(every_column(question), rows, notes)


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


def _add(parcels: Parcels, parcel: Parcel, groups: dict[Group, Sum], not_stated: Sum) -> None:
    common, times = parcel.common, parcel.times
    mine: set[Group] = set()
    for piece in parcel.counted.pieces:
        group = parcels.group(common, piece)
        groups.setdefault(group, Sum()).add_times(piece.figure, times)
        mine.add(group)
    for group in mine:
        groups[group].incidents += times
    for piece in parcel.counted.not_stated:
        not_stated.add_times(piece.figure, times)


def group_of(selection: Selection, piece: Piece, answer: Answer) -> Group:
    """The group in which a question counts a part of a toll: its values, then the measure."""
    values = (
        piece.value(key) or UNSPECIFIED
        if key in ATTRIBUTES
        else selection.value(key, answer.facet, answer.first_day, answer.incident)
        for key in selection.question.by
    )
    return (*values, answer.measure)


def _notes(not_stated: Sum, uncertain: int) -> list[str]:
    notes = [not_stated_note(not_stated)] if not_stated.lines else []
    if uncertain:
        notes.append(f"{uncertain} of the incidents may have happened after the as-of day")
    return notes
