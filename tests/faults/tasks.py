"""Tasks that a process does on a ledger: killed at any moment, each can be done again.

They say the same whenever they are done: clock, ids and keys are fixed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from ledger.app import Ledger
from ledger.events import Draft
from ledger.intake import imports
from ledger.intake.rowfiles import Asked
from ledger.store import checkpoints
from ledger.store import log as store
from ledger.store.log import Head
from ledger.store.sqlite import SqliteDatabase
from tests.audit.signing import LOG_KEY
from tests.children import Pipe
from tests.intake.mutations import Rows, by_hand, read, written
from tests.invented import counts, incident, source
from tests.test_properties import folded

ROWS, STEP = 60, 10
"""Rows of an imported file, and of its transactions."""
MANY = 300
"""Events of a ledger that is rebuilt or copied as a whole."""
BEGUN = "begun"


class Meant(NamedTuple):
    """What the log is to be, told before the commit."""

    size: int
    root: str


class Committed(NamedTuple):
    """What the log is, told after the commit."""

    size: int
    root: str


class Signed(NamedTuple):
    """A checkpoint that was signed and kept."""

    note: str


class Copied(NamedTuple):
    """A backup that was made."""

    path: Path


Tell = Callable[[object], object]
Task = Callable[[Ledger, Path, int, Tell], None]
"""Given the ledger, a folder of its own, which of its kind it is, and whom to tell."""


def opened(where: str, steward: str = "Test Steward") -> Ledger:
    """The ledger, at one and the same moment always."""
    return Ledger(where, steward, now=lambda: datetime(2024, 1, 1, tzinfo=UTC))


def begun(where: str, task: str) -> Ledger:
    """A new ledger as a task of this name finds it the first time."""
    ledger = opened(where)
    ledger.create()
    ledger.append(
        [msgspec.structs.replace(one, id=_id(0, 0, n)) for n, one in enumerate(by_hand())]
    )
    if task in ("rebuild", "backup"):
        some = range(MANY)
        ledger.append([incident(f"old-{n}", f"killed {n % 9}", "injured ?") for n in some])
    return ledger


def settle(ledger: Ledger) -> None:
    """Wait until a server has done what a process that was killed had asked it to commit.

    It holds the head until then. A file is left as it is: who opens it to write would mend it.
    """
    if not isinstance(ledger.database, SqliteDatabase):
        with ledger.database.writing():
            pass


def head(ledger: Ledger) -> Head:
    """How far the log goes."""
    with ledger.database.reading() as connection:
        return store.head(connection)


def notes(ledger: Ledger) -> list[str]:
    """The checkpoints that are kept."""
    with ledger.database.reading() as connection:
        return [one.note for one in checkpoints.kept(connection)]


def tables(ledger: Ledger) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every projection."""
    with ledger.database.reading() as connection:
        return folded(connection)


def told(pipe: Pipe, task: str, where: str, folder: Path, number: int) -> None:
    """Do a task in a process of its own, and tell it on the pipe."""
    imports.FEWEST = imports.MOST = STEP
    ledger = opened(where)
    pipe.send(BEGUN)
    do(task, ledger, folder, number, pipe.send)


def do(task: str, ledger: Ledger, folder: Path, number: int, tell: Tell) -> None:
    """Do a task, and tell what it means to commit and what it has committed."""
    writing = ledger.database.writing

    @contextmanager
    def telling(**options: bool) -> Iterator[Connection]:
        with writing(**options) as connection:
            yield connection
            found = store.head(connection)
            tell(Meant(found.size, found.root))
        tell(Committed(found.size, found.root))

    ledger.database.writing = telling  # type: ignore[method-assign]
    try:
        TASKS[task](ledger, folder, number, tell)
    finally:
        del ledger.database.writing


def rows(number: int, size: int, *, faulty: bool = True) -> Rows:
    """Invented rows with ids, days and counts of their own; one is faulty."""
    header, *some = read(40)
    at = header.index
    made = [header]
    for place in range(size):
        row = list(some[place % len(some)])
        row[at("id")] = str(3_000_000 + number * size + place)
        row[at("date_start")] = row[at("date_end")] = f"20{10 + place % 14}-{1 + place % 12:02}-09"
        row[at("low")] = row[at("best")] = str(place % 17)
        row[at("high")] = str(place % 17 + number % 3)
        if faulty and place == size // 2:
            row[at("latitude")] = "north"
        made.append(row)
    return made


def _import(ledger: Ledger, folder: Path, number: int, _tell: Tell) -> None:
    """One file of rows, in transactions of a few."""
    file = folder / f"ged241-{number}.csv"
    if not file.exists():
        file.write_bytes(written("csv", rows(number, ROWS)))
    ledger.import_rows([file], Asked("ucdp-ged"))


def _add(ledger: Ledger, _folder: Path, number: int, _tell: Tell) -> None:
    """Sets of events, of one and of many."""
    for step in range(6):
        ledger.append(_drafts(number, step, (0, 0, 3, 0, 40, 1)[step]))


def _checkpoint(ledger: Ledger, _folder: Path, number: int, tell: Tell) -> None:
    """An event and a checkpoint, by turns."""
    for step in range(4):
        ledger.append(_drafts(number, step, 0))
        tell(Signed(str(ledger.auditor.checkpoint(LOG_KEY))))


def _rebuild(ledger: Ledger, _folder: Path, _number: int, _tell: Tell) -> None:
    for _ in range(2):
        ledger.rebuild()


def _backup(ledger: Ledger, folder: Path, number: int, tell: Tell) -> None:
    for step in range(4):
        target = folder / f"backup-{number}-{step}.db"
        if not target.exists():
            ledger.backup(target)
        tell(Copied(target))


TASKS: Mapping[str, Task] = MappingProxyType(
    {
        "import": _import,
        "add": _add,
        "checkpoint": _checkpoint,
        "rebuild": _rebuild,
        "backup": _backup,
    }
)
"""By name."""


def _drafts(number: int, step: int, more: int) -> list[Draft]:
    """A source, an incident that it tells of, and more reports on it; each with its id."""
    key = f"case-{number}-{step}"
    drafts = [
        source(f"paper-{number}-{step}"),
        incident(key, "killed 2", of=f"paper-{number}-{step}"),
    ]
    drafts += [counts(key, f"killed {2 + one}") for one in range(more)]
    return [
        msgspec.structs.replace(draft, id=_id(number + 1, step, place))
        for place, draft in enumerate(drafts)
    ]


def _id(number: int, step: int, place: int) -> str:
    return f"00000000-0000-7000-8000-{number:04x}{step:04x}{place:04x}"
