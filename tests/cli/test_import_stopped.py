"""Imports of rows that are interrupted, and how far they have come."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.intake import imports
from tests.cli.command import CLEAN, Command, Done
from tests.conftest import ROOT

SHELLINGS = ("import", "shellings.csv", "--mapping", "shellings.toml")
NEW_5 = "5 new, 0 changed, 0 unchanged, 0 possible duplicates, 0 rejected; 0 retracted"


@pytest.fixture
def desk(empty: Command) -> Command:
    """A folder with an empty ledger, the list of invented shellings, and its mapping."""
    for name in ("shellings.csv", "shellings.toml"):
        shutil.copy(ROOT / "tests" / "data" / name, empty.folder)
    return empty


def last(done: Done) -> str:
    """The last line on stderr."""
    return done.err.splitlines()[-1]


def stopping(after: int, error: BaseException) -> Callable[..., object]:
    """Takes some chunks of rows, then stops the import."""
    inner, taken = imports.RowImport._take, iter(range(1_000))

    def take(self: imports.RowImport, *arguments: object) -> object:
        if next(taken) == after:
            raise error
        return inner(self, *arguments)  # type: ignore[arg-type]

    return take


@pytest.fixture
def stopped(desk: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """An import of which two rows were appended before it was interrupted."""
    with monkeypatch.context() as patch:
        patch.setattr(imports, "FEWEST", 1)
        patch.setattr(imports, "MOST", 1)
        patch.setattr(imports.RowImport, "_take", stopping(2, KeyboardInterrupt()))
        done = desk(*SHELLINGS)
    assert done.code == 130
    assert "stays: run the same import again and it continues" in done.err
    assert last(done).startswith("interrupted")
    assert desk.size() == 3
    return desk


def test_an_interrupted_import_continues(stopped: Command) -> None:
    found = stopped("check")
    assert found.code == 1
    batch = found.out.split()[1].rstrip(":")
    assert found.out == (
        f"batch {batch}: unfinished the import was not completed: run the same import again, "
        f"or take it back with `ledger retract --batch {batch}`\n"
    )
    done = stopped(*SHELLINGS)
    assert last(done) == f"read 5: {NEW_5}"
    assert f"batch {batch}: 4 events appended\n" in done.err
    assert stopped("check").code == 0
    assert stopped.size() == 7


def test_an_interrupted_import_is_taken_back(stopped: Command) -> None:
    batch = stopped("check").out.split()[1].rstrip(":")
    stopped.fine("retract", "--batch", batch, "--reason", "stopped for good")
    assert (stopped.size(), stopped.fine("check")) == (4, "")
    assert stopped.rows("report", "totals") == []
    assert "already-retracted" in stopped.refused("retract", "--batch", batch)
    done = stopped(*SHELLINGS)
    assert last(done) == f"read 5: {NEW_5}"
    assert f"batch {batch}.1: 7 events appended\n" in done.err
    assert stopped.fine("check") == ""
    before = stopped.rows("report", "totals")
    stopped.fine("rebuild")
    assert stopped.rows("report", "totals") == before
    assert before[0]["incidents"] == "5"
    stopped.root()


def test_an_interrupted_dry_run_says_nothing_of_appends(
    desk: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports.RowImport, "_take", stopping(0, KeyboardInterrupt()))
    done = desk(*SHELLINGS, "--dry-run")
    assert (done.code, "stays" in done.err) == (130, False)


def test_progress_on_a_terminal_alone(desk: Command) -> None:
    piped = desk(*SHELLINGS, "--dry-run")
    assert "\x1b" not in piped.err
    assert "importing" not in piped.err
    shown = _on_a_terminal(desk.folder, *SHELLINGS, "--json")
    assert "importing" in shown
    assert "5/5" in shown
    assert shown.rstrip().endswith(f"read 5: {NEW_5}")
    assert "importing" not in _on_a_terminal(desk.folder, *SHELLINGS, TERM="dumb")


def _on_a_terminal(folder: Path, *words: str, **env: str) -> str:
    """Stderr of a command in a process of its own, where stderr alone is a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "ledger", *words],
        cwd=folder,
        env={**CLEAN, "CASUALTY_LEDGER_STEWARD": "T", "COLUMNS": "60", "TERM": "xterm", **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = b""
        while block := _read(ours):
            shown += block
    os.close(ours)
    assert process.returncode == 0, shown
    return shown.decode()


def _read(terminal: int) -> bytes:
    """The next of what was shown; nothing at the end, which Linux tells by an error."""
    try:
        return os.read(terminal, 65_536)
    except OSError:
        return b""
