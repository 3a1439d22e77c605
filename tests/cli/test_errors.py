"""Every bad input of the gallery gets its message, and nothing is appended."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from _pytest.mark import ParameterSet

from ledger.app import Ledger
from tests.cli import gallery
from tests.cli.command import Command, Done

CASES = gallery.cases()


def _marked(case: gallery.Case) -> ParameterSet:
    not_yet = [pytest.mark.xfail(reason=case.not_yet)] if case.not_yet else []
    return pytest.param(case, id=case.path.stem, marks=not_yet)


@pytest.mark.parametrize("case", [_marked(case) for case in CASES])
def test_a_bad_input_gets_its_message(case: gallery.Case, seeded: Command, seeds: Ledger) -> None:
    gallery.prepare(case, seeded.folder)
    for step in case.steps:
        assert seeded(*step.arguments) == Done(step.code, "", step.stderr), step.command
    assert list(_events(seeded)) == list(seeds.export())


def test_a_case_is_written_as_it_is_read() -> None:
    for case in CASES:
        assert gallery.write(case) == case.path.read_text(encoding="utf-8")


def _events(command: Command) -> list[str]:
    """The stored events, past any schema: a case may have changed it."""
    with closing(sqlite3.connect(command.folder / "ledger.db")) as database:
        rows = database.execute("SELECT body FROM events ORDER BY position")
        return [body for (body,) in rows]
