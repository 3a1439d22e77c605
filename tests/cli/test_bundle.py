"""`ledger bundle`: a ledger in one file, checked with Python alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from ledger.audit import keys
from tests.audit.signing import LOG_KEY
from tests.cli.command import SEEDED, Command

KILLED = "totals --measure killed --by country"
RUNNING = "running oir-us-combat-deaths"


@pytest.fixture
def signed(seeded: Command) -> Command:
    """A ledger of all seeds, signed."""
    keys.write(seeded.folder / "log.key", LOG_KEY)
    seeded.fine("checkpoint", "--key", "log.key")
    return seeded


def bundled(desk: Command, *options: str) -> dict[str, bytes]:
    """The files of a bundle, by name."""
    done = desk("bundle", "-o", "b.zip", *options)
    assert (done.code, done.out) == (0, ""), done
    assert done.err == f"{desk.size()} events, in b.zip: unpack it and run verify_ledger.py\n"
    with ZipFile(desk.folder / "b.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def reports(found: dict[str, bytes]) -> list[tuple[str, str]]:
    """File and question of every report."""
    said: dict[str, Any] = json.loads(found["bundle.json"])
    return [(one["file"], one["asked"]) for one in said["reports"]]


def refused(desk: Command, *options: str) -> str:
    """The last line of stderr of a bundle that is refused; nothing is left."""
    done = desk("bundle", "-o", "b.zip", *options)
    assert (done.code, done.out) == (2, ""), done
    assert "unexpected error" not in done.err
    assert not [path.name for path in desk.folder.iterdir() if "b.zip" in path.name]
    return done.err.rstrip().splitlines()[-1]


def test_a_bundle_has_the_totals(signed: Command) -> None:
    found = bundled(signed)
    assert reports(found) == [("reports/totals.csv", "totals")]
    assert found["reports/totals.csv"].decode() == signed.fine("report", "totals", "-f", "csv")
    assert found["events.jsonl"].decode() == signed.fine("export")
    assert f"proofs/{SEEDED - 1}.tlog-proof" in found
    assert signed.fine("prove", f"{SEEDED - 1}") == (
        found[f"proofs/{SEEDED - 1}.tlog-proof"].decode()
    )


def test_reports_as_they_are_asked(signed: Command) -> None:
    """One that is asked twice is there once; two of one name are numbered."""
    found = bundled(signed, "--report", KILLED, "--report", RUNNING, "--report", KILLED)
    assert reports(found) == [
        ("reports/totals.csv", "totals"),
        ("reports/totals-2.csv", KILLED),
        ("reports/running.csv", RUNNING),
    ]
    for name, asked in reports(found):
        assert found[name].decode() == signed.fine("report", *asked.split(), "-f", "csv")


def test_a_report_with_quotes(signed: Command) -> None:
    asked = "totals --where 'country=IQ' --until '2020-03-12'"
    assert reports(bundled(signed, "--report", asked))[1] == ("reports/totals-2.csv", asked)


def test_the_same_bytes_twice(signed: Command) -> None:
    options = ("--report", KILLED, "--prove", "3")
    signed.fine("bundle", "-o", "a.zip", *options)
    signed.fine("bundle", "-o", "b.zip", *options)
    folder = signed.folder
    assert (folder / "a.zip").read_bytes() == (folder / "b.zip").read_bytes()


def test_proofs_that_are_asked_for(signed: Command) -> None:
    found = bundled(signed, "--prove", "3", "--prove", "12")
    for position in (3, 12):
        assert found[f"proofs/{position}.tlog-proof"].decode() == (
            signed.fine("prove", str(position))
        )


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--report", "nonsense"), "no report 'nonsense': there are totals, incidents,"),
        (("--report", ""), "no report ''"),
        (("--report", "totals --nonsense"), "No such option '--nonsense'"),
        (("--report", "totals 'never closed"), "no closing quotation"),
        (("--report", "totals --at 5"), "a bundle is of now, without --at"),
        (("--report", "totals --by nonsense"), "nonsense"),
        (("--report", "totals --since nonsense"), "nonsense"),
        (("--report", "running"), "Missing argument 'TALLY'"),
        (("--report", "running nonsense"), "no tally 'nonsense'"),
        (("--prove", "-1"), "Invalid value for '--prove'"),
        (("--prove", f"{SEEDED}"), f"no checkpoint covers position {SEEDED}"),
        (("--prove", "first"), "Invalid value for '--prove'"),
    ],
)
def test_slips(signed: Command, options: tuple[str, ...], why: str) -> None:
    assert why in refused(signed, *options)


def test_proofs_need_a_checkpoint(seeded: Command) -> None:
    assert "no checkpoint covers position 3" in refused(seeded, "--prove", "3")
    assert not [name for name in bundled(seeded) if name.startswith("proofs/")]


def test_a_bundle_in_no_folder(signed: Command) -> None:
    done = signed("bundle", "-o", "nowhere/b.zip")
    assert (done.code, done.out) == (2, "")
    assert done.err == "ledger: nowhere/b.zip: no such file or directory\n"


def test_no_ledger(bare: Command) -> None:
    done = bare("bundle", "-o", "b.zip")
    assert (done.code, done.out) == (2, "")
    assert "no ledger at ledger.db" in done.err


def test_a_bundle_of_nothing(empty: Command) -> None:
    assert "reports/totals.csv" in bundled(empty)


def test_its_verifier_passes_it(signed: Command) -> None:
    """As its reader would: unpack it, run the script."""
    bundled(signed)
    with ZipFile(signed.folder / "b.zip") as archive:
        archive.extractall(signed.folder / "unpacked")
    done = subprocess.run(
        [sys.executable, "-I", "verify_ledger.py", "--vkey", str(LOG_KEY.verifier)],
        cwd=Path(signed.folder / "unpacked"),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done
