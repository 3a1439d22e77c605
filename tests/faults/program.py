"""A run of a ledger in a process of its own, for strace: `python -m tests.faults.program FOLDER`.

Standard error tells each commit that held, and each step that was acknowledged.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from functools import partial
from pathlib import Path

from ledger.app import Ledger
from tests.faults import runs


class Telling(sqlite3.Connection):
    """A connection that tells of its commits."""

    def commit(self) -> None:
        """Commit, and tell it if there was something to commit."""
        within = self.in_transaction
        super().commit()
        if within:
            tell("committed")


def tell(what: str) -> None:
    """A line in the record of strace."""
    os.write(2, f"{what}\n".encode())


def main(folder: Path) -> None:
    """All steps of a run."""
    sqlite3.connect = partial(sqlite3.connect, factory=Telling)  # type: ignore[assignment]
    with runs.small_chunks():
        for name, step in runs.STEPS.items():
            step(Ledger(folder / "ledger.db", "Test Steward"))
            tell(f"told {name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
