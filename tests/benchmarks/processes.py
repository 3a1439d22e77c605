"""Whole processes: the `ledger` command as a shell starts it, and Python with click alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.conftest import ROOT

# What the installed console script does; it need not be installed, nor where scripts are looked up.
_ENTRY = "import sys; from ledger.__main__ import main; sys.exit(main())"
CLICK_ALONE = (sys.executable, "-c", "import click")


def ledger_command(*arguments: str) -> Sequence[str]:
    """The command line of `ledger ARGUMENTS`."""
    return (sys.executable, "-c", _ENTRY, *arguments)


def environment(compiled: Path, **more: str) -> Mapping[str, str]:
    """This process's environment, with a folder for compiled modules.

    An installed program has its modules compiled, whatever this shell says about that.
    """
    kept = {name: value for name, value in os.environ.items() if name not in _OURS}
    return {**kept, "PYTHONPYCACHEPREFIX": str(compiled), **more}


def run(command: Sequence[str], env: Mapping[str, str]) -> str:
    """Run a process to its end; its standard output. It must end well."""
    ended = subprocess.run(
        command, cwd=ROOT, env=env, check=False, capture_output=True, stdin=subprocess.DEVNULL
    )
    assert ended.returncode == 0, ended.stderr.decode()
    return ended.stdout.decode()


_OURS = frozenset({"PYTHONDONTWRITEBYTECODE", "CASUALTY_LEDGER_DB", "CASUALTY_LEDGER_STEWARD"})
