"""`ledger upgrade`."""

from __future__ import annotations

import click

from .main import Session
from .options import examples


@click.command("upgrade", epilog=examples("ledger upgrade", "ledger --db oir.db upgrade"))
@click.pass_obj
def command(session: Session) -> None:
    """Bring the database to this program's schema; no event is touched. Make a backup first."""
    session.ledger().upgrade()
    click.echo(f"{session.db} has the newest schema")
