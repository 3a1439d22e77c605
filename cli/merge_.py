"""`ledger merge`."""

from __future__ import annotations

from typing import Any

import click

from .options import citation, cited, examples, expected
from .output import appended
from .session import Session, pass_session


@click.command(
    "merge",
    epilog=examples(
        "ledger merge invented-2 invented-1 --reason 'the same attack'",
        "ledger retract 77   # undoes the merge that stands at position 77",
    ),
)
@click.argument("incident")
@click.argument("into")
@click.option("--reason", required=True, help="Why they are the same, for the record.")
@citation
@expected
@pass_session
def command(session: Session, incident: str, into: str, reason: str, **values: Any) -> None:
    """Say that INCIDENT was the same as INTO: its claims count there from now on."""
    table = {"incident": incident, "into": into, "reason": reason, **cited(values)}
    appended(session.writing().add("merge", table, expect=values["expect"]))
