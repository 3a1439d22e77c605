"""Every report and export of the seeds, in every format, is what its golden file holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ledger.app import Ledger
from tests.cli import reference
from tests.cli.command import CLEAN
from tests.conftest import ROOT, file_of
from tests.reports import golden

REPORTS = [page for page in reference.pages() if page.name.startswith(reference.REPORT)]

MOST = 1_500_000
"""Bytes of all golden files: they are kept to be read."""
PLACES = (
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "4242", "PYTHONUTF8": "0"},
    {"TZ": "America/Los_Angeles", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "1"},
    {"TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"},
)
_SCRIPT = """
import pathlib, sys
from tests.reports import golden
for name in golden.NAMES:
    for path, body in golden.made(name, pathlib.Path(sys.argv[1])).items():
        target = pathlib.Path(sys.argv[2], name, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
"""


@pytest.mark.parametrize("name", golden.NAMES)
def test_what_comes_out_is_what_was_read_and_kept(name: str, seeds: Ledger) -> None:
    made = golden.made(name, file_of(seeds))
    kept = golden.read(golden.FOLDER / name)
    assert sorted(made) == sorted(kept), "`python -m tests.docs --accept`, and read the difference"
    for path, body in made.items():
        assert body.decode() == kept[path].decode(), path


@pytest.mark.parametrize("page", REPORTS, ids=[page.name for page in REPORTS])
def test_there_is_a_file_of_every_form_that_the_reference_promises(page: reference.Page) -> None:
    name = page.name.removeprefix(reference.REPORT)
    of = {
        **{kind: {f"{name}.{kind}"} for kind in ("csv", "tsv", "json", "jsonl", "svg")},
        "table": {f"{name}-{width}.txt" for width in golden.WIDTHS},
        "chart": {f"{name}-chart-{width}.txt" for width in golden.WIDTHS},
        "hxl": {f"{name}-hxl.csv"},
    }
    kept = {path.name for path in (golden.FOLDER / name).iterdir()}
    assert {form for form, files in of.items() if files & kept} == set(reference.forms(page))
    assert set().union(*map(of.__getitem__, reference.forms(page))) <= kept


def test_there_are_no_others_and_they_are_small() -> None:
    assert sorted(path.name for path in golden.FOLDER.iterdir()) == sorted(golden.NAMES)
    assert sum(path.stat().st_size for path in golden.FOLDER.rglob("*.*")) < MOST


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place["TZ"])
def test_the_same_bytes_in_every_place(
    place: dict[str, str], seeds: Ledger, tmp_path: Path
) -> None:
    """Under any time zone, locale and hash seed, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(file_of(seeds)), str(tmp_path)],
        env={**CLEAN, **place},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made, kept = golden.read(tmp_path), golden.read(golden.FOLDER)
    assert sorted(made) == sorted(kept)
    assert [path for path, body in made.items() if body != kept[path]] == []
