"""`ledger vocabulary`."""

from __future__ import annotations

from collections.abc import Iterable

import click

from .options import examples


@click.command(
    "vocabulary", epilog=examples("ledger vocabulary", "ledger vocabulary | grep -A9 cause")
)
def command() -> None:
    """The words of the ledger: measures, attributes, closed lists, usual values, counts, drafts."""
    from ledger import vocabulary as words
    from ledger.intake.drafts import NOUNS

    _section("measures (they never add to each other)", words.MEASURES.items())
    _section("attributes of lines", words.ATTRIBUTES.items())
    for name, values in words.CLOSED.items():
        _section(f"{name}: a closed list", values.items())
    for name, usual in words.USUAL.items():
        _section(f"{name}: usual values; a new one takes --new-value", ((one, "") for one in usual))
    for title, table in (
        ("status of an incident", words.STATUSES),
        ("clarity of an incident", words.CLARITIES),
        ("stance of an attribution", words.STANCES),
        ("relation of a link", words.RELATIONS),
        ("grade of a source (Admiralty)", words.SOURCE_GRADES),
    ):
        _section(title, table.items())
    _section("grade of an item", ((str(key), text) for key, text in words.ITEM_GRADES.items()))
    _section("what words mean as counts", words.COUNT_WORDS.items())
    _section("counts as typed", COUNTS)
    _section(
        "keys to filter and group by, beside attributes and labels",
        ((key, "") for key in words.BUILT_IN_KEYS),
    )
    _section(
        "drafts in a file",
        (
            (noun, ", ".join((one.key, *one.payload.__struct_fields__)))
            for noun, one in NOUNS.items()
        ),
    )


COUNTS = (
    ("2", "exactly 2"),
    ("13+", "at least 13"),
    ("~30", "about 30"),
    ("11-13", "between 11 and 13"),
    ("11/12/13", "low 11, best 12, high 13"),
    ("<=5", "at most 5"),
    ("?", "unknown, which is not 0"),
)


def _section(title: str, rows: Iterable[tuple[str, str]]) -> None:
    click.echo(f"{title}:")
    for word, meaning in rows:
        click.echo(f"  {word:24}{meaning}".rstrip())
    click.echo()
