"""The short way gives the rows that the long one gives, whatever comes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.app import Ledger
from ledger.audit import scratch
from ledger.counts import Count
from ledger.events import Draft
from ledger.events import payloads as said
from ledger.places import Place
from ledger.projections import plain
from ledger.store import log as store
from tests.conftest import file_of, new_ledger
from tests.histories import DATES, LINES, SOURCES, Step, histories, play, start
from tests.invented import cite, merge, note
from tests.test_properties import Tables, folded

NUMBERS = st.none() | st.integers(0, 9)
CLAIMS = st.builds(
    said.Claimed,
    line=st.sampled_from((*LINES, "killed[role=military]", "killed[cause=hostile,role=military]")),
    count=st.builds(Count, NUMBERS, NUMBERS, NUMBERS),
    as_of=st.sampled_from(("", "", "2024-01-03")),
    allocated=st.booleans(),
)
INCIDENTS = st.builds(
    said.IncidentRecorded,
    kind=st.just("armed-clash"),
    title=st.sampled_from(("Invented", "Invented «raid»")),
    date=st.sampled_from(DATES),
    place=st.sampled_from((Place(), Place(name="Invented Town", country="IQ"))),
    labels=st.dictionaries(st.sampled_from(("wave", "campaign")), st.sampled_from("12")),
    counts=st.lists(CLAIMS, max_size=6).map(tuple),
    attributions=st.sampled_from(
        ((), (), (said.Attributed(actor="Invented Brigade", stance="claims"),))
    ),
)
CITATIONS = st.lists(st.sampled_from((*SOURCES, "unheard-of")).map(cite), min_size=1, max_size=2)


def incidents(number: int) -> st.SearchStrategy[Draft]:
    """An incident of its own stream, of any lines: also of such that rules would refuse."""
    return st.builds(
        Draft,
        stream=st.just(f"incident/invented-{number}"),
        data=INCIDENTS,
        citations=CITATIONS.map(tuple),
    )


SETS = st.integers(1, 5).flatmap(lambda most: st.tuples(*map(incidents, range(most))))
MORE = st.sampled_from(
    (
        [],
        [note("incident/invented-0")],
        [merge("invented-0", "invented-1")],
        [merge("invented-9", "invented-0")],
    )
)


def fold(log: store.Log) -> Tables:
    with scratch.folded(log) as connection:
        return folded(connection)


def assert_alike(ledger: Ledger) -> None:
    """Fold a ledger as it is folded, then with nothing plain, and compare every row."""
    with ledger.database.reading() as connection:
        log = store.Log(connection)
        found = fold(log)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(plain, "plain", lambda _history, _undone: None)
            assert fold(log) == found


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return file_of(new_ledger(tmp_path_factory.mktemp("plain") / "model.db"))


@settings(max_examples=60)
@given(drafts=SETS, more=MORE)
def test_incidents_of_one_event(
    model: Path,
    tmp_path_factory: pytest.TempPathFactory,
    drafts: tuple[Draft, ...],
    more: list[Draft],
) -> None:
    path = tmp_path_factory.mktemp("plain") / "ledger.db"
    path.write_bytes(model.read_bytes())
    made = Ledger(path, "Test Steward")
    with made.database.writing() as connection:
        every = [*start(), *drafts, *more]
        now = datetime(2024, 1, 1, tzinfo=UTC)
        store.append(connection, every, "Test Steward", made._fold, now=now)
    assert_alike(made)


@settings(max_examples=20)
@given(steps=histories())
def test_histories(
    model: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    path = tmp_path_factory.mktemp("plain") / "ledger.db"
    path.write_bytes(model.read_bytes())
    made = Ledger(path, "Test Steward")
    play(made, steps)
    assert_alike(made)
