"""What many fields have in common: texts, words of lists, dates, lines and counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ledger import dates
from ledger.counting import lines
from ledger.counts import MOST, Count
from ledger.vocabulary import did_you_mean

NewValues = frozenset[tuple[str, str]]
"""Keys and values that are taken beyond the usual ones."""


class Fault(NamedTuple):
    """One thing that is wrong: the key that holds it, a code, what, and what to do."""

    key: str
    code: str
    message: str
    hint: str = ""


def text_faults(key: str, value: str) -> Iterator[Fault]:
    """That a text is empty."""
    if not value.strip():
        yield Fault(key, "empty", f"{key} is empty")


def word_faults(key: str, value: str, known: Mapping[str, str]) -> Iterator[Fault]:
    """A word that is not in a closed list."""
    if value not in known:
        yield Fault(key, "unknown-value", f"{value!r} is no {key}", did_you_mean(str(value), known))


def date_faults(key: str, text: str, *, bounded: bool = False) -> Iterator[Fault]:
    """What is no date, or is open at an end where it must not be."""
    try:
        when = dates.parse(text)
    except dates.DateError as error:
        yield Fault(key, "bad-date", str(error))
    else:
        if bounded and not when.bounded:
            yield Fault(key, "open-date", f"{text!r} is open at one end", "give both ends")


def line_faults(key: str, text: str, new: NewValues) -> Iterator[Fault]:
    """What is wrong with the text of a line."""
    for code, message in lines.text_faults(text, new):
        yield Fault(key, code, message)


def count_faults(key: str, count: Count) -> Iterator[Fault]:
    """Numbers that no count can have."""
    for number in (count.low, count.best, count.high):
        if number is not None and not 0 <= number <= MOST:
            yield Fault(key, "bad-count", f"{number} is no count: 0 to {MOST:,}, or unknown")
