"""Options that commands share, and how their texts become values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ledger.audit.keys import VerifierKey
    from ledger.audit.trust import Trust
    from ledger.reports.question import Question
    from ledger.reports.request import Request

Command = TypeVar("Command", bound=Callable[..., Any])
Values = dict[str, Any]

MOST_DIGITS = 18
"""Of a position."""
POLICIES = ("latest", "graded", "envelope")
FORMATS = ("table", "csv", "tsv", "json", "jsonl")

AS_OF = click.option(
    "--as-of", default="", metavar="DAY", help="Incidents that may have happened by a day."
)
AT = click.option(
    "--at",
    default="",
    metavar="STATE",
    help="The first N events, those recorded up to a TIME, or those of a checkpoint's FILE.",
)
POLICY = click.option(
    "--policy",
    type=click.Choice(POLICIES),
    default="latest",
    show_default=True,
    help="Which standing claim gives a line its figure.",
)


def examples(*lines: str) -> str:
    """An epilog of examples, each on a line of its own."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def apply(command: Command, *decorators: Callable[[Command], Command]) -> Command:
    """A command with some options, in the order in which help lists them."""
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def question(command: Command) -> Command:
    """What is asked: measures, filter, groups, days, policy."""
    return apply(
        command,
        click.option(
            "--measure",
            "measures",
            multiple=True,
            metavar="MEASURE",
            help="What to count: see `ledger vocabulary`.",
        ),
        click.option(
            "--where",
            multiple=True,
            metavar="KEY=VALUE",
            help="Count only these; keys are and, values of one key or.",
        ),
        click.option(
            "--by",
            default="",
            metavar="KEY,…",
            help="Group by these: see the end of `ledger vocabulary`.",
        ),
        click.option("--since", default="", metavar="DAY", help="Incidents on or after a day."),
        click.option("--until", default="", metavar="DAY", help="Incidents on or before a day."),
    )


def limited(command: Command) -> Command:
    """How many rows."""
    return apply(
        command,
        click.option(
            "--limit", type=click.IntRange(min=0), metavar="ROWS", help="No more rows than these."
        ),
    )


def clocks(command: Command) -> Command:
    """As of when, known by when, at which position, by which policy."""
    return apply(
        command,
        AS_OF,
        click.option("--known-by", default="", metavar="DAY", help="What was published by a day."),
        AT,
        POLICY,
    )


def output(command: Command) -> Command:
    """Where an answer goes and in what format."""
    return apply(
        command,
        click.option(
            "-o",
            "--output",
            type=click.Path(dir_okay=False),
            metavar="FILE",
            help="Write to a file; its suffix gives the format.",
        ),
        click.option(
            "-f",
            "--format",
            "kind",
            type=click.Choice(FORMATS),
            help="Default: table on a terminal, CSV in a pipe.",
        ),
        click.option("--excel", is_flag=True, help="CSV for Excel: byte-order mark, CRLF."),
        click.option(
            "--raw",
            is_flag=True,
            help="Leave text that a spreadsheet may take for a formula as it is.",
        ),
    )


def citation(command: Command) -> Command:
    """Who says so, and where."""
    return apply(
        command,
        click.option("--source", metavar="KEY[:LOCATOR]", help="The source, and where in it."),
        click.option(
            "--claimant", help="Who answers for the statement; else the source's publisher."
        ),
        click.option("--speaker", help="Who said it for the claimant."),
        click.option(
            "--grade",
            "item_grade",
            type=int,
            metavar="1-6",
            help="Admiralty grade of the item; 6: cannot be judged.",
        ),
    )


def trusting(command: Command) -> Command:
    """Whose signatures are good."""
    return apply(
        command,
        click.option(
            "--vkey",
            "vkeys",
            multiple=True,
            metavar="KEY|FILE",
            help="The verifier key of the log, or a file that begins with it.",
        ),
        click.option(
            "--witness",
            "witnesses",
            multiple=True,
            metavar="KEY|FILE",
            help="The verifier key of a witness.",
        ),
        click.option(
            "--quorum",
            type=click.IntRange(min=0),
            default=0,
            metavar="N",
            help="How many of the witnesses must have cosigned.",
        ),
    )


def expected(command: Command) -> Command:
    """The version that a stream must have before an append."""
    return apply(
        command,
        click.option(
            "--if-version",
            "expect",
            type=click.IntRange(min=0),
            metavar="N",
            help="Append only if its stream is at version N.",
        ),
    )


def appending(command: Command) -> Command:
    """What every command that appends one fact takes."""
    return apply(
        command,
        expected,
        click.option(
            "--new-value",
            "new_values",
            multiple=True,
            metavar="KEY=VALUE",
            help="Take a value that is not in the vocabulary.",
        ),
    )


def cited(values: Values) -> Values:
    """The keys of a citation, taken out of a command's options."""
    source, _, locator = (values.pop("source", None) or "").partition(":")
    found = {
        "source": source,
        "locator": locator,
        "claimant": values.pop("claimant", None),
        "speaker": values.pop("speaker", None),
        "grade": values.pop("item_grade", None),
    }
    return given(found)


def given(values: Values) -> Values:
    """The options that were given: empty ones are left out, and 0 is not empty."""
    return {key: value for key, value in values.items() if value or type(value) is int}


def pairs(texts: tuple[str, ...], option: str) -> list[tuple[str, str]]:
    """KEY=VALUE texts, each as a pair."""
    found = []
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise click.BadParameter(f"{text!r} is not KEY=VALUE", param_hint=option)
        found.append((key, value))
    return found


def mapping(several: Iterable[tuple[str, str]], option: str) -> dict[str, str]:
    """Pairs as a mapping; a key that is given twice is refused: one of the two would be lost."""
    found: dict[str, str] = {}
    for key, value in several:
        if found.setdefault(key, value) != value:
            raise click.BadParameter(f"{key!r} is given twice", param_hint=option)
    return found


def new_values(texts: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    """The values that the steward declares new."""
    return frozenset(pairs(texts, "--new-value"))


def place_of(values: Values) -> Values:
    """The place, taken out of a command's options."""
    names = ("place", "country", "admin1", "admin2", "latitude", "longitude", "precision")
    found = {name: values.pop(name) for name in names}
    found["name"] = found.pop("place")
    return given(found)


def ask(values: Values) -> Question:
    """The question that a command's options put."""
    from ledger.reports.question import ask as asked

    names = ("measures", "where", "by", "as_of", "known_by", "since", "until", "policy")
    return asked(**{name: values[name] for name in names if name in values})


def trust(values: Values) -> Trust:
    """The keys of the options of `trusting`, taken out of a command's options."""
    from ledger.audit.trust import Trust

    logs = keys_of(values.pop("vkeys"), "--vkey")
    witnesses = keys_of(values.pop("witnesses"), "--witness")
    try:
        return Trust(logs, witnesses, values.pop("quorum"))
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def keys_of(texts: tuple[str, ...], option: str) -> tuple[VerifierKey, ...]:
    """The verifier keys that an option names."""
    return tuple(_key(one, option) for one in texts)


def request_of(report: str, values: Values) -> Request:
    """The request that a report's options put."""
    from ledger.reports.request import Request
    from ledger.reports.safe import encodable

    where: dict[str, tuple[str, ...]] = {}
    for key, value in pairs(values["where"], "--where"):
        where[key] = (*where.get(key, ()), encodable(value))
    return Request(
        report=report,
        tally=values["tally"],
        measure=values["measures"],
        where=where,
        by=tuple(key.strip() for key in values["by"].split(",") if key.strip()),
        as_of=values["as_of"],
        known_by=values["known_by"],
        since=values["since"],
        until=values["until"],
        start=values.get("start", ""),
        start_known_by=values.get("start_known_by", ""),
        at=values["at"],
        policy=values["policy"],
        limit=values["limit"],
        listed=values.get("listed", False),
    )


def target(text: str) -> tuple[int, str]:
    """POSITION[:LINE] as a position and a line."""
    position, _, line = text.partition(":")
    if not (position.isdecimal() and len(position) <= MOST_DIGITS):
        raise click.BadParameter(f"{text!r} is not POSITION or POSITION:LINE")
    return int(position), line


def _key(text: str, option: str) -> VerifierKey:
    """A verifier key, by itself or in a file whose first line it is."""
    from ledger.audit.keys import verifier
    from ledger.errors import refusal

    path = Path(text)
    try:
        if "+" not in text or path.is_file():
            line = path.read_text("utf-8", "replace").partition("\n")[0]
            text = line.removeprefix("vkey: ")
        return verifier(text)
    except OSError as error:
        why = f"{text}: {refusal(error)}"
        raise click.BadParameter(why, param_hint=option) from error
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from error
