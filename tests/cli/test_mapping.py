"""`ledger mapping …`: what there is, how it is written, whether one is sound, a draft of one."""

from __future__ import annotations

import json
import shutil
import tomllib

import pytest

from ledger.intake import mappings
from tests.cli.command import Command
from tests.conftest import ROOT

DATA = ROOT / "tests" / "data"
CHECK = ("mapping", "check", "shellings.toml")
FILLED = {
    "id": "invented-list",
    "title": "Invented list",
    "key": "{id}",
    "dates": "%d/%m/%Y",
    "columns.ignored": "remarks",
    "dataset.key": "invented-list",
    "dataset.title": "Invented list",
    "dataset.publisher": "Invented Observatory",
    "citation.locator": "{id}",
    "incident.key": "shelling-{id}",
    "incident.kind": "shelling",
    "incident.title": "Shelling of {town}",
    "incident.date": "{day}",
    "counts.measure": "killed",
    "counts.best": "{id}",
}
"""What a steward writes where a draft has a mark."""


@pytest.fixture
def desk(empty: Command) -> Command:
    for name in ("shellings.csv", "shellings.toml"):
        shutil.copy(DATA / name, empty.folder)
    return empty


def edit(desk: Command, old: str, new: str, name: str = "shellings.toml") -> None:
    path = desk.folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_list(bare: Command) -> None:
    found = {row["name"]: row for row in bare.rows("mapping", "list")}
    assert list(found) == mappings.names()
    ged = found["ucdp-ged"]
    assert (ged["key"], ged["format"], ged["records"]) == ("{id}", "csv", "incidents, counts")
    assert "date_start" in ged["needs"]
    assert "source_article" not in ged["needs"]


def test_list_on_a_narrow_terminal(bare: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    out = bare.fine("mapping", "list", "-f", "table")
    assert "ucdp-ged" in out
    assert "\x1b" not in out


def test_show(bare: Command) -> None:
    out = bare.fine("mapping", "show", "ucdp-ged")
    assert tomllib.loads(out)["id"] == "ucdp-ged"
    assert out == mappings.text_of("ucdp-ged")
    done = bare("mapping", "show", "ucdp-gde")
    assert (done.code, done.out) == (2, "")
    assert "no mapping 'ucdp-gde' comes with the program: did you mean ucdp-ged?" in done.err


@pytest.mark.parametrize("name", mappings.names())
def test_what_comes_with_the_program_is_sound(bare: Command, name: str) -> None:
    assert bare("mapping", "check", name) == (0, "", "")


def test_check_is_silent_when_all_is_well(desk: Command) -> None:
    assert desk(*CHECK) == (0, "", "")
    assert desk(*CHECK, "--file", "shellings.csv") == (0, "", "")


def test_check_finds_everything_at_once(desk: Command) -> None:
    edit(desk, 'id = "invented-shellings"', 'id = "No Key"')
    edit(desk, 'dates = ["%d/%m/%Y"]', 'dates = ["day/month"]')
    edit(desk, 'measure = "killed"', 'measure = "kiled"')
    edit(desk, "[settings]", '[file]\nencoding = "nonsense"\n\n[settings]')
    done = desk(*CHECK)
    assert done.code == 1
    codes = {line.split()[1] for line in done.out.splitlines()}
    assert codes == {"bad-key", "bad-format", "unknown-measure", "unknown-encoding"}
    assert "did you mean killed?" in done.out


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("version = 1", 'version = "one"', "wrong-type"),
        ("version = 1", "", "missing-key"),
        ("[incident]", "[incidnet]", "unknown-key"),
        ("[incident]", "[incident", "bad-toml"),
        ("[settings]", '[file]\ndelimiter = ";;"\n[settings]', "bad-delimiter"),
    ],
)
def test_check_of_a_broken_mapping(desk: Command, old: str, new: str, code: str) -> None:
    edit(desk, old, new)
    done = desk(*CHECK)
    assert (done.code, done.err) == (1, "")
    assert f"shellings.toml: {code} " in done.out


def test_check_against_a_file(desk: Command) -> None:
    edit(desk, "town,", "city,", "shellings.csv")
    done = desk(*CHECK, "--file", "shellings.csv")
    assert done.code == 1
    assert "shellings.csv:1: missing-column there is no column 'town'" in done.out
    assert "shellings.csv:1: unknown-column" in done.out
    missing = desk(*CHECK, "--file", "nowhere.csv")
    assert (missing.code, missing.out) == (
        *(1, "nowhere.csv: no-file cannot be read: no such file or directory\n"),
    )
    assert desk("mapping", "check", "nowhere.toml").out.startswith("nowhere.toml: no-file")


def test_new_is_finished_by_hand(desk: Command) -> None:
    """A draft fails its check, mark by mark, until the steward has filled all of them in."""
    done = desk("mapping", "new", "shellings.csv", "-o", "draft.toml")
    assert (done.code, done.out) == (0, "")
    assert "`ledger mapping check draft.toml`" in done.err
    path = desk.folder / "draft.toml"
    for left in range(len(FILLED), 0, -1):
        found = desk("mapping", "check", "draft.toml")
        marks = found.out.splitlines()
        assert (found.code, len(marks)) == (1, left)
        place, _, message = marks[0].partition(" to-do ")
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        number = int(place.split(":")[1]) - 1
        assert '"TODO"' in lines[number]
        filled = json.dumps(FILLED[message.split()[0]])
        lines[number] = lines[number].replace('"TODO"', filled)
        path.write_text("".join(lines), encoding="utf-8")
    assert desk("mapping", "check", "draft.toml", "--file", "shellings.csv") == (0, "", "")
    done = desk("import", "shellings.csv", "--mapping", "draft.toml")
    assert done.err.splitlines()[-1].startswith("read 5: 5 new"), done.err


def test_new_never_overwrites(desk: Command) -> None:
    desk.fine("mapping", "new", "shellings.csv", "-o", "draft.toml")
    assert "exists already" in desk.refused("mapping", "new", "shellings.csv", "-o", "draft.toml")
    assert desk.fine("mapping", "new", "shellings.csv").startswith("# A mapping for files like")


def test_new_of_another_delimiter(desk: Command) -> None:
    desk.file("semi.csv", "id;day;killed\n1;2;3\n")
    done = desk("mapping", "new", "semi.csv")
    assert "has one column, 'id;day;killed': if that is several, give --delimiter ';'" in done.err
    given = desk("mapping", "new", "semi.csv", "--delimiter", ";")
    assert given.err == ""
    assert '  "day",\n' in given.out
    assert 'delimiter = ";"\n' in given.out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nowhere.csv",), 1, "nowhere.csv: no-file"),
        (("list.doc",), 2, "the suffix of list.doc tells no format: it is one of .csv"),
        (("list",), 2, "tells no format"),
        (("shellings.csv", "--delimiter", ";;"), 2, "is not one character"),
        (("shellings.csv", "--encoding", "nonsense"), 1, "there is no encoding 'nonsense'"),
        ((".csv",), 2, "tells no format"),
        (("shellings.csv", "-o", "nowhere/draft.toml"), 2, "its folder does not exist"),
    ],
)
def test_new_refused(desk: Command, words: tuple[str, ...], code: int, said: str) -> None:
    assert said in desk.refused("mapping", "new", *words, code=code)
