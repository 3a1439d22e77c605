"""Hostile texts through every writer: none arrives as anything but text (design, section 8)."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from xml.etree import ElementTree as ET

import pytest

from ledger.problems import Problem
from ledger.reports.chart import series
from ledger.reports.chart.svg import bars as svg_bars
from ledger.reports.chart.svg import page
from ledger.reports.chart.terminal import bars
from ledger.reports.chart.terminal.glyphs import ASCII, UNICODE
from ledger.reports.narrative import Node, render
from ledger.reports.safe import encodable, for_picture, for_screen, for_spreadsheet, for_terminal
from ledger.reports.table import COUNT, Cell, Table, text
from ledger.reports.writers import Data, Format, write
from tests.reports.hostile import FORMULAS, GROUPS, PARTED, STRINGS, given_back

COLUMNS = (text("title", ""), text("measure", ""), *COUNT)
EVERY = pytest.mark.parametrize("group", GROUPS)
SIGNS = ("=", "+", "-", "@")
SEPARATED: tuple[Data, ...] = ("csv", "tsv")
KEPT = {"\u200c", "\u200d", "\xad"}
"""Joiners, with which Persian and many other languages write, and the soft hyphen."""


def of(nasty: str) -> Table:
    """A report whose texts are hostile."""
    row: tuple[Cell, ...] = (nasty, "killed", 1, 2, None)
    return Table(COLUMNS, [row, (f"Invented {nasty}", "killed", None, None, None)], [nasty])


def written(table: Table, kind: Format, *, excel: bool = False, raw: bool = False) -> str:
    """What leaves, as it arrives from a file in UTF-8."""
    file = io.BytesIO()
    out = io.TextIOWrapper(file, encoding="utf-8", newline="")
    write(table, out, kind, excel=excel, raw=raw, width=100)
    out.flush()
    return file.getvalue().decode()


def commands(shown: str) -> set[str]:
    """The characters that a terminal would obey, or not show, line ends left out."""
    return {
        one
        for one in set(shown)
        if one not in KEPT | {"\n"}
        and (unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") or one in "\ufffe\uffff")
    }


def test_there_are_two_hundred_of_them() -> None:
    assert len(set(STRINGS)) == len(STRINGS) >= 200


@EVERY
def test_a_table_shows_it_and_obeys_nothing(group: str) -> None:
    for nasty in GROUPS[group]:
        shown = written(of(nasty), "table")
        assert not commands(shown)
        if len(nasty) < 40 and "  " not in (safe := for_terminal(nasty)).strip():
            assert safe.strip() in shown


@EVERY
def test_lines_of_answers_and_problems_are_safe(group: str) -> None:
    for nasty in GROUPS[group]:
        nodes = [Node(nasty, (Node(nasty),))]
        problem = Problem(nasty, "invented-code", nasty, nasty)
        for line in (*render(nodes), str(problem)):
            assert not commands(shown := for_terminal(line))
            assert "\n" not in shown


@EVERY
@pytest.mark.parametrize("kind", SEPARATED)
def test_a_spreadsheet_reads_text_and_it_can_be_given_back(group: str, kind: Data) -> None:
    for nasty in GROUPS[group]:
        body = written(of(nasty), kind)
        (cell, *_), (other, *_) = _cells(body, kind)
        assert given_back(cell) == encodable(nasty)
        assert given_back(other) == f"Invented {encodable(nasty)}"
        assert not is_formula(cell)
        assert not any(map(is_formula, _parted(body)))
        assert _cells(written(of(nasty), kind, raw=True), kind)[0][0] == encodable(nasty)
        excel = written(of(nasty), kind, excel=True)
        assert _cells(excel.removeprefix("\ufeff"), kind)[0][0] == cell


def test_every_formula_is_neutralised() -> None:
    for nasty in FORMULAS:
        safe = for_spreadsheet(nasty)
        assert safe.startswith("'")
        assert given_back(safe) == nasty
    for nasty in PARTED:
        assert for_spreadsheet(nasty).count("'") == nasty.count("'") + 1


@pytest.mark.parametrize(
    "plain",
    [
        "Taji",
        "a=b",
        "x - y",
        "1+1",
        "(=1)",
        "…",
        "é",
        "العراق",
        "U.S. officials",
        "3 dead",
        "–5",  # noqa: RUF001
        "a; b",
        "1; 2",
    ],
)
def test_what_is_no_formula_is_left_alone(plain: str) -> None:
    assert for_spreadsheet(plain) == plain


@EVERY
def test_data_on_a_terminal_are_shown_and_not_obeyed(group: str) -> None:
    for nasty in GROUPS[group]:
        shown = for_screen(written(of(nasty), "csv", raw=True))
        assert commands(shown) <= {"\t", "\r"}
        assert "\r" not in shown.replace("\r\n", "")


@EVERY
@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_json_holds_it_unchanged_and_shows_none_of_it_raw(group: str, kind: Data) -> None:
    for nasty in GROUPS[group]:
        body = written(of(nasty), kind)
        assert not commands(body)
        first = json.loads(body)[0] if kind == "json" else json.loads(body.split("\n")[0])
        assert first["title"] == nasty


@EVERY
@pytest.mark.parametrize("width", [40, 100])
def test_a_chart_in_a_terminal_shows_it_and_obeys_nothing(group: str, width: int) -> None:
    for nasty in GROUPS[group]:
        for glyphs in (UNICODE, ASCII):
            lines = list(bars.bars(series.panels(of(nasty)), width, glyphs))
            assert not commands("".join(lines))
            assert not any("\n" in line for line in lines)
            assert glyphs is UNICODE or "".join(lines).isascii()


@EVERY
def test_a_picture_holds_it_as_words(group: str) -> None:
    for nasty in GROUPS[group]:
        panels = series.panels(of(nasty))
        document = page.document(nasty, svg_bars.told(panels), svg_bars.panels(panels), [nasty])
        assert not commands(document)
        root = ET.fromstring(document.encode())  # noqa: S314 - our own
        tags = {one.tag.rpartition("}")[2] for one in root.iter()}
        assert tags <= {"svg", "title", "desc", "rect", "g", "text", "line"}
        names = {name for one in root.iter() for name in one.attrib}
        assert not any(name.lower().startswith("on") for name in names)
        title = root.find("{http://www.w3.org/2000/svg}title")
        assert title is not None
        assert (title.text or "") == for_terminal(nasty)


@EVERY
def test_markup_is_escaped(group: str) -> None:
    for nasty in GROUPS[group]:
        safe = for_picture(nasty)
        assert not set("<>\"'") & set(safe)
        assert ET.fromstring(f"<a b='{safe}'>{safe}</a>").text or not nasty  # noqa: S314


def _cells(body: str, kind: str) -> list[list[str]]:
    """The rows of a strict reading, the header left out."""
    delimiter = "\t" if kind == "tsv" else ","
    csv.field_size_limit(1 << 20)
    return list(csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True))[1:]


def _parted(body: str) -> list[str]:
    """What a program sees that parts rows at every line end, semicolon and tab."""
    return re.split("[;\t\r\n]", body)


def is_formula(cell: str) -> bool:
    """Whether a program that trims, and takes wide forms for plain ones, would calculate it."""
    unseen = ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp")
    quotes = '"\u201c\u2019'
    first = next(
        (one for one in cell if unicodedata.category(one) not in unseen and one not in quotes), ""
    )
    return unicodedata.normalize("NFKC", first)[:1] in SIGNS
