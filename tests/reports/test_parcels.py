"""Tolls that are counted together come to what each of them comes to by itself."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from ledger.projections import state
from ledger.reports.question import PLAIN, Question, ask
from ledger.reports.selection import Selection
from ledger.reports.sums import Sum
from ledger.reports.table import Cell
from ledger.reports.totals import Group, group_of, in_order, not_stated_note, totals
from tests.conftest import New
from tests.histories import Step, histories, play

Row = tuple[Cell, ...]

DAYS = ("", "", "2023-12-31", "2024-01-01", "2024-01-02", "2024-01-05", "2024-01-07")
KEYS = ("nationality", "role", "month", "year", "quarter", "actor", "wave", "status", "incident")
FILTERS = (
    *("nationality=US", "role=military", "nationality=unspecified", "status=confirmed"),
    *("month=2024-01", "year=2023", "quarter=2024-Q1", "day=2024-01-01", "actor=unspecified"),
)
days = st.sampled_from(DAYS)
questions = st.builds(
    ask,
    where=st.lists(st.sampled_from(FILTERS), max_size=2),
    by=st.lists(st.sampled_from(KEYS), max_size=3).map(",".join),
    as_of=days,
    known_by=days,
    since=st.sampled_from(("", "", "2023-12-15")),
    policy=st.sampled_from(("latest", "latest", "graded", "envelope")),
)


@given(histories(least=4, most=14), st.lists(questions, min_size=12, max_size=12))
@settings(max_examples=25, deadline=None)
def test_totals_are_the_sum_of_all_tolls(new: New, steps: list[Step], some: list[Question]) -> None:
    made = new()
    play(made, steps)
    with made.asking() as present:
        for question in (PLAIN, *some):
            found = totals(present.connection, question)
            rows, notes = one_by_one(present.connection, question)
            assert list(found.rows) == rows
            assert found.notes == notes


def one_by_one(connection: Connection, question: Question) -> tuple[list[Row], list[str]]:
    """The rows of the totals and their notes, each toll added by itself."""
    selection = Selection(connection, question)
    groups: dict[Group, Sum] = {}
    left_out, counted = Sum(), set[int]()
    for answer in selection.answers():
        mine = {group_of(selection, piece, answer) for piece in answer.counted.pieces}
        for piece in answer.counted.pieces:
            groups.setdefault(group_of(selection, piece, answer), Sum()).add(piece.figure)
            counted.add(answer.incident)
        for group in mine:
            groups[group].incidents += 1
        for piece in answer.counted.not_stated:
            left_out.add(piece.figure)
    rows: list[Row] = [(*one, *groups[one].cells()) for one in sorted(groups, key=in_order)]
    notes = [not_stated_note(left_out)] if left_out.lines else []
    last = [one.last_day for one in state.incidents_by_id(connection, counted).values()]
    if later := len([day for day in last if question.as_of and day > question.as_of]):
        notes.append(f"{later} of the incidents may have happened after the as-of day")
    return rows, notes
