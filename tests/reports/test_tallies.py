from __future__ import annotations

import pytest

from ledger.app import Ledger
from ledger.errors import NotFoundError
from ledger.reports.question import ask
from tests.invented import (
    HERALD,
    counts,
    incident,
    merge,
    retract,
    revise,
    source,
    tally,
    total,
)

US, GB = "killed[nationality=US]", "killed[nationality=GB]"
Row = tuple[object, ...]


def running(ledger: Ledger, at: str = "", **question: object) -> list[Row]:
    """Day, incident, best, running low, best and high of each row."""
    with ledger.asking(at) as present:
        asked = ask(**question)  # type: ignore[arg-type]
        rows = list(present.running("invented-tally", asked).rows)
    return [(row[0], row[1], row[4], row[6], row[7], row[8]) for row in rows]


def notes(ledger: Ledger, **question: object) -> list[str]:
    with ledger.asking() as present:
        return list(present.running("invented-tally", ask(**question)).notes)  # type: ignore[arg-type]


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    ledger.append([source(), source(HERALD, "2024-02-02"), tally(nationality="US")])
    ledger.append(
        [
            incident("third", f"{US} 5+", date="2024-01-20"),
            incident("first", f"{US} 1", date="2023-11-30"),
            incident("second", "killed 9", f"{US} 2", f"{GB} 3", date="2024-01-10"),
            incident("other", f"{GB} 4", date="2024-01-11"),
            incident("vague", "killed 7", date="2024-01-12"),
            total("10", "2023-12-31", opening=True),
        ]
    )
    return ledger


def test_the_opening_then_each_incident_with_the_sum_so_far(told: Ledger) -> None:
    assert running(told) == [
        ("2023-12-31", "", 10, 10, 10, 10),
        ("2024-01-10", "second", 2, 12, 12, 12),
        ("2024-01-20", "third", 5, 17, 17, None),
    ]


def test_what_the_opening_itemises_and_what_the_filter_left_out(told: Ledger) -> None:
    assert notes(told) == [
        "opening total as of 2023-12-31: 1 of the 10 are itemised (first)",
        "left out as not stated: 11 (in 2 lines)",
    ]


def test_without_an_opening_everything_is_a_row(told: Ledger) -> None:
    told.append([retract("tally/invented-tally", 8)])
    assert [row[1:] for row in running(told)] == [
        ("first", 1, 1, 1, 1),
        ("second", 2, 3, 3, 3),
        ("third", 5, 8, 8, None),
    ]


def test_an_opening_that_the_clocks_exclude_leaves_the_start_unknown(told: Ledger) -> None:
    told.append([retract("tally/invented-tally", 8)])
    told.append([total("10", "2023-12-31", opening=True, of=HERALD)])
    assert running(told, known_by="2024-01-31") == [
        ("", "", None, None, None, None),
        ("2023-11-30", "first", 1, 1, 1, None),
        ("2024-01-10", "second", 2, 3, 3, None),
        ("2024-01-20", "third", 5, 8, 8, None),
    ]
    assert "no opening total is admitted" in notes(told, known_by="2024-01-31")[0]
    assert running(told, as_of="2023-12-01") == [
        ("", "", None, None, None, None),
        ("2023-11-30", "first", 1, 1, 1, None),
    ]


def test_the_latest_opening_that_the_clocks_admit_is_in_force(told: Ledger) -> None:
    told.append([total("14", "2024-01-15", opening=True, of=HERALD)])
    assert running(told) == [
        ("2024-01-15", "", 14, 14, 14, 14),
        ("2024-01-20", "third", 5, 19, 19, None),
    ]
    assert running(told, known_by="2024-01-31")[0][0] == "2023-12-31"
    assert running(told, as_of="2024-01-14")[0][0] == "2023-12-31"
    assert running(told, at="9")[0][0] == "2023-12-31"


def test_the_last_of_two_openings_for_one_day(told: Ledger) -> None:
    told.append([total("11", "2023-12-31", opening=True)])
    assert running(told)[0] == ("2023-12-31", "", 11, 11, 11, 11)


@pytest.mark.parametrize(
    ("count", "first"),
    [
        ("10+", (10, 10, 10, None)),
        ("~10", (10, None, 10, None)),
        ("8-12", (8, 8, 8, 12)),
        ("8/10/12", (10, 8, 10, 12)),
        ("?", (None, None, None, None)),
        ("0", (0, 0, 0, 0)),
    ],
)
def test_openings_of_any_shape(ledger: Ledger, count: str, first: Row) -> None:
    ledger.append([source(), tally(), incident("ambush", "killed 2")])
    ledger.append([total(count, "2023-12-31", opening=True)])
    rows = running(ledger)
    assert rows[0][2:] == first
    assert rows[1][4] == (2 if first[0] is None else int(str(first[0])) + 2)


def test_an_incident_on_the_day_of_the_opening_is_inside_it(ledger: Ledger) -> None:
    ledger.append([source(), tally(), incident("ambush", "killed 2", date="2024-01-01")])
    ledger.append([incident("raid", "killed 3", date="2024-01")])
    ledger.append([incident("siege", "killed 4", date="2024-01-01/2024-01-09")])
    ledger.append([incident("later", "killed 5", date="2024-01-02")])
    ledger.append([total("10", "2024-01-01", opening=True)])
    assert [row[1] for row in running(ledger)] == ["", "later"]
    assert "9 of the 10 are itemised (ambush, siege, raid)" in notes(ledger)[0]


def test_incidents_of_one_day_go_by_last_day_then_position(ledger: Ledger) -> None:
    ledger.append([source(), tally(), incident("month", "killed 1", date="2024-01")])
    ledger.append([incident("day", "killed 1"), incident("other", "killed 1")])
    assert [row[1] for row in running(ledger)] == ["day", "other", "month"]


def test_only_incidents_with_a_counted_line_are_rows(told: Ledger) -> None:
    assert "other" not in [row[1] for row in running(told)]
    told.append([counts("other", "killed ?", f"{US} ?")])
    assert running(told)[2] == ("2024-01-11", "other", None, 12, 12, None)


def test_discounted_and_merged_incidents(told: Ledger) -> None:
    told.append([revise("third", status="discounted")])
    assert [row[1] for row in running(told)] == ["", "second"]
    told.append([merge("second", "vague")])
    assert running(told)[1] == ("2024-01-12", "vague", 2, 12, 12, 12)


def test_a_further_filter_narrows_the_tally(told: Ledger) -> None:
    assert [row[1] for row in running(told, where=["incident=second"])] == ["", "second"]


def test_a_tally_that_nobody_defined(told: Ledger) -> None:
    with (
        told.asking() as present,
        pytest.raises(NotFoundError, match="did you mean invented-tally"),
    ):
        present.running("invented-tall", ask())
    with told.asking("2") as present, pytest.raises(NotFoundError, match="add one first"):
        present.running("invented-tally", ask())


def test_uncertain_days_are_said(ledger: Ledger) -> None:
    ledger.append([source(), tally(), incident("month", "killed 1", date="2024-01")])
    assert running(ledger, as_of="2024-01-15")[0][1] == "month"
    assert notes(ledger, as_of="2024-01-15") == [
        "1 of the incidents may have happened after the as-of day"
    ]
    assert notes(ledger, as_of="2024-01-31") == []


def test_incidents_that_are_not_counted_are_not_uncertain(ledger: Ledger) -> None:
    ledger.append([source(), tally(nationality="US")])
    ledger.append([incident("month", f"{GB} 1", date="2024-01")])
    assert notes(ledger, as_of="2024-01-15") == []


def test_the_seeds_come_to_twenty_one(seeds: Ledger) -> None:
    with seeds.asking() as present:
        table = present.running("oir-us-combat-deaths", ask())
        rows = list(table.rows)
    assert [column.name for column in table.columns] == [
        "date",
        "incident",
        "title",
        "low",
        "best",
        "high",
        "running_low",
        "running_best",
        "running_high",
    ]
    assert (rows[0][1], rows[0][7]) == ("", 19)
    assert (rows[-1][0], rows[-1][1], rows[-1][4], rows[-1][7]) == (
        "2020-03-11",
        "taji-2020-03-11",
        2,
        21,
    )
    assert "2 of the 19 are itemised" in table.notes[0]
