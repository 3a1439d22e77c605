"""Every bad input of the gallery gets its message, and every code is in the gallery."""

from __future__ import annotations

import pytest
from _pytest.mark import ParameterSet

from ledger.app import Ledger
from tests.conftest import ROOT, file_of
from tests.problems import collected, gallery

CASES = gallery.cases()


def _marked(case: gallery.Case) -> ParameterSet:
    not_yet = [pytest.mark.xfail(reason=case.not_yet)] if case.not_yet else []
    return pytest.param(case, id=case.path.stem, marks=not_yet)


@pytest.mark.parametrize("case", [_marked(case) for case in CASES])
def test_a_bad_input_gets_its_message(case: gallery.Case, seeds: Ledger) -> None:
    made = gallery.played(case, file_of(seeds))
    assert "".join(step.shown for step in made) == "".join(step.shown for step in case.steps)
    assert made == case.steps


def test_a_case_is_written_as_it_is_read() -> None:
    for case in CASES:
        assert gallery.write(case) == case.path.read_text(encoding="utf-8")


def test_every_code_has_its_words() -> None:
    assert sorted(gallery.meanings()) == sorted(collected.codes())


def test_every_code_has_a_reproducer() -> None:
    shown = {code for case in CASES if not case.not_yet for code in case.codes}
    missing = {code: places for code, places in collected.codes().items() if code not in shown}
    assert sorted(missing) == sorted(gallery.ELSEWHERE), missing


def test_what_the_gallery_shows_is_a_code_of_the_source() -> None:
    known = collected.codes()
    assert [(case.path.stem, code) for case in CASES for code in case.codes - known.keys()] == []


@pytest.mark.parametrize(("code", "where"), gallery.ELSEWHERE.items())
def test_a_code_that_no_command_provokes_has_a_test(code: str, where: gallery.Elsewhere) -> None:
    file, _, name = where.test.partition("::")
    text = (ROOT / file).read_text(encoding="utf-8")
    assert f"def {name}(" in text
    assert f'"{code}"' in text
