"""`ledger bundle`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import report_
from .options import examples
from .output import say
from .session import Session, pass_session

if TYPE_CHECKING:
    from ledger.audit.bundling import Asked
    from ledger.present import Present

_DEFAULT = "totals"


@click.command(
    "bundle",
    epilog=examples(
        "ledger bundle -o ledger.zip",
        'ledger bundle -o ledger.zip --report "totals --measure killed --by country" --prove 12',
    ),
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.zip",
    help="Where it goes.",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="'NAME OPTION…'",
    help="Also this report, asked as `ledger report` asks; `totals` is always there.",
)
@click.option(
    "--prove",
    "positions",
    type=click.IntRange(min=0),
    multiple=True,
    metavar="POSITION",
    help="Also a proof of this event.",
)
@pass_session
def command(
    session: Session, output: Path, reports: tuple[str, ...], positions: tuple[int, ...]
) -> None:
    """The whole ledger in one ZIP file that is checked with Python alone, without this program.

    It holds the events, the checkpoints, proofs, reports and `verify_ledger.py`: a short script
    that shares no code with this program. Unpack it, read the script, run it.
    """
    with session.ledger().asking() as present:
        present.bundle(output, list(_answers(present, (_DEFAULT, *reports))), positions)
        say(f"{present.log.stop} events, in {output}: unpack it and run verify_ledger.py")


def _answers(present: Present, wanted: tuple[str, ...]) -> list[Asked]:
    """Each report that is wanted; two of one name are numbered."""
    from ledger.audit.bundling import Asked

    found: list[Asked] = []
    for text in dict.fromkeys(wanted):
        name, *arguments = _words(text)
        number = len([one for one in found if one.asked.split()[0] == name])
        asked = report_.parsed(name, arguments)
        if asked.at:
            raise click.UsageError(f"--report {text!r}: a bundle is of now, without --at")
        numbered = f"{name}-{number + 1}" if number else name
        found.append(Asked(numbered, text, present.answer(asked)))
    return found


def _words(text: str) -> list[str]:
    """The words of what is asked, as a shell splits them; one at least."""
    try:
        return shlex.split(text) or [""]
    except ValueError as error:
        raise click.UsageError(f"--report {text!r}: {str(error).lower()}") from error
