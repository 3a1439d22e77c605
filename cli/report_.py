"""`ledger report …`: what stands, as tables."""

from __future__ import annotations

import textwrap
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import clocks, examples, limited, output, question, request_of
from .output import publish
from .session import Session, pass_session

if TYPE_CHECKING:
    from ledger.reports.request import Request
    from ledger.reports.table import Column

RUNNING = "running"
CHARTED = ("totals", "running", "published")
"""The reports that have a chart: `ledger.reports.chart.CHARTED`."""
_CHART = "Draw it in characters; with -f table, below the table. `-o FILE.svg` is a picture."
CHANGES = "changes"
"""The report of two states, not of one."""
_BETWEEN = (
    click.Option(
        ["--from", "start"],
        default="",
        metavar="STATE",
        help="The earlier state: a number of events, a time, a checkpoint's file. By default what "
        "the last checkpoint before the later one covers; else nothing.",
    ),
    click.Option(
        ["--to", "--at", "at"],
        default="",
        metavar="STATE",
        help="The later state, by default the present one.",
    ),
    click.Option(
        ["--from-known-by", "start_known_by"],
        default="",
        metavar="DAY",
        help="What was published by a day, in the earlier state; by default as --known-by. Without "
        "--from both states are of the same events.",
    ),
)
_WIDTH = 76
"""Of the codebook in the help: it fits a terminal of 80 columns, indented as click does."""
EXAMPLES = {
    "totals": (
        "ledger report totals --measure killed --by country,year",
        "ledger report totals --measure killed --where incident=taji-2020-03-11 --by nationality",
    ),
    "published": (
        "ledger report published",
        "ledger report published -f csv --known-by 2020-03-12",
    ),
    CHANGES: (
        "ledger report changes",
        "ledger report changes --from 100 --measure killed -o erratum.csv",
        "ledger report changes --from-known-by 2020-03-10 --known-by 2020-03-12",
    ),
    RUNNING: (
        "ledger report running oir-us-combat-deaths",
        "ledger report running oir-us-combat-deaths --known-by 2020-03-11 -f csv",
        "ledger report running oir-us-combat-deaths --chart",
        "ledger report running oir-us-combat-deaths -o running.svg",
    ),
}


class Reports(click.Group):
    """Makes a command of each report that is defined, when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names of all reports."""
        from ledger.catalogue import REPORTS

        return [*REPORTS, RUNNING]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of a report, with its columns in its help."""
        from ledger.catalogue import REPORTS
        from ledger.reports import running
        from ledger.reports.question import PLAIN

        if cmd_name == RUNNING:
            summary = "A tally, incident by incident, with the sum so far."
            return _command(RUNNING, summary, running.COLUMNS)
        if (found := REPORTS.get(cmd_name)) is None:
            return None
        return _command(cmd_name, found.summary, found.columns(PLAIN))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The report that is asked for; the names that click may suggest are those of all."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            names = self.list_commands(ctx)
            raise click.NoSuchCommand(error.command_name, None, names, ctx) from None


@click.group(
    "report",
    cls=Reports,
    invoke_without_command=True,
    epilog=examples(
        "ledger report running oir-us-combat-deaths",
        "ledger report totals --measure killed --by country -o killed.csv",
        "ledger report --file reports.toml",
    ),
)
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path),
    metavar="FILE.toml",
    help="Make every report that a file of saved questions asks for.",
)
@pass_session
@click.pass_context
def command(context: click.Context, session: Session, path: Path | None) -> None:
    """What stands, as a table: on screen, or as CSV, TSV, JSON, JSONL.

    A file of saved questions has a table `[[report]]` for each: `report` is its name, `output`
    the file to write, and every option of the report may stand beside them by its name:
    `measure = "killed"`, `where = { country = ["IQ", "SY"] }`, `as-of = "2020-03-11"`.
    """
    if path is None and context.invoked_subcommand is None:
        raise click.UsageError("which report? `ledger report --help` lists them", context)
    if path is not None and context.invoked_subcommand is not None:
        raise click.UsageError("--file names its reports itself: give no other", context)
    if path is not None:
        _make_set(session, path)


def parsed(name: str, arguments: list[str]) -> Request:
    """The request that `ledger report NAME …` would put; raises click.UsageError."""
    found = command.get_command(click.Context(command), name)
    if found is None:
        known = ", ".join(command.list_commands(click.Context(command)))
        raise click.UsageError(f"no report {name!r}: there are {known}")
    return request_of(name, found.make_context(f"report {name}", arguments).params)


def _make_set(session: Session, path: Path) -> None:
    """Make the reports of a file, each beside it."""
    from ledger.reports import request
    from ledger.store.log import bulk_work

    for output_, asked in request.saved(path):
        target = str(path.parent / output_)
        with session.ledger().asking(asked.at) as present, bulk_work():
            publish(present, asked, {"output": target, "kind": None, "excel": False, "raw": False})
        click.echo(target)


def _command(name: str, summary: str, columns: tuple[Column, ...]) -> click.Command:
    """The command of one report."""
    lines = EXAMPLES.get(
        name,
        (
            f"ledger report {name}",
            f"ledger report {name} --where incident=taji-2020-03-11 -f csv",
        ),
    )

    @click.command(name, help=f"{summary}\n\n{_codebook(columns)}", epilog=examples(*lines))
    @question
    @clocks
    @limited
    @output
    @pass_session
    def report(session: Session, **values: Any) -> None:
        from ledger.store.log import bulk_work

        asked = request_of(name, values)
        with session.ledger().asking(asked.at) as present, bulk_work():
            publish(present, asked, values)

    if name == RUNNING:
        report.params.insert(0, click.Argument(["tally"]))
    else:
        report.params.insert(
            0, click.Option(["--tally"], default="", metavar="KEY", help="Ask what a tally asks.")
        )
    if name == CHANGES:
        report.params = [one for one in report.params if one.name != "at"]
        report.params[1:1] = _BETWEEN
    if name in CHARTED:
        report.params.append(click.Option(["--chart"], is_flag=True, help=_CHART))
    return report


def _codebook(columns: tuple[Column, ...]) -> str:
    """What each column means, for the help."""
    told = (f"{one.name}: {one.meaning or one.name}" for one in columns)
    fold = partial(textwrap.wrap, width=_WIDTH, initial_indent="  ", subsequent_indent="    ")
    return "\b\nColumns:\n" + "\n".join(line for one in told for line in fold(one))
