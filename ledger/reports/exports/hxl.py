"""CSV with a row of HXL tags (https://hxlstandard.org): incidents, or any report.

The tags are those that HDX puts on the same columns of UCDP's data, and those that the mapping
`hxl` reads. A column that HXL has no tag for is left without one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

import msgspec
from sqlalchemy import Connection, bindparam
from sqlalchemy import text as sql

from ledger import dates
from ledger.counting.figures import Figure
from ledger.errors import LedgerError
from ledger.projections.documents import SourceDocument
from ledger.reports.cases import Case, batches
from ledger.reports.exports import cited, ged
from ledger.reports.exports.asked import counted, measures
from ledger.reports.exports.countries import Countries
from ledger.reports.question import Question
from ledger.reports.selection import Selection
from ledger.reports.table import COUNTED, Cell, Column, Table, high, number, text
from ledger.store.log import Log
from ledger.vocabulary import MEASURES

INCIDENTS = (
    text("incident", "key of the incident"),
    text("title", "title"),
    text("kind", "kind of incident"),
    text("status", "provisional, confirmed, contested, discounted"),
    text("year", "year of the first day"),
    text("date_start", "first day"),
    text("date_end", "last day"),
    text("country", "name as UCDP writes it"),
    text("iso3", "ISO 3166 alpha-3"),
    text("adm_1", "first-order division"),
    text("adm_2", "second-order division"),
    text("where_coordinates", "name of the place"),
    number("where_prec", "1 exact, 7 international waters or air", "code"),
    text("latitude", "decimal degrees, as given"),
    text("longitude", "decimal degrees, as given"),
    text("side_a", "the first of the parties"),
    text("side_b", "the second of the parties"),
    text("source_article", "the reports that its claim passes on; else the title of its source"),
    text("summary", "what the report says happened"),
)
"""The columns of the incidents; those of the measures come after them."""
_OF_INCIDENTS = {
    "incident": "#event+id",
    "title": "#event+name",
    "kind": "#event+type",
    "status": "#status",
    "year": "#date+year",
    "date_start": "#date+start",
    "date_end": "#date+end",
    "country": "#country+name",
    "iso3": "#country+code",
    "adm_1": "#adm1+name",
    "adm_2": "#adm2+name",
    "where_coordinates": "#loc+name",
    "latitude": "#geo+lat",
    "longitude": "#geo+lon",
    "side_a": "#group+name+first",
    "side_b": "#group+name+second",
    "source_article": "#meta+source",
    "summary": "#description",
}
_OF_REPORTS = {
    "incident": "#event+id",
    "kind": "#event+type",
    "status": "#status",
    "date": "#date",
    "day": "#date",
    "month": "#date+month",
    "quarter": "#date+quarter",
    "year": "#date+year",
    "country": "#country+code+v_iso2",
    "place": "#loc+name",
    "latitude": "#geo+lat",
    "longitude": "#geo+lon",
    "actor": "#group+name",
    "source": "#meta+source",
    "measure": "#indicator+name",
    "low": "#indicator+value+min",
    "best": "#indicator+value",
    "high": "#indicator+value+max",
}
_OF_MEASURES = {
    "killed": "#affected+killed",
    "injured": "#affected+injured",
    "missing": "#affected+missing",
    "captured": "#affected+abducted",
    "evacuated": "#affected+evacuated",
    "displaced": "#affected+displaced",
}

_source = msgspec.json.Decoder(SourceDocument).decode


def tags_of(report: str, columns: Iterable[Column], question: Question) -> list[str]:
    """The tag of each column of a report, "" where HXL has none.

    Where one measure alone is asked for, the best is tagged as that. Raises LedgerError where no
    column has a tag: such a file would not be HXL.
    """
    known = dict(_OF_REPORTS)
    if report in ("incidents", "timeline"):
        known["title"] = _OF_INCIDENTS["title"]
    only = question.measures[0] if len(question.measures) == 1 else ""
    if only in _OF_MEASURES:
        known |= {"low": "", "best": _OF_MEASURES[only], "high": ""}
    found = [known.get(column.name, "") for column in columns]
    if not any(found):
        raise LedgerError(f"HXL has no tag for any column of {report}: write it as CSV")
    return found


def table(
    connection: Connection, log: Log, question: Question, countries: Countries
) -> tuple[Table, list[str]]:
    """The incidents with what each measure comes to, and the tag of each column."""
    wanted = measures(connection, question)
    columns = (*INCIDENTS, *(column for name in wanted for column in _columns(name)))
    known = {**_OF_INCIDENTS, **_OF_MEASURES}
    rows = _rows(connection, log, question, countries, wanted)
    return Table(columns, rows, []), [known.get(column.name, "") for column in columns]


def _columns(measure: str) -> tuple[Column, Column, Column]:
    return (
        number(f"{measure}_low", f"{measure}: low", COUNTED),
        number(measure, f"{measure}: best, or its low where there is no best", COUNTED),
        high(f"{measure}_high", f"{measure}: high; empty: open"),
    )


def _rows(
    connection: Connection,
    log: Log,
    question: Question,
    countries: Countries,
    wanted: Iterable[str],
) -> Iterator[tuple[Cell, ...]]:
    for some in batches(Selection(connection, question, listing=True)):
        for one, source in zip(some, _sources(connection, log, question, some), strict=True):
            tolls = {toll.measure: counted(toll, question) for toll in one.tolls}
            figures = [_cells(tolls.get(name)) for name in wanted]
            yield (*_about(one, countries, source), *chain.from_iterable(figures))


def _about(one: Case, countries: Countries, source: str) -> tuple[Cell, ...]:
    incident, document = one.incident, one.incident.document
    place, when = document.place, dates.parse(document.date)
    side_a, side_b = (*document.parties[:2], "", "")[:2]
    return (
        incident.key,
        document.title,
        one.facet.kind,
        one.facet.status,
        dates.year(incident.first_day),
        when.first,
        when.last,
        countries.names.get(place.country, ""),
        countries.iso3.get(place.country, ""),
        place.admin1,
        place.admin2,
        place.name,
        place.precision,
        place.latitude,
        place.longitude,
        side_a,
        side_b,
        source,
        document.summary,
    )


def _cells(figure: Figure | None) -> tuple[Cell, Cell, Cell]:
    return (None, None, None) if figure is None else (figure.low, figure.best, figure.high)


def _sources(
    connection: Connection, log: Log, question: Question, some: Sequence[Case]
) -> Iterator[str]:
    """What each of some incidents rests on: of its first measure, else of its own event."""
    speaking = [_speaking(one, question) for one in some]
    positions = [one.incident.id for one in some]
    said = cited.citations(log, [*positions, *(one.position for one in speaking if one)])
    found = []
    for by, position in zip(speaking, positions, strict=True):
        if by is None:
            first = said[position][0]
            found.append((first.source, first.relays))
        else:
            found.append((by.cited.source, cited.relays(by.cited, said[by.position])))
    titles = _titles(connection, {source for source, relays in found if not relays})
    for source, relays in found:
        yield ged.joined(relays) if relays else titles.get(source, source)


def _speaking(one: Case, question: Question) -> ged.Chosen | None:
    """The claim that stands for an incident: on its first measure in the vocabulary's order."""
    tolls = {toll.measure: toll for toll in one.tolls}
    for name in MEASURES:
        if name in tolls and (found := ged.chosen(tolls[name], question)):
            return found.get(name, found[min(found)])
    return None


def _titles(connection: Connection, keys: Iterable[str]) -> Mapping[str, str]:
    statement = sql("SELECT key, document FROM sources WHERE key IN :keys")
    ready = statement.bindparams(bindparam("keys", expanding=True))
    rows = connection.execute(ready, {"keys": sorted(keys)})
    return {row.key: _source(row.document).title for row in rows}
