"""HXL: any CSV with tags; its columns go by them, whatever they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.errors import LedgerError, RefusedError
from ledger.events import payloads as said
from tests.intake.mapped import DATA, claimed, events, fates, imported, recorded, told, totals

FILE = DATA / "hxl-invented.csv"


@pytest.fixture
def hxl(ledger: Ledger) -> Ledger:
    assert fates(imported(ledger, FILE, "hxl")) == (2, 0, 0, 4, 0)
    return ledger


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_row_is_an_incident(hxl: Ledger) -> None:
    one = recorded(hxl, "hxl-hxl-invented-ev-1")
    assert (one.kind, one.title, one.date) == (
        "unspecified",
        "An invented clash",
        "2024-01-10/2024-01-11",
    )
    assert one.parties == ("Invented Front", "Invented Army")
    assert (one.place.name, one.place.country) == ("Invented Town", "BD")
    assert (one.place.admin1, one.place.admin2) == ("Invented Division", "Invented District")
    assert (one.place.latitude, one.place.longitude) == ("22.5", "91.25")
    assert one.foreign_ids == (said.ForeignId(scheme="hxl", value="hxl-invented/EV-1"),)


def test_parts_are_told_apart_in_whatever_order_their_tags_are(hxl: Ledger) -> None:
    """Households are no persons: `#affected+idps+hh` is left aside."""
    assert claimed(hxl, "hxl-hxl-invented-ev-1") == {
        "killed": "~5",
        "killed[sex=female]": "~2",
        "killed[sex=male]": "~3",
        "killed[age-group=child]": "~1",
        "killed[role=civilian]": "~4",
        "injured": "~12",
        "displaced": "~300",
    }
    assert totals(hxl, "sex")["female",] == (None, 2, None)


def test_empty_cells_say_nothing(hxl: Ledger) -> None:
    one = recorded(hxl, "hxl-hxl-invented-ev-2")
    assert claimed(hxl, "hxl-hxl-invented-ev-2") == {"killed": "~2"}
    assert (one.title, one.date, one.place.country) == ("Invented Village", "2024-02", "BD")


def test_what_cannot_be_mapped_is_rejected_with_its_reason(ledger: Ledger) -> None:
    """No date order is guessed, no country, no key; and no whole that lacks its line."""
    found = told(imported(ledger, FILE, "hxl"))
    assert [(place.partition(",")[0], code) for line, place, code in found if line == "5"] == [
        ("#date+start", "bad-date")
    ]
    assert ("6", "#country+code+v_iso3", "unknown-word") in found
    assert ("7", "#event+id, #meta+id", "missing") in found
    assert [code for line, _, code in found if line == "8"] == ["overlap"]


def test_who_answers_for_it(hxl: Ledger) -> None:
    """The publisher that is given, else who the row has it from, else nobody known."""

    def claimant(key: str) -> str:
        with hxl.asking() as present:
            return present.log.stream(f"incident/{key}")[0].citations[0].claimant

    assert claimant("hxl-hxl-invented-ev-1") == "Invented Gazette"
    assert claimant("hxl-hxl-invented-ev-2") == "publisher not stated"
    settings = {"publisher": "Invented Relief", "name": "relief", "kind": "flood-of-war"}
    imported(hxl, FILE, "hxl", settings=settings)
    assert claimant("hxl-relief-ev-2") == "Invented Relief"
    assert recorded(hxl, "hxl-relief-ev-2").kind == "flood-of-war"
    (source,) = events(hxl, "source/hxl-relief", said.SourceRegistered)
    assert source.publisher == "Invented Relief"


def test_two_datasets_never_take_each_others_rows(hxl: Ledger, tmp_path: Path) -> None:
    other = write(tmp_path / "other.csv", "#meta+id,#date,#affected+killed", "EV-1,2024-01-01,1")
    assert fates(imported(hxl, other, "hxl", complete=True)) == (1, 0, 0, 0, 0)
    assert recorded(hxl, "hxl-other-ev-1").date == "2024-01-01"


def test_the_key_may_be_any_column(ledger: Ledger, tmp_path: Path) -> None:
    """By its name, whether it has a tag or not."""
    lines = ("No,Code,Day,Dead", ",#adm1+code,#date,#affected+killed", "A1,B7,2024-01-01,1")
    path = write(tmp_path / "keys.csv", *lines)
    imported(ledger, path, "hxl", key="No")
    imported(ledger, path, "hxl", key="Code", settings={"name": "again"})
    assert recorded(ledger, "hxl-keys-a1").date == "2024-01-01"
    assert recorded(ledger, "hxl-again-b7").date == "2024-01-01"


def test_a_file_without_a_key_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    path = write(tmp_path / "keys.csv", "#date,#affected+killed", "2024-01-01,1")
    with pytest.raises(RefusedError, match="no-key") as refused:
        imported(ledger, path, "hxl")
    assert "--key COLUMN" in str(refused.value)


def test_one_tag_may_stand_twice_where_nobody_asks_for_it(ledger: Ledger, tmp_path: Path) -> None:
    lines = ("Id,Sector,Other,Day", "#event+id,#sector,#sector,#date", "a,b,c,2024-01-01")
    assert fates(imported(ledger, write(tmp_path / "a.csv", *lines), "hxl")) == (1, 0, 0, 0, 0)
    lines = ("Id,Day,Other", "#event+id,#date,#date", "a,2024-01-01,2024-01-02")
    with pytest.raises(RefusedError, match="column-twice"):
        imported(ledger, write(tmp_path / "b.csv", *lines), "hxl")


def test_a_name_that_cannot_be_part_of_an_id(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="cannot be the id"):
        imported(ledger, FILE, "hxl", settings={"name": "Invented Relief"})
