"""`ledger export`: every format by its option or suffix, nothing asked is passed over."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import frictionless
import pytest

from tests.cli.command import SEEDED, Command

EXPORT = ("export", "-f")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_events_are_the_default(seeded: Command) -> None:
    out = seeded.fine("export")
    assert len(out.splitlines()) == SEEDED
    assert seeded.fine(*EXPORT, "jsonl") == out
    assert seeded.fine("export", "-o", "events.jsonl") == ""
    assert (seeded.folder / "events.jsonl").read_text(encoding="utf-8") == out


def test_events_at_a_position(seeded: Command) -> None:
    whole = seeded.fine("export").splitlines()
    assert seeded.fine("export", "--at", "7").splitlines() == whole[:7]
    assert seeded.fine("export", "--at", "0") == ""
    assert "there is no position 1000" in seeded.refused("export", "--at", "1000")


@pytest.mark.parametrize(
    "option",
    [
        ("--where", "country=IQ"),
        ("--known-by", "2020-01-01"),
        ("--measure", "killed"),
        ("--tally", "oir-us-combat-deaths"),
        ("--policy", "graded"),
    ],
)
def test_events_are_of_no_question(seeded: Command, option: tuple[str, str]) -> None:
    assert "--at alone" in seeded.refused("export", *option)


def test_a_data_package(seeded: Command) -> None:
    done = seeded(*EXPORT, "datapackage", "-o", "package", "--where", "country=IQ")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("package: 6 incidents, ")
    assert done.err.endswith("of the first 199 events\n")
    assert frictionless.Package("package/datapackage.json").validate().valid
    told = json.loads(Path("package/datapackage.json").read_text(encoding="utf-8"))
    assert told["ledger"]["question"]["where"] == {"country": ["IQ"]}
    again = seeded.refused(*EXPORT, "datapackage", "-o", "package")
    assert "package exists already" in again


def test_a_data_package_of_before(seeded: Command) -> None:
    seeded.fine(*EXPORT, "datapackage", "-o", "before", "--at", "100")
    told = json.loads(Path("before/datapackage.json").read_text(encoding="utf-8"))
    assert told["version"] == "100"
    assert told["ledger"]["question"]["at"] == "100"
    assert frictionless.Package("before/datapackage.json").validate().valid


@pytest.mark.parametrize("target", [(), ("-o", "-")])
def test_a_data_package_needs_a_folder(seeded: Command, target: tuple[str, ...]) -> None:
    assert "name a new one with -o" in seeded.refused(*EXPORT, "datapackage", *target)


def test_ged(seeded: Command) -> None:
    done = seeded(*EXPORT, "ucdp-ged", "-o", "ged.csv", "--known-by", "2020-03-12")
    assert done.code == 0
    told = rows((seeded.folder / "ged.csv").read_text(encoding="utf-8"))
    assert f"ged.csv: {len(told)} rows, of the first 199 events, root " in done.err
    assert "note: left out as discounted, or without a count of the killed: " in done.err
    assert next(row for row in told if row["id"] == "taji-2020-03-11")["country"] == "Iraq"
    assert rows(seeded.fine(*EXPORT, "ucdp-ged", "--known-by", "2020-03-12")) == told


def test_hxl_of_incidents_and_of_a_tally(seeded: Command) -> None:
    tags, *told = rows(seeded.fine(*EXPORT, "hxl"))
    assert (tags["incident"], tags["killed"], len(told)) == ("#event+id", "#affected+killed", 7)
    tags, *told = rows(seeded.fine(*EXPORT, "hxl", "--tally", "oir-us-combat-deaths"))
    assert [name for name in tags if name.startswith("injured")] == []


def test_hxl_of_a_report_has_its_rows(seeded: Command) -> None:
    asked = ("totals", "--measure", "killed", "--by", "country")
    tags, *told = rows(seeded.fine(*EXPORT, "hxl", "--report", *asked))
    assert told == seeded.rows("report", *asked)
    assert (tags["country"], tags["best"]) == ("#country+code+v_iso2", "#affected+killed")


def test_hxl_of_a_running_total(seeded: Command) -> None:
    tally = "oir-us-combat-deaths"
    _, *told = rows(seeded.fine(*EXPORT, "hxl", "--report", "running", "--tally", tally))
    assert told == seeded.rows("report", "running", tally)
    assert "name it with --tally" in seeded.refused(*EXPORT, "hxl", "--report", "running")


def test_geojson_by_its_suffix(seeded: Command) -> None:
    done = seeded("export", "-o", "all.geojson")
    assert "all.geojson: 7 rows, of the first 199 events" in done.err
    found = json.loads((seeded.folder / "all.geojson").read_text(encoding="utf-8"))
    assert found["type"] == "FeatureCollection"
    assert found["ledger"]["question"] == {"report": "geojson"}
    assert json.loads(seeded.fine(*EXPORT, "geojson")) == found


MADE = (
    ("-f", "ucdp-ged", "-o", "made.csv"),
    ("-f", "ucdp-ged", "--where", "country=IQ", "--known-by", "2020-03-12", "-o", "made.csv"),
    ("-f", "hxl", "-o", "made.csv"),
    ("-f", "hxl", "--tally", "oir-us-combat-deaths", "-o", "made.csv"),
    ("-f", "hxl", "--report", "totals", "--by", "country", "--at", "150", "-o", "made.csv"),
    ("-f", "hxl", "--report", "changes", "--measure", "killed", "-o", "made.csv"),
    ("--measure", "killed", "--at", "150", "-o", "made.geojson"),
)


@pytest.mark.parametrize("arguments", MADE, ids=" ".join)
def test_a_file_is_made_again(seeded: Command, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = seeded("export", *arguments)
    name = arguments[-1]
    path, beside = seeded.folder / name, seeded.folder / f"{name}-metadata.json"
    said = json.loads(beside.read_text(encoding="utf-8"))
    assert said["hash"] == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    assert f"{name}: {said['rows']} rows, of the first " in done.err
    kind = arguments[1] if arguments[0] == "-f" else "geojson"
    assert (said["ledger"]["export"], said["ledger"]["raw"]) == (kind, True)
    key = tmp_path / "invented.key"
    seeded.fine("key", "new", "--name", "ledger.example/invented", "-o", key)
    seeded.fine("checkpoint", "--key", key, "-o", "later.checkpoint")
    seeded.fine("retract", "145", "--reason", "an invented reason")
    position = said["ledger"]["state"]["position"]
    told = seeded.fine("verify-report", name)
    assert told == f"{name}: the same {said['rows']} rows, of the first {position} events\n"
    path.write_text(path.read_text(encoding="utf-8") + "1\n", encoding="utf-8")
    assert seeded("verify-report", name).code == 3


@pytest.mark.parametrize("kind", ["hxl", "ucdp-ged"])
def test_a_manifest_describes_the_columns(seeded: Command, kind: str) -> None:
    seeded.fine(*EXPORT, kind, "-o", "made.csv")
    said = json.loads((seeded.folder / "made.csv-metadata.json").read_text(encoding="utf-8"))
    said = {key: value for key, value in said.items() if key not in ("$schema", "ledger")}
    found = frictionless.Resource.from_descriptor(said, basepath=str(seeded.folder)).validate()
    assert found.valid, found.flatten()


def test_events_and_what_goes_to_stdout_have_no_manifest(seeded: Command) -> None:
    seeded.fine("export", "-o", "events.jsonl")
    seeded.fine(*EXPORT, "hxl")
    assert not list(seeded.folder.glob("*-metadata.json"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "a.csv"), "a.csv: ucdp-ged or hxl? give -f"),
        (("-f", "geojson", "--report", "totals"), "--report is for -f hxl"),
        (("-f", "geojson", "--by", "country"), "--by is for -f hxl --report NAME"),
        (("-f", "hxl", "--report", "totls"), "did you mean totals?"),
        (("-f", "ucdp-ged", "--where", "contry=IQ"), "did you mean country?"),
        (("-f", "geojson", "--tally", "no-such"), "no-such"),
        (("-f", "excel"), "'excel' is not one of"),
        (("-f", "ucdp-ged", "-o", "nowhere/ged.csv"), "its folder does not exist"),
    ],
)
def test_what_is_refused(seeded: Command, arguments: tuple[str, ...], message: str) -> None:
    done = seeded("export", *arguments)
    assert done.code != 0
    assert message in done.err
    assert "unexpected error" not in done.err
    assert not (seeded.folder / "a.csv").exists()


def test_text_is_raw_where_a_report_guards_it(empty: Command) -> None:
    empty.fine(
        *("add", "source", "invented", "--title", "=1+1", "--publisher", "Invented Press"),
        *("--published", "2024-01-02"),
    )
    empty.fine(
        *("add", "incident", "ambush", "--kind", "armed-clash", "--title", "=1+1"),
        *("--date", "2024-01-01", "--count", "killed", "1", "--source", "invented"),
    )
    assert [row["title"] for row in empty.rows("report", "incidents")] == ["'=1+1"]
    _, told = rows(empty.fine(*EXPORT, "hxl", "--report", "incidents"))
    assert told["title"] == "=1+1"
