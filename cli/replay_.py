"""`ledger replay`."""

from __future__ import annotations

from typing import Any

import click

from .options import examples, output
from .output import report_to, say
from .session import Session, pass_session


@click.command("replay", epilog=examples("ledger replay", "ledger replay --from 100 --to 150"))
@click.option(
    "--from", "start", default="", metavar="N", help="Also the totals of the first N events."
)
@click.option("--to", "stop", default="", metavar="N", help="Fold the first N events only.")
@output
@pass_session
def command(session: Session, start: str, stop: str, **values: Any) -> None:
    """Fold the log in memory, without the tables, and print what it comes to.

    Totals by measure, as `report totals` gives them from the tables; with --from those of an
    earlier state stand above them.
    """
    from ledger.audit.replay import table as replayed

    ledger = session.ledger()
    states = ledger.replay([*([start] if start else []), stop])
    report_to(replayed(states), values)
    say(f"folded {states[-1].events} events")
