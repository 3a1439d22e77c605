"""The words that the ledger knows: measures, attributes, lists of values.

Everything here is printed by `ledger vocabulary`. Closed lists take nothing else; usual
values take a new one only when the steward says so (`--new-value KEY=VALUE`).
The rules are those of the design, section 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

MEASURES: Mapping[str, str] = MappingProxyType(
    {
        "killed": "persons killed, died of wounds included, at the incident's date",
        "injured": "persons injured and not killed",
        "missing": "persons missing",
        "captured": "persons captured or abducted",
        "evacuated": "persons evacuated",
        "displaced": "persons displaced",
        "munitions-fired": "munitions fired or launched",
        "munitions-landed": "munitions that hit or landed",
        "munitions-intercepted": "munitions shot down",
        "sites-struck": "sites struck",
        "vehicles-destroyed": "vehicles destroyed",
    }
)
"""What is counted. Measures never add to each other."""

MEASURE_HINTS: Mapping[str, str] = MappingProxyType(
    {
        "casualties": "ask for two measures: killed and injured; they never add",
        "deaths": "the measure is killed",
        "dead": "the measure is killed",
        "fatalities": "the measure is killed",
        "wounded": "the measure is injured",
        "rockets": "the measure is munitions-fired, munitions-landed or munitions-intercepted",
    }
)

ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {
        "age-group": "a closed list",
        "cause": "how the death or injury came about: a closed list",
        "injury": "kind of injury: usual values",
        "munition": "what was fired: usual values",
        "nationality": "ISO 3166 alpha-2 code of the persons' country",
        "party": "the side that the persons or things belong to, as the source names it",
        "place": "the part of the incident's place, as the source names it",
        "role": "what the persons were: usual values",
        "service": "branch of armed forces: usual values",
        "sex": "a closed list",
    }
)
"""What tells one line of a count from another: these keys and no others."""

CLOSED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "age-group": {"child": "under 18 years", "adult": "18 years or over"},
        "cause": {
            "hostile": "by the act of an enemy",
            "non-hostile": "accident, illness, self-inflicted",
            "friendly-fire": "by the act of one's own side",
            "pending": "not determined yet",
        },
        "sex": {"female": "", "male": "", "other": "as the source says"},
    }
)

USUAL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "injury": ("amputation", "blast", "burn", "gunshot", "traumatic-brain-injury"),
        "kind": (
            "abduction",
            "accident",
            "airstrike",
            "armed-clash",
            "bombing",
            "death-in-custody",
            "drone-strike",
            "missile-attack",
            "non-state",
            "one-sided",
            "rocket-attack",
            "shelling",
            "siege",
            "state-based",
        ),
        "munition": ("artillery-shell", "ballistic-missile", "bomb", "drone", "mortar", "rocket"),
        "role": (
            "civilian",
            "combatant",
            "contractor",
            "journalist",
            "medical-worker",
            "military",
            "militia",
            "police",
        ),
        "service": ("air-force", "army", "coast-guard", "marine-corps", "navy", "space-force"),
    }
)
"""Values in use; a new one is taken only on `--new-value`. `kind` is the incident's."""

STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "provisional": "first reports",
        "confirmed": "established",
        "contested": "sources disagree on whether or how it happened",
        "discounted": "kept and shown, not counted",
    }
)
CLARITIES: Mapping[str, str] = MappingProxyType(
    {"single": "one incident", "aggregate": "a summary of several that were not told apart"}
)
STANCES: Mapping[str, str] = MappingProxyType(
    {
        "claims": "the actor's own claim of responsibility",
        "accuses": "says that the actor did it",
        "suspects": "holds it likely that the actor did it",
        "denies": "says that the actor did not do it",
    }
)
CONFIDENCES: Mapping[str, str] = MappingProxyType(
    {"high": "", "good": "as the speaker put it", "moderate": "", "low": ""}
)
RELATIONS: Mapping[str, str] = MappingProxyType(
    {
        "retaliation-for": "was an answer to",
        "followed-by": "came before",
        "part-of": "is a part of",
        "same-wave": "belongs to the same wave as",
        "split-from": "was recorded as one with, and split from",
        "duplicate-of": "may be the same as (a suspicion until merged)",
    }
)
SOURCE_GRADES: Mapping[str, str] = MappingProxyType(
    {
        "A": "completely reliable",
        "B": "usually reliable",
        "C": "fairly reliable",
        "D": "not usually reliable",
        "E": "unreliable",
        "F": "cannot be judged",
    }
)
ITEM_GRADES: Mapping[int, str] = MappingProxyType(
    {
        1: "confirmed by other sources",
        2: "probably true",
        3: "possibly true",
        4: "doubtful",
        5: "improbable",
        6: "cannot be judged",
    }
)
"""Admiralty grades of the source (A to F) and of the item (1 to 6): F and 6 are no worst."""

COUNT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "more than a dozen": "13+",
        "dozens": "24+",
        "several": "3+",
        "more than 15": "16+",
        "a number of": "?",
    }
)
"""What words mean as counts."""

BUILT_IN_KEYS: tuple[str, ...] = (
    "kind",
    "status",
    "country",
    "actor",
    "incident",
    "day",
    "month",
    "quarter",
    "year",
)
"""Keys of a question that are neither attribute nor label; no label may take their names."""

COLUMN_KEYS = frozenset(
    {"measure", "low", "best", "high", "incidents", "lines", "at_least", "unknown"}
)
"""Names of columns beside the groups of a report; no label may take them either."""

WITHHELD = "withheld"
"""The value of a name that is known and not told: neither unknown nor empty."""

KEY_PATTERN = re.compile(r"[a-z0-9][a-z0-9._-]*")
"""Keys of streams, labels and foreign-id schemes (design, section 3: sorting stays the same
by code point and by UTF-16)."""

LONGEST_KEY = 200


@lru_cache(maxsize=4096)
def is_key(text: str) -> bool:
    """Whether `text` may be a key: `[a-z0-9][a-z0-9._-]*`, at most 200 characters."""
    return len(text) <= LONGEST_KEY and KEY_PATTERN.fullmatch(text) is not None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean X?` for the nearest known word, else the list of them all."""
    from difflib import get_close_matches

    known = sorted(known)
    near = get_close_matches(word, known, n=1, cutoff=0.7)
    near = near or [one for one in known if len(word) > 2 and one.startswith(word)]
    return f"did you mean {near[0]}?" if near else "it is one of " + ", ".join(known)


def in_words(error: Exception) -> str:
    """What msgspec finds wrong with a value, in words of a file: `title: expected a text, …`."""
    told, _, place = str(error).replace("`", "").partition(" - at ")
    for theirs, ours in _IN_WORDS.items():
        told = re.sub(rf"\b{theirs}\b", ours, told)
    place = place.removeprefix("$").removeprefix(".")
    return (f"{place}: " if place else "") + told.replace(" | ", " or ")


_IN_WORDS = {
    "Expected": "expected",
    "Object missing required field": "it lacks the key",
    "Object contains unknown field": "it has an unknown key",
    "Invalid enum value": "it cannot be",
    "str": "a text",
    "int": "a whole number",
    "float": "a decimal",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "null": "nothing",
}
"""What a steward calls the types of JSON, and what can be wrong with them."""
