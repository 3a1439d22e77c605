"""`ledger checkpoint`."""

from __future__ import annotations

from pathlib import Path

import click

from .options import examples
from .output import say, written
from .passphrases import signing_key
from .session import Session, pass_session


@click.command(
    "checkpoint",
    epilog=examples(
        "ledger checkpoint --key ledger.key -o april.checkpoint",
        "ledger checkpoint --cosigned answer.checkpoint",
    ),
)
@click.option(
    "--key", type=click.Path(path_type=Path), metavar="FILE", help="Sign what the log is now."
)
@click.option(
    "--cosigned",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Keep a checkpoint that came back from a witness.",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Also there.")
@pass_session
def command(session: Session, key: Path | None, cosigned: Path | None, output: str | None) -> None:
    """Sign how long the log is and what its root is, and keep that: a C2SP checkpoint.

    Give it to others: who holds it finds out if history before it is ever changed. Without
    --key the newest that is kept is printed.
    """
    from ledger.audit.keys import LOG

    auditor = session.ledger().auditor
    if key and cosigned:
        raise click.UsageError("--key signs a new one, --cosigned keeps one: give one of the two")
    if key:
        signed = auditor.checkpoint(signing_key(key, LOG))
    elif cosigned:
        signed = auditor.keep(cosigned)
    elif (newest := auditor.newest()) is not None:
        signed = newest
    else:
        raise click.UsageError("no checkpoint is kept yet: sign one with --key FILE")
    with written(output) as out:
        out.write(str(signed))
    if output:
        say(f"{signed.checkpoint.size} events of {signed.checkpoint.origin}, in {output}")
