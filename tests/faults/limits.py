"""A process that may write no file beyond a size: to it, the disk is full from there on."""

from __future__ import annotations

import multiprocessing
import resource
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

SPAWN = multiprocessing.get_context("forkserver")
SPAWN.set_forkserver_preload(["tests.faults.runs", "tests.cli.command", "ledger.intake.importing"])


@contextmanager
def limited(size: int) -> Iterator[None]:
    """Let no file grow beyond a size, in bytes: writing there fails with EFBIG.

    Python ignores the signal that would end the process (SIGXFSZ).
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def apart(call: Callable[Given, Answer], *arguments: Given.args, **named: Given.kwargs) -> Answer:
    """What a call gives in a process of its own; an AssertionError with what it raises."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_answer, args=(theirs, call, arguments, named))
    process.start()
    theirs.close()
    try:
        answer, error = ours.recv()
    except EOFError as lost:
        raise AssertionError("the process ended without an answer") from lost
    finally:
        process.join()
    assert error == "", error
    found: Answer = answer
    return found


def _answer(
    out: Connection,
    call: Callable[..., object],
    arguments: tuple[object, ...],
    named: dict[str, object],
) -> None:
    try:
        out.send((call(*arguments, **named), ""))
    except BaseException:  # noqa: BLE001 - what it was is told where it was asked
        out.send((None, traceback.format_exc()))
