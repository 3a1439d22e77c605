"""Full disks: a process that may write no file beyond a size, and a small disk that is filled."""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

SMALL = 4 << 20
"""Bytes of a small disk."""

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


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of a few megabytes in memory, mounted in a folder; skips where that is not allowed."""
    mount = shutil.which("mount")
    if not mount or not sys.platform.startswith("linux"):
        pytest.skip("a small disk is mounted on Linux, by `mount`")
    size = f"size={SMALL}"
    tried = subprocess.run(
        [mount, "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], capture_output=True, check=False
    )
    if tried.returncode:
        pytest.skip(f"mounting is not allowed here, root may: {tried.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run([shutil.which("umount") or "umount", str(folder)], check=True)


@contextmanager
def filled(disk: Path, left: int) -> Iterator[None]:
    """Fill a disk with a file, but for some bytes."""
    ballast, state = disk / "ballast", os.statvfs(disk)
    with ballast.open("wb") as file:
        file.write(bytes(max(0, state.f_bavail * state.f_frsize - left)))
    try:
        yield
    finally:
        ballast.unlink()


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
