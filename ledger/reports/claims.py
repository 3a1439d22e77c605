"""The report `claims`: every claim, with what became of it.

Most tolls of a dataset have one claim a line: nothing is to be chosen, superseded or withdrawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain
from operator import attrgetter

from sqlalchemy import Connection

from ledger.counting import claims as claiming
from ledger.counting.claims import Claim
from ledger.counts import Count
from ledger.projections.state import Toll
from ledger.reports import listings
from ledger.reports.cases import batches, line_filter
from ledger.reports.question import Question
from ledger.reports.selection import Selection
from ledger.reports.table import Cell, Table, text

COLUMNS = (
    *listings.CLAIMS,
    text("allocated", "yes where the report gave only a larger total"),
)

Row = tuple[Cell, ...]
cited_cells = attrgetter(
    "source", "locator", "claimant", "speaker", "known", "item_grade", "source_grade"
)
"""The cells of a citation, as `listings` orders them."""
_line = attrgetter("line")


def claims(connection: Connection, question: Question) -> Table:
    """Every claim, with what became of it under the question's policy and clocks."""
    return Table(COLUMNS, rows(connection, question), [])


def rows(connection: Connection, question: Question) -> Iterator[Row]:
    """The claims that a question asks for, by incident, line and the order of claims."""
    admits = line_filter(question)
    return chain.from_iterable(
        _rows(case.incident.key, toll, question, admits)
        for some in batches(Selection(connection, question, listing=True))
        for case in some
        for toll in case.tolls
    )


def plain(toll: Toll, question: Question) -> bool:
    """Whether every claim of a toll is the only one on its line, and counts."""
    return toll.settled and (question.known_by is None or toll.last_known <= question.known_by)


def _rows(
    incident: str, toll: Toll, question: Question, admits: Callable[[str], bool]
) -> list[Row]:
    document = toll.document
    claims, cited = document.claims, document.cited
    if plain(toll, question):
        some = sorted(claims, key=_line) if len(claims) > 1 else claims
        cells = [cited_cells(one) for one in cited]
        return [
            _row(incident, one, "chosen", None, cells[one.cited])
            for one in some
            if admits(one.line)
        ]
    found, fates = [], listings.fates(toll, question)
    for one in sorted(claims, key=lambda one: (one.line, *claiming.order(one, cited))):
        verdict = fates[one.line, one.position]
        if verdict != "not yet known" and admits(one.line):
            fate, by = (verdict, None) if isinstance(verdict, str) else verdict
            found.append(_row(incident, one, fate, by, cited_cells(cited[one.cited])))
    return found


def _row(incident: str, claim: Claim, fate: str, by: int | None, cited: Row) -> Row:
    count = claim.count
    return (
        incident,
        claim.line,
        _typed(count),
        count.low,
        count.best,
        count.high,
        claim.as_of,
        fate,
        by,
        *cited,
        claim.position,
        "yes" if claim.allocated else "",
    )


@lru_cache(maxsize=4096)
def _typed(count: Count) -> str:
    return str(count)
