"""Whether a draft is an ordinary incident, of which `faults` would find nothing to say.

Nearly every row of a dataset becomes one, and to look for each fault by itself takes longer than
to store the event. What is not ordinary is not yet wrong: `faults` decides, and says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from ledger import dates
from ledger.counting import lines
from ledger.counts import MOST
from ledger.events.checks import NewValues
from ledger.events.envelope import Draft
from ledger.events.payloads import Claimed, IncidentRecorded
from ledger.places import place_faults
from ledger.sources import Citation
from ledger.vocabulary import (
    ATTRIBUTES,
    BUILT_IN_KEYS,
    CLARITIES,
    COLUMN_KEYS,
    ITEM_GRADES,
    KEY_PATTERN,
    LONGEST_KEY,
    STATUSES,
    is_key,
)

RESERVED = frozenset({*BUILT_IN_KEYS, *ATTRIBUTES, *COLUMN_KEYS})
"""Names that no label may take."""

_PRECISIONS = (None, 1, 2, 3, 4, 5)


def is_ordinary(draft: Draft, new_values: NewValues) -> bool:
    """Whether a draft records an incident without attributions, and nothing is wrong with it."""
    data = draft.data
    return (
        type(data) is IncidentRecorded
        and _is_new_key(draft.stream)
        and len(draft.citations) == 1
        and _is_sound_citation(draft.citations[0])
        and _is_sound_header(data, new_values)
        and not data.attributions
        and _are_sound_counts(data.counts, new_values)
    )


def _is_new_key(stream: str) -> bool:
    """Whether a stream is of an incident; `is_key` remembers keys, and these come but once."""
    kind, _, key = stream.partition("/")
    return kind == "incident" and len(key) <= LONGEST_KEY and KEY_PATTERN.fullmatch(key) is not None


def _is_sound_citation(citation: Citation) -> bool:
    return (
        is_key(citation.source)
        and citation.claimant.strip() != ""
        and citation.grade in ITEM_GRADES
    )


def _is_sound_header(data: IncidentRecorded, new_values: NewValues) -> bool:
    return (
        data.title.strip() != ""
        and _is_date(data.date)
        and lines.value_fault("kind", data.kind, new_values) is None
        and data.status in STATUSES
        and data.clarity in CLARITIES
        and data.date_precision in _PRECISIONS
        and next(place_faults(data.place), None) is None
        and _are_sound_labels(data.labels)
        and all(is_key(one.scheme) for one in data.foreign_ids)
    )


def _are_sound_labels(labels: Mapping[str, str]) -> bool:
    return all(map(_is_label, labels.keys(), labels.values()))


def _are_sound_counts(claims: Sequence[Claimed], new_values: NewValues) -> bool:
    """Whether each line is known and claimed once, for the day of the source, by a real count."""
    if not _are_sound_lines(tuple([claim.line for claim in claims]), new_values):
        return False
    for claim in claims:
        count = claim.count
        for number in (count.low, count.best, count.high):
            if number is not None and not 0 <= number <= MOST:
                return False
        if claim.as_of or claim.citation:
            return False
    return True


@lru_cache(maxsize=lines.CACHED)
def _are_sound_lines(texts: tuple[str, ...], new_values: NewValues) -> bool:
    return len(set(texts)) == len(texts) and not any(
        lines.text_faults(text, new_values) for text in texts
    )


@lru_cache(maxsize=lines.CACHED)
def _is_label(key: str, value: str) -> bool:
    return is_key(key) and key not in RESERVED and value.strip() != ""


@lru_cache(maxsize=lines.CACHED)
def _is_date(text: str) -> bool:
    try:
        dates.parse(text)
    except dates.DateError:
        return False
    return True
