"""Peak memory at a million events, each operation in a process of its own: on demand."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

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

    if operation == "import":
        for number in (EVENTS, MILLION):
            datasets.ged(folder, number)

    def run_at(number: int) -> None:
        path = str(folder / f"memory-{number}.db")
        command = (sys.executable, "-m", "tests.benchmarks.memory", operation, path, str(number))
        peaks[number] = int(run(command, environment(compiled)))

    run_at(EVENTS)
    times: list[float] = []
    benchmark.pedantic(
        lambda: times.append(seconds(lambda: run_at(MILLION))), setup=lambda: None, rounds=1
    )
    how = f"{MILLION:,} events in {times[0]:.0f} s; {EVENTS:,}: {peaks[EVENTS] / 1e6:.0f} MB"
    record(f"memory of {operation}", peaks[MILLION] / 1e6, "memory", how)
