"""Faults: one reproducer for each code, and what passes (design, sections 2 to 4)."""

from __future__ import annotations

import ast
import inspect
from typing import Any

import pytest

from ledger.app import Ledger
from ledger.counts import MOST, Count
from ledger.errors import RefusedError
from ledger.events import Draft, Payload, checks, type_of
from ledger.events import faults as module
from ledger.events import payloads as said
from ledger.events.checks import Fault
from ledger.events.faults import faults
from ledger.places import Place
from ledger.sources import Citation

SAID = (Citation(source="invented-times", claimant="Ministry of Invention"),)
ONE = Count(1, 1, 1)
STREAMS = {"source": "source/a", "tally": "tally/a", "total": "tally/a", "batch": "batch/a"}


def draft(data: Payload, citations: tuple[Citation, ...] = SAID, stream: str = "") -> Draft:
    """An event in the stream where it belongs, if no other is given."""
    kind = type_of(data).partition(".")[0]
    return Draft(stream=stream or STREAMS.get(kind, "incident/a"), data=data, citations=citations)


def found(data: Payload, citations: tuple[Citation, ...] = SAID) -> list[Fault]:
    """What is wrong with an event in the stream where it belongs."""
    return faults(draft(data, citations))


def source(**fields: Any) -> said.SourceRegistered:  # noqa: ANN401 - fields of the payload
    return said.SourceRegistered(**{"title": "An invented report", **fields})


def incident(**fields: Any) -> said.IncidentRecorded:  # noqa: ANN401 - fields of the payload
    return said.IncidentRecorded(
        **{"kind": "accident", "title": "An invented accident", "date": "2020-03-11", **fields}
    )


def claims(*texts: str, **fields: Any) -> said.CountsReported:  # noqa: ANN401
    some = tuple(said.Claimed(**{"line": text, "count": ONE, **fields}) for text in texts)
    return said.CountsReported(claims=some)


def person(**fields: Any) -> said.PersonIdentified:  # noqa: ANN401 - fields of the payload
    return said.PersonIdentified(**{"name": "Invented Name", "line": "killed", **fields})


def batch(**fields: Any) -> said.BatchImported:  # noqa: ANN401 - fields of the payload
    return said.BatchImported(
        **{"files": (), "mapping": "m", "mapping_version": 1, "read": 3, "new": 3, **fields}
    )


TALLY = said.TallyDefined(title="Invented tally", measure="killed", where={"nationality": ("US",)})
TOTAL = said.TotalPublished(count=ONE, as_of="2020-03-11")
NOTE = said.NoteAdded(text="An invented note.")

REPRODUCERS: dict[str, list[tuple[str, Draft]]] = {
    "bad-key": [
        ("key", draft(NOTE, stream="incident/Not A Key")),
        ("key", draft(NOTE, stream="incident/")),
        ("key", draft(NOTE, stream="incident/" + "a" * 201)),
        ("source", draft(claims("killed"), (Citation("No Key", "A"),))),
        ("to", draft(said.IncidentsLinked(relation="part-of", to="No Key"))),
        ("into", draft(said.IncidentMerged(into="é"))),
        ("labels", draft(incident(labels={"Operation": "x"}))),
        ("foreign_ids", draft(incident(foreign_ids=(said.ForeignId(scheme="É", value="1"),)))),
        ("where", draft(said.TallyDefined(title="t", measure="killed", where={"É": ("x",)}))),
    ],
    "bad-stream": [
        ("of", draft(NOTE, stream="country/iq")),
    ],
    "wrong-stream": [
        ("of", draft(source(), stream="incident/a")),
        ("of", draft(incident(), stream="source/a")),
        ("of", draft(TOTAL, stream="incident/a")),
        ("of", draft(batch(), stream="tally/a")),
    ],
    "no-source": [
        ("source", draft(incident(), ())),
        ("source", draft(claims("killed"), ())),
        ("source", draft(person(), ())),
        ("source", draft(TOTAL, ())),
        ("source", draft(said.ResponsibilityAttributed(actor="X", stance="claims"), ())),
        ("source", draft(said.IncidentsLinked(relation="retaliation-for", to="b"), ())),
        ("source", draft(said.IncidentRevised(date="2020-03-12"), ())),
        (
            "source",
            draft(
                said.IncidentRevised(
                    reclassify=(said.Reclassified(line="killed", to="killed[sex=male]"),)
                ),
                (),
            ),
        ),
        ("source", draft(said.EventRetracted(kind="withdrawn", position=1), ())),
    ],
    "no-claimant": [("claimant", draft(claims("killed"), (Citation("s", " "),)))],
    "bad-grade": [
        ("grade", draft(claims("killed"), (Citation("s", "A", grade=grade),))) for grade in (0, 7)
    ],
    "bad-citation": [
        ("citation", draft(claims("killed", citation=1))),
        ("citation", draft(claims("killed", citation=-1))),
        (
            "citation",
            draft(
                incident(
                    attributions=(said.Attributed(actor="X", stance="denies", citation=2),),
                )
            ),
        ),
    ],
    "two-reports": [
        (
            "citation",
            draft(
                said.CountsReported(
                    claims=(
                        said.Claimed(line="killed", count=ONE),
                        said.Claimed(line="injured", count=ONE, citation=1),
                    )
                ),
                (*SAID, Citation("other-times", "B")),
            ),
        )
    ],
    "empty": [
        ("title", draft(source(title=" "))),
        ("title", draft(incident(title=""))),
        ("text", draft(said.NoteAdded(text="\n"))),
        ("actor", draft(said.ResponsibilityAttributed(actor="", stance="claims"))),
        ("labels", draft(incident(labels={"operation": " "}))),
    ],
    "bad-date": [
        ("date", draft(incident(date="11.3.2020"))),
        ("date", draft(said.IncidentRevised(date=""))),
        ("published", draft(source(published="yesterday"))),
        ("as_of", draft(said.TotalPublished(count=ONE, as_of=""))),
        ("claims[0].as_of", draft(claims("killed", as_of="2020-13-01"))),
        ("covers", draft(said.TallyDefined(title="t", measure="killed", covers="x"))),
    ],
    "open-date": [
        ("published", draft(source(published="2020/.."))),
        ("as_of", draft(said.TotalPublished(count=ONE, as_of="../2020"))),
        ("claims[0].as_of", draft(claims("killed", as_of="2020/.."))),
    ],
    "unknown-value": [
        ("kind", draft(incident(kind="acident"))),
        ("status", draft(incident(status="sure"))),
        ("clarity", draft(incident(clarity="clear"))),
        ("grade", draft(source(grade="G"))),
        ("stance", draft(said.ResponsibilityAttributed(actor="X", stance="knows"))),  # type: ignore[arg-type]
        (
            "confidence",
            draft(said.ResponsibilityAttributed(actor="X", stance="claims", confidence="sure")),
        ),
        ("relation", draft(said.IncidentsLinked(relation="near", to="b"))),  # type: ignore[arg-type]
        (
            "where",
            draft(said.TallyDefined(title="t", measure="killed", where={"sex": ("x",)})),
        ),
    ],
    "bad-hash": [("sha256", draft(source(sha256=some))) for some in ("ab", "A" * 64, "g" * 64)],
    "not-confidential": [
        ("confidential", draft(source(confidential=True, **{field: value})))
        for field, value in (("url", "u"), ("archived_url", "u"), ("author", ("Invented",)))
    ],
    "nothing-changed": [
        ("of", draft(said.IncidentRevised(reason="why not"))),
        ("changes", draft(said.SourceRevised(changes={}))),
    ],
    "unknown-key": [("publishd", draft(said.SourceRevised(changes={"publishd": "2020"})))],
    "wrong-type": [
        ("changes", draft(said.SourceRevised(changes={"confidential": "yes"}))),
        ("changes", draft(said.SourceRevised(changes={"grade": "G"}))),
    ],
    "other-measure": [
        (
            "reclassify",
            draft(
                said.IncidentRevised(reclassify=(said.Reclassified(line="killed", to="injured"),))
            ),
        )
    ],
    "bad-place": [
        ("place.country", draft(incident(place=Place(country="UK")))),
        ("place.latitude", draft(said.IncidentRevised(place=Place(latitude="1.5")))),
    ],
    "reserved-key": [
        ("labels", draft(incident(labels={key: "x"}))) for key in ("kind", "year", "role", "actor")
    ],
    "nothing-claimed": [("claims", draft(said.CountsReported(claims=())))],
    "line-twice": [
        ("claims", draft(claims("killed", "killed"))),
        ("counts", draft(incident(counts=claims("killed", "killed").claims))),
    ],
    "bad-count": [
        ("claims[0].count", draft(claims("killed", count=Count(-1, None, None)))),
        ("claims[0].count", draft(claims("killed", count=Count(None, None, MOST + 1)))),
        ("count", draft(said.TotalPublished(count=Count(best=-1), as_of="2020"))),
    ],
    "bad-name": [("name", draft(person(name=name))) for name in ("", " ", "Withheld", "WITHHELD")],
    "bad-age": [("age", draft(person(age=age))) for age in (-1, 131)],
    "bad-position": [("position", draft(said.EventRetracted(kind="error", position=-1)))],
    "no-position": [("line", draft(said.EventRetracted(kind="error", line="killed")))],
    "rows-lost": [("read", draft(batch(read=4)))],
    "bad-line": [
        ("claims[0].line", draft(claims("killed[sex=male"))),
        ("line", draft(person(line="killed[sex]"))),
    ],
    "unknown-word": [
        ("claims[0].line", draft(claims("casualties"))),
        ("claims[0].line", draft(claims("killed[colour=red]"))),
        ("measure", draft(said.TallyDefined(title="t", measure="deaths"))),
        (
            "reclassify",
            draft(
                said.IncidentRevised(
                    reclassify=(said.Reclassified(line="killed", to="killed[cause=x]"),)
                )
            ),
        ),
    ],
    "not-canonical": [
        ("claims[0].line", draft(claims("killed[sex=male,role=police]"))),
        ("claims[0].line", draft(claims("killed[]"))),
    ],
}
"""Code: the key that holds it, and the draft."""


@pytest.mark.parametrize("code", REPRODUCERS)
def test_a_fault_is_found_where_it_is(code: str) -> None:
    for key, bad in REPRODUCERS[code]:
        some = faults(bad)
        assert (key, code) in [(one.key, one.code) for one in some]
        assert all(one.message for one in some)


def test_every_code_has_a_reproducer() -> None:
    trees = [ast.parse(inspect.getsource(one)) for one in (checks, module)]
    calls = [node for tree in trees for node in ast.walk(tree)
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]  # fmt: skip
    codes = {node.args[1].value for node in calls
             if node.func.id == "Fault" and isinstance(node.args[1], ast.Constant)}  # type: ignore[attr-defined]  # fmt: skip
    assert codes | {"bad-line", "unknown-word", "not-canonical"} == REPRODUCERS.keys()


WELL: list[Payload] = [
    source(published="2020-03", sha256="0" * 64, grade="A", url="https://invented.example/1"),
    source(confidential=True, publisher="A body that wants no name"),
    said.SourceRevised(changes={"published": "2020-03-12", "relays": ("b",)}),
    incident(
        place=Place(country="IQ", latitude="33.5", longitude="44.25", precision=2),
        labels={"operation": "invented"},
        counts=(said.Claimed(line="killed[nationality=US]", count=Count(13, 12, 11)),),
        attributions=(said.Attributed(actor="Invented Group", stance="denies"),),
    ),
    said.IncidentRevised(status="confirmed"),
    said.IncidentRevised(labels={"operation": ""}),
    said.IncidentRevised(
        reclassify=(said.Reclassified(line="killed[cause=pending]", to="killed[cause=hostile]"),)
    ),
    claims("killed", "injured", as_of="2020-03"),
    said.ResponsibilityAttributed(actor="Invented Group", stance="accuses", confidence="high"),
    person(name="withheld", age=0),
    said.IncidentsLinked(relation="part-of", to="b"),
    said.IncidentMerged(into="b"),
    TALLY,
    TOTAL,
    said.EventRetracted(kind="error", position=0, line="killed"),
    said.EventRetracted(kind="withdrawn", position=0),
    NOTE,
    batch(read=6, changed=1, unchanged=1, rejected=1),
]


@pytest.mark.parametrize("data", WELL, ids=type_of)
def test_what_is_well_said_passes(data: Payload) -> None:
    assert found(data) == []


@pytest.mark.parametrize(
    "data",
    [
        said.IncidentsLinked(relation="duplicate-of", to="b"),
        said.IncidentsLinked(relation="split-from", to="b"),
        said.IncidentMerged(into="b"),
        said.EventRetracted(kind="error", position=1),
        said.IncidentRevised(labels={"operation": "invented"}),
        source(),
        TALLY,
        NOTE,
    ],
    ids=type_of,
)
def test_the_stewards_own_word_needs_no_source(data: Payload) -> None:
    assert found(data, ()) == []


def test_the_steward_declares_new_values() -> None:
    new = draft(incident(kind="invented"))
    assert faults(new)
    assert not faults(new, frozenset({("kind", "invented")}))


def test_all_that_is_wrong_is_found_at_once() -> None:
    bad = incident(title="", date="x", kind="y", counts=claims("deaths", "killed[").claims)
    codes = {one.code for one in found(bad, ())}
    assert codes == {"empty", "bad-date", "unknown-value", "no-source", "unknown-word", "bad-line"}


def test_casualties_are_refused_with_the_two_measures_they_may_mean() -> None:
    (fault,) = found(claims("casualties"))
    assert "killed and injured" in fault.message


# What slips through


@pytest.mark.parametrize("field", ["parties", "foreign_ids"])
def test_what_is_taken_away_is_a_change(field: str) -> None:
    assert found(said.IncidentRevised(**{field: ()})) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("title", ["", " "])
def test_a_revision_does_not_take_the_title_away(title: str) -> None:
    assert found(said.IncidentRevised(title=title, status="confirmed"))


def test_the_measure_of_a_tally_is_a_measure() -> None:
    """Its filter stands in `where`: a report of such a tally has no row, and says nothing."""
    assert found(said.TallyDefined(title="t", measure="killed[nationality=US]"))


def test_rows_of_a_batch_are_not_negative() -> None:
    assert found(batch(read=0, new=5, rejected=-5))


@pytest.mark.parametrize("field", ["url", "archived_url"])
def test_a_confidential_source_gets_no_address_later(ledger: Ledger, field: str) -> None:
    ledger.add("source", {"key": "quiet", "title": "An invented letter", "confidential": True})
    with pytest.raises(RefusedError):
        ledger.add("revision", {"of": "source/quiet", field: "https://invented.example/1"})
