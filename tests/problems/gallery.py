"""The gallery of problems: one readable file for each bad input, with the message that it gets.

A file begins with what is wrong, in words. `--- NAME` begins a file that the steward has,
`--- NAME (python)` one whose text or bytes an expression makes: what no text file can hold, or
what is long. `@ SETUP` is something done to the folder, `$ ledger …` a command: below it stand
the lines of stdout, each behind `> `, those of stderr, and the exit code in brackets. A command
appends nothing unless `appends N` follows its code. Commands meet a ledger of the seeds. `! WHY`
marks a case that is not so yet: its messages are those that are wanted.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import shlex
import shutil
import sqlite3
import tempfile
import tomllib
import zipfile
from collections.abc import Sequence
from contextlib import chdir, closing, redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from ledger.__main__ import find_cli
from tests.problems.setups import run_setup

find_cli()

from ledger.cli.main import run  # noqa: E402 - the command line has to be found first

FOLDER = Path(__file__).parent
PYTHON = " (python)"
_OUT = "> "
_END = re.compile(r"\[(\d+)\](?: appends (\d+))?")
_HASH = re.compile(r"\b[0-9a-f]{64}\b")
_OF_TERMINALS = ("NO_COLOR", "FORCE_COLOR", "COLUMNS")
_CODE = re.compile(r"(?m)^(?:ledger: )?[^:\s][^:]*(?::[^:]+)*?: ([a-z]+(?:-[a-z0-9]+)*) ")


class Step(NamedTuple):
    """A command as it is typed, with its exit code, what it says, and how much it appends."""

    command: str
    code: int
    stdout: str
    stderr: str
    appends: int = 0

    @property
    def arguments(self) -> list[str]:
        """What it gives to `ledger`."""
        return shlex.split(self.command)[1:]

    @property
    def shown(self) -> str:
        """The command and all that follows it, as a case has it."""
        out = "".join(f"{_OUT}{line}\n" for line in self.stdout.splitlines())
        end = f"[{self.code}]" + (f" appends {self.appends}" if self.appends else "")
        return f"$ {self.command}\n{out}{self.stderr}{end}\n"


class Case(NamedTuple):
    """One bad input: `files` by name, `setups` by name, and what is run."""

    path: Path
    words: str
    files: dict[str, str]
    setups: list[str]
    steps: list[Step]
    not_yet: str

    @property
    def codes(self) -> list[str]:
        """The codes that its commands tell: each after a place, before a message."""
        said = "".join(step.stdout + step.stderr for step in self.steps)
        known = meanings()
        return sorted({one for one in _CODE.findall(said) if "-" in one or one in known})


class Elsewhere(NamedTuple):
    """Why no command can be made to tell a code here, and the test that shows it."""

    why: str
    test: str


ELSEWHERE = {
    "no-xlsx": Elsewhere(
        "the package is installed wherever tests run",
        "tests/intake/readers/test_sheets.py::test_without_the_package",
    ),
    "rows-lost": Elsewhere(
        "imports count their own rows: only a program that calls ours can get it wrong",
        "tests/events/test_faults.py::test_a_fault_is_found_where_it_is",
    ),
}
"""Codes without a case."""


@cache
def meanings() -> dict[str, str]:
    """What each code means, in words."""
    return tomllib.loads((FOLDER / "codes.toml").read_text(encoding="utf-8"))


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
            case.steps.append(_step(name, rest.rstrip().splitlines()))
    return case


def _step(command: str, lines: Sequence[str]) -> Step:
    end = _END.fullmatch(lines[-1])
    assert end, f"{command}: the exit code is missing"
    told = [line.removeprefix(_OUT) + "\n" for line in lines if line.startswith(_OUT)]
    rest = [line + "\n" for line in lines[:-1] if not line.startswith(_OUT)]
    return Step(command, int(end[1]), "".join(told), "".join(rest), int(end[2] or 0))


def write(case: Case) -> str:
    """The text of a case's file."""
    marks = [f"! {case.not_yet}\n"] if case.not_yet else []
    files = [f"--- {name}\n{text}" for name, text in case.files.items()]
    setups = [f"@ {name}\n" for name in case.setups]
    steps = [step.shown for step in case.steps]
    return "\n".join([case.words + "\n", *marks, *files, *setups, *steps])


def played(case: Case, seeds: Path) -> list[Step]:
    """The steps of a case as they come out, in a new folder with a copy of the seeds' ledger.

    Hashes are left out: they are other ones with each moment.
    """
    others = [name for name in os.environ if name.startswith("CASUALTY_LEDGER_")]
    with tempfile.TemporaryDirectory() as folder, chdir(folder), patch.dict(os.environ):
        for name in (*others, *_OF_TERMINALS):
            os.environ.pop(name, None)
        os.environ["CASUALTY_LEDGER_STEWARD"] = "Test Steward"
        shutil.copyfile(seeds, "ledger.db")
        _prepare(case)
        return [_played(step) for step in case.steps]


def _prepare(case: Case) -> None:
    """Make the folder what the case says."""
    for name, text in case.files.items():
        body = _made(text) if name.endswith(PYTHON) else text.encode()
        Path(name.removesuffix(PYTHON)).write_bytes(body)
    for name in case.setups:
        run_setup(name, Path("ledger.db"))


def _played(step: Step) -> Step:
    before = _events()
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = run(step.arguments)
    after = _events()
    assert after[: len(before)] == before, f"{step.command} changed what stood"
    told = [_HASH.sub("…", said.getvalue()) for said in (out, err)]
    return Step(step.command, code, told[0], told[1], len(after) - len(before))


def _events() -> list[str | bytes]:
    """The stored events, past any schema: a case may have changed it."""
    with closing(sqlite3.connect("ledger.db")) as database:
        rows = database.execute("SELECT body FROM events ORDER BY position")
        return [body for (body,) in rows]


def workbook(*rows: list[str | int], unpacks_to: int = 0) -> bytes:
    """The bytes of an XLSX file with some rows, which may say that it is larger than it is."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    body = io.BytesIO()
    book.save(body)
    packed = body.getvalue()
    if not unpacks_to:
        return packed
    with zipfile.ZipFile(body) as archive:
        first, *others = [info.file_size for info in archive.infolist()]
    said, told = first.to_bytes(4, "little"), (unpacks_to - sum(others)).to_bytes(4, "little")
    before, mark, entries = packed.partition(b"PK\1\2")
    return before + mark + entries.replace(said, told, 1)


def _made(expression: str) -> bytes:
    """The bytes that an expression of a case makes."""
    names = {"__builtins__": {}, "gzip": gzip, "range": range, "workbook": workbook}
    made = eval(expression, names)  # noqa: S307 - the gallery is ours
    return made if isinstance(made, bytes) else str(made).encode()
