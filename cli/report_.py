"""`ledger report …`: what stands, as tables."""

from __future__ import annotations

from typing import Any

import click

from .options import ask, clocks, examples, output, question
from .output import report_to
from .session import Session, pass_session

REPORTS = {
    "totals": "Sums by measure and by what is asked for.",
    "incidents": "The incidents of which something is known.",
    "counts": "The figure of every line.",
    "claims": "Every claim, with what became of it.",
    "people": "The persons identified: one row a statement.",
    "sources": "The sources, with how many claims cite each.",
    "attributions": "Who is said to have done it, and by whom.",
    "published": "Published totals against what the ledger computes.",
}
EXAMPLES = {
    "totals": (
        "ledger report totals --measure killed --by country,year",
        "ledger report totals --measure killed --where incident=taji-2020-03-11 --by nationality",
    ),
    "published": (
        "ledger report published",
        "ledger report published -f csv --known-by 2020-03-12",
    ),
}


@click.group(
    "report",
    epilog=examples(
        "ledger report running oir-us-combat-deaths",
        "ledger report totals --measure killed --by country -o killed.csv",
    ),
)
def command() -> None:
    """What stands, as a table: on screen, or as CSV, TSV, JSON, JSONL."""


def _define(name: str, summary: str) -> None:
    lines = EXAMPLES.get(
        name,
        (
            f"ledger report {name}",
            f"ledger report {name} --where incident=taji-2020-03-11 -f csv",
        ),
    )

    @command.command(name, help=summary, epilog=examples(*lines))
    @question
    @clocks
    @output
    @pass_session
    def report(session: Session, at: str, **values: Any) -> None:
        asked = ask(values)
        with session.ledger().asking(at) as present:
            report_to(present.report(name, asked), values)


for _name, _summary in REPORTS.items():
    _define(_name, _summary)


@command.command(
    epilog=examples(
        "ledger report running oir-us-combat-deaths",
        "ledger report running oir-us-combat-deaths --known-by 2020-03-11 -f csv",
    )
)
@click.argument("tally")
@question
@clocks
@output
@pass_session
def running(session: Session, tally: str, at: str, **values: Any) -> None:
    """A tally, incident by incident, with the sum so far."""
    if values.pop("measures") or values.pop("by"):
        raise click.UsageError("a tally has its own measure and is not grouped")
    asked = ask(values)
    with session.ledger().asking(at) as present:
        report_to(present.running(tally, asked), values)


def parsed(name: str, arguments: list[str]) -> dict[str, Any]:
    """The options that `ledger report NAME …` would be given; raises click.UsageError."""
    found = command.commands.get(name)
    if found is None:
        raise click.UsageError(f"no report {name!r}: there are {', '.join(command.commands)}")
    return dict(found.make_context(f"report {name}", arguments).params)
