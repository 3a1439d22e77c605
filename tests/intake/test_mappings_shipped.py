"""The mappings that come with the program: each whole, and each without a column forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.intake import mapper, mappings
from ledger.places import COUNTRIES
from tests.intake.mapped import DATA, claimed, fates, imported, totals, write

FILES = {
    "acled": "acled-invented.csv",
    "counts": "counts-invented.csv",
    "hxl": "hxl-invented.csv",
    "incidents": "incidents-invented.csv",
    "ucdp-brd": "ucdp-brd-dyadic-151-invented.csv",
    "ucdp-brd-conflict": "BattleDeaths_v15_1_conf-invented.csv",
    "ucdp-ged": "ged151-invented.csv",
    "ucdp-nonstate": "NonState_v16_1-invented.csv",
    "ucdp-onesided": "ucdp-onesided-161-invented.csv",
}
"""An invented file of each."""

CODES = """
id = "invented"
version = 1
title = "Codes that mean unknown"
key = "{id}"

[columns]
numbers = ["killed", "low"]
aliases = { killed = ["dead", "deaths"] }
unknown = { killed = ["-99", "n/a"], low = ["-99"] }

[dataset]
key = "invented"
title = "Invented dataset"
publisher = "Invented Programme"

[incident]
key = "invented-{id}"
kind = "siege"
title = "Invented siege {id}"
date = "{date}"

[[counts]]
measure = "killed"
low = "{low}"
best = "{killed}"
"""


def test_they_are_all_tried_here() -> None:
    assert mappings.names() == sorted(FILES)


@pytest.mark.parametrize("name", sorted(FILES))
def test_each_is_right_by_itself(name: str) -> None:
    found = mappings.load(name)
    found = mapper.filled(found, {key: value for key, value in found.settings.items() if value})
    assert found.id in (name, "hxl-{file}")
    mapped = {*mapper.columns(found), *found.columns.optional}
    for kind in ("numbers", "unknown", "aliases"):
        assert set(getattr(found.columns, kind)) <= mapped, f"{kind} names a column that is mapped"
    assert set(found.columns.optional) <= set(mapper.columns(found))
    assert not mapped & set(found.columns.ignored)


@pytest.mark.parametrize("name", sorted(FILES))
def test_each_takes_its_file_again_without_news(ledger: Ledger, name: str) -> None:
    if name == "counts":
        imported(ledger, DATA / FILES["incidents"], "incidents")
    first = imported(ledger, DATA / FILES[name], name)
    assert first.counted.new > 0
    again = imported(ledger, DATA / FILES[name], name)
    assert again.counted.unchanged == first.counted.new
    assert again.counted.events == 0
    with ledger.asking() as present:
        assert not [one for one in present.check() if one.code != "total-differs"]


def test_codes_of_countries_of_either_length() -> None:
    codes = mappings.words()["country-codes"]
    assert codes["BD"] == codes["BGD"] == "BD"
    assert set(codes.values()) == set(COUNTRIES)


def test_codes_that_mean_unknown_survive_every_sum(ledger: Ledger, tmp_path: Path) -> None:
    """Unknown is not zero, and an empty cell says nothing at all; columns by their other names."""
    rows = [
        {"id": "a", "date": "2030-01-01", "deaths": "-99", "low": "-99"},
        {"id": "b", "date": "2030-01-01", "deaths": "n/a", "low": "2"},
        {"id": "c", "date": "2030-01-01", "deaths": "4.0", "low": ""},
        {"id": "d", "date": "2030-01-01", "deaths": "", "low": ""},
    ]
    mapping = tmp_path / "codes.toml"
    mapping.write_text(CODES, encoding="utf-8")
    assert fates(imported(ledger, write(tmp_path / "a.csv", rows), str(mapping)))[0] == 4
    assert [claimed(ledger, f"invented-{key}") for key in "abcd"] == [
        {"killed": "?"},
        {"killed": "2+"},
        {"killed": "~4"},
        {},
    ]
    with ledger.asking() as present:
        assert present.check() == []
    assert totals(ledger, "incident")["invented-a",] == (None, None, None)
    assert totals(ledger)[()] == (2, 6, None)
