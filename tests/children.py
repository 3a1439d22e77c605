"""Processes of their own, which tests kill: each tells on a pipe what it was told is done.

They are forked from a server that has loaded what they need, so that one starts in milliseconds.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from multiprocessing.connection import Connection

from sqlalchemy import Engine, Pool, event

SPAWN = multiprocessing.get_context("forkserver")
SPAWN.set_forkserver_preload(
    [
        "ledger.audit.verify",
        "ledger.intake.drafted",
        "ledger.intake.importing",
        "ledger.projections.rules",
        "ledger.store.postgres",
        "ledger.store.schema",
        "tests.faults.crowd",
        "tests.faults.deaths",
        "tests.faults.tasks",
        "tests.faults.test_killed",
        "tests.faults.test_migrations",
        "tests.faults.test_writers",
        "tests.intake.test_killed",
    ]
)
NEVER = 1 << 62


Pipe = Connection
"""The end on which a child tells."""


class Child:
    """A process that runs a function, which is given the pipe and then the rest."""

    def __init__(self, run: Callable[..., object], *given: object) -> None:
        self._pipe, theirs = SPAWN.Pipe(duplex=False)
        self._process = SPAWN.Process(target=run, args=(theirs, *given))
        self._process.start()
        theirs.close()

    def hear(self, most: int = NEVER) -> list[object]:
        """What it tells, until it has told so much or ends."""
        heard: list[object] = []
        try:
            while len(heard) < most:
                heard.append(self._pipe.recv())
        except EOFError:
            pass
        return heard

    def killed(self) -> bool:
        """Kill it, unless it is dead; whether it was killed, by us or by itself."""
        self._process.kill()
        self._process.join()
        return self._process.exitcode == -signal.SIGKILL

    def ended(self) -> bool:
        """Wait for its end; whether it ended well. What it told is to be heard before."""
        self._process.join()
        return self._process.exitcode == 0


def dying_after(statements: int) -> Iterator[int]:
    """Kill this process after so many statements, before the next one, commit or closing.

    To be called in a child: it is so from now on, whatever database is opened. Gives the number
    of the next one.
    """
    numbers = count(1)

    def tell(*_given: object) -> None:
        if next(numbers) > statements:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", tell)
    event.listen(Engine, "commit", tell)
    event.listen(Pool, "close", tell)
    return numbers


@contextmanager
def together(*children: Child) -> Iterator[None]:
    """Children that are dead in the end, whatever happens."""
    try:
        yield
    finally:
        for child in children:
            child.killed()
