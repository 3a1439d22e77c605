"""`ledger duplicates`."""

from __future__ import annotations

from typing import Any

import click

from .options import AT, examples, output
from .output import report_to
from .session import Session, pass_session


@click.command("duplicates", epilog=examples("ledger duplicates", "ledger duplicates -f csv"))
@AT
@output
@pass_session
def command(session: Session, at: str, **values: Any) -> None:
    """Incidents that may be one, two a row, for a steward to merge; the most alike first.

    They were on one day or a day apart, within 25 km (or at places of like names in one
    country), and have like parties or titles. Two incidents of one dataset are never listed:
    it tells them apart; nor are those that are linked already, unless as duplicate-of.
    """
    with session.ledger().asking(at) as present:
        report_to(present.duplicates(), values)
