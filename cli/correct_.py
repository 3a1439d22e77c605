"""`ledger correct`."""

from __future__ import annotations

import click

from .options import examples, target
from .output import appended
from .session import Session, pass_session


@click.command(
    "correct",
    epilog=examples(
        "ledger correct 42 --count 14",
        "ledger correct '42:killed[nationality=US]' --count 2 --reason 'misread'",
    ),
)
@click.argument("claim", metavar="POSITION[:LINE]")
@click.option("--count", required=True, metavar="COUNT")
@click.option("--reason", default="", help="Why, for the record.")
@pass_session
def command(session: Session, claim: str, count: str, reason: str) -> None:
    """Correct a count that we recorded wrongly.

    Takes the claim back as our error and records it again, in one transaction. Where the
    source itself changed its figure, add the new report with `ledger add counts` instead.
    """
    position, line = target(claim)
    appended(session.writing().correct(position, line, count, reason))
