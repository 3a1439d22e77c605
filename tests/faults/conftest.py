"""What tests of faults share: addresses of databases of both kinds that are not there yet."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from ledger.app import Ledger
from tests import postgres
from tests.faults.tasks import opened

SQLITE, POSTGRESQL = KINDS = ("SQLite", "PostgreSQL")
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder with a name of its own is made in it
ENOUGH = 2 << 30


class Addresses:
    """Gives the address of a fresh database of one kind each time that it is called."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.kind = kind
        self._folder = folder
        self._numbers = count(1)
        self._schemas: list[str] = []

    def __call__(self) -> str:
        """The next one: a file, or a schema of a server."""
        if self.kind == SQLITE:
            return self._file()
        self._schemas.append(postgres.new_schema())
        return self._schemas[-1]

    def there_and_back(self) -> list[str]:
        """What a copy is made in, one after the other: the last one is of this kind."""
        return [self()] if self.kind == SQLITE else [self._file(), self()]

    def drop(self, where: str) -> None:
        """Remove a database of which no more is needed."""
        if where in self._schemas:
            self._schemas.remove(where)
            postgres.drop_schema(where)
        else:
            for path in self._folder.glob(f"{Path(where).name}*"):
                path.unlink()

    def drop_schemas(self) -> None:
        """Remove what is left on the server; files go with their folder."""
        for where in [*self._schemas]:
            self.drop(where)

    def _file(self) -> str:
        return str(self._folder / f"ledger-{next(self._numbers)}.db")


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is room: what the system holds survives a kill as on disk."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ENOUGH:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="ledger-faults-", dir=MEMORY) as made:
        yield Path(made)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """One kind of database after the other."""
    return str(request.param)


@pytest.fixture
def addresses(quick: Path, kind: str) -> Iterator[Addresses]:
    """Addresses of databases of one kind."""
    made = Addresses(quick, kind)
    yield made
    made.drop_schemas()


@pytest.fixture
def where(addresses: Addresses) -> str:
    """The address of a fresh database."""
    return addresses()


@pytest.fixture
def databases() -> Iterator[Callable[[], str]]:
    """Makes databases, each with roles of its own: those are named after it."""
    made: list[str] = []

    def make() -> str:
        made.append(postgres.new_database())
        return made[-1]

    yield make
    for url in made:
        postgres.drop_database(url)


@pytest.fixture
def ledger(where: str) -> Ledger:
    """A ledger at an address for other processes."""
    made = opened(where)
    made.create()
    return made
