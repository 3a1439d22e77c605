"""Hostile texts, wherever a text may stand, through every command that shows what stands."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from ledger.cli import output

from ledger.app import Ledger
from ledger.catalogue import REPORTS
from ledger.reports.chart import CHARTED
from ledger.reports.question import PLAIN
from tests.cli import reference
from tests.cli.command import Command
from tests.conftest import file_of, new_ledger
from tests.reports.hostile import given_back
from tests.reports.hostile_ledger import TALLY, record
from tests.reports.test_hostile import commands, is_formula

WORDS = {
    **{name: ("report", name) for name in REPORTS},
    "by label": ("report", "totals", "--by", "group"),
    "running": ("report", "running", TALLY),
    "log": ("log",),
    "log of one": ("log", "incident/raid-7"),
    "diff": ("diff", "100", "now"),
    "diff of each": ("diff", "100", "now", "--list"),
    "duplicates": ("duplicates",),
    "replay": ("replay", "--tally", TALLY, "--to", "200"),
}
"""What is a table, and leaves in every format."""
TOLD = (
    *(("explain",), ("explain", TALLY), ("explain", "--measure", "killed", "--row", "1")),
    *(("explain", "-f", "json"), ("check", "--flags"), ("check", "--flags", "--all")),
    *(("check", "-f", "json"), ("check", "-f", "github"), ("replay",), ("verify",)),
)
SOME = 11
"""From one event that is shown to the next: each kind of event comes, with other texts."""
ON_SCREEN = ("incidents", "claims", "open", "log", "changes")
EXPORTS = ("hxl", "ucdp-ged", "geojson", "jsonl")
KINDS = ("source.registered", "incident.recorded", "person.identified", "total.published")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A ledger of hostile texts: to be read, not to be written."""
    made = new_ledger(tmp_path_factory.mktemp("hostile") / "ledger.db")
    found = record(made)
    assert min(found[kind] for kind in KINDS) > 200
    return made


@pytest.fixture
def hostile(bare: Command, recorded: Ledger, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command on that ledger."""
    monkeypatch.setenv("CASUALTY_LEDGER_DB", str(file_of(recorded)))
    return bare


def said(command: Command, *words: str) -> str:
    """All that a command prints, on stdout and on stderr."""
    done = command(*words)
    assert done.code in (0, 1), done.err
    assert not commands(done.err)
    return done.out


def separated(body: str, delimiter: str = ",") -> list[list[str]]:
    """A strict reading."""
    csv.field_size_limit(1 << 20)
    return list(csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True))


@pytest.mark.parametrize("name", WORDS)
def test_tables_and_json_obey_nothing(hostile: Command, name: str) -> None:
    for kind in ("table", "json", "jsonl"):
        assert not commands(said(hostile, *WORDS[name], "-f", kind)), kind


@pytest.mark.parametrize("name", WORDS)
def test_spreadsheets_calculate_nothing(hostile: Command, name: str) -> None:
    rows = json.loads(said(hostile, *WORDS[name], "-f", "json"))
    for kind, delimiter in (("csv", ","), ("tsv", "\t")):
        header, *cells = separated(said(hostile, *WORDS[name], "-f", kind), delimiter)
        assert len(cells) == len(rows)
        texts = [
            (cell, row[column])
            for told, row in zip(cells, rows, strict=True)
            for column, cell in zip(header, told, strict=True)
            if isinstance(row[column], str)
        ]
        assert not [cell for cell, _ in texts if is_formula(cell)]
        assert all(given_back(cell) == said_ for cell, said_ in texts)


@pytest.mark.parametrize("name", [*REPORTS, "running"])
def test_a_manifest_obeys_nothing(hostile: Command, name: str) -> None:
    said(hostile, *WORDS[name], "-o", "out.csv")
    assert not commands((hostile.folder / "out.csv-metadata.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CHARTED)
def test_charts_and_pictures_obey_nothing(hostile: Command, name: str) -> None:
    words = WORDS["by label"] if name == "totals" else WORDS[name]
    assert not commands(said(hostile, *words, "--chart"))
    said(hostile, *words, "-o", "drawn.svg")
    drawn = (hostile.folder / "drawn.svg").read_bytes().decode()
    assert not commands(drawn)
    tags = {one.tag.rpartition("}")[2] for one in ET.fromstring(drawn).iter()}  # noqa: S314
    assert tags <= {"svg", "title", "desc", "rect", "g", "text", "line", "path", "circle"}


@pytest.mark.parametrize("words", TOLD, ids=" ".join)
def test_answers_in_words_obey_nothing(hostile: Command, words: tuple[str, ...]) -> None:
    assert not commands(said(hostile, *words))


def test_every_incident_is_shown_and_not_obeyed(
    recorded: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    with recorded.asking() as present:
        for incident in present.report("incidents", PLAIN).rows:
            output.tree(present.show(str(incident[0]), PLAIN))
        for position in range(0, present.log.stop, SOME):
            output.tree(present.show(str(position), PLAIN))
    shown = capsys.readouterr().out
    assert not commands(shown)
    assert shown.count("\n") > 200 * len(KINDS)


@pytest.mark.parametrize("report", ["", *(name for name in REPORTS if reference.tagged(name))])
def test_hxl_is_raw_and_holds_each_text_in_its_cell(hostile: Command, report: str) -> None:
    words = ("--report", report) if report else ()
    header, _, *rows = separated(said(hostile, "export", "-f", "hxl", *words))
    named = ["report", report] if report else ["report", "incidents"]
    told = json.loads(said(hostile, *named, "-f", "json"))
    assert len(rows) == len(told)
    for row, one in zip(rows, told, strict=True):
        for column, cell in zip(header, row, strict=True):
            if column in one and isinstance(one[column], str) and (report or column == "title"):
                assert cell == one[column], column


def test_other_exports_hold_each_text_in_its_place(hostile: Command) -> None:
    told = json.loads(said(hostile, "report", "incidents", "-f", "json"))
    titles = [one["title"] for one in told]
    body = said(hostile, "export", "-f", "geojson")
    assert not commands(body)
    assert [one["properties"]["title"] for one in json.loads(body)["features"]] == titles
    header, *rows = separated(said(hostile, "export", "-f", "ucdp-ged"))
    place = header.index("where_coordinates")
    assert [row[place] for row in rows] == [one["place"] for one in told]
    said(hostile, "export", "-f", "datapackage", "-o", "package")
    assert not commands(Path("package/datapackage.json").read_text(encoding="utf-8"))
    body = Path("package/incidents.csv").read_bytes().decode()
    header, *rows = separated(body)
    assert [row[header.index("title")] for row in rows] == titles


@pytest.mark.parametrize("kind", EXPORTS)
def test_an_export_on_a_terminal_is_shown_and_not_obeyed(
    hostile: Command, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert commands(said(hostile, "export", "-f", kind)) <= {"\t", "\r"}


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_data_on_a_terminal_are_shown_and_not_obeyed(
    hostile: Command, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    for name in ON_SCREEN:
        assert commands(said(hostile, *WORDS[name], "-f", kind)) <= {"\t", "\r"}
