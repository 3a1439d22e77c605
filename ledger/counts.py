"""Counts: a number as a source gave it, from exact to unknown.

A count has a low, a best and a high; each is a whole number or unknown (`None`), kept as
said even where they contradict each other. Unknown is never zero.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from ledger.vocabulary import COUNT_WORDS

MOST = 1_000_000_000_000
"""The largest number that a count may hold: a sum of nine million of them fits 64 bits."""


class CountError(ValueError):
    """A text that is no count."""


class Count(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """How many persons or things: low, best and high, each from 0 to `MOST` or unknown."""

    low: int | None = None
    best: int | None = None
    high: int | None = None

    @property
    def effective(self) -> int | None:
        """The best, else the low ("at least"), else None for unknown."""
        return self.low if self.best is None else self.best

    @property
    def vague(self) -> bool:
        """Whether the source gave no best."""
        return self.best is None

    def __str__(self) -> str:  # noqa: PLR0911 - one line a form
        """The count as a steward types it: `2`, `13+`, `~30`, `11-13`, `11/12/13`, `<=5`, `?`."""
        match self.low, self.best, self.high:
            case None, None, None:
                return "?"
            case low, best, high if low == best == high:
                return str(best)
            case low, None, None:
                return f"{low}+"
            case None, best, None:
                return f"~{best}"
            case None, None, high:
                return f"<={high}"
            case int(low), None, int(high) if low <= high:
                return f"{low}-{high}"
        return "/".join("?" if n is None else str(n) for n in (self.low, self.best, self.high))


UNKNOWN = Count()

_NUMBER = r"(\d{1,18})"
_FORMS: tuple[tuple[re.Pattern[str], tuple[int, int, int]], ...] = tuple(
    (re.compile(pattern, re.ASCII), groups)
    for pattern, groups in (
        (_NUMBER, (1, 1, 1)),
        (_NUMBER + r"\+", (1, 0, 0)),
        ("~" + _NUMBER, (0, 1, 0)),
        (_NUMBER + "-" + _NUMBER, (1, 0, 2)),
        ("<=" + _NUMBER, (0, 0, 1)),
    )
)
"""Shapes of a typed count, with the group that holds low, best and high (0: unknown)."""


@lru_cache(maxsize=4096)
def parse(text: str) -> Count:
    """The count that a steward typed: `2`, `13+`, `~30`, `11-13`, `11/12/13`, `<=5`, `?`.

    Raises CountError for anything else, for numbers above `MOST`, and for a low above a best
    or a best above a high: typed by hand, that is a slip (files keep what they say).
    """
    if text == "?":
        return UNKNOWN
    count = _three(text) if text.count("/") == 2 else _short(text)
    known = [number for number in (count.low, count.best, count.high) if number is not None]
    if known != sorted(known):
        raise CountError(f"{text!r} has its numbers in the wrong order: low/best/high must rise")
    if known and known[-1] > MOST:
        raise CountError(f"{text!r} is more than the ledger counts ({MOST:,})")
    return count


def _short(text: str) -> Count:
    for pattern, groups in _FORMS:
        if found := pattern.fullmatch(text):
            return Count(*(int(found[group]) if group else None for group in groups))
    raise CountError(_why_not(text))


def _three(text: str) -> Count:
    parts = text.split("/")
    if not all(part == "?" or re.fullmatch(_NUMBER, part, re.ASCII) for part in parts):
        raise CountError(_why_not(text))
    return Count(*(None if part == "?" else int(part) for part in parts))


def _why_not(text: str) -> str:
    if re.fullmatch(r"-\d+", text):
        return f"{text!r} is negative: persons and things are counted from 0; unknown is ?"
    if meaning := COUNT_WORDS.get(text.strip().lower()):
        return f"{text!r} is written {meaning}"
    return (
        f"{text!r} is no count: write 2, 13+ (at least), ~30 (about), 11-13, "
        "11/12/13 (low/best/high), <=5 (at most) or ? (unknown)"
    )
