"""`ledger template`."""

from __future__ import annotations

import click

from .options import examples
from .output import must_be_new, written


@click.command(
    "template",
    epilog=examples(
        "ledger template incidents -o incidents.csv",
        "ledger template counts --excel -o counts.csv",
    ),
)
@click.argument("name", metavar="NAME|FILE")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Write to a file.",
)
@click.option("--excel", is_flag=True, help="For Excel: byte-order mark, CRLF.")
def command(name: str, output: str | None, excel: bool) -> None:
    """An empty spreadsheet for a mapping: its columns, to be filled in and imported.

    `incidents` and `counts` are our own: `ledger import FILE --mapping incidents` takes what was
    filled in. Columns that may be left out come last.
    """
    from ledger.intake import mappings, spreadsheets

    text = spreadsheets.empty(mappings.load(name))
    must_be_new(output)
    with written(output) as out:
        out.write("\ufeff" + text.replace("\n", "\r\n") if excel else text)
