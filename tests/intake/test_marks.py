"""Rows are known again by their marks, and nothing hangs on marks: without them all is the same."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from ledger import codec
from ledger.app import Ledger
from ledger.intake import mapper
from ledger.intake.importing import Imported, undone
from ledger.intake.rowfiles import Asked
from ledger.store.database import Answer
from ledger.store.ids import uuid7s
from tests.conftest import file_of, new_ledger

FILE = Path(__file__).parent.parent / "data" / "ged241-invented.csv"
DAMAGES = (
    "UPDATE marks SET names = zeroblob(length(names))",
    "UPDATE marks SET marks = x'01'",
    "UPDATE marks SET marks = zeroblob(length(marks))",
    "UPDATE marks SET token = '1.x'",
    "UPDATE marks SET state = ''",
    "DELETE FROM marks",
)


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """The file with one title changed and two rows gone."""
    with FILE.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    rows[3][header.index("where_coordinates")] = "Invented Quay"
    path = tmp_path / FILE.name
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header, *rows[:10], *rows[12:]])
    return path


def imported(ledger: Ledger, path: Path, *, complete: bool = False) -> Imported:
    return ledger.import_rows([path], Asked("ucdp-ged", complete=complete))


def run(ledger: Ledger, statement: str) -> None:
    with closing(sqlite3.connect(file_of(ledger))) as database:
        database.execute(statement)
        database.commit()


def rows_mapped(ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many rows an import has to map."""
    lines: list[int] = []
    map_row = mapper.Mapper.row

    def count(self: mapper.Mapper, line: int, cells: list[str]) -> object:
        lines.append(line)
        return map_row(self, line, cells)

    with monkeypatch.context() as patch:
        patch.setattr(mapper.Mapper, "row", count)
        imported(ledger, path)
    return len(lines)


def test_only_changed_rows_are_looked_at(
    ledger: Ledger, changed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = imported(ledger, FILE).counted.read
    assert rows_mapped(ledger, FILE, monkeypatch) == 0
    assert rows_mapped(ledger, changed, monkeypatch) == 1
    assert rows_mapped(ledger, FILE, monkeypatch) == 3, "one changed back, two not in the last"
    assert imported(ledger, FILE).counted.unchanged == read


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("gone", [0, 2])
def test_damaged_marks_change_nothing(
    ledger: Ledger, changed: Path, damage: str, gone: int
) -> None:
    read = imported(ledger, FILE).counted.read
    run(ledger, damage)
    counted = imported(ledger, changed, complete=gone > 0).counted
    assert (counted.changed, counted.unchanged, counted.retracted) == (1, read - 3, gone)
    assert ledger.verify().findings == []


def test_marks_of_another_ledger_are_of_no_use(
    ledger: Ledger, changed: Path, tmp_path: Path
) -> None:
    other = new_ledger(tmp_path / "other.db")
    other._new_ids = uuid7s
    imported(other, changed)
    imported(ledger, FILE)
    run(ledger, "DELETE FROM marks")
    with closing(sqlite3.connect(file_of(ledger))) as database:
        database.execute(f"ATTACH '{file_of(other)}' AS other")
        database.execute("INSERT INTO marks SELECT * FROM other.marks")
        database.commit()
    assert imported(ledger, changed).counted.changed == 1


def test_an_import_that_was_undone_leaves_no_marks(ledger: Ledger) -> None:
    done = imported(ledger, FILE)
    ledger.retract(None, batch=done.batch, reason="the wrong file")
    assert imported(ledger, FILE).counted.new == done.counted.new


def test_a_row_has_one_way_of_being_written(ledger: Ledger, changed: Path) -> None:
    """Stored bytes are those of what they say, with nothing that is only a default."""
    imported(ledger, FILE)
    imported(ledger, changed, complete=True)
    for body in ledger.export():
        assert codec.canonical(codec.decode(body)).decode() == body


def test_a_chunk_that_is_done_again_leaves_the_marks(
    ledger: Ledger, changed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lost connection undoes a transaction with the marks that stepped aside in it."""
    imported(ledger, FILE)
    write = ledger.database.write

    def twice(work: Callable[[Connection], Answer]) -> Answer:
        with undone(ledger.database.writing) as connection:
            work(connection)
        return write(work)

    with monkeypatch.context() as patched:
        patched.setattr(ledger.database, "write", twice)
        counted = imported(ledger, changed).counted
    assert (counted.changed, counted.events) == (1, 2)
    assert rows_mapped(ledger, changed, monkeypatch) == 0
    assert ledger.verify().findings == []
