"""What the machine's own SQLite does to the disk, as strace sees it, in the words of `disk`.

The memory that connections share (`-shm`) is left out: SQLite makes it anew after a failure.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.faults.disk import Cut, Synced, Written
from tests.faults.recording import Recording

STRACE = shutil.which("strace") or ""
CALLS = "openat,write,pwrite64,ftruncate,fsync,fdatasync,unlink,unlinkat,rename"
LONGEST = 70_000
"""Bytes of one write that strace tells: SQLite writes no more than a page of 64 KiB at once."""

_LINE = re.compile(r"(?:\d+ +)?(\w+)\((.*)\) = (-?\d+)")
_FILE = re.compile(r"(\d+)<([^>]*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_MARK = 2
"""Standard error: what the traced program says there is a mark in the record."""


def must_have_strace() -> None:
    """Skip where strace is not there or may not trace."""
    if not STRACE:
        pytest.skip("strace is not there: get it with `apt-get install strace`")
    tried = subprocess.run([STRACE, "-o", "/dev/null", "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip(f"strace may not trace here: {tried.stderr.decode().strip()}")


def traced(folder: Path) -> Recording:
    """What `tests.faults.program` does to a folder, which is empty at first."""
    record = folder.parent / f"{folder.name}.strace"
    # The path of each file with its number, all bytes of each text.
    options = ["-f", "-y", "-xx", "-s", f"{LONGEST}", "-e", f"trace={CALLS}", "-o", str(record)]
    program = [sys.executable, "-m", "tests.faults.program", str(folder)]
    done = subprocess.run(
        [STRACE, *options, *program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    made = Recording(folder)
    with record.open(encoding="ascii") as lines:
        for line in lines:
            _read(line, made)
    record.unlink()
    return made


def _read(line: str, made: Recording) -> None:
    """One line of a record, if it tells of something that was done."""
    found = _LINE.match(line)
    if found is None or int(found[3]) < 0:
        return
    call, words, result = found[1], found[2], int(found[3])
    texts = [bytes.fromhex(one.replace("\\x", "")) for one in _TEXT.findall(words)]
    opened = _FILE.match(words)
    if call == "write" and opened is not None and int(opened[1]) == _MARK:
        _mark(texts[0].decode(), made)
    elif call in ("openat", "unlink", "unlinkat", "rename"):
        _name(call, [Path(one.decode()) for one in texts], words, made)
    elif opened is not None:
        path = Path(bytes.fromhex(opened[2].replace("\\x", "")).decode())
        if path == made.folder and call in ("fsync", "fdatasync"):
            made.synced(path)
        elif path.parent == made.folder and made.knows(path.name):
            _change(call, made.file(path.name), words, texts, result, made)


def _mark(said: str, made: Recording) -> None:
    for line in said.splitlines():
        if line == "committed":
            made.committed()
        elif line.startswith("told "):
            made.tell(line.removeprefix("told "))


def _name(call: str, paths: list[Path], words: str, made: Recording) -> None:
    if any(one.parent != made.folder or one.name.endswith("-shm") for one in paths):
        return
    if call == "openat":
        if "O_CREAT" in words:
            made.opened(paths[0].name)
    elif call == "rename":
        made.renamed(paths[0], paths[1])
    else:
        made.removed(paths[0])


def _change(
    call: str, file: int, words: str, texts: list[bytes], result: int, made: Recording
) -> None:
    last = int(words.rsplit(", ", 1)[-1]) if call in ("pwrite64", "ftruncate") else 0
    match call:
        case "pwrite64":
            assert len(texts[0]) >= result, "strace did not tell the whole of a write"
            made.add(Written(file, last, texts[0][:result]))
        case "ftruncate":
            made.add(Cut(file, last))
        case "fsync" | "fdatasync":
            made.add(Synced(file))
