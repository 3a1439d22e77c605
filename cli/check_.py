"""`ledger check`."""

from __future__ import annotations

import click

from .options import examples
from .output import problems
from .session import Session, pass_session


@click.command(
    "check", epilog=examples("ledger check", "ledger check --all", "ledger check --flags")
)
@click.option(
    "--all", "every", is_flag=True, help="Every total that differs, also by the same as before."
)
@click.option("--flags", is_flag=True, help="Also data that is kept as reported, and is odd.")
@click.option(
    "--at", default="", metavar="N|TIME", help="The first N events, or those up to a time."
)
@pass_session
def command(session: Session, every: bool, flags: bool, at: str) -> int:
    """What a steward should look at; silent, and exit code 0, when all is well.

    Published totals that differ from the computed ones, on each date on which the difference
    changes, with the last on which both agreed; opening totals that are less than what is
    inside them, merged lines that are not counted, imports that were not completed.
    """
    with session.ledger().asking(at) as present:
        return problems(present.check(flags=flags, every=every))
