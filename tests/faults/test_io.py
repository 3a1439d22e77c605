"""Every call that SQLite makes to the system fails, each in a run of its own.

apsw passes a failed call on even where SQLite itself would go on without it: the product is
refused more often here than it is on a real disk. `make faults` tries all calls.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from ledger import codec
from ledger.app import Ledger
from ledger.errors import (
    BackupError,
    DiskError,
    FullDiskError,
    LedgerError,
    LedgerExistsError,
    NoLedgerError,
    NotALedgerError,
    ReadOnlyError,
)
from tests.faults import crashes, runs, tracing
from tests.faults.calls import watched
from tests.faults.driver import installed
from tests.faults.failing import FAULTS, Failing, Fault
from tests.faults.injection import injected
from tests.faults.numbers import FULL, number, seed
from tests.invented import findings

PARTS = number(1, 8)
"""Tests that share the calls of one step."""
CLEAN = (FullDiskError, DiskError, ReadOnlyError, BackupError)
"""What the product may say."""

Told = Callable[[str, object], None]


class Before(NamedTuple):
    """The files before a step, how many events there are then and after each commit, and the last.

    `log` is what stands when the step is done.
    """

    folder: Path
    sizes: list[int]
    log: list[bytes]


def opened(folder: Path) -> Ledger:
    return Ledger(folder / "ledger.db", "Test Steward")


def said(ledger: Ledger) -> list[bytes]:
    """What the events say, ids and times aside; nothing where there is no ledger yet."""
    try:
        events = [codec.decode(body.encode()) for body in ledger.export()]
    except (NoLedgerError, NotALedgerError, ReadOnlyError):
        return []
    return [codec.canonical(msgspec.structs.replace(one, id="", recorded_at="")) for one in events]


@pytest.fixture(scope="module")
def befores() -> Iterator[dict[str, Before]]:
    """Each step of a run that went well, as it was before."""
    with crashes.folder() as place, runs.small_chunks():
        yield dict(_befores(place))


def _befores(place: Path) -> Iterator[tuple[str, Before]]:
    desk = place / "desk"
    desk.mkdir()
    for name, step in runs.STEPS.items():
        folder = place / name
        shutil.copytree(desk, folder)
        yield name, Before(folder, _sizes(desk, step), said(opened(desk)))


def _sizes(desk: Path, step: runs.Step) -> list[int]:
    """How many events there are before a step, and after each of its commits."""
    sizes = [len(said(opened(desk)))]
    with (
        watched(lambda _call: None) as vfs,
        installed(vfs, lambda: sizes.append(len(said(opened(desk))))),
    ):
        step(opened(desk))
    return sizes


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", runs.STEPS)
def test_a_call_fails(
    befores: dict[str, Before], record_property: Told, name: str, fault: Fault, part: int
) -> None:
    calls = calls_of(befores[name], name, fault)
    tried = number(6, calls)
    some = random.Random(f"{name} {fault} {seed()}").sample(range(1, calls + 1), min(tried, calls))
    for first in some[part::PARTS]:
        fails(befores[name], name, fault, first)
    record_property(
        f"calls that failed with {fault} and lost nothing (seed {seed()})",
        f"{len(some[part::PARTS])} of {calls if part == 0 else 0}",
    )


def calls_of(before: Before, name: str, fault: Fault) -> int:
    """How many calls of a step may fail so."""
    watch = Failing(fault, 0)
    with crashes.folder() as place, watched(watch) as vfs, installed(vfs):
        shutil.copytree(before.folder, place, dirs_exist_ok=True)
        runs.STEPS[name](opened(place))
    return watch.calls


def fails(before: Before, name: str, fault: Fault, first: int) -> None:
    """One call of a step fails: what the product says of it, what stands, and that it goes on."""
    watch, commits = Failing(fault, first), list[int]()
    with crashes.folder() as place:
        shutil.copytree(before.folder, place, dirs_exist_ok=True)
        ledger = opened(place)
        refusal = None
        with watched(watch) as vfs, installed(vfs, lambda: commits.append(1)):
            try:
                runs.STEPS[name](ledger)
            except LedgerError as error:
                refusal = error
        where = (
            f"{name}, call {first}, {fault} in {watch.last.what} of {watch.last.path}: {refusal}"
        )
        if refusal is not None:
            is_clean(refusal, where)
        log = said(ledger)
        assert log == before.log[: len(log)], where
        assert len(log) in before.sizes[len(commits) :], where
        goes_on(place, before, name, where)


def is_clean(refusal: LedgerError, where: str) -> None:
    """A refusal of one sentence: what, where, why, what to do."""
    assert isinstance(refusal, CLEAN), where
    assert "\n" not in str(refusal)
    assert ".db" in str(refusal)


def goes_on(place: Path, before: Before, name: str, where: str) -> None:
    """With the fault gone, the same is done once more: then it is done, and done once."""
    ledger, backup = opened(place), place / runs.BACKUP
    if name == "backup" and backup.exists():
        assert said(Ledger(backup)) == before.log, where
        backup.unlink()
    try:
        runs.STEPS[name](ledger)
    except LedgerExistsError:
        assert name == "init", where
    assert said(ledger) == before.log, where
    assert findings(ledger) == [], where


COMMANDS = {
    "init": "init",
    "source": "add source invented --title Invented --publisher Invented --grade B "
    "--published 2024-01-02",
    "import": f"import {runs.ROWS} --mapping ucdp-ged --rejects rejects.csv",
    "rebuild": "rebuild",
    "backup": "backup backup.db",
}
"""What is run one after another, so that each finds what the one before it left."""


@pytest.mark.skipif(not FULL, reason="traced by strace in `make faults`")
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_call_fails_under_the_machines_own_sqlite(
    record_property: Told, name: str, fault: Fault
) -> None:
    tracing.must_have_strace()
    with crashes.folder() as place:
        before, after = place / "before", place / "after"
        before.mkdir()
        calls = 0
        for one, command in COMMANDS.items():
            shutil.copytree(before, after)
            done = injected(after, command, fault, 0)
            assert done.code == 0, done.said
            if one == name:
                calls = done.calls
                break
            shutil.rmtree(before)
            after.rename(before)
        chance = random.Random(f"{name} {fault} {seed()}")
        tried = chance.sample(range(1, calls + 1), min(number(0, 20), calls))
        for first in tried:
            is_refused_and_goes_on(before, after, name, fault, first)
    share = f"{len(tried)} of {calls}"
    record_property(f"calls of the machine's SQLite that failed with {fault}", share)


def is_refused_and_goes_on(before: Path, after: Path, name: str, fault: Fault, first: int) -> None:
    """A command of which a call fails says so in one sentence; run again, it is done."""
    with crashes.folder() as place:
        desk = place / "desk"
        shutil.copytree(before, desk)
        stood = said(opened(desk))
        done = injected(desk, COMMANDS[name], fault, first)
        where = f"seed {seed()}, {name}, {fault} in call {first}: {done.failed}: {done.said}"
        assert done.code in (0, 2), where
        assert "unexpected" not in done.said, where
        assert "Traceback" not in done.said, where
        assert done.code == 0 or done.said, where
        assert said(opened(desk))[: len(stood)] == stood, where
        if done.code == 0:
            assert len(said(opened(desk))) == len(said(opened(after))), where
        (desk / "backup.db").unlink(missing_ok=True)
        again = injected(desk, COMMANDS[name], fault, 0)
        assert again.code == 0 or (name == "init" and "exists already" in again.said), where
        assert said(opened(desk)) == said(opened(after)), where
        assert findings(opened(desk)) == [], where
