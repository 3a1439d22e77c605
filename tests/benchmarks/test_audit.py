"""Checkpoints and proofs of a large ledger: what they cost grows with the depth of its tree."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from statistics import median

import pytest

from ledger.app import Ledger
from ledger.audit import keys
from tests.benchmarks import events, ledgers
from tests.benchmarks.conftest import Filled, Record
from tests.benchmarks.ledgers import EVENTS, MILLION
from tests.benchmarks.processes import environment, ledger_command, run
from tests.benchmarks.rounds import Benchmark, by_turns
from tests.benchmarks.test_memory import ON_DEMAND
from tests.conftest import file_of

ROUNDS = 9
SIZES = (EVENTS, MILLION)


@pytest.fixture(params=SIZES)
def large(request: pytest.FixtureRequest, folder: Path, filled: Filled) -> Ledger:
    """A ledger of that many events, with a key beside it and a checkpoint in it."""
    size: int = request.param
    if size == EVENTS:
        ledger = filled(events.SINGLE)
    elif os.environ.get(ON_DEMAND) != "1":
        pytest.skip(f"minutes: set {ON_DEMAND}=1")
    else:
        path = folder / "memory-1000000.db"
        ledger = Ledger(path) if path.exists() else ledgers.filled(path, events.SINGLE, size)
    key = folder / f"audit-{size}.key"
    if not key.exists():
        keys.write(key, keys.new("benchmark.example.org", keys.LOG))
        ledger.auditor.checkpoint(keys.read(key))
    return ledger


def test_proof(
    large: Ledger, benchmark: Benchmark, folder: Path, compiled: Path, record: Record
) -> None:
    """Of one event in the middle, the whole process."""
    signed = large.auditor.newest()
    assert signed is not None
    size = signed.checkpoint.size
    proof = str(folder / "benchmark.tlog-proof")
    command = ledger_command("--db", str(file_of(large)), "prove", str(size // 2), "-o", proof)
    (times,) = by_turns(benchmark, ROUNDS, lambda: partial(run, command, environment(compiled)))
    how = f"best of {ROUNDS}; median {median(times):.2f} s"
    record(f"ledger prove, {size:,} events", min(times), "proof", how)


def test_checkpoint(large: Ledger, benchmark: Benchmark, folder: Path, record: Record) -> None:
    """Signed and kept, durably, within a process."""
    signed = large.auditor.newest()
    assert signed is not None
    key = keys.read(folder / f"audit-{_nearest(signed.checkpoint.size)}.key")
    (times,) = by_turns(benchmark, ROUNDS, lambda: partial(large.auditor.checkpoint, key))
    how = f"best of {ROUNDS}; median {median(times) * 1e3:.1f} ms"
    record(f"a checkpoint of {signed.checkpoint.size:,} events", min(times) * 1e3, "", how, "ms")


def _nearest(size: int) -> int:
    """The size by which a large ledger's key is named: a few sources come on top of it."""
    return max(one for one in SIZES if one <= size)
