"""ACLED's export, on a small invented file: its own words kept, its codes put into the ledger's."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.events import payloads as said
from ledger.intake import mappings
from tests.intake.mapped import (
    DATA,
    claimed,
    events,
    fates,
    imported,
    read,
    recorded,
    told,
    totals,
    write,
)

FILE = DATA / "acled-invented.csv"

SUB_EVENT_TYPES = """Armed clash|Government regains territory|Non-state actor overtakes territory
Chemical weapon|Air/drone strike|Suicide bomb|Shelling/artillery/missile attack
Remote explosive/landmine/IED|Grenade|Sexual violence|Attack|Abduction/forced disappearance
Peaceful protest|Protest with intervention|Excessive force against protesters
Violent demonstration|Mob violence|Agreement|Arrests|Change to group/activity
Disrupted weapons use|Headquarters or base established|Looting/property destruction
Non-violent transfer of territory|Other"""


@pytest.fixture
def acled(ledger: Ledger) -> Ledger:
    assert fates(imported(ledger, FILE, "acled")) == (4, 0, 0, 2, 0)
    return ledger


def test_the_columns_are_those_of_the_export() -> None:
    with FILE.open(encoding="utf-8", newline="") as file:
        assert len(next(csv.reader(file))) == 31


def test_an_event_is_an_incident(acled: Ledger) -> None:
    one = recorded(acled, "acled-inv1001")
    assert (one.kind, one.title) == ("armed-clash", "Armed clash, Invented Town")
    assert (one.date, one.date_precision) == ("2023-01-31", 1)
    assert one.parties == (
        "Invented Front",
        "Invented Youth",
        "Invented Elders",
        "Military Forces of Inventia",
    )
    assert (one.place.country, one.place.admin2, one.place.precision) == (
        "BD",
        "Invented District",
        1,
    )
    assert one.foreign_ids == (said.ForeignId(scheme="acled", value="INV1001"),)
    assert one.summary.endswith("Two killed.")


def test_it_keeps_what_acled_calls_it(acled: Ledger) -> None:
    assert recorded(acled, "acled-inv1002").labels == {
        "event-type": "Explosions/Remote violence",
        "sub-event-type": "Air/drone strike",
        "disorder-type": "Political violence",
        "civilian-targeting": "Civilian targeting",
        "interaction": "12",
    }
    asked = totals(acled, "event-type,sub-event-type")
    assert asked["Battles", "Armed clash"] == (None, 2, None)


def test_dates_are_as_precise_as_it_says(acled: Ledger) -> None:
    """A week is about a day, a month is a month: ACLED writes one day for either."""
    week, month = recorded(acled, "acled-inv1002"), recorded(acled, "acled-inv1003")
    assert (week.date, week.date_precision) == ("2023-02-01~", 3)
    assert (month.date, month.date_precision) == ("2023-03", 4)


def test_places_are_as_precise_as_it_says(acled: Ledger) -> None:
    assert recorded(acled, "acled-inv1002").place.precision == 2
    province = recorded(acled, "acled-inv1003").place
    assert (province.precision, province.country) == (4, "XK")


def test_a_row_without_a_sub_event_type_is_known_by_its_event_type(acled: Ledger) -> None:
    one = recorded(acled, "acled-inv1004")
    assert (one.kind, one.title) == ("attack", "Violence against civilians, Invented Town")
    assert claimed(acled, "acled-inv1004") == {"killed": "~3"}


def test_acleds_zero_is_kept_as_it_is_reported(acled: Ledger) -> None:
    assert claimed(acled, "acled-inv1002") == {"killed": "~0"}


def test_each_source_is_relayed_apart(acled: Ledger) -> None:
    with acled.asking() as present:
        (event,) = present.log.stream("incident/acled-inv1001")
    (cited,) = event.citations
    assert cited.relays == ("Invented Gazette", "Invented Radio")
    assert (cited.claimant, cited.source, cited.locator) == ("ACLED", "acled", "INV1001")


def test_codes_that_nobody_knows_are_rejected(ledger: Ledger) -> None:
    assert told(imported(ledger, FILE, "acled")) == [
        ("6", "sub_event_type", "unknown-word"),
        ("7", "iso", "unknown-word"),
        ("7", "geo_precision", "unknown-word"),
    ]


def test_every_sub_event_type_has_a_kind_that_may_be_recorded(
    ledger: Ledger, tmp_path: Path
) -> None:
    types = SUB_EVENT_TYPES.replace("\n", "|").split("|")
    assert sorted(mappings.load("acled").words["kinds"]) == sorted(types)
    first = read(FILE)[0]
    rows = [
        {**first, "event_id_cnty": f"INV{number}", "sub_event_type": name}
        for number, name in enumerate(types)
    ]
    done = imported(ledger, write(tmp_path / "types.csv", rows), "acled")
    assert fates(done) == (25, 0, 0, 0, 0)


def test_a_new_upload_time_is_no_news(acled: Ledger, tmp_path: Path) -> None:
    rows = [{**row, "timestamp": "1700000000"} for row in read(FILE)[:4]]
    rows[0]["fatalities"] = "5"
    newer = write(tmp_path / "acled-2023-01-01-2023-06-30.csv", rows)
    assert fates(imported(acled, newer, "acled")) == (0, 1, 3, 0, 0)
    (source,) = events(acled, "source/acled-2023-06-30", said.SourceRegistered)
    assert source.published == "2023-06-30", "the last date in the name"
    (report,) = events(acled, "incident/acled-inv1001", said.CountsReported)
    assert [str(one.count) for one in report.claims] == ["~5"]
