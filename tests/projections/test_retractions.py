from __future__ import annotations

from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.reports.question import Question, ask
from tests.invented import (
    GAZETTE,
    HERALD,
    attribution,
    batched,
    counts,
    fates,
    figures,
    findings,
    incident,
    link,
    person,
    refused,
    retract,
    source,
    tally,
    total,
)

A = "incident/ambush"
LATE = "invented-late"
IMPORTED = """
[[source]]
key = "invented-herald"
title = "Invented"
publisher = "Invented Press"
published = "2024-01-05"

[[incident]]
key = "raid"
kind = "siege"
title = "Invented raid"
date = "2024-01-04"
source = "invented-herald"
counts = [{ line = "killed", count = "5" }]

[[counts]]
incident = "ambush"
source = "invented-gazette"
claimant = "Invented Ministry"
claims = [{ line = "injured", count = "7" }]
"""


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    """Published: 2 on 2 January, 4 on 5 January; room for a withdrawal on 9 January."""
    ledger.append([source(), source(HERALD, "2024-01-05"), source(LATE, "2024-01-09")])
    ledger.append([incident("ambush", "killed 2"), counts("ambush", "killed 4", of=HERALD)])
    return ledger


def by_day(ledger: Ledger, measure: str = "killed") -> dict[str, object]:
    """The figure by each of some known-by days, and now ("")."""
    days = ("2024-01-01", "2024-01-02", "2024-01-05", "2024-01-08", "2024-01-09", "")
    return {day: figures(ledger, known_by=day).get(measure) for day in days}


def test_before_any_retraction(told: Ledger) -> None:
    assert list(by_day(told).values()) == [None, 2, 4, 4, 4, 4]


def test_an_error_is_as_if_never_recorded_at_every_day(told: Ledger) -> None:
    told.append([retract(A, 4)])
    assert list(by_day(told).values()) == [None, 2, 2, 2, 2, 2]
    assert fates(told, "ambush") == [("killed", "2", "chosen", None)]
    assert findings(told) == []


def test_a_withdrawal_stands_for_the_days_before_it(told: Ledger) -> None:
    told.append([retract(A, 4, kind="withdrawn", of=LATE)])
    assert list(by_day(told).values()) == [None, 2, 4, 4, 2, 2]
    assert fates(told, "ambush") == [
        ("killed", "2", "chosen", None),
        ("killed", "4", "withdrawn", None),
    ]
    assert [fate[2] for fate in fates(told, "ambush", known_by="2024-01-08")] == [
        "superseded",
        "chosen",
    ]
    assert findings(told) == []


def test_what_it_had_replaced_stands_again(told: Ledger) -> None:
    told.append([counts("ambush", "killed 9", of=LATE), retract(A, 4)])
    assert figures(told)["killed"] == 9
    told.append([retract(A, 5)])
    assert figures(told)["killed"] == 2


def test_a_retraction_can_be_retracted(told: Ledger) -> None:
    for kind in ("error", "withdrawn"):
        told.append([retract(A, 4, kind=kind, of=LATE)])
        assert figures(told)["killed"] == 2
        position = len(list(told.export())) - 1
        told.append([retract(A, position)])
        assert list(by_day(told).values()) == [None, 2, 4, 4, 4, 4]
        assert fates(told, "ambush")[1] == ("killed", "4", "chosen", None)
    assert findings(told) == []


def test_and_that_one_again(told: Ledger) -> None:
    told.append([retract(A, 4), retract(A, 5), retract(A, 6)])
    assert figures(told)["killed"] == 2
    told.append([retract(A, 7)])
    assert figures(told)["killed"] == 4
    assert findings(told) == []


def test_one_line_only(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2", "injured 3", "missing 1")])
    ledger.append([retract(A, 1, "injured")])
    assert figures(ledger) == {"killed": 2, "missing": 1}
    ledger.append([retract(A, 1, "killed", kind="withdrawn")])
    assert figures(ledger) == {"missing": 1}
    ledger.append([retract(A, 2)])
    assert figures(ledger) == {"injured": 3, "missing": 1}
    ledger.append([retract(A, 1)])
    assert figures(ledger) == {}
    assert findings(ledger) == []


def test_a_line_of_an_incidents_own_report_may_go_though_others_rest_on_it(told: Ledger) -> None:
    assert refused(told, retract(A, 3)) == ["rested-on"]
    assert refused(told, retract(A, 3, "killed")) == []
    assert list(by_day(told).values()) == [None, None, 4, 4, 4, 4]


def test_a_lost_whole_still_holds_its_parts_apart(ledger: Ledger) -> None:
    parts = ("killed[nationality=US] 1", "killed[role=military] 2")
    ledger.append([source(), incident("ambush", "injured 1"), counts("ambush", "killed 4")])
    ledger.append([counts("ambush", *parts), retract(A, 2)])
    (row,) = [row for row in _totals(ledger) if row[0] == "killed"]
    assert row[1:4] == (2, 2, 2)
    assert findings(ledger) == []


def test_recorded_again_after_an_error(told: Ledger) -> None:
    told.append([retract(A, 4), counts("ambush", "killed 4", of=HERALD)])
    assert list(by_day(told).values()) == [None, 2, 4, 4, 4, 4]
    assert refused(told, retract(A, 4)) == ["already-retracted"]


def test_an_incident_recorded_again(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2", date="2023-12-31"), retract(A, 1)])
    assert figures(ledger) == {}
    ledger.append([incident("ambush", "killed 5", date="2024-02-02")])
    assert figures(ledger, by="incident") == {"ambush/killed": 5}
    with ledger.asking() as present:
        (row,) = present.report("incidents", Question()).rows
    assert (row[3], row[-1]) == ("2024-02-02", 3)
    assert findings(ledger) == []


def test_persons_attributions_and_links(told: Ledger) -> None:
    told.append([incident("raid"), person("ambush", "killed"), attribution("ambush")])
    told.append([link("ambush", "raid"), attribution("raid", of=HERALD)])
    told.append([retract(A, 6), retract(A, 7, kind="withdrawn", of=LATE), retract(A, 8)])
    assert _rows(told, "people") == []
    assert _rows(told, "attributions") == ["raid"]
    assert _rows(told, "attributions", known_by="2024-01-04") == ["ambush"]
    assert _rows(told, "attributions", known_by="2024-01-08") == ["ambush", "raid"]
    assert findings(told) == []


def test_published_totals(told: Ledger) -> None:
    told.append([tally(), total("19", "2023-12-01", opening=True), total("6", "2023-12-31")])
    told.append([retract("tally/invented-tally", 6, kind="withdrawn", of=LATE)])
    assert _first(told) == ("2024-01-01", "ambush", 4)
    assert _first(told, known_by="2024-01-08") == ("2023-12-01", "", 19)
    told.append([retract("tally/invented-tally", 7)])
    assert _rows(told, "published") == []
    told.append([retract("tally/invented-tally", 8)])
    assert _first(told) == ("2023-12-01", "", 19)
    assert findings(told) == []


def test_a_whole_import_and_its_undo(told: Ledger, tmp_path: Path) -> None:
    batch = batched(told, tmp_path, IMPORTED.replace("invented-herald", "invented-wire"))
    with_import = figures(told, by="incident"), fates(told, "raid"), by_day(told, "injured")
    assert figures(told) == {"injured": 7, "killed": 9}
    told.append([retract(f"batch/{batch}", None)])
    assert figures(told) == {"killed": 4}
    assert figures(told, known_by="2024-01-05") == {"killed": 4}
    assert findings(told) == []
    position = len(list(told.export())) - 1
    told.append([retract(f"batch/{batch}", position)])
    assert (
        figures(told, by="incident"),
        fates(told, "raid"),
        by_day(told, "injured"),
    ) == with_import
    assert findings(told) == []
    told.append([retract(f"batch/{batch}", None)])
    assert figures(told) == {"killed": 4}
    assert findings(told) == []


def test_an_import_that_was_taken_back_can_come_again(told: Ledger, tmp_path: Path) -> None:
    text = IMPORTED.replace("invented-herald", "invented-wire")
    first = batched(told, tmp_path, text)
    before = figures(told)
    told.append([retract(f"batch/{first}", None)])
    second = batched(told, tmp_path, text)
    assert second not in ("", first)
    assert figures(told) == before
    assert findings(told) == []
    assert batched(told, tmp_path, text) == "", "it stands already"


def test_an_import_is_taken_back_with_its_sources_and_totals(told: Ledger, tmp_path: Path) -> None:
    batch = batched(
        told,
        tmp_path,
        '[[source]]\nkey = "wire"\ntitle = "Invented"\npublisher = "Invented Press"\n'
        '[[tally]]\nkey = "invented-tally"\ntitle = "Invented"\nmeasure = "killed"\n'
        '[[total]]\ntally = "invented-tally"\ncount = "19"\nas_of = "2023-12-01"\nopening = true\n'
        'source = "wire"\n',
    )
    assert _first(told) == ("2023-12-01", "", 19)
    told.append([retract(f"batch/{batch}", None)])
    assert "wire" not in _rows(told, "sources")
    assert _rows(told, "published") == []


def test_an_import_whose_source_others_cite_is_not_taken_back(told: Ledger, tmp_path: Path) -> None:
    batch = batched(
        told,
        tmp_path,
        '[[source]]\nkey = "wire"\ntitle = "Invented"\npublisher = "Invented Press"\n',
    )
    told.append([counts("ambush", "killed 6", of="wire")])
    assert refused(told, retract(f"batch/{batch}", None)) == ["rested-on"]


def test_an_import_is_taken_back_with_its_retractions(told: Ledger, tmp_path: Path) -> None:
    batch = batched(told, tmp_path, f'[[retraction]]\nof = "{A}"\nkind = "error"\nposition = 4\n')
    assert figures(told)["killed"] == 2
    told.append([retract(f"batch/{batch}", None)])
    assert figures(told)["killed"] == 4


def test_a_withdrawn_claim_goes_with_its_import(told: Ledger, tmp_path: Path) -> None:
    batch = batched(
        told,
        tmp_path,
        '[[counts]]\nincident = "ambush"\nsource = "invented-gazette"\n'
        'claims = [{ line = "injured", count = "7" }]\n',
    )
    told.append([retract(A, 5, kind="withdrawn", of=LATE), retract(f"batch/{batch}", None)])
    assert figures(told, known_by="2024-01-05") == {"killed": 4}


def test_what_went_with_its_import_is_already_retracted(told: Ledger, tmp_path: Path) -> None:
    batch = batched(told, tmp_path, IMPORTED.replace("invented-herald", "invented-wire"))
    told.append([retract(f"batch/{batch}", None)])
    position = next(
        number for number, line in enumerate(told.export()) if '"line":"injured"' in line
    )
    assert refused(told, retract(A, position)) == ["already-retracted"]


def test_a_record_does_not_come_back_beside_a_new_one(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2"), retract(A, 1)])
    ledger.append([incident("ambush", "killed 5")])
    assert refused(ledger, retract(A, 2)) == ["key-taken"]


def test_a_claim_does_not_come_back_without_its_incident(told: Ledger) -> None:
    told.append([retract(A, 4), retract(A, 3)])
    assert refused(told, retract(A, 5)) == ["unknown-incident"]


def test_a_claim_does_not_come_back_without_its_source(told: Ledger) -> None:
    told.append([retract(A, 4), retract(f"source/{HERALD}", 1)])
    assert refused(told, retract(A, 5)) == ["unknown-source"]


def test_a_line_does_not_come_back_where_it_would_overlap(told: Ledger) -> None:
    told.append([counts("ambush", "injured[nationality=US] 1"), retract(A, 5)])
    told.append([counts("ambush", "injured[role=military] 1")])
    assert refused(told, retract(A, 6)) == ["overlap"]


def test_an_incident_is_not_withdrawn_under_other_reports(told: Ledger) -> None:
    found = refused(told, retract(A, 3, kind="withdrawn", of=LATE))
    listed, counted = _rows(told, "incidents"), figures(told)
    assert found == ["rested-on"] or (listed == []) == (counted == {})


def test_the_earlier_of_two_withdrawals_counts(told: Ledger) -> None:
    told.append([retract(A, 4, "killed", kind="withdrawn", of=LATE)])
    told.append([retract(A, 4, kind="withdrawn", of=HERALD)])
    assert figures(told, known_by="2024-01-08") == {"killed": 2}


def test_a_source_that_nobody_cites_may_go(told: Ledger) -> None:
    assert refused(told, retract(f"source/{LATE}", 2)) == []
    assert _rows(told, "sources") == [GAZETTE, HERALD]
    assert refused(told, counts("ambush", "killed 1", of=LATE)) == ["unknown-source"]
    told.append([source(LATE, "2024-03-03")])
    assert refused(told, counts("ambush", "killed 1", of=LATE)) == []
    assert findings(told) == []


def _rows(ledger: Ledger, name: str, **question: str) -> list[object]:
    with ledger.asking() as present:
        return [row[0] for row in present.report(name, ask(**question)).rows]  # type: ignore[arg-type]


def _totals(ledger: Ledger) -> list[tuple[object, ...]]:
    with ledger.asking() as present:
        return list(present.report("totals", Question()).rows)


def _first(ledger: Ledger, **question: str) -> tuple[object, ...]:
    """Day, incident and running best of the first row of the invented tally."""
    with ledger.asking() as present:
        row = next(iter(present.running("invented-tally", ask(**question)).rows))  # type: ignore[arg-type]
    return row[0], row[1], row[7]
