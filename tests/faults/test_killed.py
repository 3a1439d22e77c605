"""Kill -9 in the middle of all that writes: what was acknowledged stands, whole, and it goes on.

A process tells what it was told is committed; it is killed at a random moment after a random one
of these words, checked, and its task is done again, which may be killed too.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.intake import imports
from ledger.store import log as store
from tests.children import Child, Pipe, together
from tests.faults import tasks
from tests.faults.conftest import POSTGRESQL, SQLITE, Addresses
from tests.faults.numbers import number, seed
from tests.faults.tasks import BEGUN, STEP, TASKS, Committed, Copied, Meant, Signed, notes, tables
from tests.intake.test_killed import read_log
from tests.invented import findings, source

FULL = 1_000
KILLS = {
    SQLITE: -(-number(20, FULL) // len(TASKS)),
    POSTGRESQL: -(-number(10, FULL) // len(TASKS)),
}
"""Of each task."""
ROUND = 25
"""Kills of one ledger, at most."""
ROUNDS = -(-max(KILLS.values()) // ROUND)


class Scene:
    """A ledger whose tasks are killed, and its twin, whose tasks never are."""

    def __init__(self, task: str, addresses: Addresses, folder: Path) -> None:
        self.task, self.where, self.folder = task, addresses(), folder
        self.ledger = tasks.begun(self.where, task)
        self.twin = tasks.begun(addresses(), task)
        self.twins = folder / "twin"
        self.twins.mkdir()
        self.signed: list[str] = []
        self.whole: set[Path] = set()
        self.pause = 0.0

    def undisturbed(self, which: int) -> int:
        """Do a task on the twin; gives how many words it told."""
        words: list[object] = [BEGUN]
        start = time.perf_counter()
        tasks.do(self.task, self.twin, self.twins, which, words.append)
        self.pause = (time.perf_counter() - start) / len(words)
        return len(words)

    def killed(self, which: int, after: int, share: float) -> bool:
        """Kill a task some time after a word; False if it was done before. It is checked."""
        before = head(self.ledger)
        child = Child(tasks.told, self.task, self.where, self.folder, which)
        with together(child):
            heard = child.hear(after)
            time.sleep(share * self.pause)
            killed = child.killed()
            tasks.settle(self.ledger)
            self.check(before, [*heard, *child.hear()])
        return killed

    def again(self, which: int) -> None:
        """Do a task to its end: then nothing tells that it was ever killed."""
        tasks.do(self.task, self.ledger, self.folder, which, lambda _: None)
        assert read_log(self.ledger) == read_log(self.twin)
        assert tables(self.ledger) == tables(self.twin)
        assert notes(self.ledger)[-1:] == notes(self.twin)[-1:]
        assert set(notes(self.ledger)) <= set(notes(self.twin))
        assert findings(self.ledger) == []

    def check(self, before: tuple[int, str], heard: Sequence[object]) -> None:
        """That the log is what was last acknowledged, or was meant to be committed after it."""
        assert heard[0] == BEGUN
        words = [one for one in heard if isinstance(one, Meant | Committed)]
        acknowledged = [one for one in words if isinstance(one, Committed)]
        possible = [tuple(acknowledged[-1]) if acknowledged else before]
        if words and isinstance(words[-1], Meant):
            possible.append(tuple(words[-1]))
        assert head(self.ledger) in possible, "what was acknowledged is not what stands"
        assert findings(self.ledger) == []
        self.signed += [one.note for one in heard if isinstance(one, Signed)]
        assert set(self.signed) <= set(notes(self.ledger))
        copies = set(self.folder.glob("backup-*.db"))
        assert {one.path for one in heard if isinstance(one, Copied)} <= copies
        for path in copies - self.whole:
            assert findings(Ledger(path)) == []
            assert list(Ledger(path).export()) == list(self.ledger.export())
        self.whole |= copies


def head(ledger: Ledger) -> tuple[int, str]:
    found = tasks.head(ledger)
    return found.size, found.root


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Transactions of a few rows, as in the processes that are killed."""
    monkeypatch.setattr(imports, "FEWEST", STEP)
    monkeypatch.setattr(imports, "MOST", STEP)


@pytest.mark.parametrize("turn", range(ROUNDS))
@pytest.mark.parametrize("task", TASKS)
def test_killed_and_done_again(
    task: str,
    turn: int,
    addresses: Addresses,
    quick: Path,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(f"{task} {seed()} {turn}")
    scene = Scene(task, addresses, quick)
    kind = addresses.kind
    wanted = min(ROUND, KILLS[kind] - turn * ROUND)
    kills = which = 0
    while kills < wanted:
        words = scene.undisturbed(which)
        more = True
        while more and scene.killed(which, chance.randint(1, words), 1.5 * chance.random()):
            kills += 1
            more = kills < wanted and chance.random() < 0.5
        scene.again(which)
        which += 1
    record_property(
        f"processes killed with -9 on {kind}, nothing lost", f"{kills} of {whole(turn)}"
    )


def test_a_word_before_the_commit_is_found_out(addresses: Addresses, quick: Path) -> None:
    """The control: an append that is acknowledged too early."""
    scene = Scene("add", addresses, quick)
    before = head(scene.ledger)
    child = Child(lying, scene.where)
    with together(child), pytest.raises(AssertionError, match="what was acknowledged"):
        scene.check(before, child.hear())


def lying(pipe: Pipe, where: str) -> None:
    """Acknowledge what is not committed, and die."""
    ledger = tasks.opened(where)
    pipe.send(BEGUN)
    with ledger.database.writing() as connection:
        ledger._append(connection, [source("lie")])
        pipe.send(Committed(*store.head(connection)[:2]))
        os.kill(os.getpid(), signal.SIGKILL)


def whole(turn: int) -> int:
    """The share of one test in the full number, such that all tests together have all of it."""
    each = FULL // len(TASKS)
    return each // ROUNDS + (each % ROUNDS if turn == 0 else 0)
