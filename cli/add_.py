"""`ledger add …`: append one fact by options."""

from __future__ import annotations

from typing import Any

import click

from .options import (
    appending,
    citation,
    cited,
    examples,
    given,
    mapping,
    new_values,
    pairs,
    place_of,
)
from .output import appended
from .session import Session, pass_session


@click.group(
    "add",
    epilog=examples(
        "ledger add source nyt-2020-03-12 --title 'Esper Says …' --publisher 'The New York Times'",
        "ledger add counts taji-2020-03-11 --count killed 3 --source nyt-2020-03-12",
    ),
)
def command() -> None:
    """Append one fact: a source, an incident, counts, a person, a tally and more."""


def _add(session: Session, noun: str, values: dict[str, Any]) -> None:
    expect = values.pop("expect")
    new = new_values(values.pop("new_values"))
    citing = cited(values)
    table = {**given(values), **citing}
    appended(session.writing().add(noun, table, expect=expect, new_values=new))


@command.command(
    epilog=examples(
        "ledger add source nyt-2020-03-12 --title 'A report' --publisher 'The New York Times' "
        "--published 2020-03-12 --grade B",
        "ledger add source hospital-1 --title 'A list' --confidential --grade C",
    )
)
@click.argument("key")
@click.option("--title", required=True)
@click.option("--type", metavar="CSL-TYPE", help="article-newspaper, report, webpage, post, …")
@click.option("--publisher")
@click.option(
    "--published", metavar="DATE", help="As written: 2020-03-12, 2020-03, 2020-03-12T08:00Z."
)
@click.option("--author", multiple=True)
@click.option("--url")
@click.option("--archived-url")
@click.option("--sha256", help="Of the archived copy.")
@click.option("--grade", metavar="A-F", help="Admiralty grade of the source; F: cannot be judged.")
@click.option("--relays", multiple=True, help="A report that it passes on.")
@click.option("--confidential", is_flag=True, help="Recorded without address or author.")
@appending
@pass_session
def source(session: Session, **values: Any) -> None:
    """Register a source: a document that statements stand in."""
    grade = values.pop("grade")
    expect, new = values.pop("expect"), new_values(values.pop("new_values"))
    table = given({**values, "grade": grade})
    appended(session.writing().add("source", table, expect=expect, new_values=new))


def where_and_when(function: Any) -> Any:
    """Options that tell an incident's time and place."""
    for option in reversed(
        (
            click.option("--kind", help="rocket-attack, airstrike, armed-clash, …"),
            click.option("--title"),
            click.option(
                "--date",
                metavar="DATE",
                help="As written, local: 2020-03-11T19:35+03:00, 2019-12, 2020-01-01/2020-01-03.",
            ),
            click.option(
                "--date-precision", type=int, metavar="1-5", help="1 the day … 4 month, 5 longer."
            ),
            click.option("--summary", help="What the report says happened."),
            click.option("--place", help="Its name."),
            click.option("--country", metavar="XX", help="ISO 3166 alpha-2."),
            click.option("--admin1"),
            click.option("--admin2"),
            click.option("--latitude", metavar="DEGREES"),
            click.option("--longitude", metavar="DEGREES"),
            click.option("--precision", type=int, metavar="1-7", help="1 exact … 7 international."),
            click.option("--status", help="provisional, confirmed, contested, discounted."),
            click.option("--clarity", help="single, or aggregate of several."),
            click.option("--label", "labels", multiple=True, metavar="KEY=VALUE"),
            click.option("--party", "parties", multiple=True),
            click.option("--foreign-id", "foreign_ids", multiple=True, metavar="SCHEME=VALUE"),
        )
    ):
        function = option(function)
    return function


def incident_values(values: dict[str, Any]) -> dict[str, Any]:
    """An incident's table from its options."""
    ids = pairs(values["foreign_ids"], "--foreign-id")
    place = place_of(values)
    return {
        **values,
        "place": place,
        "labels": mapping(pairs(values["labels"], "--label"), "--label"),
        "foreign_ids": [{"scheme": scheme, "value": value} for scheme, value in ids],
        "parties": list(values["parties"]),
    }


def counts_of(counts: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    """Claims from repeated --count LINE COUNT."""
    return [{"line": line, "count": count} for line, count in counts]


COUNT = click.option(
    "--count",
    "counts",
    nargs=2,
    multiple=True,
    metavar="LINE COUNT",
    help="A line such as 'killed[nationality=US]', and 2, 13+, ~30, 11-13, 11/12/13, <=5 or ?.",
)


@command.command(
    epilog=examples(
        "ledger add incident taji-2020-03-11 --kind rocket-attack --title 'Rockets at Camp Taji' "
        "--date 2020-03-11 --country IQ --label operation=inherent-resolve --source nyt-2020-03-12",
        "ledger add incident siege-1 --kind siege --title 'A siege' --date 2019-12-31/2020-01-01 "
        "--count killed 0 --source nyt-2020-03-12:page-3",
    )
)
@click.argument("key")
@where_and_when
@COUNT
@citation
@appending
@pass_session
def incident(session: Session, **values: Any) -> None:
    """Record an incident: what, when, where, and the first counts of the same report."""
    claims = counts_of(values.pop("counts"))
    _add(session, "incident", {**incident_values(values), "counts": claims})


@command.command(
    epilog=examples(
        "ledger add counts taji-2020-03-11 --count 'killed[nationality=US]' 2 "
        "--source nyt-2020-03-12 --claimant 'One American official (The New York Times)'",
        "ledger add counts taji-2020-03-11 --count injured 13+ --count munitions-fired ~30 "
        "--source nyt-2020-03-12",
    )
)
@click.argument("incident")
@COUNT
@click.option(
    "--as-of", metavar="DATE", help="The day that the figures are for, if not the source's."
)
@click.option("--allocated", is_flag=True, help="The report gave only a larger total.")
@citation
@appending
@pass_session
def counts(session: Session, **values: Any) -> None:
    """Record one report's counts on lines of an incident."""
    shared = given({"as_of": values.pop("as_of"), "allocated": values.pop("allocated")})
    claims = [{**claim, **shared} for claim in counts_of(values.pop("counts"))]
    _add(session, "counts", {**values, "claims": claims})


@command.command(
    epilog=examples(
        "ledger add attribution taji-2020-03-11 --actor 'Iranian-backed militias' "
        "--stance accuses --source nyt-2020-03-12 --claimant 'Mark T. Esper'",
        "ledger add attribution taji-2020-03-11 --actor 'Invented group' --stance denies "
        "--source invented-gazette",
    )
)
@click.argument("incident")
@click.option("--actor", required=True)
@click.option("--stance", required=True, help="claims, accuses, suspects, denies.")
@click.option("--confidence", help="high, good, moderate, low: as the speaker put it.")
@citation
@appending
@pass_session
def attribution(session: Session, **values: Any) -> None:
    """Record who is said to have done it, and by whom."""
    _add(session, "attribution", values)


@command.command(
    epilog=examples(
        "ledger add person invented-1 --name withheld --line 'killed[nationality=US]' "
        "--source invented-gazette",
        "ledger add person invented-1 --name 'Invented Person' --age 30 --line killed "
        "--source invented-gazette",
    )
)
@click.argument("incident")
@click.option("--name", required=True, help="As published, or withheld.")
@click.option("--line", required=True, help="The line that counts the person.")
@click.option("--variant", "variants", multiple=True, help="Another spelling.")
@click.option("--rank")
@click.option("--service")
@click.option("--unit")
@click.option("--age", type=int, metavar="YEARS")
@click.option("--home")
@citation
@appending
@pass_session
def person(session: Session, **values: Any) -> None:
    """Record a person who was identified by a source.

    What is recorded is permanent and travels with every copy: put in only names that are
    published already. A name that was withheld is written `withheld`.
    """
    _add(session, "person", values)


@command.command(
    epilog=examples(
        "ledger add link embassy-siege-2019-12-31 retaliation-for kh-strikes-2019-12-29 "
        "--source nyt-2020-03-12",
        "ledger add link invented-1 duplicate-of invented-2",
    )
)
@click.argument("incident")
@click.argument("relation")
@click.argument("to")
@citation
@appending
@pass_session
def link(session: Session, **values: Any) -> None:
    """Link an incident to another; a link never changes a count."""
    _add(session, "link", values)


@command.command(
    epilog=examples(
        "ledger add tally oir-us-combat-deaths --title 'U.S. combat deaths' --measure killed "
        "--where operation=inherent-resolve --where nationality=US --where cause=hostile",
        "ledger add tally invented-tally --title 'All killed' --measure killed --covers 2020/..",
    )
)
@click.argument("key")
@click.option("--title", required=True)
@click.option("--measure", required=True)
@click.option("--where", multiple=True, metavar="KEY=VALUE")
@click.option("--covers", metavar="DATES", help="Where the ledger claims to be complete.")
@appending
@pass_session
def tally(session: Session, **values: Any) -> None:
    """Define a tally: a named question with its running total."""
    _add(session, "tally", {**values, "where": filter_of(values.pop("where"))})


@command.command(
    epilog=examples(
        "ledger add total oir-us-combat-deaths --count 19 --as-of 2020-03-10 --opening "
        "--source nyt-2020-03-12",
        "ledger add total oir-us-combat-deaths --count 13 --as-of 2018-03-30 "
        "--source invented-gazette",
        "ledger add total oir-us-combat-deaths --from-current --source nyt-2020-03-12 "
        "--claimant 'This ledger'",
        "ledger add total --measure killed --where country=IQ --covers 2020/.. --count 9 "
        "--as-of 2020-03-12 --source invented-gazette",
    )
)
@click.argument("tally", default="")
@click.option("--measure", metavar="MEASURE", help="Of a question instead of a TALLY: what counts.")
@click.option("--where", multiple=True, metavar="KEY=VALUE", help="Count only these.")
@click.option(
    "--covers", metavar="DATES", help="Of a question: where the ledger claims to be complete."
)
@click.option("--count", metavar="COUNT")
@click.option("--as-of", metavar="DATE")
@click.option(
    "--from-current",
    is_flag=True,
    help="The figure that the ledger itself computes now: an assertion against later accidents.",
)
@click.option(
    "--tolerance",
    type=click.IntRange(min=0),
    metavar="N",
    help="By how much the ledger may differ from it, as the source says.",
)
@click.option("--opening", is_flag=True, help="It is the opening total of the tally.")
@click.option("--unit-unclear", is_flag=True, help="It cannot be told what was counted.")
@click.option("--definition", help="What the publisher counted, as it says.")
@citation
@appending
@pass_session
def total(session: Session, from_current: bool, **values: Any) -> None:
    """Record a published cumulative figure for a tally, or for a question.

    Or, with --from-current, the ledger's own as of today (or --as-of): `ledger check` tells if
    it ever changes. A total of a question (--measure and --where) goes to the tally that asks
    it; where there is none, one is defined with it, whose key and title are made of the question.
    A total is compared where its tally covers it: from its opening on, or where --covers says.
    """
    values = _of_question(values)
    if from_current and values["count"]:
        raise click.UsageError("--from-current computes the count: leave --count out")
    if from_current:
        values |= _current(session, values)
    elif not values["count"] or not values["as_of"]:
        raise click.UsageError("give --count and --as-of, or --from-current")
    _add(session, "total", values)


def _of_question(values: dict[str, Any]) -> dict[str, Any]:
    """The values of a total, with the filter of its question, where it is of one."""
    question = [f"--{name}" for name in ("measure", "where", "covers") if values[name]]
    if values["tally"] and question:
        raise click.UsageError(f"a TALLY has its question: leave {' and '.join(question)} out")
    if not values["tally"] and not values["measure"]:
        raise click.UsageError("of what? name a TALLY, or put a question: --measure and --where")
    if not values["tally"] and values["expect"] is not None:
        raise click.UsageError("--if-version is of a stream: name its TALLY")
    return {**values, "where": filter_of(values["where"])}


def _current(session: Session, values: dict[str, Any]) -> dict[str, str]:
    """What the ledger computes as of a day: count, day, and how it came about."""
    from datetime import UTC, datetime

    day = values["as_of"] or datetime.now(UTC).date().isoformat()
    tally, measure, where = (values[name] for name in ("tally", "measure", "where"))
    with session.ledger().asking() as present:
        position = present.log.stop
        figure = present.figure(tally, day) if tally else present.figure_of(measure, where, day)
    if figure.best is None:
        of = tally or "the question"
        raise click.UsageError(f"{of} has no figure as of {day}: there is nothing to assert")
    known = (figure.low, figure.best, figure.high)
    count = "/".join("?" if one is None else str(one) for one in known)
    made = f"computed by this ledger from its first {position} events"
    return {"count": count, "as_of": day, "definition": values["definition"] or made}


@command.command(
    epilog=examples(
        "ledger add note incident/taji-2020-03-11 'A review was ordered.' --source nyt-2020-03-12",
        "ledger add note source/nyt-2020-03-12 'Read in print.'",
    )
)
@click.argument("of", metavar="STREAM")
@click.argument("text")
@citation
@appending
@pass_session
def note(session: Session, **values: Any) -> None:
    """Add a note to a stream: incident/KEY, source/KEY or tally/KEY."""
    _add(session, "note", values)


def filter_of(where: tuple[str, ...]) -> dict[str, list[str]]:
    """A tally's filter: a key that is given twice has both values."""
    found: dict[str, list[str]] = {}
    for key, value in pairs(where, "--where"):
        found.setdefault(key, []).append(value)
    return found
