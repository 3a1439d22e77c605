from __future__ import annotations

import msgspec
import pytest

from ledger.app import Ledger
from ledger.events import payloads as said
from ledger.reports.question import ask
from tests.invented import HERALD, incident, source, tally, total


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    ledger.append([source(), source(HERALD, "2024-02-02"), tally()])
    ledger.append(
        [incident("ambush", "killed 2"), incident("raid", "killed 3+", date="2024-01-20")]
    )
    ledger.append([total("10", "2023-12-31", opening=True)])
    return ledger


def published(ledger: Ledger, at: str = "", **question: object) -> list[tuple[object, ...]]:
    """As-of, published, computed, difference and status of every row but the opening."""
    with ledger.asking(at) as present:
        rows = list(present.report("published", ask(**question)).rows)  # type: ignore[arg-type]
    return [row[1:6] for row in rows if row[5] != "opening"]


@pytest.mark.parametrize(
    ("count", "as_of", "row"),
    [
        ("12", "2024-01-05", (12, 0, "equal")),
        ("11/12/14", "2024-01-05", (12, 0, "equal")),
        ("13", "2024-01-05", (12, -1, "differs")),
        ("12+", "2024-01-05", (12, 0, "equal")),
        ("11+", "2024-01-05", (12, 1, "equal")),
        ("13+", "2024-01-05", (12, -1, "differs")),
        ("<=12", "2024-01-05", (12, None, "equal")),
        ("?", "2024-01-05", (12, None, "equal")),
        ("10", "2023-12-31", (10, 0, "equal")),
        ("15", "2024-01-31", (15, 0, "equal")),
        ("15", "2024-01", (15, 0, "equal")),
        ("10", "2023-12-30", (None, None, "not covered")),
        ("10", "2023", (None, None, "partly covered")),
        ("12", "2023-12-01/2024-01-05", (None, None, "partly covered")),
    ],
)
def test_totals_are_compared_where_the_tally_covers_them(
    told: Ledger, count: str, as_of: str, row: tuple[object, ...]
) -> None:
    told.append([total(count, as_of)])
    assert published(told) == [(as_of, count, *row)]


def test_what_cannot_be_told_is_never_compared(told: Ledger) -> None:
    told.append([total("99", "2024-01-05", unit_unclear=True)])
    assert published(told) == [("2024-01-05", "99", None, None, "unit unclear")]


def test_without_an_opening_and_without_covers_nothing_is_covered(ledger: Ledger) -> None:
    ledger.append([source(), tally(), incident("ambush", "killed 2"), total("2", "2024-01-05")])
    assert published(ledger) == [("2024-01-05", "2", None, None, "not covered")]


@pytest.mark.parametrize(
    ("covers", "status"),
    [
        ("2024-01-01/..", "equal"),
        ("2024-01", "equal"),
        ("../2024-01-05", "equal"),
        ("2024-01-06/..", "not covered"),
        ("2024-01-01/2024-01-04", "partly covered"),
    ],
)
def test_a_tally_may_say_what_it_covers(ledger: Ledger, covers: str, status: str) -> None:
    draft = tally()
    assert isinstance(draft.data, said.TallyDefined)
    data = msgspec.structs.replace(draft.data, covers=covers)
    ledger.append([source(), msgspec.structs.replace(draft, data=data)])
    ledger.append([incident("ambush", "killed 2"), total("2", "2024-01-05")])
    assert published(ledger)[0][4] == status


def test_the_clocks_choose_which_totals_and_against_what(told: Ledger) -> None:
    told.append([total("12", "2024-01-05"), total("15", "2024-01-31", of=HERALD)])
    assert [row[4] for row in published(told)] == ["equal", "equal"]
    assert published(told, known_by="2024-01-31") == [("2024-01-05", "12", 12, 0, "equal")]
    assert published(told, as_of="2024-01-30") == [("2024-01-05", "12", 12, 0, "equal")]
    assert published(told, at="7") == [("2024-01-05", "12", 12, 0, "equal")]


def test_what_is_not_yet_known_is_not_counted_in_the_comparison(told: Ledger) -> None:
    told.append(
        [incident("late", "killed 4", date="2024-01-03", of=HERALD), total("12", "2024-01-05")]
    )
    assert published(told, known_by="2024-01-31") == [("2024-01-05", "12", 12, 0, "equal")]
    assert published(told) == [("2024-01-05", "12", 16, 4, "differs")]


def test_the_totals_of_2017_to_2019_are_not_covered(seeds: Ledger) -> None:
    rows = published(seeds)
    assert rows != []
    assert {row[4] for row in rows} <= {"not covered", "unit unclear"}
