"""Incidents as rows of UCDP GED 19.1: the columns that the mapping `ucdp-ged` reads, in its order.

An imported file of GED gives back what the mapping read of it. That leaves out spaces around
texts, articles that are named twice in a row, and which of its names a country went by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import dates
from ledger.counting import claims as claiming
from ledger.counting import lines
from ledger.counting.claims import Cited
from ledger.counting.figures import Figure
from ledger.counts import Count
from ledger.projections.state import Toll
from ledger.reports.cases import Case, batches, line_filter
from ledger.reports.claims import plain
from ledger.reports.exports import cited
from ledger.reports.exports.asked import counted
from ledger.reports.exports.countries import Countries
from ledger.reports.question import Question
from ledger.reports.selection import NOT_COUNTED, Selection, settle
from ledger.reports.table import COUNTED, Cell, Table, number, text
from ledger.store.log import Log

SCHEME = "ucdp-ged"
COLUMNS = (
    text("id", "id in GED; of an incident from elsewhere its key"),
    text("type_of_violence", "1 state-based, 2 non-state, 3 one-sided; else empty"),
    text("conflict_new_id", "id of the conflict"),
    text("conflict_name", "name of the conflict"),
    text("dyad_new_id", "id of the dyad"),
    text("dyad_name", "name of the dyad"),
    text("side_a", "the first of the parties"),
    text("side_b", "the second of the parties"),
    text("source_article", "the reports that the claim passes on"),
    text("source_original", "who said it"),
    number("where_prec", "1 exact, 7 international waters or air", "code"),
    text("where_coordinates", "name of the place"),
    text("adm_1", "first-order division"),
    text("adm_2", "second-order division"),
    text("latitude", "decimal degrees, as given"),
    text("longitude", "decimal degrees, as given"),
    text("country", "name as GED 19.1 writes it"),
    number("event_clarity", "1 single, 2 aggregate", "code"),
    number("date_prec", "1 the day, 5 longer than a month", "code"),
    text("date_start", "first day"),
    text("date_end", "last day"),
    number("deaths_a", "combatants of side a killed", COUNTED),
    number("deaths_b", "combatants of side b killed", COUNTED),
    number("deaths_civilians", "civilians killed", COUNTED),
    number("low", "killed: low, as claimed; else as the ledger adds its lines", COUNTED),
    number("best", "killed: best, as claimed; else as the ledger adds its lines", COUNTED),
    number("high", "killed: high, as claimed; else as the ledger adds its lines", COUNTED),
)
_TYPES = {"state-based": "1", "non-state": "2", "one-sided": "3"}
_CLARITIES = {"single": 1, "aggregate": 2}
_KILLED = "killed"
_CIVILIANS = "killed[role=civilian]"
_ARTICLE = re.compile(r'[^",]+,\d{4}-\d\d-\d\d,')
"""How the newer articles are written, NAME,DATE,HEADLINE: those are in quotes."""


class Chosen(NamedTuple):
    """The count that the policy gives a line, and the claim that carries it."""

    claimed: Count
    position: int
    cited: Cited


class Killed(NamedTuple):
    """What is said of those killed: of all, by line, and by the claim that stands for it all."""

    whole: Count | Figure
    lines: Mapping[str, Chosen]
    speaking: Chosen


def table(connection: Connection, log: Log, question: Question, countries: Countries) -> Table:
    """The incidents with a count of the killed, by day and position; discounted ones left out."""
    notes: list[str] = []
    return Table(COLUMNS, _rows(connection, log, question, countries, notes), notes)


def joined(relays: Sequence[str]) -> str:
    """The articles of a row, as GED writes them."""
    if len(relays) > 1 or (relays and _ARTICLE.match(relays[0])):
        return '"' + '";"'.join(relays) + '"'
    return "".join(relays)


def chosen(toll: Toll, question: Question) -> Mapping[str, Chosen]:
    """What the policy chooses on each line of a toll, as it was claimed."""
    document = toll.document
    if plain(toll, question):
        return {
            one.line: Chosen(one.count, one.position, document.cited[one.cited])
            for one in document.claims
        }
    found = {}
    for line, some in settle(toll, question).claims.items():
        choice = claiming.choose(some, document.cited, question.policy)
        by = document.cited[choice.claim.cited]
        found[line] = Chosen(choice.count, choice.claim.position, by)
    return found


def _rows(
    connection: Connection,
    log: Log,
    question: Question,
    countries: Countries,
    notes: list[str],
) -> Iterator[tuple[Cell, ...]]:
    left_out = 0
    for some in batches(Selection(connection, question, listing=True)):
        told = [(one, found) for one in some if (found := _killed(one, question))]
        left_out += len(some) - len(told)
        said = cited.citations(log, (found.speaking.position for _, found in told))
        for one, found in told:
            speaking = found.speaking
            relays = cited.relays(speaking.cited, said[speaking.position])
            yield _row(one, found, relays, countries)
    if left_out:
        notes.append(f"left out as discounted, or without a count of the killed: {left_out}")


def _killed(one: Case, question: Question) -> Killed | None:
    """What a question counts of those killed in an incident; None where it counts nothing."""
    tolls = [toll for toll in one.tolls if toll.measure == _KILLED]
    if one.facet.status == NOT_COUNTED or not tolls:
        return None
    found = chosen(tolls[0], question)
    if _KILLED in found and not question.attributes_asked:
        return Killed(found[_KILLED].claimed, found, found[_KILLED])
    admits, whole = line_filter(question), counted(tolls[0], question)
    found = {line: one for line, one in found.items() if admits(line)}
    if whole is None or not found:
        return None
    return Killed(whole, found, found[min(found)])


def _row(one: Case, found: Killed, relays: Sequence[str], countries: Countries) -> tuple[Cell, ...]:
    document, labels = one.incident.document, one.facet.labels
    place, when = document.place, dates.parse(document.date)
    ids = [one.value for one in document.foreign_ids if one.scheme == SCHEME]
    side_a, side_b = (*document.parties[:2], "", "")[:2]
    parts = _parts(found, side_a, side_b, implied=bool(ids))
    return (
        ids[0] if ids else one.incident.key,
        _TYPES.get(one.facet.kind, ""),
        labels.get("conflict", ""),
        labels.get("conflict-name", ""),
        labels.get("dyad", ""),
        labels.get("dyad-name", ""),
        side_a,
        side_b,
        joined(relays),
        found.speaking.cited.speaker,
        place.precision,
        place.name,
        place.admin1,
        place.admin2,
        place.latitude,
        place.longitude,
        countries.names.get(place.country, place.country),
        _CLARITIES[document.clarity],
        document.date_precision,
        when.first,
        when.last,
        *parts,
        found.whole.low,
        found.whole.best,
        found.whole.high,
    )


def _parts(found: Killed, side_a: str, side_b: str, *, implied: bool) -> list[int | None]:
    """Deaths of either side and of civilians; zeros are `implied` in rows of GED itself.

    UCDP writes 0 for a side of which nobody is known to have been killed. Such parts are not
    recorded where the others come to the whole (`zero_parts` of the mapping).
    """
    wanted = (_fighters(side_a), _fighters(side_b), _CIVILIANS)
    told = [found.lines[line].claimed.best if line in found.lines else None for line in wanted]
    if implied and found.whole.best == sum(part or 0 for part in told):
        return [part or 0 for part in told]
    return told


@lru_cache(maxsize=lines.CACHED)
def _fighters(side: str) -> str:
    """The line of the combatants of a side."""
    return str(lines.make(_KILLED, {"party": side, "role": "combatant"}))
