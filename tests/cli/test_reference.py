"""The reference of commands is kept, and what it shows can be typed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.audit import keys
from ledger.audit.trust import Trust
from ledger.audit.witness import Witness
from tests import docs
from tests.cli import reference
from tests.cli.command import Command, run
from tests.conftest import ROOT, SEEDS, file_of

DATA = ROOT / "tests" / "data"
PAGES = reference.pages()
EXAMPLES = [pytest.param(example, id=example[:60]) for page in PAGES for example in page.examples]
READING = {"report", "explain", "show", "log", "check", "replay", "verify", "vocabulary", "doctor"}


def test_the_pages_are_up_to_date() -> None:
    stale = [path.name for path, text in docs.written().items() if not docs._holds(path, text)]
    assert not stale, "run `make docs`"


def test_check_says_which_page_is_stale(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert docs.main(["--check"]) == 0
    monkeypatch.setattr(docs, "written", lambda: {ROOT / "cli" / "README.md": "another text"})
    before = (ROOT / "cli" / "README.md").read_bytes()
    assert docs.main(["--check"]) == 1
    assert capsys.readouterr().out == "cli/README.md is not up to date: run `make docs`\n"
    assert (ROOT / "cli" / "README.md").read_bytes() == before


@pytest.mark.parametrize("page", PAGES[1:], ids=[page.name for page in PAGES[1:]])
def test_every_command_has_help_with_two_examples(page: reference.Page) -> None:
    assert page.command.help
    assert len(page.examples) >= 2
    for example in page.examples:
        assert example in page.help


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_help_fits_a_terminal(page: reference.Page) -> None:
    too_long = [line for line in page.help.splitlines() if len(line) > reference.WIDTH]
    assert [line for line in too_long if "ledger " not in line] == []


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_can_be_parsed(example: str) -> None:
    reference.parse(reference.arguments(example))


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_can_be_run(example: str, desk: Command) -> None:
    words = [one for word in reference.arguments(example) for one in _expanded(word, desk.folder)]
    done = desk(*words)
    assert "Usage:" not in done.err
    assert done.code in (0, 1, 2)
    if READING & set(words[:3]):
        assert done.code == 0, done.err


@pytest.fixture
def desk(seeded: Command, audited: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """A folder with all that the examples name: ledgers, files of drafts, rows and a mapping."""
    folder = seeded.folder
    seeds = folder / "seeds" / "inherent-resolve"
    seeds.mkdir(parents=True)
    for path in SEEDS:
        shutil.copy(path, seeds)
    for name in ("oir.db", "copy.db"):
        shutil.copy(audited / "ledger.db", folder / name)
    shutil.copy(seeds / "report.toml", folder)
    shutil.copy(DATA / "shellings.toml", folder / "mine.toml")
    shutil.copy(DATA / "shellings.csv", folder / "list.csv")
    seeded.file("reports.toml", '[[report]]\nreport = "totals"\noutput = "totals.csv"\n')
    shutil.copytree(audited, folder, dirs_exist_ok=True)
    monkeypatch.setenv("CASUALTY_LEDGER_PASSPHRASE", "an invented passphrase")
    return seeded


@pytest.fixture(scope="module")
def audited(seeds: Ledger, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the auditor's examples name: keys, a ledger with a checkpoint, proofs, a mirror."""
    folder = tmp_path_factory.mktemp("audited")
    shutil.copyfile(file_of(seeds), folder / "ledger.db")
    auditor = Ledger(folder / "ledger.db").auditor
    key = keys.new("example.org/ledger", keys.LOG)
    keys.write(folder / "ledger.key", key)
    witness = keys.new("w.example.org", keys.WITNESS)
    keys.write(folder / "w1.key", witness)
    signed = auditor.checkpoint(key)
    for name, text in {
        "ledger.vkey": key.verifier,
        "log.vkey": key.verifier,
        "march.checkpoint": signed,
        "answer.checkpoint": signed,
        "12.tlog-proof": auditor.prove(12),
        "grown.txt": auditor.prove_since(signed.checkpoint),
    }.items():
        (folder / name).write_text(str(text), encoding="utf-8")
    trust = Trust(logs=(key.verifier,))
    Witness(witness, trust, folder / "w1.state").sign(folder / "march.checkpoint", 0)
    auditor.publish(folder / "public")
    run(["--db", str(folder / "ledger.db"), "report", "totals", "-o", str(folder / "totals.csv")])
    return folder


def _expanded(word: str, folder: Path) -> list[str]:
    """A word as a shell gives it to the program."""
    if "*" not in word or "/" not in word:
        return [word]
    return sorted(str(path.relative_to(folder)) for path in folder.glob(word))
