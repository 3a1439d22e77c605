"""`ledger upgrade`."""

from __future__ import annotations

import click

from .options import examples
from .session import Session, pass_session


@click.command("upgrade", epilog=examples("ledger upgrade", "ledger --db oir.db upgrade"))
@pass_session
def command(session: Session) -> None:
    """Bring the database to this program's schema; no event is touched. Make a backup first."""
    session.ledger().upgrade()
    click.echo(f"{session.db} has the newest schema")
