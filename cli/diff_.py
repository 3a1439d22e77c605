"""`ledger diff`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import AS_OF, POLICY, ask, examples, output, question
from .output import report_to
from .session import Session, pass_session

if TYPE_CHECKING:
    from ledger.app import Ledger
    from ledger.audit.sides import Side
    from ledger.reports.question import Question
    from ledger.reports.table import Table

NOW = "now"
_SIDES = 2


@click.command(
    "diff",
    epilog=examples(
        "ledger diff 100 now oir-us-combat-deaths",
        "ledger diff --known-by 2020-03-10 2020-03-12 oir-us-combat-deaths --list",
        "ledger diff 2020-03-12 now --measure killed --by nationality",
        "ledger diff 100 now --changes -o erratum.csv",
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
@click.option(
    "--changes",
    "erratum",
    is_flag=True,
    help="Instead, an erratum: each line whose figure changed: what it was, what it is, and why.",
)
@output
@pass_session
def command(
    session: Session,
    words: tuple[str, ...],
    days: tuple[str, str] | None,
    listed: bool,
    erratum: bool,
    **values: Any,
) -> None:
    """Why a total moved between A and B: of a TALLY, or of the question that the options put.

    A and B are each a number of events, a time, the file of a checkpoint, or `now`. Printed are
    the total at the start, by how much each cause moved it (new incidents, claims up, claims
    down, reclassified, merged, retracted, opening changed, tally redefined, …), and the total at
    the end: the parts always add up. A correction, which takes a claim back and records it again,
    is one change. An unknown count is in no sum; a high that is open on either side is empty.
    """
    if erratum and listed:
        raise click.UsageError("--changes lists every line already: leave --list out")
    first, last, tally = _read(words, known=days is not None)
    ledger, asked = session.ledger(), ask(values)
    known = _days(days)
    with (
        ledger.asking(_state(ledger, first)) as before,
        ledger.asking(_state(ledger, last)) as after,
    ):
        from ledger.audit.sides import Side

        sides = (
            Side(before.connection, before.log, known[0]),
            Side(after.connection, after.log, known[1]),
        )
        made = _changes if erratum else _waterfall
        report_to(made(sides, asked, tally, listed=listed), values)


def _waterfall(sides: tuple[Side, Side], asked: Question, tally: str, *, listed: bool) -> Table:
    from ledger.audit import waterfall

    found = waterfall.waterfall(*sides, asked, tally)
    columns = waterfall.every_column(asked, of_tally=bool(tally), listed=listed)
    before, after = sides
    return waterfall.table(found, columns, (after.log, before.log.stop) if listed else None)


def _changes(sides: tuple[Side, Side], asked: Question, tally: str, *, listed: bool) -> Table:
    from ledger.audit import changes
    from ledger.reports import tallies

    assert not listed
    return changes.changes(*sides, tallies.narrowed(sides[1].connection, tally, asked))


def _read(words: tuple[str, ...], *, known: bool) -> tuple[str, str, str]:
    """The two states and the tally; between two days both states are the present one."""
    if len(words) in (_SIDES, _SIDES + 1):
        return words[0], words[1], "".join(words[2:])
    if known and len(words) < _SIDES:
        return NOW, NOW, "".join(words)
    raise click.UsageError(
        "between which two states? give A and B (each a number of events, a time, a checkpoint's "
        "file or `now`), or --known-by DAY DAY; then a TALLY, or options that put a question"
    )


def _days(days: tuple[str, str] | None) -> tuple[str | None, str | None]:
    from ledger.reports.question import ask as asked

    if days is None:
        return None, None
    return asked(known_by=days[0]).known_by, asked(known_by=days[1]).known_by


def _state(ledger: Ledger, word: str) -> str:
    """What `--at` takes for a state: the number of events that a checkpoint covers."""
    from ledger.audit import sides

    if word == NOW:
        return ""
    if not Path(word).is_file():
        return word
    with ledger.asking() as present:
        return str(sides.covered(Path(word), present.log))
