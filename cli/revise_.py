"""`ledger revise …`: change what is recorded, by a new event with the changed fields."""

from __future__ import annotations

from typing import Any

import click

from .add_ import filter_of, incident_values, where_and_when
from .options import appending, citation, cited, examples, given, mapping, new_values
from .output import appended
from .session import Session, pass_session


@click.group(
    "revise",
    epilog=examples(
        "ledger revise incident taji-2020-03-11 --date 2020-03-11T19:35+03:00 --source centcom-1",
        "ledger revise source nyt-2020-03-12 --grade A --reason 'seen in print'",
    ),
)
def command() -> None:
    """Revise an incident, a source or a tally: only the fields that are given change."""


def _revise(session: Session, of: str, values: dict[str, Any]) -> None:
    expect, new = values.pop("expect"), new_values(values.pop("new_values"))
    table = {"of": of, **given(values)}
    appended(session.writing().add("revision", table, expect=expect, new_values=new))


@command.command(
    epilog=examples(
        "ledger revise incident taji-2020-03-11 --status confirmed",
        "ledger revise incident invented-1 --reclassify 'killed[cause=pending]' "
        "'killed[cause=hostile]' --source invented-gazette",
    )
)
@click.argument("key")
@where_and_when
@click.option(
    "--reclassify",
    nargs=2,
    multiple=True,
    metavar="LINE LINE",
    help="Move the claims made so far from one line to another.",
)
@click.option(
    "--emptied", multiple=True, metavar="FIELD", help="summary, place.admin2, …: stated no more."
)
@click.option("--reason")
@citation
@appending
@pass_session
def incident(session: Session, key: str, **values: Any) -> None:
    """Revise an incident; an empty label (--label KEY=) is taken away."""
    lines = mapping(values.pop("reclassify"), "--reclassify")
    moved = [{"line": line, "to": to} for line, to in lines.items()]
    citing = cited(values)
    _revise(session, f"incident/{key}", {**incident_values(values), "reclassify": moved, **citing})


@command.command(
    epilog=examples(
        "ledger revise source nyt-2020-03-12 --published 2020-03-12",
        "ledger revise source nyt-2020-03-12 --grade B --reason 'graded by two readers'",
    )
)
@click.argument("key")
@click.option("--title")
@click.option("--type")
@click.option("--publisher")
@click.option("--published", metavar="DATE")
@click.option("--author", multiple=True)
@click.option("--url")
@click.option("--archived-url")
@click.option("--sha256")
@click.option("--grade", metavar="A-F")
@click.option("--relays", multiple=True)
@click.option("--reason")
@appending
@pass_session
def source(session: Session, key: str, **values: Any) -> None:
    """Revise a source."""
    several = {name: list(values.pop(name)) for name in ("author", "relays")}
    _revise(session, f"source/{key}", {**values, **several})


@command.command(
    epilog=examples(
        "ledger revise tally oir-us-combat-deaths --title 'U.S. combat deaths, OIR'",
        "ledger revise tally oir-us-combat-deaths --covers 2020-03-10/..",
    )
)
@click.argument("key")
@click.option("--title")
@click.option("--measure")
@click.option("--where", multiple=True, metavar="KEY=VALUE", help="The whole new filter.")
@click.option("--covers", metavar="DATES")
@pass_session
def tally(session: Session, key: str, **values: Any) -> None:
    """Define a tally anew: the fields that are given change, the others stay."""
    changes = given({**values, "where": filter_of(values["where"])})
    if not changes:
        raise click.UsageError("nothing to change: give --title, --measure, --where or --covers")
    appended(session.writing().revise_tally(key, changes))
