"""`ledger check`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import AT, examples, given
from .output import problems
from .session import Session, pass_session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.problems import Problem

FINDINGS = 1


@click.command(
    "check",
    epilog=examples(
        "ledger check",
        "ledger check --all",
        "ledger check --flags -f json",
        "ledger check --tally oir-us-combat-deaths",
        "ledger check list.csv --mapping mine.toml",
    ),
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option(
    "--mapping",
    metavar="NAME|FILE",
    help="How the rows of FILE become published totals: see `ledger mapping list`.",
)
@click.option(
    "--all", "every", is_flag=True, help="Every total that differs, also by the same as before."
)
@click.option("--flags", is_flag=True, help="Also data that is kept as reported, and is odd.")
@click.option(
    "--tally", default="", metavar="KEY", help="What concerns the totals of one tally alone."
)
@AT
@click.option(
    "-f",
    "--format",
    "kind",
    type=click.Choice(["text", "github", "json"]),
    default="text",
    help="Lines to read, annotations for GitHub, or JSON.",
)
@pass_session
def command(
    session: Session, files: tuple[Path, ...], mapping: str | None, kind: str, **values: Any
) -> int:
    """What a steward should look at; silent, and exit code 0, when all is well.

    Published totals that differ from the computed ones, on each date on which the difference
    changes, with the last on which both agreed; opening totals that are less than what is
    inside them, merged lines that are not counted, imports that were not completed.

    FILE is an outside table of published totals: it is compared with what the ledger computes,
    by a mapping, and nothing is recorded.
    """
    if bool(files) != bool(mapping):
        raise click.UsageError("an outside table needs both: FILE and --mapping")
    if values["tally"] and values["flags"]:
        raise click.UsageError("--flags looks at all data: leave --tally out")
    if files:
        every, tally = values["every"], values["tally"]
        found = _outside(session, files, str(mapping), every=every, tally=tally)
    else:
        with session.ledger().asking(values.pop("at")) as present:
            found = present.check(**given(values))
    from ledger.reports.safe import for_json

    match kind:
        case "json":
            rows = [
                {"where": one.where, "code": one.code, "message": one.message, "hint": one.hint}
                for one in found
            ]
            click.echo(for_json(json.dumps(rows, ensure_ascii=False, indent=1)))
        case "github":
            for one in found:
                click.echo(_annotation(one))
        case _:
            return problems(found)
    return FINDINGS if found else 0


def _outside(
    session: Session, files: Sequence[Path], mapping: str, *, every: bool, tally: str
) -> list[Problem]:
    """What an outside table says that the ledger does not: tried on a copy of it."""
    from ledger import outside

    return outside.check(session.ledger(), files, mapping, every=every, tally=tally)


def _annotation(problem: Problem) -> str:
    """A workflow command of GitHub Actions: its message is one line, escaped as it asks."""
    from ledger.reports.safe import for_terminal

    text = f"{problem.where}: {problem.message}"
    text += f": {problem.hint}" if problem.hint else ""
    safe = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::warning title={problem.code}::{for_terminal(safe)}"
