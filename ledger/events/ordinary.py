"""Whether a draft is an ordinary incident, of which `faults` would find nothing to say.

Nearly every row of a dataset becomes one, and to look for each fault by itself takes longer than
to store the event. What is not ordinary is not yet wrong: `faults` decides, and says why.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from ledger import dates
from ledger.counting import lines
from ledger.counts import MOST
from ledger.events.checks import NewValues
from ledger.events.envelope import Draft
from ledger.events.payloads import Claimed, IncidentRecorded
from ledger.places import country_fault, place_faults
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
_INCIDENT = re.compile(f"incident/{KEY_PATTERN.pattern}", KEY_PATTERN.flags)
_LONGEST_STREAM = len("incident/") + LONGEST_KEY
Words = tuple[str, str, str, str, int | None, tuple[tuple[str, str], ...]]
"""Kind, status, clarity, country, precision of the date, labels: the same in many incidents."""


def is_ordinary(draft: Draft, new_values: NewValues) -> bool:
    """Whether a draft records an incident without attributions, and nothing is wrong with it."""
    data = draft.data
    return (
        type(data) is IncidentRecorded
        and not data.attributions
        and len(draft.citations) == 1
        and _is_sound_citation(draft.citations[0])
        and len(draft.stream) <= _LONGEST_STREAM
        and _INCIDENT.fullmatch(draft.stream) is not None
        and _is_sound_header(data, new_values)
        and _are_sound_counts(data.counts, new_values)
    )


def _is_sound_citation(citation: Citation) -> bool:
    return (
        is_key(citation.source)
        and citation.claimant.strip() != ""
        and citation.grade in ITEM_GRADES
    )


def _is_sound_header(data: IncidentRecorded, new_values: NewValues) -> bool:
    place = data.place
    words = (
        data.kind,
        data.status,
        data.clarity,
        place.country,
        data.date_precision,
        tuple(data.labels.items()),
    )
    if not (data.title.strip() and _is_date(data.date) and _are_sound_words(words, new_values)):
        return False
    for one in data.foreign_ids:
        if not is_key(one.scheme):
            return False
    bare = not place.latitude and not place.longitude and place.precision is None
    return bare or next(place_faults(place), None) is None


def _are_sound_counts(claims: Sequence[Claimed], new_values: NewValues) -> bool:
    """Whether each line is known and claimed once, for the day of the source, by a real count."""
    for claim in claims:
        count = claim.count
        low, best, high = count.low, count.best, count.high
        if (
            claim.as_of
            or claim.citation
            or (low is not None and not 0 <= low <= MOST)
            or (best is not None and not 0 <= best <= MOST)
            or (high is not None and not 0 <= high <= MOST)
        ):
            return False
    return _are_sound_lines(tuple([claim.line for claim in claims]), new_values)


@lru_cache(maxsize=lines.CACHED)
def _are_sound_words(words: Words, new_values: NewValues) -> bool:
    kind, status, clarity, country, precision, labels = words
    return (
        lines.value_fault("kind", kind, new_values) is None
        and status in STATUSES
        and clarity in CLARITIES
        and (not country or country_fault(country) is None)
        and precision in _PRECISIONS
        and all(
            is_key(key) and key not in RESERVED and value.strip() != "" for key, value in labels
        )
    )


@lru_cache(maxsize=lines.CACHED)
def _are_sound_lines(texts: tuple[str, ...], new_values: NewValues) -> bool:
    return len(set(texts)) == len(texts) and not any(
        lines.text_faults(text, new_values) for text in texts
    )


@lru_cache(maxsize=lines.CACHED)
def _is_date(text: str) -> bool:
    try:
        dates.parse(text)
    except dates.DateError:
        return False
    return True
