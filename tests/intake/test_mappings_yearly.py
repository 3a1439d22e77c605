"""UCDP's yearly datasets: published totals, against the events of GED that the ledger holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.errors import RefusedError
from ledger.events import payloads as said
from tests.intake.mapped import (
    DATA,
    events,
    fates,
    findings,
    imported,
    published,
    read,
    told,
    write,
)

DYADS = DATA / "ucdp-brd-dyadic-151-invented.csv"
CONFLICTS = DATA / "BattleDeaths_v15_1_conf-invented.csv"
NON_STATE = DATA / "NonState_v16_1-invented.csv"
ONE_SIDED = DATA / "ucdp-onesided-161-invented.csv"


@pytest.fixture
def ged(ledger: Ledger) -> Ledger:
    """A ledger of the invented GED: dyad 8001 in 2015, 8002 and 8003 in 2016."""
    imported(ledger, DATA / "ged151-invented.csv", "ucdp-ged")
    return ledger


def test_battle_related_deaths_are_compared_by_dyad_and_year(ged: Ledger) -> None:
    assert fates(imported(ged, DYADS, "ucdp-brd")) == (3, 0, 0, 0, 0)
    assert published(ged) == {
        "ucdp-brd-dyad-8001-2015": ("2015-12-31", "8/7/6", 7, 0, "equal"),
        "ucdp-brd-dyad-8001-2016": ("2016-12-31", "~25", None, None, "differs"),
        "ucdp-brd-dyad-8009-2014": ("2014-12-31", "28/30/33", None, None, "differs"),
    }
    assert [where for where, _ in findings(ged)] == [
        "tally ucdp-brd-dyad-8001-2016",
        "tally ucdp-brd-dyad-8009-2014",
    ]


def test_codes_that_mean_unknown_are_unknown_not_zero(ged: Ledger) -> None:
    """-9 and -99 in the row of 2016, whose year is written as a float."""
    imported(ged, DYADS, "ucdp-brd")
    (total,) = events(ged, "tally/ucdp-brd-dyad-8001-2016", said.TotalPublished)
    assert (total.count.low, total.count.best, total.count.high) == (None, 25, None)


def test_a_tally_asks_for_what_ged_records(ged: Ledger) -> None:
    imported(ged, DYADS, "ucdp-brd")
    (tally,) = events(ged, "tally/ucdp-brd-dyad-8001-2015", said.TallyDefined)
    assert tally.where == {"kind": ("state-based",), "dyad": ("8001",), "year": ("2015",)}
    assert (tally.measure, tally.covers) == ("killed", "2015")
    assert tally.title == "Government of Inventia - Invented Front, 2015: battle-related deaths"


def test_the_file_by_conflict_has_a_mapping_of_its_own(ged: Ledger) -> None:
    """Its dyad_id lists several: no dyad's total is made of them."""
    assert told(imported(ged, CONFLICTS, "ucdp-brd")) == [("2", "dyad_id", "not-a-number")]
    assert fates(imported(ged, CONFLICTS, "ucdp-brd-conflict")) == (1, 0, 0, 0, 0)
    assert published(ged) == {
        "ucdp-brd-conflict-7001-2015": ("2015-12-31", "36/37/39", 7, -30, "differs")
    }


def test_non_state_conflict(ged: Ledger) -> None:
    assert fates(imported(ged, NON_STATE, "ucdp-nonstate")) == (1, 0, 0, 0, 0)
    assert published(ged) == {
        "ucdp-nonstate-dyad-8002-2016": ("2016-12-31", "3/5/6", 4, -1, "differs")
    }


def test_one_sided_violence_is_by_actor_and_asks_by_dyad(ged: Ledger) -> None:
    assert fates(imported(ged, ONE_SIDED, "ucdp-onesided")) == (1, 0, 0, 0, 0)
    assert published(ged) == {
        "ucdp-onesided-actor-9001-2016": ("2016-12-31", "0/0/9", 0, 0, "equal")
    }


@pytest.mark.parametrize(
    ("path", "mapping", "name", "key"),
    [
        (DYADS, "ucdp-brd", "ucdp-brd-dyadic-191.csv", "ucdp-brd191"),
        (DYADS, "ucdp-brd", "BattleDeaths_v24_1.csv", "ucdp-brd241"),
        (CONFLICTS, "ucdp-brd-conflict", "ucdp-brd-conf-201.csv", "ucdp-brd-conflict201"),
        (CONFLICTS, "ucdp-brd-conflict", "BattleDeaths_v24_1_conf.csv", "ucdp-brd-conflict241"),
        (NON_STATE, "ucdp-nonstate", "ucdp-nonstate-191.csv", "ucdp-nonstate191"),
        (NON_STATE, "ucdp-nonstate", "NonState_v24_1.csv", "ucdp-nonstate241"),
        (ONE_SIDED, "ucdp-onesided", "ucdp-onesided-191.csv", "ucdp-onesided191"),
        (ONE_SIDED, "ucdp-onesided", "OneSided_v24_1.csv", "ucdp-onesided241"),
    ],
)
def test_the_name_of_the_file_tells_the_version(
    ledger: Ledger, path: Path, mapping: str, name: str, key: str
) -> None:
    done = imported(ledger, path, mapping, dataset=name)
    (source,) = events(ledger, f"source/{key}", said.SourceRegistered)
    assert (source.published, done.notes) == (f"20{key[-3:-1]}", [])


def test_a_name_of_another_dataset_tells_no_version(ledger: Ledger) -> None:
    with pytest.raises(RefusedError, match="no-version"):
        imported(ledger, DYADS, "ucdp-brd", dataset="BattleDeaths_v24_1_conf.csv")


def test_the_next_version_takes_its_total_back_and_publishes_another(
    ged: Ledger, tmp_path: Path
) -> None:
    imported(ged, DYADS, "ucdp-brd")
    rows = read(DYADS)
    rows[1]["bd_best"] = "26"
    newer = write(tmp_path / "ucdp-brd-dyadic-161.csv", rows[:2])
    assert fates(imported(ged, newer, "ucdp-brd", complete=True)) == (0, 1, 1, 0, 1)
    assert list(published(ged)) == ["ucdp-brd-dyad-8001-2015", "ucdp-brd-dyad-8001-2016"]
    assert published(ged)["ucdp-brd-dyad-8001-2016"][1] == "~26"
    (retracted,) = events(ged, "tally/ucdp-brd-dyad-8009-2014", said.EventRetracted)
    assert retracted.kind == "withdrawn"
    assert fates(imported(ged, newer, "ucdp-brd", complete=True)) == (0, 0, 2, 0, 0)
