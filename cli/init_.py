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
    if roles:
        from ledger.store.roles import names

        with ledger.database.reading() as connection:
            click.echo("\n".join(f"role {name}" for name in names(connection)))
