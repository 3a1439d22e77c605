"""`ledger copy`."""

from __future__ import annotations

from pathlib import Path

import click

from .options import examples


@click.command(
    "copy", epilog=examples("ledger copy ledger.db copy.db", "ledger copy events.jsonl copy.db")
)
@click.argument("source", metavar="SRC", type=click.Path(path_type=Path))
@click.argument("target", metavar="DST")
def command(source: Path, target: str) -> None:
    """A new ledger DST of the events in SRC, a database or a JSONL export, byte for byte."""
    from ledger.app import Ledger

    head = Ledger(target).copy_from(source)
    click.echo(f"{head.size} events, root {head.root}")
