"""What is wrong with an event by itself, before it is compared with a ledger.

Everything that is to be appended passes through `faults`; what is read from a log does not:
it was checked when it came, and what the log holds it holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import msgspec

from ledger.counting import lines
from ledger.counts import MOST, Count
from ledger.events import ordinary
from ledger.events import payloads as said
from ledger.events.checks import (
    Fault,
    NewValues,
    count_faults,
    date_faults,
    line_faults,
    text_faults,
    word_faults,
)
from ledger.events.envelope import Draft
from ledger.people import MOST_YEARS, name_fault
from ledger.places import place_faults
from ledger.sources import Citation
from ledger.vocabulary import (
    ATTRIBUTES,
    BUILT_IN_KEYS,
    CLARITIES,
    CONFIDENCES,
    ITEM_GRADES,
    MEASURE_HINTS,
    MEASURES,
    RELATIONS,
    SOURCE_GRADES,
    STANCES,
    STATUSES,
    did_you_mean,
    in_words,
    is_key,
)

KEYS = (*ATTRIBUTES, *BUILT_IN_KEYS)
STREAMS = ("incident", "source", "tally", "batch")
"""Kinds of stream."""

_STREAM_OF: Mapping[type[said.Payload], str] = {
    said.SourceRegistered: "source",
    said.SourceRevised: "source",
    said.TallyDefined: "tally",
    said.TotalPublished: "tally",
    said.BatchImported: "batch",
}
_ANY_STREAM = (said.EventRetracted, said.NoteAdded, said.DataSealed)
_CITED = (
    said.IncidentRecorded,
    said.CountsReported,
    said.ResponsibilityAttributed,
    said.PersonIdentified,
    said.TotalPublished,
)
_STEWARDS_OWN = frozenset({"split-from", "duplicate-of"})
_FACTS = ("kind", "date", "date_precision", "place", "parties", "reclassify", "emptied")


def faults(draft: Draft, new_values: NewValues = frozenset()) -> list[Fault]:
    """Everything that is wrong with a draft by itself; nothing if it may be appended.

    `new_values` are the values of role, service, injury, munition and kind that the steward
    declared new.
    """
    return [] if ordinary.is_ordinary(draft, new_values) else _looked_for(draft, new_values)


def _looked_for(draft: Draft, new_values: NewValues) -> list[Fault]:
    """Every fault, each looked for by itself."""
    found = [*_stream_faults(draft), *_citation_faults(draft)]
    check: Callable[[Any, NewValues], Iterator[Fault]] | None = _CHECKS.get(type(draft.data))
    if check is not None:
        found.extend(check(draft.data, new_values))
    found.extend(_index_faults(draft))
    return found


def _stream_faults(draft: Draft) -> Iterator[Fault]:
    kind, _, key = draft.stream.partition("/")
    if kind not in STREAMS:
        yield Fault(
            "of",
            "bad-stream",
            f"{draft.stream!r} is no stream",
            "write incident/KEY, source/KEY or tally/KEY",
        )
    elif not is_key(key):
        yield _no_key("key", key, "")
    elif not isinstance(draft.data, _ANY_STREAM) and kind != _STREAM_OF.get(
        type(draft.data), "incident"
    ):
        message = f"{draft.type} does not belong in {draft.stream}"
        hint = f"name a stream such as {_STREAM_OF.get(type(draft.data), 'incident')}/KEY"
        yield Fault("of", "wrong-stream", message, hint)


def _citation_faults(draft: Draft) -> Iterator[Fault]:
    if not draft.citations and _needs_citation(draft.data):
        yield Fault("source", "no-source", "a statement of fact needs its source", "add source")
    for citation in draft.citations:
        yield from _one_citation(citation)


def _one_citation(citation: Citation) -> Iterator[Fault]:
    if not is_key(citation.source):
        yield _no_key("source", citation.source, " of a source")
    if not citation.claimant.strip():
        yield Fault("claimant", "no-claimant", "the claimant is empty", "say who answers for it")
    if citation.grade not in ITEM_GRADES:
        yield Fault("grade", "bad-grade", f"{citation.grade} is no item grade", "use 1 to 6")


def _needs_citation(data: said.Payload) -> bool:
    match data:
        case said.IncidentsLinked():
            return data.relation not in _STEWARDS_OWN
        case said.IncidentRevised():
            return any(getattr(data, field) for field in _FACTS)
        case said.EventRetracted():
            return data.kind == "withdrawn"
    return isinstance(data, _CITED)


def _index_faults(draft: Draft) -> Iterator[Fault]:
    statements: Sequence[said.Claimed | said.Attributed] = ()
    match draft.data:
        case said.IncidentRecorded():
            statements = (*draft.data.counts, *draft.data.attributions)
        case said.CountsReported():
            statements = draft.data.claims
    most = max(1, len(draft.citations))
    for one in statements:
        if not 0 <= one.citation < most:
            message = f"there is no citation {one.citation}"
            hint = f"they are numbered from 0, here to {most - 1}"
            yield Fault("citation", "bad-citation", message, hint)
    if (
        isinstance(draft.data, said.CountsReported)
        and len({one.citation for one in statements}) > 1
    ):
        yield Fault("citation", "two-reports", "these are two reports", "record each by itself")


def _source(data: said.SourceRegistered, _new: NewValues) -> Iterator[Fault]:
    yield from text_faults("title", data.title)
    if data.published:
        yield from date_faults("published", data.published, bounded=True)
    yield from word_faults("grade", data.grade, SOURCE_GRADES)
    if data.sha256 and not re.fullmatch(r"[0-9a-f]{64}", data.sha256):
        yield Fault("sha256", "bad-hash", "it is not 64 hexadecimal digits in small letters")
    if data.confidential and (data.url or data.archived_url or data.author):
        yield Fault(
            "confidential",
            "not-confidential",
            "a confidential source is recorded without address or author",
            "take out url, archived_url and author",
        )


def _source_revised(data: said.SourceRevised, new: NewValues) -> Iterator[Fault]:
    fields = said.SourceRegistered.__struct_fields__
    if not data.changes:
        yield Fault("changes", "nothing-changed", "no field is changed")
    unknown = [name for name in data.changes if name not in fields]
    for name in unknown:
        yield Fault(name, "unknown-key", f"a source has no {name!r}", did_you_mean(name, fields))
    if not unknown:
        try:
            revised = msgspec.convert({"title": "-", **data.changes}, said.SourceRegistered)
        except msgspec.ValidationError as error:
            yield Fault("changes", "wrong-type", in_words(error))
        else:
            yield from _source(revised, new)


def _incident(data: said.IncidentRecorded, new: NewValues) -> Iterator[Fault]:
    yield from text_faults("title", data.title)
    yield from date_faults("date", data.date)
    yield from _header(data, new)
    yield from _claims("counts", data.counts, new)
    for one in data.attributions:
        yield from _attribution(one, new)


def _incident_revised(data: said.IncidentRevised, new: NewValues) -> Iterator[Fault]:
    changed = [name for name in data.__struct_fields__ if name != "reason"]
    if all(getattr(data, name) in (None, {}, ()) for name in changed) and not _emptied(data):
        yield Fault("of", "nothing-changed", "the revision changes nothing")
    if data.title is not None:
        yield from text_faults("title", data.title)
    if data.date is not None:
        yield from date_faults("date", data.date)
    yield from _header(data, new)
    for name in data.emptied:
        if name not in said.EMPTIABLE:
            hint = did_you_mean(name, said.EMPTIABLE)
            yield Fault("emptied", "unknown-key", f"{name!r} cannot be left empty", hint)
    for one in data.reclassify:
        yield from line_faults("reclassify", one.line, new)
        yield from line_faults("reclassify", one.to, new)
        if one.line.partition("[")[0] != one.to.partition("[")[0]:
            yield Fault("reclassify", "other-measure", f"{one.line} and {one.to} differ in measure")


def _emptied(data: said.IncidentRevised) -> bool:
    """Whether a list is revised to nothing, which is a change."""
    return data.parties == () or data.foreign_ids == ()


def _header(data: said.IncidentRecorded | said.IncidentRevised, new: NewValues) -> Iterator[Fault]:
    if data.kind is not None and (fault := lines.value_fault("kind", data.kind, new)):
        yield Fault("kind", "unknown-value", fault)
    if data.status is not None and data.status not in STATUSES:
        yield from word_faults("status", data.status, STATUSES)
    if data.clarity is not None and data.clarity not in CLARITIES:
        yield from word_faults("clarity", data.clarity, CLARITIES)
    if data.date_precision is not None and not 1 <= data.date_precision <= 5:
        message = f"{data.date_precision} is no precision: 1 (day) to 5 (UCDP date_prec)"
        yield Fault("date_precision", "bad-date", message)
    if data.place is not None:
        for field, message in place_faults(data.place):
            yield Fault(f"place.{field}", "bad-place", message)
    revised = isinstance(data, said.IncidentRevised)
    for key, value in data.labels.items():
        yield from _label_faults(key, value, revised)
    for one in data.foreign_ids or ():
        if not is_key(one.scheme):
            yield _no_key("foreign_ids", one.scheme, " of a scheme")


@lru_cache(maxsize=lines.CACHED)
def _label_faults(key: str, value: str, revised: bool) -> tuple[Fault, ...]:  # noqa: FBT001 - cached
    """What is wrong with a label; a revision may give it an empty value, to take it away."""
    if not is_key(key):
        return (_no_key("labels", key, " of a label"),)
    if key in ordinary.RESERVED:
        message = f"{key!r} is a built-in key"
        return (Fault("labels", "reserved-key", message, "name it otherwise"),)
    if not value.strip() and not revised:
        return (Fault("labels", "empty", f"label {key!r} has no value"),)
    return ()


def _counts(data: said.CountsReported, new: NewValues) -> Iterator[Fault]:
    if not data.claims:
        yield Fault("claims", "nothing-claimed", "a report needs at least one claim")
    yield from _claims("claims", data.claims, new)


def _claims(key: str, claims: Sequence[said.Claimed], new: NewValues) -> Iterator[Fault]:
    for place, claim in enumerate(claims):
        if claim.as_of or lines.text_faults(claim.line, new) or not _countable(claim.count):
            yield from _claim(f"{key}[{place}]", claim, new)
    texts = [claim.line for claim in claims]
    for text in {text for text in texts if texts.count(text) > 1} if len(texts) > 1 else ():
        yield Fault(key, "line-twice", f"{text} is claimed twice by one report")


def _claim(where: str, claim: said.Claimed, new: NewValues) -> Iterator[Fault]:
    yield from line_faults(f"{where}.line", claim.line, new)
    yield from count_faults(f"{where}.count", claim.count)
    if claim.as_of:
        yield from date_faults(f"{where}.as_of", claim.as_of, bounded=True)


def _countable(count: Count) -> bool:
    known = (count.low or 0, count.best or 0, count.high or 0)
    return min(known) >= 0 and max(known) <= MOST


def _attribution(
    data: said.Attributed | said.ResponsibilityAttributed, _new: NewValues
) -> Iterator[Fault]:
    yield from text_faults("actor", data.actor)
    yield from word_faults("stance", data.stance, STANCES)
    if data.confidence:
        yield from word_faults("confidence", data.confidence, CONFIDENCES)


def _person(data: said.PersonIdentified, new: NewValues) -> Iterator[Fault]:
    if fault := name_fault(data.name):
        yield Fault("name", "bad-name", fault)
    yield from line_faults("line", data.line, new)
    if data.age is not None and not 0 <= data.age <= MOST_YEARS:
        yield Fault("age", "bad-age", f"{data.age} is no age in years: 0 to {MOST_YEARS}")


def _link(data: said.IncidentsLinked, _new: NewValues) -> Iterator[Fault]:
    yield from word_faults("relation", data.relation, RELATIONS)
    if not is_key(data.to):
        yield _no_key("to", data.to, " of an incident")


def _merge(data: said.IncidentMerged, _new: NewValues) -> Iterator[Fault]:
    if not is_key(data.into):
        yield _no_key("into", data.into, " of an incident")


def _tally(data: said.TallyDefined, new: NewValues) -> Iterator[Fault]:
    yield from text_faults("title", data.title)
    if data.measure not in MEASURES:
        hint = MEASURE_HINTS.get(data.measure) or did_you_mean(data.measure, MEASURES)
        yield Fault("measure", "unknown-word", f"{data.measure!r} is no measure", hint)
    for key, values in data.where.items():
        if not is_key(key):
            yield _no_key("where", key, " to ask for")
        elif key not in KEYS and (near := get_close_matches(key, KEYS, n=1, cutoff=0.8)):
            yield Fault("where", "unknown-key", f"{key!r} is no key", f"did you mean {near[0]}?")
        for value in values if key in ATTRIBUTES else ():
            if fault := lines.value_fault(key, value, new):
                yield Fault("where", "unknown-value", fault)
    if data.covers:
        yield from date_faults("covers", data.covers)


def _total(data: said.TotalPublished, _new: NewValues) -> Iterator[Fault]:
    yield from count_faults("count", data.count)
    yield from date_faults("as_of", data.as_of, bounded=True)
    if data.tolerance < 0:
        yield Fault("tolerance", "bad-count", "a tolerance is 0 or more")


def _retraction(data: said.EventRetracted, _new: NewValues) -> Iterator[Fault]:
    if data.position is not None and data.position < 0:
        yield Fault("position", "bad-position", "positions begin at 0")
    if data.line and data.position is None:
        yield Fault("line", "no-position", "a line is retracted of a position", "add position")


def _note(data: said.NoteAdded, _new: NewValues) -> Iterator[Fault]:
    yield from text_faults("text", data.text)


def _batch(data: said.BatchImported, _new: NewValues) -> Iterator[Fault]:
    parts = (data.new, data.changed, data.unchanged, data.duplicates, data.rejected)
    if min(data.read, data.retracted, *parts) < 0:
        yield Fault("read", "bad-count", "rows are counted from 0")
    if data.read != sum(parts):
        yield Fault("read", "rows-lost", "the rows of the batch do not add up to what was read")


def _no_key(field: str, text: str, of: str) -> Fault:
    hint = "use small letters, digits, dots, dashes and underscores, at most 200"
    return Fault(field, "bad-key", f"{text!r} is no key{of}", hint)


_CHECKS: Mapping[type[said.Payload], Callable[[Any, NewValues], Iterator[Fault]]] = {
    said.SourceRegistered: _source,
    said.SourceRevised: _source_revised,
    said.IncidentRecorded: _incident,
    said.IncidentRevised: _incident_revised,
    said.CountsReported: _counts,
    said.ResponsibilityAttributed: _attribution,
    said.PersonIdentified: _person,
    said.IncidentsLinked: _link,
    said.IncidentMerged: _merge,
    said.TallyDefined: _tally,
    said.TotalPublished: _total,
    said.EventRetracted: _retraction,
    said.NoteAdded: _note,
    said.BatchImported: _batch,
}
