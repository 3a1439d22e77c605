"""`ledger explain`."""

from __future__ import annotations

from typing import Any

import click

from .options import ask, clocks, examples, question
from .output import tree
from .session import Session, pass_session


@click.command(
    "explain",
    epilog=examples(
        "ledger explain oir-us-combat-deaths",
        "ledger explain --measure injured --where incident=al-asad-2020-01-08",
    ),
)
@click.argument("tally", default="")
@question
@clocks
@pass_session
def command(session: Session, tally: str, at: str, **values: Any) -> None:
    """One figure down to its events: of a TALLY, or of the question that the options put."""
    asked = ask(values)
    with session.ledger().asking(at) as present:
        tree(present.explain(tally, asked))
