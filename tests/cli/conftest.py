"""Ledgers for commands: an empty one, one of the report alone, one of all seeds."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ledger.app import Ledger
from tests import postgres
from tests.cli.command import Command
from tests.conftest import ON_POSTGRES, REPORT, file_of, new_ledger

GAZETTE = (
    *("add", "source", "invented-gazette", "--title", "An invented report"),
    *("--publisher", "The Invented Gazette", "--published", "2024-01-02", "--grade", "B"),
)
AMBUSH = (
    *("add", "incident", "ambush", "--kind", "armed-clash", "--title", "An invented ambush"),
    *("--date", "2024-01-01", "--place", "Invented Pass", "--country", "IQ"),
    *("--label", "operation=invented", "--party", "Invented Brigade"),
    *("--count", "killed", "3", "--source", "invented-gazette:page 1"),
)


@pytest.fixture
def bare(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Command:
    """The command in an empty folder: no ledger yet."""
    for name in list(os.environ):
        if name.startswith("CASUALTY_LEDGER_") or name in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}:
            monkeypatch.delenv(name)
    db = postgres.new_schema() if ON_POSTGRES else "ledger.db"
    monkeypatch.setenv("CASUALTY_LEDGER_DB", db)
    monkeypatch.setenv("CASUALTY_LEDGER_STEWARD", "Test Steward")
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return Command(capsys, folder)


@pytest.fixture
def empty(bare: Command, blank: Ledger) -> Command:
    """The command with a new ledger."""
    return _with_copy(bare, blank)


@pytest.fixture
def ambush(empty: Command) -> Command:
    """The command with an invented source (position 0) and an invented incident (1)."""
    empty.fine(*GAZETTE)
    empty.fine(*AMBUSH)
    return empty


@pytest.fixture
def seeded(bare: Command, seeds: Ledger) -> Command:
    """The command with a ledger of all seeds, its own copy."""
    return _with_copy(bare, seeds)


@pytest.fixture
def reported(bare: Command, report_seed: Ledger) -> Command:
    """The command with a ledger of the one newspaper report."""
    return _with_copy(bare, report_seed)


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """An empty ledger, to be copied."""
    return new_ledger(tmp_path_factory.mktemp("blank") / "ledger.db")


@pytest.fixture(scope="session")
def report_seed(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A ledger of the one newspaper report, to be copied."""
    made = new_ledger(tmp_path_factory.mktemp("report") / "ledger.db")
    made.import_drafts([REPORT])
    return made


def _with_copy(command: Command, of: Ledger) -> Command:
    """The command with a copy of a ledger for its own."""
    if ON_POSTGRES:
        Ledger(os.environ["CASUALTY_LEDGER_DB"], "Test Steward").copy_from(of.database.address)
    else:
        shutil.copyfile(file_of(of), command.folder / "ledger.db")
    return command
