"""Whose statements a chart rests on, for its caption."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection

from ledger.counting.claims import Cited
from ledger.projections import state
from ledger.reports import tallies
from ledger.reports.question import Question
from ledger.reports.request import Request
from ledger.reports.selection import Selection

_NAMED = 5


def told(connection: Connection, request: Request) -> str:
    """How many sources there are, and who answers for most: of incidents and published totals."""
    question = tallies.narrowed(connection, request.tally, request.question())
    keys = {request.tally} if request.tally else None
    cited = [] if request.report == "published" else list(_of_incidents(connection, question))
    if request.report != "totals":
        cited += [
            one.document.cited
            for one in state.totals(connection, question.clock)
            if keys is None or one.tally in keys
        ]
    return _in_words(cited)


def _of_incidents(connection: Connection, question: Question) -> Iterator[Cited]:
    """The citation of each claim that is known of the measures and incidents asked for."""
    selection = Selection(connection, question, listing=True)
    wanted = {
        one.id
        for one in state.incidents(connection, question.clock)
        if selection.admits_incident(one)
    }
    for toll in state.tolls(connection):
        if toll.incident in wanted and (not question.measures or toll.measure in question.measures):
            document = toll.document
            every = (document.cited[claim.cited] for claim in document.claims)
            yield from (one for one in every if _known(one, question.known_by))


def _known(cited: Cited, day: str | None) -> bool:
    return day is None or cited.known <= day


def _in_words(cited: list[Cited]) -> str:
    if not cited:
        return "Sources: none"
    numbers = Counter(one.claimant for one in cited)
    most = sorted(numbers, key=lambda name: (-numbers[name], name))
    named = ", ".join(f"{name} ({numbers[name]:,})" for name in most[:_NAMED])
    more = f" and {len(most) - _NAMED} others" if len(most) > _NAMED else ""
    sources = len({one.source for one in cited})
    many = "1 source" if sources == 1 else f"{sources:,} sources"
    return f"{many}; statements by {named}{more}"
