"""`ledger init`."""

from __future__ import annotations

import click

from .options import examples
from .session import Session, pass_session


@click.command(
    "init",
    epilog=examples(
        "ledger init", "ledger --db oir.db init", "ledger --db postgresql:///oir init --roles"
    ),
)
@click.option("--roles", is_flag=True, help="PostgreSQL: with roles for stewards and auditors.")
@pass_session
def command(session: Session, roles: bool) -> None:
    """Create a new, empty ledger."""
    ledger = session.ledger()
    ledger.create(roles=roles)
    click.echo(f"created {ledger.database}")
    for role in ledger.roles() if roles else ():
        click.echo(f"role {role}")
