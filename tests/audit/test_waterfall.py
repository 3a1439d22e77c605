from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.app import Ledger
from ledger.audit import waterfall as falls
from ledger.audit.causes import Cause
from ledger.audit.parts import NOTHING
from ledger.audit.sides import Side
from ledger.audit.waterfall import END, START, Waterfall
from ledger.counting.figures import Figure
from ledger.errors import NotFoundError, QuestionError
from ledger.events import Draft
from ledger.events import payloads as said
from ledger.reports.question import PLAIN, Question, ask
from ledger.reports.table import Cell
from tests.conftest import SEEDS, copies
from tests.histories import Step, histories, play
from tests.invented import (
    attribution,
    counts,
    incident,
    link,
    merge,
    note,
    person,
    retract,
    revise,
    revise_source,
    source,
    tally,
    total,
)

Row = tuple[Cell, ...]
New = Callable[[], Ledger]
Days = tuple[str | None, str | None]
KEY = "invented-tally"
OIR = "oir-us-combat-deaths"
NO_DAYS: Days = (None, None)
HISTORIES = 200 if "CASUALTY_LEDGER_FUZZ" in os.environ else 40
"""Random histories in all, over the two tests that try them."""
TALLIES = (
    tally(),
    tally("hurt", "injured"),
    tally("waved", wave="1"),
    tally("accused", actor="Brigade 1"),
)
KEYS = tuple(draft.stream.partition("/")[2] for draft in TALLIES)
QUESTIONS = (
    PLAIN,
    ask(measures=["killed"], where=["nationality=US"]),
    ask(by="nationality,month"),
    ask(by="incident", as_of="2024-01-02"),
    ask(where=["actor=Brigade 1"], policy="envelope"),
    ask(where=["month=2024-01"], policy="graded"),
)
KNOWN = ("2024-01-02", "2024-01-05", "2024-01-06", "2024-01-09", "2024-01-31")
MERGED = [
    *(Step("record", number, number, 2 * number) for number in range(3)),
    Step("counts", 1, 0, 1),
    Step("merge", 0, 1, 0),
    Step("counts", 0, 1, 2),
    Step("retract", 1, 0, 0),
    Step("reclassify", 0, 0, 1),
    Step("counts", 0, 0, 3),
]


def fall(
    ledger: Ledger, first: str, last: str = "", key: str = KEY, days: Days = NO_DAYS, **asked: str
) -> list[Row]:
    """The rows of a waterfall; of a tally if it is named."""
    return rows(ledger, (first, last), ask(**asked), key, days)  # type: ignore[arg-type]


def listed(ledger: Ledger, first: str, key: str = KEY, days: Days = NO_DAYS) -> list[Row]:
    """A row for each change, without the ends: part, incident, best, positions."""
    found = rows(ledger, (first, ""), PLAIN, key, days, listed=True)
    return [(*row[:3], row[-2]) for row in found if row[0] not in (START, END)]


def rows(
    ledger: Ledger,
    positions: tuple[str, str],
    question: Question,
    key: str,
    days: Days = NO_DAYS,
    *,
    listed: bool = False,
) -> list[Row]:
    """The rows of a waterfall."""
    first, last = positions
    with ledger.asking(first) as before, ledger.asking(last) as after:
        found = falls.waterfall(
            Side(before.connection, before.log, days[0]),
            Side(after.connection, after.log, days[1]),
            question,
            key,
        )
        columns = falls.every_column(question, of_tally=bool(key), listed=listed)
        table = falls.table(found, columns, (after.log, before.log.stop) if listed else None)
        told = list(table.rows)
    assert len({column.name for column in columns}) == len(columns)
    assert all(len(row) == len(columns) for row in told)
    assert [one.change.cause for one in found.changes if one.change.cause is Cause.OTHER] == []
    adds_up(found)
    return told


def adds_up(found: Waterfall) -> None:
    """The parts are the difference of the ends: low, best, and high where it is a number."""
    by_cause = falls.sums(found)
    for group in {*found.start, *found.end, *by_cause}:
        ends = [some.get(group, NOTHING).figure for some in (found.start, found.end)]
        before, after = (_numbers(one) for one in ends)
        every = [one.delta for one in found.changes if one.change.place[0] == group]
        parts = [delta for delta, _ in by_cause.get(group, {}).values()]
        for deltas in (every, parts):
            for place in (0, 1):
                moved = sum(one[place] or 0 for one in deltas)
                assert (before[place] or 0) + moved == (after[place] or 0), group
            if before[2] is not None and after[2] is not None:
                assert before[2] + sum(one[2] for one in deltas if one[2] is not None) == after[2]
                assert all(one[2] is not None for one in deltas)


def _numbers(figure: Figure | None) -> tuple[int | None, int | None, int | None]:
    return (figure.low, figure.best, figure.high) if figure else (0, 0, 0)


def parts(found: Sequence[Row]) -> dict[object, object]:
    """The best of each part."""
    return {row[0]: row[1] for row in found}


@pytest.fixture
def raids(ledger: Ledger) -> Ledger:
    """A tally of killed, its sources, an ambush of 2 and a raid of 9: 6 events."""
    ledger.append([source(), source("paper", "2024-01-05"), tally()])
    ledger.append([incident("ambush", "killed 2"), incident("raid", "killed 9")])
    ledger.append([note("incident/raid")])
    return ledger


def test_the_seeds_from_nothing_and_by_what_was_known(seeds: Ledger) -> None:
    assert fall(seeds, "0", key=OIR) == [
        (START, None, None, None, 0),
        ("new incidents", 4, 4, 4, 2),
        ("opening changed", 17, 17, 17, 1),
        (END, 21, 21, 21, 1),
    ]
    assert fall(seeds, "", key=OIR, days=("2020-03-11", "2020-03-12")) == [
        (START, 4, 4, None, 2),
        ("opening changed", 17, 17, None, 1),
        (END, 21, 21, 21, 1),
    ]


def test_the_injured_of_al_asad_as_they_became_known(seeds: Ledger) -> None:
    question = ask(measures=["injured"], where=["incident=al-asad-2020-01-08"])
    found = rows(seeds, ("", ""), question, "", ("2020-01-10", "2020-02-21"), listed=True)
    assert [row[1:4] for row in found] == [
        (START, "", 0),
        ("claims up", "al-asad-2020-01-08", 110),
        (END, "", 110),
    ]
    assert "afp-2020-02-21" in str(found[1][-1])


@pytest.mark.parametrize(
    ("draft", "part", "moved"),
    [
        (counts("raid", "killed 12"), "claims up", 3),
        (counts("raid", "killed 7"), "claims down", -2),
        (revise("raid", status="discounted"), "incidents revised", -9),
        (merge("raid", "ambush"), "merged", -2),
        (retract("incident/raid", 4), "retracted", -9),
        (incident("siege", "killed 4"), "new incidents", 4),
        (total("20", "2024-01-01", opening=True), "opening changed", 9),
        (tally(measure="injured"), "tally redefined", -11),
        (tally(incident="raid"), "tally redefined", -2),
        (retract(f"tally/{KEY}", 2), "tally redefined", -11),
    ],
)
def test_each_cause_has_its_row(raids: Ledger, draft: Draft, part: str, moved: int) -> None:
    if draft.type == "total.published":
        moved = 20 - 11
    raids.append([draft])
    found = parts(fall(raids, "6"))
    assert list(found) == [START, part, END]
    assert (found[START], found[part], found[END] or 0) == (11, moved, 11 + moved)


def test_what_moves_nothing_has_no_row(raids: Ledger) -> None:
    raids.append([link("raid", "ambush"), person("raid", "killed"), note("incident/raid")])
    raids.append([counts("raid", "killed 9"), attribution("raid"), total("50", "2024-01-31")])
    assert list(parts(fall(raids, "6"))) == [START, END]
    assert fall(raids, "6") == [(START, 11, 11, 11, 2), (END, 11, 11, 11, 2)]
    assert fall(raids, "", days=("2024-01-31", "2024-01-31"))[0] == (START, 11, 11, 11, 2)


def test_events_of_several_causes_are_told_apart(raids: Ledger) -> None:
    raids.append([counts("raid", "killed 12"), counts("raid", "injured 5")])
    raids.append([revise("raid", status="discounted")])
    raids.append([counts("ambush", "killed 1"), revise("ambush", title="Invented title")])
    assert listed(raids, "6") == [
        ("claims up", "raid", 3, "6"),
        ("claims down", "ambush", -1, "9"),
        ("incidents revised", "raid", -12, "8"),
    ]


def test_a_correction_is_a_claim_that_went_up_or_down(raids: Ledger) -> None:
    raids.correct(4, "killed", "7", "an invented misprint")
    assert listed(raids, "6") == [("claims down", "raid", -2, "6; 7")]
    raids.append(
        [revise("raid", labels={"wave": "1"}, reclassify={"killed": "killed[cause=hostile]"})]
    )
    raids.append([revise("raid", status="discounted")])
    assert listed(raids, "6")[0] == ("claims down", "raid", -2, "6; 7")
    assert listed(raids, "6")[1] == ("incidents revised", "raid", -7, "9")


def test_a_merge_moves_what_a_member_counted(raids: Ledger) -> None:
    raids.append([incident("siege", "killed 4"), counts("siege", "killed 5")])
    raids.append([merge("siege", "ambush"), counts("siege", "killed 8")])
    assert listed(raids, "6") == [
        ("claims up", "ambush", 3, "9"),
        ("merged", "ambush", 3, "8"),
    ]
    raids.append([retract("incident/siege", 8)])
    assert fall(raids, "10")[1:3] == [("merged", 2, 2, 2, 2), (END, 19, 19, 19, 3)]
    assert parts(fall(raids, "6")) == {START: 11, "new incidents": 8, END: 19}


def test_reclassified_lines_leave_a_filter(ledger: Ledger) -> None:
    ledger.append([source(), tally(cause="hostile"), incident("raid", "killed[cause=pending] 3")])
    ledger.append([revise("raid", reclassify={"killed[cause=pending]": "killed[cause=hostile]"})])
    assert parts(fall(ledger, "3"))["reclassified"] == 3
    assert "start: left out as not stated" not in str(fall(ledger, "3"))


def test_sources_actors_and_imports_reach_further(raids: Ledger) -> None:
    brought = said.BatchImported(files=(), mapping="drafts", mapping_version=1, read=1, new=1)
    raids.append([counts("ambush", "killed 5", of="paper")])
    raids.append([revise_source("paper", published="2023-12-01")])
    assert parts(fall(raids, "7"))["sources revised"] == -3
    drafts = [counts("raid", "killed 1"), Draft(stream="batch/invented", data=brought)]
    raids.append([msgspec.structs.replace(one, batch="invented") for one in drafts])
    raids.append([retract("batch/invented", None)])
    assert listed(raids, "10") == [("retracted", "raid", 8, "10")]
    raids.append([tally("accused", actor="Invented Brigade"), attribution("raid")])
    assert parts(fall(raids, "12", key="accused"))["actors named"] == 9


def test_more_sources_than_are_looked_up_one_by_one(raids: Ledger) -> None:
    names = [f"invented-paper-{number}" for number in range(25)]
    raids.append([source(name, "2024-02-01") for name in names])
    raids.append([counts("raid", f"killed {10 + at}", of=name) for at, name in enumerate(names)])
    raids.append([revise_source(name, published="2023-12-01") for name in names])
    assert parts(fall(raids, "56")) == {START: 36, "sources revised": -25, END: 11}


def test_an_opening_total_takes_in_what_came_before_it(raids: Ledger) -> None:
    raids.append([incident("siege", "killed 4", date="2024-01-03")])
    raids.append([total("20", "2024-01-02", opening=True, of="paper")])
    assert fall(raids, "7") == [
        (START, 15, 15, 15, 3),
        ("opening changed", 9, 9, 9, 2),
        (END, 24, 24, 24, 1),
    ]
    assert listed(raids, "7") == [
        ("opening changed", "", 20, "7"),
        ("opening changed", "ambush", -2, "7"),
        ("opening changed", "raid", -9, "7"),
    ]
    by_day = ("2024-01-02", "2024-01-05")
    assert fall(raids, "", days=by_day)[-2] == ("opening changed", 9, 9, None, 2)
    raids.append([retract(f"tally/{KEY}", 7)])
    assert fall(raids, "8")[1] == ("opening changed", -9, -9, -9, 2)


def test_a_tally_that_comes_late_and_goes(ledger: Ledger) -> None:
    ledger.append([source(), incident("raid", "killed 3")])
    for draft in (tally(), counts("raid", "killed 4"), retract(f"tally/{KEY}", 2)):
        ledger.append([draft])
    assert fall(ledger, "2", "4") == [
        (START, None, None, None, 0),
        ("claims up", 1, 1, 1, 1),
        ("tally redefined", 3, 3, 3, 1),
        (END, 4, 4, 4, 1),
    ]
    assert fall(ledger, "3")[-2:] == [
        ("tally redefined", -4, -4, -4, 1),
        (END, None, None, None, 0),
    ]
    with pytest.raises(NotFoundError, match="no tally 'invented-tally'"):
        fall(ledger, "2", "2")


def test_what_is_not_known_moves_a_sum_when_it_becomes_known(ledger: Ledger) -> None:
    ledger.append([source(), tally(), incident("raid", "killed ?"), incident("siege", "killed 1")])
    assert fall(ledger, "2")[1:] == [("new incidents", 1, 1, None, 2), (END, 1, 1, None, 2)]
    ledger.append([counts("raid", "killed 5")])
    assert fall(ledger, "4")[1:] == [("claims up", 5, 5, None, 1), (END, 6, 6, 6, 2)]
    assert fall(ledger, "2", "3")[1] == ("new incidents", None, None, None, 1)


def test_a_high_that_is_open_only_in_between_is_passed_over(raids: Ledger) -> None:
    raids.append([counts("raid", "killed 20+"), revise("raid", status="discounted")])
    raids.append([revise("raid", status="confirmed"), counts("raid", "killed 30")])
    found = fall(raids, "6")
    assert found[0][1:4] == (11, 11, 11)
    assert found[-1][1:4] == (32, 32, 32)
    assert [row[3] for row in found[1:-1]] == [30, -9]


def test_a_question_by_group(raids: Ledger) -> None:
    raids.append([revise("raid", labels={"wave": "2"}), counts("raid", "injured 4")])
    assert fall(raids, "6", key="", by="wave") == [
        ("2", "injured", START, None, None, None, 0),
        ("2", "injured", "claims up", 4, 4, 4, 1),
        ("2", "injured", END, 4, 4, 4, 1),
        ("2", "killed", START, None, None, None, 0),
        ("2", "killed", "incidents revised", 9, 9, 9, 1),
        ("2", "killed", END, 9, 9, 9, 1),
        ("unspecified", "killed", START, 11, 11, 11, 2),
        ("unspecified", "killed", "incidents revised", -9, -9, -9, 1),
        ("unspecified", "killed", END, 2, 2, 2, 1),
    ]


def test_withdrawn_and_named_between_two_days(raids: Ledger) -> None:
    raids.append([source("late", "2024-01-20"), tally("accused", actor="Invented Brigade")])
    raids.append([counts("raid", "killed 12", of="paper")])
    raids.append([retract("incident/raid", 8, kind="withdrawn", of="late")])
    raids.append([attribution("ambush", of="late"), incident("siege", "killed 4", of="late")])
    assert listed(raids, "", days=("2024-01-05", "2024-01-31")) == [
        ("new incidents", "siege", 4, "10"),
        ("retracted", "raid", -3, "9"),
    ]
    assert parts(fall(raids, "", days=("2024-01-02", "2024-01-31"))) == {
        START: 11,
        "new incidents": 4,
        END: 15,
    }
    assert parts(fall(raids, "", key="accused", days=("2024-01-05", "2024-01-31"))) == {
        START: None,
        "actors named": 2,
        END: 2,
    }


def test_events_of_several_days_are_told_apart(raids: Ledger) -> None:
    raids.append([source("late", "2024-01-20"), tally("accused", actor="Invented Brigade")])
    raids.append([counts("raid", "killed 12", of="paper")])
    raids.append([counts("raid", "killed 1", of="late")])
    raids.append([retract("incident/raid", 8, kind="withdrawn", of="late")])
    raids.append([counts("ambush", "killed 7", of="paper"), attribution("ambush", of="late")])
    accused = listed(raids, "", key="accused", days=("2024-01-02", "2024-01-31"))
    assert accused == [("actors named", "ambush", 7, "12")]
    assert listed(raids, "", days=("2024-01-02", "2024-01-31")) == [
        ("claims up", "ambush", 5, "11"),
        ("claims up", "raid", 3, "8"),
        ("claims down", "raid", -11, "9; 10"),
    ]


def test_an_opening_before_which_nothing_is_counted(raids: Ledger) -> None:
    raids.append([total("20", "2024-01-02", opening=True)])
    raids.append([counts("raid", "killed 12"), incident("siege", "killed 4", date="2024-01-03")])
    assert parts(fall(raids, "7")) == {START: 20, "new incidents": 4, END: 24}
    raids.append([total("30", "2024-01-04", opening=True)])
    assert parts(fall(raids, "9")) == {START: 24, "opening changed": 6, END: 30}


def test_an_import_withdrawn_between_two_days(raids: Ledger) -> None:
    brought = said.BatchImported(files=(), mapping="drafts", mapping_version=1, read=1, new=1)
    drafts = [counts("raid", "killed 12"), Draft(stream="batch/invented", data=brought)]
    raids.append([msgspec.structs.replace(one, batch="invented") for one in drafts])
    raids.append([retract("batch/invented", None, kind="withdrawn", of="paper")])
    found = listed(raids, "", days=("2024-01-02", "2024-01-05"))
    assert found == [("retracted", "raid", -3, "8")]


def test_both_legs_in_one(raids: Ledger) -> None:
    raids.append([counts("ambush", "killed 3"), counts("raid", "killed 12", of="paper")])
    found = listed(raids, "6", days=("2024-01-02", "2024-01-05"))
    assert found == [("claims up", "ambush", 1, "6"), ("claims up", "raid", 3, "7")]


def test_what_cannot_be_asked(raids: Ledger) -> None:
    with pytest.raises(QuestionError, match="name the earlier one first"):
        fall(raids, "6", "4")
    with pytest.raises(QuestionError, match="name the earlier day first"):
        fall(raids, "", days=("2024-01-05", "2024-01-02"))
    with pytest.raises(QuestionError, match="a tally is one total"):
        fall(raids, "4", by="country")
    with pytest.raises(QuestionError, match="unknown key 'nowhere'"):
        fall(raids, "4", key="", by="nowhere")


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Iterator[New]:
    """Makes ledgers that hold nothing but some tallies."""
    yield from copies(tmp_path_factory.mktemp("fallen"), TALLIES)


@settings(max_examples=HISTORIES // 2)
@given(
    steps=histories(most=18),
    first=st.integers(0, 99),
    last=st.integers(0, 99),
    key=st.sampled_from(KEYS),
    number=st.integers(0, len(QUESTIONS) - 1),
)
@example(steps=MERGED, first=8, last=99, key=KEY, number=2)
def test_the_parts_between_two_positions_add_up(
    new: New, steps: list[Step], first: int, last: int, key: str, number: int
) -> None:
    made = new()
    play(made, steps)
    size = made.replay()[0].events
    ends = sorted(one % (size + 1) for one in (first, last))
    positions = str(ends[0]), str(ends[1])
    rows(made, positions, QUESTIONS[number], "")
    if ends[1] >= len(TALLIES):
        rows(made, positions, PLAIN, key, listed=True)


@settings(max_examples=HISTORIES - HISTORIES // 2)
@given(
    steps=histories(most=18),
    days=st.tuples(st.sampled_from(KNOWN), st.sampled_from(KNOWN)).map(sorted),
    first=st.none() | st.integers(len(TALLIES), 99),
    key=st.sampled_from(KEYS),
    number=st.integers(0, len(QUESTIONS) - 1),
)
def test_the_parts_between_two_days_add_up(
    new: New, steps: list[Step], days: list[str], first: int | None, key: str, number: int
) -> None:
    made = new()
    play(made, steps)
    size = made.replay()[0].events
    positions = "" if first is None else str(min(first, size)), ""
    rows(made, positions, QUESTIONS[number], "", (days[0], days[1]))
    rows(made, positions, PLAIN, key, (days[0], days[1]), listed=True)


def test_the_seeds_between_every_tenth_position(make_ledger: Callable[[], Ledger]) -> None:
    made = make_ledger()
    made.import_drafts(SEEDS)
    for first in range(0, 200, 40):
        rows(made, (str(first), ""), PLAIN, "", listed=True)
