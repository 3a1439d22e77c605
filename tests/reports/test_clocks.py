from __future__ import annotations

from collections.abc import Iterator

import pytest

from ledger.app import Ledger
from ledger.audit.projected import COMPARED
from ledger.present import Present
from ledger.reports.question import Question, ask
from ledger.store import log as store
from ledger.store.log import Log
from tests.invented import (
    HERALD,
    attribution,
    counts,
    figures,
    incident,
    link,
    merge,
    person,
    retract,
    revise,
    source,
    totals,
)

AL_ASAD = ["incident=al-asad-2020-01-08"]
LATE = "invented-late"
ASKED = (
    Question(),
    ask(by="nationality", known_by="2020-01-31"),
    ask(measures=["injured"], as_of="2020-02-01", known_by="2020-01-30", policy="graded"),
    ask(by="month,actor", since="2020-01-01", policy="envelope"),
)


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    """Positions 0 to 2 sources, 3 ambush (2), 4 raid in all of January (5), 5 a later 4."""
    ledger.append([source(), source(HERALD, "2024-01-05"), source(LATE, "2024-01-09")])
    ledger.append([incident("ambush", "killed 2", date="2023-12-31")])
    ledger.append([incident("raid", "killed 5", date="2024-01", of=HERALD)])
    ledger.append([counts("ambush", "killed 4", of=LATE)])
    return ledger


@pytest.mark.parametrize(
    ("day", "best"),
    [
        ("2024-01-01", None),
        ("2024-01-02", 2),
        ("2024-01-05", 7),
        ("2024-01-08", 7),
        ("2024-01-09", 9),
        ("2024", 9),
        ("2023", None),
    ],
)
def test_known_by(told: Ledger, day: str, best: int | None) -> None:
    assert figures(told, known_by=day).get("killed") == best


@pytest.mark.parametrize(
    ("day", "best"),
    [("2023-12-30", None), ("2023-12-31", 4), ("2024-01-01", 9), ("2024-01-31", 9), ("2023", 4)],
)
def test_as_of(told: Ledger, day: str, best: int | None) -> None:
    assert figures(told, as_of=day).get("killed") == best


@pytest.mark.parametrize(("at", "best"), [("3", None), ("4", 2), ("5", 7), ("6", 9), ("0", None)])
def test_at(told: Ledger, at: str, best: int | None) -> None:
    assert figures(told, at).get("killed") == best


def test_all_three_together(told: Ledger) -> None:
    assert figures(told, as_of="2023-12-31", known_by="2024-01-05") == {"killed": 2}
    assert figures(told, as_of="2023-12-31", known_by="2024-01-09") == {"killed": 4}
    assert figures(told, "5", as_of="2023-12-31", known_by="2024-01-09") == {"killed": 2}
    assert figures(told, "4", as_of="2024-01-31", known_by="2024-01-09") == {"killed": 2}
    assert figures(told, "3", as_of="2024-01-31", known_by="2024-01-09") == {}


def test_those_that_may_have_happened_later_are_counted_and_said(told: Ledger) -> None:
    with told.asking() as present:
        table = present.report("totals", ask(as_of="2024-01-05"))
    assert table.notes == ["1 of the incidents may have happened after the as-of day"]


def test_since_and_until_are_days_of_incidents(told: Ledger) -> None:
    assert figures(told, since="2024-01-01") == {"killed": 5}
    assert figures(told, until="2023-12-31") == {"killed": 4}
    assert figures(told, since="2023-12-31", until="2023-12-31") == {"killed": 4}
    assert figures(told, since="2024") == {"killed": 5}


@pytest.mark.parametrize(
    ("published", "known"),
    [("2024-01", "2024-01-31"), ("2024", "2024-12-31"), ("2024-01-03/2024-01-07", "2024-01-07")],
)
def test_a_period_is_known_on_its_last_day(ledger: Ledger, published: str, known: str) -> None:
    ledger.append([source("wire", published), incident("ambush", "killed 2", of="wire")])
    before = f"{known[:-1]}{int(known[-1]) - 1}"
    assert figures(ledger, known_by=before) == {}
    assert figures(ledger, known_by=known) == {"killed": 2}


def test_undated_is_known_on_the_day_that_it_was_recorded(ledger: Ledger) -> None:
    ledger.append([source("wire", ""), incident("ambush", "killed 2", of="wire")])
    assert figures(ledger, known_by="2023-12-31") == {}
    assert figures(ledger, known_by="2024-01-01") == {"killed": 2}


def test_header_and_merges_are_as_the_log_has_them(told: Ledger) -> None:
    told.append(
        [revise("ambush", date="2024-03-03", labels={"wave": "1"}), merge("raid", "ambush")]
    )
    then = figures(told, known_by="2024-01-02", by="incident,day,wave")
    assert then == {"ambush/2024-03-03/1/killed": 2}
    assert figures(told, known_by="2024-01-05") == {"killed": 5}
    assert figures(told, as_of="2024-03-02") == {}


def test_attributions_persons_and_links_by_their_sources_day(told: Ledger) -> None:
    told.append([attribution("ambush", of=HERALD), person("raid", "killed")])
    told.append([link("ambush", "raid", of=LATE)])
    actors = {
        day: figures(told, known_by=day, where=["incident=ambush"], by="actor")
        for day in ("2024-01-04", "2024-01-05")
    }
    assert actors == {
        "2024-01-04": {"unspecified/killed": 2},
        "2024-01-05": {"Invented Brigade/killed": 2},
    }
    with told.asking() as present:
        people = present.report("people", ask(known_by="2024-01-01"))
        assert list(people.rows) == []
        for day, shown in (("2024-01-08", False), ("2024-01-09", True)):
            text = str(present.show("ambush", ask(known_by=day)))
            assert ("followed-by raid" in text) is shown


def test_the_actors_that_incidents_lists_were_known_by_then(told: Ledger) -> None:
    told.append([attribution("ambush", of=HERALD)])
    with told.asking() as present:
        (row,) = present.report("incidents", ask(known_by="2024-01-04")).rows
    assert row[10] == "unspecified"


def test_an_incident_of_which_nothing_was_known_is_not_listed(told: Ledger) -> None:
    with told.asking() as present:
        for day, keys in (("2024-01-01", []), ("2024-01-04", ["ambush"])):
            rows = present.report("incidents", ask(known_by=day)).rows
            assert [row[0] for row in rows] == keys


def test_a_retraction_counts_by_position_or_by_its_source(told: Ledger) -> None:
    told.append([retract("incident/ambush", 5, kind="withdrawn", of=LATE)])
    told.append([retract("incident/raid", 4, "killed")])
    assert figures(told) == {"killed": 2}
    assert figures(told, "6") == {"killed": 9}
    assert figures(told, "7") == {"killed": 7}
    assert figures(told, "7", known_by="2024-01-08") == {"killed": 7}


@pytest.mark.parametrize(
    ("day", "best"),
    [
        ("2020-01-08", 0),
        ("2020-01-17", 11),
        ("2020-01-24", 34),
        ("2020-01-29", 50),
        ("2020-01-31", 64),
        ("2020-02-10", 109),
        ("2020-02-22", 110),
        ("", 110),
    ],
)
def test_the_injured_of_al_asad(seeds: Ledger, day: str, best: int) -> None:
    assert figures(seeds, measures=["injured"], where=AL_ASAD, known_by=day) == {"injured": best}


def test_what_iranian_state_television_said_is_set_aside(seeds: Ledger) -> None:
    assert figures(seeds, measures=["killed"], where=AL_ASAD) == {"killed": 0}
    with seeds.asking() as present:
        rows = list(present.report("claims", ask(where=AL_ASAD)).rows)
    aside = {(str(row[1]).partition("[")[0], row[2]) for row in rows if row[7] == "set aside"}
    assert aside >= {("killed", "80"), ("injured", "200")}


@pytest.mark.parametrize("half", range(2))
def test_at_every_position_is_the_ledger_that_stopped_there(
    seeds: Ledger, ledger: Ledger, half: int
) -> None:
    bodies = [line.encode() for line in seeds.export()]
    middle = len(bodies) // 2
    first, last = (0, middle) if half == 0 else (middle, len(bodies))
    with ledger.database.writing() as connection:
        store.append_bodies(connection, bodies[:first], ledger._fold)
        for size, body in enumerate(bodies[first:last], first + 1):
            store.append_bodies(connection, [body], ledger._fold)
            stopped = Present(connection, Log(connection))
            with seeds.asking(str(size)) as then:
                assert projected(stopped) == projected(then), size
                if size % 7 == 0 or size == last:
                    assert list(answers(stopped)) == list(answers(then)), size


def projected(present: Present) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every projection: what all reports are made of."""
    return {
        name: [tuple(row) for row in present.connection.exec_driver_sql(statement)]
        for name, statement in COMPARED.items()
    }


def answers(present: Present) -> Iterator[object]:
    """What the reports say: totals, claims, and every tally's running total."""
    for question in ASKED:
        for name in ("totals", "claims"):
            table = present.report(name, question)
            yield list(table.rows), table.notes
    for row in present.connection.exec_driver_sql("SELECT key FROM tallies ORDER BY key"):
        table = present.running(row.key, Question())
        yield list(table.rows), table.notes


def test_totals_by_key_have_the_columns_of_the_question(seeds: Ledger) -> None:
    where = ["incident=taji-2020-03-11"]
    rows = totals(seeds, "", ask(measures=["killed"], where=where, by="nationality"))
    assert [row[:4] for row in rows] == [("GB", "killed", 1, 1), ("US", "killed", 2, 2)]
    rows = totals(seeds, "", ask(measures=["injured"], where=where, by="nationality"))
    assert [(row[0], row[3]) for row in rows] == [("PL", None), ("unspecified", 14)]
