from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ledger.errors import LedgerError
from ledger.intake.readers import Misfit, Record, Shape, Tabular, open_table, opening
from ledger.intake.readers.shape import CELL_LIMIT, ROW_LIMIT
from tests.conftest import SHARED
from tests.intake.readers.reading import DATA, misfits, opened, problems, records, rows, table


def csv_of(folder: Path, content: str | bytes) -> Tabular:
    return table(folder, content, "csv")


def only_misfit(file: Tabular) -> Misfit:
    (found,) = rows(file)
    assert isinstance(found, Misfit)
    return found


def test_cells_with_the_line_on_which_each_row_begins() -> None:
    file = opened(DATA / "incidents.csv", Shape("csv"))
    assert (file.name, file.header) == ("incidents.csv", ("id", "place", "killed", "notes"))
    assert rows(file) == [
        Record(2, ["1", "Invented Town", "2", 'He said "no",\nand left']),
        Record(4, ["2", "Nusquam", "", ""]),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("block", [1, 2, 3, 5, 1 << 16])
def test_line_ends_of_each_kind(
    tmp_path: Path, end: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BLOCK", block)
    content = end.join(["a,b", '1,"x', 'y"', "", "2,z", ""])
    assert rows(csv_of(tmp_path, content)) == [
        Record(2, ["1", f"x{end}y"]),
        Record(5, ["2", "z"]),
    ]


def test_a_tab_and_another_delimiter(tmp_path: Path) -> None:
    assert records(table(tmp_path, "a\tb\n1,2\t3", "tsv")) == [["1,2", "3"]]
    assert records(table(tmp_path, "a;b\n1,2;3", Shape("csv", delimiter=";"))) == [["1,2", "3"]]


@pytest.mark.parametrize("delimiter", ["", ";;", '"', "\n", "\r", "\0"])
def test_what_is_no_delimiter(delimiter: str) -> None:
    with pytest.raises(ValueError, match="delimiter"):
        Shape("csv", delimiter=delimiter)


def test_a_bad_quote_rejects_its_row_alone(tmp_path: Path) -> None:
    file = csv_of(tmp_path, 'a,b\n1,"x"y\n2,z\n3,"p\nq"r\n4,s\n')
    first, second, third, fourth = rows(file)
    assert isinstance(first, Misfit)
    assert (first.line, first.raw, first.cells, first.problem.code) == (
        2,
        '1,"x"y',
        None,
        "bad-quote",
    )
    assert second == Record(3, ["2", "z"])
    assert isinstance(third, Misfit)
    assert (third.line, third.raw) == (4, '3,"p\nq"r')
    assert fourth == Record(6, ["4", "s"])


def test_a_quote_within_a_cell_is_text(tmp_path: Path) -> None:
    assert records(csv_of(tmp_path, 'a,b\n5" gun,x\n')) == [['5" gun', "x"]]


def test_an_unclosed_quote_is_a_problem_of_the_file(tmp_path: Path) -> None:
    file = csv_of(tmp_path, 'a,b\n1,2\n3,"x\n4,5\n')
    assert problems(file) == [("3", "unclosed-quote")]
    assert problems(csv_of(tmp_path, 'a,"b\n1,2\n')) == [("1", "unclosed-quote")]


def test_an_unclosed_quote_far_from_the_end(tmp_path: Path) -> None:
    rest = "invented,words\n" * (ROW_LIMIT // 8)
    assert problems(csv_of(tmp_path, f'a,b\n3,"x\n{rest}')) == [("2", "unclosed-quote")]
    assert problems(csv_of(tmp_path, f'a,b\n3,"x\n{rest}4,"y"\n')) == [("2", "long-row")]


def test_a_row_is_never_padded_or_cut(tmp_path: Path) -> None:
    file = csv_of(tmp_path, "a,b,c\n1,2\n1,2,3,4\n\n \n,,\n")
    short, long, space, empty = rows(file)
    assert isinstance(short, Misfit)
    assert short.problem.message == "has 2 cells, the header has 3"
    assert (short.raw, short.cells, short.problem.code) == ("1,2", None, "wrong-width")
    assert isinstance(long, Misfit)
    assert long.problem.message == "has 4 cells, the header has 3"
    assert isinstance(space, Misfit)
    assert space.problem.message == "has 1 cell, the header has 3"
    assert empty == Record(6, ["", "", ""])


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("", [("", "no-header")]),
        ("\n\r\n", [("", "no-header")]),
        ("a,,b, ", [("1", "unnamed-column"), ("1", "unnamed-column")]),
        ("a, a ,b,b", [("1", "column-twice"), ("1", "column-twice")]),
        ("\na,é,e\u0301,", [("2", "column-twice"), ("2", "unnamed-column")]),
        ("a,b\u202ec", [("1", "control-character")]),
        ('a,"b"c', [("1", "bad-quote")]),
        ('a,a\n1,"2', [("1", "column-twice"), ("2", "unclosed-quote")]),
    ],
)
def test_headers_that_are_none(tmp_path: Path, header: str, found: list[tuple[str, str]]) -> None:
    file = csv_of(tmp_path, header)
    assert problems(file) == found
    with pytest.raises(ValueError, match="has problems"):
        file.rows()


def test_names_of_columns_are_normal_and_stripped(tmp_path: Path) -> None:
    file = csv_of(tmp_path, " a ,e\u0301\n1,o\u0301\n")
    assert file.header == ("a", "é")
    assert records(file) == [["1", "ó"]]


@pytest.mark.parametrize(
    ("character", "named"),
    [
        ("\x01", "U+0001 control character"),
        ("\x7f", "U+007F control character"),
        ("\u0085", "U+0085 control character"),
        ("\u202e", "U+202E right-to-left override"),
        ("\u2066", "U+2066 left-to-right isolate"),
    ],
)
def test_characters_that_no_cell_may_have(tmp_path: Path, character: str, named: str) -> None:
    found = only_misfit(csv_of(tmp_path, f"id,title\n1,x{character}y\n"))
    assert found.problem.where.endswith("x:2:title")
    assert found.problem.code == "control-character"
    assert found.problem.message == f"{named} in column title"
    assert found.cells == ["1", f"x{character}y"]


def test_characters_that_are_text(tmp_path: Path) -> None:
    cell = "tab\there, \u2028 and \u2029, \u200d, \ufeff, \U0001f4a5"
    assert records(csv_of(tmp_path, f'a,b\n1,"{cell}"\n')) == [["1", cell]]


def test_the_longest_cell(tmp_path: Path) -> None:
    for cell in ("x" * CELL_LIMIT, "é" * (CELL_LIMIT // 2)):
        assert records(csv_of(tmp_path, f"a,b\n1,{cell}\n")) == [["1", cell]]
        found = only_misfit(csv_of(tmp_path, f"a,b\n1,{cell}x\n"))
        assert (found.problem.code, found.raw) == ("long-cell", f"1,{cell}x")
        assert found.problem.where.endswith(":2:b")


def test_the_longest_row(tmp_path: Path) -> None:
    cells = ["x" * 61_679] * 17
    line = ",".join(cells)
    line += "x" * (ROW_LIMIT - len(line) - 1) + ","
    header = ",".join(f"c{number}" for number in range(18))
    assert rows(csv_of(tmp_path, f"{header}\n{line}\r\n"))[0].line == 2
    assert problems(csv_of(tmp_path, f"{header}\n\n{line}x\r\n")) == [("3", "long-row")]
    broken = '"' + line[:-4] + '\n",'
    assert problems(csv_of(tmp_path, f"{header}\n{broken}\n")) == []
    assert problems(csv_of(tmp_path, f"{header}\n{broken}x\n")) == [("2", "long-row")]


def test_a_line_without_end_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = []

    def endless(_: object) -> object:
        while True:
            pieces.append(1)
            yield b"x" * opening.BLOCK

    monkeypatch.setattr(opening.Source, "blocks", endless)
    assert problems(csv_of(tmp_path, "")) == [("1", "long-row")]
    assert len(pieces) * opening.BLOCK < 2 * ROW_LIMIT


def test_a_nul_is_a_problem_of_the_file(tmp_path: Path) -> None:
    assert problems(csv_of(tmp_path, "a,b\r\n1,2\r3,\0\n")) == [("3", "nul")]
    assert problems(csv_of(tmp_path, "a,\0b\n1,2\n")) == [("1", "nul")]


@settings(max_examples=40)
@given(
    some.text(some.sampled_from('ab,"\n\réx\u202e'), max_size=40),
    some.integers(min_value=1, max_value=9),
)
def test_blocks_of_any_size_read_alike(
    tmp_path_factory: pytest.TempPathFactory, body: str, block: int
) -> None:
    """Of any text: what is read does not hang on blocks, and no row is lost."""
    folder = tmp_path_factory.mktemp("blocks")
    content = "a,b\n" + body
    whole = csv_of(folder, content)
    with pytest.MonkeyPatch.context() as patch, csv_of(folder, content) as pieces:
        patch.setattr(opening, "BLOCK", block)
        again = csv_of(folder, content)
        assert (again.size, again.problems) == (whole.size, whole.problems)
        if not whole.problems:
            assert list(again.rows()) == rows(whole) == list(pieces.rows())
        again.close()
    whole.close()


@given(
    some.lists(
        some.lists(
            some.text(some.characters(exclude_categories=["C"]), max_size=6)
            | some.sampled_from(["a\nb", "\r", '"', ",", "\r\n"]),
            min_size=2,
            max_size=2,
        ),
        max_size=6,
    )
)
def test_what_the_standard_library_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory, cells: list[list[str]]
) -> None:
    from unicodedata import normalize

    out = io.StringIO()
    csv.writer(out).writerows([["a", "b"], *cells])
    found = records(csv_of(tmp_path_factory.mktemp("written"), out.getvalue()))
    assert found == [[normalize("NFC", one) for one in row] for row in cells]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the reference data is not beside the project")
def test_a_yearly_dataset_as_the_standard_library_reads_it() -> None:
    path = SHARED / "data" / "ucdp" / "ged191-bgd-mmr.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        header, *body = csv.reader(lines)
    file = opened(path, Shape("csv"))
    assert file.header == tuple(header)
    assert records(file) == body
    assert file.size == 3194


def test_misfits_of_each_code_are_counted_as_rows(tmp_path: Path) -> None:
    file = csv_of(tmp_path, 'a,b\n1,2\n1\n1,"2"x\n1,\x02\n')
    assert misfits(file) == [
        ("3", "wrong-width"),
        ("4", "bad-quote"),
        ("5:b", "control-character"),
    ]
    assert file.size == 4


def test_readings_do_not_disturb_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BLOCK", 16)
    file = csv_of(tmp_path, "a\n" + "".join(f"{number}\n" for number in range(100)))
    pairs = list(zip(file.rows(), file.rows(), strict=True))
    assert len(pairs) == 100
    assert all(one == other for one, other in pairs)


def test_a_file_that_is_changed_between_readings(tmp_path: Path) -> None:
    file = csv_of(tmp_path, "a\n1\n")
    (tmp_path / "x").write_text('a\n"', encoding="utf-8")
    with pytest.raises(LedgerError, match="unclosed-quote"):
        list(file.rows())


def test_a_file_without_a_header_has_that_of_its_shape(tmp_path: Path) -> None:
    path = tmp_path / "bare.tsv"
    path.write_text("1\tx\n2\ty\n3\n", encoding="utf-8")
    with open_table(path, Shape("tsv", header=("id", "b"))) as file:
        assert (file.header, file.size, file.problems) == (("id", "b"), 3, [])
        found = rows(file)
    assert found[:2] == [Record(1, ["1", "x"]), Record(2, ["2", "y"])]
    assert isinstance(found[2], Misfit)
    with open_table(path, Shape("tsv", header=("id", "id"))) as file:
        assert [one.code for one in file.problems] == ["column-twice"]
