"""`ledger init`."""

from __future__ import annotations

import click

from .options import examples
from .session import Session, pass_session


@click.command("init", epilog=examples("ledger init", "ledger --db oir.db init"))
@pass_session
def command(session: Session) -> None:
    """Create a new, empty ledger."""
    session.ledger().create()
    click.echo(f"created {session.db}")
