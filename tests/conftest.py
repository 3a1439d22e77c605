"""What tests share: a ledger with a fixed clock and fixed ids, the seeds, invented drafts."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from ledger.app import Ledger
from ledger.events import Draft
from ledger.store.sqlite import SqliteDatabase
from tests import postgres

ROOT = Path(__file__).parent.parent
SEEDS = sorted((ROOT / "seeds" / "inherent-resolve").glob("*.toml"))
REPORT = ROOT / "seeds" / "inherent-resolve" / "report.toml"
SHARED = ROOT.parent / "shared"
ON_POSTGRES = os.environ.get("CASUALTY_LEDGER_TEST_ON") == "postgresql"
"""Whether the ledgers of this run are on PostgreSQL, as `make test` asks for some of the tests."""

New = Callable[[], Ledger]

settings.register_profile(
    "default",
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("default")


class Clock:
    """A clock that moves a second each time it is read, from 1 January 2024."""

    def __init__(self) -> None:
        self.steps = count()

    def __call__(self) -> datetime:
        return datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=next(self.steps))


class Ids:
    """Ids that count up: shaped like UUIDs of version 7, the same in every run."""

    def __init__(self) -> None:
        self.numbers = count(1)

    def __call__(self, number: int) -> list[str]:
        return [f"00000000-0000-7000-8000-{next(self.numbers):012d}" for _ in range(number)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the shares that tests recorded as (name, "M of N"), summed up by name."""
    shares: dict[str, list[int]] = {}
    for report in terminalreporter.getreports("passed"):
        for name, share in report.user_properties:
            if found := re.fullmatch(r"(\d+) of (\d+)", str(share)):
                part, whole = shares.setdefault(name, [0, 0])
                shares[name] = [part + int(found[1]), whole + int(found[2])]
    for name, (part, whole) in shares.items():
        terminalreporter.write_line(f"{name}: {part} of {whole} ({part / whole:.1%})")


def pytest_unconfigure() -> None:
    """End the PostgreSQL server, if a test started one."""
    postgres.stop()


def new_ledger(path: Path) -> Ledger:
    """A new ledger with a fixed clock and fixed ids: at the path, or on PostgreSQL where asked."""
    where = postgres.new_schema() if ON_POSTGRES else path
    made = Ledger(where, steward="Test Steward", now=Clock(), new_ids=Ids())
    made.create()
    return made


only_files = pytest.mark.skipif(ON_POSTGRES, reason="it is about a SQLite file")
"""Marks what is so of files alone."""


def file_of(ledger: Ledger) -> Path:
    """The file that a ledger is in; what tests only of files is skipped on PostgreSQL."""
    if not isinstance(ledger.database, SqliteDatabase):
        pytest.skip("it is about a SQLite file")
    return ledger.database.path


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """An empty ledger."""
    return new_ledger(tmp_path / "ledger.db")


@pytest.fixture
def make_ledger(tmp_path: Path) -> Callable[[], Ledger]:
    """Makes as many empty ledgers as a test needs."""
    numbers = count(1)
    return lambda: new_ledger(tmp_path / f"ledger-{next(numbers)}.db")


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Ledger]]:
    """Makes empty ledgers quickly."""
    yield from copies(tmp_path_factory.mktemp("ledgers"))


def copies(folder: Path, drafts: Sequence[Draft] = ()) -> Iterator[Callable[[], Ledger]]:
    """What makes ledgers of some drafts quickly: copies of one that the migrations made."""
    model = new_ledger(folder / "model.db")
    model.append(drafts)
    numbers = count()

    def make() -> Ledger:
        path = folder / f"{next(numbers)}.db"
        shutil.copy(file_of(model), path)
        ids = Ids()
        ids(len(drafts))
        return Ledger(path, "Test Steward", now=Clock(), new_ids=ids)

    yield make
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """The example ledger with all seeds: to be read, not to be written."""
    made = new_ledger(tmp_path_factory.mktemp("seeds") / "ledger.db")
    made.import_drafts(SEEDS)
    return made


@pytest.fixture
def report_only(ledger: Ledger) -> Ledger:
    """A ledger of the one newspaper report."""
    ledger.import_drafts([REPORT])
    return ledger
