"""The report `claims` takes short cuts, and says what every toll looked at by itself says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from sqlalchemy import Connection

from ledger.app import Ledger
from ledger.counting.claims import order
from ledger.projections import state
from ledger.reports import claims, listings
from ledger.reports.cases import line_filter
from ledger.reports.question import PLAIN, Question, ask
from ledger.reports.selection import Selection
from tests.histories import Step, histories, play
from tests.intake.mapped import GED191, imported

ASKED = (
    PLAIN,
    ask(known_by="2020-01-31"),
    ask(policy="envelope", where=["country=IQ"]),
    ask(policy="graded", where=["nationality=US"]),
    ask(measures=["killed"], as_of="2020-01-31"),
    ask(since="2020-03-01", where=["incident=taji-2020-03-11"]),
)
INVENTED = (PLAIN, ask(known_by="2024-01-05"), ask(where=["nationality=US"], policy="graded"))


def same(ledger: Ledger, question: Question) -> int:
    """Compare the report with every toll looked at by itself."""
    with ledger.asking() as present:
        names = [column.name for column in claims.COLUMNS]
        places = [names.index(name) for name in ("incident", "line", "position", "fate", "by")]
        rows = list(claims.rows(present.connection, question))
        found = [tuple(row[place] for place in places) for row in rows]
        assert found == list(one_by_one(present.connection, question))
    return len(found)


def one_by_one(connection: Connection, question: Question) -> Iterator[tuple[object, ...]]:
    """Incident, line, position and fate of every claim asked for, without any short cut."""
    admits = line_filter(question)
    selection = Selection(connection, question, listing=True)
    for incident in state.incidents(connection, question.clock):
        tolls = (
            state.tolls_of(connection, incident.id) if selection.admits_incident(incident) else []
        )
        for toll in tolls:
            if question.measures and toll.measure not in question.measures:
                continue
            cited, fates = toll.document.cited, listings.fates(toll, question)
            for one in sorted(toll.document.claims, key=lambda one: (one.line, *order(one, cited))):
                verdict = fates[one.line, one.position]
                if verdict != "not yet known" and admits(one.line):
                    fate, by = (verdict, None) if isinstance(verdict, str) else verdict
                    yield incident.key, one.line, one.position, fate, by


@pytest.mark.parametrize("question", ASKED)
def test_the_seeds(seeds: Ledger, question: Question) -> None:
    assert same(seeds, question) > 0


@given(steps=histories())
@settings(max_examples=25)
def test_random_histories(make_ledger: Callable[[], Ledger], steps: list[Step]) -> None:
    ledger = make_ledger()
    play(ledger, steps)
    for question in INVENTED:
        same(ledger, question)


@pytest.mark.skipif(not GED191.exists(), reason="../shared/data is not here")
def test_more_incidents_than_are_taken_at_a_time(ledger: Ledger) -> None:
    imported(ledger, GED191, "ucdp-ged")
    assert same(ledger, PLAIN) == 6764
    assert same(ledger, ask(known_by="2018-12-31")) == 0
    assert same(ledger, ask(where=["role=civilian", "year=2017"])) > 0
