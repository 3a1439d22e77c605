"""Backups that are taken while others write, and an old one that is put in the ledger's place."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.audit.histories import Noted
from tests import postgres
from tests.audit.signing import LOG_KEY
from tests.children import NEVER, Child, together
from tests.conftest import file_of
from tests.faults import crowd, merkle, tasks
from tests.faults.conftest import POSTGRESQL, SQLITE
from tests.faults.numbers import number
from tests.faults.tasks import opened
from tests.faults.upgrades import state
from tests.intake.mutations import written
from tests.invented import findings, source

MOST = 100
BACKUPS = {SQLITE: number(5, MOST), POSTGRESQL: number(3, MOST)}
WRITERS = 3
AT_LEAST = 5
"""Events by which the log grows from one backup to the next."""


def test_backups_under_load(
    ledger: Ledger,
    where: str,
    kind: str,
    quick: Path,
    record_property: Callable[[str, object], None],
) -> None:
    taken: list[tuple[int, Path, int]] = []
    with load(where, quick, 40 * BACKUPS[kind]):
        for one in range(BACKUPS[kind]):
            before = grown(ledger, taken[-1][2] if taken else 0)
            path = quick / f"backup-{one}.db"
            ledger.backup(path)
            taken.append((before, path, size(ledger)))
    signed = str(ledger.auditor.checkpoint(LOG_KEY)).encode()
    lines = list(ledger.export())
    roots = list(merkle.roots(line.encode() for line in lines))
    for before, path, after in taken:
        copy = Ledger(path)
        done = copy.verify()
        assert done.findings == []
        assert before <= done.size <= after
        assert done.root == roots[done.size]
        assert list(copy.export()) == lines[: done.size]
        assert codes(copy, signed) == ["events-gone"]
    assert findings(ledger) == []
    told = f"backups of {kind} under load, whole and a beginning"
    record_property(told, f"{len(taken)} of {MOST}")


@contextmanager
def load(where: str, folder: Path, rows: int) -> Iterator[None]:
    """Writers and an import at work on a ledger, until it is left."""
    file = folder / "ged241-beside.csv"
    file.write_bytes(written("csv", tasks.rows(1, rows)))
    rules = crowd.rules(WRITERS + 1, 0, NEVER)
    children = [
        Child(crowd.importing, where, file, rules),
        *(Child(crowd.writing, where, f"w{one}", rules) for one in range(WRITERS)),
    ]
    with together(*children):
        try:
            yield
        finally:
            crowd.stop(rules)
        crowd.run(children)


def grown(ledger: Ledger, beyond: int) -> int:
    """How many events there are, as soon as there are some more."""
    while (found := size(ledger)) < beyond + AT_LEAST:
        time.sleep(crowd.PAUSE)
    return found


def size(ledger: Ledger) -> int:
    return tasks.head(ledger).size


def codes(ledger: Ledger, signed: bytes) -> list[str]:
    """What `verify --checkpoint` finds."""
    found = ledger.auditor.verify([Noted("a file kept elsewhere", signed)]).findings
    return [one.code for one in found]


@pytest.fixture
def restored(ledger: Ledger, kind: str, quick: Path) -> tuple[Ledger, bytes]:
    """A ledger that an old backup was put in the place of, and what was signed before that."""
    ledger.append([source()])
    ledger.backup(quick / "old.db")
    ledger.append([source("second"), source("third")])
    signed = str(ledger.auditor.checkpoint(LOG_KEY)).encode()
    assert codes(ledger, signed) == []
    if kind == SQLITE:
        shutil.copy(quick / "old.db", file_of(ledger))
    else:
        ledger.database.discard()
        ledger.copy_from(quick / "old.db")
    return ledger, signed


def test_an_old_backup_in_the_place_of_the_ledger(restored: tuple[Ledger, bytes]) -> None:
    """By itself it is a ledger like any other: only who has a checkpoint can tell."""
    ledger, signed = restored
    assert findings(ledger) == []
    assert codes(ledger, signed) == ["events-gone"]


def test_an_old_backup_on_which_others_went_on(restored: tuple[Ledger, bytes]) -> None:
    ledger, signed = restored
    ledger.append([source("another"), source("yet-another"), source("fourth")])
    assert findings(ledger) == []
    assert codes(ledger, signed) == ["history-differs"]


def test_an_old_dump_of_the_server(databases: Callable[[], str]) -> None:
    """What its own programs save and restore is whole: triggers, rights, and what was signed."""
    where = databases()
    ledger = opened(where)
    ledger.create(roles=True)
    ledger.append([source()])
    before, checked = ledger.verify(), state(ledger.database)
    dump = ran("pg_dump", where)
    ledger.append([source("second"), source("third")])
    signed = str(ledger.auditor.checkpoint(LOG_KEY)).encode()
    postgres.empty_database(where)
    ran("psql", "--quiet", "--set=ON_ERROR_STOP=1", where, given=dump)
    assert ledger.verify() == before
    assert state(ledger.database) == checked
    assert codes(ledger, signed) == ["events-gone"]


def ran(program: str, *arguments: str, given: bytes = b"") -> bytes:
    """What a program of the server's says."""
    path = postgres.programs() / program
    return subprocess.run([path, *arguments], input=given, check=True, capture_output=True).stdout
