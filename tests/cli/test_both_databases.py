"""The same ledger on SQLite and on PostgreSQL: same events, same root, same bytes of reports."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.catalogue import REPORTS
from ledger.store import log as store
from tests import postgres
from tests.cli.command import Command
from tests.conftest import file_of, new_ledger
from tests.invented import findings, note, tables

FORMATS = ("csv", "tsv", "json", "jsonl", "table")
QUESTIONS: tuple[tuple[str, ...], ...] = (
    (),
    ("--as-of", "2020-01-31", "--known-by", "2020-03-01"),
    ("--at", "100"),
    ("--where", "nationality=US", "--policy", "envelope"),
)


@pytest.fixture(scope="session")
def moved(seeds: Ledger) -> str:
    """The address of a copy of the seeds on PostgreSQL."""
    url = postgres.new_schema()
    Ledger(url).copy_from(seeds.database.address)
    return url


def named(report: str) -> Sequence[str]:
    return (report, "oir-us-combat-deaths") if report == "running" else (report,)


@pytest.mark.parametrize("report", list(REPORTS))
def test_every_report_has_the_same_bytes(seeded: Command, moved: str, report: str) -> None:
    for question in QUESTIONS:
        for kind in FORMATS if not question else FORMATS[:1]:
            asked = ("report", *named(report), *question, "-f", kind)
            assert seeded("--db", moved, *asked) == seeded(*asked)


def test_a_report_in_a_file_has_the_same_manifest(seeded: Command, moved: str) -> None:
    for db, name in (("ledger.db", "here.csv"), (moved, "there.csv")):
        seeded.fine("--db", db, "report", "totals", "--by", "year", "-o", name)
    here, there = (seeded.folder / f"{name}.csv" for name in ("here", "there"))
    assert here.read_bytes() == there.read_bytes()
    mine, theirs = (
        json.loads((seeded.folder / f"{name}.csv-metadata.json").read_text())
        for name in ("here", "there")
    )
    for one in (mine, theirs):
        assert one.pop("path") != one.pop("name")
    assert mine == theirs
    assert seeded("--db", moved, "verify-report", "here.csv").code == 0


@pytest.mark.parametrize(
    "asked",
    [
        ("export",),
        ("log",),
        ("show", "taji-2020-03-11"),
        ("explain", "oir-us-combat-deaths"),
        ("explain", "oir-us-combat-deaths", "-f", "json"),
        ("diff", "60", "199"),
        ("check",),
        ("replay",),
        ("replay", "--of", "oir-us-combat-deaths"),
        ("duplicates",),
        ("verify",),
    ],
    ids=" ".join,
)
def test_other_commands_say_the_same(seeded: Command, moved: str, asked: Sequence[str]) -> None:
    assert seeded("--db", moved, *asked) == seeded(*asked)


@pytest.mark.parametrize("kind", ["ucdp-ged", "hxl", "geojson", "jsonl"])
def test_exports_have_the_same_bytes(seeded: Command, moved: str, kind: str) -> None:
    assert seeded("--db", moved, "export", "-f", kind) == seeded("export", "-f", kind)


def test_there_and_back(seeds: Ledger, moved: str, tmp_path: Path) -> None:
    back = Ledger(tmp_path / "back.db")
    assert back.copy_from(moved).root == seeds.verify().root
    assert tables(back) == tables(Ledger(moved)) == tables(seeds)
    assert findings(back) == findings(Ledger(moved)) == []


def test_a_backup_of_a_server_is_a_file(moved: str, tmp_path: Path) -> None:
    Ledger(moved).backup(tmp_path / "backup.db")
    assert [path.name for path in tmp_path.iterdir()] == ["backup.db"]
    backup = Ledger(tmp_path / "backup.db")
    assert list(backup.export()) == list(Ledger(moved).export())
    assert findings(backup) == []


@pytest.mark.parametrize("way", ["out", "home"])
def test_a_copy_that_was_stopped_goes_on(
    seeds: Ledger, moved: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = seeds.database.address if way == "out" else moved
    target = Ledger(postgres.new_schema() if way == "out" else tmp_path / "home.db")
    monkeypatch.setattr(store, "CHUNK", 50)
    append = store.append_bodies
    chunks = iter(range(9))

    def stopped(*arguments: object) -> None:
        if next(chunks) == 2:
            raise KeyboardInterrupt
        append(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(store, "append_bodies", stopped)
        with pytest.raises(KeyboardInterrupt):
            target.copy_from(source)
    assert len(list(target.export())) == 100
    assert target.copy_from(source).root == seeds.verify().root
    assert next(chunks) == 3, "what was there was not appended again"
    assert findings(target) == []


def test_a_copy_does_not_go_on_in_another_ledger(seeds: Ledger, tmp_path: Path) -> None:
    other = Ledger(postgres.new_schema(), "Test Steward")
    other.create()
    other.copy_from(seeds.database.address)
    other.append([note("tally/oir-us-combat-deaths", "An invented note.")])
    before = list(other.export())
    for source in (file_of(seeds), file_of(new_ledger(tmp_path / "empty.db"))):
        with pytest.raises(Exception, match="are not the first of the source: nothing was changed"):
            other.copy_from(source)
    assert list(other.export()) == before
