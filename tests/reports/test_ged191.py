"""Every report of UCDP GED 19.1 in every format: it is written, and reads back as one answer."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from functools import cache
from itertools import islice
from xml.etree import ElementTree as ET

import pytest

from ledger.app import Ledger
from ledger.catalogue import REPORTS
from ledger.reports.chart import CHARTED, svg, terminal
from ledger.reports.exports import hxl
from ledger.reports.exports import separated as exported
from ledger.reports.manifest import Measured
from ledger.reports.request import Request
from ledger.reports.safe import for_spreadsheet
from ledger.reports.table import Cell, Table
from ledger.reports.writers import Format, write
from tests.conftest import new_ledger
from tests.intake.mapped import GED191, fates, imported
from tests.invented import source, tally, total

pytestmark = pytest.mark.skipif(not GED191.exists(), reason="../shared/data is not here")

INCIDENTS = 3194
LISTED = ("incidents", "counts", "claims", "open", "running")
"""Reports that have a row for each incident at the least."""
SHOWN = 100
"""Rows of a table: it is for people, and slow to lay out."""
TALLY = "invented-tally"
BY = {"totals": ("country", "year"), "coverage": ("country",)}
REQUESTS = {
    **{name: Request(report=name, by=BY.get(name, ())) for name in REPORTS},
    "running": Request(report="running", tally=TALLY),
}
Answered = Callable[[str], Table]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A ledger of the whole file: to be read, not to be written."""
    made = new_ledger(tmp_path_factory.mktemp("ged") / "ledger.db")
    assert fates(imported(made, GED191, "ucdp-ged")) == (INCIDENTS, 0, 0, 0, 0)
    made.append([tally(TALLY), source(), total("1", "2019-01-01", TALLY)])
    return made


@pytest.fixture(scope="module")
def answered(whole: Ledger) -> Answered:
    """A report by name, its rows kept; each is made once."""

    @cache
    def answer(name: str) -> Table:
        with whole.asking() as present:
            found = present.answer(REQUESTS[name])
            return found._replace(rows=list(found.rows))

    return answer


@pytest.mark.parametrize("name", REQUESTS)
def test_every_format_reads_back_as_the_same_rows(answered: Answered, name: str) -> None:
    answer = answered(name)
    names = [column.name for column in answer.columns]
    rows = [dict(zip(names, row, strict=True)) for row in answer.rows]
    assert len(rows) >= (INCIDENTS if name in LISTED else 0)
    assert json.loads(written(answer, "json")) == rows
    assert [json.loads(line) for line in written(answer, "jsonl").splitlines()] == rows
    texts = [[text(cell) for cell in row] for row in answer.rows]
    assert separated(written(answer, "csv"), ",") == [names, *texts]
    assert separated(written(answer, "tsv"), "\t") == [names, *texts]


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("name", REQUESTS)
def test_a_table_shows_every_number(answered: Answered, name: str, width: int) -> None:
    answer = answered(name)
    rows = list(islice(answer.rows, SHOWN))
    words = set(written(answer._replace(rows=rows), "table", width).split())
    numbers = {str(cell) for row in rows for cell in row if isinstance(cell, int)}
    assert numbers <= words
    assert ("…+" in words) is any(
        cell is None and column.kind == "high"
        for row in rows
        for cell, column in zip(row, answer.columns, strict=True)
    )


@pytest.mark.parametrize("name", [name for name in REQUESTS if name != "open"])
def test_hxl_has_the_same_rows_below_its_tags(answered: Answered, name: str) -> None:
    answer = answered(name)
    tags = hxl.tags_of(name, answer.columns, REQUESTS[name].question())
    out = io.StringIO(newline="")
    exported.write(answer.columns, answer.rows, Measured(out), tags)
    _, first, *rows = separated(out.getvalue(), ",")
    assert first == tags
    assert rows == [["" if cell is None else str(cell) for cell in row] for row in answer.rows]


@pytest.mark.parametrize("name", CHARTED)
def test_it_can_be_drawn(whole: Ledger, answered: Answered, name: str) -> None:
    request, answer = REQUESTS[name], answered(name)
    with whole.asking() as present:
        drawn = svg.picture(present.connection, request, answer, present.made_of(request))
        lines = list(terminal.lines(present.connection, request, answer, 80, "utf-8"))
    assert ET.fromstring(drawn).get("role") == "img"  # noqa: S314 - our own
    assert max(map(len, lines)) <= 80


def written(answer: Table, kind: Format, width: int | None = None) -> str:
    """What leaves."""
    out = io.StringIO(newline="")
    write(answer, out, kind, width=width)
    return out.getvalue()


def separated(body: str, delimiter: str) -> list[list[str]]:
    """A strict reading of CSV or TSV."""
    return list(csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True))


def text(cell: Cell) -> str:
    """A cell as CSV has it."""
    if isinstance(cell, str):
        return for_spreadsheet(cell)
    return "" if cell is None else str(cell)
