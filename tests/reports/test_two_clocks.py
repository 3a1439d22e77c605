"""Every report at (as of, known by, at) is that of a ledger without what does not qualify."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import msgspec
from hypothesis import assume, event, example, given, settings
from hypothesis import strategies as st

from ledger.audit import because
from ledger.catalogue import CHANGES, REPORTS
from ledger.intake.mappings import words
from ledger.present import Present
from ledger.projections import state
from ledger.reports import running, todo
from ledger.reports.definition import Asked
from ledger.reports.exports import ged, geojson, hxl
from ledger.reports.exports.contents import CONTENTS, INCIDENTS, Contents
from ledger.reports.exports.countries import countries
from ledger.reports.question import Question, ask
from ledger.reports.table import Cell, Table
from tests.conftest import New
from tests.histories import Step, histories, play
from tests.reports.qualified import Clocks, fill

Row = tuple[Cell, ...]
Answer = Callable[[Present, Question], Table]

CLOCKS = st.builds(
    Clocks,
    as_of=st.sampled_from(("", "", "2023-12-31", "2024-01-01", "2024-01-02", "2024-01-03")),
    known_by=st.sampled_from(("", "2024-01-02", "2024-01-05", "2024-01-07", "2024-01-09")),
)
STEPS = histories(least=6, most=16) | histories(
    *("link", "counts", "revise", "retract", "attribution", "person"), least=6, most=16
)
"""Half of them of what clocks leave out: links come too seldom where all is drawn alike."""
LATELY_LINKED = [
    *(Step("record", number, number, 2 * number) for number in range(2)),
    *(Step("counts", 1, 0, 0), Step("link", 0, 1, 2)),
]
"""Two that are alike, both told on 2 January, and linked on the 9th."""
BY = {
    "totals": ("", "incident", "nationality", "actor,status", "wave,month"),
    "coverage": ("", "nationality"),
}
"""What reports that group are asked to group by."""
OPENING = "opening total"
COUNTRIES = countries(words())


@example(steps=LATELY_LINKED, clocks=Clocks(known_by="2024-01-05"), end=0, policy="latest")
@settings(max_examples=20)
@given(
    steps=STEPS,
    clocks=CLOCKS,
    end=st.integers(0, 6),
    policy=st.sampled_from(("latest", "graded", "envelope")),
)
def test_every_report_and_export(
    new: New, steps: list[Step], clocks: Clocks, end: int, policy: str
) -> None:
    made, less = new(), new()
    play(made, steps)
    plain = Question(policy=policy)  # type: ignore[arg-type]
    then = msgspec.structs.replace(
        plain, as_of=clocks.as_of or None, known_by=clocks.known_by or None
    )
    with made.asking() as now:
        at = str(max(0, now.log.stop - end))
    with made.asking(at) as present:
        stood = fill(less, present, clocks)
        with less.asking() as other:
            valid = "unplaced" not in [one.code for one in other.check()]
            told = {str(row[0]) for row in _report("open", present, then).rows}
            for one in told:
                event(f"open says {one}")
            event(f"lines of what qualifies have their place: {valid}")
            assume(valid)
            for name, answer in EVERY.items():
                for by in BY.get(name, ("",)):
                    keys = ask(by=by).by
                    here = answer(present, msgspec.structs.replace(then, by=keys))
                    there = answer(other, msgspec.structs.replace(plain, by=keys))
                    there = there._replace(rows=[_moved(there, row, stood) for row in there.rows])
                    assert list(here.rows) == _then(name, there, present, clocks), (name, by)


def test_a_tally_whose_opening_the_days_exclude_begins_unknown(
    new: New,
) -> None:
    """The one answer that knows of what does not qualify: design, section 5."""
    steps = [Step("tally", 0, 0, 0), Step("total", 2, 2, 0)]
    made = new()
    play(made, steps)
    with made.asking() as present:
        first, *_ = _running(present, ask(as_of="2024-01-02")).rows
        assert first == ("", "", OPENING, *[None] * 6)


def _report(name: str, present: Present, question: Question) -> Table:
    """A report; labels that no incident has any more may be asked for."""
    return REPORTS[name].answer(Asked(present.connection, present.log, question))


def _changes(present: Present, question: Question) -> Table:
    """The figures that changed; the reasons beside them quote events as the log has them."""
    found = _report(CHANGES, present, question)
    figures = len(found.columns) - len(because.COLUMNS)
    return Table(found.columns[:figures], [row[:figures] for row in found.rows], [])


def _running(present: Present, question: Question) -> Table:
    keys = [one.key for one in state.tallies(present.connection)]
    tables = [running.running(present.connection, key, question) for key in keys]
    return Table(running.COLUMNS, [row for one in tables for row in one.rows], [])


def _of_package(of: Contents, present: Present, question: Question) -> Table:
    return Table(of.columns, of.rows(present.connection, present.log, question), [])


def _ged(present: Present, question: Question) -> Table:
    return ged.table(present.connection, present.log, question, COUNTRIES)


def _hxl(present: Present, question: Question) -> Table:
    return hxl.table(present.connection, present.log, _of_all(question), COUNTRIES)[0]


def _geojson(present: Present, question: Question) -> Table:
    found = geojson.features(present.connection, _of_all(question))
    names = ("latitude", "longitude")
    columns = tuple(one for one in INCIDENTS if one.name not in names)
    return Table(columns, [tuple(one.properties.values()) for one in found], [])


def _of_all(question: Question) -> Question:
    """The columns of these are of the measures in use: of all events, whatever the days."""
    return msgspec.structs.replace(question, measures=("killed", "injured"))


EVERY: dict[str, Answer] = {
    **{name: partial(_report, name) for name in REPORTS},
    CHANGES: _changes,
    "running": _running,
    **{f"package of {one.name}": partial(_of_package, one) for one in CONTENTS},
    "ucdp-ged": _ged,
    "hxl": _hxl,
    "geojson": _geojson,
}


def _moved(table: Table, row: Row, stood: Sequence[int]) -> Row:
    """A row with positions as they were in the ledger that its own is a part of."""
    kinds = [column.kind for column in table.columns]
    kinds += ["number"] * (len(row) - len(kinds))
    return tuple(
        stood[cell] if kind == "position" and isinstance(cell, int) else cell
        for kind, cell in zip(kinds, row, strict=True)
    )


def _then(name: str, table: Table, present: Present, clocks: Clocks) -> list[Row]:
    """The rows of an answer without clocks, with the little that names the days themselves.

    Sources are not left out of a ledger, since what qualifies of a header may cite a later one:
    of them those are listed that were published. Commands of `open` ask for the same day, and
    whether an import was finished is the log's own affair, on whatever day. A tally begins
    unknown where the days exclude its opening.
    """
    rows, day = list(table.rows), clocks.known_by
    if name.endswith("sources") and day:
        known = {one.key for one in state.sources(present.connection) if one.known <= day}
        return [row for row in rows if row[0] in known]
    if name == "open":
        asked = [(*row[:-1], _asked(str(row[-1]), day)) for row in rows if row[0] != "unfinished"]
        return [*todo.unfinished(present.connection, present.log), *asked]
    if name == "running" and OPENING not in (row[2] for row in rows) and _opened(present):
        return [("", "", OPENING, *[None] * 6), *((*row[:-1], None) for row in rows)]
    return rows


def _asked(command: str, day: str) -> str:
    """A command of the report `open`, asked of what was known by a day."""
    first, policy, rest = command.partition(" --policy")
    shows = day and first.startswith(("ledger show", "ledger explain"))
    return f"{first} --known-by {day}{policy}{rest}" if shows else command


def _opened(present: Present) -> bool:
    return any(one.document.opening for one in state.totals(present.connection))
