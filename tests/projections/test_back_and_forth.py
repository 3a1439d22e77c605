"""Retractions taken back, and these again: what stands in the end must have what it rests on."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ledger.app import Ledger
from ledger.events import Draft
from ledger.events import payloads as said
from tests.invented import (
    HERALD,
    batched,
    counts,
    fates,
    figures,
    findings,
    incident,
    link,
    merge,
    person,
    problems,
    refused,
    retract,
    revise,
    revise_source,
    source,
    tally,
    total,
)

A, R = "incident/ambush", "incident/raid"
WIRE = "wire"
BATCH = "batch/invented-import"
US, MILITARY = "killed[nationality=US]", "killed[role=military]"


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    """Two sources, of which nobody cites the second, and two incidents, at positions 2 and 3."""
    ledger.append([source(), source(HERALD), incident("ambush", "killed 2"), incident("raid")])
    return ledger


def imported(*drafts: Draft) -> list[Draft]:
    """The drafts as one import, which its last event closes."""
    name = BATCH.partition("/")[2]
    done = said.BatchImported(files=(), mapping="drafts", mapping_version=1, read=1, new=1)
    whole = [*drafts, Draft(stream=BATCH, data=done)]
    return [msgspec.structs.replace(draft, batch=name) for draft in whole]


def test_a_source_that_is_cited_does_not_go_again(told: Ledger) -> None:
    paper = f"source/{HERALD}"
    told.append([retract(paper, 1), retract(paper, 4), counts("ambush", "killed 4", of=HERALD)])
    (found,) = problems(told, retract(paper, 5))
    assert (found.code, "position 6" in found.message) == ("rested-on", True)
    told.append([retract(A, 6), retract(paper, 5)])
    assert refused(told, counts("ambush", "killed 4", of=HERALD)) == ["unknown-source"]


@pytest.mark.parametrize("kind", ["error", "withdrawn"])
def test_an_incident_with_reports_does_not_go_again(
    told: Ledger, kind: said.RetractionKind
) -> None:
    told.append([retract(A, 2, kind=kind), retract(A, 4), counts("ambush", "killed 4")])
    (found,) = problems(told, retract(A, 5))
    assert (found.code, "position 6" in found.message) == ("rested-on", True)
    told.append([retract(A, 6)])
    assert refused(told, retract(A, 5)) == []
    assert figures(told) == {}


def test_nor_one_that_a_link_leads_to(told: Ledger) -> None:
    told.append([retract(R, 3), retract(R, 4), link("ambush", "raid")])
    assert refused(told, retract(R, 5)) == ["rested-on"]


def test_nor_the_line_of_a_person(told: Ledger) -> None:
    told.append([counts("ambush", "injured 1", "missing 1"), retract(A, 4, "injured")])
    told.append([retract(A, 5), person("ambush", "injured")])
    assert refused(told, retract(A, 6)) == ["rested-on"]


def test_nor_a_tally_with_a_total(told: Ledger) -> None:
    name = "tally/invented-tally"
    told.append([tally(), retract(name, 4), retract(name, 5), total("5", "2024-01-01")])
    assert refused(told, retract(name, 6)) == ["rested-on"]


def test_nor_an_import_that_others_rest_on(told: Ledger) -> None:
    told.append(imported(source(WIRE), incident("siege")))
    told.append([retract(BATCH, None), retract(BATCH, 7)])
    told.append([counts("ambush", "killed 4", of=WIRE), counts("siege", "killed 1")])
    assert refused(told, retract(BATCH, 8)) == ["rested-on", "rested-on"]
    told.append([retract(A, 9), retract("incident/siege", 10)])
    assert refused(told, retract(BATCH, 8)) == []
    assert figures(told) == {"killed": 2}


def test_an_import_with_a_retraction_that_others_rest_on(told: Ledger) -> None:
    """Its retraction brought an incident back, on which a report rests since."""
    told.append([retract(A, 2), *imported(retract(A, 4)), counts("ambush", "killed 4")])
    assert refused(told, retract(BATCH, None)) == ["rested-on"]


def test_an_import_whose_retraction_would_bring_back_what_has_been_recorded_anew(
    told: Ledger,
) -> None:
    told.append([*imported(retract(A, 2)), incident("ambush", "killed 3")])
    assert refused(told, retract(BATCH, None)) == ["key-taken"]


def test_an_import_does_not_come_back_without_what_it_rests_on(told: Ledger) -> None:
    told.append(imported(counts("ambush", "killed 3"), counts("raid", "killed 1", of=HERALD)))
    told.append([retract(BATCH, None), retract(A, 2), retract(f"source/{HERALD}", 1)])
    assert refused(told, retract(BATCH, 7)) == ["unknown-incident", "unknown-source"]


def test_nor_beside_what_has_been_recorded_anew(told: Ledger) -> None:
    told.append([*imported(incident("siege", "killed 3")), retract(BATCH, None)])
    told.append([incident("siege", "killed 3")])
    assert refused(told, retract(BATCH, 6)) == ["key-taken"]
    assert figures(told)["killed"] == 5


@pytest.mark.parametrize(
    ("before", "gone", "again", "code"),
    [
        (link("ambush", "raid"), retract(R, 3), retract(A, 5), "unknown-incident"),
        (merge("ambush", "raid"), retract(R, 3), retract(A, 5), "unknown-incident"),
        (person("ambush", "killed"), retract(A, 2, "killed"), retract(A, 5), "unknown-line"),
    ],
    ids=["link", "merge", "person"],
)
def test_what_comes_back_needs_what_it_rests_on(
    told: Ledger, before: Draft, gone: Draft, again: Draft, code: str
) -> None:
    told.append([before])
    told.append([retract(A, 4), gone])
    assert refused(told, again) == [code]


def test_a_source_does_not_come_back_beside_a_new_one(told: Ledger) -> None:
    told.append([retract(f"source/{HERALD}", 1)])
    told.append([source(HERALD, "2024-01-09")])
    assert refused(told, retract(f"source/{HERALD}", 4)) == ["key-taken"]


def test_a_record_may_come_back_when_the_new_one_is_withdrawn(told: Ledger) -> None:
    told.append([retract(A, 2)])
    told.append([incident("ambush", "killed 9")])
    told.append([retract(A, 5, kind="withdrawn")])
    assert figures(told) == {}
    told.append([retract(A, 4)])
    assert figures(told) == {"killed": 2}
    assert findings(told) == []


def test_a_withdrawal_does_not_stand_again_without_its_source(told: Ledger) -> None:
    told.append([counts("ambush", "killed 4"), retract(A, 4, kind="withdrawn", of=HERALD)])
    told.append([retract(A, 5), retract(f"source/{HERALD}", 1)])
    assert refused(told, retract(A, 6)) == ["unknown-source"]


@pytest.mark.parametrize("first", ["error", "withdrawn"])
@pytest.mark.parametrize("second", ["error", "withdrawn"])
def test_an_import_is_gone_while_any_retraction_of_it_stands(
    told: Ledger, first: said.RetractionKind, second: said.RetractionKind
) -> None:
    told.append([*imported(counts("ambush", "injured 7")), retract(BATCH, None, kind=first)])
    told.append([retract(BATCH, 6), retract(BATCH, None, kind=second)])
    told.append([retract(BATCH, 7), retract(BATCH, 8)])
    assert figures(told) == {"killed": 2}
    assert findings(told) == []
    told.append([retract(BATCH, 9)])
    assert figures(told) == {"injured": 7, "killed": 2}
    assert findings(told) == []


@pytest.mark.parametrize(("first", "second"), [("error", "withdrawn"), ("withdrawn", "error")])
def test_of_two_retractions_of_one_event_an_error_counts(
    told: Ledger, first: said.RetractionKind, second: said.RetractionKind
) -> None:
    """As if never recorded, at every day, though the other leaves it for days before its own."""
    told.append([source("late", "2024-01-09"), counts("ambush", "killed 4")])
    told.append([retract(A, 5, kind=first, of="late"), retract(A, 6)])
    told.append([retract(A, 5, kind=second, of="late"), retract(A, 7)])
    assert figures(told, known_by="2024-01-08") == {"killed": 2}
    assert findings(told) == []


def test_the_earlier_of_two_withdrawals_of_one_event_counts(told: Ledger) -> None:
    told.append([source("late", "2024-01-09"), counts("ambush", "killed 4")])
    told.append([retract(A, 5, kind="withdrawn", of=HERALD), retract(A, 6)])
    told.append([retract(A, 5, kind="withdrawn", of="late"), retract(A, 7)])
    assert figures(told, known_by="2024-01-08") == {"killed": 2}


def test_a_merge_that_stands_again_makes_no_circle(told: Ledger) -> None:
    told.append([incident("siege"), merge("ambush", "raid"), merge("ambush", "siege")])
    told.append([merge("raid", "ambush")])
    assert refused(told, retract(A, 6)) == ["merge-cycle"]
    told.append([retract(R, 7), retract(A, 6)])
    assert figures(told, by="incident") == {"raid/killed": 2}


def test_nor_one_of_an_import(told: Ledger) -> None:
    told.append([incident("siege"), merge("ambush", "raid"), *imported(merge("ambush", "siege"))])
    told.append([merge("raid", "ambush")])
    assert refused(told, retract(BATCH, None)) == ["merge-cycle"]


def test_nor_does_it_lead_to_an_incident_that_is_gone(told: Ledger) -> None:
    told.append([incident("siege"), merge("ambush", "raid"), merge("ambush", "siege")])
    told.append([retract(R, 3)])
    assert refused(told, retract(A, 6)) == ["unknown-incident"]


def test_a_source_that_was_revised(told: Ledger) -> None:
    told.append([revise_source(HERALD, grade="E")])
    (found,) = problems(told, retract(f"source/{HERALD}", 1))
    assert (found.code, "position 4" in found.message) == ("rested-on", True)
    told.append([retract(f"source/{HERALD}", 4)])
    assert refused(told, retract(f"source/{HERALD}", 1)) == []
    assert refused(told, retract(f"source/{HERALD}", 5)) == ["unknown-source"]


def test_an_import_whose_source_was_revised(told: Ledger) -> None:
    told.append([*imported(source(WIRE)), revise_source(WIRE, grade="E")])
    assert refused(told, retract(BATCH, None)) == ["rested-on"]


def test_an_import_may_go_with_its_sources_and_what_cites_them(
    told: Ledger, tmp_path: Path
) -> None:
    batch = batched(
        told,
        tmp_path,
        f'[[source]]\nkey = "{WIRE}"\ntitle = "Invented"\npublisher = "Invented Press"\n'
        '[[incident]]\nkey = "siege"\nkind = "siege"\ntitle = "Invented"\ndate = "2024-01-04"\n'
        f'source = "{WIRE}"\ncounts = [{{ line = "killed", count = "5" }}]\n',
    )
    told.append([retract(f"batch/{batch}", None)])
    undone = len(list(told.export())) - 1
    for step in range(4):
        assert figures(told) == ({"killed": 7} if step % 2 else {"killed": 2})
        told.append([retract(f"batch/{batch}", undone + step)])
        assert findings(told) == []


@pytest.fixture
def held(ledger: Ledger) -> Ledger:
    """Lines of the ambush (1, 5) that only the raid's (2), merged in (4), holds apart."""
    ledger.append([source(), incident("ambush", f"{US} 1"), incident("raid", "killed 5")])
    ledger.append([incident("siege"), merge("raid", "ambush"), counts("ambush", f"{MILITARY} 2")])
    assert figures(ledger) == {"killed": 5}
    return ledger


@pytest.mark.parametrize(
    "moved",
    [
        [retract(R, 4)],
        [merge("raid", "siege")],
        [revise("raid", reclassify={"killed": "killed[sex=male]"})],
        [retract(R, 4), link("ambush", "siege")],
    ],
    ids=["unmerged", "merged elsewhere", "reclassified", "unmerged beside a link"],
)
def test_the_line_that_holds_others_apart_is_not_moved_away(
    held: Ledger, moved: list[Draft]
) -> None:
    assert refused(held, *moved) == ["overlap"]
    held.append([counts("ambush", "killed ?")])
    assert refused(held, *moved) == []
    assert {fate[2] for fate in fates(held, "ambush")} == {"chosen"}
    assert findings(held) == []


def test_nor_does_an_import_take_it_away(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", f"{US} 1"), incident("raid", "killed 5")])
    ledger.append([*imported(merge("raid", "ambush")), counts("ambush", f"{MILITARY} 2")])
    assert refused(ledger, retract(BATCH, None)) == ["overlap"]


def test_nor_does_a_merge_leave_a_person_without_a_line(held: Ledger) -> None:
    held.append([counts("ambush", "killed ?"), counts("raid", "injured 1")])
    held.append([person("ambush", "injured")])
    assert refused(held, retract(R, 4)) == ["rested-on"]
