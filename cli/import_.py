"""`ledger import`."""

from __future__ import annotations

from pathlib import Path

import click

from .options import examples, new_values
from .output import say
from .session import Session, pass_session


@click.command(
    "import",
    epilog=examples(
        "ledger import seeds/inherent-resolve/*.toml",
        "ledger import --dry-run report.toml further.jsonl",
    ),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be appended, and append nothing.")
@click.option(
    "--new-value",
    "new",
    multiple=True,
    metavar="KEY=VALUE",
    help="Take a value that is not in the vocabulary.",
)
@pass_session
def command(session: Session, files: tuple[Path, ...], dry_run: bool, new: tuple[str, ...]) -> None:
    """Append drafts of events from TOML or JSONL files.

    The files are one set: drafts may refer to each other in any order, and all of them are
    appended or none. Drafts that stand already are left alone. What is recorded is permanent
    and travels with every copy: put in only what is already published.
    """
    ledger = session.ledger() if dry_run else session.writing()
    done = ledger.import_drafts(files, new_values=new_values(new), dry_run=dry_run)
    would = "would append" if dry_run else "appended"
    say(f"{would} {done.appended} events; {done.unchanged} drafts stood already")
    if done.batch and not dry_run:
        say(f"batch {done.batch}; {done.head.size} events in all, root {done.head.root}")
