"""A page of SVG: its title, alt text, blocks one below the other, and caption."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ledger.reports.chart.svg.elements import (
    GREY,
    INK,
    PAPER,
    SIZE,
    element,
    folded,
    moved,
    text,
)
from ledger.reports.safe import for_picture

WIDTH = 840
MARGIN = 24
_TITLE, _CAPTION = 18, 11
_FONTS = "system-ui, -apple-system, Segoe UI, Helvetica Neue, Arial, DejaVu Sans, sans-serif"
_LONGEST = 20_000
"""Characters of alt text."""


class Block(NamedTuple):
    """A part of a page, drawn from (0, 0), as wide as the page."""

    markup: str
    height: float


def document(title: str, told: str, blocks: Sequence[Block], caption: Iterable[str]) -> str:
    """The page as a document: a title, blocks, a caption; `told` is its alt text."""
    body, y = [], float(MARGIN)
    for part in (*_heading(title), *(blocks or [_nothing()]), *_caption(caption)):
        body.append(moved(part.markup, 0, y))
        y += part.height
    height = round(y + MARGIN)
    title, told = for_picture(title), for_picture(told[:_LONGEST])
    name = hashlib.sha256("".join((title, told, *body)).encode()).hexdigest()[:12]
    root = element(
        "svg",
        "\n" + element("title", title, id=f"title-{name}"),
        "\n" + element("desc", told, id=f"told-{name}"),
        "\n" + element("rect", width=WIDTH, height=height, fill=PAPER),
        *(f"\n{part}" for part in body),
        "\n",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {height}",
        width=WIDTH,
        height=height,
        role="img",
        aria_labelledby=f"title-{name} told-{name}",
        font_family=_FONTS,
        font_size=SIZE,
        fill=INK,
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n'


def heading(words: str) -> Block:
    """A title of a part of the page."""
    return Block(
        text(
            MARGIN,
            16,
            next(folded(words, WIDTH - 2 * MARGIN, 14)),
            font_size=14,
            font_weight="bold",
        ),
        26,
    )


def _heading(title: str) -> Iterator[Block]:
    for line in folded(title, WIDTH - 2 * MARGIN, _TITLE * 1.08):
        yield Block(text(MARGIN, _TITLE, line, font_size=_TITLE, font_weight="bold"), _TITLE * 1.3)
    yield Block("", 8)


def _caption(lines: Iterable[str]) -> Iterator[Block]:
    yield Block("", 6)
    for line in lines:
        for row in folded(line, WIDTH - 2 * MARGIN, _CAPTION):
            yield Block(text(MARGIN, _CAPTION, row, font_size=_CAPTION, fill=GREY), _CAPTION * 1.45)


def _nothing() -> Block:
    return Block(text(MARGIN, 24, "Nothing is counted.", font_size=14), 44)
