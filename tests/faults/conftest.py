"""What tests of faults share: addresses of databases that are not there yet."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder with a name of its own is made in it
ENOUGH = 2 << 30

Addresses = Callable[[], str]
"""Gives the address of a fresh database each time that it is asked."""


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is room: what the system holds survives a kill as on disk."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ENOUGH:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="ledger-faults-", dir=MEMORY) as made:
        yield Path(made)


@pytest.fixture
def addresses(quick: Path) -> Addresses:
    """Addresses of databases of one kind: to be parametrised, once there is another."""
    numbers = count(1)
    return lambda: str(quick / f"ledger-{next(numbers)}.db")


@pytest.fixture
def where(addresses: Addresses) -> str:
    """The address of a fresh database."""
    return addresses()
