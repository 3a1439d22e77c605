"""Ledgers that are found after the power failed, held against what they had acknowledged."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from ledger.app import Ledger
from ledger.errors import NoLedgerError, NotALedgerError, ReadOnlyError
from tests.faults.disk import LOSSES, Loss, replay
from tests.faults.recording import Recording
from tests.faults.runs import BACKUP
from tests.invented import findings, note, source

NOTHING = ""
"""The digest of a database that is not there, or has no tables."""
_MEMORY = Path("/dev/shm")  # noqa: S108 - only a folder that needs no disk


class Found(NamedTuple):
    """What was found at some moment of a run: the files, with what is said in a failure."""

    moment: int
    loss: Loss
    files: dict[str, bytes]

    def __str__(self) -> str:
        return f"after {self.moment} operations, {self.loss} of what was not synced"


class Story(NamedTuple):
    """A run that went well: what it recorded, and what the ledger held after each commit."""

    recording: Recording
    held: list[str]


@contextmanager
def folder() -> Iterator[Path]:
    """A folder in memory where there is one: what lasts there is not what is asked."""
    quick = os.access(_MEMORY, os.W_OK)
    with tempfile.TemporaryDirectory(dir=_MEMORY if quick else None) as name:
        yield Path(name).resolve()


def story(recording: Recording) -> Story:
    """The story that was recorded."""
    held = [NOTHING]
    with folder() as place:
        for _, disk in replay(recording.operations, recording.commits):
            put(disk.crashed("all", random.Random(0)), place)
            held.append(digest(place / "ledger.db"))
    return Story(recording, held)


def found(recording: Recording, number: int, chance: random.Random) -> Iterator[Found]:
    """What is found after some failures of power, at moments spread by chance over a run."""
    last = len(recording.operations)
    moments = sorted(chance.randint(1, last) for _ in range(number))
    for moment, disk in replay(recording.operations, moments):
        loss = chance.choice(LOSSES)
        yield Found(moment, loss, disk.crashed(loss, chance))


def put(files: dict[str, bytes], place: Path) -> None:
    """Make a folder hold these files and nothing else."""
    shutil.rmtree(place)
    place.mkdir()
    for name, data in files.items():
        (place / name).write_bytes(data)


def digest(path: Path) -> str:
    """One hash of all that a database holds; raises DatabaseError for a damaged one."""
    if not path.exists():
        return NOTHING
    whole = hashlib.sha256()
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        for name, sql in tables:
            whole.update(repr((name, sql)).encode())
            if sql and sql.startswith("CREATE TABLE"):
                whole.update(
                    repr(connection.execute(f'SELECT * FROM "{name}"').fetchall()).encode()
                )
        damage = connection.execute("PRAGMA integrity_check").fetchall()
    if damage != [("ok",)]:
        raise sqlite3.DatabaseError(f"malformed: {damage}")
    return whole.hexdigest() if tables else NOTHING


def allowed(story_: Story, moment: int) -> list[str]:
    """What a ledger may hold after a failure: all that was committed, and what was on its way."""
    committed = sum(1 for one in story_.recording.commits if one <= moment)
    return story_.held[committed : committed + 2]


def lost(story_: Story, one: Found, place: Path) -> str:
    """What is wrong with what a plain SQLite finds in a folder; "" if nothing is."""
    try:
        held = digest(place / "ledger.db")
    except sqlite3.DatabaseError as error:
        return str(error)
    if held in allowed(story_, one.moment):
        return ""
    return "acknowledged and gone" if held in story_.held else "half of a transaction"


def goes_on(place: Path, *, whole: bool) -> None:
    """Read the ledger that was found, append to it; `whole` has it verified in full."""
    ledger = Ledger(place / "ledger.db", "Test Steward")
    try:
        before = list(ledger.export())
    except (NoLedgerError, NotALedgerError, ReadOnlyError):
        before = []
        ledger.create()
    ledger.append([source("invented-after"), note("source/invented-after")])
    after = list(ledger.export())
    assert after[: len(before)] == before
    assert len(after) == len(before) + 2
    if whole:
        assert findings(ledger) == []


def backup_is_whole(story_: Story, one: Found, place: Path) -> bool:
    """Whether the backup is there if that was acknowledged, and whole if it is there."""
    path, told = place / BACKUP, story_.recording.told["backup"]
    if not path.exists():
        return one.moment < told
    committed = sum(1 for at in story_.recording.commits if at <= told)
    return digest(path) == story_.held[committed]
