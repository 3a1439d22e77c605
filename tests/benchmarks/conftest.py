"""What benchmarks share: ledgers of many events, and the table of results at the end."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Protocol

import pytest

from ledger.app import Ledger
from tests.benchmarks import events, goals, ledgers, processes
from tests.benchmarks.goals import GOALS, NO_GOAL, Result
from tests.conftest import file_of

_RESULTS = pytest.StashKey[list[Result]]()
_PROCESSOR_TIMES = Path("/proc/stat")


class Record(Protocol):
    """Notes one figure, shows it, and lists it at the end; `goal` is a key of `GOALS`, or ""."""

    def __call__(self, what: str, figure: float, goal: str, how: str, unit: str = "") -> None: ...


class Filled(Protocol):
    """The ledger of a kind of event: to be read, not to be written."""

    def __call__(self, kind: str) -> Ledger: ...


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_RESULTS] = []


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if found := config.stash[_RESULTS]:
        terminalreporter.section("beside the yardsticks (DESIGN, section 10)")
        for line in goals.table(found):
            terminalreporter.write_line(line)
        terminalreporter.write_line(_machine())


@pytest.fixture
def record(request: pytest.FixtureRequest) -> Record:
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")

    def note(what: str, figure: float, goal: str, how: str, unit: str = "") -> None:
        wanted = GOALS[goal] if goal else NO_GOAL
        result = Result(what, figure, unit or wanted.unit, wanted, how)
        request.config.stash[_RESULTS].append(result)
        if reporter is not None:
            reporter.ensure_newline()
            reporter.write_line(goals.line(result))

    return note


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder for the session, several gigabytes of it: gone at its end."""
    with tempfile.TemporaryDirectory(prefix="ledger-benchmarks-") as made:
        yield Path(made)


@pytest.fixture(scope="session")
def template(folder: Path) -> Ledger:
    """A ledger of sources alone, to be copied."""
    return ledgers.empty(folder / "template.db")


@pytest.fixture(scope="session")
def filled(folder: Path) -> Filled:
    """Makes the ledger of 100,000 events of a kind, once."""

    @cache
    def made(kind: str) -> Ledger:
        found = ledgers.filled(folder / f"{kind}.db", kind, ledgers.EVENTS)
        sizes = [len(row.body) for row in ledgers.rows(found, 0)]
        average, wanted = sum(sizes) / len(sizes), events.BYTES[kind]
        assert abs(average - wanted) < wanted / 10, f"{kind}: {average} bytes, not {wanted}"
        return found

    return made


@pytest.fixture(scope="session")
def many(folder: Path) -> Ledger:
    """A ledger of 400,000 incidents of one line."""
    return ledgers.filled(folder / "many.db", events.SINGLE, ledgers.MANY)


@pytest.fixture(scope="session")
def compiled(folder: Path, template: Ledger) -> Path:
    """Where whole processes find their modules compiled: all that the commands import."""
    made = folder / "compiled"
    for command in (
        processes.CLICK_ALONE,
        processes.ledger_command("--db", str(file_of(template)), "report", "totals"),
    ):
        processes.run(command, processes.environment(made))
    return made


def _machine() -> str:
    """How far the seconds can be believed: what else ran, and what the host kept from us."""
    load = os.getloadavg()[2]
    said = f"machine: {os.cpu_count()} processors, load {load:.1f} over the last 15 minutes"
    if _PROCESSOR_TIMES.is_file():
        times = [int(one) for one in _PROCESSOR_TIMES.read_text(encoding="ascii").split()[1:9]]
        said += f"; {times[7] / sum(times):.0%} stolen by its host since it started"
    return f"{said}; benchmarks alone make a load of about 1"
