"""`ledger verify-report`."""

from __future__ import annotations

from pathlib import Path

import click

from .options import examples
from .output import problems
from .session import Session, pass_session

DIFFERENT = 3


@click.command(
    "verify-report",
    epilog=examples("ledger verify-report totals.csv", "ledger --db oir.db verify-report t.csv"),
)
@click.argument("file", type=click.Path(path_type=Path))
@pass_session
def command(session: Session, file: Path) -> int:
    """Make a published report again, from the ledger as it was then, and compare every byte.

    FILE is what `ledger report -o FILE` wrote; its manifest, FILE-metadata.json, must lie beside
    it. Says which rows differ, whether the file was changed since, and whether it was made of
    another history; the exit code is then 3.
    """
    from ledger.reports import manifest, remade

    said = manifest.read(file)
    asked, made_of = said.ledger.question, said.ledger.state
    with session.ledger().asking(str(made_of.position)) as present:
        found = remade.differences(file, said, present.answer(asked), present.made_of(asked))
        if code := problems(found) and DIFFERENT:
            return code
    click.echo(f"{file}: the same {said.rows} rows, of the first {made_of.position} events")
    return 0
