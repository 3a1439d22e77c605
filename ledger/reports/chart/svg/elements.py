"""Elements of SVG as text, and how wide words are in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from ledger.reports.safe import for_picture, for_terminal

Value = str | float | int

INK, GREY, PALE, FAINT = "#111111", "#555555", "#c4c4c4", "#e4e4e4"
"""What is drawn, what is said of it, ranges, and lines to read by: told apart without colour."""
PAPER = "#ffffff"
SIZE = 12
"""Of letters, in pixels."""
_THIN, _BROAD = " .,:;|!'()[]ijltfI-", "mMW@%…"
_NARROW, _WIDE = 0.4, 1.05
_LETTER, _CAPITAL = 0.62, 0.8
"""Widths in ems of a wide typeface, DejaVu Sans: whatever a system has is no wider."""


def element(name: str, *children: str, **attributes: Value) -> str:
    """An element; `_` in a name of an attribute is `-`, and one that ends in `_` loses it."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{told}>{''.join(children)}</{name}>" if children else f"<{name}{told}/>"


def text(x: float, y: float, words: str, **attributes: Value) -> str:
    """Words at a place."""
    return element("text", for_picture(words), x=x, y=y, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: Value) -> str:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def moved(markup: str, x: float, y: float) -> str:
    """A group of elements, moved."""
    return element("g", markup, transform=f"translate({number(x)} {number(y)})")


def number(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def width(words: str, size: float = SIZE) -> float:
    """The most pixels that words are wide."""
    return sum(map(_ems, for_terminal(words))) * size


def cut(words: str, most: float, size: float = SIZE) -> str:
    """Words that are no wider than so many pixels, cut where they would be."""
    safe = for_terminal(words)
    if width(safe, size) <= most:
        return safe
    taken, room = 0, most - width("…", size)
    for letter in safe:
        room -= _ems(letter) * size
        if room < 0:
            break
        taken += 1
    return f"{safe[:taken].rstrip()}…"


def folded(words: str, most: float, size: float = SIZE) -> Iterator[str]:
    """Words in lines that are no wider than so many pixels."""
    row = ""
    for word in for_terminal(words).split(" "):
        both = f"{row} {word}" if row else word
        if not row or width(both, size) <= most:
            row = both
        else:
            yield cut(row, most, size)
            row = word
    yield cut(row, most, size)


def _value(value: Value) -> str:
    return for_picture(value) if isinstance(value, str) else number(value)


def _ems(letter: str) -> float:
    if letter in _THIN:
        return _NARROW
    if letter in _BROAD:
        return _WIDE
    if not letter.isascii() and unicodedata.east_asian_width(letter) in "WF":
        return _WIDE
    return _LETTER if letter.islower() or letter.isdigit() or letter == "_" else _CAPITAL
