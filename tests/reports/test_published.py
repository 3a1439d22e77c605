from __future__ import annotations

import random

import msgspec
import pytest
from sqlalchemy import Connection

from ledger.app import Ledger
from ledger.events import Draft
from ledger.events import payloads as said
from ledger.reports import tallies
from ledger.reports.published import comparisons
from ledger.reports.question import Question, ask
from tests.invented import (
    HERALD,
    cite,
    counts,
    incident,
    merge,
    retract,
    revise,
    source,
    tally,
    total,
)


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


def test_of_two_totals_for_one_date_the_last_stands(told: Ledger) -> None:
    told.append([total("12", "2024-01-05", of=HERALD), total("13", "2024-01-05")])
    told.append([total("11", "2024-01-05", of=HERALD), total("12", "2024-01-05~", of=HERALD)])
    superseded = (None, None, "superseded")
    assert published(told) == [
        ("2024-01-05", "12", *superseded),
        ("2024-01-05", "13", *superseded),
        ("2024-01-05", "11", *superseded),
        ("2024-01-05~", "12", 12, 0, "equal"),
    ]
    assert published(told, known_by="2024-01-31") == [("2024-01-05", "13", 12, -1, "differs")]
    told.append([retract("tally/invented-tally", 9)])
    assert [row[4] for row in published(told)] == ["superseded", "superseded", "differs"]
    told.append([retract("tally/invented-tally", 8)])
    assert [row[4] for row in published(told)] == ["equal", "superseded"]


def test_what_supersedes_no_total(told: Ledger) -> None:
    told.append([total("12", "2024-01-05"), total("99", "2024-01-05", unit_unclear=True)])
    told.append([total("12", "2024-01-06"), total("10", "2023-12-31")])
    other = msgspec.structs.replace(
        total("13", "2024-01-05"), citations=(cite(claimant="Invented Army"),)
    )
    told.append([other])
    statuses = [row[4] for row in published(told)]
    assert statuses == ["equal", "unit unclear", "equal", "equal", "differs"]


def random_ledger(ledger: Ledger, seed: int) -> None:
    """Three tallies over invented incidents of a month: two with openings, one that covers."""
    chance = random.Random(seed)

    def day() -> str:
        return f"2024-01-{chance.randint(1, 28):02}"

    def date() -> str:
        first, last = sorted((day(), day()))
        return chance.choice((first, first, f"{first}/{last}", "2024-01", f"{first}~"))

    papers = [source(f"paper-{n}", f"2024-02-{n + 1:02}") for n in range(4)]
    keys = [draft.stream.partition("/")[2] for draft in papers]
    ledger.append([source(), *papers, tally("all"), tally("us", nationality="US")])
    since = said.TallyDefined(title="Invented", measure="killed", covers="2024-01-09/..")
    ledger.append([Draft(stream="tally/since", data=since)])
    for n in range(14):
        claims = ["killed " + chance.choice(("?", "0", "3", "5+", "1-6", "2/4/9"))]
        claims += ["killed[nationality=US] 2"] if chance.random() < 0.5 else []
        ledger.append([incident(f"clash-{n}", *claims, date=date(), of=chance.choice(keys))])
        ledger.append([counts(f"clash-{n}", "killed 7", of=chance.choice(keys))])
    ledger.append([merge("clash-0", "clash-1"), revise("clash-2", status="discounted")])
    for n in range(20):
        opening, of = n % 7 == seed % 7, chance.choice(keys)
        count = chance.choice(("9", "12+", "?", "20"))
        key = chance.choice(("all", "us") if opening else ("all", "us", "since"))
        ledger.append([total(count, date(), key, opening=opening, of=of)])


@pytest.mark.parametrize("seed", range(8))
def test_one_run_serves_every_day_as_a_run_for_each_would(ledger: Ledger, seed: int) -> None:
    random_ledger(ledger, seed)
    questions = [
        ask(),
        ask(known_by="2024-02-02"),
        ask(as_of="2024-01-20", policy="envelope"),
        ask(since="2024-01-05", until="2024-01-22"),
        ask(where=["country=unspecified", "nationality=US"], known_by="2024-02-03"),
    ]
    with ledger.asking() as present:
        for question in questions:
            some = list(comparisons(present.connection, question))
            assert some != []
            for one in some:
                day = tallies.last_day(one.total)
                asked = msgspec.structs.replace(question, as_of=day)
                run = tallies.run(present.connection, one.total.tally, asked)
                if one.computed is not None:
                    assert one.computed == run.total
                covered = one.status in {"equal", "differs", "partly covered"}
                if covered and one.total.tally != "since":
                    assert run.opening
                    assert run.opening.total


def test_a_tally_is_run_once_between_two_openings(
    told: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.append([total("14", "2024-01-15", opening=True, of=HERALD)])
    told.append([total("12", f"2024-01-{day:02}") for day in range(1, 29)])
    asked: list[str | None] = []

    def run(connection: Connection, key: str, question: Question) -> tallies.Run:
        asked.append(question.as_of)
        return slow(connection, key, question)

    slow = tallies.run
    monkeypatch.setattr(tallies, "run", run)
    assert len(published(told)) == 28
    assert asked == ["2024-01-14", "2024-01-28"]


def test_the_totals_of_2017_to_2019_are_not_covered(seeds: Ledger) -> None:
    rows = published(seeds)
    assert rows != []
    assert {row[4] for row in rows} <= {"not covered", "unit unclear"}
