from __future__ import annotations

import csv

import pytest

from ledger.app import Ledger
from ledger.audit import extents
from ledger.events import Draft
from ledger.events.payloads import IncidentRecorded
from ledger.places import COUNTRIES, Place
from tests.conftest import SHARED
from tests.invented import cite, source

CITIES = """
AF 34.53 69.17 Kabul
AR -34.60 -58.38 Buenos Aires
AR -54.80 -68.30 Ushuaia
AU -33.87 151.21 Sydney
AU -42.88 147.33 Hobart
BD 23.81 90.41 Dhaka
BR -22.91 -43.17 Rio de Janeiro
BR -3.12 -60.02 Manaus
CA 47.56 -52.71 St Johns
CD -1.67 29.22 Goma
CD -4.32 15.31 Kinshasa
CL -33.45 -70.67 Santiago
CL -27.15 -109.43 Hanga Roa
CN 39.90 116.41 Beijing
CN 39.47 75.99 Kashgar
CO 4.71 -74.07 Bogota
DE 52.52 13.41 Berlin
DK 55.10 14.70 Ronne
EC -0.18 -78.47 Quito
EC -0.74 -90.31 Puerto Ayora
EG 30.04 31.24 Cairo
ES 40.42 -3.70 Madrid
ES 28.12 -15.43 Las Palmas
ES 35.29 -2.94 Melilla
ET 9.03 38.74 Addis Ababa
FJ -18.14 178.44 Suva
FJ -17.28 -178.99 Lomaloma
FR 48.86 2.35 Paris
FR 4.92 -52.31 Cayenne
FR -20.88 55.45 Saint Denis
GB 51.51 -0.13 London
GB 54.60 -5.93 Belfast
GR 37.98 23.73 Athens
ID 5.55 95.32 Banda Aceh
ID -2.53 140.72 Jayapura
IL 31.78 35.22 Jerusalem
IN 28.61 77.21 Delhi
IN 34.08 74.80 Srinagar
IN 11.62 92.73 Port Blair
IQ 33.32 44.37 Baghdad
IR 35.69 51.39 Tehran
IT 41.90 12.50 Rome
IT 35.50 12.61 Lampedusa
JP 35.68 139.69 Tokyo
JP 26.21 127.68 Naha
KE -1.29 36.82 Nairobi
KI 1.33 172.98 Tarawa
KI 1.87 -157.43 Kiritimati
KR 37.57 126.98 Seoul
LB 33.89 35.50 Beirut
LY 32.89 13.19 Tripoli
ML 16.27 -0.04 Gao
MM 16.87 96.20 Yangon
MX 32.51 -117.04 Tijuana
NG 11.83 13.15 Maiduguri
NL 52.37 4.90 Amsterdam
NL 12.12 -68.93 Willemstad
NO 59.91 10.75 Oslo
NO 78.22 15.65 Longyearbyen
NZ -36.85 174.76 Auckland
NZ -43.95 -176.56 Waitangi
PH 7.07 125.61 Davao
PK 24.86 67.01 Karachi
PS 31.50 34.47 Gaza
PT 38.72 -9.14 Lisbon
PT 32.65 -16.91 Funchal
PT 37.74 -25.67 Ponta Delgada
RU 55.76 37.62 Moscow
RU 54.71 20.51 Kaliningrad
RU 66.16 -169.81 Uelen
RU 43.12 131.89 Vladivostok
RW -1.94 30.06 Kigali
SD 15.50 32.56 Khartoum
SO 2.05 45.32 Mogadishu
SY 36.20 37.13 Aleppo
TO -21.14 -175.20 Nukualofa
TR 37.91 40.24 Diyarbakir
UA 44.62 33.53 Sevastopol
UA 50.45 30.52 Kyiv
US 40.71 -74.01 New York
US 21.31 -157.86 Honolulu
US 61.22 -149.90 Anchorage
US 52.72 174.11 Shemya
US 18.47 -66.11 San Juan
VE 10.48 -66.90 Caracas
XK 42.66 21.17 Pristina
YE 15.37 44.19 Sanaa
YE 12.65 54.02 Hadibu
ZA -33.92 18.42 Cape Town
"""
GED = SHARED / "data" / "ucdp" / "ged191-bgd-mmr.csv"
CODES = {"Bangladesh": "BD", "Myanmar (Burma)": "MM"}


@pytest.mark.parametrize("line", CITIES.strip().splitlines())
def test_a_town_is_in_its_country(line: str) -> None:
    country, latitude, longitude, _ = line.split(" ", 3)
    assert extents.contains(country, float(latitude), float(longitude))


def test_towns_of_many_countries_are_tried() -> None:
    assert len({line[:2] for line in CITIES.strip().splitlines()}) >= 40


@pytest.mark.parametrize(
    ("country", "latitude", "longitude"),
    [
        ("IQ", 44.37, 33.32),  # Baghdad, latitude and longitude exchanged
        ("CO", 4.71, 74.07),  # Bogota, a sign lost
        ("AF", 34.53, 6.917),  # Kabul, the point at another place
        ("RU", 55.76, 1.0),
        ("RU", 66.0, -160.0),
        ("FJ", -17.0, 0.0),
        ("US", 0.0, -100.0),
        ("FR", 48.86, -52.31),
    ],
)
def test_slips_are_seen(country: str, latitude: float, longitude: float) -> None:
    assert not extents.contains(country, latitude, longitude)


def test_a_land_that_crosses_the_180th_meridian() -> None:
    for longitude in (180.0, -180.0, 179.99, -179.99):
        assert extents.contains("FJ", -16.8, longitude)
        assert extents.contains("RU", 70.0, longitude)


def test_every_country_has_its_extents() -> None:
    assert extents.EXTENTS.keys() == COUNTRIES
    assert {code for some in extents.PARTS.values() for code in some} <= COUNTRIES
    for west, south, east, north in (box for boxes in extents.EXTENTS.values() for box in boxes):
        assert -90 <= south < north <= 90
        assert west != east
        assert max(abs(west), abs(east)) <= 180


def test_no_country_lies_where_both_numbers_are_zero() -> None:
    assert [code for code in COUNTRIES if extents.contains(code, 0, 0)] == []


@pytest.mark.skipif(
    not GED.exists(), reason="UCDP GED 19.1 of Bangladesh and Myanmar is not beside the project"
)
def test_places_of_a_dataset_are_in_their_countries(ledger: Ledger) -> None:
    with GED.open(encoding="utf-8") as opened:
        drafts = [located(row) for row in csv.DictReader(opened)]
    assert len(drafts) == 3194
    ledger.append([source(published="2019"), *drafts])
    with ledger.asking() as present:
        assert present.check(flags=True) == []


def located(row: dict[str, str]) -> Draft:
    """What a row of the dataset says of parties and places."""
    place = Place(
        name=row["where_coordinates"],
        country=CODES[row["country"]],
        admin1=row["adm_1"],
        admin2=row["adm_2"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        precision=int(row["where_prec"]),
    )
    data = IncidentRecorded(
        kind="state-based",
        title=row["dyad_name"],
        date=row["date_start"],
        place=place,
        parties=(row["side_a"], row["side_b"]),
    )
    return Draft(stream=f"incident/ged-{row['id']}", data=data, citations=(cite(),))
