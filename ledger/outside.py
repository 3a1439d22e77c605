"""An outside table held against a ledger: tried on a copy, so that nothing is recorded."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import text

from ledger.app import Ledger
from ledger.errors import RefusedError
from ledger.intake import mappings
from ledger.intake.recorded import mapping_of
from ledger.intake.rowfiles import Asked
from ledger.problems import Problem
from ledger.store.log import Log

_NOBODY = "nobody: an outside table is compared, not recorded"


def check(
    ledger: Ledger, files: Sequence[Path], mapping: str, *, every: bool = False, tally: str = ""
) -> list[Problem]:
    """What the published totals in some files say that the ledger does not compute.

    With `tally`, of that tally alone. A total that an import by the same mapping recorded before
    is compared as well: of a file that was imported every row may stand already. The rows that
    cannot be read are problems too. Raises RefusedError with all problems of the files themselves.
    """
    with tempfile.TemporaryDirectory(prefix="ledger-check-") as folder:
        copy = Path(folder) / "copy.db"
        ledger.backup(copy)
        tried = Ledger(copy, _NOBODY)
        rejects = Path(folder) / "rejects.csv"
        done = tried.import_rows(files, Asked(mapping, rejects=rejects))
        with tried.asking() as present:
            among = _totals_of(present.log, mappings.load(mapping).id)
            found = present.check_totals(among, every=every, tally=tally)
    if not done.counted.read:
        problem = Problem(str(files[0]), "no-rows", "it holds no rows")
        raise RefusedError([problem], exit_code=1)
    return [*done.problems, *found]


def _totals_of(log: Log, mapping: str) -> frozenset[int]:
    """The positions of the totals that imports by a mapping brought."""
    rows = log.connection.execute(
        text("SELECT position, batch FROM events WHERE type = :type AND batch <> ''"),
        {"type": "total.published"},
    )
    return frozenset(row.position for row in rows if mapping_of(row.batch) == mapping)
