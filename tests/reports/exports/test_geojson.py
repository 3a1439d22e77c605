"""Incidents as features: points with their precision, none where there are no coordinates."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from ledger.app import Ledger
from ledger.events import Draft
from ledger.events import payloads as said
from ledger.places import Place
from ledger.reports import manifest
from ledger.reports.exports import geojson
from ledger.reports.question import PLAIN, Question, ask
from ledger.reports.request import Request
from tests.intake.mapped import DATA, imported
from tests.invented import cite, claimed, incident, source


def exported(ledger: Ledger, question: Question = PLAIN, at: str = "") -> dict[str, Any]:
    out, request = io.StringIO(), Request(report="geojson", at=at)
    with ledger.asking(at) as present:
        how = manifest.made(request, present.made_of(request), "geojson")
        number = geojson.write(present.connection, question, how, out)
    found: dict[str, Any] = json.loads(out.getvalue())
    assert len(found["features"]) == number
    assert len(out.getvalue().splitlines()) == number + 2
    return found


def placed(latitude: str, longitude: str, precision: int | None = None, title: str = "A") -> Draft:
    place = Place(name="Invented Town", latitude=latitude, longitude=longitude, precision=precision)
    data = said.IncidentRecorded(
        kind="siege", title=title, date="2024-01-01", place=place, counts=(claimed("killed 2+"),)
    )
    return Draft(stream="incident/placed", data=data, citations=(cite(),))


def test_the_seeds(seeds: Ledger) -> None:
    found = exported(seeds)
    assert found["type"] == "FeatureCollection"
    assert found["ledger"]["state"]["position"] == 199
    assert [one["type"] for one in found["features"]] == ["Feature"] * 7
    geometries = {one["id"]: one["geometry"] for one in found["features"]}
    assert geometries["taji-2020-03-11"] == {"type": "Point", "coordinates": [44.2775, 33.529444]}
    assert [one for one in geometries.values() if one is None] == [None] * 6


def test_properties_are_what_is_known(ledger: Ledger) -> None:
    ledger.append([source(), placed("22.5", "-91.25", 5), incident("elsewhere", "injured 1")])
    one, other = exported(ledger)["features"]
    told = one["properties"]
    assert (told["incident"], told["precision"], told["place"]) == ("placed", 5, "Invented Town")
    assert (told["killed_low"], told["killed_best"], told["killed_high"]) == (2, 2, None)
    assert (told["injured_best"], told["country"], told["labels"]) == (None, None, None)
    assert "latitude" not in told
    assert (other["geometry"], other["properties"]["injured_best"]) == (None, 1)
    assert list(told) == list(other["properties"])


@pytest.mark.parametrize(
    ("text", "number"),
    [("22.488976", "22.488976"), ("-022.50", "-22.50"), ("00", "0"), ("-0.0", "-0.0"), ("7", "7")],
)
def test_digits_stay_as_given(ledger: Ledger, text: str, number: str) -> None:
    ledger.append([source(), placed(text, "1.10")])
    out = io.StringIO()
    with ledger.asking() as present:
        request = Request(report="geojson")
        how = manifest.made(request, present.made_of(request), "geojson")
        geojson.write(present.connection, PLAIN, how, out)
    assert f'"coordinates":[1.10,{number}]' in out.getvalue()
    json.loads(out.getvalue())


def test_text_stays_and_is_safe_json(ledger: Ledger) -> None:
    title = "=1+1 \u202e\x1b[31m</script>"
    ledger.append([source(), placed("1", "2", title=title)])
    (one,) = exported(ledger)["features"]
    assert one["properties"]["title"] == title


def test_questions_and_clocks(seeds: Ledger) -> None:
    found = exported(seeds, ask(where=["kind=rocket-attack"], measures=["injured"]))
    assert [one["id"] for one in found["features"]] == ["k1-2019-12-27", "taji-2020-03-11"]
    assert "killed_best" not in found["features"][0]["properties"]
    assert len(exported(seeds, ask(known_by="2020-01-05"))["features"]) == 4
    early = exported(seeds, at="80")
    assert early["ledger"]["state"]["position"] == 80
    assert exported(seeds, ask(as_of="2019-12-26"))["features"] == []


def test_rows_of_a_dataset(ledger: Ledger) -> None:
    imported(ledger, DATA / "ged241-invented.csv", "ucdp-ged")
    found = {one["id"]: one for one in exported(ledger)["features"]}
    points = [found[f"ucdp-ged-90000{number}"] for number in (1, 2, 3)]
    wanted = [[91, 22], [91.11, 22.07], [91.22, 22.14]]
    assert [one["geometry"]["coordinates"] for one in points] == wanted
    assert [one["properties"]["precision"] for one in points] == [1, 2, 3]
