"""Processes that kill themselves in the middle of an append, a checkpoint or a rebuild."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence

from ledger.errors import RefusedError
from ledger.events import Draft
from tests.audit.signing import LOG_KEY
from tests.children import Pipe, dying_after
from tests.faults.tasks import opened


def appending(pipe: Pipe, where: str, sets: Sequence[Sequence[Draft]], statements: int) -> None:
    """Append sets of drafts, and tell which of them were."""
    ledger = opened(where)
    dying_after(statements)
    for number, drafts in enumerate(sets):
        try:
            ledger.append(drafts)
        except RefusedError:
            continue
        pipe.send(number)
    _die()


def signing(pipe: Pipe, where: str, statements: int) -> None:
    """Sign a checkpoint, and tell it."""
    ledger = opened(where)
    dying_after(statements)
    pipe.send(str(ledger.auditor.checkpoint(LOG_KEY)))
    _die()


def rebuilding(_pipe: Pipe, where: str, statements: int) -> None:
    """Rebuild the tables."""
    ledger = opened(where)
    dying_after(statements)
    ledger.rebuild()
    _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
