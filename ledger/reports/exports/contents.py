"""What is in a data package: the tables, their keys, and how they refer to each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import dates
from ledger.projections import state
from ledger.projections.incidents import survivor
from ledger.reports import claims, listings
from ledger.reports.cases import Case, batches, incidents, line_filter
from ledger.reports.exports import cited
from ledger.reports.question import Question
from ledger.reports.selection import Selection, facet_value
from ledger.reports.table import Cell, Column, number, position, text
from ledger.store.log import Log

Row = tuple[Cell, ...]
Rows = Callable[[Connection, Log, Question], Iterable[Row]]


class Reference(NamedTuple):
    """A column whose values stand in a column of another table."""

    column: str
    table: str
    to: str


class Contents(NamedTuple):
    """A table of the package: `key` are the columns that tell its rows apart."""

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[Reference, ...]
    rows: Rows


_OF = "id IN (SELECT incident FROM {})"
_LINKED = (
    "(key IN (SELECT source_incident FROM links UNION SELECT target_incident FROM links) "
    "OR key IN (SELECT merged_into FROM incidents))"
)
_INCIDENT = Reference("incident", "incidents", "incident")
_SOURCE = Reference("source", "sources", "source")
_POSITION = position("position", "position of the event in the log")

INCIDENTS = (
    *listings.INCIDENTS[:-1],
    text("first_day", "the day on which the incident counts"),
    text("last_day", "the last day on which it may have been; empty: open"),
    number("date_precision", "date_prec of UCDP GED: 1 the day, 5 longer than a month", "code"),
    text("admin1", "first-order division"),
    text("admin2", "second-order division"),
    number("precision", "where_prec of UCDP GED: 1 exact, 7 international waters or air", "code"),
    text("parties", "who was involved, separated by semicolons"),
    text("foreign_ids", "names elsewhere, as scheme=value, separated by semicolons"),
    text("summary", "what the report says happened"),
    _POSITION,
)
PEOPLE = (
    *listings.PEOPLE[:2],
    text("variants", "other spellings of the name, separated by semicolons"),
    *listings.PEOPLE[2:],
)
SOURCES = (
    *listings.SOURCES[:-1],
    text("author", "separated by semicolons"),
    text("url", "address"),
    text("archived_url", "address of an archived copy"),
    text("sha256", "of the archived copy, in hexadecimal"),
    listings.SOURCES[-1],
)
ATTRIBUTIONS = (
    *listings.ATTRIBUTIONS,
    number("item", "place among the attributions of its event that are listed, from 0", "place"),
)
LINKS = (
    text("incident", "key of the incident that the link is of"),
    text("relation", "how it stands to the other"),
    text("to", "key of the other incident"),
    text("recorded_incident", "where that was merged since: the key that was recorded"),
    text("recorded_to", "where the other was merged since: the key that was recorded"),
    text("source", "key of the source"),
    text("locator", "where in the source"),
    text("claimant", "who answers for the statement"),
    text("speaker", "who said it for the claimant"),
    number("grade", "Admiralty grade of the item: 1 to 6", "grade"),
    _POSITION,
)


def _incidents(connection: Connection, _log: Log, question: Question) -> Iterator[Row]:
    for some in batches(Selection(connection, question, listing=True)):
        yield from map(incident_cells, some)


def incident_cells(one: Case) -> Row:
    """The cells of an incident, as `INCIDENTS` names them."""
    incident, document, facet = one.incident, one.incident.document, one.facet
    place = document.place
    return (
        incident.key,
        document.title,
        facet.kind,
        document.date,
        facet.status,
        document.clarity,
        facet.country,
        place.name,
        place.latitude,
        place.longitude,
        facet_value("actor", facet),
        "; ".join(f"{key}={value}" for key, value in sorted(facet.labels.items())),
        incident.first_day,
        dates.parse(document.date).last,
        document.date_precision,
        place.admin1,
        place.admin2,
        place.precision,
        "; ".join(document.parties),
        "; ".join(f"{one.scheme}={one.value}" for one in document.foreign_ids),
        document.summary,
        incident.id,
    )


def _counts(connection: Connection, _log: Log, question: Question) -> Iterator[Row]:
    return listings.count_rows(connection, question)


def _claims(connection: Connection, _log: Log, question: Question) -> Iterator[Row]:
    return claims.rows(connection, question)


def _people(connection: Connection, _log: Log, question: Question) -> Iterator[Row]:
    keys, admits = _keys(connection, question, _OF.format("people")), line_filter(question)
    for one in state.people(connection, question.clock):
        document = one.document
        if one.incident in keys and admits(document.line):
            yield (
                keys[one.incident],
                document.name,
                "; ".join(document.variants),
                document.rank,
                document.service,
                document.unit,
                document.age,
                document.home,
                document.line,
                *claims.cited_cells(document.cited),
                one.position,
            )


def _sources(connection: Connection, _log: Log, question: Question) -> Iterator[Row]:
    documents = {one.key: one.document for one in state.sources(connection)}
    for row in listings.sources(connection, question).rows:
        document = documents[str(row[0])]
        more = (document.url, document.archived_url, document.sha256)
        yield (*row[:-1], "; ".join(document.author), *more, row[-1])


def _attributions(connection: Connection, _log: Log, question: Question) -> Iterator[Row]:
    keys = _keys(connection, question, _OF.format("attributions"))
    before, item = -1, 0
    for one in state.attributions(connection, question.clock):
        if one.incident not in keys:
            continue
        item = item + 1 if one.position == before else 0
        before, document = one.position, one.document
        yield (
            keys[one.incident],
            document.actor,
            document.stance,
            document.confidence,
            *claims.cited_cells(document.cited),
            one.position,
            item,
        )


def _links(connection: Connection, log: Log, question: Question) -> Iterator[Row]:
    """The links of which both incidents are in the package, by the merges in force."""
    every = list(state.links(connection, question.clock))
    merges = state.merges(connection)
    ends = {key: survivor(key, merges) for one in every for key in (one.origin, one.target)}
    listed = set(_keys(connection, question, _LINKED).values())
    said = cited.citations(log, (one.position for one in every))
    for one in every:
        here, there = ends[one.origin], ends[one.target]
        if here in listed and there in listed:
            by = said[one.position][0]
            yield (
                here,
                one.relation,
                there,
                "" if here == one.origin else one.origin,
                "" if there == one.target else one.target,
                by.source,
                by.locator,
                by.claimant,
                by.speaker,
                by.grade,
                one.position,
            )


def _keys(connection: Connection, question: Question, condition: str) -> dict[int, str]:
    """The keys of the incidents that a question asks for, by id, of those of a condition."""
    selection = Selection(connection, question, listing=True)
    return {one.id: one.key for one in incidents(selection, condition)}


CONTENTS = (
    Contents(
        "incidents", "What is known of each incident", INCIDENTS, ("incident",), (), _incidents
    ),
    Contents(
        "counts",
        "The figure of every line, by the policy",
        listings.COUNTS,
        ("incident", "line"),
        (_INCIDENT,),
        _counts,
    ),
    Contents(
        "claims",
        "Every claim, as it was made, with what became of it",
        claims.COLUMNS,
        ("incident", "line", "position"),
        (_INCIDENT, _SOURCE),
        _claims,
    ),
    Contents(
        "people",
        "The persons identified: one row a statement",
        PEOPLE,
        ("position",),
        (_INCIDENT, _SOURCE),
        _people,
    ),
    Contents("sources", "The documents that are cited", SOURCES, ("source",), (), _sources),
    Contents(
        "attributions",
        "Who is said to have done it, and by whom",
        ATTRIBUTIONS,
        ("position", "item"),
        (_INCIDENT, _SOURCE),
        _attributions,
    ),
    Contents(
        "links",
        "How incidents stand to each other: those of which both are in the package",
        LINKS,
        ("position",),
        (_INCIDENT, Reference("to", "incidents", "incident"), _SOURCE),
        _links,
    ),
)
"""The tables, in the order in which they are written."""
