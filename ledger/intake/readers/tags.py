"""HXL tags: the row of hashtags that says what columns mean (hxlstandard.org, 1.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from ledger.intake.readers.columns import named
from ledger.problems import Problem

TAG_ROWS = 25
"""The rows among which the tags must be, by the standard."""
_TAG = re.compile(r"#\s*\w+(?:\s*\+\s*\w+)*")

Top = tuple[int, int, list[str], tuple[str, ...]]
"""Rows above the records, the header's line, its cells, and the tags."""


def tag_row(where: str, rows: Sequence[tuple[int, list[str]]]) -> Problem | Top:
    """The header and the tags among the first rows of a file, each with its line."""
    above: tuple[int, list[str]] | None = None
    for number, (line, cells) in enumerate(rows, 1):
        if is_tag_row(cells):
            tags = tuple(normalised(cell) for cell in cells)
            if above is None:
                return number, line, list(tags), tags
            if len(above[1]) != len(cells):
                message = f"the header has {len(above[1])} cells, the row of tags {len(cells)}"
                hint = "give each column its name and, if it has one, its tag"
                return Problem(f"{where}:{line}", "wrong-width", message, hint)
            names = [name or tag for name, tag in zip_longest(named(above[1]), tags)]
            return number, above[0], names, tags
        if any(map(str.strip, cells)):
            above = line, cells
    message = f"none of the first {TAG_ROWS} rows holds HXL tags"
    return Problem(where, "no-tags", message, "read it as csv, or add a row such as #date,#loc")


def is_tag_row(cells: Sequence[str]) -> bool:
    """Whether at least half of the cells that hold anything begin with a hash."""
    filled = [cell for cell in map(str.strip, cells) if cell]
    return bool(filled) and 2 * sum(cell.startswith("#") for cell in filled) >= len(filled)


def normalised(cell: str) -> str:
    """`#affected+killed`: lower case, without spaces, attributes sorted; "" for what is no tag."""
    if not _TAG.fullmatch(cell.strip()):
        return ""
    tag, *attributes = "".join(cell.lower().split()).split("+")
    return "+".join([tag, *sorted(attributes)])
