"""Marks of a picture, each drawn around (0, 0): told apart by shape, never by colour."""

from __future__ import annotations

from ledger.reports.chart.svg.elements import INK, PALE, PAPER, element, line, text

LINE = 1.8


def bar() -> str:
    """A bar."""
    return element("rect", x=-10, y=-4, width=20, height=8, fill=INK)


def band() -> str:
    """A stretch of a range."""
    return element("rect", x=-10, y=-8, width=20, height=16, fill=PALE)


def step() -> str:
    """A stretch of a line."""
    return line(-10, 0, 10, 0, stroke=INK, stroke_width=LINE)


def dash(size: float = 4) -> str:
    """A computed sum that stands by itself."""
    return line(-size, 0, size, 0, stroke=INK, stroke_width=LINE)


def opening() -> str:
    """An opening total."""
    return element("path", d="M0 -6L6 0L0 6L-6 0Z", fill=PAPER, stroke=INK, stroke_width=LINE)


def point(status: str, size: float = 3.5) -> str:
    """A published total, by how it compares: a disc, a cross, a ring."""
    match status:
        case "equal":
            return element("circle", r=size, fill=INK)
        case "differs":
            way = f"M{-size} {-size}L{size} {size}M{-size} {size}L{size} {-size}"
            return element("path", d=way, stroke=INK, stroke_width=1.3, fill="none")
    return element("circle", r=size, fill=PAPER, stroke=INK, stroke_width=1.2)


def sign(words: str) -> str:
    """A sign that is a letter."""
    return text(0, 4, words, text_anchor="middle", font_weight="bold")
