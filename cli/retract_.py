"""`ledger retract`."""

from __future__ import annotations

from typing import Any

import click

from .options import citation, cited, examples, expected, target
from .output import appended
from .session import Session, pass_session


@click.command(
    "retract",
    epilog=examples(
        "ledger retract 42 --reason 'recorded on the wrong incident'",
        "ledger retract '42:injured' --withdrawn --source nyt-2020-03-14",
        "ledger retract --batch drafts-0123456789abcdef",
    ),
)
@click.argument("what", metavar="POSITION[:LINE]", required=False)
@click.option("--batch", metavar="ID", help="Take back a whole import.")
@click.option(
    "--withdrawn",
    is_flag=True,
    help="Its claimant or publisher took it back: it stands for earlier known-by days.",
)
@click.option("--reason", default="", help="Why, for the record.")
@citation
@expected
@pass_session
def command(
    session: Session,
    what: str | None,
    batch: str | None,
    withdrawn: bool,
    reason: str,
    **values: Any,
) -> None:
    """Take back an event, one line's claim of it, or a whole import.

    By default it was our error, as if it had never been recorded. A retraction is an event
    like any other: it can be retracted.
    """
    if (what is None) == (batch is None):
        raise click.UsageError("give either POSITION[:LINE] or --batch ID")
    position, line = target(what) if what is not None else (None, "")
    ledger = session.writing()
    citing = cited(values)
    events = ledger.retract(
        position,
        line,
        batch or "",
        withdrawn=withdrawn,
        reason=reason,
        cited=citing,
        expect=values["expect"],
    )
    appended(events)
