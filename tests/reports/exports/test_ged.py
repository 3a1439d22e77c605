"""An imported file of GED comes back; other incidents say what GED has words for."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.events import Draft
from ledger.events import payloads as said
from ledger.intake import mapper, mappings
from ledger.intake.mappings import words
from ledger.intake.templates import taken_apart
from ledger.places import COUNTRIES, Place
from ledger.reports.exports import ged, separated
from ledger.reports.exports.countries import countries
from ledger.reports.manifest import Measured
from ledger.reports.question import PLAIN, Question, ask
from tests.conftest import new_ledger
from tests.intake.mapped import DATA, GED191, Row, fates, imported, read, totals, write
from tests.invented import HERALD, cite, claimed, counts, incident, source

GED241 = DATA / "ged241-invented.csv"
FILES = [
    pytest.param(
        GED191, marks=pytest.mark.skipif(not GED191.exists(), reason="../shared/data is not here")
    ),
    GED241,
    DATA / "ged151-invented.csv",
    DATA / "GEDEvent_v15_0_3-invented.csv",
]
SUMS = ("low", "best", "high")
NUMBERS = set(mappings.load("ucdp-ged").columns.numbers)
PARTS = ("deaths_a", "deaths_b", "deaths_civilians")


def exported(ledger: Ledger, question: Question = PLAIN, at: str = "") -> tuple[str, list[str]]:
    """The file, and what is said beside it."""
    out = io.StringIO()
    with ledger.asking(at) as present:
        answer = ged.table(present.connection, present.log, question, countries(words()))
        separated.write(answer.columns, answer.rows, Measured(out))
    return out.getvalue(), answer.notes


def lines(ledger: Ledger, question: Question = PLAIN, at: str = "") -> list[Row]:
    return list(csv.DictReader(io.StringIO(exported(ledger, question, at)[0])))


def as_read(column: str, cell: str) -> object:
    """A cell as the mapping reads it: trimmed, numbers whole, articles as a list."""
    if column == "source_article":
        return list(dict.fromkeys(taken_apart(cell, '";"')))
    if column in NUMBERS:
        return re.sub(r"\.0*$", "", cell)
    return re.sub(r"[T ]00:00:00(\.0+)?$", "", cell.strip())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_comes_back(ledger: Ledger, path: Path) -> None:
    done = imported(ledger, path, "ucdp-ged")
    mapping = mappings.load("ucdp-ged")
    told = {row["id"]: row for row in lines(ledger)}
    taken = {str(as_read("id", row["id"])): row for row in read(path)}
    assert taken.keys() >= told.keys()
    assert len(told) == done.counted.new > 0
    assert set(next(iter(told.values()))) == set(mapper.columns(mapping))
    named = countries(words()).names
    for key in told:
        row = taken[key]
        for column in mapper.columns(mapping):
            name = {"conflict_new_id": "conflict_id", "dyad_new_id": "dyad_id"}.get(column, column)
            cell = row.get(column, row.get(name, ""))
            if column == "country":
                cell = named[words()["ucdp-countries"][cell]]
            assert as_read(column, told[key][column]) == as_read(column, cell), (key, column)


@pytest.mark.skipif(not GED191.exists(), reason="../shared/data is not here")
def test_ged_191_comes_back_byte_for_byte_but_for_spaces_and_repeated_articles(
    ledger: Ledger,
) -> None:
    imported(ledger, GED191, "ucdp-ged")
    told, header = {row["id"]: row for row in lines(ledger)}, list(read(GED191)[0])
    columns = [column.name for column in ged.COLUMNS]
    assert columns == [name for name in header if name in columns]
    different: dict[str, int] = {}
    for row in read(GED191):
        for column in columns:
            if told[row["id"]][column] != row[column]:
                different[column] = different.get(column, 0) + 1
    assert different == {"source_original": 50, "source_article": 28}


@pytest.mark.parametrize("path", FILES[:2], ids=lambda path: path.name)
def test_the_export_imported_again_is_no_news(ledger: Ledger, path: Path, tmp_path: Path) -> None:
    imported(ledger, path, "ucdp-ged")
    text, notes = exported(ledger)
    again = tmp_path / path.name
    again.write_text(text, encoding="utf-8")
    done = imported(ledger, again, "ucdp-ged", complete=True)
    assert (fates(done)[0], fates(done)[1], fates(done)[3:]) == (0, 0, (0, 0))
    assert notes == []
    other = new_ledger(tmp_path / "other.db")
    imported(other, again, "ucdp-ged")
    assert exported(other) == (text, [])
    assert totals(other, "country,year") == totals(ledger, "country,year")


def test_a_later_version_comes_back_with_what_changed(ledger: Ledger, tmp_path: Path) -> None:
    rows = read(GED241)
    imported(ledger, GED241, "ucdp-ged")
    with ledger.asking() as present:
        size = str(present.log.stop)
    before = exported(ledger)
    changed = {"deaths_b": "0", "deaths_civilians": "7", "source_original": "Invented mayor"}
    rows[0] |= {**changed, "source_article": '"Invented Herald,2022-01-09,Counted anew"'}
    imported(ledger, write(tmp_path / "ged251.csv", rows), "ucdp-ged")
    (row,) = [row for row in lines(ledger) if row["id"] == rows[0]["id"]]
    assert {name: row[name] for name in changed} == changed
    assert row["source_article"] == rows[0]["source_article"]
    assert exported(ledger, at=size) == before


def test_an_incident_from_elsewhere(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 3+", date="2024-01", labels={"dyad": "7"})])
    (row,) = lines(ledger)
    assert {name: cell for name, cell in row.items() if cell} == {
        "id": "ambush",
        "dyad_new_id": "7",
        "event_clarity": "1",
        "date_start": "2024-01-01",
        "date_end": "2024-01-31",
        "low": "3",
    }


def test_zero_is_not_inferred_for_an_incident_from_elsewhere(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 3", "killed[role=civilian] 3")])
    (row,) = lines(ledger)
    assert [row[name] for name in (*PARTS, *SUMS)] == ["", "", "3", "3", "3", "3"]


def test_lines_are_added_where_no_claim_is_of_all(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed[role=military] 2+")])
    ledger.append([counts("ambush", "killed[role=civilian] 1")])
    (row,) = lines(ledger)
    assert [row[name] for name in (*PARTS, *SUMS)] == ["", "", "1", "3", "3", ""]


def test_what_a_filter_asks_of_lines_is_counted_alone(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 9", "killed[role=civilian] 4")])
    ledger.append([incident("raid", "killed 5")])
    text, notes = exported(ledger, ask(where=["role=civilian"]))
    (row,) = csv.DictReader(io.StringIO(text))
    assert [row[name] for name in ("id", "deaths_civilians", *SUMS)] == ["ambush", *"4444"]
    assert notes == ["left out as discounted, or without a count of the killed: 1"]


def test_what_is_left_out_is_said(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 3"), incident("raid", "injured 2")])
    ledger.append([incident("siege", "killed 4", status="discounted")])
    text, notes = exported(ledger)
    assert [row["id"] for row in csv.DictReader(io.StringIO(text))] == ["ambush"]
    assert notes == ["left out as discounted, or without a count of the killed: 2"]


def test_the_clocks_and_the_policy_choose_the_claim(ledger: Ledger) -> None:
    ledger.append([source(), source(HERALD, "2024-01-09", grade="C")])
    ledger.append([incident("ambush", "killed 3")])
    ledger.append([counts("ambush", "killed 5", of=HERALD, claimant="Invented Army")])
    assert [row["best"] for row in lines(ledger)] == ["5"]
    assert [row["best"] for row in lines(ledger, ask(known_by="2024-01-05"))] == ["3"]
    assert [row["best"] for row in lines(ledger, ask(policy="graded"))] == ["3"]
    assert [row["best"] for row in lines(ledger, at="3")] == ["3"]
    assert [row["best"] for row in lines(ledger, ask(as_of="2023-12-31"))] == []


def test_text_is_raw(ledger: Ledger) -> None:
    data = said.IncidentRecorded(
        kind="state-based",
        title="Invented",
        date="2024-01-01",
        parties=("=1+1", "@invented"),
        place=Place(name="-Invented Town", country="MM"),
        counts=(claimed("killed 1"),),
    )
    ledger.append([source(), Draft(stream="incident/raw", data=data, citations=(cite(),))])
    (row,) = lines(ledger)
    wanted = ("=1+1", "@invented", "-Invented Town", "Myanmar (Burma)", "1")
    names = ("side_a", "side_b", "where_coordinates", "country", "type_of_violence")
    assert tuple(row[name] for name in names) == wanted


def test_every_country_has_a_name_that_is_read_back() -> None:
    found, shared = countries(words()), words()
    assert set(found.names) == set(shared["ucdp-countries"].values())
    assert {shared["ucdp-countries"][name]: name for name in found.names.values()} == found.names
    assert {shared["iso3"][code]: code for code in found.iso3.values()} == found.iso3
    assert set(found.iso3) == COUNTRIES


@pytest.mark.parametrize(
    ("relays", "cell"),
    [
        ((), ""),
        (("Invented Yearbook 2003",), "Invented Yearbook 2003"),
        (("Invented Gazette,2022-01-01,Clash",), '"Invented Gazette,2022-01-01,Clash"'),
        (("A", "B; C"), '"A";"B; C"'),
    ],
)
def test_articles_are_written_as_they_are_read(relays: tuple[str, ...], cell: str) -> None:
    assert ged.joined(relays) == cell
    assert tuple(taken_apart(cell, '";"')) == relays
