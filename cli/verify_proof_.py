"""`ledger verify-proof`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .options import examples, trust, trusting
from .output import problems, say


@click.command(
    "verify-proof",
    epilog=examples(
        "ledger verify-proof 12.tlog-proof --vkey ledger.vkey",
        "ledger verify-proof grown.txt --since march.checkpoint --vkey ledger.vkey",
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--since",
    type=click.Path(path_type=Path),
    metavar="CHECKPOINT",
    help="The older checkpoint, for a proof that a log has only grown.",
)
@trusting
def command(file: Path, since: Path | None, **values: Any) -> int:
    """Check a proof of `ledger prove`, without any ledger: silent about nothing that it found.

    Prints the event that it proves, or how far the log has grown. Exit code 3 if it does not
    hold, or if the checkpoint in it is not signed by --vkey.
    """
    from ledger.audit import checking, checkpoints
    from ledger.reports.safe import for_terminal

    trusted = trust(values)
    if not trusted.logs:
        raise click.UsageError("whose log? give its key with --vkey")
    older = checkpoints.read(since) if since else None
    done = checking.check(file, trusted, older)
    if not done.findings:
        click.echo(for_terminal(done.told))
    say(done.checkpoint)
    return 3 if problems(done.findings) else 0
