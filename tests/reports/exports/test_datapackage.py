"""A data package is valid by another program, whole or not there, and raw."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import frictionless
import pytest
from hypothesis import given, settings
from sqlalchemy import Connection

from ledger.app import Ledger
from ledger.counts import Count
from ledger.errors import LedgerError
from ledger.events import Draft
from ledger.events import payloads as said
from ledger.reports.exports import contents, datapackage
from ledger.reports.exports.datapackage import FILE, FolderExistsError
from ledger.reports.question import Question
from ledger.reports.request import Request
from ledger.store.log import Log
from tests.histories import Step, histories, play
from tests.intake.mapped import DATA, imported
from tests.invented import attribution, cite, incident, link, merge, person, source

NAMES = ["incidents", "counts", "claims", "people", "sources", "attributions", "links"]
ASKED: tuple[dict[str, object], ...] = (
    {},
    {"known_by": "2024-01-05"},
    {"where": {"incident": ("ambush",)}},
    {"as_of": "2024-01-02", "policy": "envelope"},
)
numbers = count(1)

Rows = list[dict[str, str]]


def packed(ledger: Ledger, folder: Path, **asked: object) -> Path:
    request = Request(report="datapackage", **asked)  # type: ignore[arg-type]
    with ledger.asking(request.at) as present:
        put = request.question()
        datapackage.write(present.connection, present.log, request, put, folder)
    return folder


def rows(folder: Path, name: str) -> Rows:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def valid(folder: Path) -> None:
    found = frictionless.Package(str(folder / FILE)).validate()
    assert found.valid, found.flatten(["name", "message"])


def keyed(folder: Path) -> None:
    """Keys are unique, and what they refer to is there."""
    for one in json.loads((folder / FILE).read_text(encoding="utf-8"))["resources"]:
        found = rows(folder, one["name"])
        keys = [tuple(row[name] for name in one["schema"]["primaryKey"]) for row in found]
        assert len(set(keys)) == len(keys), one["name"]
        for foreign in one["schema"].get("foreignKeys", []):
            ((column,), to) = foreign["fields"], foreign["reference"]
            there = {row[to["fields"][0]] for row in rows(folder, to["resource"])}
            assert {row[column] for row in found} <= there, (one["name"], column)


@pytest.mark.parametrize("asked", [{}, {"known_by": "2020-01-31"}, {"at": "100"}])
def test_the_seeds(seeds: Ledger, tmp_path: Path, asked: dict[str, str]) -> None:
    folder = packed(seeds, tmp_path / "package", **asked)
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [FILE, *(f"{name}.csv" for name in NAMES)]
    )
    valid(folder)


@given(steps=histories(most=20))
@settings(max_examples=25)
def test_keys_hold_in_random_histories(
    make_ledger: Callable[[], Ledger], tmp_path: Path, steps: list[Step]
) -> None:
    ledger = make_ledger()
    play(ledger, steps)
    for asked in ASKED:
        keyed(packed(ledger, tmp_path / f"package-{next(numbers)}", **asked))


def test_its_tables_say_what_the_reports_say(seeds: Ledger, tmp_path: Path) -> None:
    folder = packed(seeds, tmp_path / "package")
    with seeds.asking() as present:
        for name in ("counts", "claims", "attributions", "sources", "incidents"):
            answer = present.report(name, Question())
            columns = [column.name for column in answer.columns]
            told = [{column: row[column] for column in columns} for row in rows(folder, name)]
            assert told == [
                {
                    column: "" if cell is None else str(cell)
                    for column, cell in zip(columns, row, strict=True)
                }
                for row in answer.rows
            ], name


def test_the_description_fits_the_files(seeds: Ledger, tmp_path: Path) -> None:
    folder = packed(seeds, tmp_path / "package")
    told = json.loads((folder / FILE).read_text(encoding="utf-8"))
    assert [one["name"] for one in told["resources"]] == NAMES
    for one in told["resources"]:
        data = (folder / one["path"]).read_bytes()
        assert one["bytes"] == len(data)
        assert one["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        found = rows(folder, one["name"])
        assert one["rows"] == len(found)
        assert [field["name"] for field in one["schema"]["fields"]] == list(found[0])
        assert all(field["description"] for field in one["schema"]["fields"])
    assert told["ledger"]["state"]["position"] == 199
    assert "as they were recorded" in told["ledger"]["cells"]
    assert "licenses" not in told
    assert "sources" not in told  # none of the seeds' sources is a dataset


def test_a_dataset_is_attributed_as_it_is_recorded(ledger: Ledger, tmp_path: Path) -> None:
    imported(ledger, DATA / "ged241-invented.csv", "ucdp-ged")
    folder = packed(ledger, tmp_path / "package")
    valid(folder)
    (dataset,) = json.loads((folder / FILE).read_text(encoding="utf-8"))["sources"]
    assert dataset == {
        "title": "UCDP Georeferenced Event Dataset, version 24.1",
        "path": "https://ucdp.uu.se/downloads/",
        "publisher": "Uppsala Conflict Data Program",
        "published": "2024",
    }
    earlier = packed(ledger, tmp_path / "earlier", known_by="2023-12-31")
    valid(earlier)
    assert "sources" not in json.loads((earlier / FILE).read_text(encoding="utf-8"))


def test_text_is_raw(ledger: Ledger, tmp_path: Path) -> None:
    formula = "=HYPERLINK(1)"
    data = said.IncidentRecorded(
        kind="siege",
        title=formula,
        date="2024-01-01/..",
        summary="first line\r\nsecond, with\ta tab",
        parties=("@invented", "Invented Brigade"),
        counts=(said.Claimed(line="killed", count=Count(low=3, best=2), allocated=True),),
    )
    ledger.append([source(), Draft(stream="incident/raw", data=data, citations=(cite(),))])
    ledger.append([person("raw", "killed", "withheld")])
    folder = packed(ledger, tmp_path / "package")
    valid(folder)
    (one,) = rows(folder, "incidents")
    assert (one["title"], one["summary"]) == (formula, data.summary)
    assert (one["first_day"], one["last_day"]) == ("2024-01-01", "")
    assert one["parties"] == "@invented; Invented Brigade"
    (claim,) = rows(folder, "claims")
    assert (claim["low"], claim["best"], claim["high"]) == ("3", "2", "")
    assert claim["allocated"] == "yes"
    assert [one["name"] for one in rows(folder, "people")] == ["withheld"]


def test_links_follow_merges_and_say_what_was_recorded(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append([source(), *(incident(key, "killed 1") for key in ("ambush", "raid", "siege"))])
    ledger.append([link("ambush", "raid"), link("raid", "siege", "part-of")])
    ledger.append([attribution("raid")])
    ledger.append([merge("raid", "siege")])
    folder = packed(ledger, tmp_path / "package")
    valid(folder)
    assert [one["incident"] for one in rows(folder, "incidents")] == ["ambush", "siege"]
    found = [
        (one["incident"], one["to"], one["recorded_incident"], one["recorded_to"])
        for one in rows(folder, "links")
    ]
    assert found == [("ambush", "siege", "", "raid"), ("siege", "siege", "raid", "")]
    assert {one["source"] for one in rows(folder, "links")} == {"invented-gazette"}
    assert [one["incident"] for one in rows(folder, "attributions")] == ["siege"]
    alone = packed(ledger, tmp_path / "alone", where={"incident": ("ambush",)})
    valid(alone)
    assert rows(alone, "links") == []


def test_attributions_of_one_event_are_told_apart(ledger: Ledger, tmp_path: Path) -> None:
    accused = said.Attributed(actor="Invented Brigade", stance="accuses")
    again = said.Attributed(actor="Invented Brigade", stance="suspects")
    ledger.append([source(), incident("ambush", "killed 1", attributions=(accused, again))])
    folder = packed(ledger, tmp_path / "package")
    valid(folder)
    assert [one["item"] for one in rows(folder, "attributions")] == ["0", "1"]


def test_an_empty_ledger(ledger: Ledger, tmp_path: Path) -> None:
    folder = packed(ledger, tmp_path / "package")
    valid(folder)
    assert {name: len(rows(folder, name)) for name in NAMES} == dict.fromkeys(NAMES, 0)


def test_a_folder_that_holds_something_is_left_alone(seeds: Ledger, tmp_path: Path) -> None:
    folder = packed(seeds, tmp_path / "package")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(FolderExistsError, match="exists already"):
        packed(seeds, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    (tmp_path / "empty").mkdir()
    valid(packed(seeds, tmp_path / "empty"))


def test_the_same_bytes_again(seeds: Ledger, tmp_path: Path) -> None:
    one, two = packed(seeds, tmp_path / "one"), packed(seeds, tmp_path / "two")
    for path in one.iterdir():
        assert path.read_bytes() == (two / path.name).read_bytes()


def test_it_is_whole_or_not_there(
    seeds: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_connection: Connection, _log: Log, _question: Question) -> Iterator[contents.Row]:
        yield ("invented",)
        raise OSError(28, "No space left on device")

    some = [*contents.CONTENTS[:-1], contents.CONTENTS[-1]._replace(rows=broken)]
    monkeypatch.setattr(datapackage, "CONTENTS", some)
    with pytest.raises(LedgerError, match="package: no space left on device"):
        packed(seeds, tmp_path / "package")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made(seeds: Ledger, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="no such file or directory"):
        packed(seeds, tmp_path / "nowhere" / "package")
