"""The transactions of an import: long while it is alone, short from when on others append."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.intake import imports
from ledger.intake.rowfiles import Asked
from tests.intake.mutations import read, written
from tests.invented import findings, source


@pytest.mark.parametrize(
    ("at", "steps"), [(0, [2, 4, 8, 16, 24, 32, 40]), (16, [2, 4, 8, 16, 24, 26, 28, 30, 32])]
)
def test_steps(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, steps: list[int]
) -> None:
    monkeypatch.setattr(imports, "FEWEST", 2)
    monkeypatch.setattr(imports, "MOST", 8)
    file = tmp_path / "ged241.csv"
    file.write_bytes(written("csv", read(40)))
    taken = []

    def progress(rows: int, _all: int) -> None:
        taken.append(rows)
        if rows == at:
            ledger.append([source()])

    ledger.import_rows([file], Asked("ucdp-ged"), progress)
    assert taken[: len(steps)] == steps
    assert max(b - a for a, b in pairwise(taken)) == 8
    assert findings(ledger) == []
