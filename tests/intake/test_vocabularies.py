"""The vocabularies of countries: complete, in agreement with each other, and with real data."""

from __future__ import annotations

import csv
import tomllib
import unicodedata

import pytest

from ledger.places import COUNTRIES
from tests.conftest import ROOT, SHARED

FILE = ROOT / "ledger" / "intake" / "mappings" / "vocabularies.toml"
GED = SHARED / "data" / "ucdp" / "ged191-bgd-mmr.csv"
HDX = SHARED / "data" / "ucdp" / "hdx-conflict-data-bgd.csv"

Vocabularies = dict[str, dict[str, str]]

BY_NAME_AND_NUMBER = [
    ("United States of America", "2", "US"),
    ("Haiti", "41", "HT"),
    ("Colombia", "100", "CO"),
    ("United Kingdom", "200", "GB"),
    ("German Democratic Republic", "265", "DE"),
    ("Czech Republic", "316", "CZ"),
    ("North Macedonia", "343", "MK"),
    ("Serbia (Yugoslavia)", "345", "RS"),
    ("Bosnia-Herzegovina", "346", "BA"),
    ("Kosovo", "347", "XK"),
    ("Rumania", "360", "RO"),
    ("Russia (Soviet Union)", "365", "RU"),
    ("Gambia", "420", "GM"),
    ("Ivory Coast", "437", "CI"),
    ("Guinea", "438", "GN"),
    ("Central African Republic", "482", "CF"),
    ("Congo", "484", "CG"),
    ("DR Congo (Zaire)", "490", "CD"),
    ("Zanzibar", "511", "TZ"),
    ("Zimbabwe (Rhodesia)", "552", "ZW"),
    ("Kingdom of eSwatini (Swaziland)", "572", "SZ"),
    ("Madagascar (Malagasy)", "580", "MG"),
    ("South Sudan", "626", "SS"),
    ("Israel", "666", "IL"),
    ("Yemen (North Yemen)", "678", "YE"),
    ("South Yemen", "680", "YE"),
    ("Bangladesh", "771", "BD"),
    ("Myanmar (Burma)", "775", "MM"),
    ("Cambodia (Kampuchea)", "811", "KH"),
    ("South Vietnam", "817", "VN"),
]

OLDER_AND_NEWER = [
    ("Myanmar (Burma)", "Myanmar"),
    ("DR Congo (Zaire)", "DR Congo"),
    ("Russia (Soviet Union)", "Russia"),
    ("Yemen (North Yemen)", "Yemen"),
    ("Serbia (Yugoslavia)", "Serbia"),
    ("Vietnam (North Vietnam)", "Vietnam"),
    ("Kingdom of eSwatini (Swaziland)", "Kingdom of eSwatini"),
    ("Macedonia, FYR", "North Macedonia"),
    ("Rumania", "Romania"),
    ("East Timor", "Timor-Leste"),
    ("Samoa (Western Samoa)", "Samoa"),
]

ACLED = [
    ("Democratic Republic of Congo", "CD"),
    ("Republic of Congo", "CG"),
    ("Ivory Coast", "CI"),
    ("eSwatini", "SZ"),
    ("Bosnia and Herzegovina", "BA"),
    ("Palestine", "PS"),
    ("Myanmar", "MM"),
    ("Czech Republic", "CZ"),
    ("East Timor", "TL"),
    ("Kosovo", "XK"),
    ("United States", "US"),
    ("North Macedonia", "MK"),
]


@pytest.fixture(scope="module")
def vocabularies() -> Vocabularies:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def test_the_tables_that_mappings_name(vocabularies: Vocabularies) -> None:
    assert list(vocabularies) == [
        "ucdp-countries",
        "gw-numbers",
        "iso3",
        "iso-numeric",
        "country-names",
    ]


def test_every_value_is_a_country(vocabularies: Vocabularies) -> None:
    for name, table in vocabularies.items():
        assert set(table.values()) <= COUNTRIES, name


@pytest.mark.parametrize("name", ["iso3", "iso-numeric"])
def test_every_country_has_one_code(vocabularies: Vocabularies, name: str) -> None:
    assert sorted(vocabularies[name].values()) == sorted(COUNTRIES)


def test_every_country_has_a_name(vocabularies: Vocabularies) -> None:
    assert set(vocabularies["country-names"].values()) == COUNTRIES


def test_the_shape_of_keys(vocabularies: Vocabularies) -> None:
    assert all(len(key) == 3 and key.isascii() and key.isupper() for key in vocabularies["iso3"])
    for name in ("gw-numbers", "iso-numeric"):
        assert all(key == str(int(key)) and int(key) < 1000 for key in vocabularies[name]), name
    for name in ("ucdp-countries", "country-names"):
        for key in vocabularies[name]:
            assert key == unicodedata.normalize("NFC", key.strip())


@pytest.mark.parametrize(
    ("iso3", "number", "code"),
    [
        ("AFG", "4", "AF"),
        ("MMR", "104", "MM"),
        ("PSE", "275", "PS"),
        ("ROU", "642", "RO"),
        ("SRB", "688", "RS"),
        ("SSD", "728", "SS"),
        ("SDN", "729", "SD"),
        ("XKX", "0", "XK"),
    ],
)
def test_iso_codes(vocabularies: Vocabularies, iso3: str, number: str, code: str) -> None:
    assert vocabularies["iso3"][iso3] == code
    assert vocabularies["iso-numeric"][number] == code


@pytest.mark.parametrize(("name", "number", "code"), BY_NAME_AND_NUMBER)
def test_ucdp_names_and_numbers_agree(
    vocabularies: Vocabularies, name: str, number: str, code: str
) -> None:
    assert vocabularies["ucdp-countries"][name] == code
    assert vocabularies["gw-numbers"][number] == code


def test_every_state_with_a_number_has_a_name(vocabularies: Vocabularies) -> None:
    named = set(vocabularies["ucdp-countries"].values())
    assert set(vocabularies["gw-numbers"].values()) <= named


@pytest.mark.parametrize(("older", "newer"), OLDER_AND_NEWER)
def test_spellings_of_versions_are_one_country(
    vocabularies: Vocabularies, older: str, newer: str
) -> None:
    names = vocabularies["ucdp-countries"]
    assert names[older] == names[newer]


@pytest.mark.parametrize(("name", "code"), ACLED)
def test_names_as_acled_spells_them(vocabularies: Vocabularies, name: str, code: str) -> None:
    assert vocabularies["country-names"][name] == code


def test_the_two_tables_of_names_do_not_disagree(vocabularies: Vocabularies) -> None:
    ucdp, others = vocabularies["ucdp-countries"], vocabularies["country-names"]
    assert {name for name in ucdp.keys() & others.keys() if ucdp[name] != others[name]} == set()


def test_a_state_that_lies_in_two_states_today_is_unknown(vocabularies: Vocabularies) -> None:
    assert "Czechoslovakia" not in vocabularies["ucdp-countries"]
    assert "315" not in vocabularies["gw-numbers"]


@pytest.mark.skipif(not GED.exists(), reason="the shared GED data is not here")
def test_countries_of_ged(vocabularies: Vocabularies) -> None:
    with GED.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3194
    for row in rows:
        code = vocabularies["ucdp-countries"][row["country"]]
        assert vocabularies["gw-numbers"][row["country_id"]] == code
    sides = {row[side] for row in rows for side in ("gwnoa", "gwnob")} - {""}
    assert {vocabularies["gw-numbers"][number] for number in sides} == {"BD", "IN", "MM"}


@pytest.mark.skipif(not HDX.exists(), reason="the shared HDX data is not here")
def test_countries_of_hdx(vocabularies: Vocabularies) -> None:
    with HDX.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not row["country"].startswith("#")]
    assert {vocabularies["iso3"][row["iso3"]] for row in rows} == {"BD"}
    assert {vocabularies["ucdp-countries"][row["country"]] for row in rows} == {"BD"}
