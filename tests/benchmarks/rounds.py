"""Rounds: the candidate and its yardsticks by turns, so that a busy machine slows down both."""

from __future__ import annotations

import gc
from collections.abc import Callable
from time import perf_counter
from typing import Protocol

Ready = Callable[[], object]
"""What is timed."""
Prepare = Callable[[], Ready]
"""What is not: it makes ready what one round times."""


class Benchmark(Protocol):
    """As much of pytest-benchmark's fixture as is used here."""

    def pedantic(
        self, target: Callable[..., object], *, setup: Callable[[], object], rounds: int
    ) -> object: ...


def by_turns(
    benchmark: Benchmark, rounds: int, candidate: Prepare, *yardsticks: Prepare
) -> list[list[float]]:
    """Seconds of every round: first the candidate's, then each yardstick's.

    The collector runs as it does in any program; what the tests keep alive is frozen, since it
    is not the product's to walk through.
    """
    times: list[list[float]] = [[] for _ in range(1 + len(yardsticks))]

    def others_first() -> tuple[tuple[Ready], dict[str, object]]:
        for found, prepare in zip(times[1:], yardsticks, strict=True):
            found.append(seconds(prepare()))
        return (candidate(),), {}

    gc.collect()
    gc.freeze()
    try:
        benchmark.pedantic(
            lambda ready: times[0].append(seconds(ready)), setup=others_first, rounds=rounds
        )
    finally:
        gc.unfreeze()
    return times


def seconds(ready: Ready) -> float:
    """How long a call takes."""
    start = perf_counter()
    ready()
    return perf_counter() - start


def best_of_chunks(times: list[float], chunks: int) -> float:
    """Seconds for all chunks, each the best of its rounds; `times` are pass after pass."""
    return sum(min(times[chunk::chunks]) for chunk in range(chunks))
