"""What passes as ordinary has no fault; most of what a dataset brings passes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger.counts import MOST, Count
from ledger.events import Draft, faults
from ledger.events import payloads as said
from ledger.events.checks import NewValues
from ledger.events.ordinary import is_ordinary
from ledger.places import Place
from ledger.sources import Citation

NOTHING_NEW: NewValues = frozenset()


def mostly(good: object, *bad: object) -> st.SearchStrategy[object]:
    """A good value, or now and then one that may have a fault."""
    return st.sampled_from([*[good] * 12, *bad])


KEYS = ("", "UCDP", "a b", "x" * 201)
CLAIMS = st.builds(
    said.Claimed,
    line=mostly(
        "killed", "injured", "killed[role=police]", "kiled", "killed[role=duke]", "killed["
    ),
    count=mostly(Count(1, 2, 3), Count(), Count(best=-1), Count(high=MOST + 1)),
    as_of=mostly("", "2020-01-01", "2020-13"),
    citation=mostly(0, 1, -1),
)
INCIDENTS = st.builds(
    said.IncidentRecorded,
    kind=mostly("airstrike", "tea party", ""),
    title=mostly("An invented airstrike", "", " "),
    date=mostly("2020-03-11", "2020-03", "2020-02-30", "../2020", ""),
    date_precision=mostly(None, 1, 5, 0, 6),
    place=mostly(Place(), Place(country="IQ"), Place(country="UK"), Place(latitude="12.5")),
    status=mostly("confirmed", "sure"),
    clarity=mostly("single", "clear"),
    labels=mostly({}, {"wave": "1"}, {"wave": " "}, {"Wave": "1"}, {"status": "1"}, {"low": "1"}),
    foreign_ids=st.lists(
        st.builds(said.ForeignId, mostly("ucdp", *KEYS), st.just("1")), max_size=2
    ),
    counts=st.lists(CLAIMS, max_size=3),
    attributions=mostly((), (said.Attributed(actor="", stance="claims"),)),
)
DRAFTS = st.builds(
    Draft,
    stream=mostly("incident/a", "incident", "source/a", *[f"incident/{key}" for key in KEYS]),
    data=INCIDENTS,
    citations=st.lists(
        st.builds(
            Citation,
            source=mostly("invented-times", *KEYS),
            claimant=mostly("Ministry of Invention", "", " "),
            grade=mostly(6, 0, 7),
        ),
        max_size=2,
    ),
)


@given(DRAFTS)
def test_what_is_ordinary_has_no_fault(draft: Draft) -> None:
    assert not is_ordinary(draft, NOTHING_NEW) or not faults._looked_for(draft, NOTHING_NEW)


def test_an_incident_of_a_dataset_is_ordinary() -> None:
    data = said.IncidentRecorded(
        kind="airstrike",
        title="An invented airstrike",
        date="2020-03-11",
        place=Place(country="IQ", latitude="33.3", longitude="44.4"),
        labels={"operation": "Invention"},
        foreign_ids=(said.ForeignId(scheme="ucdp", value="1"),),
        counts=(said.Claimed(line="killed", count=Count(1, 1, 1)),),
    )
    cited = (Citation(source="invented-times", claimant="Ministry of Invention"),)
    assert is_ordinary(Draft(stream="incident/a", data=data, citations=cited), NOTHING_NEW)


def test_what_is_no_incident_is_not_ordinary() -> None:
    note = Draft(stream="incident/a", data=said.NoteAdded(text="It was reviewed."))
    assert not is_ordinary(note, NOTHING_NEW)
