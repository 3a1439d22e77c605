"""An outside table held against a ledger: tried on a copy, so that nothing is recorded."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from ledger.app import Ledger
from ledger.errors import RefusedError
from ledger.intake.rowfiles import Asked
from ledger.problems import Problem

_NOBODY = "nobody: an outside table is compared, not recorded"


def check(
    ledger: Ledger, files: Sequence[Path], mapping: str, *, every: bool = False, tally: str = ""
) -> list[Problem]:
    """What the published totals in some files say that the ledger does not compute.

    With `tally`, of that tally alone. The rows that cannot be read are problems too. Raises
    RefusedError with all problems of the files themselves.
    """
    with tempfile.TemporaryDirectory(prefix="ledger-check-") as folder:
        copy = Path(folder) / "copy.db"
        ledger.backup(copy)
        tried = Ledger(copy, _NOBODY)
        with tried.asking() as present:
            before = present.log.stop
        rejects = Path(folder) / "rejects.csv"
        done = tried.import_rows(files, Asked(mapping, rejects=rejects))
        with tried.asking() as present:
            found = present.check_totals(since=before, every=every, tally=tally)
    if not done.counted.read:
        problem = Problem(str(files[0]), "no-rows", "it holds no rows")
        raise RefusedError([problem], exit_code=1)
    return [*done.problems, *found]
