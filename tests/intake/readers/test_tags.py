from __future__ import annotations

from pathlib import Path

import pytest

from ledger.intake.readers import Record, Shape
from tests.conftest import SHARED
from tests.intake.readers.reading import DATA, opened, problems, records, rows, table


def test_names_above_the_tags_and_tags_where_there_is_no_name() -> None:
    file = opened(DATA / "tagged.csv", Shape("hxl"))
    assert file.header == ("Id", "Place", "#date", "Killed")
    assert file.tags == ("", "#loc+name", "#date", "#affected+f+killed")
    assert rows(file) == [Record(5, ["1", "Invented Town", "2024-01-01", "2"])]


def test_tags_alone(tmp_path: Path) -> None:
    file = table(tmp_path, "#date,#loc\n2024-01-01,Nusquam\n", "hxl")
    assert file.header == file.tags == ("#date", "#loc")
    assert records(file) == [["2024-01-01", "Nusquam"]]


def test_at_least_half_of_what_is_there_begins_with_a_hash(tmp_path: Path) -> None:
    file = table(tmp_path, "a,b,c,d\n,,x,#loc\n1,2,3,4\n", "hxl")
    assert file.tags == ("", "", "", "#loc")
    assert problems(table(tmp_path, "a,b,c\nx,y,#loc\n", "hxl")) == [("", "no-tags")]


def test_tags_are_looked_for_in_25_rows(tmp_path: Path) -> None:
    titles = "Invented,title\n" * 24
    assert table(tmp_path, titles + "#a,#b\n1,2\n", "hxl").size == 1
    late = titles + "One,more\n#a,#b\n"
    assert problems(table(tmp_path, late, "hxl")) == [("", "no-tags")]
    assert problems(table(tmp_path, "", "hxl")) == [("", "no-header")]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("a,\n#x,\n", [("1", "unnamed-column")]),
        ("a,a\n#x,#y\n", [("1", "column-twice")]),
        (",\n#x,#x\n", [("2", "column-twice")]),
        ("An invented title\n#x,#y\n", [("2", "wrong-width")]),
    ],
)
def test_headers_that_are_none(tmp_path: Path, content: str, found: list[tuple[str, str]]) -> None:
    assert problems(table(tmp_path, content, "hxl")) == found


@pytest.mark.skipif(not SHARED.is_dir(), reason="the reference data is not beside the project")
def test_a_tagged_dataset() -> None:
    file = opened(SHARED / "data" / "ucdp" / "hdx-conflict-data-bgd.csv", Shape("hxl"))
    assert len(records(file)) == 601
    assert file.header[:2] == ("id", "year")
    assert file.tags[file.header.index("best")] == "#affected+killed"
