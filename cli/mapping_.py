"""`ledger mapping …`: the mappings by which rows of files become events."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import examples, output
from .output import must_be_new, problems, report_to, say, written

if TYPE_CHECKING:
    from ledger.reports.table import Cell, Table


@click.group(
    "mapping", epilog=examples("ledger mapping list", "ledger mapping show ucdp-ged | less")
)
def command() -> None:
    """How the rows of files become events: mappings, for `ledger import --mapping`."""


@command.command("list", epilog=examples("ledger mapping list", "ledger mapping list -f csv"))
@output
def list_(**values: Any) -> None:
    """The mappings that come with the program."""
    report_to(_table(), values)


@command.command(
    epilog=examples("ledger mapping show ucdp-ged", "ledger mapping show incidents | less")
)
@click.argument("name")
def show(name: str) -> None:
    """A mapping that comes with the program, as it is written: to read, or to start from."""
    from ledger.intake import mappings

    click.echo(mappings.text_of(name), nl=False)


@command.command(
    epilog=examples(
        "ledger mapping check mine.toml", "ledger mapping check mine.toml --file list.csv"
    )
)
@click.argument("name", metavar="NAME|FILE")
@click.option(
    "--file",
    "data",
    type=click.Path(path_type=Path, readable=False),
    metavar="DATA",
    help="Also whether the columns of a file fit it.",
)
def check(name: str, data: Path | None) -> int:
    """All that is wrong with a mapping; silent, and exit code 0, when nothing is.

    Rows are not looked at: `ledger import --mapping FILE --dry-run` does that.
    """
    from ledger.errors import RefusedError
    from ledger.intake import mappings, rowfiles

    try:
        mappings.load(name)
        return problems(rowfiles.header_faults(name, data)) if data else 0
    except RefusedError as error:
        return problems(error.problems)  # type: ignore[arg-type]


@command.command(
    epilog=examples(
        "ledger mapping new list.csv -o list.toml",
        "ledger mapping new list.csv --delimiter ';' --encoding cp1252 -o list.toml",
    )
)
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE.toml",
    help="Write to a file.",
)
@click.option("--delimiter", default=",", show_default=True, help="Between the cells of CSV.")
@click.option("--encoding", default="utf-8", show_default=True, metavar="NAME", help="Of the file.")
def new(file: Path, output: str | None, delimiter: str, encoding: str) -> None:
    """Draft a mapping from the header of a file, to be finished by hand.

    It lists every column and marks what only you can say: nothing is guessed from data.
    `ledger mapping check` names the marks that are left.
    """
    from ledger.intake import drafting

    must_be_new(output)
    draft = drafting.draft(file, delimiter=delimiter, encoding=encoding)
    with written(output) as out:
        out.write(draft.text)
    if draft.note:
        say(f"note: {draft.note}")
    if output and output != "-":
        say(f"wrote {output}: fill in its marks, then `ledger mapping check {output}`")


def _table() -> Table:
    from ledger.intake import mappings
    from ledger.reports.table import Table, text

    columns = (
        text("name", "what --mapping takes"),
        text("title", "what it is for"),
        text("format", "of the files"),
        text("key", "what tells rows apart"),
        text("records", "what rows become"),
        text("settings", "what --set may set, and what it is otherwise"),
        text("needs", "columns that every file must have"),
    )
    return Table(columns, [_row(name) for name in mappings.names()], [])


def _row(name: str) -> tuple[Cell, ...]:
    from ledger.intake import mapper, mappings

    one = mappings.load(name)
    kinds = {"incidents": one.incident, "counts": one.counts, "totals": one.totals}
    needs = [column for column in mapper.columns(one) if column not in one.columns.optional]
    return (
        name,
        one.title,
        one.file.format,
        str(one.key) if isinstance(one.key, str) else "",
        ", ".join(kind for kind, part in kinds.items() if part),
        ", ".join(f"{key}={value}" for key, value in one.settings.items()),
        ", ".join(needs),
    )
