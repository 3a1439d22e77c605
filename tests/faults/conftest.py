"""What tests of faults share: addresses of databases that are not there yet."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder with a name of its own is made in it
ENOUGH = 2 << 30


class Addresses:
    """Gives the address of a fresh database each time that it is called."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    def __call__(self) -> str:
        """The next one."""
        return str(self._folder / f"ledger-{next(self._numbers)}.db")

    def drop(self, where: str) -> None:
        """Remove a database of which no more is needed."""
        for path in self._folder.glob(f"{Path(where).name}*"):
            path.unlink()


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
    return Addresses(quick)


@pytest.fixture
def where(addresses: Addresses) -> str:
    """The address of a fresh database."""
    return addresses()
