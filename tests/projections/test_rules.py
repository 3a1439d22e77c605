from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.errors import RefusedError
from ledger.events import Draft
from ledger.events import payloads as said
from tests.invented import (
    GAZETTE,
    HERALD,
    attribution,
    batched,
    cite,
    counts,
    figures,
    findings,
    incident,
    link,
    merge,
    note,
    person,
    problems,
    refused,
    retract,
    revise,
    revise_source,
    source,
    tally,
    total,
)

A = "incident/ambush"
TWO = (source(), incident("ambush", "killed 2"), incident("raid", "killed 3"))

REFUSED: dict[str, tuple[Sequence[Draft], Sequence[Draft], list[str]]] = {
    "a source that nobody registered": (
        [source()],
        [incident("ambush", of=HERALD)],
        ["unknown-source"],
    ),
    "two sources that nobody registered": (
        TWO,
        [counts("ambush", "killed 3", of=HERALD), attribution("ambush", of="invented-sheet")],
        ["unknown-source", "unknown-source"],
    ),
    "a claim on an unknown incident": (TWO, [counts("none", "killed 3")], ["unknown-incident"]),
    "an attribution of it": (TWO, [attribution("none")], ["unknown-incident"]),
    "a person of it": (TWO, [person("none", "killed")], ["unknown-incident"]),
    "a revision of it": (TWO, [revise("none", title="Invented")], ["unknown-incident"]),
    "a note on it": (TWO, [note("incident/none")], ["unknown-incident"]),
    "a link from it": (TWO, [link("none", "ambush")], ["unknown-incident"]),
    "a link to it": (TWO, [link("ambush", "none")], ["unknown-incident"]),
    "a merge of it": (TWO, [merge("none", "ambush")], ["unknown-incident"]),
    "a revision of an unknown source": (
        TWO,
        [revise_source(HERALD, title="Invented")],
        ["unknown-source"],
    ),
    "a note on an unknown source": (TWO, [note(f"source/{HERALD}")], ["unknown-source"]),
    "a total of an unknown tally": (TWO, [total("5", "2024-01-01")], ["unknown-tally"]),
    "a note on an unknown tally": (TWO, [note("tally/none")], ["unknown-tally"]),
    "a batch that never was": (TWO, [retract("batch/none", None)], ["unknown-batch"]),
    "an incident's whole stream": (TWO, [retract(A, None)], ["unknown-batch"]),
    "an incident recorded twice": (TWO, [incident("ambush", "killed 9")], ["key-taken"]),
    "a source registered twice": (TWO, [source(published="2024-02-02")], ["key-taken"]),
    "an incident twice in one set": (
        [source()],
        [incident("ambush", "killed 1"), incident("ambush", "killed 2")],
        ["key-taken"],
    ),
    "top lines that are not disjoint": (
        [source(), incident("ambush", "killed[nationality=US] 1")],
        [counts("ambush", "killed[role=military] 1")],
        ["overlap"],
    ),
    "siblings that are not disjoint": (
        [source(), incident("ambush", "killed 5", "killed[nationality=US,role=military] 1")],
        [counts("ambush", "killed[role=military,sex=male] 3")],
        ["overlap"],
    ),
    "a link to itself": (TWO, [link("ambush", "ambush")], ["same-incident"]),
    "a merge with itself": (TWO, [merge("ambush", "ambush")], ["same-incident"]),
    "a circle of two merges": (
        [*TWO, merge("ambush", "raid")],
        [merge("raid", "ambush")],
        ["merge-cycle"],
    ),
    "a circle of three": (
        [*TWO, incident("siege"), merge("ambush", "raid"), merge("raid", "siege")],
        [merge("siege", "ambush")],
        ["merge-cycle"],
    ),
    "a circle within one set": (
        TWO,
        [merge("ambush", "raid"), merge("raid", "ambush")],
        ["merge-cycle", "merge-cycle"],
    ),
    "a person on a line without a claim": (
        TWO,
        [person("ambush", "killed[nationality=US]")],
        ["unknown-line"],
    ),
    "a reclassification of a line without a claim": (
        TWO,
        [revise("ambush", reclassify={"killed[cause=pending]": "killed[cause=hostile]"})],
        ["unknown-line"],
    ),
    "a reclassification of one line onto another of the same report": (
        [
            source(),
            incident("ambush", "killed 3", "killed[cause=pending] 1", "killed[cause=hostile] 2"),
        ],
        [revise("ambush", reclassify={"killed[cause=pending]": "killed[cause=hostile]"})],
        ["line-twice"],
    ),
    "a retraction of another stream's event": (TWO, [retract(A, 2)], ["not-here"]),
    "a retraction of what is yet to come": (TWO, [retract(A, 99)], ["not-here"]),
    "a retraction of itself": (TWO, [retract(A, 3)], ["not-here"]),
    "what is already retracted": (
        [*TWO, counts("ambush", "killed 4"), retract(A, 3)],
        [retract(A, 3)],
        ["already-retracted"],
    ),
    "a line that is already retracted": (
        [*TWO, counts("ambush", "killed 4"), retract(A, 3, "killed")],
        [retract(A, 3, "killed")],
        ["already-retracted"],
    ),
    "a line of what is already retracted": (
        [*TWO, counts("ambush", "killed 4"), retract(A, 3)],
        [retract(A, 3, "killed")],
        ["already-retracted"],
    ),
    "the same retraction twice in one set": (
        [*TWO, counts("ambush", "killed 4")],
        [retract(A, 3), retract(A, 3)],
        ["already-retracted"],
    ),
    "a line that the event does not claim": (
        TWO,
        [retract(A, 1, "injured")],
        ["unknown-line"],
    ),
    "a retraction withdrawn by someone else": (
        [*TWO, counts("ambush", "killed 4"), retract(A, 3)],
        [retract(A, 4, kind="withdrawn")],
        ["own-words"],
    ),
    "an incident with a later report": (
        [*TWO, counts("ambush", "killed 4")],
        [retract(A, 1)],
        ["rested-on"],
    ),
    "an incident with a person": (
        [*TWO, person("ambush", "killed")],
        [retract(A, 1)],
        ["rested-on"],
    ),
    "an incident with an attribution": (
        [*TWO, attribution("ambush")],
        [retract(A, 1)],
        ["rested-on"],
    ),
    "an incident with a revision": (
        [*TWO, revise("ambush", title="Invented")],
        [retract(A, 1)],
        ["rested-on"],
    ),
    "an incident with a link": ([*TWO, link("ambush", "raid")], [retract(A, 1)], ["rested-on"]),
    "an incident that a link leads to": (
        [*TWO, link("raid", "ambush")],
        [retract(A, 1)],
        ["rested-on"],
    ),
    "an incident that another was merged into": (
        [*TWO, merge("raid", "ambush")],
        [retract(A, 1)],
        ["rested-on"],
    ),
    "a merged incident": ([*TWO, merge("ambush", "raid")], [retract(A, 1)], ["rested-on"]),
    "the only report of a person's line": (
        [*TWO, counts("ambush", "injured 4"), person("ambush", "injured")],
        [retract(A, 3)],
        ["rested-on"],
    ),
    "a source that is cited": (TWO, [retract(f"source/{GAZETTE}", 0)], ["rested-on"]),
    "a tally with a total": (
        [source(), tally(), total("5", "2024-01-01")],
        [retract("tally/invented-tally", 1)],
        ["rested-on"],
    ),
    "a tally that asks for no value": (
        TWO,
        [
            Draft(
                stream="tally/none",
                data=said.TallyDefined(title="Invented", measure="killed", where={"kind": ()}),
            )
        ],
        ["empty"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_nothing_left_behind(ledger: Ledger, name: str) -> None:
    before, drafts, codes = REFUSED[name]
    ledger.append(before)
    rows = figures(ledger)
    found = refused(ledger, *drafts)
    assert sorted(set(found)) == sorted(set(codes)), found
    assert figures(ledger) == rows
    assert findings(ledger) == []


def test_a_merge_into_an_unknown_incident(ledger: Ledger) -> None:
    ledger.append(TWO)
    assert refused(ledger, merge("ambush", "none")) == ["unknown-incident"]


def test_every_problem_is_said_at_once_with_its_place(ledger: Ledger) -> None:
    ledger.append(TWO)
    found = problems(
        ledger,
        counts("none", "killed 1"),
        note(A),
        link("ambush", "ambush"),
        counts("ambush", "killed 1", of=HERALD),
    )
    assert [(one.where, one.code) for one in found] == [
        ("event 0", "unknown-incident"),
        ("event 2", "same-incident"),
        ("event 3", "unknown-source"),
    ]


def test_unknown_names_come_with_the_nearest_known(ledger: Ledger) -> None:
    ledger.append(TWO)
    (found,) = problems(ledger, counts("ambsh", "killed 1"))
    assert "did you mean ambush" in found.hint
    (found,) = problems(ledger, counts("ambush", "killed 1", of="invented-gazete"))
    assert f"did you mean {GAZETTE}" in found.hint


def test_the_missing_line_is_named(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed[nationality=US] 1")])
    (found,) = problems(ledger, counts("ambush", "killed[role=military] 1"))
    assert "killed[role=military]" in found.message
    assert found.hint == "record killed first, which holds both; ? will do"
    ledger.append([counts("ambush", "killed ?", "killed[role=military] 1")])
    assert findings(ledger) == []


def test_what_rests_on_an_event_is_listed(ledger: Ledger) -> None:
    ledger.append([*TWO, counts("ambush", "killed 4"), link("raid", "ambush"), note(A)])
    (found,) = problems(ledger, retract(A, 1))
    assert "positions 3, 4" in found.message
    assert found.hint == "retract those first (see `ledger log incident/ambush`)"
    ledger.append([retract(A, 3), retract("incident/raid", 4), retract(A, 1)])
    assert figures(ledger) == {"killed": 3}


def test_the_order_within_one_set_does_not_matter(ledger: Ledger) -> None:
    ledger.append(
        [
            total("5", "2024-01-01"),
            tally(),
            person("ambush", "injured"),
            counts("ambush", "injured 2"),
            incident("raid", "killed 3"),
            merge("raid", "ambush"),
            incident("ambush", "killed 2"),
            source(),
        ]
    )
    assert figures(ledger) == {"injured": 2, "killed": 2}
    assert findings(ledger) == []


@pytest.mark.parametrize("early", [merge("raid", "ambush"), revise("raid", status="discounted")])
def test_what_is_told_before_its_incident_is_not_lost(ledger: Ledger, early: Draft) -> None:
    ledger.append([source(), incident("ambush", "killed 2")])
    if refused(ledger, early, incident("raid", "killed 3")) == []:
        assert figures(ledger)["killed"] != 5


def test_a_set_that_is_told_backwards(ledger: Ledger) -> None:
    ledger.append([counts("ambush", "killed 2"), incident("ambush"), source()])
    assert figures(ledger) == {"killed": 2}
    assert findings(ledger) == []


def test_a_key_is_free_again_after_a_retraction(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2"), retract(A, 1)])
    assert refused(ledger, incident("ambush", "killed 5")) == []
    assert figures(ledger) == {"killed": 5}
    assert refused(ledger, incident("ambush", "killed 6")) == ["key-taken"]


def test_a_tally_may_be_defined_anew(ledger: Ledger) -> None:
    ledger.append([source(), tally(nationality="US"), tally(nationality="GB")])
    with ledger.asking() as present:
        assert present.tally("invented-tally").document.where == {"nationality": ("GB",)}
    ledger.append([retract("tally/invented-tally", 2)])
    with ledger.asking() as present:
        assert present.tally("invented-tally").document.where == {"nationality": ("US",)}


def test_an_import_is_taken_back_whole(ledger: Ledger, tmp_path: Path) -> None:
    batch = batched(ledger, tmp_path, '[[source]]\nkey = "invented-herald"\ntitle = "Invented"\n')
    assert refused(ledger, retract(f"batch/{batch}", 1)) == ["whole-batch"]
    assert refused(ledger, retract(f"batch/{batch}", None)) == []
    assert refused(ledger, retract(f"batch/{batch}", None)) == ["already-retracted"]


def test_what_an_imported_incident_carries_keeps_its_import(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append([source()])
    batch = batched(
        ledger,
        tmp_path,
        '[[incident]]\nkey = "ambush"\nkind = "siege"\ntitle = "Invented"\ndate = "2024-01-01"\n'
        'source = "invented-gazette"\n',
    )
    ledger.append([counts("ambush", "killed 2")])
    assert refused(ledger, retract(f"batch/{batch}", None)) == ["rested-on"]
    ledger.append([retract(A, 3), retract(f"batch/{batch}", None)])
    assert findings(ledger) == []


def test_only_a_withdrawal_needs_a_source(ledger: Ledger) -> None:
    ledger.append(TWO)
    data = said.EventRetracted(kind="withdrawn", position=1)
    with pytest.raises(RefusedError, match="needs its source"):
        ledger.append([Draft(stream=A, data=data)])
    ledger.append([Draft(stream=A, data=data, citations=(cite(),))])
