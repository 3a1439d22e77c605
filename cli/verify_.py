"""`ledger verify`."""

from __future__ import annotations

import click

from .options import examples
from .output import problems
from .session import Session, pass_session

INTEGRITY_FAILURE = 3


@click.command("verify", epilog=examples("ledger verify", "ledger --db copy.db verify"))
@pass_session
def command(session: Session) -> int:
    """Check the whole ledger: bytes, order, tree, root, triggers, and the tables against the log.

    All findings are printed, each with its position; the exit code is then 3. The root names
    the history: keep it elsewhere, and compare.
    """
    done = session.ledger().verify()
    click.echo(f"{done.size} events, root {done.root}")
    return INTEGRITY_FAILURE if problems(done.findings) else 0
