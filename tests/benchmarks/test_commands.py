"""Whole processes: the question for totals, a reading command, help, completion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median

import pytest

from ledger.app import Ledger
from tests.benchmarks.conftest import Record
from tests.benchmarks.ledgers import MANY
from tests.benchmarks.processes import CLICK_ALONE, environment, ledger_command, run
from tests.benchmarks.rounds import Benchmark, by_turns
from tests.conftest import file_of

ROUNDS = 9
START_UPS = 21

TOTALS = (
    ("report", "totals"),
    ("report", "totals", "--measure", "killed", "--by", "country,year"),
)
READ_COMMANDS = (
    ("report", "totals"),
    ("report", "running", "oir-us-combat-deaths"),
    ("show", "taji-2020-03-11"),
    ("log",),
)
START_UP: Mapping[str, tuple[Sequence[str], Mapping[str, str]]] = {
    "ledger --help": (("--help",), {}),
    "completion": (
        (),
        {"_LEDGER_COMPLETE": "bash_complete", "COMP_WORDS": "ledger re", "COMP_CWORD": "1"},
    ),
}


@pytest.mark.parametrize("arguments", TOTALS, ids=" ".join)
def test_totals(
    arguments: Sequence[str], benchmark: Benchmark, many: Ledger, compiled: Path, record: Record
) -> None:
    best, middle = _whole(benchmark, many, arguments, compiled)
    what = f"ledger {' '.join(arguments)}, {MANY:,} incidents"
    record(what, best, "totals", f"best of {ROUNDS}; median {middle:.2f} s")


@pytest.mark.parametrize("arguments", READ_COMMANDS, ids=" ".join)
def test_read_command_on_a_small_ledger(
    arguments: Sequence[str], benchmark: Benchmark, seeds: Ledger, compiled: Path, record: Record
) -> None:
    best, middle = _whole(benchmark, seeds, arguments, compiled)
    what = f"ledger {' '.join(arguments)}, seeds"
    record(what, best, "command", f"best of {ROUNDS}; median {middle:.2f} s")


@pytest.mark.parametrize("name", START_UP)
def test_start_up(name: str, benchmark: Benchmark, compiled: Path, record: Record) -> None:
    """By turns with Python that does nothing but import click."""
    arguments, more = START_UP[name]
    ours = partial(run, ledger_command(*arguments), environment(compiled, **more))
    click_alone = partial(run, CLICK_ALONE, environment(compiled))
    assert "report" in ours()
    command, alone = map(median, by_turns(benchmark, START_UPS, lambda: ours, lambda: click_alone))
    how = f"{command * 1e3:.0f} ms; `import click` {alone * 1e3:.0f} ms (medians of {START_UPS})"
    record(name, command / alone, "start-up", how)


def _whole(
    benchmark: Benchmark, ledger: Ledger, arguments: Sequence[str], compiled: Path
) -> tuple[float, float]:
    """Seconds of a whole process on a ledger: the best and the median."""
    command = ledger_command("--db", str(file_of(ledger)), *arguments)
    whole = partial(run, command, environment(compiled))
    assert whole().count("\n") > 1
    (times,) = by_turns(benchmark, ROUNDS, lambda: whole)
    return min(times), median(times)
