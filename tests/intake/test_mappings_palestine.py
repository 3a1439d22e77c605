"""Daily increments and published cumulative figures, side by side in one file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.events import payloads as said
from tests.conftest import SHARED, new_ledger
from tests.intake.mapped import DATA, claimed, events, fates, imported, published, totals

GAZA = SHARED / "data" / "palestine" / "casualties_daily.json"
WEST_BANK = SHARED / "data" / "palestine" / "west_bank_daily.json"
needs_data = pytest.mark.skipif(not GAZA.exists(), reason="../shared/data is not here")

DAYS = [
    {"report_date": "2030-01-01", "report_source": "mohtel", "killed": 3, "killed_cum": 3},
    {"report_date": "2030-01-02", "report_source": "missing", "ext_killed": 2, "injured_cum": 9},
    {"report_date": "2030-01-03", "report_source": "gmotel", "killed": 0, "killed_cum": 5},
]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    made = new_ledger(tmp_path_factory.mktemp("palestine") / "ledger.db")
    for path, name in ((GAZA, "palestine-gaza.toml"), (WEST_BANK, "palestine-west-bank.toml")):
        assert fates(imported(made, path, str(DATA / name))) == (1051, 0, 0, 0, 0)
    return made


def test_a_day_is_an_incident_and_a_figure_a_published_total(
    ledger: Ledger, tmp_path: Path
) -> None:
    path = tmp_path / "casualties_daily.json"
    path.write_text(json.dumps(DAYS), encoding="utf-8")
    done = imported(ledger, path, str(DATA / "palestine-gaza.toml"))
    assert fates(done) == (3, 0, 0, 0, 0)
    assert totals(ledger, "area,day") == {
        ("gaza", "2030-01-01"): (3, 3, 3),
        ("gaza", "2030-01-03"): (0, 0, 0),
    }
    assert claimed(ledger, "gaza-2030-01-02") == {}, "an extrapolation is no report"
    found = events(ledger, "tally/gaza-killed", said.TotalPublished)
    assert [(one.as_of, one.count.best) for one in found] == [("2030-01-01", 3), ("2030-01-03", 5)]
    assert published(ledger)["gaza-killed"] == ("2030-01-03", "5", 3, -2, "differs")


@needs_data
def test_gazas_killed_part_from_the_published_sum_on_21_days(both: Ledger) -> None:
    with both.asking() as present:
        found = [one for one in present.check() if one.where == "tally gaza-killed"]
    assert len(found) == 21
    assert "as of 2023-11-12" in found[0].message
    assert "difference -102" in found[0].message


@needs_data
def test_areas_are_apart_and_add_up(both: Ledger) -> None:
    days = json.loads(GAZA.read_text(encoding="utf-8"))
    verified = [day.get("verified", {}) for day in json.loads(WEST_BANK.read_text("utf-8"))]
    for measure in ("killed", "injured"):
        found = {
            area: sums[1] for (area,), sums in totals(both, "area", measures=[measure]).items()
        }
        assert found == {
            "gaza": sum(day.get(measure, 0) for day in days),
            "west-bank": sum(day.get(measure, 0) for day in verified),
        }


@needs_data
def test_every_cumulative_figure_is_a_published_total(both: Ledger) -> None:
    days = json.loads(GAZA.read_text(encoding="utf-8"))
    for name in ("killed", "injured"):
        found = events(both, f"tally/gaza-{name}", said.TotalPublished)
        told = [(day["report_date"], day[f"{name}_cum"]) for day in days if f"{name}_cum" in day]
        assert [(one.as_of, one.count.best) for one in found] == told


@needs_data
def test_the_same_files_again_are_no_news(both: Ledger, tmp_path: Path) -> None:
    both.backup(tmp_path / "ledger.db")
    again = Ledger(tmp_path / "ledger.db", steward="Test Steward")
    done = imported(again, GAZA, str(DATA / "palestine-gaza.toml"))
    assert fates(done) == (0, 0, 1051, 0, 0)
    assert done.counted.events == 0
