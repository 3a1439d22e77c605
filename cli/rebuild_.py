"""`ledger rebuild`."""

from __future__ import annotations

import click

from .main import Session
from .options import examples


@click.command("rebuild", epilog=examples("ledger rebuild", "ledger --db oir.db rebuild"))
@click.pass_obj
def command(session: Session) -> None:
    """Empty the tables of what is now true, and fold the whole log into them anew."""
    click.echo(f"folded {session.ledger().rebuild()} events")
