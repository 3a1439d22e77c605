"""The same dataset again: taken back, changed and changed back, corrected by hand in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import compress
from pathlib import Path
from types import MappingProxyType

import pytest

from ledger.app import Ledger
from ledger.errors import RefusedError
from ledger.intake import imports
from ledger.intake.importing import Imported
from ledger.intake.rowfiles import Asked
from ledger.reports.question import ask
from tests.intake.mutations import Rows, read, written
from tests.invented import GAZETTE, findings, incident, merge, note, source

ROWS = 8
Changes = Mapping[int, Mapping[str, str]]
"""Cells by row and column."""
NOTHING: Changes = MappingProxyType({})
Put = Callable[..., Imported]

CHANGED: Changes = {
    0: {"low": "11", "best": "12", "high": "13", "deaths_civilians": "9"},
    1: {"where_coordinates": "Invented Harbour", "adm_1": "", "date_prec": "4"},
    2: {"side_b": "Invented Brigade", "deaths_b": "7", "country": "Bangladesh"},
    3: {"date_start": "2022-04-01", "date_end": "2022-04-30", "source_original": ""},
}


def rows(changes: Changes = NOTHING, *gone: int) -> Rows:
    """Some invented rows, with other cells by number of the row, and without others."""
    header, *some = read(ROWS)
    for number, cells in changes.items():
        for name, text in cells.items():
            some[number][header.index(name)] = text
    return [header, *(row for number, row in enumerate(some) if number not in gone)]


@pytest.fixture
def put(ledger: Ledger, tmp_path: Path) -> Put:
    """Imports rows; files of the same rows are the same files."""

    def import_rows(some: Rows, *, complete: bool = False) -> Imported:
        file = tmp_path / "ged241.csv"
        file.write_bytes(written("csv", some))
        return ledger.import_rows([file], Asked("ucdp-ged", complete=complete))

    return import_rows


def told(ledger: Ledger) -> list[tuple[object, ...]]:
    """What the ledger says now, positions aside."""
    with ledger.asking() as present:
        found: list[tuple[object, ...]] = []
        for name in ("totals", "incidents", "counts", "claims", "sources"):
            columns, lines, _ = present.report(name, ask())
            kept = [column.name not in ("position", "by", "claims") for column in columns]
            standing = (line for line in lines if {"superseded", "withdrawn"}.isdisjoint(line))
            found += [tuple(compress(line, kept)) for line in standing]
        return sorted(found, key=repr)


def fates(done: Imported) -> tuple[int, int, int, int, int]:
    counted = done.counted
    return counted.new, counted.changed, counted.unchanged, counted.rejected, counted.retracted


def test_taken_back_and_imported_again(ledger: Ledger, put: Put) -> None:
    first = put(rows())
    before = told(ledger)
    ledger.retract(None, batch=first.batch, reason="the wrong file")
    assert told(ledger) == []
    again = put(rows())
    assert (fates(again), again.batch) == ((ROWS, 0, 0, 0, 0), f"{first.batch}.1")
    assert told(ledger) == before
    assert fates(put(rows())) == (0, 0, ROWS, 0, 0)
    ledger.retract(None, batch=again.batch, reason="the wrong file once more")
    assert told(ledger) == []
    assert fates(put(rows())) == (ROWS, 0, 0, 0, 0)
    assert told(ledger) == before
    assert findings(ledger) == []


def test_changed_and_changed_back(ledger: Ledger, put: Put) -> None:
    put(rows())
    before = told(ledger)
    assert fates(put(rows(CHANGED))) == (0, 4, 4, 0, 0)
    between = told(ledger)
    assert between != before
    assert fates(put(rows())) == (0, 4, 4, 0, 0)
    assert told(ledger) == before
    assert fates(put(rows(CHANGED))) == (0, 4, 4, 0, 0)
    assert told(ledger) == between
    assert put(rows(CHANGED)).counted.events == 0
    assert findings(ledger) == []


def test_the_change_taken_back(ledger: Ledger, put: Put) -> None:
    put(rows())
    before = told(ledger)
    second = put(rows(CHANGED))
    between = told(ledger)
    ledger.retract(None, batch=second.batch, reason="not yet published")
    assert told(ledger) == before
    assert put(rows()).counted.events == 0
    assert fates(put(rows(CHANGED))) == (0, 4, 4, 0, 0)
    assert told(ledger) == between
    assert findings(ledger) == []


def test_the_first_import_taken_back_under_the_change(ledger: Ledger, put: Put) -> None:
    first, second = put(rows()), put(rows(CHANGED))
    between = told(ledger)
    with pytest.raises(RefusedError, match="rested-on"):
        ledger.retract(None, batch=first.batch, reason="the wrong file")
    for done in (second, first):
        ledger.retract(None, batch=done.batch, reason="the wrong file")
    assert told(ledger) == []
    assert fates(put(rows(CHANGED))) == (ROWS, 0, 0, 0, 0)
    assert told(ledger) == between
    assert put(rows(CHANGED)).counted.events == 0
    assert findings(ledger) == []


def test_gone_and_back(ledger: Ledger, put: Put) -> None:
    put(rows())
    before = told(ledger)
    assert fates(put(rows(NOTHING, 2, 5), complete=True)) == (0, 0, ROWS - 2, 0, 2)
    assert put(rows(NOTHING, 2, 5), complete=True).counted.events == 0
    assert fates(put(rows(), complete=True)) == (2, 0, ROWS - 2, 0, 0)
    assert told(ledger) == before
    assert findings(ledger) == []


def test_changed_and_then_gone(ledger: Ledger, put: Put) -> None:
    """What revised an incident goes with it, and keeps nobody from withdrawing it."""
    put(rows())
    put(rows(CHANGED))
    done = put(rows(CHANGED, 0, 1, 2, 3), complete=True)
    assert (fates(done), done.problems) == ((0, 0, 4, 0, 4), [])
    gone = told(ledger)
    assert fates(put(rows())) == (4, 0, 4, 0, 0)
    assert fates(put(rows(NOTHING, 0, 1, 2, 3), complete=True)) == (0, 0, 4, 0, 4)
    assert told(ledger) == gone
    assert findings(ledger) == []


def test_a_rejected_row_is_not_gone(ledger: Ledger, put: Put) -> None:
    """What is in the file, and cannot be taken, was not removed by its publisher."""
    put(rows())
    before = told(ledger)
    done = put(rows({2: {"latitude": "north"}}), complete=True)
    assert fates(done) == (0, 0, ROWS - 1, 1, 0)
    assert told(ledger) == before


def position_of(ledger: Ledger, stream: str) -> int:
    with ledger.asking() as present:
        return present.log.stream(stream)[0].position


def test_a_correction_by_hand_stays(ledger: Ledger, put: Put) -> None:
    put(rows())
    ledger.correct(position_of(ledger, "incident/ucdp-ged-900001"), "killed", "5", "misread")
    corrected = told(ledger)
    for complete in (False, True):
        again = put(rows(), complete=complete)
        assert (fates(again), again.counted.events) == ((0, 0, ROWS, 0, 0), 0)
    assert told(ledger) == corrected
    later = put(rows({0: {"low": "11", "best": "12", "high": "13"}}))
    assert fates(later) == (0, 1, ROWS - 1, 0, 0)
    assert findings(ledger) == []


def test_what_was_taken_back_by_hand_stays_so(ledger: Ledger, put: Put) -> None:
    put(rows())
    position = position_of(ledger, "incident/ucdp-ged-900002")
    ledger.retract(position, reason="recorded twice")
    taken = told(ledger)
    assert put(rows(), complete=True).counted.events == 0
    changed = put(rows({1: {"where_coordinates": "Invented Quay", "best": "77"}}), complete=True)
    assert (fates(changed), changed.counted.events) == ((0, 0, ROWS, 0, 0), 0)
    assert told(ledger) == taken
    assert findings(ledger) == []


def test_notes_and_merges_by_hand_are_no_change(ledger: Ledger, put: Put) -> None:
    put(rows())
    ledger.append([note("incident/ucdp-ged-900003"), merge("ucdp-ged-900004", "ucdp-ged-900005")])
    merged = told(ledger)
    assert put(rows(), complete=True).counted.events == 0
    assert told(ledger) == merged
    done = put(rows({3: {"low": "40", "best": "40", "high": "40"}}))
    assert fates(done) == (0, 1, ROWS - 1, 0, 0)
    assert findings(ledger) == []


@pytest.fixture
def count_rows(ledger: Ledger, tmp_path: Path) -> Put:
    """Imports counts of an incident, a transaction each, by documents that the rows name."""
    ledger.append([source(), incident(), incident("raid")])

    def import_rows(*some: str, how: str = "") -> Imported:
        file = tmp_path / "counts.csv"
        header = "incident,measure,count,claimant,source,source_title,source_publisher"
        file.write_text("\n".join([header, *some, ""]), encoding="utf-8")
        asked = Asked("counts", dry_run=how == "dry_run", strict=how == "strict")
        return ledger.import_rows([file], asked)

    return import_rows


def test_a_source_that_stands_is_cited(ledger: Ledger, count_rows: Put) -> None:
    """Its publisher answers for a row that names nobody."""
    assert fates(count_rows(f"ambush,killed,2,,{GAZETTE},,")) == (1, 0, 0, 0, 0)
    assert findings(ledger) == []


@pytest.mark.parametrize("how", ["dry_run", "strict"])
def test_a_trial_takes_what_the_import_takes(
    count_rows: Put, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """A row may rest on one of an earlier transaction, in a trial as well."""
    monkeypatch.setattr(imports, "FEWEST", 1)
    monkeypatch.setattr(imports, "MOST", 1)
    first, second = "ambush,killed,2,Someone,new,New,Press", "raid,killed,3,Someone,new,,"
    done = count_rows(first, second, how=how)
    assert (fates(done), done.stopped) == ((2, 0, 0, 0, 0), False)
