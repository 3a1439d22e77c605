from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.app import Ledger
from ledger.audit.changes import COLUMNS, changes
from ledger.audit.checkpoints import Checkpoint, unsigned
from ledger.audit.sides import Side, covered
from ledger.errors import IntegrityError, LedgerError, QuestionError
from ledger.reports.question import PLAIN, Question, ask
from ledger.reports.table import Cell
from ledger.store.log import Log
from tests.audit.signing import LOG_KEY, SECONDS
from tests.conftest import file_of
from tests.histories import Step, histories, play
from tests.invented import (
    attribution,
    counts,
    incident,
    merge,
    note,
    retract,
    revise,
    revise_source,
    source,
)

Row = tuple[Cell, ...]
New = Callable[[], Ledger]
Days = tuple[str | None, str | None]
NO_DAYS: Days = (None, None)
NONE = (None, None, None)


def changed(
    ledger: Ledger, first: str, last: str = "", question: Question = PLAIN, days: Days = NO_DAYS
) -> list[Row]:
    """The rows of an erratum."""
    with ledger.asking(first) as before, ledger.asking(last) as after:
        table = changes(
            Side(before.connection, before.log, days[0]),
            Side(after.connection, after.log, days[1]),
            question,
        )
        found = list(table.rows)
    assert table.columns == COLUMNS
    assert all(len(row) == len(COLUMNS) for row in found)
    return found


def brief(*of: object, **asked: object) -> list[Row]:
    """Incident, line, change, best before and now, positions."""
    rows = changed(*of, **asked)  # type: ignore[arg-type]
    return [(row[0], row[2], row[3], row[5], row[8], row[11]) for row in rows]


def figures(ledger: Ledger, at: str, day: str | None = None) -> dict[tuple[Cell, Cell], Row]:
    """The figure of every line, as the report `counts` has it."""
    with ledger.asking(at) as present:
        rows = present.report("counts", ask(known_by=day or "")).rows
        return {(row[0], row[2]): row[4:7] for row in rows}


@pytest.fixture
def raid(ledger: Ledger) -> Ledger:
    """A raid of 9 killed, 2 of them Americans, and 4 injured: 4 events with the two sources."""
    ledger.append([source(), source("paper", "2024-01-05")])
    ledger.append([incident("raid", "killed 9", "killed[nationality=US] 2", "injured 4")])
    ledger.append([note("incident/raid")])
    return ledger


def test_what_was_and_is_and_because_of_what(raid: Ledger) -> None:
    raid.append([counts("raid", "killed[nationality=US] 12+", of="paper")])
    because = ("raid: reported killed[nationality=US] 12+", "4", "paper")
    day = "2024-01-01"
    assert changed(raid, "4") == [
        ("raid", day, "killed", "changed", 9, 9, 9, 12, 12, None, *because),
        ("raid", day, "killed[nationality=US]", "changed", 2, 2, 2, 12, 12, None, *because),
    ]
    assert changed(raid, "4", question=ask(where=["nationality=US"])) == changed(raid, "4")[1:]
    assert changed(raid, "4", question=ask(measures=["injured"])) == []
    assert changed(raid, "4", "4") == []


def test_lines_that_are_new_and_gone(raid: Ledger) -> None:
    raid.append([incident("siege", "killed ?"), note("incident/siege")])
    raid.append([revise("raid", reclassify={"injured": "injured[cause=hostile]"})])
    raid.append([retract("incident/raid", 2, "killed[nationality=US]")])
    assert brief(raid, "4") == [
        ("raid", "injured", "gone", 4, None, "6"),
        ("raid", "injured[cause=hostile]", "new", None, 4, "6"),
        ("raid", "killed[nationality=US]", "gone", 2, None, "7"),
        ("siege", "killed", "new", None, None, "4"),
    ]


def test_a_merge_and_a_source_move_lines(raid: Ledger) -> None:
    raid.append([incident("siege", "injured 5", of="paper")])
    raid.append([merge("siege", "raid")])
    assert brief(raid, "5") == [
        ("raid", "injured", "changed", 4, 5, "5"),
        ("siege", "injured", "gone", 5, None, "5"),
    ]
    raid.append([revise_source("paper", published="2023-12-01")])
    assert brief(raid, "6") == [("raid", "injured", "changed", 5, 4, "6")]


def test_what_a_filter_admits(raid: Ledger) -> None:
    raid.append([revise("raid", status="contested"), attribution("raid", of="paper")])
    raid.append([counts("raid", "injured 6")])
    assert brief(raid, "4") == [("raid", "injured", "changed", 4, 6, "6")]
    contested = ask(where=["status=contested"])
    assert brief(raid, "4", question=contested)[0] == ("raid", "injured", "new", None, 6, "4; 5; 6")


def test_what_became_known_between_two_days(raid: Ledger) -> None:
    raid.append([counts("raid", "injured 6", of="paper"), counts("raid", "killed 9")])
    days = ("2024-01-02", "2024-01-05")
    assert brief(raid, "", days=days) == [("raid", "injured", "changed", 4, 6, "4")]
    assert brief(raid, "4", days=days) == [("raid", "injured", "changed", 4, 6, "4")]
    assert brief(raid, "4", days=("2024-01-02", "2024-01-02")) == []


def test_a_checkpoint_names_a_state(raid: Ledger) -> None:
    with raid.database.reading() as connection:
        log = Log(connection)
        path = file_of(raid).with_name("invented.checkpoint")

        def write(size: int, root: bytes) -> None:
            signed = unsigned(Checkpoint("ledger.example/invented", size, root)).note
            path.write_text(str(signed.signed(LOG_KEY, SECONDS)), encoding="utf-8")

        write(3, bytes.fromhex(Log(connection, 3).root()))
        assert covered(path, log) == 3
        write(3, bytes.fromhex(log.root()))
        with pytest.raises(IntegrityError, match="of another history"):
            covered(path, log)
        write(9, bytes.fromhex(log.root()))
        with pytest.raises(QuestionError, match="covers 9 events: the log has 4"):
            covered(path, log)
        with pytest.raises(LedgerError, match="no such file"):
            covered(path.with_name("nowhere"), log)


@settings(max_examples=15)
@given(
    steps=histories(most=18),
    ends=st.tuples(st.integers(0, 99), st.integers(0, 99)),
    days=st.tuples(*[st.sampled_from(("2024-01-02", "2024-01-06", "2024-01-31"))] * 2).map(sorted),
)
def test_every_figure_that_is_another_is_told_and_none_else(
    new: New, steps: list[Step], ends: tuple[int, int], days: list[str]
) -> None:
    made = new()
    play(made, steps)
    size = made.replay()[0].events
    first, last = (str(one) for one in sorted(end % (size + 1) for end in ends))
    for known in (NO_DAYS, (days[0], days[1])):
        was, is_ = figures(made, first, known[0]), figures(made, last, known[1])
        expected = {
            place: (was.get(place, NONE), is_.get(place, NONE))
            for place in sorted({*was, *is_}, key=str)
            if was.get(place) != is_.get(place)
        }
        found = changed(made, first, last, days=known)
        assert {(row[0], row[2]): (row[4:7], row[7:10]) for row in found} == expected
        assert [row[0:3:2] for row in found] == sorted(expected)
        assert all(row[10] and row[11] for row in found), "each says why"
