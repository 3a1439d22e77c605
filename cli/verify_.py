"""`ledger verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .options import examples, trust, trusting
from .output import problems, say
from .session import Session, pass_session

INTEGRITY_FAILURE = 3


@click.command(
    "verify",
    epilog=examples(
        "ledger verify --checkpoint march.checkpoint --vkey ledger.vkey",
        "ledger verify public --vkey ledger.vkey",
    ),
)
@click.argument("source", required=False, metavar="[SRC]")
@click.option(
    "--checkpoint",
    "given",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A checkpoint that you got earlier and kept elsewhere.",
)
@trusting
@pass_session
def command(session: Session, source: str | None, given: tuple[Path, ...], **values: Any) -> int:
    """Check a whole history: bytes, order, tree, root, checkpoints, and the tables against it.

    SRC is a database, a JSONL export, or a published log (a folder or URL); without it, the
    ledger of --db. All findings are printed, each with its position; the exit code is then 3.
    What cannot be told without a checkpoint from outside is said on stderr.
    """
    from ledger.app import Ledger
    from ledger.audit import histories
    from ledger.audit.auditor import verify_elsewhere

    noted, trusted = [histories.read_note(path) for path in given], trust(values)
    if source and (histories.is_published(source) or histories.is_export(source)):
        done = verify_elsewhere(source, noted, trusted)
    else:
        ledger = Ledger(source) if source else session.ledger()
        done = ledger.auditor.verify(noted, trusted)
    click.echo(f"{done.size} events, root {done.root}")
    code = INTEGRITY_FAILURE if problems(done.findings) else 0
    for note in done.notes:
        say(note)
    return code
