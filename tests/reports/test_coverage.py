from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.app import Ledger
from ledger.counting.claims import POLICIES
from ledger.counts import Count
from ledger.events import Draft
from ledger.events import payloads as said
from tests.conftest import file_of, new_ledger
from tests.histories import DAYS, Step, histories, play
from tests.invented import (
    GAZETTE,
    HERALD,
    counts,
    incident,
    retract,
    revise,
    revise_source,
    source,
)
from tests.reports.asked import Row, asked, cut, relay

ASPECTS = ("sources", "item-grade", "source-grade", "allocated", "clarity")
ARMY = "Invented Army"
POST = "invented-post"


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    ledger.append([source(), source(HERALD, "2024-01-05", "C"), incident("ambush", "killed 2")])
    return ledger


def aspect(ledger: Ledger, name: str, at: str = "", **question: object) -> dict[object, object]:
    """Figures by the values of one aspect."""
    found: Counter[object] = Counter()
    for row in asked(ledger, "coverage", at, **question):
        if row["aspect"] == name:
            assert isinstance(row["figures"], int)
            found[row["value"]] += row["figures"]
    return dict(found)


def passing_on(draft: Draft, *relays: str) -> Draft:
    """A draft whose one citation passes reports on."""
    cited = msgspec.structs.replace(draft.citations[0], relays=relays)
    return msgspec.structs.replace(draft, citations=(cited,))


def test_every_aspect_of_one_figure(told: Ledger) -> None:
    rows = asked(told, "coverage")
    found = cut(rows, "measure", "aspect", "value", "figures", "low", "best", "high", "unknown")
    assert found == [
        ("killed", "sources", "one", 1, 2, 2, 2, 0),
        ("killed", "item-grade", "2", 1, 2, 2, 2, 0),
        ("killed", "source-grade", "B", 1, 2, 2, 2, 0),
        ("killed", "allocated", "no", 1, 2, 2, 2, 0),
        ("killed", "clarity", "single", 1, 2, 2, 2, 0),
    ]


@pytest.mark.parametrize(
    ("count", "claimant", "value"),
    [
        ("2", "Invented Ministry", "several"),
        ("2", ARMY, "several"),
        ("1+", ARMY, "several"),
        ("1-4", ARMY, "several"),
        ("?", ARMY, "one"),
        ("3", ARMY, "one"),
        ("3+", ARMY, "one"),
    ],
)
def test_who_says_the_same(told: Ledger, count: str, claimant: str, value: str) -> None:
    told.append([counts("ambush", f"killed {count}", of=HERALD, claimant=claimant)])
    assert aspect(told, "sources") == {value: 1}


def test_the_same_source_twice_is_one(told: Ledger) -> None:
    told.append([counts("ambush", "killed 2", claimant=ARMY)])
    assert aspect(told, "sources") == {"one": 1}


def test_what_is_doubted_or_withdrawn_founds_nothing(told: Ledger) -> None:
    told.append([counts("ambush", "killed 2", of=HERALD, claimant=ARMY, grade=4)])
    assert aspect(told, "sources") == {"one": 1}
    told.append([counts("ambush", "killed 2", of=HERALD, claimant=ARMY)])
    assert aspect(told, "sources") == {"several": 1}
    assert aspect(told, "sources", known_by="2024-01-04") == {"one": 1}
    assert aspect(told, "sources", at="4") == {"one": 1}
    told.append([retract("incident/ambush", 4, kind="withdrawn", of=HERALD)])
    assert aspect(told, "sources") == {"one": 1}


def test_a_source_and_what_it_passes_on_are_one(told: Ledger) -> None:
    told.append([relay(POST, GAZETTE), counts("ambush", "killed 2", of=POST, claimant=ARMY)])
    assert aspect(told, "sources") == {"one": 1}
    told.append([counts("ambush", "killed 2", of=HERALD)])
    assert aspect(told, "sources") == {"several": 1}


def test_two_that_pass_on_one_report_are_one(told: Ledger) -> None:
    told.append([relay("east", "agency"), relay("west", "other", "agency"), relay("far", "west")])
    told.append([incident("raid", "killed 7", of="east")])
    for key in ("west", "far"):
        told.append([counts("raid", "killed 7", of=key, claimant=ARMY)])
        assert aspect(told, "sources", where=["incident=raid"]) == {"one": 1}, key
    told.append([revise_source("east", title="Invented title")])
    assert aspect(told, "sources", where=["incident=raid"]) == {"one": 1}


def test_one_paper_between_two_agencies_does_not_make_them_one(told: Ledger) -> None:
    told.append([relay(POST, GAZETTE, HERALD)])
    told.append([counts("ambush", "killed 2", of=POST, claimant=ARMY)])
    told.append([counts("ambush", "killed 2", of=HERALD)])
    assert aspect(told, "sources") == {"several": 1}


def test_papers_that_pass_each_other_on_are_one(told: Ledger) -> None:
    told.append([relay("east", "west"), relay("west", "east")])
    told.append([incident("raid", "killed 7", of="east")])
    told.append([counts("raid", "killed 7", of="west", claimant=ARMY)])
    assert aspect(told, "sources", where=["incident=raid"]) == {"one": 1}


def test_items_that_pass_on_one_report_are_one(told: Ledger) -> None:
    told.append([passing_on(incident("raid", "killed 7"), "agency, 3 January")])
    told.append([passing_on(counts("raid", "killed 7", of=HERALD), "agency, 3 January", "x")])
    assert aspect(told, "sources", where=["incident=raid"]) == {"one": 1}
    told.append([passing_on(counts("raid", "killed 7", of=HERALD, claimant=ARMY), "agency, 4")])
    assert aspect(told, "sources", where=["incident=raid"]) == {"several": 1}


def test_parts_that_come_to_the_same_say_it_too(ledger: Ledger) -> None:
    ledger.append([source(), source(HERALD), relay(POST, HERALD)])
    ledger.append([incident("raid", "killed 3")])
    ledger.append([counts("raid", "killed[nationality=US] 2", of=HERALD)])
    assert aspect(ledger, "sources") == {"one": 1}
    ledger.append([counts("raid", "killed[nationality=GB] 1", of=POST)])
    assert aspect(ledger, "sources") == {"several": 1}
    assert aspect(ledger, "sources", by="nationality") == {"one": 2}


def test_a_figure_of_parts_is_as_weak_as_the_weakest(ledger: Ledger) -> None:
    ledger.append([source(), source(HERALD, grade="C"), incident("raid", "killed ?")])
    ledger.append([counts("raid", "killed[nationality=US] 2", of=HERALD, grade=1)])
    ledger.append([counts("raid", "killed[nationality=GB] 1", of=GAZETTE, grade=3)])
    for name, value in zip(ASPECTS, ("one", "3", "C", "no", "single"), strict=True):
        assert aspect(ledger, name) == {value: 1}
    ledger.append([counts("raid", "killed[nationality=US] 2", of=GAZETTE, claimant=ARMY)])
    assert aspect(ledger, "sources") == {"one": 1}
    ledger.append([counts("raid", "killed[nationality=GB] 1", of=HERALD, claimant=ARMY)])
    assert aspect(ledger, "sources") == {"several": 1}


def test_allocated_and_aggregate(told: Ledger) -> None:
    claim = said.Claimed(line="killed", count=Count(best=4), allocated=True)
    draft = incident("raid")
    assert isinstance(draft.data, said.IncidentRecorded)
    data = msgspec.structs.replace(draft.data, clarity="aggregate", counts=(claim,))
    told.append([msgspec.structs.replace(draft, data=data)])
    rows = [row for row in asked(told, "coverage") if row["aspect"] in ("allocated", "clarity")]
    assert cut(rows, "aspect", "value", "figures", "low", "best", "high") == [
        ("allocated", "no", 1, 2, 2, 2),
        ("allocated", "yes", 1, None, 4, None),
        ("clarity", "aggregate", 1, None, 4, None),
        ("clarity", "single", 1, 2, 2, 2),
    ]


def test_a_figure_that_no_claim_gives(ledger: Ledger) -> None:
    ledger.append([source(), incident("raid", "killed 5", "killed[sex=female] 1")])
    ledger.append([counts("raid", "killed[nationality=US] 4", "killed[role=military] ?")])
    ledger.append([retract("incident/raid", 1, "killed[sex=female]")])
    ledger.append([retract("incident/raid", 1, "killed")])
    rows = asked(ledger, "coverage", where=["sex=female"])
    names = ("aspect", "value", "figures", "best", "high", "unknown")
    assert cut(rows, *names) == [
        ("sources", "none", 1, None, None, 1),
        ("item-grade", "unspecified", 1, None, None, 1),
        ("source-grade", "unspecified", 1, None, None, 1),
        ("allocated", "unspecified", 1, None, None, 1),
        ("clarity", "single", 1, None, None, 1),
    ]
    assert aspect(ledger, "sources") == {"one": 1}


def test_groups_and_what_is_not_counted(told: Ledger) -> None:
    told.append([incident("raid", "killed 5", status="discounted"), incident("siege", "injured 4")])
    told.append([revise("siege", labels={"side": "east"})])
    rows = [row for row in asked(told, "coverage", by="side") if row["aspect"] == "sources"]
    assert cut(rows, "side", "measure", "figures", "best") == [
        ("east", "injured", 1, 4),
        ("unspecified", "killed", 1, 2),
    ]
    assert asked(told, "coverage", measures=["missing"]) == []


def test_the_seeds(seeds: Ledger) -> None:
    rows = asked(seeds, "coverage", measures=["killed"])
    assert cut(rows, "aspect", "value", "figures", "low", "best", "high") == [
        ("sources", "one", 1, 0, 0, 0),
        ("sources", "several", 7, 66, 66, None),
        ("item-grade", "2", 5, 16, 16, 16),
        ("item-grade", "3", 3, 50, 50, None),
        ("source-grade", "B", 8, 66, 66, None),
        ("allocated", "no", 8, 66, 66, None),
        ("clarity", "single", 8, 66, 66, None),
    ]
    assert aspect(seeds, "sources", known_by="2019-12-28", measures=["killed"]) == {"one": 1}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return file_of(new_ledger(tmp_path_factory.mktemp("model") / "ledger.db"))


@settings(max_examples=40)
@given(
    steps=histories(most=24),
    asking=st.fixed_dictionaries(
        {
            "known_by": st.sampled_from(DAYS),
            "policy": st.sampled_from(POLICIES),
            "by": st.sampled_from(("", "nationality", "incident", "month,role")),
            "where": st.sampled_from(([], ["nationality=US"], ["incident=raid"])),
        }
    ),
)
def test_random_histories_add_up_to_the_totals(
    model: Path,
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[Step],
    asking: dict[str, object],
) -> None:
    path = tmp_path_factory.mktemp("coverage") / "ledger.db"
    path.write_bytes(model.read_bytes())
    made = Ledger(path, "Test Steward")
    play(made, steps)
    groups = (*filter(None, str(asking["by"]).split(",")), "measure")
    expected = {
        tuple(row[name] for name in groups): (row["lines"], *_sums(row))
        for row in asked(made, "totals", **asking)
    }
    rows = asked(made, "coverage", **asking)
    for name in ASPECTS:
        found: dict[tuple[object, ...], list[Row]] = {}
        for row in rows:
            if row["aspect"] == name:
                found.setdefault(tuple(row[key] for key in groups), []).append(row)
        assert {key: _added(some) for key, some in found.items()} == expected, name


def _sums(row: Row) -> tuple[object, ...]:
    return row["low"], row["best"], row["high"], row["unknown"]


def _added(rows: Sequence[Row]) -> tuple[object, ...]:
    """Rows of one group added up; the highs only where all are known."""
    columns = zip(*((row["figures"], *_sums(row)) for row in rows), strict=True)
    figures, low, best, high, unknown = columns
    top = None if None in high else _sum(high)
    return _sum(figures), _sum(low), _sum(best), top, _sum(unknown)


def _sum(cells: Sequence[object]) -> int | None:
    known = [cell for cell in cells if isinstance(cell, int)]
    return sum(known) if known else None
