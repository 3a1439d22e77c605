"""Servers that cannot be had, or that refuse: one clear message each, and nothing appended."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ledger.app import Ledger
from tests.cli.command import Command
from tests.faults import clusters
from tests.faults.clusters import Cluster
from tests.faults.wires import SOCKET
from tests.invented import note, source

USAGE = 2
NOTE = ("add", "note", "source/invented-gazette", "An invented note.")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A server with a ledger in the database `ledger`, and one that asks walter for a password."""
    with clusters.started() as made:
        made.tell("CREATE DATABASE ledger")
        made.tell("CREATE DATABASE empty")
        made.tell("CREATE ROLE walter LOGIN PASSWORD 'invented'")
        made.tell("CREATE ROLE nologin NOLOGIN")
        rules = made.data / "pg_hba.conf"
        asked = "local all walter scram-sha-256\n"
        rules.write_text(asked + rules.read_text(encoding="utf-8"), encoding="utf-8")
        made.tell("SELECT pg_reload_conf()")
        ledger = Ledger(made.at("ledger"), "Test Steward")
        ledger.create(roles=True)
        ledger.append([source()])
        yield made


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """The command line."""
    return Command(capsys, tmp_path)


def refused(ask: Command, where: str, *command: str) -> str:
    """The one line that says why a command was refused."""
    done = ask("--db", where, *command)
    assert (done.code, done.out) == (USAGE, ""), done
    (line,) = done.err.splitlines()
    assert "Traceback" not in line
    assert "unexpected error" not in line
    return line


@pytest.mark.parametrize("command", [("export",), ("verify",), NOTE, ("init",)])
def test_nobody_listens(ask: Command, tmp_path: Path, command: tuple[str, ...]) -> None:
    for where in (
        f"postgresql:///ledger?host={tmp_path}",
        "postgresql://walter:secret@localhost:1",
    ):
        line = refused(ask, where, *command)
        assert "cannot be reached: connection to server" in line
        assert line.endswith(
            "check the address, the user and the password, and that the server runs"
        )
        assert "secret" not in line


@pytest.mark.parametrize(
    ("database", "user", "why"),
    [
        ("none", "postgres", 'database "none" does not exist'),
        ("ledger", "nobody", 'role "nobody" does not exist'),
        ("ledger", "nologin", 'role "nologin" is not permitted to log in'),
        ("ledger", "walter:wrong", 'password authentication failed for user "walter"'),
        ("ledger", "walter", "no password supplied"),
    ],
)
def test_who_is_not_let_in(
    ask: Command, cluster: Cluster, database: str, user: str, why: str
) -> None:
    for command in (("export",), NOTE):
        line = refused(ask, cluster.at(database, user=user), *command)
        assert why in line
        assert "wrong" not in line


def test_no_ledger_in_the_database(ask: Command, cluster: Cluster) -> None:
    for command in (("export",), NOTE, ("verify",)):
        line = refused(ask, cluster.at("empty"), *command)
        assert line.startswith(f"ledger: no ledger at {cluster.at('empty')}: create it with")


def test_permission_denied(ask: Command, cluster: Cluster) -> None:
    for command in (("export",), NOTE, ("verify",)):
        line = refused(ask, cluster.at("ledger", user="walter:invented"), *command)
        assert "permission denied for table" in line
        assert line.endswith("nothing was done; ask the owner for the role that may")


def test_no_more_connections(ask: Command, cluster: Cluster) -> None:
    cluster.tell("ALTER ROLE walter CONNECTION LIMIT 0")
    line = refused(ask, cluster.at("ledger", user="walter:invented"), "export")
    cluster.tell("ALTER ROLE walter CONNECTION LIMIT -1")
    assert 'too many connections for role "walter"' in line


def test_a_server_that_is_starting_up(ask: Command, tmp_path: Path) -> None:
    with answering(tmp_path, b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"):
        line = refused(ask, f"postgresql:///ledger?host={tmp_path}", *NOTE)
    assert "the database system is starting up" in line


@contextmanager
def answering(folder: Path, error: bytes) -> Iterator[None]:
    """Something that listens like a server, and gives every client the same error."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / SOCKET))
        listening.listen()

        def answer() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listening.accept()
                    with client:
                        client.recv(1 << 16)
                        client.sendall(b"E" + (len(error) + 4).to_bytes(4, "big") + error)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_server_restarted_between_two_commands(ask: Command, cluster: Cluster) -> None:
    where = cluster.at("ledger")
    notebook = Ledger(where)
    before = ask("--db", where, "export").out
    assert list(notebook.export()) == before.splitlines()
    cluster.stop()
    cluster.start()
    assert ask("--db", where, "export").out == before
    assert list(notebook.export()) == before.splitlines()
    notebook.append([note("source/invented-gazette")])


def test_addresses_that_are_none(ask: Command) -> None:
    assert 'invalid URI query parameter: "foo"' in refused(ask, "postgresql:///x?foo=1", "export")
    hosts = "postgresql://walter:secret@localhost:1,localhost:2/x"
    assert "walter:***@localhost:1,localhost:2/x" in refused(ask, hosts, "export")
    asked = "postgresql://localhost:1/x?user=walter&password=secret"
    assert "password=***" in refused(ask, asked, "export")
