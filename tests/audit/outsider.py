"""An outsider, who has a bundle, the log's key and checkpoints, and no more than Python."""

from __future__ import annotations

import io
import runpy
import warnings
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import NamedTuple, cast

from ledger.app import Ledger
from ledger.audit.bundling import Asked
from ledger.audit.checkpoints import Signed
from ledger.reports.question import Question
from tests.audit.signing import LOG_KEY
from tests.conftest import ROOT

SCRIPT = ROOT / "ledger" / "audit" / "standalone" / "verify_ledger.py"
FINE, FINDINGS, USAGE = 0, 3, 2


class Said(NamedTuple):
    """What the script gave back, and what it printed."""

    code: int
    told: str


def bundled(ledger: Ledger, path: Path, reports: Sequence[str] = ("totals",)) -> Path:
    """The bundle of a ledger, with some reports; raises as `bundling.write` does."""
    with ledger.asking() as present:
        asked = [Asked(name, name, present.report(name, Question())) for name in reports]
        present.bundle(path, asked, [])
    return path


def checked(bundle: Path, given: Sequence[Signed] = ()) -> Said:
    """What the script says of a bundle, a ZIP file or a folder, with checkpoints from outside."""
    arguments = [str(bundle), "--vkey", str(LOG_KEY.verifier)]
    for number, one in enumerate(given):
        path = bundle.with_name(f"outside-{number}.checkpoint")
        path.write_text(str(one), encoding="utf-8")
        arguments += ["--checkpoint", str(path)]
    told = io.StringIO()
    with redirect_stdout(told), redirect_stderr(told), warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # as for any script
        try:
            code = _main()(arguments)
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else USAGE
    return Said(code, told.getvalue())


@cache
def _main() -> Callable[[list[str]], int]:
    """The script's own beginning; it is no module of the package, and is loaded by its path."""
    return cast("Callable[[list[str]], int]", runpy.run_path(str(SCRIPT))["main"])
