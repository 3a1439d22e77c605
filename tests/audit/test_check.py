from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ledger.app import Ledger
from tests.invented import batched, incident, source, tally, total


def checked(ledger: Ledger, at: str = "") -> list[tuple[str, str]]:
    with ledger.asking(at) as present:
        return [(one.where, one.code) for one in present.check()]


def test_the_seeds_are_fine(seeds: Ledger, report_only: Ledger) -> None:
    assert checked(seeds) == []
    assert checked(report_only) == []


def test_a_total_that_differs(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2"), tally()])
    ledger.append([total("10", "2023-12-01", opening=True), total("15", "2024-01-02")])
    assert checked(ledger) == [("tally invented-tally", "total-differs")]
    with ledger.asking() as present:
        (problem,) = present.check()
    assert "published 15 as of 2024-01-02" in problem.message
    assert "computes 12, difference -3" in problem.message
    assert problem.hint == "see `ledger explain invented-tally --as-of 2024-01-02`"
    ledger.append([total("12", "2024-01-02")])
    assert len(checked(ledger)) == 1


@pytest.mark.parametrize("count", ["12", "11-13", "12+", "~12", "10/12/99", "?"])
def test_a_total_that_agrees(ledger: Ledger, count: str) -> None:
    ledger.append([source(), incident("ambush", "killed 2"), tally()])
    ledger.append([total("10", "2023-12-01", opening=True), total(count, "2024-01-02")])
    assert checked(ledger) == []


@pytest.mark.parametrize("count", ["13", "13+", "13-20", "<=11", "~11"])
def test_a_total_that_does_not(ledger: Ledger, count: str) -> None:
    ledger.append([source(), incident("ambush", "killed 2"), tally()])
    ledger.append([total("10", "2023-12-01", opening=True), total(count, "2024-01-02")])
    assert [code for _, code in checked(ledger)] == ["total-differs"]


def test_totals_before_the_opening_or_of_unclear_unit_are_no_finding(ledger: Ledger) -> None:
    ledger.append([source(), tally(), total("10", "2023-12-01", opening=True)])
    ledger.append([total("99", "2020-01-01"), total("99", "2024-01-02", unit_unclear=True)])
    assert checked(ledger) == []


def test_an_opening_that_its_incidents_exceed(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 12"), tally()])
    ledger.append([total("10", "2024-01-01", opening=True)])
    assert checked(ledger) == [("tally invented-tally", "opening-exceeded")]


def test_an_import_that_was_not_completed(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append([source()])
    batched(ledger, tmp_path, '[[source]]\nkey = "wire"\ntitle = "Invented"\n')
    assert checked(ledger) == []
    ledger.append([msgspec.structs.replace(incident("ambush"), batch="drafts-lost")])
    assert checked(ledger) == [("batch drafts-lost", "unfinished")]


def test_a_check_of_an_earlier_state(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2")])
    assert checked(ledger, at="1") == []
