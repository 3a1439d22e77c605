"""`ledger diff`."""

from __future__ import annotations

from typing import Any

import click

from .options import AS_OF, POLICY, examples, output, question, request_of
from .output import publish
from .session import Session, pass_session

DIFF = "diff"
"""`ledger.catalogue.DIFF`."""
_SIDES = 2


@click.command(
    "diff",
    epilog=examples(
        "ledger diff 100 now oir-us-combat-deaths",
        "ledger diff --known-by 2020-03-10 2020-03-12 oir-us-combat-deaths --list",
        "ledger diff 2020-03-12 now --measure killed --by nationality",
        "ledger diff april.checkpoint now --measure injured -o moved.csv",
    ),
)
@click.argument("words", nargs=-1, metavar="[A B] [TALLY]")
@question
@AS_OF
@click.option(
    "--known-by",
    "days",
    nargs=2,
    metavar="DAY DAY",
    help="What was published by one day, then by another; without A and B, of the log as it is.",
)
@POLICY
@click.option("--list", "listed", is_flag=True, help="Each incident, with what its events say.")
@output
@pass_session
def command(
    session: Session,
    words: tuple[str, ...],
    days: tuple[str, str] | None,
    listed: bool,
    **values: Any,
) -> None:
    """Why a total moved between A and B: of a TALLY, or of the question that the options put.

    A and B are each a number of events, a time, the file of a checkpoint, or `now`. Printed are
    the total at the start, by how much each cause moved it (new incidents, claims up, claims
    down, reclassified, merged, retracted, opening changed, tally redefined, …), and the total at
    the end: the parts always add up. A correction, which takes a claim back and records it again,
    is one change. An unknown count is in no sum; a high that is open on either side is empty.
    """
    first, last, tally = _read(words, known=days is not None)
    known = days or ("", "")
    two = {"start": first, "at": last, "start_known_by": known[0], "known_by": known[1]}
    asked = request_of(DIFF, {**values, **two, "tally": tally, "listed": listed, "limit": None})
    with session.ledger().asking(asked.at) as present:
        publish(present, asked, values)


def _read(words: tuple[str, ...], *, known: bool) -> tuple[str, str, str]:
    """The two states and the tally; between two days both states are the present one, ""."""
    if len(words) in (_SIDES, _SIDES + 1):
        return words[0], words[1], "".join(words[2:])
    if known and len(words) < _SIDES:
        return "", "", "".join(words)
    raise click.UsageError(
        "between which two states? give A and B (each a number of events, a time, a checkpoint's "
        "file or `now`), or --known-by DAY DAY; then a TALLY, or options that put a question"
    )
