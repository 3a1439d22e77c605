"""Peak memory at a million events, each operation in a process of its own: on demand."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ledger.app import Ledger
from tests.benchmarks import datasets, memory
from tests.benchmarks.conftest import Record
from tests.benchmarks.ledgers import EVENTS, MILLION
from tests.benchmarks.processes import environment, run
from tests.benchmarks.rounds import Benchmark, seconds

ON_DEMAND = "CASUALTY_LEDGER_BENCH_MILLION"


@pytest.mark.skipif(os.environ.get(ON_DEMAND) != "1", reason=f"minutes: set {ON_DEMAND}=1")
@pytest.mark.parametrize("operation", memory.OPERATIONS)
def test_memory(
    operation: str, benchmark: Benchmark, folder: Path, compiled: Path, record: Record
) -> None:
    """Flat: at a million events as at a tenth of them."""
    peaks: dict[int, int] = {}

    paths = {number: _path(folder, operation, number) for number in (EVENTS, MILLION)}

    def run_at(number: int) -> None:
        asked = (operation, str(paths[number]), str(number))
        command = (sys.executable, "-m", "tests.benchmarks.memory", *asked)
        peaks[number] = int(run(command, environment(compiled)))

    run_at(EVENTS)
    times: list[float] = []
    benchmark.pedantic(
        lambda: times.append(seconds(lambda: run_at(MILLION))), setup=lambda: None, rounds=1
    )
    how = f"{MILLION:,} events in {times[0]:.0f} s; {EVENTS:,}: {peaks[EVENTS] / 1e6:.0f} MB"
    record(f"memory of {operation}", peaks[MILLION] / 1e6, "memory", how)


def _path(folder: Path, operation: str, number: int) -> Path:
    """What an operation is given: the file to import, with an empty ledger beside it, or a ledger.

    It is made here: what writes a file or a schema is no part of an import.
    """
    if operation != "import":
        return folder / f"memory-{number}.db"
    path = datasets.ged(folder, number)
    Ledger(path.with_suffix(".db")).create()
    return path
