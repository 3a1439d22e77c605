"""One writer beside one import: how long a single append takes while another process imports."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from ledger.app import Ledger
from tests.benchmarks import datasets, events, ledgers
from tests.benchmarks.conftest import Record
from tests.benchmarks.events import SINGLE, STEWARD
from tests.benchmarks.processes import environment, ledger_command
from tests.benchmarks.rounds import Benchmark, Ready, seconds

ROWS = 60_000
FEWEST = 200
"""Appends beside one import, from which a hundredth part can be told."""


def test_one_writer_beside_one_import(
    benchmark: Benchmark, folder: Path, template: Ledger, compiled: Path, record: Record
) -> None:
    ledger = ledgers.opened_copy(template, folder / "beside.db")
    file = datasets.ged(folder, ROWS)
    numbers = count()
    beside: list[float] = []

    def one() -> Ready:
        number = next(numbers)
        drafts = events.drafts(SINGLE, number, number + 1)
        return lambda: ledger.append(drafts)

    def all_of_them() -> None:
        with importing(ledger, file, compiled) as process:
            while process.poll() is None:
                beside.append(seconds(one()))
            assert process.returncode == 0

    benchmark.pedantic(all_of_them, setup=lambda: None, rounds=1)
    assert len(beside) >= FEWEST
    alone = [seconds(one()) for _ in range(FEWEST)]
    how = (
        f"median {percentile(beside, 50):.1f} ms, longest {percentile(beside, 100):.1f}, "
        f"of {len(beside)} appends; "
        f"alone median {percentile(alone, 50):.1f}, p99 {percentile(alone, 99):.1f}"
    )
    record("append of one beside an import, p99", percentile(beside, 99), "beside", how)


@contextmanager
def importing(ledger: Ledger, file: Path, compiled: Path) -> Iterator[subprocess.Popen[bytes]]:
    """An import in a process of its own."""
    general = ("--db", ledger.database.address, "--as", STEWARD)
    command = ledger_command(*general, "import", str(file), "--mapping", "ucdp-ged")
    with subprocess.Popen(
        command,
        env=environment(compiled),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def percentile(times: list[float], share: int) -> float:
    """Milliseconds within which so many of a hundred are done."""
    return sorted(times)[min(len(times) - 1, len(times) * share // 100)] * 1e3
