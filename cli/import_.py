"""`ledger import`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import examples, mapping, new_values, pairs
from .output import say
from .progress import bar
from .rows import rows
from .session import Session, pass_session

if TYPE_CHECKING:
    from ledger.intake.importing import Imported

ROWS = (".csv", ".tsv", ".xlsx", ".json", ".geojson")
"""How files of rows end, those that are packed apart."""
PACKED = (".gz", ".xz")
OPTIONS = {"settings": "set", "extra_columns": "allow-extra-columns"}
"""Options that are called otherwise in the program."""
FEW = 5
"""Possible duplicates that are told one by one; `ledger duplicates` has them all."""


@click.command(
    "import",
    epilog=examples(
        "ledger import seeds/inherent-resolve/*.toml",
        "ledger import --dry-run report.toml further.jsonl",
        "ledger import ged191.csv --mapping ucdp-ged --dry-run",
        "ledger import incidents.csv --mapping incidents --complete",
        "ledger import tagged.csv --mapping hxl --key id --set 'publisher=Invented Office'",
    ),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False))
@click.option("--dry-run", is_flag=True, help="Say what would be appended, and append nothing.")
@click.option(
    "--new-value",
    "new",
    multiple=True,
    metavar="KEY=VALUE",
    help="Take a value of drafts that is not in the vocabulary.",
)
@rows
@pass_session
def command(
    session: Session, files: tuple[Path, ...], dry_run: bool, new: tuple[str, ...], **values: Any
) -> int:
    """Append drafts of events from TOML or JSONL files, or rows of datasets by a mapping.

    Files of drafts are one set: drafts may refer to each other in any order, and all of them
    are appended or none. Drafts that stand already are left alone.

    With --mapping, files are rows (CSV, TSV, XLSX, JSON, JSONL, GeoJSON, also packed as .gz or
    .xz). Each row is new, changed, unchanged, a possible duplicate or rejected; rejected rows go
    to a file of their own, and import once they are corrected there. The same files again change
    nothing. An import that was stopped continues when it is run again, and
    `ledger retract --batch ID` takes one back.

    What is recorded is permanent and travels with every copy: put in only what is already
    published.
    """
    if values["name"]:
        if new:
            raise click.UsageError("--new-value is for drafts: a mapping has its own `new_values`")
        return _import_rows(session, files, dry_run, values)
    _refuse_rows(files, values)
    ledger = session.ledger() if dry_run else session.writing()
    done = ledger.import_drafts(files, new_values=new_values(new), dry_run=dry_run)
    would = "would append" if dry_run else "appended"
    say(f"{would} {done.appended} events; {done.unchanged} drafts stood already")
    if done.batch and not dry_run:
        say(f"batch {done.batch}; {done.head.size} events in all, root {done.head.root}")
    return 0


def _refuse_rows(files: tuple[Path, ...], values: dict[str, Any]) -> None:
    """Refuse what only an import by a mapping understands."""
    hint = "name it with --mapping NAME (see `ledger mapping list`)"
    for name, value in values.items():
        if value:
            option = OPTIONS.get(name, name)
            raise click.UsageError(f"--{option} is for rows, which take a mapping: {hint}")
    for path in files:
        suffixes = [one.lower() for one in path.suffixes if one.lower() not in PACKED]
        if suffixes and suffixes[-1] in ROWS:
            raise click.UsageError(f"{path} holds rows, which take a mapping: {hint}")


def _import_rows(
    session: Session, files: tuple[Path, ...], dry_run: bool, values: dict[str, Any]
) -> int:
    from ledger.intake.rowfiles import Asked

    as_json = values.pop("json")
    asked = Asked(
        mapping=values.pop("name"),
        dry_run=dry_run,
        settings=mapping(pairs(values.pop("settings"), "--set"), "--set"),
        **values,
    )
    ledger = session.ledger() if dry_run else session.writing()
    try:
        with bar("importing") as advance:
            done = ledger.import_rows(files, asked, advance)
    except BaseException as error:
        for note in getattr(error, "__notes__", ()):
            say(note)
        raise
    _tell(done, dry_run)
    if as_json:
        from ledger.reports.safe import for_json

        click.echo(for_json(json.dumps(_summary(done, dry_run), ensure_ascii=False)))
    return 1 if done.problems else 0


def _tell(done: Imported, dry_run: bool) -> None:
    """All that is said of an import, the sum of its rows last."""
    for note in done.notes:
        say(f"note: {note}")
    where = ", ".join(map(str, done.rejects))
    for problem in done.problems:
        say(str(problem))
    if more := done.counted.rejected - done.told:
        say(f"… and {more:,} more rows, see {where}")
    for line in done.plan if dry_run or done.stopped else ():
        say(line)
    for one in done.alike[:FEW]:
        say(str(one))
    if more := done.counted.duplicates - FEW:
        _more_alike(more, dry_run or done.stopped)
    if where:
        say(f"rejected rows are in {where}: corrected there, import that by the same mapping")
    _state(done, dry_run)
    say(_sum(done, dry_run))


def _more_alike(more: int, nothing: bool) -> None:
    if more > 0:
        say(f"… and {more:,} more" + ("" if nothing else ", see `ledger duplicates`"))


def _state(done: Imported, dry_run: bool) -> None:
    """What the ledger came to."""
    if done.stopped:
        say("--strict: a row is rejected, so nothing was appended")
    elif dry_run:
        say("dry run: nothing was appended")
    elif done.batch:
        events = done.counted.events
        say(f"batch {done.batch}: {events:,} event{'' if events == 1 else 's'} appended")
    if not (done.stopped or dry_run):
        say(f"{done.head.size:,} events in all, root {done.head.root}")


def _sum(done: Imported, dry_run: bool) -> str:
    counted = done.counted
    tried = "stopped: " if done.stopped else "dry run: " if dry_run else ""
    return (
        f"{tried}read {counted.read:,}: {counted.new:,} new, {counted.changed:,} changed, "
        f"{counted.unchanged:,} unchanged, {counted.duplicates:,} possible duplicates, "
        f"{counted.rejected:,} rejected; {counted.retracted:,} retracted"
    )


def _summary(done: Imported, dry_run: bool) -> dict[str, Any]:
    """An import as one object of JSON."""
    from msgspec.structs import asdict

    return {
        **asdict(done.counted),
        "batch": done.batch,
        "size": done.head.size,
        "root": done.head.root,
        "rejects": [str(one) for one in done.rejects],
        "notes": done.notes,
        "dry_run": dry_run,
        "stopped": done.stopped,
    }
