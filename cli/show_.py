"""`ledger show`."""

from __future__ import annotations

from typing import Any

import click

from .options import ask, clocks, examples
from .output import tree
from .session import Session, pass_session


@click.command("show", epilog=examples("ledger show taji-2020-03-11", "ledger show 42"))
@click.argument("name", metavar="INCIDENT|POSITION")
@clocks
@pass_session
def command(session: Session, name: str, at: str, **values: Any) -> None:
    """One incident with its claims, sources and changes; or one event.

    Every claim is shown with what became of it: chosen, superseded, corroborating another,
    standing beside the chosen one, set aside, withdrawn.
    """
    with session.ledger().asking(at) as present:
        tree(present.show(name, ask(values)))
