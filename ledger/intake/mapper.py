"""A mapping compiled for one file: what turns a row of cells into drafts of events."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from ledger import codec
from ledger.events import Draft, stream_of
from ledger.events import payloads as said
from ledger.events.checks import Fault
from ledger.intake import mapping as spec
from ledger.intake import parts
from ledger.intake.mapping import Date, Text
from ledger.intake.parts import Setting
from ledger.intake.templates import Row, Rules, columns_of
from ledger.problems import Problem
from ledger.sources import Citation
from ledger.vocabulary import did_you_mean

VERSION = 1
"""Moves when the same mapping would make other events of the same row."""
_ROOMY = 16_384
"""Characters of a row from which on its events are measured: below, none can be too long."""

_NOTHING_SAID = "nothing that the mapping takes is said", "fill the row in, or take it out"
_ONE = "take one of the two out"


class Mapped(NamedTuple):
    """What a row says: its key, and the events that it would be, were it new.

    `name` tells the row from all others of the dataset: the stream of the incident that it
    records, else its key.
    """

    line: int
    key: str
    name: str
    drafts: tuple[Draft, ...]


class Faulty(NamedTuple):
    """A row that cannot be used: its name, "" where it cannot be told, and what is wrong."""

    name: str
    faults: list[Fault]


class Publishers:
    """The publisher of each source: who answers for a row that names nobody.

    `find` looks up a source of the ledger; those of rows are `put` as they come.
    """

    def __init__(self, find: Callable[[str], str | None]) -> None:
        self._find = find
        self._found: dict[str, str | None] = {}

    def put(self, key: str, publisher: str) -> None:
        """Remember the publisher of a source that a row registers."""
        self._found[key] = publisher

    def __getitem__(self, key: str) -> str | None:
        """The publisher, "" where the source names none, None where there is no such source."""
        if key not in self._found:
            self._found[key] = self._find(key)
        return self._found[key]


def header_problems(
    mapping: spec.Mapping, file: str, header: Sequence[str], *, extra: bool
) -> list[Problem]:
    """What is wrong with the header of a file, seen from its mapping.

    Columns that begin with `_` are those of a rejects file, and are ignored.
    """
    where, names = f"{file}:1", [canonical(mapping, name) for name in header]
    known = {*columns(mapping), *mapping.columns.optional}
    missing = [one for one in columns(mapping) if one not in (*names, *mapping.columns.optional)]
    ignored = (*mapping.columns.ignored, "_*")
    odd = [
        name
        for name in names
        if name not in known and not any(_stands_for(one, name) for one in ignored)
    ]
    found = [
        Problem(where, "missing-column", f"there is no column {one!r}", _near(one, names))
        for one in missing
    ]
    found += [
        Problem(where, "column-twice", f"{one!r} is there twice, by another name of it", _ONE)
        for one in {one for one in names if names.count(one) > 1}
    ]
    if not extra and mapping.file.extra == "refused":
        hint = "take it out, name it in the mapping, or give --allow-extra-columns"
        found += [
            Problem(where, "unknown-column", f"{mapping.id} does not know column {one!r}", hint)
            for one in odd
        ]
    return found


def _stands_for(ignored: str, name: str) -> bool:
    """Whether a column is meant by one that is ignored: `*` at its end stands for anything."""
    if ignored.endswith("*"):
        return name.startswith(ignored[:-1])
    return name == ignored


def _near(name: str, names: Sequence[str]) -> str:
    near = did_you_mean(name, names) if names else ""
    return near if near.startswith("did") else "is it another dataset, or another version of it?"


def canonical(mapping: spec.Mapping, name: str) -> str:
    """The name that the mapping calls a column by."""
    for known, others in mapping.columns.aliases.items():
        if name in others:
            return known
    return name


def columns(mapping: spec.Mapping) -> list[str]:
    """The columns that the templates of a mapping name, in order."""
    found = (name for text in _texts(_of_rows(mapping)) for name in columns_of(text))
    return list(dict.fromkeys(found))


def cells_of(mapping: spec.Mapping) -> Iterator[spec.Cell]:
    """The cells with words of their own, or that are taken apart, of a mapping."""
    for text in _texts(_of_rows(mapping)):
        yield from _cells(text)


def _cells(text: Date | Text) -> Iterator[spec.Cell]:
    if isinstance(text, spec.Cell):
        yield text
    elif isinstance(text, spec.Span):
        for one in (text.start, text.end, text.precision):
            yield from _cells(one)
    elif isinstance(text, tuple):
        for one in text:
            yield from _cells(one)


def _texts(value: object) -> Iterator[Date | Text]:
    """All templates within a part of a mapping."""
    match value:
        case str() | spec.Cell() | spec.Span():
            yield value
        case spec.Section():
            for name in value.__struct_fields__:
                yield from _texts(getattr(value, name))
        case Mapping():
            for one in value.values():
                yield from _texts(one)
        case tuple():
            for one in value:
                yield from _texts(one)


def _of_rows(mapping: spec.Mapping) -> tuple[object, ...]:
    """The parts of a mapping that are filled from rows; the dataset's are not."""
    return (
        mapping.key,
        mapping.source,
        mapping.citation,
        mapping.incident,
        mapping.of,
        mapping.counts,
        mapping.attributions,
        mapping.totals,
    )


Part = TypeVar("Part", bound=spec.Section)


def filled(part: Part, values: Mapping[str, str]) -> Part:
    """A mapping, or a part of one, with values put in where templates name them in braces."""
    if not values:
        return part
    pattern = re.compile("|".join(re.escape(f"{{{name}}}") for name in values))

    def put(value: object) -> object:
        if isinstance(value, str):
            return pattern.sub(lambda found: values[found[0][1:-1]], value)
        if isinstance(value, dict):
            return {key: put(one) for key, one in value.items()}
        return [put(one) for one in value] if isinstance(value, list | tuple) else value

    return msgspec.convert(put(msgspec.to_builtins(part)), type(part))


class Mapper:
    """Turns the rows of one file into drafts. Made from a mapping and a header that fit.

    `dataset` is the source of all rows, where the mapping has one for the whole dataset; `batch`
    the import that they belong to. `owns` says that each row has an incident of its own, `shares`
    that several rows speak of one stream.
    """

    def __init__(
        self,
        mapping: spec.Mapping,
        header: Sequence[str],
        words: Mapping[str, Mapping[str, str]],
        dataset: str,
        publishers: Publishers,
        batch: str = "",
    ) -> None:
        self.mapping = mapping
        self.owns = mapping.incident is not None
        self.shares = not self.owns or bool(mapping.totals)
        self._dataset = dataset
        self._batch = batch
        self._publishers = publishers
        setting = _setting(mapping, header, words)
        incident = mapping.incident
        key, ids = (incident.key, incident.foreign_ids) if incident else (mapping.of, {})
        self._names = parts.names(setting, mapping.key, key, ids)
        source = mapping.source or spec.Source(key=dataset)
        self._source = parts.source(source, setting) if mapping.source else None
        self._citation = parts.citation(
            mapping.citation, mapping.dataset or source, setting, dataset
        )
        self._claims = parts.claims(
            mapping.counts, setting, implied=mapping.zero_parts == "implied"
        )
        self._attributions = parts.attributions(mapping.attributions, setting)
        self._totals = parts.totals(mapping.totals, setting)
        self._incident = _incident(incident, setting) if incident else None
        self._plain = not (mapping.attributions or mapping.totals or mapping.source)

    @property
    def cited(self) -> Citation | None:
        """The dataset, as what says something no more; None where rows cite their own sources."""
        dataset = self.mapping.dataset
        if dataset is None:
            return None
        claimants = (self.mapping.citation.claimant, dataset.publisher)
        constant = [one for one in claimants if isinstance(one, str) and one and "{" not in one]
        return Citation(self._dataset, constant[0]) if constant else None

    def row(self, line: int, cells: list[str]) -> Mapped | Faulty:
        """What a row says, or all that is wrong with it."""
        # Beyond the header stands an empty cell, for the columns that this file does not have.
        cells.append("")
        names, cited, claims = self._names(cells), self._citation(cells), self._claims(cells)
        found = [*names.faults, *cited.faults, *claims.faults]
        key, stream_key, ids = names.value
        drafts: list[Draft] = []
        citation = self._cite(cells, cited.value, drafts, found)
        stream = stream_of("incident", stream_key)
        if self._incident is not None:
            data = self._incident(cells, ids, claims.value, found)
            drafts.append(Draft(stream=stream, data=data, citations=(citation,), batch=self._batch))
        elif claims.value:
            reported = said.CountsReported(claims=claims.value)
            drafts.append(Draft(stream=stream, data=reported, citations=(citation,)))
        if not self._plain:
            drafts += self._others(cells, stream, citation, found)
        if not (drafts or found):
            found.append(Fault("", "nothing-said", *_NOTHING_SAID))
        if not found and sum(map(len, cells)) > _ROOMY:
            found += _too_long(drafts)
        name = stream if self.owns else key
        if found:
            return Faulty("" if names.faults else name, list(dict.fromkeys(found)))
        return Mapped(line, key, name, tuple(drafts))

    def _cite(
        self, cells: Row, cited: Citation, drafts: list[Draft], found: list[Fault]
    ) -> Citation:
        """The citation with its source, which is put among the drafts if the row registers it."""
        if self._source is None and cited.claimant:
            return cited
        key = self._dataset
        if self._source is not None:
            made = self._source(cells)
            found += made.faults
            key, registered = made.value
            if registered is not None and isinstance(registered.data, said.SourceRegistered):
                self._publishers.put(key, registered.data.publisher)
                drafts.append(registered)
        claimant = cited.claimant or self._publisher(key, found)
        return msgspec.structs.replace(cited, source=key, claimant=claimant or "missing")

    def _publisher(self, source: str, found: list[Fault]) -> str:
        publisher = self._publishers[source]
        if publisher is None:
            message, hint = f"there is no source {source!r}", "give its title, or add it first"
            found.append(Fault("source", "unknown-source", message, hint))
        elif not publisher:
            message = f"nobody answers for it: source {source!r} names no publisher"
            found.append(Fault("claimant", "no-claimant", message, "say who claims it"))
        return publisher or ""

    def _others(
        self, cells: Row, stream: str, citation: Citation, found: list[Fault]
    ) -> Iterator[Draft]:
        """The attributions and published totals of a row."""
        attributed, published = self._attributions(cells), self._totals(cells)
        found += (*attributed.faults, *published.faults)
        for one in attributed.value:
            yield Draft(stream=stream, data=one, citations=(citation,))
        for defined, total in published.value:
            yield defined
            yield msgspec.structs.replace(total, citations=(citation,))


Build = Callable[
    [Row, tuple[said.ForeignId, ...], tuple[said.Claimed, ...], list[Fault]],
    said.IncidentRecorded,
]


def _incident(one: spec.Incident, setting: Setting) -> Build:
    """What makes the incident of a row of its parts."""
    facts_of, place_of = parts.facts(one, setting), parts.place(one.place, setting)
    when_of, words_of = parts.when(one, setting), parts.words(one, setting)

    def build(
        cells: Row,
        ids: tuple[said.ForeignId, ...],
        claims: tuple[said.Claimed, ...],
        found: list[Fault],
    ) -> said.IncidentRecorded:
        facts, place = facts_of(cells), place_of(cells)
        when, words = when_of(cells), words_of(cells)
        for made in (facts, place, when, words):
            if made.faults:
                found += made.faults
        (date, precision), (title, summary), same = when.value, words.value, facts.value
        return said.IncidentRecorded(
            kind=same.kind,
            title=title,
            date=date,
            date_precision=precision,
            place=place.value,
            summary=summary,
            status=same.status,
            clarity=same.clarity,
            labels=same.labels,
            parties=same.parties,
            foreign_ids=ids,
            counts=claims,
        )

    return build


def _setting(
    mapping: spec.Mapping, header: Sequence[str], words: Mapping[str, Mapping[str, str]]
) -> Setting:
    places = {canonical(mapping, name): place for place, name in enumerate(header)}
    absent = len(header)
    rules = Rules(
        {name: frozenset(codes) for name, codes in mapping.columns.unknown.items()},
        frozenset(mapping.columns.numbers),
        mapping.dates,
        {**words, **mapping.words},
    )
    new = frozenset((key, one) for key, values in mapping.new_values.items() for one in values)
    return Setting({name: places.get(name, absent) for name in columns(mapping)}, rules, new)


def _too_long(drafts: Iterable[Draft]) -> list[Fault]:
    """Events beyond the bytes that an event may have; the envelope takes up to a thousand."""
    most = codec.MOST_BYTES - 1_000
    hint = "shorten its texts, or keep them elsewhere and cite them"
    sizes = [len(codec.canonical((draft.citations, draft.data))) for draft in drafts]
    return [
        Fault("", "too-long", f"its event would have {size:,} bytes, {most:,} is the most", hint)
        for size in sizes
        if size > most
    ]
