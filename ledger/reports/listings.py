"""Reports that list what stands: incidents, counts, claims, people, sources, attributions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from ledger.counting import claims as claiming
from ledger.counting import lines
from ledger.counting.claims import Cited, Verdict
from ledger.counting.figures import Figure
from ledger.people import shown_name
from ledger.projections import state
from ledger.projections.state import Incident, Toll
from ledger.reports.cases import cases, line_filter, of_one_report
from ledger.reports.footing import resting_on
from ledger.reports.question import Question
from ledger.reports.selection import Selection, facet_value, settle, standing
from ledger.reports.table import COUNTED, Cell, Table, high, number, position, text

_CITED = (
    text("source", "key of the source"),
    text("locator", "where in the source"),
    text("claimant", "who answers for the statement"),
    text("speaker", "who said it for the claimant"),
    text("known", "day from which it counts as known: that of its source"),
    number("grade", "Admiralty grade of the item: 1 to 6", "grade"),
    text("source_grade", "Admiralty grade of the source: A to F"),
)
_POSITION = position("position", "position of the event in the log")
_INCIDENT = text("incident", "key of the incident")

INCIDENTS = (
    _INCIDENT,
    text("title", "title"),
    text("kind", "kind of incident"),
    text("date", "date as written"),
    text("status", "provisional, confirmed, contested, discounted"),
    text("clarity", "single, or aggregate of several"),
    text("country", "ISO 3166 alpha-2"),
    text("place", "place as its source names it"),
    text("latitude", "decimal degrees, as given"),
    text("longitude", "decimal degrees, as given"),
    text("actor", "who is said to have done it; several as A + B"),
    text("labels", "labels as key=value, separated by semicolons"),
    _POSITION,
)
COUNTS = (
    _INCIDENT,
    text("date", "date of the incident as written"),
    text("line", "measure and attributes"),
    text("within", "the line that it lies within"),
    number("low", "the line's low, never less than the lines inside it", COUNTED),
    number("best", "its best, or its low where there is no best", COUNTED),
    high("high", "its high; empty: open"),
    text("at_least", "yes where the best is only a low"),
    number("claims", "claims that stand in the log on this line", "claims"),
)
CLAIMS = (
    _INCIDENT,
    text("line", "measure and attributes"),
    text("count", "as a steward types it"),
    number("low", "as claimed", COUNTED),
    number("best", "as claimed", COUNTED),
    number("high", "as claimed", COUNTED),
    text("as_of", "the day that the figure is for, where it is not the source's"),
    text("fate", "chosen, stands, superseded, corroborates, set aside, withdrawn, unplaced"),
    position("by", "position of the claim that decided it"),
    *_CITED,
    _POSITION,
)
PEOPLE = (
    _INCIDENT,
    text("name", "as published; (name withheld) where it was"),
    text("rank", ""),
    text("service", ""),
    text("unit", ""),
    number("age", "as published", "years"),
    text("home", ""),
    text("line", "the line that counts the person"),
    *_CITED,
    _POSITION,
)
SOURCES = (
    text("source", "key of the source"),
    text("title", ""),
    text("publisher", ""),
    text("type", "as CSL names it"),
    text("published", "date as written"),
    text("grade", "Admiralty grade: A to F"),
    text("relays", "reports that it passes on"),
    text("confidential", "yes where address and author are not recorded"),
    number("claims", "claims of the question that cite it", "claims"),
    number(
        "figures",
        "figures of the question whose chosen claim cites it; one that several lines make up "
        "rests on each of their sources",
        "figures",
    ),
    _POSITION,
)
ATTRIBUTIONS = (
    _INCIDENT,
    text("actor", "who is said to have done it"),
    text("stance", "claims, accuses, suspects, denies"),
    text("confidence", "as the speaker put it"),
    *_CITED,
    _POSITION,
)


def incidents(connection: Connection, question: Question) -> Table:
    """The incidents of which something is known, by day and position."""
    selection = Selection(connection, question, listing=True)
    asked = ((one, selection.facet_of(one.id, one.facet)) for one in _asked(selection))
    rows = (
        (
            one.key,
            one.title,
            facet.kind,
            one.date,
            facet.status,
            one.document.clarity,
            facet.country,
            one.document.place.name,
            one.document.place.latitude,
            one.document.place.longitude,
            facet_value("actor", facet),
            "; ".join(f"{key}={value}" for key, value in sorted(facet.labels.items())),
            one.id,
        )
        for one, facet in asked
        if facet is not None
    )
    return Table(INCIDENTS, rows, [])


def counts(connection: Connection, question: Question) -> Table:
    """The figure of every line, under the question's policy and clocks."""
    return Table(COUNTS, count_rows(connection, question), [])


def people(connection: Connection, question: Question) -> Table:
    """The persons identified."""
    admits = line_filter(question)
    keys = {one.id: one.key for one in _asked(Selection(connection, question, listing=True))}
    rows = (
        (
            keys[one.incident],
            shown_name(one.document.name),
            one.document.rank,
            one.document.service,
            one.document.unit,
            one.document.age,
            one.document.home,
            one.document.line,
            *_cited(one.document.cited),
            one.position,
        )
        for one in state.people(connection, question.clock)
        if one.incident in keys and admits(one.document.line)
    )
    return Table(PEOPLE, rows, [])


def attributions(connection: Connection, question: Question) -> Table:
    """Who is said to have done it, by whom."""
    keys = {one.id: one.key for one in _asked(Selection(connection, question, listing=True))}
    rows = (
        (
            keys[one.incident],
            one.document.actor,
            one.document.stance,
            one.document.confidence,
            *_cited(one.document.cited),
            one.position,
        )
        for one in state.attributions(connection, question.clock)
        if one.incident in keys
    )
    return Table(ATTRIBUTIONS, rows, [])


def sources(connection: Connection, question: Question) -> Table:
    """The sources, by key, with how many claims cite each, and how many figures rest on each."""
    resting, cited = resting_on(connection, question), _citing(connection, question)
    rows = (
        (
            one.key,
            one.document.title,
            one.document.publisher,
            one.document.type,
            one.document.published,
            one.document.grade,
            "; ".join(one.document.relays),
            "yes" if one.document.confidential else "",
            cited[one.key],
            resting[one.key],
            one.position,
        )
        for one in state.sources(connection)
        if question.known_by is None or one.known <= question.known_by
    )
    return Table(SOURCES, rows, [])


def _citing(connection: Connection, question: Question) -> Counter[str]:
    """How many of the claims that a question asks for, and that were known, cite each source."""
    admits, day = line_filter(question), question.known_by
    return Counter(
        toll.document.cited[claim.cited].source
        for case in cases(Selection(connection, question, listing=True))
        for toll in case.tolls
        for claim in toll.document.claims
        if admits(claim.line) and (day is None or toll.document.cited[claim.cited].known <= day)
    )


def fates(toll: Toll, question: Question) -> dict[tuple[str, int], Verdict | str]:
    """What became of each claim of a toll, by line and position.

    A claim that does not count is `withdrawn`, `unplaced`, or `not yet known`.
    """
    document = toll.document
    counting, placed = standing(toll, question)
    found: dict[tuple[str, int], Verdict | str] = {}
    day = question.known_by
    for claim in document.claims:
        key = (claim.line, claim.position)
        if day is not None and document.cited[claim.cited].known > day:
            found[key] = "not yet known"
        elif claim.line in placed.unplaced:
            found[key] = "unplaced"
        elif claim.until and (day is None or claim.until <= day):
            found[key] = "withdrawn"
        else:
            found[key] = "not yet known"
    for line, some in counting.items():
        if len(some) == 1:
            found[line, some[0].position] = claiming.CHOSEN
            continue
        choice = claiming.choose(some, document.cited, question.policy)
        found.update({(line, at): verdict for at, verdict in choice.verdicts.items()})
    return found


def count_rows(connection: Connection, question: Question) -> Iterator[tuple[Cell, ...]]:
    """The rows of `counts`."""
    admits = line_filter(question)
    for case in cases(Selection(connection, question, listing=True)):
        for toll in case.tolls:
            figures, claims = _figures(toll, question)
            parents = lines.arrange(tuple(sorted(figures)))
            for line in filter(admits, sorted(figures)):
                figure = figures[line]
                yield (
                    case.incident.key,
                    case.incident.date,
                    line,
                    parents[line] or "",
                    figure.low,
                    figure.best,
                    figure.high,
                    "yes" if figure.at_least else "",
                    claims.get(line, 0),
                )


def _figures(toll: Toll, question: Question) -> tuple[Mapping[str, Figure], Mapping[str, int]]:
    """What each line comes to, and how many claims stand on it."""
    if of_one_report(toll, question):
        found = toll.document.figures
        return found, dict.fromkeys(found, 1)
    settled = settle(toll, question)
    return settled.figures, {line: len(some) for line, some in settled.claims.items()}


def _asked(selection: Selection) -> Iterator[Incident]:
    """The incidents that a question asks for: discounted ones are listed too."""
    for incident in state.incidents(selection.connection, selection.question.clock):
        if selection.admits_incident(incident):
            yield incident


def _cited(cited: Cited) -> tuple[Cell, ...]:
    return (
        cited.source,
        cited.locator,
        cited.claimant,
        cited.speaker,
        cited.known,
        cited.item_grade,
        cited.source_grade,
    )
