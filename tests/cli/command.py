"""Runs the command line in this process, as a steward would in a terminal."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

from ledger.__main__ import find_cli
from tests.conftest import ROOT

find_cli()

from ledger.cli.main import run as run  # noqa: E402, PLC0414 - found first; others run it too

SEEDED = 199
"""Events of the seeds."""


class Done(NamedTuple):
    """What a command came to: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Command:
    """`ledger`, in a folder of its own, on the ledger that CASUALTY_LEDGER_DB names."""

    capture: pytest.CaptureFixture[str]
    folder: Path

    def __call__(self, *arguments: str | Path) -> Done:
        """Run one command."""
        self.capture.readouterr()
        code = run([str(one) for one in arguments])
        return Done(code, *self.capture.readouterr())

    def fine(self, *arguments: str | Path) -> str:
        """Stdout of a command that ends with 0."""
        done = self(*arguments)
        assert done.code == 0, done.err
        return done.out

    def rows(self, *arguments: str) -> list[dict[str, str]]:
        """The rows of a report."""
        return list(csv.DictReader(io.StringIO(self.fine(*arguments, "-f", "csv"))))

    def refused(self, *arguments: str | Path, code: int = 2) -> str:
        """Stderr of a command that is refused: no data, and nothing appended."""
        before = self.size()
        done = self(*arguments)
        assert (done.code, done.out) == (code, ""), done
        assert "unexpected error" not in done.err
        assert self.size() == before
        return done.err

    def size(self) -> int:
        """How many events there are."""
        return len(self.fine("export").splitlines())

    def root(self) -> str:
        """The root of the ledger, of one that verifies."""
        return self.fine("verify").split()[-1]

    def version(self, stream: str) -> int:
        """The version that a stream is at."""
        return len(self.rows("log", stream))

    def file(self, name: str, text: str) -> Path:
        """A file in the folder."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


def in_process(*arguments: str, at: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """`python -m ledger` in a process of its own, far from the checkout."""
    return subprocess.run(
        [sys.executable, "-m", "ledger", *arguments],
        cwd=at,
        env={**CLEAN, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


CLEAN = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
"""An environment that says nothing of ledgers or terminals."""
