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
    epilog=examples("ledger verify-report totals.csv", "ledger verify-report running.svg"),
)
@click.argument("file", type=click.Path(path_type=Path))
@pass_session
def command(session: Session, file: Path) -> int:
    """Make a published file again, from the ledger as it was then, and compare every byte.

    FILE is what `ledger report -o FILE` (data or a picture), `ledger diff -o FILE` or `ledger
    export -o FILE` wrote; its manifest, FILE-metadata.json, must lie beside it. Says which rows
    differ, whether the file was changed since, and whether it was made of another history; the
    exit code is then 3.
    """
    from ledger import issued
    from ledger.reports import manifest
    from ledger.store.log import bulk_work

    said = manifest.read(file)
    position = said.ledger.state.position
    with session.ledger().asking(str(position)) as present, bulk_work():
        if code := problems(issued.differences(file, said, present)) and DIFFERENT:
            return code
    what = "picture" if said.format == "svg" else f"{said.rows} rows"
    click.echo(f"{file}: the same {what}, of the first {position} events")
    return 0
