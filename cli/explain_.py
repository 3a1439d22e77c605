"""`ledger explain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import clocks, examples, question, request_of
from .output import tree
from .session import Session, pass_session

if TYPE_CHECKING:
    from ledger.reports.request import Request


@click.command(
    "explain",
    epilog=examples(
        "ledger explain oir-us-combat-deaths",
        "ledger explain --measure injured --where incident=al-asad-2020-01-08",
        "ledger explain --measure killed --by nationality --row 2",
        "ledger explain totals.csv --row 1 -f json",
    ),
)
@click.argument("what", default="", metavar="[TALLY|FILE]")
@question
@clocks
@click.option(
    "--row",
    type=click.IntRange(min=1),
    metavar="N",
    help="Of the report of totals, or of FILE: its row N below the header.",
)
@click.option(
    "-f",
    "--format",
    "kind",
    type=click.Choice(["tree", "json"]),
    default="tree",
    help="A tree to read, or JSON for programs.",
)
@pass_session
def command(session: Session, what: str, row: int | None, kind: str, **values: Any) -> None:
    """One figure down to its events: of a TALLY, or of the question that the options put.

    With --row, one row of `ledger report totals` as the options ask it. FILE is a report that
    `ledger report -o FILE` wrote, with its manifest beside it: its row is looked up in the
    ledger as it was then.
    """
    from ledger.store.log import bulk_work

    asked = _of_file(what) if _is_report(what) else request_of("totals", values | _REST)
    if _is_report(what) and row is None:
        raise click.UsageError(f"which row of {what}? give --row N")
    with session.ledger().asking(asked.at) as present, bulk_work():
        if row is not None and (not what or _is_report(what)):
            found = present.explain_row(asked, row)
        elif row is not None:
            found = present.explain_row(_running(what, asked), row)
        else:
            found = present.explain(what, asked.question())
        tree(found, as_json=kind == "json")


_REST = {"tally": "", "limit": None}


def _is_report(what: str) -> bool:
    """Whether a word names a file rather than a tally: keys of tallies have no dots."""
    return "." in what or Path(what).is_file()


def _of_file(what: str) -> Request:
    """The request of a published report, at the position of which it was made."""
    import msgspec

    from ledger.reports import manifest

    said = manifest.read(Path(what)).ledger
    return msgspec.structs.replace(said.question, at=str(said.state.position))


def _running(tally: str, asked: Request) -> Request:
    import msgspec

    return msgspec.structs.replace(asked, report="running", tally=tally)
