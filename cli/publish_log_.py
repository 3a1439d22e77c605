"""`ledger publish-log`."""

from __future__ import annotations

from pathlib import Path

import click

from .options import examples
from .session import Session, pass_session


@click.command(
    "publish-log",
    epilog=examples("ledger publish-log public", "ledger --db oir.db publish-log /srv/www/ledger"),
)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@pass_session
def command(session: Session, folder: Path) -> None:
    """Write the log for mirrors, as files that any web server can serve (C2SP tlog-tiles).

    All events up to the newest checkpoint: sign one first. Written again it adds what is new.
    Others check it with `ledger verify URL` and take it with `ledger copy URL mirror.db`.
    """
    said = session.ledger().auditor.publish(folder).checkpoint
    click.echo(f"{said.size} events of {said.origin}, in {folder}")
