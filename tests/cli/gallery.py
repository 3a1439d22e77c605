"""The gallery of errors: one readable file for each bad input, with the message that it gets.

A file begins with what is wrong, in words. `--- NAME` begins a file that the steward has,
`@ SETUP` is something done to the folder, `$ ledger …` a command: below it stand the lines of
stderr, and the exit code in brackets. Commands meet a ledger of the seeds, and append nothing.
`! WHY` marks a case that is not so yet: its messages are those that are wanted.
"""

from __future__ import annotations

import re
import shlex
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "errors"


class Step(NamedTuple):
    """A command as it is typed, with its exit code and its stderr."""

    command: str
    code: int
    stderr: str

    @property
    def arguments(self) -> list[str]:
        """What it gives to `ledger`."""
        return shlex.split(self.command)[1:]


class Case(NamedTuple):
    """One bad input: `files` by name, `setups` by name, and what is run."""

    path: Path
    words: str
    files: dict[str, str]
    setups: list[str]
    steps: list[Step]
    not_yet: str


def cases() -> list[Case]:
    """All cases, by name."""
    return [read(path) for path in sorted(FOLDER.glob("*.txt"))]


def read(path: Path) -> Case:
    """A case from its file."""
    head, *blocks = re.split(r"\n(?=--- |@ |! |\$ )", path.read_text(encoding="utf-8"))
    case = Case(path, head.strip(), {}, [], [], "")
    for block in blocks:
        first, _, rest = block.partition("\n")
        mark, _, name = first.partition(" ")
        if mark == "---":
            case.files[name] = rest.rstrip("\n") + "\n"
        elif mark == "@":
            case.setups.append(name)
        elif mark == "!":
            case = case._replace(not_yet=name)
        else:
            stderr, _, code = rest.rstrip().rpartition("[")
            case.steps.append(Step(name, int(code.rstrip("]")), stderr))
    return case


def write(case: Case) -> str:
    """The text of a case's file."""
    marks = [f"! {case.not_yet}\n"] if case.not_yet else []
    files = [f"--- {name}\n{text}" for name, text in case.files.items()]
    setups = [f"@ {name}\n" for name in case.setups]
    steps = [f"$ {step.command}\n{step.stderr}[{step.code}]\n" for step in case.steps]
    return "\n".join([case.words + "\n", *marks, *files, *setups, *steps])


def prepare(case: Case, folder: Path) -> None:
    """Make the folder what the case says."""
    for name, text in case.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name in case.setups:
        SETUPS[name](folder / "ledger.db")


def _newer_schema(ledger: Path) -> None:
    with closing(sqlite3.connect(ledger)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()


def _read_only(ledger: Path) -> None:
    ledger.chmod(0o444)


SETUPS: dict[str, Callable[[Path], None]] = {
    "ledger.db has the schema of a newer program": _newer_schema,
    "ledger.db is read-only": _read_only,
}
