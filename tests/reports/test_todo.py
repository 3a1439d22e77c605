from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.app import Ledger
from ledger.counting.claims import POLICIES
from ledger.reports import todo
from tests.conftest import file_of, new_ledger
from tests.histories import DAYS, Step, histories, play
from tests.invented import (
    HERALD,
    counts,
    incident,
    link,
    merge,
    retract,
    source,
    tally,
    total,
)
from tests.reports.asked import Row, asked, cut, relay

ARMY = "Invented Army"
SINGLE = "single source"


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    """An ambush that two papers tell alike: nothing is left to do."""
    ledger.append([source(), source(HERALD, "2024-01-05"), incident("ambush", "killed 2")])
    ledger.append([counts("ambush", "killed 2", of=HERALD)])
    return ledger


def todos(ledger: Ledger, at: str = "", **question: object) -> list[tuple[object, ...]]:
    return cut(asked(ledger, "open", at, **question), "what", "subject", "line")


def why(ledger: Ledger, what: str) -> list[tuple[object, ...]]:
    return cut([row for row in asked(ledger, "open") if row["what"] == what], "why", "see")


def test_nothing_to_do(told: Ledger) -> None:
    assert asked(told, "open") == []


@pytest.mark.parametrize(
    ("count", "what", "reason"),
    [
        ("?", "unknown", "nobody gives a number"),
        ("<=5", "unknown", "nobody gives a number, at most 5"),
        ("3+", "vague", "no more is known than: at least 3"),
        ("3-6", "vague", "no more is known than: at least 3"),
    ],
)
def test_unknown_and_vague(told: Ledger, count: str, what: str, reason: str) -> None:
    told.append([incident("raid", f"killed {count}")])
    told.append([counts("raid", f"killed {count}", of=HERALD)])
    assert todos(told) == [(what, "raid", "killed")]
    assert why(told, what) == [(reason, "ledger show raid")]


def test_lines_inside_lines_are_told_where_they_are_wanting(told: Ledger) -> None:
    told.append([incident("raid", "killed ?", "killed[nationality=US] 2+")])
    told.append([counts("raid", "killed[nationality=GB] ?", of=HERALD)])
    assert todos(told)[:2] == [
        ("unknown", "raid", "killed[nationality=GB]"),
        ("vague", "raid", "killed[nationality=US]"),
    ]
    assert todos(told, where=["nationality=GB"]) == [("unknown", "raid", "killed[nationality=GB]")]
    assert todos(told, measures=["injured"]) == []


def test_a_line_that_lost_its_claim(told: Ledger) -> None:
    told.append([incident("raid", "killed 5", "killed[nationality=US] 2")])
    told.append([counts("raid", "killed[role=military] 2")])
    told.append([retract("incident/raid", 4, "killed")])
    told.append([retract("incident/raid", 4, "killed[nationality=US]")])
    told.append([counts("raid", "killed[nationality=GB] 1", of=HERALD)])
    assert ("unknown", "raid", "killed[nationality=US]") in todos(told)
    assert ("no claim on it stands", "ledger show raid") in why(told, "unknown")


def test_single_sources(told: Ledger) -> None:
    told.append([incident("raid", "killed 5")])
    assert todos(told) == [(SINGLE, "raid", "killed")]
    assert why(told, SINGLE) == [("rests on invented-gazette alone", "ledger show raid")]
    told.append([relay("invented-post", "invented-gazette")])
    told.append([counts("raid", "killed 5", of="invented-post")])
    assert why(told, SINGLE)[0][0] == (
        "rests on invented-gazette, invented-post: they pass on one report, "
        "or each says another part"
    )
    told.append([counts("raid", "killed 5", of=HERALD)])
    assert todos(told) == []
    assert todos(told, known_by="2024-01-04") == [
        (SINGLE, "ambush", "killed"),
        (SINGLE, "raid", "killed"),
    ]
    assert todos(told, at="5") == [(SINGLE, "raid", "killed")]


def test_the_command_asks_for_the_same_days(told: Ledger) -> None:
    (row,) = asked(told, "open", known_by="2024-01-04", policy="graded")
    assert row["see"] == "ledger show ambush --known-by 2024-01-04 --policy graded"


def test_set_aside_only(told: Ledger) -> None:
    told.append([counts("ambush", "injured 40", of=HERALD, claimant=ARMY, grade=5)])
    assert todos(told) == [
        ("set aside only", "ambush", "injured"),
        (SINGLE, "ambush", "injured"),
    ]
    reason = "no other claim stands: 40 by Invented Army (grade B5)"
    assert why(told, "set aside only") == [(reason, "ledger show ambush")]
    told.append([counts("ambush", "injured 3"), counts("ambush", "injured 3", of=HERALD)])
    assert todos(told) == []


def test_discounted_incidents_leave_nothing_to_do(told: Ledger) -> None:
    told.append([incident("rumour", "killed ?", status="discounted")])
    assert todos(told) == []


def test_lines_without_a_place_after_a_merge(told: Ledger) -> None:
    told.append([incident("raid", "killed[nationality=US] 1")])
    told.append([incident("siege", "killed[role=military] 2"), merge("siege", "raid")])
    found = ("unplaced", "raid", "killed[role=military]")
    assert found in todos(told)
    assert found not in todos(told, at="5")
    assert found not in todos(told, where=["nationality=US"])
    assert why(told, "unplaced") == [
        ("it came by a merge and is not counted: it may count persons twice", "ledger show raid")
    ]


def test_imports_that_were_not_completed(told: Ledger) -> None:
    told.append([msgspec.structs.replace(counts("ambush", "killed 2"), batch="drafts-lost")])
    assert todos(told) == [("unfinished", "drafts-lost", "")]
    assert why(told, "unfinished")[0][1] == "ledger retract --batch drafts-lost"
    assert todos(told, where=["incident=ambush"]) == []
    assert todos(told, at="4") == []


def test_published_totals_that_differ(told: Ledger) -> None:
    told.append([tally(), total("10", "2023-12-31", opening=True)])
    told.append([total("12", "2024-01-02"), total("15", "2024-01-31", of=HERALD)])
    assert todos(told) == [("differs", "invented-tally", "")]
    assert why(told, "differs") == [
        (
            "Invented Ministry published 15 as of 2024-01-31, the ledger computes 12",
            "ledger explain invented-tally --as-of 2024-01-31",
        )
    ]
    assert todos(told, measures=["killed"]) == [("differs", "invented-tally", "")]
    assert todos(told, measures=["injured"]) == []
    assert todos(told, as_of="2024-01-30") == []
    assert ("differs", "invented-tally", "") not in todos(told, known_by="2024-01-04")
    assert todos(told, where=["incident=ambush"]) == []


def test_suspected_duplicates(told: Ledger) -> None:
    told.append([incident("raid"), link("raid", "ambush", "duplicate-of", of=HERALD)])
    assert todos(told) == [("suspected duplicate", "raid", "")]
    assert why(told, "suspected duplicate") == [
        ("linked as duplicate-of ambush, and not merged", "ledger merge raid ambush --reason WHY")
    ]
    assert todos(told, where=["incident=ambush"]) == [("suspected duplicate", "raid", "")]
    assert todos(told, where=["incident=siege"]) == []
    assert todos(told, as_of="2023-12-31") == []
    assert ("suspected duplicate", "raid", "") not in todos(told, known_by="2024-01-04")
    told.append([merge("raid", "ambush")])
    assert todos(told) == []


def test_what_was_alike_by_a_day(told: Ledger) -> None:
    """Both were known, and no link told them apart."""
    for key, of in (("raid", HERALD), ("siege", "invented-gazette")):
        draft = incident(key, "killed 1", "injured 2", of=of)
        place = msgspec.structs.replace(draft.data.place, name="Invented Town", country="IQ")  # type: ignore[attr-defined]
        data = msgspec.structs.replace(draft.data, title="An invented clash", place=place)
        told.append([msgspec.structs.replace(draft, data=data)])
    told.append([source("invented-late", "2024-01-09")])
    told.append([link("siege", "raid", "same-wave", "invented-late")])
    days = ("2024-01-02", "2024-01-05", "2024-01-09")
    found = {day: [row[0] for row in todos(told, known_by=day)] for day in days}
    assert {day: what.count("alike") for day, what in found.items()} == dict(
        zip(days, (0, 1, 0), strict=True)
    )


def test_incidents_that_are_alike(told: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("raid", "siege"):
        draft = incident(key)
        place = msgspec.structs.replace(draft.data.place, name="Invented Town", country="IQ")  # type: ignore[attr-defined]
        data = msgspec.structs.replace(draft.data, title="An invented clash", place=place)
        told.append([msgspec.structs.replace(draft, data=data)])
    assert todos(told) == [("alike", "siege", "")]
    assert why(told, "alike") == [
        (
            "may be raid: 100 % alike (title; place), on one day",
            "ledger merge siege raid --reason WHY",
        )
    ]
    assert todos(told, where=["incident=raid"]) == [("alike", "siege", "")]
    assert todos(told, where=["incident=ambush"]) == []
    monkeypatch.setattr(todo, "MOST_ALIKE", 0)
    assert why(told, "alike") == [("more than 0 pairs are alike", "ledger duplicates")]
    told.append([link("siege", "raid", "duplicate-of")])
    assert todos(told) == [("suspected duplicate", "siege", "")]


def test_the_seeds(seeds: Ledger) -> None:
    rows = asked(seeds, "open")
    assert cut(rows, "what", "subject", "line")[:4] == [
        ("vague", "k1-2019-12-27", "munitions-fired"),
        ("vague", "makhmour-2020-03-08", "killed[party=Islamic State,role=combatant]"),
        ("unknown", "taji-2020-03-11", "injured[nationality=PL]"),
        (SINGLE, "k1-2019-12-27", "munitions-fired"),
    ]
    assert len(rows) == 9
    early = asked(seeds, "open", known_by="2020-01-08", where=["incident=al-asad-2020-01-08"])
    assert (SINGLE, "killed[nationality=IQ,role=military]") in cut(early, "what", "line")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return file_of(new_ledger(tmp_path_factory.mktemp("model") / "ledger.db"))


@settings(max_examples=40)
@given(
    steps=histories("counts", "merge", "retract", "retract line", "revise source", "import"),
    asking=st.fixed_dictionaries(
        {"known_by": st.sampled_from(DAYS), "policy": st.sampled_from(POLICIES)}
    ),
)
def test_random_histories_agree_with_other_reports(
    model: Path,
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[Step],
    asking: dict[str, object],
) -> None:
    path = tmp_path_factory.mktemp("open") / "ledger.db"
    path.write_bytes(model.read_bytes())
    made = Ledger(path, "Test Steward")
    play(made, steps)
    rows = asked(made, "open", **asking)
    single = [
        _number(row, "figures") - _number(row, "unknown")
        for row in asked(made, "coverage", **asking)
        if row["aspect"] == "sources" and row["value"] == "one"
    ]
    assert len([row for row in rows if row["what"] == SINGLE]) == sum(single)
    statuses = {row["incident"]: row["status"] for row in asked(made, "incidents", **asking)}
    unplaced = {
        (row["incident"], row["line"])
        for row in asked(made, "claims", **asking)
        if row["fate"] == "unplaced" and statuses[row["incident"]] != "discounted"
    }
    found = cut([row for row in rows if row["what"] == "unplaced"], "subject", "line")
    assert set(found) == unplaced


def _number(row: Row, name: str) -> int:
    number = row[name]
    assert isinstance(number, int)
    return number
