"""Canonical bytes, beside the rfc8785 package; unknown types, newer and older schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger import codec
from ledger.app import Ledger
from ledger.codec import MOST_BYTES, MOST_DEPTH, MOST_INTEGER, Document, ProfileError, profile_fault
from ledger.counts import Count
from ledger.errors import IntegrityError, RefusedError
from ledger.events import SCHEMAS, TYPES, Draft, Event, Payload, Unknown, type_of
from ledger.events import payloads as said
from ledger.sources import Citation
from ledger.vocabulary import is_key
from tests.conftest import SHARED

JCS = SHARED / "vectors" / "jcs"

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
integers = st.integers(-MOST_INTEGER, MOST_INTEGER)
keys = st.text("abcdefghijklmnopqrstuvwxyz0123456789._-", min_size=1, max_size=8).filter(is_key)
documents: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | integers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


PLAIN: dict[type[msgspec.inspect.Type], st.SearchStrategy[Any]] = {
    msgspec.inspect.IntType: integers,
    msgspec.inspect.BoolType: st.booleans(),
    msgspec.inspect.NoneType: st.none(),
    msgspec.inspect.StrType: texts,
}


def of_type(kind: msgspec.inspect.Type) -> st.SearchStrategy[Any]:
    """Values of the type of a payload's field, within the profile."""
    match kind:
        case msgspec.inspect.StructType(cls=cls, fields=fields):
            needed = {one.name: of_type(one.type) for one in fields if one.required}
            others = {one.name: of_type(one.type) for one in fields if not one.required}
            return st.fixed_dictionaries(needed, optional=others).map(lambda some: cls(**some))
        case msgspec.inspect.UnionType(types=types):
            return st.one_of([of_type(one) for one in types])
        case msgspec.inspect.VarTupleType(item_type=item):
            return st.lists(of_type(item), max_size=3).map(tuple)
        case msgspec.inspect.DictType(value_type=value):
            return st.dictionaries(keys, of_type(value), max_size=3)
        case msgspec.inspect.LiteralType(values=values):
            return st.sampled_from(values)
    return PLAIN[type(kind)]


payloads: st.SearchStrategy[Payload] = st.sampled_from(sorted(TYPES)).flatmap(
    lambda name: of_type(msgspec.inspect.type_info(TYPES[name]))
)
citations = st.lists(of_type(msgspec.inspect.type_info(Citation)), max_size=2).map(tuple)


def event_of(data: Payload, **envelope: Any) -> Event[Payload]:  # noqa: ANN401 - its fields
    """An event with an invented envelope."""
    fields: dict[str, Any] = {
        "position": 7,
        "id": "00000000-0000-7000-8000-000000000001",
        "stream": "incident/a",
        "version": 2,
        "type": type_of(data),
        "schema": 1,
        "recorded_at": "2024-01-01T00:00:00.000000Z",
        "recorded_by": "Test Steward",
    }
    return Event(**{**fields, **envelope}, data=data)


def body_of(data: Document, **envelope: Any) -> bytes:  # noqa: ANN401 - its fields
    """Canonical bytes of an event whose payload no struct has to know."""
    event = json.loads(codec.encode(event_of(said.NoteAdded(text="-"))))
    return rfc8785.dumps({**event, **envelope, "data": data})


# Canonical bytes


@given(payloads, citations, st.sampled_from(["", "import-1"]))
@settings(max_examples=100)
def test_an_event_has_the_bytes_of_rfc_8785_and_is_read_back(
    data: Payload, cited: tuple[Citation, ...], batch: str
) -> None:
    event = event_of(data, citations=cited, batch=batch)
    body = codec.encode(event)
    assert body == rfc8785.dumps(json.loads(body))
    assert codec.decode(body) == codec.decode(body, event.type) == event
    assert codec.decode(body.decode(), event.type) == event


@given(documents)
@settings(max_examples=100)
@example({"b": "\x7f\x80\u2028\ufb33\U0001f602", "a": '"\\/\b\t\n\x1f', "a.b": [], "a-b": {}})
@example([MOST_INTEGER, -MOST_INTEGER, True, None, {"1": 1, "10": 2, "2": 3, "a": {"a_": ""}}])
def test_a_document_within_the_profile_has_the_bytes_of_rfc_8785(document: object) -> None:
    assert profile_fault(document) is None
    assert codec.canonical(document) == rfc8785.dumps(document)  # type: ignore[arg-type]


def outside(value: object) -> str | None:
    """Why a vector lies outside the profile, told without the code under test."""
    match value:
        case float():
            return "it has a float"
        case dict() if odd := [key for key in value if not is_key(key)]:
            return f"it has the key {odd[0]!r}"
        case dict() | list():
            inside = value.values() if isinstance(value, dict) else value
            return next((why for one in inside if (why := outside(one))), None)
    return None


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_the_published_pairs(name: str) -> None:
    if not JCS.is_dir():
        pytest.skip(f"{JCS} is not here: the RFC 8785 pairs are kept beside the project")
    document = json.loads((JCS / "input" / f"{name}.json").read_bytes())
    if why := outside(document):
        pytest.skip(f"{name}.json lies outside the profile: {why}")
    assert codec.canonical(document) == (JCS / "output" / f"{name}.json").read_bytes().strip()


def test_a_reclassification_has_the_bytes_of_rfc_8785() -> None:
    moved = {"killed[party=\U0001f602]": "killed", "killed[party=\ufb33]": "killed"}
    body = codec.encode(
        event_of(
            said.IncidentRevised(
                reclassify=tuple(said.Reclassified(line=a, to=b) for a, b in moved.items())
            )
        )
    )
    assert body == rfc8785.dumps(json.loads(body))


def test_what_is_empty_is_left_out_and_what_is_zero_is_not() -> None:
    data = said.CountsReported(claims=(said.Claimed(line="killed", count=Count(0, 0, 0)),))
    document = json.loads(codec.encode(event_of(data)))
    assert document["data"] == {
        "claims": [{"count": {"best": 0, "high": 0, "low": 0}, "line": "killed"}]
    }
    assert "batch" not in document


def test_an_event_has_at_most_65535_bytes() -> None:
    spare = MOST_BYTES - len(codec.encode(event_of(said.NoteAdded(text=""))))
    assert len(codec.encode(event_of(said.NoteAdded(text="x" * spare)))) == MOST_BYTES
    with pytest.raises(ProfileError, match="65,536"):
        codec.encode(event_of(said.NoteAdded(text="x" * (spare + 1))))
    with pytest.raises(ProfileError):
        codec.encode(event_of(said.NoteAdded(text="é" * (spare // 2 + 1))))


# The profile


def nested(depth: int) -> object:
    """Lists inside lists, so many deep."""
    value: object = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [None, True, 0, MOST_INTEGER, -MOST_INTEGER, "", "é\U0001f602", [], {}, nested(MOST_DEPTH)],
)
def test_what_lies_within_the_profile(value: object) -> None:
    assert profile_fault(value) is None


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (1.0, "float"),
        (float("nan"), "float"),
        ({"a": [{"b": 0.5}]}, "float"),
        (MOST_INTEGER + 1, "beyond"),
        (-MOST_INTEGER - 1, "beyond"),
        ("a\0", "NUL"),
        ({"\0": 1}, "NUL"),
        (["\ud800"], "surrogate"),
        ({"\udfff": 1}, "surrogate"),
        (nested(MOST_DEPTH + 1), "32"),
        ({"a": nested(MOST_DEPTH)}, "32"),
    ],
)
def test_what_lies_outside_the_profile(value: object, says: str) -> None:
    assert says in str(profile_fault(value))


@pytest.mark.parametrize("key", ["", "É", "a b", "A", "-a", "killed[sex=male]"])
def test_a_key_outside_the_profile_is_found(key: str) -> None:
    assert profile_fault({key: 1})


def test_no_event_with_a_nul_is_appended(ledger: Ledger) -> None:
    ledger.add("source", {"key": "a", "title": "An invented report"})
    with pytest.raises((ProfileError, RefusedError), match="NUL"):
        ledger.append([Draft(stream="source/a", data=said.NoteAdded(text="a\0b"))])


# What this program does not know


@given(documents.filter(lambda some: some is not None), st.integers(1, 9))
@settings(max_examples=60)
def test_an_unknown_type_keeps_its_data(document: Document, schema: int) -> None:
    body = body_of(document, type="place.renamed", schema=schema)
    for event in (
        codec.decode(body),
        codec.decode(body, "place.renamed"),
        codec.decode(body.decode()),
    ):
        assert event.data == Unknown(rfc8785.dumps(document))
        assert (event.type, event.schema, event.position) == ("place.renamed", schema, 7)


@pytest.mark.parametrize("kind", [None, "note.added"])
@pytest.mark.parametrize("data", [{"text": "An invented note."}, {"words": ["other"]}])
def test_a_newer_schema_keeps_its_data(kind: str | None, data: Document) -> None:
    event = codec.decode(body_of(data, schema=SCHEMAS["note.added"] + 1), kind)
    assert event.data == Unknown(rfc8785.dumps(data))


def test_the_bytes_tell_the_type_where_a_column_is_wrong() -> None:
    event = event_of(said.NoteAdded(text="An invented note."))
    assert codec.decode(codec.encode(event), "incident.merged") == event


def test_an_unknown_type_survives_a_ledger(ledger: Ledger, tmp_path: Path) -> None:
    ledger.add("source", {"key": "a", "title": "An invented report"})
    (first,) = ledger.export()
    unknown = body_of(
        {"new-name": "Camp Invented", "at": [1, None]},
        position=1,
        version=2,
        stream="source/a",
        type="place.renamed",
        schema=3,
        id="00000000-0000-7000-8000-000000000099",
    )
    exported = tmp_path / "log.jsonl"
    exported.write_bytes(first.encode() + b"\n" + unknown + b"\n")
    other = Ledger(tmp_path / "copy.db")
    other.copy_from(exported)
    assert "\n".join([*other.export(), ""]).encode() == exported.read_bytes()
    other.rebuild()
    assert [one.encode() for one in other.export()] == [first.encode(), unknown]


# What is older


def renamed(document: Document) -> Document:
    """A batch of the first schema had one file; the second has all of an import's."""
    rest = {key: value for key, value in document.items() if key not in ("file", "sha256")}
    return {**rest, "files": [{"name": document["file"], "sha256": document["sha256"]}]}


OLD = {
    "file": "events.csv",
    "sha256": "0" * 64,
    "mapping": "invented",
    "mapping_version": 1,
    "read": 3,
    "new": 3,
}


@pytest.mark.parametrize("kind", [None, "batch.imported"])
def test_an_older_schema_is_upcast_when_it_is_read(
    monkeypatch: pytest.MonkeyPatch, kind: str | None
) -> None:
    monkeypatch.setitem(SCHEMAS, "batch.imported", 2)
    monkeypatch.setitem(codec.UPCASTERS, ("batch.imported", 1), renamed)
    event = codec.decode(body_of(OLD, type="batch.imported", stream="batch/b"), kind)
    assert event.data == said.BatchImported(
        files=(said.ImportedFile(name="events.csv", sha256="0" * 64),),
        mapping="invented",
        mapping_version=1,
        read=3,
        new=3,
    )
    assert event.schema == 1


def test_upcasters_follow_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCHEMAS, "batch.imported", 3)
    monkeypatch.setitem(codec.UPCASTERS, ("batch.imported", 1), renamed)
    monkeypatch.setitem(
        codec.UPCASTERS, ("batch.imported", 2), lambda document: {**document, "mapping": "drafts"}
    )
    for schema, data in ((1, OLD), (2, renamed(OLD))):
        event = codec.decode(body_of(data, type="batch.imported", schema=schema), "batch.imported")
        assert isinstance(event.data, said.BatchImported)
        assert event.data.mapping == "drafts"


def test_every_older_schema_has_its_upcaster() -> None:
    older = {(name, number) for name, last in SCHEMAS.items() for number in range(1, last)}
    assert codec.UPCASTERS.keys() == older


# What is no event


@pytest.mark.parametrize("kind", [None, "note.added"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        body_of({"text": 1}),
        body_of({"text": "x", "more": "y"}),
        body_of({}, type="incident.merged"),
        pytest.param(body_of({"text": "x"}, schema=0), id="schema-0"),
        pytest.param(b'{"position":0,"id":"\xff"}', id="not-utf-8"),
        pytest.param(body_of({}).replace(b'"data":{}', b'"data":' + b"[" * 100_000), id="deep"),
    ],
)
def test_what_is_no_event_is_said_to_be_none(body: bytes, kind: str | None) -> None:
    with pytest.raises(IntegrityError):
        codec.decode(body, kind)


# Fingerprints


@given(payloads, citations)
@settings(max_examples=40)
def test_an_event_has_the_fingerprint_of_its_draft(
    data: Payload, cited: tuple[Citation, ...]
) -> None:
    draft = Draft(stream="incident/a", data=data, citations=cited, expect=3, id="x", batch="y")
    event = codec.decode(codec.encode(event_of(data, citations=cited)))
    assert isinstance(event.data, Payload)
    assert codec.fingerprint_of(event) == codec.fingerprint(draft)


def test_a_fingerprint_tells_stream_type_citations_and_data() -> None:
    note, other = said.NoteAdded(text="x"), said.NoteAdded(text="y")
    cited = Citation("s", "A")
    drafts = [
        Draft(stream="incident/a", data=note),
        Draft(stream="incident/b", data=note),
        Draft(stream="incident/a", data=other),
        Draft(stream="incident/a", data=note, citations=(cited,)),
        Draft(stream="incident/a", data=said.IncidentMerged(into="x")),
    ]
    assert len({codec.fingerprint(one) for one in drafts}) == len(drafts)
