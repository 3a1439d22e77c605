"""`ledger init`."""

from __future__ import annotations

import click

from .main import Session
from .options import examples


@click.command("init", epilog=examples("ledger init", "ledger --db oir.db init"))
@click.pass_obj
def command(session: Session) -> None:
    """Create a new, empty ledger."""
    session.ledger().create()
    click.echo(f"created {session.db}")
