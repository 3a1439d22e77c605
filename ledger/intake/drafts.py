"""A table to the draft of an event: what a steward writes, without position, version or time.

The fields of a table are those of the event's payload (`ledger.events.payloads`), flat beside
the keys that name its stream and its citation. `ledger vocabulary` prints the words.
"""

from __future__ import annotations

import datetime as dt
import functools
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from ledger import counts
from ledger.codec import profile_fault
from ledger.counts import UNKNOWN, Count
from ledger.events import Draft, Payload
from ledger.events import payloads as said
from ledger.events.checks import Fault, NewValues
from ledger.events.faults import faults
from ledger.intake.files import Table, Value
from ledger.problems import Problem
from ledger.sources import Citation
from ledger.vocabulary import did_you_mean, in_words

Publishers = Mapping[str, str]
"""The publisher of each source that may be cited, "" where it has none: the claimant where a
report names nobody."""


class Noun(NamedTuple):
    """What a table may add: its payload, and the key and kind that name its stream.

    A `kind` of "" means that the key holds the whole name of a stream (`of = "incident/KEY"`).
    """

    payload: type[Payload]
    key: str
    kind: str


NOUNS: dict[str, Noun] = {
    "source": Noun(said.SourceRegistered, "key", "source"),
    "tally": Noun(said.TallyDefined, "key", "tally"),
    "incident": Noun(said.IncidentRecorded, "key", "incident"),
    "counts": Noun(said.CountsReported, "incident", "incident"),
    "attribution": Noun(said.ResponsibilityAttributed, "incident", "incident"),
    "person": Noun(said.PersonIdentified, "incident", "incident"),
    "total": Noun(said.TotalPublished, "tally", "tally"),
    "link": Noun(said.IncidentsLinked, "incident", "incident"),
    "revision": Noun(said.IncidentRevised, "of", ""),
    "merge": Noun(said.IncidentMerged, "incident", "incident"),
    "note": Noun(said.NoteAdded, "of", ""),
    "retraction": Noun(said.EventRetracted, "of", ""),
}
"""Nouns in the order in which a set is appended: what others refer to comes first."""

_CITATION = Citation.__struct_fields__
_OF_SOURCES_TOO = ("grade", "relays")


def build(
    table: Table, publishers: Publishers, new_values: NewValues = frozenset()
) -> tuple[Draft | None, list[Problem]]:
    """The draft that a table writes, or all that is wrong with it."""
    noun = NOUNS.get(table.noun)
    if noun is None:
        hint = did_you_mean(table.noun, NOUNS)
        return None, [Problem(table.where, "unknown-draft", f"no draft is {table.noun!r}", hint)]
    built = _Builder(publishers)
    draft = built.draft(noun, table.values)
    built.found.extend(
        one for one in faults(draft, new_values) if not _within(one.key, built.failed)
    )
    problems = [
        Problem(table.where, one.code, f"{one.key}: {one.message}", one.hint) for one in built.found
    ]
    return (None if problems else draft), problems


class _Builder:
    """Builds one draft, and collects what is wrong on the way."""

    def __init__(self, publishers: Publishers) -> None:
        self.publishers = publishers
        self.found: list[Fault] = []
        self.failed: set[str] = set()

    def draft(self, noun: Noun, values: Mapping[str, Value]) -> Draft:
        """The draft; what could not be built of it has a stand-in, and its key is in `failed`."""
        rest = dict(values)
        stream = self._stream(noun, rest)
        citations = self._citations(rest)
        payload = noun.payload
        data: Payload
        if payload is said.IncidentRevised and stream.startswith("source/"):
            reason = str(rest.pop("reason", ""))
            data = said.SourceRevised(changes=_tuples(rest), reason=reason)
        else:
            data = self.struct(payload, rest, "")
        if not self.found and (fault := profile_fault(values)):
            self.found.append(Fault("draft", "outside-profile", fault))
        return Draft(stream=stream, data=data, citations=citations)

    def struct(
        self, kind: type[msgspec.Struct], values: Mapping[str, Value], prefix: str
    ) -> typing.Any:  # noqa: ANN401 - an instance of `kind`
        """A struct from a table, field by field, so that every fault is found."""
        types = _types(kind)
        made: dict[str, object] = {}
        for name in values:
            if name not in types:
                self._fault(prefix + name, "unknown-key", "unknown key", did_you_mean(name, types))
        for field in msgspec.structs.fields(kind):
            if field.name in values:
                made[field.name] = self.value(
                    types[field.name], values[field.name], prefix + field.name
                )
            elif field.required:
                self._fault(prefix + field.name, "missing-key", "is missing")
                made[field.name] = _stand_in(types[field.name])
        return kind(**made)

    def value(self, kind: typing.Any, value: Value, key: str) -> object:  # noqa: ANN401 - a type
        """A field's value, converted to its type."""
        if kind is Count and not isinstance(value, Mapping):
            return self._count(value, key)
        inner = typing.get_args(kind)
        if typing.get_origin(kind) is tuple and _is_struct(inner[0]):
            return self._many(inner[0], value, key)
        if _is_struct(kind) and isinstance(value, Mapping):
            return self.struct(kind, value, key + ".")
        try:
            return msgspec.convert(_plain(value, kind), kind)
        except msgspec.ValidationError as error:
            known = _literals(kind)
            if known and isinstance(value, str):
                name = key.rpartition(".")[2]
                hint = did_you_mean(value, known)
                self._fault(key, "unknown-value", f"{value!r} is no {name}", hint)
            else:
                self._fault(key, "wrong-type", in_words(error))
            return _stand_in(kind)

    def _fault(self, key: str, code: str, message: str, hint: str = "") -> None:
        self.found.append(Fault(key, code, message, hint))
        self.failed.add(key)

    def _many(self, kind: type[msgspec.Struct], value: Value, key: str) -> object:
        if not isinstance(value, Sequence) or isinstance(value, str):
            self._fault(key, "wrong-type", "is a list of tables: [{…}, {…}]")
            return ()
        made = []
        for place, one in enumerate(value):
            if isinstance(one, Mapping):
                made.append(self.struct(kind, one, f"{key}[{place}]."))
            else:
                self._fault(f"{key}[{place}]", "wrong-type", "is no table")
        return tuple(made)

    def _count(self, value: Value, key: str) -> Count:
        try:
            return counts.parse(str(value) if isinstance(value, str | int) else "")
        except counts.CountError as error:
            self._fault(key, "bad-count", str(error))
            return UNKNOWN

    def _stream(self, noun: Noun, rest: dict[str, Value]) -> str:
        key = rest.pop(noun.key, None)
        if not isinstance(key, str) or not key:
            self._fault(noun.key, "missing-key", "is missing")
            return f"{noun.kind or 'incident'}/missing"
        return f"{noun.kind}/{key}" if noun.kind else key

    def _citations(self, rest: dict[str, Value]) -> tuple[Citation, ...]:
        flat = {name: rest.pop(name) for name in _CITATION if name in rest}
        if "source" not in flat:
            own = {name: flat.pop(name) for name in _OF_SOURCES_TOO if name in flat}
            rest.update(own)
        several = rest.pop("cite", None)
        if several is not None and flat:
            self._fault("cite", "cited-twice", "give either cite or source, not both")
        tables = several if several is not None else [flat] if flat else []
        if not isinstance(tables, list):
            self._fault("cite", "wrong-type", "is a list of citations: [{source=…}]")
            tables = [{"source": "missing", "claimant": "missing"}]
        return tuple(self._citation(one, "cite." if several else "") for one in tables)

    def _citation(self, table: Value, prefix: str) -> Citation:
        if not isinstance(table, Mapping):
            self._fault("cite", "wrong-type", "a citation is a table: {source=…}")
            return Citation("missing", "missing")
        values = dict(table)
        source = values.get("source")
        if "claimant" not in values and isinstance(source, str):
            values["claimant"] = self.publishers.get(source, "") or self._nobody(source, prefix)
        made = self.struct(Citation, values, prefix)
        assert isinstance(made, Citation)
        return made

    def _nobody(self, source: str, prefix: str) -> str:
        """Say why a statement has no claimant; gives a stand-in."""
        if source in self.publishers:
            message = f"nobody answers for it: source {source!r} names no publisher"
            self._fault(prefix + "claimant", "no-claimant", message, "add claimant")
        else:
            near = did_you_mean(source, self.publishers) if self.publishers else ""
            hint = near if near.startswith("did") else "add the source first"
            message = f"there is no source {source!r}"
            self._fault(prefix + "source", "unknown-source", message, hint)
        return "missing"


def _within(key: str, failed: Iterable[str]) -> bool:
    """Whether a key, or what holds it, could not be built: what is said of it is no news."""
    return any(key == one or key.startswith((one + ".", one + "[")) for one in failed)


def _literals(kind: object) -> tuple[str, ...]:
    """The words that a type admits, if it is a list of words, or one of them and None."""
    for one in (kind, *typing.get_args(kind)):
        if typing.get_origin(one) is typing.Literal:
            return typing.get_args(one)
    return ()


def _stand_in(kind: object) -> typing.Any:  # noqa: ANN401 - a value of the type
    """A value of a type, for a field that could not be built: it goes nowhere."""
    if words := _literals(kind):
        return words[0]
    if kind is Count:
        return UNKNOWN
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        needed = [field for field in msgspec.structs.fields(kind) if field.required]
        return kind(**{field.name: _stand_in(_types(kind)[field.name]) for field in needed})
    origin = typing.get_origin(kind)
    if origin is tuple:
        return ()
    if kind is str:
        return "missing"
    return {} if origin is Mapping else None


@functools.cache
def _types(kind: type[msgspec.Struct]) -> Mapping[str, object]:
    return typing.get_type_hints(kind)


def _is_struct(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _plain(value: Value, kind: object) -> object:
    """A value as the codec takes it: TOML's dates as text, single values of a filter as lists."""
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if kind == Mapping[str, tuple[str, ...]] and isinstance(value, Mapping):
        return {key: [one] if isinstance(one, str) else one for key, one in value.items()}
    return value


def _tuples(values: Mapping[str, Value]) -> dict[str, typing.Any]:
    plain = {key: _plain(value, None) for key, value in values.items()}
    return {key: tuple(one) if isinstance(one, list) else one for key, one in plain.items()}


def ordered(drafts: Iterable[tuple[Table, Draft]]) -> list[tuple[Table, Draft]]:
    """Drafts of files in the order of their nouns: what others refer to comes first."""
    ranks = {noun: rank for rank, noun in enumerate(NOUNS)}
    return sorted(drafts, key=lambda pair: ranks[pair[0].noun])
