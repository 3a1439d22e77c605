"""Damaged files: refused as a whole, or every row accounted for; never anything else.

`CASUALTY_LEDGER_FUZZ=NUMBER[:FIRST]` says how many, and which is the first: what a failure names
is tried alone by `CASUALTY_LEDGER_FUZZ=1:FIRST`. `make fuzz` tries 2,000.
"""

from __future__ import annotations

import csv
import gzip
import io
import lzma
import random
import shutil
import unicodedata
from itertools import compress
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from ledger.app import Ledger
from ledger.errors import RefusedError
from ledger.intake import imports, mappings
from ledger.intake.importing import Imported
from ledger.intake.imports import Counted
from ledger.intake.readers import Misfit, Shape, open_table
from ledger.intake.rejects import ADDED
from ledger.intake.rowfiles import Asked
from ledger.reports.question import Question
from ledger.store import log as store
from ledger.store.ids import uuid7s
from ledger.store.log import Head
from tests import fuzz
from tests.conftest import SHARED, Clock, new_ledger
from tests.intake.mutations import Mutant, Rows, by_hand, mutant, read, written
from tests.invented import findings

REAL = SHARED / "data" / "ucdp" / "ged191-bgd-mmr.csv"
MUTANTS = fuzz.numbers(200)
GROUPS = min(20, len(MUTANTS))
"""Tests that they are shared out among, for those that run side by side."""

MOST_ROWS = 25


class Bench(NamedTuple):
    """What all damaged files are made from and imported into.

    `empty` has no dataset yet, `full` has the rows of `good`; both have an incident of a steward
    that is like one of them.
    """

    folder: Path
    rows: Rows
    good: Path
    empty: Path
    full: Path
    clean: list[tuple[object, ...]]

    def ledger(self, number: int) -> Ledger:
        """A copy of one of the two, for a damaged file."""
        for old in self.folder.glob("ledger.db*"):
            old.unlink()
        path = self.folder / "ledger.db"
        shutil.copy(self.full if number % 2 else self.empty, path)
        return Ledger(path, "Test Steward", now=Clock(), new_ids=uuid7s)

    def asked(self, suffix: str) -> Asked:
        """The mapping for files of a suffix."""
        mapping = "ucdp-ged" if suffix.startswith("csv") else str(self.folder / f"{suffix}.toml")
        return Asked(mapping, rejects=self.folder / "rejects.csv")


def bench(folder: Path, rows: Rows, name: str) -> Bench:
    good = folder / f"{name}.csv"
    good.write_bytes(written("csv", rows))
    for form in ("json", "jsonl", "xlsx"):
        text = f'{mappings.text_of("ucdp-ged")}\n[file]\nformat = "{form}"\n'
        (folder / f"{form}.toml").write_text(text, encoding="utf-8")
    empty, full = folder / "empty.db", folder / "full.db"
    ledger = new_ledger(empty)
    ledger.append(by_hand())
    shutil.copy(empty, full)
    made = Bench(folder, rows, good, empty, full, [])
    filled = Ledger(full, "Test Steward", now=Clock())
    done = filled.import_rows([good], made.asked("csv"))
    assert done.counted.rejected == 0
    return made._replace(clean=state(filled, rows))


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Damaged files of invented rows."""
    return bench(tmp_path_factory.mktemp("invented"), read(MOST_ROWS), "ged241-invented")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Damaged files of the first rows of the dataset."""
    if not REAL.exists():
        pytest.skip(f"{REAL} is not there")
    return bench(tmp_path_factory.mktemp("real"), read(MOST_ROWS, REAL), "ged191-real")


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several transactions for a few rows."""
    monkeypatch.setattr(imports, "FEWEST", 10)
    monkeypatch.setattr(imports, "MOST", 20)


@pytest.mark.parametrize("group", range(GROUPS))
def test_damaged_files(invented: Bench, group: int) -> None:
    for number in MUTANTS[group::GROUPS]:
        attack(invented, number)


@pytest.mark.parametrize("group", range(GROUPS))
def test_damaged_files_of_the_dataset(real: Bench, group: int) -> None:
    for number in MUTANTS[group::GROUPS][::10]:
        attack(real, number)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\r\nb", 'a"b', "a,b", "\n"])
def test_line_breaks_in_rejected_rows(invented: Bench, form: str, text: str) -> None:
    header, *rows = [list(row) for row in invented.rows[:3]]
    for row in rows:
        row[header.index("source_headline")], row[header.index("latitude")] = text, "north"
    path = invented.folder / f"ged241-breaks.{form}"
    path.write_bytes(written(form, [header, *rows]))
    done, rejects = imported(invented.ledger(0), path, invented.asked(form))
    assert done is not None
    assert done.counted.rejected == 2
    assert [one["source_headline"] for one in rejects] == [text] * 2


@pytest.mark.parametrize("text", ["a\nb", 'a"b', "a,b"])
def test_a_row_of_a_sheet_that_is_too_long(invented: Bench, text: str) -> None:
    header, row = invented.rows[:2]
    path = invented.folder / "ged241-long.xlsx"
    path.write_bytes(written("xlsx", [header, [*row[:-1], text, "more"]]))
    _, (rejected,) = imported(invented.ledger(0), path, invented.asked("xlsx"))
    assert next(csv.reader([rejected["_raw"]]))[-2:] == [text, "more"]


def attack(bench: Bench, number: int) -> None:
    """Import one damaged file, and say which one it was if anything is wrong."""
    one = mutant(number, bench.rows)
    try:
        _attack(bench, number, one)
    except BaseException as error:
        error.add_note(f"CASUALTY_LEDGER_FUZZ=1:{number}: {', '.join(one.done)}")
        raise


def _attack(bench: Bench, number: int, one: Mutant) -> None:
    chance = random.Random(number)
    ledger, asked = bench.ledger(number), bench.asked(one.suffix)
    path = bench.folder / f"{bench.good.stem}-damaged.{one.suffix}"
    path.write_bytes(one.body)
    asked = asked._replace(
        encoding=one.encoding,
        complete=chance.random() < 0.2,
        strict=chance.random() < 0.1,
        extra_columns=chance.random() < 0.3,
    )
    before = head(ledger)
    tried, told = imported(ledger, path, asked._replace(dry_run=True))
    assert head(ledger) == before
    done, rejects = imported(ledger, path, asked)
    assert rejects == told
    if done is None or done.stopped:
        assert head(ledger) == before
        assert tried is None or done is not None
    else:
        assert tried is not None
        adds_up(done.counted)
        assert done.counted == msgspec.structs.replace(tried.counted, events=done.counted.events)
        assert len(rejects) == done.counted.rejected
        whole(path, asked, rejects)
        again, same = imported(ledger, path, asked)
        assert again is not None
        assert (same, again.counted) == (rejects, unchanged(done.counted))
    if number % 20 == 0:
        assert findings(ledger) == []
    after, refused = imported(ledger, bench.good, bench.asked("csv"))
    assert after is not None
    adds_up(after.counted)
    assert (after.counted.read, refused) == (len(bench.rows) - 1, [])
    assert state(ledger, bench.rows) == bench.clean


Rejected = list[dict[str, str]]


def imported(ledger: Ledger, path: Path, asked: Asked) -> tuple[Imported | None, Rejected]:
    """What an import did, None if it was refused; and the rows that it rejected."""
    assert asked.rejects
    asked.rejects.unlink(missing_ok=True)
    try:
        done = ledger.import_rows([path], asked)
    except RefusedError:
        return None, []
    assert done.rejects == ([asked.rejects] if done.counted.rejected else [])
    if not done.rejects:
        return done, []
    with asked.rejects.open(encoding="utf-8", newline="") as file:
        return done, list(csv.DictReader(file, strict=True))


def adds_up(counted: Counted) -> None:
    fates = (counted.new, counted.changed, counted.unchanged, counted.duplicates, counted.rejected)
    assert counted.read == sum(fates)


def unchanged(counted: Counted) -> Counted:
    """What a second import of the same file comes to."""
    same = counted.read - counted.rejected
    return Counted(read=counted.read, unchanged=same, rejected=counted.rejected)


def whole(path: Path, asked: Asked, rejects: Rejected) -> None:
    """Each rejected row is in the rejects as it is in the file."""
    if not rejects:
        return
    form = mappings.load(asked.mapping).file.format
    lines = _lines(path, asked.encoding) if form == "csv" else []
    with open_table(path, Shape(form, encoding=asked.encoding or "utf-8")) as table:
        rows = {one.line: one for one in table.rows()}
        own = [name not in ADDED for name in table.header]
    for one in rejects:
        assert one["_code"]
        assert one["_message"]
        row, cells = rows[int(one["_line"])], [one[name] for name in compress(table.header, own)]
        if row.cells is None:
            assert isinstance(row, Misfit)
            assert (one["_raw"], any(cells)) == (row.raw, False)
        else:
            assert cells == list(compress(row.cells, own))
        if lines and any(cells):
            # Without our readers: what begins on that line of the file.
            below = range(int(one["_line"]) - 1, len(lines))
            there = compress(next(csv.reader(lines[number] for number in below)), own)
            assert cells == [unicodedata.normalize("NFC", cell) for cell in there]
        elif lines:
            raw, first = one["_raw"], int(one["_line"]) - 1
            last = first + 1 + raw.count("\n") + raw.count("\r")
            assert "".join(lines[first:last]).startswith(raw)


def _lines(path: Path, encoding: str) -> list[str]:
    body = path.read_bytes()
    if path.suffix == ".gz":
        body = gzip.decompress(body)
    elif path.suffix == ".xz":
        body = lzma.decompress(body)
    text = body.decode(encoding or "utf-8-sig")
    return io.StringIO(text, newline="").readlines()


def head(ledger: Ledger) -> Head:
    with ledger.database.reading() as connection:
        return store.head(connection)


def state(ledger: Ledger, rows: Rows) -> list[tuple[object, ...]]:
    """What the ledger says of the incidents of some rows."""
    keys = {f"ucdp-ged-{row[0].removesuffix('.0')}" for row in rows[1:]}
    found = []
    with ledger.asking() as present:
        for name in ("incidents", "counts"):
            columns, told, _ = present.report(name, Question())
            kept = [column.name not in _PLACES for column in columns]
            found += [tuple(compress(row, kept)) for row in told if keys.intersection(row)]
    return sorted(found, key=repr)


_PLACES = ("position", "positions", "claims")
