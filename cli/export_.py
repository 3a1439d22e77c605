"""`ledger export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from .options import clocks, examples, question, request_of
from .output import issue, say, screened, written
from .session import Session, pass_session

if TYPE_CHECKING:
    from ledger.issued import Kind
    from ledger.reports.request import Request

KINDS = ("jsonl", "datapackage", "ucdp-ged", "hxl", "geojson")
_SUFFIXES = {".csv": "", ".tsv": "", ".geojson": "geojson"}
"""What a file's end tells; "" is nothing: two formats end so."""
_TO_FILES = ("ucdp-ged", "hxl")


@click.command(
    "export",
    epilog=examples(
        "ledger export -o events.jsonl",
        "ledger export -f datapackage -o ledger-2024-03",
        "ledger export -f ucdp-ged --where country=IQ --known-by 2020-03-12 -o ged.csv",
        "ledger export -f hxl --report totals --measure killed --by country -o killed.csv",
        "ledger export -o incidents.geojson",
    ),
)
@click.option(
    "-f",
    "--format",
    "kind",
    type=click.Choice(KINDS),
    help="Default: jsonl; geojson for a FILE.geojson.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    metavar="FILE|FOLDER",
    help="Where it goes: a new folder for datapackage, else a file or stdout.",
)
@click.option("--report", default="", metavar="NAME", help="The report that hxl is to write.")
@click.option("--tally", default="", metavar="KEY", help="Ask what a tally asks.")
@question
@clocks
@pass_session
def command(session: Session, kind: str | None, output: str | None, **values: Any) -> None:
    """What stands, for other programs; or the events themselves. Text is raw, as it was recorded.

    \b
    jsonl        the events: each line the canonical bytes of one, unchanged. The RFC 6962 root
                 of the lines is the ledger's root; `ledger copy` makes a ledger of them
    datapackage  a folder: incidents, counts, claims, people, sources, attributions, links as CSV,
                 with schemas and keys in datapackage.json (Data Package 2.0)
    ucdp-ged     incidents as rows of UCDP GED 19.1: the columns that `ucdp-ged` imports
    hxl          incidents, or with --report any report, as CSV with a row of HXL tags
    geojson      incidents as features; without coordinates their geometry is null

    Text that a spreadsheet may take for a formula stays as it is: `ledger report` guards it.
    Beside a FILE of the last three lies a manifest: `ledger verify-report FILE` makes it again.
    """  # noqa: D301 - \b is click's mark of a paragraph that it is to leave alone
    chosen = kind or _by_suffix(output)
    report = values.pop("report")
    asked = request_of(report or chosen, {**values, "limit": None})
    _must_fit(chosen, report, asked)
    if chosen == "jsonl":
        _events(session, asked.at, output)
    elif chosen == "datapackage":
        _package(session, asked, output)
    else:
        _file(session, cast("Kind", chosen), asked, output)


def _must_fit(kind: str, report: str, asked: Request) -> None:
    """Refuse options that the format has no use for: nothing that is asked is passed over."""
    from ledger.reports.request import Request

    if report and kind != "hxl":
        raise click.UsageError(f"--report is for -f hxl: {kind} has tables of its own")
    if asked.by and not report:
        raise click.UsageError("--by is for -f hxl --report NAME: an export groups nothing itself")
    if kind == "jsonl" and asked != Request(report=asked.report, at=asked.at):
        message = "jsonl holds events as they are: of the options of questions it takes --at alone"
        raise click.UsageError(message)


def _by_suffix(path: str | None) -> str:
    suffix = Path(path or "").suffix
    if not (found := _SUFFIXES.get(suffix, "jsonl")):
        raise click.UsageError(f"{path}: {' or '.join(_TO_FILES)}? give -f")
    return found


def _events(session: Session, at: str, output: str | None) -> None:
    from ledger.present import events_at
    from ledger.store.log import Log

    with session.ledger().database.reading() as connection, written(output) as out:
        log = Log(connection)
        log.stop = events_at(log, at) if at else log.stop
        screened(out).writelines(f"{row.body}\n" for row in log.rows())


def _package(session: Session, asked: Request, output: str | None) -> None:
    from ledger.issued import question_of
    from ledger.reports.exports import datapackage
    from ledger.store.log import bulk_work

    if output in (None, "-"):
        raise click.UsageError("a data package is a folder: name a new one with -o")
    with session.ledger().asking(asked.at) as present, bulk_work():
        folder, put = Path(str(output)), question_of(present, asked)
        made = datapackage.write(present.connection, present.log, asked, put, folder)
    rows = ", ".join(f"{one.rows} {one.name}" for one in made.resources)
    say(f"{output}: {rows}, of the first {made.version} events")


def _file(session: Session, kind: Kind, asked: Request, output: str | None) -> None:
    from ledger.store.log import bulk_work

    if asked.report != kind:
        _must_be_report(asked)
    with session.ledger().asking(asked.at) as present, bulk_work():
        asked = present.settled(asked)
        rows = issue(present, asked, output, kind)
        if output not in (None, "-"):
            state = present.made_of(asked)
            root = f"the first {state.position} events, root {state.root}"
            say(f"{output}: {rows} rows, of {root}")


def _must_be_report(asked: Request) -> None:
    from ledger.catalogue import REPORTS
    from ledger.vocabulary import did_you_mean

    from .report_ import RUNNING

    names = [*REPORTS, RUNNING]
    if asked.report not in names:
        raise click.UsageError(f"no report {asked.report!r}: {did_you_mean(asked.report, names)}")
    if asked.report == RUNNING and not asked.tally:
        raise click.UsageError("running is of a tally: name it with --tally")
