from __future__ import annotations

import pytest

from ledger.app import Ledger
from ledger.reports.question import Question
from tests.invented import (
    HERALD,
    attribution,
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
)

US, GB = "killed[nationality=US]", "killed[nationality=GB]"


@pytest.fixture
def two(ledger: Ledger) -> Ledger:
    ledger.append(
        [
            source(),
            source(HERALD, "2024-01-05"),
            incident("ambush", "killed 2", "injured 1"),
            incident("raid", "killed 5", date="2024-01-03", of=HERALD),
        ]
    )
    return ledger


def test_claims_count_as_if_reported_on_the_other(two: Ledger) -> None:
    assert figures(two) == {"injured": 1, "killed": 7}
    two.append([merge("ambush", "raid")])
    assert figures(two) == {"injured": 1, "killed": 5}
    assert figures(two, where=["incident=raid"]) == {"injured": 1, "killed": 5}
    assert figures(two, where=["incident=ambush"]) == {}
    assert fates(two, "raid") == [
        ("injured", "1", "chosen", None),
        ("killed", "2", "superseded", 3),
        ("killed", "5", "chosen", None),
    ]
    assert findings(two) == []


def test_a_merge_is_what_reporting_there_would_have_been(two: Ledger) -> None:
    two.append([merge("ambush", "raid"), counts("ambush", "killed 4", of=HERALD)])
    merged = figures(two), fates(two, "raid")
    two.append([counts("raid", "injured 3")])
    assert merged[0] == {"injured": 1, "killed": 4}
    assert figures(two) == {"injured": 3, "killed": 4}


def test_retracting_the_merge_restores_both(two: Ledger) -> None:
    before = figures(two, by="incident"), fates(two, "ambush"), fates(two, "raid")
    two.append([merge("ambush", "raid"), retract("incident/ambush", 4)])
    assert (figures(two, by="incident"), fates(two, "ambush"), fates(two, "raid")) == before
    assert findings(two) == []


def test_claims_made_after_the_merge_go_home_with_its_retraction(two: Ledger) -> None:
    two.append([merge("ambush", "raid"), counts("ambush", "killed 9", of=HERALD)])
    assert figures(two)["killed"] == 9
    two.append([retract("incident/ambush", 4)])
    assert figures(two)["killed"] == 14
    assert findings(two) == []


def test_merges_in_a_row(two: Ledger) -> None:
    two.append([incident("siege", "killed 1"), merge("ambush", "raid"), merge("raid", "siege")])
    assert figures(two, where=["incident=siege"]) == {"injured": 1, "killed": 5}
    two.append([counts("ambush", "killed 8", of=HERALD)])
    assert figures(two) == {"injured": 1, "killed": 8}
    two.append([retract("incident/raid", 6)])
    assert figures(two, where=["incident=siege"]) == {"killed": 1}
    assert figures(two, where=["incident=raid"]) == {"injured": 1, "killed": 8}
    assert findings(two) == []


def test_people_attributions_and_links_move_too(two: Ledger) -> None:
    two.append([person("ambush", "killed"), attribution("ambush"), link("ambush", "raid")])
    two.append([merge("ambush", "raid")])
    with two.asking() as present:
        people = list(present.report("people", Question()).rows)
        said = list(present.report("attributions", Question()).rows)
    assert [row[0] for row in (*people, *said)] == ["raid", "raid"]
    assert findings(two) == []


def test_the_header_of_the_target_stays(two: Ledger) -> None:
    two.append([revise("ambush", status="discounted"), merge("ambush", "raid")])
    with two.asking() as present:
        (row,) = present.report("incidents", Question()).rows
    assert (row[0], row[3], row[4]) == ("raid", "2024-01-03", "confirmed")


def test_a_line_that_could_not_be_appended_there_is_shown_and_not_counted(ledger: Ledger) -> None:
    ledger.append(
        [source(), incident("ambush", f"{US} 2"), incident("raid", "killed[role=police] 3")]
    )
    assert refused(ledger, counts("raid", f"{US} 2")) == ["overlap"]
    ledger.append([merge("ambush", "raid")])
    assert figures(ledger) == {"killed": 3}
    assert fates(ledger, "raid") == [
        (US, "2", "unplaced", None),
        ("killed[role=police]", "3", "chosen", None),
    ]
    with ledger.asking() as present:
        assert [one.code for one in present.check()] == ["unplaced"]
    ledger.append([counts("raid", "killed ?")])
    assert fates(ledger, "raid")[1][2] == "chosen"
    with ledger.asking() as present:
        assert present.check() == []
    assert findings(ledger) == []


def test_a_merged_line_yields_to_later_lines_of_the_target(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", f"{US} 2"), incident("raid")])
    ledger.append([merge("ambush", "raid")])
    assert figures(ledger) == {"killed": 2}
    ledger.append([counts("raid", "killed[role=police] 3")])
    assert figures(ledger) == {"killed": 3}
    assert findings(ledger) == []


def test_disjoint_lines_of_two_incidents_add(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", f"{US} 2"), incident("raid", f"{GB} 3")])
    ledger.append([merge("ambush", "raid"), tally(nationality="US")])
    assert figures(ledger) == {"killed": 5}
    with ledger.asking() as present:
        rows = list(present.running("invented-tally", Question()).rows)
    assert [(row[1], row[7]) for row in rows] == [("raid", 2)]


def test_links_never_change_a_count(two: Ledger) -> None:
    before = figures(two, by="incident")
    relations = (
        "retaliation-for",
        "followed-by",
        "part-of",
        "same-wave",
        "split-from",
        "duplicate-of",
    )
    for relation in relations:
        two.append([link("ambush", "raid", relation)])  # type: ignore[arg-type]
        assert figures(two, by="incident") == before


def test_a_whole_and_its_part_that_carry_one_measure_are_flagged(two: Ledger) -> None:
    two.append([link("ambush", "raid", "part-of")])
    with two.asking() as present:
        flags = [one for one in present.check(flags=True) if one.code == "counted-twice"]
    assert [(one.code, one.where) for one in flags] == [("counted-twice", "position 4")]
    assert "both count killed" in flags[0].message


def test_a_source_of_a_merged_incident_may_be_revised(two: Ledger) -> None:
    two.append([merge("ambush", "raid"), revise_source(published="2024-01-09")])
    assert figures(two)["killed"] == 2
    assert figures(two, known_by="2024-01-08") == {"killed": 5}
    assert findings(two) == []


def test_the_target_of_a_merge_with_links_can_be_appended_to(two: Ledger) -> None:
    two.append([link("ambush", "raid"), merge("ambush", "raid")])
    two.append([counts("raid", "killed 6", of=HERALD)])
    assert findings(two) == []


def test_a_person_of_a_merged_incident(two: Ledger) -> None:
    two.append([merge("ambush", "raid")])
    assert problems(two, person("ambush", "killed")) == []


def test_a_persons_line_rests_on_a_merged_claim(two: Ledger) -> None:
    two.append([person("ambush", "injured"), merge("ambush", "raid")])
    assert refused(two, retract("incident/ambush", 2, "injured")) == ["rested-on"]


def test_a_merge_that_comes_back_makes_no_circle(two: Ledger) -> None:
    two.append([merge("ambush", "raid"), retract("incident/ambush", 4), merge("raid", "ambush")])
    assert refused(two, retract("incident/ambush", 5)) == ["merge-cycle"]
