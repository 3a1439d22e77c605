from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from ledger.app import Ledger
from ledger.audit import bundling, proofs
from ledger.audit.auditor import NoCheckpointError
from ledger.audit.bundling import Asked
from ledger.errors import IntegrityError, LedgerError
from ledger.reports.question import Question, ask
from ledger.store import checkpoints as store
from tests.audit.ledgers import fill, signed
from tests.invented import incident, source, tamper

ALL = Question()


def bundled(
    ledger: Ledger, path: Path, questions: Sequence[Question] = (), positions: Sequence[int] = ()
) -> dict[str, bytes]:
    """The files of a bundle, by name."""
    with ledger.asking() as present:
        asked = [
            Asked(f"totals-{number}", f"totals {number}", present.report("totals", question))
            for number, question in enumerate(questions)
        ]
        present.bundle(path, asked, positions)
    with ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def contents(found: dict[str, bytes]) -> dict[str, Any]:
    """What `bundle.json` says."""
    said: dict[str, Any] = json.loads(found["bundle.json"])
    return said


def test_what_a_bundle_holds(ledger: Ledger, tmp_path: Path) -> None:
    made = [signed(ledger, size) for size in (2, 5)]
    fill(ledger, 7)
    found = bundled(ledger, tmp_path / "b.zip", [ALL])
    assert list(found) == [
        *("README.txt", "verify_ledger.py", "events.jsonl"),
        *("checkpoints/000001.txt", "checkpoints/000002.txt", "tile/0/000.p/7"),
        *("proofs/consistency-2-5.txt", "proofs/4.tlog-proof"),
        *("reports/totals-0.csv", "bundle.json"),
    ]
    assert found["events.jsonl"].decode() == "".join(f"{body}\n" for body in ledger.export())
    assert [found[f"checkpoints/00000{n}.txt"].decode() for n in (1, 2)] == list(map(str, made))
    assert found["verify_ledger.py"] == bundling.verifier()
    grown = proofs.parse(found["proofs/consistency-2-5.txt"])
    assert isinstance(grown, proofs.Consistency)
    assert grown.holds(made[0].checkpoint)
    last = proofs.parse(found["proofs/4.tlog-proof"])
    assert isinstance(last, proofs.Inclusion)
    assert last.holds()
    assert last.event.decode() == list(ledger.export())[4]


def test_a_bundle_says_what_it_holds(ledger: Ledger, tmp_path: Path) -> None:
    signed(ledger, 3)
    found = bundled(ledger, tmp_path / "b.zip", [ALL])
    said = contents(found)
    assert (said["bundle"], said["version"]) == ("casualty-ledger", 1)
    done = ledger.verify()
    assert (said["head"]["size"], said["head"]["root"]) == (done.size, done.root)
    assert said["files"] == {
        name: hashlib.sha256(data).hexdigest()
        for name, data in found.items()
        if name != "bundle.json"
    }
    assert said["reports"] == [{"file": "reports/totals-0.csv", "asked": "totals 0"}]


def test_the_same_ledger_gives_the_same_bytes(ledger: Ledger, tmp_path: Path) -> None:
    signed(ledger, 300)
    first, second = tmp_path / "a.zip", tmp_path / "b.zip"
    bundled(ledger, first, [ALL], [7])
    bundled(ledger, second, [ALL], [7])
    assert first.read_bytes() == second.read_bytes()


def test_several_tiles_and_proofs(ledger: Ledger, tmp_path: Path) -> None:
    for size in (0, 3, 3, 300):
        signed(ledger, size)
    found = bundled(ledger, tmp_path / "b.zip", [], [0, 299, 256, 0])
    assert sorted(name for name in found if "/" in name and "checkpoints" not in name) == [
        *("proofs/0.tlog-proof", "proofs/256.tlog-proof", "proofs/299.tlog-proof"),
        "proofs/consistency-3-300.txt",
        *("tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"),
    ]
    for name in found:
        if name.endswith(".tlog-proof"):
            proof = proofs.parse(found[name])
            assert isinstance(proof, proofs.Inclusion)
            assert proof.holds()


def test_a_bundle_of_an_empty_ledger(ledger: Ledger, tmp_path: Path) -> None:
    fewest = ["README.txt", "verify_ledger.py", "events.jsonl", "bundle.json"]
    assert list(bundled(ledger, tmp_path / "a.zip")) == fewest
    signed(ledger, 0)
    found = bundled(ledger, tmp_path / "b.zip")
    assert list(found) == [*fewest[:3], "checkpoints/000001.txt", fewest[3]]
    assert (found["events.jsonl"], contents(found)["head"]["size"]) == (b"", 0)


def test_reports_are_as_ledger_report_writes_them(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append([source(), incident("ambush", "killed 2")])
    found = bundled(ledger, tmp_path / "b.zip", [ALL, ask(measures=["killed"])])
    rows = list(csv.DictReader(io.StringIO(found["reports/totals-1.csv"].decode())))
    assert [(row["measure"], row["best"]) for row in rows] == [("killed", "2")]


@pytest.mark.parametrize("position", [5, 6, 99])
def test_a_position_that_no_checkpoint_covers(
    ledger: Ledger, tmp_path: Path, position: int
) -> None:
    signed(ledger, 5)
    fill(ledger, 7)
    why = f"no checkpoint covers position {position} .the newest covers 5 events"
    with pytest.raises(NoCheckpointError, match=why):
        bundled(ledger, tmp_path / "b.zip", [], [2, position])
    assert [path.name for path in tmp_path.iterdir() if "zip" in path.name] == []


def test_a_position_in_a_ledger_without_checkpoints(ledger: Ledger, tmp_path: Path) -> None:
    fill(ledger, 7)
    with pytest.raises(NoCheckpointError, match="the newest covers 0 events"):
        bundled(ledger, tmp_path / "b.zip", [], [2])


def test_a_tree_that_is_too_damaged_for_proofs(ledger: Ledger, tmp_path: Path) -> None:
    signed(ledger, 5)
    tamper(ledger, "DELETE FROM tiles")
    with pytest.raises(IntegrityError, match="no proof can be made; run `ledger verify`"):
        bundled(ledger, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_what_stands_is_bundled_as_it_stands(ledger: Ledger, tmp_path: Path) -> None:
    """The verifier says what is wrong with it."""
    made = signed(ledger, 5)
    with ledger.database.writing() as connection:
        store.keep(connection, 9, str(made).replace("\n5\n", "\n9\n"))
        store.keep(connection, 5, "An invented letter.")
    found = bundled(ledger, tmp_path / "b.zip")
    assert found["checkpoints/000003.txt"] == b"An invented letter."
    assert "proofs/4.tlog-proof" in found


def test_a_bundle_replaces_another_whole(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    path.write_bytes(b"older")
    tamper(ledger, "DELETE FROM head")
    with pytest.raises(LedgerError):
        bundled(ledger, path)
    assert path.read_bytes() == b"older"


def test_a_bundle_in_no_folder(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"b\.zip: no such file or directory"):
        bundled(ledger, tmp_path / "nowhere" / "b.zip")
