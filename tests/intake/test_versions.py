"""A file that comes again: what stands is what its newest version says, and the past stays.

Two versions of an invented dataset are imported one after the other, with whatever rows added,
changed and gone; the ledger then answers as one that was given the last version alone.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ledger.app import Ledger
from ledger.intake.importing import Imported
from ledger.intake.rowfiles import Asked
from ledger.reports.question import Question
from ledger.reports.table import Table
from tests.conftest import Clock, Ids, file_of, new_ledger

MAPPING = """
id = "invented"
version = 1
title = "An invented dataset"
key = "{id}"

[columns]
numbers = ["id"]
unknown = { injured = ["-9"] }

[dataset]
names = ['v(?P<year>\\d{4})']
key = "invented-{year}"
title = "Invented dataset of {year}"
publisher = "Invented Programme"
published = "{year}"

[citation]
locator = "{id}"
relays = { from = "{heard}", split = ";" }

[incident]
key = "invented-{id}"
kind = "siege"
title = "{title}"
date = "{date}"
summary = "{summary}"
parties = { from = "{sides}", split = ";" }

[incident.place]
name = "{town}"
latitude = "{latitude}"
longitude = "{longitude}"

[incident.labels]
front = "{front}"

[[counts]]
measure = "killed"
count = "{killed}"

[[counts]]
measure = "killed"
attributes = { role = "civilian" }
count = "{civilians}"

[[counts]]
measure = "injured"
count = "{injured}"

[[attributions]]
actor = "{actor}"
"""

COLUMNS = {
    "title": ("Invented siege", "Invented raid"),
    "date": ("2020-03-11", "2020-03-11/2020-03-13", "2020-04"),
    "summary": ("", "Told in an invented report."),
    "sides": ("", "Invented Front;Invented Army", "Invented Army"),
    "town": ("", "Invented Town"),
    "latitude": ("", "1.5"),
    "longitude": ("", "2.5"),
    "front": ("", "north", "south"),
    "killed": ("", "3", "2+", "5/6/9"),
    "civilians": ("", "1", "2"),
    "injured": ("", "-9", "0", "12"),
    "actor": ("", "Invented Front", "Invented Army"),
    "heard": ("", "Invented Gazette, 1", "Invented Gazette, 1;Invented Gazette, 2"),
}
TOGETHER = {"longitude": "latitude"}
"""Both or neither, or the row is rejected."""

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking: an example takes half a second."""
Row = dict[str, str]
QUESTIONS: Sequence[tuple[str, Question]] = (
    ("totals", Question(measures=("killed", "injured"), by=("actor", "role"))),
    ("incidents", Question()),
    ("counts", Question()),
)


def rows(ids: range) -> st.SearchStrategy[dict[int, Row]]:
    cells = st.fixed_dictionaries({name: st.sampled_from(some) for name, some in COLUMNS.items()})
    return st.dictionaries(st.sampled_from(ids), cells.map(_fitting), min_size=1, max_size=len(ids))


def _fitting(row: Row) -> Row:
    return {**row, "longitude": "2.5" if row["latitude"] else ""}


def write(path: Path, found: dict[int, Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, ["id", *COLUMNS])
        writer.writeheader()
        writer.writerows({"id": str(number), **row} for number, row in found.items())
    return path


@pytest.fixture
def imported(tmp_path: Path) -> Callable[..., tuple[Ledger, list[Imported]]]:
    """A ledger, new each time, of some versions imported one after the other."""
    mapping = tmp_path / "invented.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    empty = file_of(new_ledger(tmp_path / "empty.db"))

    def make(*versions: tuple[str, dict[int, Row]]) -> tuple[Ledger, list[Imported]]:
        path = tmp_path / "ledger.db"
        for old in tmp_path.glob("ledger.db*"):
            old.unlink()
        shutil.copy(empty, path)
        ledger = Ledger(path, steward="Test Steward", now=Clock(), new_ids=Ids())
        asked = Asked(str(mapping), complete=True)
        files = [(write(tmp_path / f"{name}.csv", found)) for name, found in versions]
        return ledger, [ledger.import_rows([file], asked) for file in files]

    return make


def told(ledger: Ledger, at: str = "") -> list[Any]:
    """What reports say, apart from positions and sources."""
    with ledger.asking(at) as present:
        tables = [present.report(name, question) for name, question in QUESTIONS]
        return [sorted(_without_positions(table)) for table in tables]


def _without_positions(table: Table) -> Iterator[tuple[str, ...]]:
    kept = [
        place
        for place, column in enumerate(table.columns)
        if column.name not in ("position", "source", "known", "claims", "sources")
    ]
    return (tuple(str(row[place]) for place in kept) for row in table.rows)


@settings(max_examples=12, phases=PHASES)
@given(first=rows(range(4)), second=rows(range(4)))
def test_the_newest_version_is_what_stands(
    imported: Callable[..., tuple[Ledger, list[Imported]]],
    first: dict[int, Row],
    second: dict[int, Row],
) -> None:
    ledger, (before, after) = imported(("v2020", first), ("v2021", second))
    size = before.head.size
    alone, _ = imported(("v2021", second))
    expected = told(alone)
    ledger, (_, after) = imported(("v2020", first), ("v2021", second))
    assert told(ledger) == expected
    counted = after.counted
    assert counted.rejected == 0
    assert counted.new == len(second.keys() - first.keys())
    assert counted.retracted == len(first.keys() - second.keys())
    assert counted.changed + counted.unchanged == len(first.keys() & second.keys())
    past = told(ledger, at=str(size))
    old, _ = imported(("v2020", first))
    assert past == told(old)


@settings(max_examples=8, phases=PHASES)
@given(first=rows(range(3)), second=rows(range(3)))
def test_there_and_back_and_again_appends_nothing(
    imported: Callable[..., tuple[Ledger, list[Imported]]],
    first: dict[int, Row],
    second: dict[int, Row],
) -> None:
    versions = (("a-v2020", first), ("b-v2020", second), ("c-v2020", first), ("d-v2020", first))
    ledger, done = imported(*versions)
    assert done[-1].counted == msgspec.structs.replace(
        done[-1].counted, unchanged=len(first), new=0, changed=0, retracted=0, events=0
    )
    back = told(ledger)
    alone, _ = imported(("v2020", first))
    assert back == told(alone)
    assert ledger.verify().findings == []
