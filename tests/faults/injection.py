"""Commands in a process of their own, of which strace lets one call fail, or all from it on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.cli.command import CLEAN
from tests.faults.failing import Fault
from tests.faults.tracing import STRACE

_WRITING = "openat,write,pwrite64,ftruncate,fsync,fdatasync,rename"
CALLS: dict[Fault, str] = {"EIO": f"{_WRITING},pread64,unlink,flock,fcntl", "ENOSPC": _WRITING}
"""The calls that may fail so."""
_FILES = ("", "-wal", "-journal", "-shm", ".lock")
_BACKUPS = ("backup.db", "backup.db.partial", "backup.db.partial-journal")


class Injected(NamedTuple):
    """What a command came to: exit code, stderr, how many calls might have failed, which did."""

    code: int
    said: str
    calls: int
    failed: str


def injected(place: Path, command: str, fault: Fault, first: int) -> Injected:
    """Run `ledger` in a folder; its call of that number fails, counted from 1, or none (0).

    Only calls on the ledger, its backup and their folder count. A full disk stays full.
    """
    record = place.parent / f"{place.name}.strace"
    paths = [place, *(place / f"ledger.db{end}" for end in _FILES), *(place / p for p in _BACKUPS)]
    options = [part for path in paths for part in ("-P", str(path))]
    options += ["-f", "-o", str(record), "-e", f"trace={CALLS[fault]}"]
    if first:
        when = f"{first}+" if fault == "ENOSPC" else f"{first}"
        options += ["-e", f"inject={CALLS[fault]}:error={fault}:when={when}"]
    program = [sys.executable, "-m", "ledger", "--as", "Test Steward", *command.split()]
    done = subprocess.run(
        [STRACE, *options, *program],
        cwd=place,
        # The folder is the ledger's: Python is not to look for modules there.
        env={**CLEAN, "PYTHONSAFEPATH": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = record.read_text(encoding="utf-8").splitlines()
    record.unlink()
    calls = [one for one in lines if "+++" not in one and "---" not in one]
    failed = next((one for one in calls if "(INJECTED)" in one), "")
    return Injected(done.returncode, done.stderr, len(calls), failed)
