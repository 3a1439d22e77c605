from __future__ import annotations

import pytest

from ledger.app import Ledger
from ledger.reports.question import Question
from tests.invented import (
    HERALD,
    counts,
    fates,
    figures,
    findings,
    incident,
    person,
    refused,
    retract,
    revise,
    source,
    tally,
)

PENDING, HOSTILE = "killed[cause=pending]", "killed[cause=hostile]"
MOVE = revise("ambush", reclassify={PENDING: HOSTILE})


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    ledger.append([source(), source(HERALD, "2024-01-05")])
    ledger.append([incident("ambush", "killed 3", f"{PENDING} 2"), tally(cause="hostile")])
    return ledger


def test_claims_made_so_far_move_to_the_new_line(told: Ledger) -> None:
    told.append([MOVE])
    assert fates(told, "ambush") == [
        ("killed", "3", "chosen", None),
        (HOSTILE, "2", "chosen", None),
    ]
    assert figures(told) == {"killed": 3}
    assert figures(told, where=["cause=hostile"]) == {"killed": 2}
    assert findings(told) == []


def test_claims_made_later_stay_where_they_say(told: Ledger) -> None:
    told.append([MOVE, counts("ambush", f"{PENDING} 1", of=HERALD)])
    assert figures(told, where=["cause=hostile"]) == {"killed": 2}
    assert figures(told, where=["cause=pending"]) == {"killed": 1}
    assert findings(told) == []


def test_a_claim_already_on_the_new_line_is_replaced_by_day(told: Ledger) -> None:
    told.append([counts("ambush", f"{HOSTILE} 1", of=HERALD), MOVE])
    assert [fate[2:] for fate in fates(told, "ambush")[1:]] == [
        ("superseded", 4),
        ("chosen", None),
    ]


def test_it_holds_at_every_known_by_day(told: Ledger) -> None:
    told.append([MOVE])
    found = figures(told, where=["cause=hostile"], known_by="2024-01-02")
    assert found == {"killed": 2}


def test_its_retraction_moves_them_back(told: Ledger) -> None:
    before = fates(told, "ambush")
    told.append([MOVE, retract("incident/ambush", 4)])
    assert fates(told, "ambush") == before
    told.append([retract("incident/ambush", 5)])
    assert fates(told, "ambush")[1][0] == HOSTILE
    assert findings(told) == []


def test_one_after_the_other(told: Ledger) -> None:
    told.append([MOVE, revise("ambush", reclassify={HOSTILE: "killed[cause=friendly-fire]"})])
    assert fates(told, "ambush")[1][0] == "killed[cause=friendly-fire]"
    assert findings(told) == []


def test_other_changes_in_one_revision(told: Ledger) -> None:
    told.append([revise("ambush", reclassify={PENDING: HOSTILE}, date="2024-02-02")])
    with told.asking() as present:
        rows = list(present.running("invented-tally", Question()).rows)
    assert [row[0] for row in rows] == ["2024-02-02"]


def test_an_empty_label_takes_the_label_away(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2", labels={"wave": "1", "side": "east"})])
    assert figures(ledger, where=["wave=1"]) == {"killed": 2}
    ledger.append([revise("ambush", labels={"wave": "", "side": "west"})])
    assert figures(ledger, where=["side=west"]) == {"killed": 2}
    assert figures(ledger, where=["side=east"]) == {}
    with ledger.asking() as present:
        (row,) = present.report("incidents", Question()).rows
    assert row[11] == "side=west"
    assert findings(ledger) == []


def test_a_discounted_incident_is_listed_and_not_counted(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2")])
    ledger.append([revise("ambush", status="discounted")])
    assert figures(ledger) == {}
    assert fates(ledger, "ambush") == [("killed", "2", "chosen", None)]
    assert ledger.replay()[0].totals == {}
    assert findings(ledger) == []


def test_a_reclassification_that_overlaps_is_refused(ledger: Ledger) -> None:
    us, gb = "killed[nationality=US]", "killed[nationality=GB]"
    ledger.append([source(), incident("ambush", f"{us} 1", f"{gb} 1")])
    assert refused(ledger, revise("ambush", reclassify={us: "killed[role=military]"})) == [
        "overlap"
    ]


def test_persons_move_with_their_line(told: Ledger) -> None:
    told.append([person("ambush", PENDING)])
    told.append([MOVE])
    with told.asking() as present:
        assert [row[7] for row in present.report("people", Question()).rows] == [HOSTILE]


def test_a_retraction_elsewhere_in_the_incident(told: Ledger) -> None:
    told.append([person("ambush", PENDING), counts("ambush", "injured 9")])
    told.append([MOVE])
    assert refused(told, retract("incident/ambush", 5)) == []


def test_a_moved_claim_is_retracted_by_the_line_that_is_shown(told: Ledger) -> None:
    told.append([MOVE])
    assert refused(told, retract("incident/ambush", 3, HOSTILE)) == []


def test_a_corrected_claim_stays_on_the_new_line(told: Ledger) -> None:
    told.append([MOVE])
    told.correct(3, HOSTILE, "1", "An invented slip.")
    assert fates(told, "ambush")[1][:2] == (HOSTILE, "1")
