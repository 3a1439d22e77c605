"""Imports that are killed, at any statement and at any moment: run again, nothing can be told.

`make fuzz` kills more often, in larger files.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from ledger import codec
from ledger.app import Ledger
from ledger.events import payloads as said
from ledger.intake import imports
from ledger.intake.importing import Imported
from ledger.intake.rowfiles import Asked
from ledger.reports.question import ask
from tests.children import NEVER, SPAWN
from tests.conftest import file_of, new_ledger
from tests.intake.mutations import Rows, by_hand, read, written
from tests.invented import findings, tables

FUZZ = os.environ.get("CASUALTY_LEDGER_FUZZ", "")
ROWS, STEP = (3_000, 100) if FUZZ else (600, 30)
KILLS = -(-int(FUZZ.partition(":")[0] or 400) // 20)
FIRST = int(FUZZ.partition(":")[2] or 1)
SECONDS = 0.5
"""Within which an import is killed that is killed at a moment; some are done by then."""

Report = tuple[str, list[tuple[object, ...]]]


class Story(NamedTuple):
    """An import that was never killed, for those that are.

    `before` is the ledger that it began with, `statements` what it said to SQLite, one after
    another, and the rest what it came to.
    """

    before: Path
    file: Path
    complete: bool
    statements: list[str]
    done: Imported
    rejects: str
    log: list[bytes]
    tables: dict[str, list[tuple[object, ...]]]
    reports: list[Report]


def first_rows() -> Rows:
    """Invented rows with new ids, days and counts; some are faulty, some come twice."""
    header, *some = read(40)
    at = header.index
    rows = [header]
    for number in range(ROWS):
        row = list(some[number % len(some)])
        row[at("id")] = str(1_000_001 + number)
        if number:
            day = f"20{10 + number % 14}-{1 + number % 12:02}-09"
            row[at("date_start")] = row[at("date_end")] = day
        row[at("low")] = row[at("best")] = str(number % 17)
        row[at("high")] = str(number % 17 + number % 3)
        if number % 97 == 96:
            row[at("latitude")] = "north"
        if number % 89 == 88:
            row[at("id")] = "1000001"
        rows.append(row)
    return rows


def second_rows() -> Rows:
    """A later state of them: some are changed, gone or new, and none is faulty any more."""
    header, *some = first_rows()
    at = header.index
    rows = [header]
    for number, row in enumerate(some):
        if number % 7 == 3 or number % 89 == 88:
            continue
        if number % 11 == 5:
            row[at("best")] = row[at("high")] = "21"
        if number % 13 == 6:
            row[at("where_coordinates")] = "Invented Harbour"
            row[at("adm_1")] = ""
        if number % 17 == 2:
            row[at("deaths_a")], row[at("deaths_civilians")] = "0", "9"
        if number % 97 == 96:
            row[at("latitude")] = "21.5"
        if number % 50 == 49:
            row[at("id")] = str(2_000_001 + number)
        rows.append(row)
    return rows


def opened(path: Path) -> Ledger:
    """The ledger, at one and the same moment always."""
    return Ledger(path, "Test Steward", now=lambda: datetime(2024, 1, 1, tzinfo=UTC))


def imported(ledger: Ledger, file: Path, *, complete: bool) -> Imported:
    return ledger.import_rows([file], Asked("ucdp-ged", complete=complete))


def traced(ledger: Ledger, tell: Callable[[str], object]) -> None:
    """Tell each statement that the ledger sends to SQLite."""

    def connect(opens: Callable[[], sqlite3.Connection]) -> sqlite3.Connection:
        connection = opens()
        connection.set_trace_callback(lambda statement: tell(statement) and None)
        return connection

    database = ledger.database
    for name in ("_connect_writing", "_connect_reading"):
        setattr(database, name, partial(connect, getattr(database, name)))


def dying(ledger: Path, file: Path, last: int, begun: Connection, *, complete: bool) -> None:
    """An import in a process that kills itself before the statement after the `last`."""
    imports.FEWEST = imports.MOST = STEP
    numbers = count(1)

    def tell(_statement: str) -> None:
        if next(numbers) > last:
            os.kill(os.getpid(), signal.SIGKILL)

    ours = opened(ledger)
    traced(ours, tell)
    begun.send("")
    imported(ours, file, complete=complete)


def killed(story: Story, folder: Path, last: int, seconds: float | None = None) -> Ledger:
    """The ledger after an import that was killed, by itself or by us after some seconds."""
    path, file = folder / "ledger.db", folder / story.file.name
    if not path.exists():
        shutil.copy(story.before, path)
        shutil.copy(story.file, file)
    ours, theirs = SPAWN.Pipe()
    complete = {"complete": story.complete}
    process = SPAWN.Process(target=dying, args=(path, file, last, theirs), kwargs=complete)
    process.start()
    ours.recv()
    process.join(seconds)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL or seconds is not None
    return opened(path)


def read_log(ledger: Ledger) -> list[bytes]:
    """The events, ids and times aside."""
    events = map(codec.decode, ledger.export())
    return [codec.canonical(msgspec.structs.replace(one, id="", recorded_at="")) for one in events]


def reports(ledger: Ledger) -> Iterator[Report]:
    with ledger.asking() as present:
        for name in ("totals", "incidents", "counts", "claims", "sources"):
            yield name, list(present.report(name, ask()).rows)
        yield "totals by dyad", list(present.report("totals", ask(by="dyad,year")).rows)


def unfinished(ledger: Ledger) -> list[str]:
    with ledger.asking() as present:
        found = [one for one in present.check() if one.code == "unfinished"]
    return [one.where.removeprefix("batch ") for one in found]


def rejects_of(file: Path) -> str:
    """What the rejects file says, which names the file with its folder."""
    path = Path(f"{file}.rejects.csv")
    whole = path.read_text(encoding="utf-8") if path.exists() else ""
    return whole.replace(f"{file.parent}", "")


@pytest.fixture(scope="module", autouse=True)
def small_steps() -> Iterator[None]:
    """Transactions of a few rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imports, "FEWEST", STEP)
        patch.setattr(imports, "MOST", STEP)
        yield


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Story]:
    """A first import, and a later one of the whole dataset."""
    folder = tmp_path_factory.mktemp("stories")
    empty = new_ledger(folder / "empty.db")
    empty.append(by_hand())
    first, second = folder / "ged241-first.csv", folder / "ged242-second.csv"
    first.write_bytes(written("csv", first_rows()))
    second.write_bytes(written("csv", second_rows()))
    told = unkilled(file_of(empty), first, complete=False)
    after = folder / "after.db"
    shutil.copy(folder / "told.db", after)
    return {"first": told, "second": unkilled(after, second, complete=True)}


def unkilled(before: Path, file: Path, *, complete: bool) -> Story:
    path = before.with_name("told.db")
    shutil.copy(before, path)
    ledger, statements = opened(path), list[str]()
    traced(ledger, lambda statement: statements.append(statement[:6]))
    done = imported(ledger, file, complete=complete)
    plain = opened(path)
    assert findings(plain) == []
    log, rejects = read_log(plain), rejects_of(file)
    return Story(
        before, file, complete, statements, done, rejects, log, tables(plain), list(reports(plain))
    )


def test_the_imports_that_are_to_be_killed(stories: dict[str, Story]) -> None:
    first, second = (stories[name].done.counted for name in ("first", "second"))
    assert min(first.new, first.rejected) > 5
    assert min(second.new, second.changed, second.unchanged, second.retracted) > 10
    assert (first.duplicates, first.read) == (1, ROWS)


@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_import(stories: dict[str, Story], tmp_path: Path, number: int) -> None:
    chance = random.Random(f"kill {FIRST + number}")
    story = stories["second" if number % 2 else "first"]
    at_moment = number % 10 > 7
    last = NEVER if at_moment else chance.choice(points(story, number))
    seconds = chance.random() * SECONDS if at_moment else None
    ledger = killed(story, tmp_path, last, seconds)
    grown = goes_on(ledger, story)
    assert findings(ledger) == []
    assert unfinished(ledger) == ([story.done.batch] if grown else [])
    run_again(ledger, tmp_path / story.file.name, story)


def points(story: Story, number: int) -> Sequence[int]:
    """The statements after which an import may be killed: any, or those around a commit."""
    if number % 4 < 2:
        return range(len(story.statements))
    commits = [at for at, one in enumerate(story.statements) if one == "COMMIT"]
    return [*commits, *(at + 1 for at in commits)]


def test_killed_again_and_again(stories: dict[str, Story], tmp_path: Path) -> None:
    """Each run comes further than the one before; the last one tells it all."""
    story, ledger = stories["second"], opened(tmp_path / "ledger.db")
    sizes = []
    for share in (5, 3, 2):
        killed(story, tmp_path, len(story.statements) // share)
        assert goes_on(ledger, story)
        sizes.append(len(read_log(ledger)))
    assert sizes == sorted(set(sizes))
    run_again(ledger, tmp_path / story.file.name, story)


def importing(ledger: Path, file: Path, wait: Barrier) -> None:
    """An import in a process of its own, which begins when all are ready."""
    imports.FEWEST = imports.MOST = STEP
    ours = opened(ledger)
    wait.wait(60)
    imported(ours, file, complete=False)


def at_once(path: Path, *files: Path) -> Ledger:
    """The ledger after imports that ran side by side."""
    barrier = SPAWN.Barrier(len(files))
    runs = [SPAWN.Process(target=importing, args=(path, file, barrier)) for file in files]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert [run.exitcode for run in runs] == [0] * len(files)
    return opened(path)


def test_two_files_at_once(stories: dict[str, Story], tmp_path: Path) -> None:
    header, *every = first_rows()
    some = [row for number, row in enumerate(every) if number == 0 or row[0] != every[0][0]]
    files = [tmp_path / "ged241-one.csv", tmp_path / "ged241-two.csv"]
    # Both tell of the rows in the middle, and differ in nothing there.
    for file, part in zip(files, (some[: ROWS * 2 // 3], some[ROWS // 3 :]), strict=True):
        file.write_bytes(written("csv", [header, *part]))
    shutil.copy(stories["first"].before, tmp_path / "ledger.db")
    ledger = at_once(tmp_path / "ledger.db", *files)
    assert findings(ledger) == []
    assert unfinished(ledger) == []
    assert dict(reports(ledger))["totals"] == dict(stories["first"].reports)["totals"]
    assert imported(ledger, stories["first"].file, complete=False).counted.changed == 0


def goes_on(ledger: Ledger, story: Story) -> bool:
    """Whether a part of the import stands: exactly the beginning of the one not killed."""
    log = read_log(ledger)
    assert log == story.log[: len(log)]
    before = story.done.counted.events
    return len(story.log) - before < len(log) < len(story.log)


def run_again(ledger: Ledger, file: Path, story: Story) -> None:
    """Run a killed import again: it ends like the one that was never killed."""
    whole = len(read_log(ledger)) == len(story.log)
    done = imported(ledger, file, complete=story.complete)
    assert read_log(ledger) == story.log
    assert isinstance(codec.decode(story.log[-1]).data, said.BatchImported)
    assert tables(ledger) == story.tables
    assert list(reports(ledger)) == story.reports
    assert rejects_of(file) == story.rejects
    assert unfinished(ledger) == []
    if not whole:
        counted = msgspec.structs.replace(done.counted, events=story.done.counted.events)
        assert (done.batch, counted) == (story.done.batch, story.done.counted)
