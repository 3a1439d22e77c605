"""What the program writes beside a ledger while the disk is full: whole, or as it was before."""

from __future__ import annotations

import io
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from ledger.app import Ledger
from ledger.audit import keys
from ledger.errors import LedgerError
from ledger.intake.rejects import Rejects
from tests.cli.command import run
from tests.faults import crashes, limits, runs
from tests.faults.numbers import number, seed

OLD = b"what stood there before"
COMMANDS: Mapping[str, str] = {
    "signed": "checkpoint -o signed",
    "events.jsonl": "export -o events.jsonl",
    "totals.csv": "report totals --by incident -o totals.csv",
    "totals.svg": "report totals --by incident -o totals.svg",
    "ged.csv": "export -f ucdp-ged -o ged.csv",
    "geo.geojson": "export -o geo.geojson",
    "all.zip": "bundle -o all.zip",
    "package": "export -f datapackage -o package",
    "log": "publish-log log",
    "key.new": "key new --name example.org/another -o key.new",
}
"""What writes a file or folder that is so named, and what belongs to it."""
NEW = ("package", "log", "key.new")
"""Those that must be new, or that are gone on with."""
SIZES = number(3, 25)
LARGE = 1 << 30
"""Bytes, more than any file has."""

Told = Callable[[str, object], None]


class Done(NamedTuple):
    """What a command came to: its exit code, what it said, the files that it left, by name."""

    code: int
    said: str
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def desk() -> Iterator[Path]:
    """A folder with a ledger that was signed."""
    with crashes.folder() as place:
        for name in ("init", "add", "import", "checkpoint"):
            runs.STEPS[name](Ledger(place / "ledger.db", "Test Steward"))
        yield place


@pytest.mark.parametrize("name", COMMANDS)
def test_a_file_is_whole_or_as_it_was(desk: Path, record_property: Told, name: str) -> None:
    whole, limited = limits.apart(writes, desk, name, random.Random(f"{name} {seed()}"))
    assert whole.code == 0, whole.said
    assert whole.files
    for size, done in limited:
        assert is_refused(done), (size, done.said)
        old = {} if name in NEW else {name: OLD}
        if name == "log":  # what is there of it already is covered by no checkpoint yet
            assert "checkpoint" not in done.files
            old = {one: whole.files[one] for one in done.files}
        assert done.files == old, (size, done.said)
    share = f"{len(limited)} of {len(limited)}"
    record_property(f"files on a full disk that were not written half (seed {seed()})", share)


def writes(desk: Path, name: str, chance: random.Random) -> tuple[Done, list[tuple[int, Done]]]:
    """A command with space, and with too little of it for its largest file."""
    whole = write(desk, name, LARGE)
    largest = max(map(len, whole.files.values()))
    sizes = [0, largest - 1, *(chance.randrange(largest) for _ in range(SIZES - 2))]
    return whole, [(size, write(desk, name, size)) for size in sizes]


def is_refused(done: Done) -> bool:
    """Whether a command said in one sentence what it could not do."""
    return done.code == 2 and len(done.said.splitlines()) == 1 and "unexpected" not in done.said


def write(desk: Path, name: str, size: int) -> Done:
    """Run a command in a copy of the desk; no file may become larger than a size."""
    with crashes.folder() as place:
        shutil.copytree(desk, place, dirs_exist_ok=True)
        if name not in NEW:
            (place / name).write_bytes(OLD)
        os.chdir(place)
        said = io.StringIO()
        with closing(sqlite3.connect("ledger.db")) as reader:
            # Who reads needs memory that is shared, in a file: it must not be what fails.
            reader.execute("SELECT count(*) FROM events").fetchall()
            before = {path.name for path in place.iterdir()} - {name}
            with redirect_stderr(said), redirect_stdout(io.StringIO()), limits.limited(size):
                code = run(["--db", "ledger.db", *COMMANDS[name].split()])
        files = {
            path.relative_to(place).as_posix().removeprefix(f"{name}/"): path.read_bytes()
            for path in sorted(place.rglob("*"))
            if path.is_file() and path.name not in before
        }
        return Done(code, said.getvalue(), files)


def test_a_key_that_was_made_is_one(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    with pytest.raises(AssertionError, match="file too large"):
        limits.apart(make_key, path, 100)
    assert not path.exists()
    limits.apart(make_key, path, 1_000)
    assert keys.read(path).verifier.name == runs.KEY.verifier.name


def make_key(path: Path, size: int) -> None:
    with limits.limited(size):
        keys.write(path, runs.KEY)


def test_rejects_are_refused_by_name(tmp_path: Path) -> None:
    message = limits.apart(reject, tmp_path / "rejects.csv")
    assert message.endswith("rejects.csv cannot be written (file too large): give --rejects")
    assert list(tmp_path.iterdir()) == []


def reject(path: Path) -> str:
    """What is said where rejected rows find no space."""
    rejects = Rejects(path, "invented.csv", ["id"])
    try:
        with limits.limited(100):
            for line in range(9_000):
                rejects.add(line, ["7"], "", [])
    except LedgerError as error:
        return str(error)
    finally:
        rejects.drop()
    return ""
