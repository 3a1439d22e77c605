"""`ledger export`."""

from __future__ import annotations

import click

from .options import examples
from .output import written
from .session import Session, pass_session


@click.command(
    "export", epilog=examples("ledger export -o events.jsonl", "ledger export -f jsonl | wc -l")
)
@click.option(
    "-f",
    "--format",
    "kind",
    type=click.Choice(["jsonl"]),
    default="jsonl",
    help="JSONL is the only one so far.",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write to a file."
)
@pass_session
def command(session: Session, kind: str, output: str | None) -> None:
    """The events as JSONL: each line the canonical bytes of one event, raw and unchanged.

    The RFC 6962 root of the lines is the ledger's root; `ledger copy` makes a ledger of them.
    """
    del kind  # one format so far; the option is here so that scripts may name it
    events = session.ledger().export()
    with written(output) as out:
        out.writelines(f"{event}\n" for event in events)
