"""Mappings drafted from headers: every column is listed, nothing is guessed."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from ledger.errors import LedgerError, RefusedError
from ledger.intake import drafting, mappings
from ledger.intake.readers import Shape
from ledger.intake.rejects import ADDED


def drafted(path: Path, text: str, encoding: str = "utf-8") -> dict[str, object]:
    path.write_text(text, encoding=encoding)
    found: dict[str, object] = tomllib.loads(drafting.draft(path, encoding=encoding).text)
    return found


def columns(found: dict[str, object]) -> list[str]:
    of = found["columns"]
    assert isinstance(of, dict)
    return list(of["ignored"][1:])


@pytest.mark.parametrize(
    "names",
    [
        ["id", "day", "killed"],
        ["with space", 'with "quotes"', "back\\slash", "brace {x}", "percent %d", "Ünïcode", "#"],
    ],
)
def test_every_column_is_listed(tmp_path: Path, names: list[str]) -> None:
    header = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    found = drafted(tmp_path / "list.csv", header + "\n")
    assert columns(found) == names


def test_columns_of_rejects_are_left_out(tmp_path: Path) -> None:
    found = drafted(tmp_path / "list.csv", ",".join(("id", *ADDED)) + "\n")
    assert columns(found) == ["id"]


def test_rows_do_not_matter(tmp_path: Path) -> None:
    header = "id,day,killed\n"
    bare = drafted(tmp_path / "list.csv", header)
    assert drafted(tmp_path / "list.csv", header + "1,2024-01-03,5\n") == bare
    assert drafted(tmp_path / "list.csv", header + "a,03/01/2024,n/a\n") == bare


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.csv", "csv"),
        ("A.CSV", "csv"),
        ("a.tsv", "tsv"),
        ("a.b.json", "json"),
        ("a.csv.gz", "csv"),
    ],
)
def test_the_format_is_that_of_the_suffix(name: str, form: str) -> None:
    assert drafting.format_of(Path(name)) == form


@pytest.mark.parametrize("name", ["a", "a.gz", "a.doc", "a.toml", ".csv"])
def test_no_format(name: str) -> None:
    with pytest.raises(LedgerError, match="tells no format"):
        drafting.format_of(Path(name))


def test_json_and_other_encodings(tmp_path: Path) -> None:
    found = drafted(tmp_path / "list.json", json.dumps([{"id": 1, "where": {"town": "x"}}]))
    assert columns(found) == ["id", "where.town"]
    assert found["file"] == {"format": "json", "encoding": "utf-8"}
    found = drafted(tmp_path / "list.csv", "id,städte\n", "cp1252")
    assert columns(found) == ["id", "städte"]
    assert found["file"] == {"format": "csv", "delimiter": ",", "encoding": "cp1252"}


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="no-file"):
        drafting.draft(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(("header", "how"), [("a;b", "';'"), ("a|b", "'|'"), ("a\tb", ".tsv")])
def test_a_note_on_delimiters(tmp_path: Path, header: str, how: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(header + "\n", encoding="utf-8")
    assert how in drafting.draft(path).note
    path.write_text("a,b;c\n", encoding="utf-8")
    assert drafting.draft(path).note == ""


def test_marks_are_all_that_is_wrong() -> None:
    """The shape of a draft is right, also of those parts that are comments."""
    text = drafting.text("list.csv", Shape("csv"), ["id"])
    found, problems = mappings.parse(text, "draft.toml")
    assert found is None
    assert {one.code for one in problems} == {"to-do"}
    assert len(problems) == text.count('"TODO"') - 1
    named = text.replace("# an invented comment", "").replace('"TODO" #', "'TODO' #")
    _, otherwise = mappings.parse(named, "draft.toml")
    assert len(otherwise) == len(problems)
    assert {one.where for one in otherwise} == {"draft.toml"}
