"""`ledger log`."""

from __future__ import annotations

from typing import Any

import click

from .options import AT, examples, output
from .output import report_to
from .session import Session, pass_session


@click.command("log", epilog=examples("ledger log", "ledger log incident/taji-2020-03-11 -f jsonl"))
@click.argument("stream", default="")
@click.option("--from", "start", type=click.IntRange(min=0), default=0, metavar="POSITION")
@AT
@output
@pass_session
def command(session: Session, stream: str, start: int, at: str, **values: Any) -> None:
    """The history: every event, or those of one STREAM (incident/KEY, source/KEY, tally/KEY)."""
    with session.ledger().asking(at) as present:
        answer = present.history(stream, start)
        report_to(answer, values)
