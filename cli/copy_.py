"""`ledger copy`."""

from __future__ import annotations

from typing import Any

import click

from .options import examples, trust, trusting


@click.command(
    "copy",
    epilog=examples(
        "ledger copy events.jsonl copy.db",
        "ledger copy public mirror.db --vkey ledger.vkey",
    ),
)
@click.argument("source", metavar="SRC")
@click.argument("target", metavar="DST")
@trusting
def command(source: str, target: str, **values: Any) -> None:
    """A new ledger DST of the events in SRC, byte for byte, verified on the way.

    SRC is a database, a JSONL export, or a published log (a folder or URL). Its checkpoints are
    kept in the copy.
    """
    from ledger.app import Ledger

    head = Ledger(target).copy_from(source, trust(values))
    click.echo(f"{head.size} events, root {head.root}")
