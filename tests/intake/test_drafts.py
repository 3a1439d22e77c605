from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ledger.app import Ledger
from ledger.counts import Count
from ledger.errors import RefusedError
from ledger.events import Draft
from ledger.events import payloads as said
from ledger.intake.drafts import NOUNS, build
from ledger.intake.files import Table
from ledger.sources import Citation
from tests.invented import fates, incident, source

SOURCE = {"source": "invented-gazette", "claimant": "Invented Ministry"}
INCIDENT = {"key": "ambush", "kind": "siege", "title": "Invented", "date": "2024-01-01", **SOURCE}
COUNTS = {"incident": "ambush", **SOURCE}


def made(noun: str, values: Mapping[str, Any], **publishers: str) -> Draft:
    draft, problems = build(Table("x.toml:7", noun, values), publishers)
    assert problems == []
    assert draft is not None
    return draft


def codes(noun: str, values: Mapping[str, Any]) -> list[str]:
    """The problems of a table, as `KEY: CODE`."""
    draft, problems = build(Table("x.toml:7", noun, values), {})
    assert (draft is None) == bool(problems)
    assert {problem.where for problem in problems} <= {"x.toml:7"}
    return [f"{one.message.partition(':')[0]}: {one.code}" for one in problems]


def test_a_draft_of_every_noun() -> None:
    tables: dict[str, dict[str, Any]] = {
        "source": {"key": "wire", "title": "Invented"},
        "tally": {"key": "t", "title": "Invented", "measure": "killed", "where": {"kind": "siege"}},
        "incident": INCIDENT,
        "counts": {**COUNTS, "claims": [{"line": "killed", "count": "2"}]},
        "attribution": {**COUNTS, "actor": "Invented Brigade", "stance": "accuses"},
        "person": {**COUNTS, "name": "withheld", "line": "killed"},
        "total": {"tally": "t", "count": 19, "as_of": "2024-01-01", **SOURCE},
        "link": {**COUNTS, "relation": "part-of", "to": "raid"},
        "revision": {"of": "incident/ambush", "title": "Another"},
        "merge": {"incident": "ambush", "into": "raid"},
        "note": {"of": "incident/ambush", "text": "Invented."},
        "retraction": {"of": "incident/ambush", "kind": "error", "position": 3},
    }
    assert tables.keys() == NOUNS.keys()
    for noun, values in tables.items():
        assert isinstance(made(noun, values).data, NOUNS[noun].payload)


def test_a_count_is_typed_as_text_a_number_or_a_table() -> None:
    for count, meant in (
        ("13+", Count(13)),
        (2, Count(2, 2, 2)),
        ("?", Count()),
        ({"low": 5, "best": 3}, Count(5, 3)),
    ):
        values = {**COUNTS, "claims": [{"line": "killed", "count": count}]}
        data = made("counts", values).data
        assert isinstance(data, said.CountsReported)
        assert data.claims[0].count == meant


def test_a_citation_is_flat_or_a_list() -> None:
    flat = made("note", {"of": "incident/a", "text": "x", **SOURCE, "grade": 2, "locator": "p. 3"})
    one = Citation("invented-gazette", "Invented Ministry", "", "p. 3", 2)
    assert flat.citations == (one,)
    several = [{**SOURCE, "locator": "p. 3", "grade": 2}, {**SOURCE, "speaker": "A. Speaker"}]
    listed = made("note", {"of": "incident/a", "text": "x", "cite": several})
    assert listed.citations == (
        one,
        Citation("invented-gazette", "Invented Ministry", "A. Speaker"),
    )


def test_the_publisher_answers_where_nobody_is_named() -> None:
    values = {"of": "incident/a", "text": "x", "source": "wire"}
    assert made("note", values, wire="Invented Press").citations[0].claimant == "Invented Press"
    assert codes("note", values) == ["source: unknown-source"]
    _, (problem,) = build(Table("x.toml:7", "note", values), {"wire": ""})
    assert problem.code == "no-claimant"


def test_a_revision_of_a_source() -> None:
    draft = made(
        "revision", {"of": "source/wire", "grade": "C", "relays": ["other"], "reason": "x"}
    )
    assert draft.data == said.SourceRevised(
        changes={"grade": "C", "relays": ("other",)}, reason="x"
    )


def claims(*some: object) -> dict[str, Any]:
    return {**COUNTS, "claims": list(some)}


WRONG: list[tuple[str, dict[str, Any], list[str]]] = [
    ("incidnt", {}, ["no draft is 'incidnt': unknown-draft"]),
    ("incident", {**INCIDENT, "titel": "x"}, ["titel: unknown-key"]),
    ("incident", {k: v for k, v in INCIDENT.items() if k != "title"}, ["title: missing-key"]),
    ("incident", {k: v for k, v in INCIDENT.items() if k != "key"}, ["key: missing-key"]),
    ("incident", {**INCIDENT, "key": ""}, ["key: missing-key"]),
    ("incident", {**INCIDENT, "key": "Ambush"}, ["key: bad-key"]),
    ("incident", {**INCIDENT, "key": "a/b"}, ["key: bad-key"]),
    ("incident", {**INCIDENT, "title": 7}, ["title: wrong-type"]),
    ("incident", {**INCIDENT, "title": " "}, ["title: empty"]),
    ("incident", {**INCIDENT, "date": "2020-02-30"}, ["date: bad-date"]),
    ("incident", {**INCIDENT, "kind": "ambush"}, ["kind: unknown-value"]),
    ("incident", {**INCIDENT, "status": "certain"}, ["status: unknown-value"]),
    ("incident", {**INCIDENT, "labels": {"country": "x"}}, ["labels: reserved-key"]),
    (
        "incident",
        {**INCIDENT, "labels": {"Wave": "x"}},
        ["draft: outside-profile", "labels: bad-key"],
    ),
    ("incident", {**INCIDENT, "labels": {"wave": ""}}, ["labels: empty"]),
    (
        "incident",
        {**INCIDENT, "place": {"latitude": "95", "longitude": "1"}},
        ["place.latitude: bad-place"],
    ),
    ("incident", {**INCIDENT, "place": {"country": "XX"}}, ["place.country: bad-place"]),
    (
        "incident",
        {"key": "a", "kind": "siege", "title": "x", "date": "2024"},
        ["source: no-source"],
    ),
    ("incident", {**INCIDENT, "grade": 7}, ["grade: bad-grade"]),
    ("incident", {**INCIDENT, "cite": [SOURCE]}, ["cite: cited-twice"]),
    (
        "incident",
        {**INCIDENT, "attributions": [{"actor": "x"}]},
        ["attributions[0].stance: missing-key"],
    ),
    ("counts", claims(), ["claims: nothing-claimed"]),
    ("counts", claims({"line": "killed", "count": "lots"}), ["claims[0].count: bad-count"]),
    ("counts", claims({"line": "killed", "count": -1}), ["claims[0].count: bad-count"]),
    ("counts", claims({"line": "killed", "count": "5-3"}), ["claims[0].count: bad-count"]),
    ("counts", claims({"line": "killed", "count": True}), ["claims[0].count: bad-count"]),
    ("counts", claims({"line": "killed", "count": 1.5}), ["claims[0].count: bad-count"]),
    ("counts", claims({"line": "killed"}), ["claims[0].count: missing-key"]),
    ("counts", claims("killed 2"), ["claims[0]: wrong-type", "claims: nothing-claimed"]),
    ("counts", {**COUNTS, "claims": {"line": "killed", "count": 2}}, ["claims: wrong-type"]),
    ("counts", claims({"line": "casualties", "count": 2}), ["claims[0].line: unknown-word"]),
    ("counts", claims({"line": "killed[rank=x]", "count": 2}), ["claims[0].line: unknown-word"]),
    ("counts", claims({"line": "killed[sex=x]", "count": 2}), ["claims[0].line: unknown-word"]),
    ("counts", claims({"line": "killed[", "count": 2}), ["claims[0].line: bad-line"]),
    (
        "counts",
        claims({"line": "killed[role=police,cause=hostile]", "count": 2}),
        ["claims[0].line: not-canonical"],
    ),
    (
        "counts",
        claims({"line": "killed", "count": 2}, {"line": "killed", "count": 3}),
        ["claims: line-twice"],
    ),
    (
        "counts",
        claims({"line": "killed", "count": 2, "as_of": "2024-01/.."}),
        ["claims[0].as_of: open-date"],
    ),
    ("counts", claims({"line": "killed", "count": 2, "citation": 1}), ["citation: bad-citation"]),
    (
        "person",
        {**COUNTS, "name": "Invented Person", "line": "killed", "age": 300},
        ["age: bad-age"],
    ),
    ("person", {**COUNTS, "name": " ", "line": "killed"}, ["name: bad-name"]),
    ("link", {**COUNTS, "relation": "cousin-of", "to": "raid"}, ["relation: unknown-value"]),
    ("link", {**COUNTS, "relation": "part-of", "to": "Raid"}, ["to: bad-key"]),
    ("merge", {"incident": "ambush", "into": ""}, ["into: bad-key"]),
    ("note", {"of": "nowhere/ambush", "text": "x"}, ["of: bad-stream"]),
    ("note", {"of": "incident/a", "text": "x\0"}, ["draft: outside-profile"]),
    ("note", {"of": "incident/a", "text": 2**60}, ["text: wrong-type"]),
    ("revision", {"of": "incident/a"}, ["of: nothing-changed"]),
    ("revision", {"of": "source/a", "colour": "x"}, ["colour: unknown-key"]),
    ("revision", {"of": "tally/a", "title": "x"}, ["of: wrong-stream"]),
    ("revision", {"of": "incident/a", "date": "2024-01-01"}, ["source: no-source"]),
    (
        "revision",
        {"of": "incident/a", **SOURCE, "reclassify": [{"line": "killed", "to": "injured"}]},
        ["reclassify: other-measure"],
    ),
    ("retraction", {"of": "incident/a", "kind": "slip", "position": 1}, ["kind: unknown-value"]),
    (
        "retraction",
        {"of": "incident/a", "kind": "error", "position": -1},
        ["position: bad-position"],
    ),
    ("retraction", {"of": "incident/a", "kind": "error", "line": "killed"}, ["line: no-position"]),
    ("retraction", {"of": "incident/a", "kind": "withdrawn", "position": 1}, ["source: no-source"]),
    ("source", {"key": "wire", "title": "x", "sha256": "abc"}, ["sha256: bad-hash"]),
    ("source", {"key": "wire", "title": "x", "grade": "G"}, ["grade: unknown-value"]),
    (
        "source",
        {"key": "wire", "title": "x", "confidential": True, "url": "https://invented.example"},
        ["confidential: not-confidential"],
    ),
    ("tally", {"key": "t", "title": "x", "measure": "casualties"}, ["measure: unknown-word"]),
    (
        "tally",
        {"key": "t", "title": "x", "measure": "killed", "where": {"cause": "x"}},
        ["where: unknown-value"],
    ),
    ("total", {"tally": "t", "count": "x", "as_of": "2024", **SOURCE}, ["count: bad-count"]),
]


@pytest.mark.parametrize(("noun", "values", "expected"), WRONG)
def test_what_is_wrong(noun: str, values: dict[str, Any], expected: list[str]) -> None:
    assert codes(noun, values) == expected


def test_two_problems_of_one_draft_are_both_told() -> None:
    values = {**INCIDENT, "date": "2020-02-30", "status": "certain", "titel": "x"}
    assert set(codes("incident", values)) >= {"status: unknown-value", "titel: unknown-key"}
    values = {**INCIDENT, "date": "2020-02-30", "kind": "picnic"}
    assert codes("incident", values) == ["date: bad-date", "kind: unknown-value"]


def test_a_wrong_key_does_not_hide_a_wrong_date() -> None:
    found = codes("incident", {**INCIDENT, "date": "2020-02-30", "titel": "x"})
    assert set(found) == {"date: bad-date", "titel: unknown-key"}


def test_hints() -> None:
    _, (problem,) = build(Table("x", "incident", {**INCIDENT, "titel": "x"}), {})
    assert "did you mean title" in problem.hint
    _, (problem,) = build(Table("x", "incidnt", INCIDENT), {})
    assert "did you mean incident" in problem.hint


def test_a_new_value_is_taken_when_it_is_declared(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush")])
    values = claims({"line": "killed[role=piper]", "count": 2})
    with pytest.raises(RefusedError, match="--new-value role=piper"):
        ledger.add("counts", values)
    ledger.add("counts", values, new_values=frozenset({("role", "piper")}))
    assert fates(ledger, "ambush")[0][:2] == ("killed[role=piper]", "2")


def test_a_claim_with_a_new_value_can_be_corrected(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush")])
    values = claims({"line": "killed[role=piper]", "count": 2})
    ledger.add("counts", values, new_values=frozenset({("role", "piper")}))
    ledger.correct(2, "", "3", "An invented slip.")
    assert fates(ledger, "ambush")[0][:2] == ("killed[role=piper]", "3")


def test_adding_the_same_again_appends_nothing(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush")])
    assert len(ledger.add("counts", claims({"line": "killed", "count": 2}))) == 1
    assert ledger.add("counts", claims({"line": "killed", "count": 2})) == []
