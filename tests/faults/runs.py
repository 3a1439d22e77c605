"""One run of a ledger, step by step: what a steward does, in small, with invented data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from ledger.app import Ledger
from ledger.audit import keys
from ledger.events import Draft
from ledger.intake import imports
from ledger.intake.rowfiles import Asked
from tests.conftest import ROOT, Clock, Ids, file_of
from tests.invented import incident, note, source

ROWS = ROOT / "tests" / "data" / "ged241-invented.csv"
KEY = keys.new("example.org/invented", keys.LOG)
BACKUP = "backup.db"

Step = Callable[[Ledger], object]


def opened(folder: Path) -> Ledger:
    """The ledger of a folder, at one clock's time."""
    return Ledger(folder / "ledger.db", "Test Steward", now=Clock(), new_ids=Ids())


def named(number: int, draft: Draft) -> Draft:
    """The draft with an id of its own, so that it is appended once however often it is tried."""
    return msgspec.structs.replace(draft, id=f"00000000-0000-7000-9000-{number:012d}")


def add(ledger: Ledger) -> None:
    ledger.append([named(1, source()), named(2, incident("ambush", "killed 2"))])


def import_rows(ledger: Ledger) -> None:
    rejects = file_of(ledger).with_name("rejects.csv")
    ledger.import_rows([ROWS], Asked("ucdp-ged", rejects=rejects))


def checkpoint(ledger: Ledger) -> None:
    ledger.auditor.checkpoint(KEY)


def add_beside_a_reader(ledger: Ledger) -> None:
    """While somebody reads, SQLite's log stays, and the next writer goes on in it."""
    with ledger.asking():
        for number in range(3):
            told = note("incident/ambush", f"An invented note, number {number}.")
            ledger.append([named(10 + number, told)])


def rebuild(ledger: Ledger) -> None:
    ledger.rebuild()


def backup(ledger: Ledger) -> None:
    ledger.backup(file_of(ledger).with_name(BACKUP))


def add_more(ledger: Ledger) -> None:
    ledger.append([named(20, incident("siege", "killed 5"))])


STEPS: Mapping[str, Step] = {
    "init": Ledger.create,
    "add": add,
    "import": import_rows,
    "checkpoint": checkpoint,
    "add beside a reader": add_beside_a_reader,
    "rebuild": rebuild,
    "backup": backup,
    "add more": add_more,
}
"""What is done, in order."""

MADE: Mapping[str, str] = {
    "add": '"stream":"incident/ambush"',
    "import": '"type":"batch.imported"',
    "add beside a reader": "An invented note, number 2.",
    "add more": '"stream":"incident/siege"',
}
"""What stands in the log, in canonical JSON, once a step is done that appends."""


@contextmanager
def small_chunks() -> Iterator[None]:
    """Let an import commit every few rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imports, "FEWEST", 12)
        patch.setattr(imports, "MOST", 12)
        yield
