"""What the README tells a team to do, done as it is written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from ledger.app import Ledger
from ledger.store.log import AnyEvent
from tests import postgres
from tests.cli.command import CLEAN
from tests.conftest import ROOT

SESSION = re.compile(r"^## With a team\n.*?```console\n(.*?)```", re.DOTALL | re.MULTILINE)


@pytest.fixture
def team(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment with a server, its programs, and `ledger`; the database goes in the end."""
    at = make_url(postgres.base())
    command = tmp_path / "ledger"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m ledger "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    path = f"{tmp_path}:{postgres.programs()}:{os.environ['PATH']}"
    yield {
        **CLEAN,
        "PATH": path,
        "PGHOST": str(at.query.get("host") or at.host),
        "PGUSER": str(at.username),
    }
    with postgres.administered() as connection:
        connection.execute("DROP DATABASE IF EXISTS oir WITH (FORCE)")
        for role in ("amina", "bela", "oir_names", "oir_steward", "oir_auditor", "oir_owner"):
            connection.execute(f"DROP ROLE IF EXISTS {role}".encode())


def test_a_team_starts_as_the_readme_says(team: dict[str, str]) -> None:
    """`@localhost` is left out: the server of the tests listens on a socket of its own."""
    found = SESSION.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert found is not None
    commands = [line[2:] for line in found[1].splitlines() if line.startswith("$ ")]
    told = [line for line in found[1].splitlines() if not line.startswith("$ ")]
    done = subprocess.run(
        ["/bin/bash", "-euo", "pipefail"],
        input="\n".join(commands).replace("@localhost", "@"),
        cwd=ROOT,
        env=team,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [line for line in told if line not in done.stdout] == []
    by = {event.recorded_by for event in events()}
    assert by == {"amina"}


def events() -> Iterator[AnyEvent]:
    ledger = Ledger(postgres.psycopg_url(postgres.base(), database="oir"))
    with ledger.asking() as present:
        yield from present.log.read()
