"""Golden files: what every report and export of the seeds is, byte by byte, in every format.

They stand in `golden/`, a folder a report, so that a change of what is published shows as a
difference of files. `python -m tests.docs --accept` writes them anew: read that difference before
it is kept.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from importlib import metadata
from pathlib import Path
from unittest.mock import patch

from ledger.__main__ import find_cli
from ledger.catalogue import REPORTS
from ledger.reports.chart import CHARTED
from ledger.reports.manifest import SUFFIX
from tests.cli import reference

find_cli()

from ledger.cli.main import run  # noqa: E402 - the command line has to be found first

FOLDER = Path(__file__).parent / "golden"
EXPORTS = "exports"
NAMES = (*REPORTS, "running", EXPORTS)
WIDTHS = (80, 200)
TALLY = "oir-us-combat-deaths"
_OF_TERMINALS = ("NO_COLOR", "FORCE_COLOR", "COLUMNS")
_PROGRAM = "casualty-ledger"
_ALIKE = tuple(f"{name}{SUFFIX}" for name in (".tsv", ".json", ".jsonl", "-hxl.csv"))
Words = tuple[str, ...]


def commands(name: str) -> list[tuple[Words, int]]:
    """What is typed after `ledger` for the files of one folder, each with a terminal's width."""
    if name == EXPORTS:
        return [(words, WIDTHS[0]) for words in _exports()]
    asked: Words = ("report", name, *((TALLY,) if name == "running" else ()))
    outputs = [f"{name}.{suffix}" for suffix in ("csv", "tsv", "json", "jsonl")]
    outputs += [f"{name}.svg"] * (name in CHARTED)
    found = [((*asked, "-o", output), WIDTHS[0]) for output in outputs]
    for width in WIDTHS:
        found.append(((*asked, "-o", f"{name}-{width}.txt"), width))
        if name in CHARTED:
            found.append(((*asked, "--chart", "-o", f"{name}-chart-{width}.txt"), width))
    if reference.tagged(name):
        of_tally: Words = ("--tally", TALLY) if name == "running" else ()
        words = ("export", "-f", "hxl", "--report", name, *of_tally, "-o", f"{name}-hxl.csv")
        found.append((words, WIDTHS[0]))
    return found


def made(name: str, seeds: Path) -> dict[str, bytes]:
    """The files of one folder as they come out of a ledger of the seeds, by path in it.

    The program's version is left out: it says nothing of the figures.
    """
    others = [one for one in os.environ if one.startswith("CASUALTY_LEDGER_")]
    with tempfile.TemporaryDirectory() as folder, chdir(folder), patch.dict(os.environ):
        for one in (*others, *_OF_TERMINALS):
            os.environ.pop(one, None)
        for words, width in commands(name):
            os.environ["COLUMNS"] = str(width)
            with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
                code = run(["--db", str(seeds), *words])
            assert (code, out.getvalue()) == (0, ""), (words, err.getvalue())
        return read(Path(folder))


def read(folder: Path) -> dict[str, bytes]:
    """The bytes of every file of a folder, by path in it; the program's version left out.

    So are the manifests of the other formats: they say what that of the CSV says.
    """
    program = f"{_PROGRAM} {metadata.version(_PROGRAM)}".encode()
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().replace(program, _PROGRAM.encode())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(_ALIKE)
    }


def accept(seeds: Path) -> None:
    """Write what comes out now, and remove what does not come out any more."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name in NAMES:
        for path, body in made(name, seeds).items():
            target = FOLDER / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)


def _exports() -> list[Words]:
    outputs = {
        "jsonl": "events.jsonl",
        "datapackage": "datapackage",
        "ucdp-ged": "ged.csv",
        "hxl": "hxl.csv",
        "geojson": "incidents.geojson",
    }
    return [("export", "-f", kind, "-o", output) for kind, output in outputs.items()]
