"""UCDP GED 19.1 by `ucdp-ged`: all of the file, nothing but the file, again and again."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.events import payloads as said
from tests.conftest import new_ledger
from tests.intake.mapped import GED191, HDX, Row, events, fates, imported, read, totals, write

pytestmark = pytest.mark.skipif(not GED191.exists(), reason="../shared/data is not here")

COUNTRIES = {"Bangladesh": "BD", "Myanmar (Burma)": "MM"}
KINDS = {"1": "state-based", "2": "non-state", "3": "one-sided"}
KEYS: dict[str, Callable[[Row], str]] = {
    "country": lambda row: COUNTRIES[row["country"]],
    "year": lambda row: row["year"],
    "kind": lambda row: KINDS[row["type_of_violence"]],
    "dyad": lambda row: row["dyad_new_id"],
    "conflict": lambda row: row["conflict_new_id"],
    "conflict-name": lambda row: row["conflict_name"],
}


def sums(by: str) -> dict[tuple[str, ...], tuple[int, ...]]:
    """Low, best and high by some keys, from the file and nothing else."""
    found: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    with GED191.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            group = found[tuple(KEYS[key](row) for key in by.split(","))]
            for place, name in enumerate(("low", "best", "high")):
                group[place] += int(row[name])
    return {key: tuple(group) for key, group in found.items()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A ledger of the whole file: to be read, not to be written."""
    made = new_ledger(tmp_path_factory.mktemp("ged") / "ledger.db")
    assert fates(imported(made, GED191, "ucdp-ged")) == (3194, 0, 0, 0, 0)
    return made


@pytest.fixture
def ledger(whole: Ledger, tmp_path: Path) -> Ledger:
    """A copy of it, to be written."""
    whole.backup(tmp_path / "ledger.db")
    return Ledger(tmp_path / "ledger.db", steward="Test Steward")


@pytest.mark.parametrize(
    "by", ["country,year,kind", "dyad,year", "conflict", "kind", "country", "conflict-name"]
)
def test_the_sums_are_those_of_the_file(whole: Ledger, by: str) -> None:
    assert totals(whole, by) == sums(by)


def test_it_cites_the_version_of_the_dataset(whole: Ledger) -> None:
    with whole.asking() as present:
        (registered,) = present.log.stream("source/ged191")
        recorded = present.log.stream("incident/ucdp-ged-209980")[0]
    assert isinstance(registered.data, said.SourceRegistered)
    assert registered.data.published == "2019"
    (cited,) = recorded.citations
    assert (cited.source, cited.claimant, cited.locator) == ("ged191", "UCDP", "209980")
    assert len(cited.relays) == 1


def test_the_same_file_again_is_no_news(ledger: Ledger) -> None:
    done = imported(ledger, GED191, "ucdp-ged", complete=True)
    assert fates(done) == (0, 0, 3194, 0, 0)
    assert done.counted.events == 0


def test_a_cell_that_changed_is_one_revision(ledger: Ledger, tmp_path: Path) -> None:
    rows = read(GED191)
    rows[7]["adm_1"] = "Invented Division"
    done = imported(ledger, write(tmp_path / GED191.name, rows), "ucdp-ged")
    assert fates(done) == (0, 1, 3193, 0, 0)
    (revised,) = events(ledger, f"incident/ucdp-ged-{rows[7]['id']}", said.IncidentRevised)
    assert revised.place is not None
    assert revised.place.admin1 == "Invented Division"
    assert revised.reason == f"ucdp-ged {rows[7]['id']}: place.admin1"


def test_a_figure_that_changed_is_one_claim(ledger: Ledger, tmp_path: Path) -> None:
    rows = read(GED191)
    rows[7]["high"] = "1000000"
    before = totals(ledger)[()]
    done = imported(ledger, write(tmp_path / GED191.name, rows), "ucdp-ged")
    assert fates(done) == (0, 1, 3193, 0, 0)
    (report,) = events(ledger, f"incident/ucdp-ged-{rows[7]['id']}", said.CountsReported)
    assert [(one.line, one.count.high) for one in report.claims] == [("killed", 1_000_000)]
    assert totals(ledger)[()][:2] == before[:2]


def test_rows_that_are_gone_are_withdrawn_and_stay_in_the_past(
    ledger: Ledger, tmp_path: Path
) -> None:
    rows = read(GED191)
    gone, kept = rows[100:110], rows[:100] + rows[110:]
    with ledger.asking() as present:
        size = str(present.log.stop)
    done = imported(ledger, write(tmp_path / GED191.name, kept), "ucdp-ged", complete=True)
    assert fates(done) == (0, 0, 3184, 0, 10)
    after = sum(int(row["best"]) for row in kept)
    assert totals(ledger)[()][1] == after
    assert totals(ledger, at=size)[()][1] == after + sum(int(row["best"]) for row in gone)
    back = imported(ledger, GED191, "ucdp-ged", complete=True)
    assert fates(back) == (10, 0, 3184, 0, 0)


def test_hxl_gives_the_same_killed(whole: Ledger, tmp_path: Path) -> None:
    other = new_ledger(tmp_path / "hxl.db")
    assert fates(imported(other, HDX, "hxl", key="id")) == (601, 0, 0, 0, 0)
    same = totals(whole, "country,year", where=["country=BD"])
    assert {key: best for key, (_, best, _) in totals(other, "country,year").items()} == {
        key: best for key, (_, best, _) in same.items()
    }
