"""HXL: the tags that HDX puts on the same columns, and a file that is read back."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.catalogue import REPORTS
from ledger.errors import LedgerError
from ledger.intake.mappings import words
from ledger.reports.exports import hxl, separated
from ledger.reports.exports.countries import countries
from ledger.reports.manifest import Measured
from ledger.reports.question import PLAIN, Question, ask
from ledger.reports.table import text
from tests.conftest import new_ledger
from tests.intake.mapped import DATA, GED191, HDX, Row, fates, imported, totals
from tests.invented import incident, source

SAME = {
    "best": "killed",
    **{
        name: name
        for name in (
            *("year", "side_a", "side_b", "source_article", "where_coordinates", "adm_1", "adm_2"),
            *("latitude", "longitude", "country", "iso3", "date_start", "date_end"),
        )
    },
}
"""Columns of the file of HDX, and those of the export that hold the same."""
NOT_KEPT = {"source_headline", "region"}
"""Tagged columns of HDX that the mapping does not read."""


def exported(ledger: Ledger, question: Question = PLAIN, at: str = "") -> tuple[Row, list[Row]]:
    """The tag of each column, and the rows."""
    out = io.StringIO()
    with ledger.asking(at) as present:
        found = countries(words())
        answer, tags = hxl.table(present.connection, present.log, question, found)
        separated.write(answer.columns, answer.rows, Measured(out), tags)
    tagged, *rows = csv.DictReader(io.StringIO(out.getvalue()))
    return tagged, rows


def published() -> tuple[Row, list[Row]]:
    with HDX.open(encoding="utf-8", newline="") as file:
        tagged, *rows = csv.DictReader(file)
    return tagged, rows


@pytest.mark.skipif(not HDX.exists(), reason="../shared/data is not here")
def test_the_bangladesh_rows_have_the_tags_and_the_values_of_hdx(ledger: Ledger) -> None:
    imported(ledger, GED191, "ucdp-ged")
    tags, rows = exported(ledger, ask(where=["country=BD"]))
    wanted, theirs = published()
    assert {name: tags[SAME[name]] for name in SAME} == {name: wanted[name] for name in SAME}
    assert {name for name, tag in wanted.items() if tag} == {*SAME, *NOT_KEPT}
    mine = {row["incident"].removeprefix("ucdp-ged-"): row for row in rows}
    assert len(mine) == len(rows) == len(theirs)
    for row in theirs:
        for name, ours in SAME.items():
            if name != "source_article":
                assert mine[row["id"]][ours] == row[name].strip(), (row["id"], name)
    articles = [mine[row["id"]]["source_article"] == row["source_article"] for row in theirs]
    assert articles.count(False) == 6  # spaces within, articles named twice: not recorded


@pytest.mark.parametrize(
    "path", [DATA / "ged241-invented.csv", DATA / "hxl-invented.csv"], ids=lambda path: path.name
)
def test_it_is_read_back_by_the_mapping(ledger: Ledger, path: Path, tmp_path: Path) -> None:
    if path.name.startswith("ged"):
        imported(ledger, path, "ucdp-ged")
    else:
        settings = {"publisher": "Invented Relief", "kind": "armed-clash"}
        imported(ledger, path, "hxl", settings=settings)
    out = tmp_path / "exported.csv"
    with ledger.asking() as present, out.open("w", encoding="utf-8", newline="") as file:
        found = countries(words())
        answer, tags = hxl.table(present.connection, present.log, PLAIN, found)
        separated.write(answer.columns, answer.rows, Measured(file), tags)
        rows = present.report("incidents", PLAIN).rows
        number = len(list(rows))
    other = new_ledger(tmp_path / "other.db")
    done = imported(other, out, "hxl", settings={"publisher": "Invented Relief"})
    assert fates(done) == (number, 0, 0, 0, 0)
    assert bests(other, "country,year") == bests(ledger, "country,year")


def bests(ledger: Ledger, by: str) -> dict[tuple[object, ...], object]:
    return {group: figures[1] for group, figures in totals(ledger, by).items()}


def test_a_measure_has_its_tag_and_unknown_is_empty(seeds: Ledger) -> None:
    tags, rows = exported(seeds)
    assert (tags["killed"], tags["injured"]) == ("#affected+killed", "#affected+injured")
    assert (tags["killed_low"], tags["killed_high"], tags["munitions-fired"]) == ("", "", "")
    siege = next(row for row in rows if row["incident"] == "embassy-siege-2019-12-31")
    assert siege["killed"] == siege["killed_low"] == ""
    al_asad = next(row for row in rows if row["incident"] == "al-asad-2020-01-08")
    assert (al_asad["killed"], al_asad["injured"]) == ("0", "110")


def test_the_clocks(seeds: Ledger) -> None:
    _, rows = exported(seeds, ask(known_by="2020-01-30", where=["incident=al-asad-2020-01-08"]))
    with seeds.asking() as present:
        asked = ask(
            known_by="2020-01-30", where=["incident=al-asad-2020-01-08"], measures=["injured"]
        )
        ((*_, low, best, high, _, _, _, _),) = present.report("totals", asked).rows
    told = [rows[0][name] for name in ("injured_low", "injured", "injured_high")]
    assert told == ["" if one is None else str(one) for one in (low, best, high)]
    assert exported(seeds, at="80")[1] != exported(seeds)[1]


def test_it_rests_on_a_source_also_where_nothing_is_counted(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush"), incident("raid", "killed 1")])
    _, rows = exported(ledger)
    assert [row["source_article"] for row in rows] == ["Invented paper invented-gazette"] * 2


@pytest.mark.parametrize("name", sorted(REPORTS.keys() - {"open"}))
def test_a_report_has_tags(name: str) -> None:
    columns = REPORTS[name].columns(PLAIN)
    tags = hxl.tags_of(name, columns, PLAIN)
    assert len(tags) == len(columns)
    assert any(tags)


def test_one_measure_alone_is_tagged_as_what_it_counts() -> None:
    columns = REPORTS["totals"].columns(ask(by="country"))
    both = dict(
        zip([one.name for one in columns], hxl.tags_of("totals", columns, PLAIN), strict=True)
    )
    assert (both["country"], both["best"]) == ("#country+code+v_iso2", "#indicator+value")
    killed = hxl.tags_of("totals", columns, ask(measures=["killed"]))
    assert [tag for tag in killed if "killed" in tag] == ["#affected+killed"]
    assert not any("+value" in tag for tag in killed)


def test_a_report_without_a_tag_is_no_hxl() -> None:
    with pytest.raises(LedgerError, match="HXL has no tag for any column of invented"):
        hxl.tags_of("invented", (text("invented", "invented"),), PLAIN)
