"""CSV and TSV by the standard library's strict reader, a block of whole lines at a time.

A file of 100,000 rows passes here twice, so what most rows need is done for whole blocks in C, and
a row is looked at by itself only where its text is not plain.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from ledger.intake.readers.characters import Place, is_clean
from ledger.intake.readers.columns import header_problems, named, no_header
from ledger.intake.readers.shape import (
    CELL_LIMIT,
    ROW_LIMIT,
    FileFaultError,
    Misfit,
    Outline,
    Record,
)
from ledger.intake.readers.tags import TAG_ROWS, tag_row
from ledger.intake.readers.text import Text, too_long
from ledger.problems import Problem

_PLAIN = CELL_LIMIT // 4
"""Characters of a line of which no cell can be too long, whatever they are."""

Span = tuple[int, int, list[str]]
"""A row's first line and the one after its last, within a block, and its cells: none if its
quotes are wrong."""


class Block(NamedTuple):
    """Whole lines, and the rows that end among them; `first` is the first line's number."""

    first: int
    lines: list[str]
    rows: list[Span]


class Delimited:
    """The rows of a file of delimited text; with `tagged` of one with a row of HXL tags.

    `header` names the columns of a file that does not name them itself.
    """

    def __init__(
        self, text: Text, delimiter: str, *, tagged: bool, header: tuple[str, ...] = ()
    ) -> None:
        self.text = text
        self.delimiter = delimiter
        self.tagged = tagged
        self.header = self._given = header
        self.above = 0
        """Rows that stand above the records."""

    def outline(self) -> Outline:
        """One look at the whole file."""
        head = self._head()
        size = -self.above
        problems = list(head.problems)
        try:
            size += sum(len(block.rows) for block in self._blocks())
        except FileFaultError as fault:
            problems.append(fault.problem)
        except UnicodeError:
            problems.append(self.text.problem())
        return head._replace(size=max(size, 0), problems=tuple(problems))

    def rows(self) -> Iterator[Record | Misfit]:
        """Each row below the header."""
        place = Place(self.text.where, self.header)
        width = len(self.header)
        above = self.above
        controls = self.text.controls
        for first, lines, rows in self._blocks():
            for begin, end, cells in islice(rows, above, None):
                line = lines[begin] if end - begin == 1 else "".join(lines[begin:end])
                plain = (line.isascii() and len(line) <= _PLAIN) or is_clean(line)
                if plain and len(cells) == width and not controls:
                    yield Record(first + begin, cells)
                else:
                    yield _settled(place, first + begin, line, cells)
            above = max(0, above - len(rows))

    def _head(self) -> Outline:
        """The header and tags, with their problems."""
        where = self.text.where
        top = [
            (block.first + begin, cells) for block in self._top() for begin, _, cells in block.rows
        ]
        if not top:
            return Outline(problems=(no_header(where),))
        line, cells = top[0]
        if self._given:
            problems = header_problems(f"{where}:{line}", self.header)
            return Outline(self.header, (), 0, tuple(problems))
        self.above = 1
        tags: tuple[str, ...] = ()
        if self.tagged:
            found = tag_row(where, top[:TAG_ROWS])
            if isinstance(found, Problem):
                return Outline(problems=(found,))
            self.above, line, cells, tags = found
        elif not cells:
            message = "the quotes of the header are wrong"
            return Outline(problems=(Problem(f"{where}:{line}", "bad-quote", message, _DOUBLE),))
        self.header = named(cells)
        return Outline(self.header, tags, 0, tuple(header_problems(f"{where}:{line}", self.header)))

    def _top(self) -> Iterator[Block]:
        """Blocks that hold the rows which may be a header."""
        missing = TAG_ROWS if self.tagged else 1
        for block in self._blocks():
            yield block
            missing -= len(block.rows)
            if missing <= 0:
                return

    def _blocks(self) -> Iterator[Block]:
        """The file, block by block; raises FileFaultError where a quote is not closed."""
        # A setting of the whole process: a longer cell is for us to refuse, with its row.
        csv.field_size_limit(max(csv.field_size_limit(), 4 * ROW_LIMIT))
        open_row: list[str] = []
        open_since = 1
        parts = self.text.lines()
        for first, lines in parts:
            block = Block(first - len(open_row), open_row + lines, [])
            done = _parse(block, self.delimiter)
            for begin, end, _ in block.rows:
                if end - begin > 1 and _is_long(block.lines[begin:end]):
                    raise too_long(f"{self.text.where}:{block.first + begin}")
            yield block
            open_row = block.lines[done:]
            open_since = block.first + done
            if _is_long(open_row):
                raise self._never_closed(open_since, parts)
        if open_row:
            raise self._unclosed(open_since)

    def _never_closed(self, line: int, parts: Iterator[tuple[int, list[str]]]) -> FileFaultError:
        """The problem of a quote that is open beyond the limit: closed too late, or never."""
        for _, lines in parts:
            if any('"' in line.replace('""', "") for line in lines):
                hint = "is a quote left open on this line?"
                return too_long(f"{self.text.where}:{line}", hint)
        return self._unclosed(line)

    def _unclosed(self, line: int) -> FileFaultError:
        message = "a quote that is opened in the row that begins here is never closed"
        return FileFaultError(f"{self.text.where}:{line}", "unclosed-quote", message, _DOUBLE)


_DOUBLE = 'close it, and double a quote that is part of the text: ""'


def _parse(block: Block, delimiter: str) -> int:
    """Put the rows of a block into it; gives the number of lines that they take up."""
    reader = csv.reader(block.lines, delimiter=delimiter, strict=True)
    begin = 0
    while True:
        try:
            for cells in reader:
                end = reader.line_num
                if cells:
                    block.rows.append((begin, end, cells))
                begin = end
        except csv.Error as error:
            if str(error) == "unexpected end of data":
                return begin
            # The reader starts anew with the next line.
            block.rows.append((begin, reader.line_num, []))
            begin = reader.line_num
        else:
            return begin


def _settled(place: Place, number: int, line: str, cells: list[str]) -> Record | Misfit:
    raw = line.removesuffix("\n").removesuffix("\r")
    if cells:
        return place.settled(number, raw, cells)
    message = "there is text between a closing quote and the end of its cell"
    return place.misfit(number, raw, None, ("bad-quote", message, _DOUBLE))


def _is_long(lines: list[str]) -> bool:
    """Whether lines of one row are beyond the limit."""
    if sum(map(len, lines)) * 4 <= ROW_LIMIT:
        return False
    return len("".join(lines).rstrip("\r\n").encode()) > ROW_LIMIT
