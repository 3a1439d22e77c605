r"""Lines: one group counted by one measure in one incident, and where lines lie.

A line is written `killed[nationality=US,role=military]`: the measure, then its attributes by
name. Counting names lines by that text. A value that holds any of `,=[]"\` or begins or ends
with a space is put in double quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import combinations
from types import MappingProxyType
from typing import NamedTuple

from ledger.places import country_fault
from ledger.vocabulary import ATTRIBUTES, CLOSED, MEASURE_HINTS, MEASURES, USUAL, did_you_mean

CACHED = 65_536
_PAIR = re.compile(r'([^=,\[\]"]+)=("(?:[^"\\]|\\["\\])*"|[^,="\[\]]*)(,(?=.)|$)')
_NEEDS_QUOTES = re.compile(r'[,=\[\]"\\]|^\s|\s$')


class LineError(ValueError):
    """A text that is no line."""


class Line(NamedTuple):
    """A measure and its attributes, sorted by key; `str()` gives the canonical text."""

    measure: str
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def keys(self) -> frozenset[str]:
        """The attributes that the line states."""
        return frozenset(key for key, _ in self.attributes)

    def within(self, other: Line) -> bool:
        """Whether all that `other` says is said here too."""
        return set(other.attributes) <= set(self.attributes)

    def disjoint(self, other: Line) -> bool:
        """Whether the two differ in the value of an attribute that both carry."""
        mine = dict(self.attributes)
        return any(mine.get(key, value) != value for key, value in other.attributes)

    def __str__(self) -> str:
        """The canonical text, with attributes by key in code-point order."""
        if not self.attributes:
            return self.measure
        inside = ",".join(f"{key}={_quoted(value)}" for key, value in self.attributes)
        return f"{self.measure}[{inside}]"


def make(measure: str, attributes: Mapping[str, str] = MappingProxyType({})) -> Line:
    """The line of a measure and attributes, in canonical order; not checked."""
    return Line(measure, tuple(sorted(attributes.items())))


@lru_cache(maxsize=CACHED)
def parse(text: str) -> Line:
    """The line that a text writes, attributes in any order.

    Raises LineError where the text has not the shape of a line or names an attribute twice;
    whether measure and values are known is for `faults`.
    """
    measure, bracket, rest = text.partition("[")
    if not bracket:
        return Line(measure.strip())
    if not rest.endswith("]"):
        raise LineError(f"{text!r} has no closing bracket: write measure[key=value,key=value]")
    pairs = _pairs(text, rest[:-1])
    if len({key for key, _ in pairs}) < len(pairs):
        raise LineError(f"{text!r} names an attribute twice")
    return Line(measure.strip(), tuple(sorted(pairs)))


def faults(line: Line, new_values: frozenset[tuple[str, str]] = frozenset()) -> list[str]:
    """What is wrong with a line's words: measure, attributes, values; nothing if all is well.

    `new_values` are the pairs of attribute and value that the steward declared new.
    """
    found = [] if line.measure in MEASURES else [_unknown("measure", line.measure, MEASURES)]
    for key, value in line.attributes:
        if key not in ATTRIBUTES:
            found.append(_unknown("attribute", key, ATTRIBUTES))
        elif fault := value_fault(key, value, new_values):
            found.append(fault)
    return found


@lru_cache(maxsize=CACHED)
def text_faults(text: str, new: frozenset[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """What is wrong with a line: pairs of code and message."""
    try:
        line = parse(text)
    except LineError as error:
        return (("bad-line", str(error)),)
    found = [("unknown-word", message) for message in faults(line, new)]
    if str(line) != text:
        found.append(("not-canonical", f"{text!r} is not canonical: write {line}"))
    return tuple(found)


@lru_cache(maxsize=CACHED)
def value_fault(
    key: str, value: str, new_values: frozenset[tuple[str, str]] = frozenset()
) -> str | None:
    """What is wrong with a value of an attribute (or of an incident's `kind`), or None."""
    if not value.strip():
        return f"{key} has no value: leave the attribute out where it is not stated"
    if key == "nationality":
        return country_fault(value)
    if key in CLOSED and value not in CLOSED[key]:
        return _unknown(key, value, CLOSED[key])
    if key in USUAL and value not in USUAL[key] and (key, value) not in new_values:
        return f"{_unknown(key, value, USUAL[key])}{_NEW}--new-value {key}={value}"
    return None


_NEW = "; a new value needs "


def for_mappings(fault: str) -> str:
    """What is wrong with a value, for rows: their mapping declares new values, no option does."""
    said, new, _ = fault.partition(_NEW)
    return f"{said}{new}[new_values] in the mapping" if new else fault


@lru_cache(maxsize=CACHED)
def overlap(texts: frozenset[str]) -> bool:
    """Whether any lines of one measure may count the same persons twice.

    Top lines must be disjoint, and so must siblings that add a common attribute.
    """
    return bool(clashes(texts))


def clashes(texts: Iterable[str]) -> list[tuple[str, str]]:
    """The pairs of lines of one measure that may count the same persons twice."""
    parents = arrange(tuple(sorted(texts)))
    return [
        (one, other)
        for one, other in combinations(parents, 2)
        if parents[one] == parents[other] and _clash(parse(one), parse(other), parents[one])
    ]


def holding(one: str, other: str) -> str:
    """The line that would hold two others: it says what both of them say."""
    line = parse(one)
    return str(Line(line.measure, tuple(sorted({*line.attributes} & {*parse(other).attributes}))))


@lru_cache(maxsize=CACHED)
def arrange(texts: tuple[str, ...]) -> Mapping[str, str | None]:
    """The line that each line lies within; None for a top line.

    It is the one whose attributes are the largest part of the line's own (ties by name), so
    it follows from what the lines say, in whatever order they came.
    """
    return MappingProxyType({text: _parent(text, texts) for text in texts})


def _parent(text: str, texts: Iterable[str]) -> str | None:
    line = parse(text)
    around = [other for other in texts if other != text and line.within(parse(other))]
    return min(around, key=lambda other: (-len(parse(other).attributes), other), default=None)


def _clash(one: Line, other: Line, parent: str | None) -> bool:
    common = one.keys & other.keys - (parse(parent).keys if parent else frozenset())
    return (parent is None or bool(common)) and not one.disjoint(other)


def _pairs(text: str, inside: str) -> list[tuple[str, str]]:
    pairs, place = [], 0
    while place < len(inside):
        found = _PAIR.match(inside, place)
        if not found:
            raise LineError(
                f"{text!r} cannot be read at {inside[place:]!r}: write measure[key=value,key=value]"
            )
        pairs.append((found[1].strip(), _unquoted(found[2])))
        place = found.end()
    return pairs


def _quoted(value: str) -> str:
    if not _NEEDS_QUOTES.search(value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text.strip()
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _unknown(what: str, word: str, known: Iterable[str]) -> str:
    if what == "measure" and (hint := MEASURE_HINTS.get(word.lower())):
        return f"unknown measure {word!r}: {hint}"
    return f"unknown {what} {word!r}: {did_you_mean(word, known)}"
