"""Imports of a UCDP GED file as whole processes, beside programs that only fill a table."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from ledger.app import Ledger
from tests.benchmarks import datasets, ledgers
from tests.benchmarks.conftest import Record
from tests.benchmarks.events import STEWARD
from tests.benchmarks.processes import environment, ledger_command
from tests.benchmarks.rounds import Benchmark, Ready, by_turns
from tests.benchmarks.yardsticks import (
    PANDAS,
    SHELL,
    SQLITE_UTILS,
    TABLE,
    Importer,
    Spent,
    prepare,
    spent,
)

ROWS = ledgers.EVENTS
CHANGED = 100
ROUNDS = 3
ROUNDS_OF_MANY = 2
WARM_UP = 100
"""Rows of the file by which every program has its modules compiled."""
DATASET_AND_LAST_WORD = 2
"""Events of an import beside those of its rows."""
_GOALS = {SQLITE_UTILS: "import beside sqlite-utils", SHELL: "import beside .import"}


class Lane:
    """One way to import a file, each round into a database of its own; keeps what each took."""

    def __init__(
        self,
        database: Path,
        begin: Callable[[Path], object],
        command: Callable[[Path], Sequence[str]],
        compiled: Path,
    ) -> None:
        self.database = database
        self.spent: list[Spent] = []
        self._begin, self._command, self._compiled = begin, command, compiled

    def __call__(self) -> Ready:
        """Make a database ready; what is given runs the program."""
        shutil.rmtree(self.database.parent, ignore_errors=True)
        self.database.parent.mkdir(parents=True)
        self._begin(self.database)
        return self._run

    def _run(self) -> None:
        self.spent.append(spent(self._command(self.database), environment(self._compiled)))

    @property
    def best(self) -> Spent:
        """The least time of all rounds, and the largest peak."""
        return Spent(
            min(one.wall for one in self.spent),
            min(one.cpu for one in self.spent),
            max(one.peak for one in self.spent),
        )


class Lanes:
    """Makes lanes, and sees to it that modules are compiled before any of them is timed."""

    def __init__(self, folder: Path, template: Ledger, compiled: Path) -> None:
        self._folder, self._template, self._compiled = folder, template, compiled

    def ours(self, name: str, file: Path, before: Ledger | None = None) -> Lane:
        """The ledger's own import, into an empty one or a copy of what was there before."""
        begin = partial(ledgers.opened_copy, before or self._template)
        return Lane(self._path(name), begin, partial(_our_command, file), self._compiled)

    def theirs(self, importer: Importer, file: Path) -> Lane:
        """An importer, into a new database."""
        command = partial(_their_command, importer, file)
        return Lane(self._path(importer.name), prepare, command, self._compiled)

    def _path(self, name: str) -> Path:
        return self._folder / name / "target.db"


@pytest.fixture(scope="module")
def lanes(folder: Path, compiled: Path) -> Iterator[Lanes]:
    own = folder / "imports"
    own.mkdir()
    template = Ledger(own / "template.db", steward=STEWARD)
    template.create()
    made = Lanes(own, template, compiled)
    little = datasets.ged(folder, WARM_UP)
    for lane in (
        made.ours("warm-up", little),
        *(made.theirs(one, little) for one in (SHELL, PANDAS, SQLITE_UTILS)),
    ):
        lane()()
    yield made
    shutil.rmtree(own)


def test_import(benchmark: Benchmark, folder: Path, lanes: Lanes, record: Record) -> None:
    """The first time, again, and again with some rows changed; `sqlite-utils` only once."""
    file, changed = datasets.ged(folder, ROWS), datasets.ged_changed(folder, ROWS, CHANGED)
    before = lanes.ours("before", file)
    before()()
    stands = Ledger(before.database, steward=STEWARD)
    first = lanes.ours("first", file)
    again = lanes.ours("again", file, stands)
    corrected = lanes.ours("corrected", changed, stands)
    shell, pandas = lanes.theirs(SHELL, file), lanes.theirs(PANDAS, file)
    slowest = lanes.theirs(SQLITE_UTILS, file)
    slowest()()
    by_turns(benchmark, ROUNDS, first, again, corrected, shell, pandas)

    of_first = ROWS + DATASET_AND_LAST_WORD
    assert [_events(one) for one in (first, again, corrected)] == [
        of_first,
        of_first,
        of_first + CHANGED + 1,
    ]
    assert [_rows(one) for one in (shell, pandas, slowest)] == [ROWS] * 3
    for importer, lane in ((SQLITE_UTILS, slowest), (SHELL, shell), (PANDAS, pandas)):
        _record_beside(record, ROWS, first, lane, importer)
    _record_again(record, "unchanged", first, again)
    _record_again(record, f"{CHANGED} rows changed", first, corrected)
    for what, lane in (("import", first), ("import again", again)):
        _record_peak(record, what, ROWS, lane)


def test_import_of_many(benchmark: Benchmark, folder: Path, lanes: Lanes, record: Record) -> None:
    """Four times the rows; `sqlite-utils` would take minutes and is left out."""
    number = ledgers.MANY
    file = datasets.ged(folder, number)
    ours = lanes.ours("many", file)
    shell, pandas = lanes.theirs(SHELL, file), lanes.theirs(PANDAS, file)
    by_turns(benchmark, ROUNDS_OF_MANY, ours, shell, pandas)
    assert _events(ours) == number + DATASET_AND_LAST_WORD
    assert [_rows(one) for one in (shell, pandas)] == [number] * 2
    for importer, lane in ((SHELL, shell), (PANDAS, pandas)):
        _record_beside(record, number, ours, lane, importer)
    _record_peak(record, "import", number, ours)


def _our_command(file: Path, database: Path) -> Sequence[str]:
    general = ("--db", str(database), "--as", STEWARD)
    return ledger_command(*general, "import", str(file), "--mapping", "ucdp-ged")


def _their_command(importer: Importer, file: Path, database: Path) -> Sequence[str]:
    return importer.command(database, file)


def _events(lane: Lane) -> int:
    with Ledger(lane.database).asking() as present:
        return present.log.stop


def _rows(lane: Lane) -> int:
    with closing(sqlite3.connect(lane.database)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {TABLE}").fetchone()[0])


def _record_beside(
    record: Record, number: int, ours: Lane, theirs: Lane, importer: Importer
) -> None:
    """How many times faster than a slow program, or how many times the time of a fast one."""
    goal = _GOALS.get(importer, "")
    faster = importer is SQLITE_UTILS
    passed, worked = (
        other / own if faster else own / other
        for own, other in zip(ours.best[:2], theirs.best[:2], strict=True)
    )
    what = f"import, {number:,} rows, beside {importer.name}"
    how = f"{_took(ours)}; {importer.name} {_took(theirs)}; by processor time {worked:.3g}"
    record(what, passed, goal, how, "x" if faster else "x the time")


def _record_again(record: Record, what: str, first: Lane, again: Lane) -> None:
    passed, worked = (
        one / other for one, other in zip(first.best[:2], again.best[:2], strict=True)
    )
    how = f"{_took(again)}; the first time {_took(first)}; by processor time {worked:.3g}"
    record(f"import again, {ROWS:,} rows, {what}", passed, "import again", how)


def _record_peak(record: Record, what: str, number: int, lane: Lane) -> None:
    peak = lane.best.peak / 1e6
    record(f"memory of {what}, {number:,} rows", peak, "memory", "peak of the whole process")


def _took(lane: Lane) -> str:
    return f"{lane.best.wall:.2f} s ({lane.best.cpu:.2f} of the processor)"
