"""Writers: CSV, TSV, JSON, JSONL and tables, and text made safe for where it goes (section 8)."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.reports.safe import for_spreadsheet, for_terminal
from ledger.reports.table import COUNT, Cell, Column, Table, number, text
from ledger.reports.writers import FORMATS, Format, write
from tests.reports.hostile import given_back

TOTALS = (text("country", "country"), text("measure", "what is counted"), *COUNT)
ROWS: list[tuple[Cell, ...]] = [
    ("IQ", "killed", 3, 4, 5),
    ("SY", "killed", 13, 13, None),
    ("unspecified", "killed", None, None, None),
]
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
suspects = st.text("=+-@\uff1d'\"\t\n ,;a1", max_size=4)
TRICKY = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "'x", "''", "'", "\uff1d1", "\uff20x"]


def written(
    rows: list[tuple[Cell, ...]],
    kind: Format,
    columns: tuple[Column, ...] = TOTALS,
    **how: Any,  # noqa: ANN401 - options of `write`
) -> str:
    """What leaves."""
    out = io.StringIO(newline="")
    write(Table(columns, iter(rows), []), out, kind, **how)
    return out.getvalue()


def read(body: str, delimiter: str = ",") -> list[list[str]]:
    """A strict reading of CSV or TSV."""
    return list(csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True))


# CSV and TSV


def test_csv_has_one_header_and_an_unknown_is_an_empty_cell() -> None:
    assert written(ROWS, "csv") == (
        "country,measure,low,best,high\nIQ,killed,3,4,5\nSY,killed,13,13,\nunspecified,killed,,,\n"
    )


def test_tsv_has_tabs() -> None:
    assert written(ROWS[:1], "tsv") == "country\tmeasure\tlow\tbest\thigh\nIQ\tkilled\t3\t4\t5\n"


def test_zero_is_written_and_unknown_is_not() -> None:
    assert written([("IQ", "killed", 0, 0, 0)], "csv").endswith("IQ,killed,0,0,0\n")


def test_no_row_is_a_header_only() -> None:
    assert written([], "csv") == "country,measure,low,best,high\n"
    assert written([], "json") == "[]\n"
    assert written([], "jsonl") == ""
    assert written([], "table").split() == ["country", "measure", "low", "best", "high"]


def test_cells_are_quoted_only_where_they_must_be() -> None:
    row = ('say "no"', "a, b", "two\nlines", "plain words", "")
    body = written([row], "csv", tuple(text(name, "") for name in "abcde"))
    assert body == 'a,b,c,d,e\n"say ""no""","a, b","two\nlines",plain words,\n'


def test_excel_gets_a_byte_order_mark_and_crlf() -> None:
    body = written(ROWS, "csv", excel=True)
    assert body.startswith("\ufeffcountry,")
    assert body.removeprefix("\ufeff") == written(ROWS, "csv").replace("\n", "\r\n")
    assert read(body.removeprefix("\ufeff")) == read(written(ROWS, "csv"))
    assert body.encode().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("kind", ["csv", "tsv"])
@pytest.mark.parametrize("cell", TRICKY)
def test_a_formula_is_neutralised_and_raw_turns_that_off(kind: Format, cell: str) -> None:
    columns = (text("a", ""), text("b", ""))
    delimiter = "\t" if kind == "tsv" else ","
    if "\r" in cell:
        cell = cell.replace("\r", "\r\n")
    assert read(written([(cell, "x")], kind, columns), delimiter)[1] == ["'" + cell, "x"]
    assert read(written([(cell, "x")], kind, columns, raw=True), delimiter)[1] == [cell, "x"]


def test_numbers_are_no_formulas() -> None:
    assert written([(-1,)], "csv", (number("change", ""),)) == "change\n-1\n"


@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_a_carriage_return_does_not_end_a_row(kind: Format) -> None:
    body = written([("a\rb", "c")], kind, (text("x", ""), text("y", "")))
    assert read(body, "\t" if kind == "tsv" else ",")[1:] == [["a\rb", "c"]]


@given(
    st.lists(st.tuples(texts, texts, st.none() | st.integers()), max_size=4),
    st.sampled_from(["csv", "tsv"]),
    st.sets(st.sampled_from(["raw", "excel"])),
)
@settings(max_examples=80)
@example([("=A1", "\r\n", None), ("'", '"', 0), ("\n", ",\t", -1)], "csv", set())
def test_what_was_written_can_be_read_back(
    rows: list[tuple[str, str, int | None]], kind: Format, how: set[str]
) -> None:
    rows = [(one.replace("\r", "\n"), other.replace("\r", " "), n) for one, other, n in rows]
    columns = (text("a", ""), text("b", ""), number("c", ""))
    body = written(list(rows), kind, columns, **dict.fromkeys(how, True)).removeprefix("\ufeff")
    header, *found = read(body, "\t" if kind == "tsv" else ",")
    assert header == ["a", "b", "c"]
    cells = [[freed(cell, raw="raw" in how) for cell in row[:2]] + [row[2]] for row in found]
    assert cells == [[one, other, "" if n is None else str(n)] for one, other, n in rows]


@given(
    st.lists(st.tuples(suspects, suspects), min_size=1, max_size=4), st.sampled_from(["csv", "tsv"])
)
@settings(max_examples=150)
def test_each_cell_is_neutralised_wherever_it_stands(
    rows: list[tuple[str, str]], kind: Format
) -> None:
    body = written(list(rows), kind, (text("a", ""), text("b", "")))
    _header, *found = read(body, "\t" if kind == "tsv" else ",")
    assert found == [[for_spreadsheet(cell) for cell in row] for row in rows]


def freed(cell: str, *, raw: bool) -> str:
    """The text of a cell before it was neutralised."""
    return cell if raw else given_back(cell)


# JSON


def test_json_keeps_numbers_and_says_null_for_unknown() -> None:
    body = written(ROWS, "json")
    assert json.loads(body)[1] == {
        "country": "SY",
        "measure": "killed",
        "low": 13,
        "best": 13,
        "high": None,
    }
    assert [json.loads(line) for line in written(ROWS, "jsonl").splitlines()] == json.loads(body)


@given(st.lists(st.tuples(texts, st.none() | st.integers() | st.booleans()), max_size=4))
@settings(max_examples=40)
def test_json_is_read_back_as_it_was(rows: list[tuple[str, Cell]]) -> None:
    columns = (text("a", ""), number("b", ""))
    expected = [{"a": one, "b": other} for one, other in rows]
    assert json.loads(written(list(rows), "json", columns)) == expected
    lines = written(list(rows), "jsonl", columns).split("\n")[:-1]
    assert [json.loads(line) for line in lines] == expected


def test_json_writes_letters_as_they_are_and_neutralises_nothing() -> None:
    assert '"=é"' in written([("=é",)], "json", (text("a", ""),))


# Tables for a terminal


def test_a_table_says_what_is_unknown_and_what_is_open() -> None:
    lines = [line.split() for line in written(ROWS, "table", width=80).splitlines()]
    assert lines == [
        ["country", "measure", "low", "best", "high"],
        ["IQ", "killed", "3", "4", "5"],
        ["SY", "killed", "13", "13", "…+"],
        ["unspecified", "killed", "?", "?", "…+"],
    ]


def test_numbers_stand_to_the_right() -> None:
    lines = written([("IQ", "killed", 3, 4, 500), ("SY", "killed", 13, 13, 1)], "table", width=80)
    assert {len(line.rstrip()) for line in lines.splitlines()[1:]} == {len(lines.splitlines()[1])}


def test_a_text_column_that_is_empty_throughout_is_left_out() -> None:
    columns = (text("a", ""), text("b", ""), number("c", ""))
    assert written([("x", "", 1), ("y", "", 2)], "table", columns).split()[:2] == ["a", "c"]


@pytest.mark.parametrize(
    ("row", "shown"),
    [(("IQ", "killed", 13, 13, None), "…+"), (("IQ", "killed", None, None, 5), "?")],
)
def test_an_open_high_and_an_unknown_show_in_a_table_of_one_row(
    row: tuple[Cell, ...], shown: str
) -> None:
    assert shown in written([row], "table", width=80).split()


@pytest.mark.parametrize("name", ["Invented Land", "x" * 30, pytest.param("漢" * 10)])
def test_no_digit_of_a_number_is_lost_on_a_narrow_screen(name: str) -> None:
    for width in range(10, 60, 3):
        body = written([(name, "killed", 1234567, 1234568, 1234569)], "table", width=width)
        assert all(one in body for one in ("1234567", "1234568", "1234569"))


def test_a_long_text_is_folded_and_nothing_of_it_lost() -> None:
    long = "An invented title that goes on and on " * 5
    body = written([(long, 1)], "table", (text("title", ""), number("n", "")), width=40)
    folded = [line[:37].strip() for line in body.splitlines()[1:]]
    assert " ".join(folded) == long.strip()


@pytest.mark.parametrize("width", [78, 100, 120])
def test_no_key_is_broken_where_there_is_room_for_it(width: int) -> None:
    columns = (text("title", ""), text("to", ""), text("actor", ""), *COUNT)
    keys = "raid-1; ambush-of-a-convoy-2024-01-02; raid-2"
    row = ("An invented title of many short words", keys, "Invented Brigade + Invented Group")
    lines = written([(*row, 1, 2, 3)], "table", columns, width=width).splitlines()
    shown = {word for line in lines for word in line.split()}
    assert {word for cell in row for word in cell.split()} <= shown
    assert max(map(len, lines)) <= width


def test_without_a_width_nothing_is_cropped() -> None:
    columns = tuple(number(f"n{place}", "") for place in range(12))
    row: tuple[Cell, ...] = tuple(range(1234560, 1234572))
    assert {str(cell) for cell in row} <= set(written([row], "table", columns).split())


def test_what_comes_from_outside_does_not_reach_the_terminal_as_a_command() -> None:
    nasty = "\x1b[31mred\x1b[0m \u202egnp.exe [bold]x[/bold] :smile: \x9b2J\r\nnext"
    body = written([(nasty,)], "table", (text("title", ""),), width=200)
    assert body.splitlines()[1].rstrip() == (
        r"\x1b[31mred\x1b[0m \u202egnp.exe [bold]x[/bold] :smile: \x9b2J\x0d\x0anext"
    )
    assert len(body.rstrip("\n").splitlines()) == 2


@pytest.mark.parametrize("kind", FORMATS)
def test_color_is_only_where_it_is_asked_for(kind: Format) -> None:
    assert "\x1b" not in written(ROWS, kind, width=80)
    assert ("\x1b[" in written(ROWS, kind, width=80, color=True)) is (kind == "table")


# Text made safe


@pytest.mark.parametrize(
    ("nasty", "shown"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("\x00\x07\x7f\x9b\x85", r"\x00\x07\x7f\x9b\x85"),
        ("a\tb\r\n", r"a\x09b\x0d\x0a"),
        ("\u202e\u2066\u200f\u061c", r"\u202e\u2066\u200f\u061c"),
        ("\u2028\ufeff", r"\u2028\ufeff"),
        ("\ud800", r"\ud800"),
        ("Suleimani é العراق 😂", "Suleimani é العراق 😂"),
    ],
)
def test_controls_are_shown_escaped(nasty: str, shown: str) -> None:
    assert for_terminal(nasty) == shown


def test_every_control_and_bidi_control_is_escaped() -> None:
    bidi = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    marks = {"\u200e", "\u200f", "\u061c"}
    for one in map(chr, range(0x3000)):
        if unicodedata.category(one) == "Cc" or unicodedata.bidirectional(one) in bidi:
            assert for_terminal(one) != one
        if one in marks or unicodedata.category(one) in ("Zl", "Zp"):
            assert for_terminal(one) != one


@given(st.text())
def test_text_made_safe_stays_as_it_is(some: str) -> None:
    safe = for_terminal(some)
    assert for_terminal(safe) == safe
    assert not any(unicodedata.category(one) in ("Cc", "Cs") for one in safe)


@given(st.text())
@example("'=1")
@example("''")
@example("")
@example(";'=1")
@example("\t\t=1;'")
def test_a_neutralised_cell_can_be_given_back(some: str) -> None:
    cell = for_spreadsheet(some)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert given_back(cell) == some


@given(st.text(max_size=3), st.text(max_size=3))
def test_two_cells_never_become_one(one: str, other: str) -> None:
    assert (for_spreadsheet(one) == for_spreadsheet(other)) == (one == other)
