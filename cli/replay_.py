"""`ledger replay`."""

from __future__ import annotations

from typing import Any

import click

from .options import examples, output
from .output import report_to, say
from .session import Session, pass_session


@click.command(
    "replay",
    epilog=examples(
        "ledger replay",
        "ledger replay --from 100 --to 150",
        "ledger replay --tally oir-us-combat-deaths --from 100",
        "ledger replay --tally oir-us-combat-deaths --stream taji-2020-03-11 -f jsonl",
    ),
)
@click.option(
    "--tally",
    default="",
    metavar="TALLY",
    help="Instead, print each event that moved a tally: position, before, after, why, source.",
)
@click.option(
    "--from",
    "start",
    default="",
    metavar="N",
    help="Also the totals of the first N events; with --tally, print what came after those.",
)
@click.option("--to", "stop", default="", metavar="N", help="Fold the first N events only.")
@click.option(
    "--stream",
    default="",
    metavar="STREAM",
    help="With --tally: print only events of a stream, such as incident/KEY or KEY.",
)
@output
@pass_session
def command(
    session: Session, tally: str, start: str, stop: str, stream: str, **values: Any
) -> None:
    """Fold the log in memory, without the tables, and print what it comes to.

    Totals by measure, as `report totals` gives them from the tables; with --from those of an
    earlier state stand above them. With --tally the events that moved it, one a line; they are
    folded from the first, whatever is printed.
    """
    from ledger.audit.replay import table as replayed

    ledger = session.ledger()
    if tally:
        with ledger.movements(tally, start, stop, stream) as moved:
            report_to(moved, values)
        return
    if stream:
        raise click.UsageError("--stream goes with --tally: a total is not of one stream")
    states = ledger.replay([*([start] if start else []), stop])
    report_to(replayed(states), values)
    say(f"folded {states[-1].events} events")
