"""`ledger rebuild`."""

from __future__ import annotations

import click

from .options import examples
from .session import Session, pass_session


@click.command("rebuild", epilog=examples("ledger rebuild", "ledger --db oir.db rebuild"))
@pass_session
def command(session: Session) -> None:
    """Empty the tables of what is now true, and fold the whole log into them anew."""
    click.echo(f"folded {session.ledger().rebuild()} events")
