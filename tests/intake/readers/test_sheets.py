from __future__ import annotations

import datetime as dt
import gzip
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from ledger.intake.readers import Misfit, Record, Shape, Tabular, sheets
from tests.intake.readers.reading import misfits, opened, problems, records, rows

openpyxl = pytest.importorskip("openpyxl", reason="openpyxl, an extra, is not installed")


MOMENT = dt.datetime(2015, 5, 11, 13, 5)  # noqa: DTZ001 - a spreadsheet knows no zones


def sheet(folder: Path, *lines: Sequence[object], name: str = "") -> Tabular:
    return opened(book(folder, *lines), Shape("xlsx", sheet=name))


def book(folder: Path, *lines: Sequence[object]) -> Path:
    made = openpyxl.Workbook()
    made.active.title = "Invented"
    for line in lines:
        made.active.append(list(line))
    made.create_sheet("Other").append(["x"])
    path = folder / "invented.xlsx"
    made.save(path)
    return path


def swapped(path: Path, old: str, new: str) -> Path:
    """The workbook with another text in its first sheet, as other programs write it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    part = "xl/worksheets/sheet1.xml"
    assert old.encode() in parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return path


def test_cells_of_each_type_as_text(tmp_path: Path) -> None:
    file = sheet(
        tmp_path,
        ["text", "int", "float", "day", "moment", "time", "true", "none", 2016],
        ["cafe\u0301", 2016, 0.5, dt.date(2015, 5, 11), MOMENT, dt.time(1, 2), True, None, "last"],
    )
    assert file.header[-1] == "2016"
    texts = "café|2016|0.5|2015-05-11|2015-05-11 13:05:00|01:02:00|true||last"
    assert rows(file) == [Record(2, texts.split("|"))]


def test_a_whole_float_stays_as_it_is(tmp_path: Path) -> None:
    path = swapped(book(tmp_path, ["a"], [2016]), "<v>2016</v>", "<v>2016.0</v>")
    assert records(opened(path, Shape("xlsx"))) == [["2016.0"]]


def test_empty_rows_and_what_is_short_or_too_long(tmp_path: Path) -> None:
    file = sheet(tmp_path, [], ["a", "b"], [1], [None, None], [1, 2, None], [1, 2, 3], [None])
    assert file.size == 3
    first, second, third = rows(file)
    assert (first, second) == (Record(3, ["1", ""]), Record(5, ["1", "2"]))
    assert isinstance(third, Misfit)
    assert (third.line, third.raw, third.cells) == (6, "1,2,3", None)
    assert third.problem.code == "wrong-width"


def test_headers_that_are_none(tmp_path: Path) -> None:
    assert problems(sheet(tmp_path)) == [("1", "no-header")]
    assert problems(sheet(tmp_path, ["a", None, "a"])) == [
        ("1", "unnamed-column"),
        ("1", "column-twice"),
    ]


def test_formulas_and_errors(tmp_path: Path) -> None:
    file = sheet(tmp_path, ["a", "b"], [1, "=A2+1"], [2, "#N/A"], [3, "x\u202ey"])
    assert misfits(file) == [
        ("2:b", "formula"),
        ("3:b", "error-cell"),
        ("4:b", "control-character"),
    ]
    found = sheet(tmp_path, ["a", "b"], [1, "=A2+1"])
    (first,) = rows(found)
    assert isinstance(first, Misfit)
    assert first.cells == ["1", "=A2+1"]
    assert first.problem.message == "holds a formula without a value (=A2+1) in column b"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<c r="B2"><f>A2+1</f><v>2</v></c>', "2"),
        ('<c r="B2" t="str"><f>""</f><v></v></c>', ""),
    ],
)
def test_formulas_with_a_value(tmp_path: Path, cell: str, text: str) -> None:
    path = book(tmp_path, ["a", "b"], [1, "=A2+1"])
    path = swapped(path, '<c r="B2"><f>A2+1</f><v /></c>', cell)
    assert records(opened(path, Shape("xlsx"))) == [["1", text]]


def test_a_date_out_of_range_is_an_error(tmp_path: Path) -> None:
    path = book(tmp_path, ["a"], [dt.date(2015, 5, 11)])
    path = swapped(path, "<v>42135</v>", "<v>99999999999</v>")
    assert misfits(opened(path, Shape("xlsx"))) == [("2:a", "error-cell")]


def test_sheets_by_name(tmp_path: Path) -> None:
    assert sheet(tmp_path, ["a"], name="Other").header == ("x",)
    file = sheet(tmp_path, ["a"], name="Nothing")
    assert problems(file) == [("", "no-sheet")]
    assert file.problems[0].hint == "it has Invented, Other"


def test_what_is_no_workbook(tmp_path: Path) -> None:
    path = book(tmp_path, ["a"], [1])
    body = path.read_bytes()
    empty = tmp_path / "empty.zip"
    zipfile.ZipFile(empty, "w").close()
    for broken in (b"", b"a,b\n", body[: len(body) // 2], empty.read_bytes()):
        path.write_bytes(broken)
        assert problems(opened(path, Shape("xlsx"))) == [("", "bad-xlsx")]


def test_a_sheet_that_breaks_off(tmp_path: Path) -> None:
    path = swapped(book(tmp_path, ["a"], [1]), "</row></sheetData>", "<row>")
    assert problems(opened(path, Shape("xlsx"))) == [("", "bad-xlsx")]


def test_a_workbook_that_unpacks_to_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "UNPACKED_LIMIT", 1000)
    assert problems(sheet(tmp_path, ["a"])) == [("", "too-large")]


def test_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path, ["a"])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    file = opened(path, Shape("xlsx"))
    assert problems(file) == [("", "no-xlsx")]
    assert "install casualty-ledger[xlsx]" in file.problems[0].hint


def test_a_packed_workbook(tmp_path: Path) -> None:
    packed = tmp_path / "x.xlsx.gz"
    packed.write_bytes(gzip.compress(book(tmp_path, ["a"], [1], [2]).read_bytes()))
    assert records(opened(packed, Shape("xlsx"))) == [["1"], ["2"]]
