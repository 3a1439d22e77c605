"""Axes of a picture, with titles, marks that never overlap, and lines to read by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ledger.reports.chart import words
from ledger.reports.chart.scale import Days, Scale
from ledger.reports.chart.svg.elements import (
    FAINT,
    GREY,
    INK,
    SIZE,
    cut,
    element,
    line,
    text,
    width,
)

_GAP = 6


class Frame(NamedTuple):
    """Where a plot lies: `top` is the place of the scale's high end.

    What is drawn keeps `inset` from both sides.
    """

    left: float
    right: float
    top: float
    bottom: float
    inset: float = 0

    def x(self, part: float) -> float:
        """The place across of a part of the way."""
        start = self.left + self.inset
        return round(start + part * (self.right - self.inset - start), 1)

    def y(self, part: float) -> float:
        """The place down of a part of the way up."""
        return round(self.bottom - part * (self.bottom - self.top), 1)


def upright(frame: Frame, scale: Scale, title: str) -> str:
    """The axis of numbers on the left."""
    parts = []
    for tick in scale.ticks:
        y = frame.y(scale.part(tick))
        parts.append(line(frame.left, y, frame.right, y, stroke=FAINT))
        label = words.counted(tick)
        parts.append(text(frame.left - _GAP, y + 4, label, text_anchor="end", fill=GREY))
    middle = (frame.top + frame.bottom) / 2
    parts.append(
        text(
            0,
            0,
            cut(title, frame.bottom - frame.top),
            text_anchor="middle",
            transform=f"translate(20 {middle:.1f}) rotate(-90)",
        )
    )
    parts.append(line(frame.left, frame.top, frame.left, frame.bottom, stroke=INK))
    return "".join(parts)


def below(frame: Frame, days: Days, title: str) -> str:
    """The axis of days."""
    parts = [line(frame.left, frame.bottom, frame.right, frame.bottom, stroke=INK)]
    free = 0.0
    for tick in days.ticks:
        x, half = frame.x(days.part(tick.day)), width(tick.label) / 2
        parts.append(line(x, frame.bottom, x, frame.bottom + 5, stroke=INK))
        if x - half >= free:
            y = frame.bottom + 8 + SIZE
            parts.append(text(x, y, tick.label, text_anchor="middle", fill=GREY))
            free = x + half + SIZE
    middle = (frame.left + frame.right) / 2
    return "".join((*parts, text(middle, frame.bottom + 40, title, text_anchor="middle")))


def along(frame: Frame, scale: Scale, title: str) -> str:
    """The axis of numbers below bars."""
    parts = []
    free = 0.0
    for tick in scale.ticks:
        x, label = frame.x(scale.part(tick)), words.counted(tick)
        parts.append(line(x, frame.top, x, frame.bottom, stroke=FAINT))
        half = width(label) / 2
        if x - half >= free:
            y = frame.bottom + 4 + SIZE
            parts.append(text(x, y, label, text_anchor="middle", fill=GREY))
            free = x + half + SIZE
    middle = (frame.left + frame.right) / 2
    parts.append(text(middle, frame.bottom + 36, title, text_anchor="middle"))
    return "".join(parts)


def legend(entries: list[tuple[str, str]], left: float, right: float) -> tuple[str, float]:
    """What marks mean, each a mark drawn around (0, 0) and its words; and how high it is."""
    parts, x, y = [], left, 0.0
    for mark, meaning in entries:
        wide = 28 + width(meaning) + 18
        if x > left and x + wide > right:
            x, y = left, y + 20
        parts.append(element("g", mark, transform=f"translate({x + 10:.1f} {y + 10:.1f})"))
        parts.append(text(x + 26, y + 14, meaning))
        x += wide
    return "".join(parts), y + 24 if entries else 0.0


def margin(scale: Scale) -> float:
    """How wide the marks of an upright axis are, with its title."""
    return 36 + max(width(words.counted(tick)) for tick in scale.ticks) + _GAP


def spaced(start: float, end: float, apart: float) -> Iterator[float]:
    """Places from `start` to `end`, so far apart, the first half of that after the start."""
    place = min(start + apart / 2, (start + end) / 2)
    while place <= end:
        yield place
        place += apart
