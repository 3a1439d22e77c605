"""`ledger backup`."""

from __future__ import annotations

from pathlib import Path

import click

from .options import examples
from .session import Session, pass_session


@click.command(
    "backup",
    epilog=examples("ledger backup ledger-2020-03-12.db", "ledger --db oir.db backup b.db"),
)
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path))
@pass_session
def command(session: Session, target: Path) -> None:
    """A consistent copy of the database file, also while others write to it."""
    session.ledger().backup(target)
    click.echo(f"wrote {target}")
