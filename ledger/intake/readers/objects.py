"""JSON, JSONL and GeoJSON: rows are objects, columns the keys that occur in any of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from typing import NamedTuple

from ledger.intake.readers.characters import Place
from ledger.intake.readers.columns import header_problems
from ledger.intake.readers.cursor import Cursor, Element, Json, decoded
from ledger.intake.readers.flat import Fault, Flat, NoRowError
from ledger.intake.readers.shape import COLUMN_LIMIT, FileFaultError, Misfit, Outline, Record
from ledger.intake.readers.text import Text


class _Row(NamedTuple):
    """An object where it stands, flattened, or why it makes no row."""

    line: int
    raw: str
    found: Flat | Fault


class Objects:
    """The rows of a file of objects: `elements` finds them, `flatten` makes cells of each."""

    def __init__(
        self,
        text: Text,
        elements: Callable[[Text], Iterator[Element | _Row]],
        flatten: Callable[[Json], Flat],
    ) -> None:
        self.text = text
        self.elements = elements
        self.flatten = flatten
        self.header: tuple[str, ...] = ()

    def outline(self) -> Outline:
        """One look at the whole file."""
        size = 0
        cells: dict[str, None] = {}
        beside: dict[str, None] = {}
        for size, row in enumerate(self._rows(), 1):  # noqa: B007 - the last one is the size
            if isinstance(row.found, Flat):
                cells.update(dict.fromkeys(row.found.cells))
                beside.update(dict.fromkeys(row.found.beside))
            if len(cells) > COLUMN_LIMIT:
                break
        # A feature's own id steps back behind a property of that name.
        self.header = (*cells, *(name for name in beside if name != "id" or name not in cells))
        problems = header_problems(self.text.where, self.header)
        return Outline(self.header, (), size, tuple(problems))

    def rows(self) -> Iterator[Record | Misfit]:
        """Each object."""
        place = Place(self.text.where, self.header)
        for line, raw, found in self._rows():
            if isinstance(found, Fault):
                yield place.misfit(line, raw, None, found)
            else:
                values = found.beside | found.cells
                yield place.settled(line, raw, [values.get(name, "") for name in self.header])

    def _rows(self) -> Iterator[_Row]:
        for one in self.elements(self.text):
            if isinstance(one, _Row):
                yield one
                continue
            try:
                yield _Row(one.line, one.raw, self.flatten(one.value))
            except NoRowError as error:
                yield _Row(one.line, one.raw, error.fault)


def in_array(path: str) -> Callable[[Text], Iterator[Element]]:
    """Finds the elements of the array at a dotted path of a document; "" is the document."""
    keys = tuple(path.split(".")) if path else ()

    def elements(text: Text) -> Iterator[Element]:
        cursor = Cursor(text.where, text.blocks())
        if not cursor.peek():
            return
        try:
            found = yield from _elements(cursor, keys)
            cursor.end()
        except RecursionError as error:
            raise FileFaultError(text.where, "bad-json", "no JSON: nested too deep") from error
        if not found:
            message = f"there is no array of rows at {path!r}" if path else "it is no array of rows"
            hint = "say in the mapping where the rows are: rows = PATH"
            raise FileFaultError(text.where, "no-rows", message, hint)

    return elements


def in_lines(text: Text) -> Iterator[Element | _Row]:
    """The object on each line that holds anything."""
    for first, lines in text.lines():
        for number, line in enumerate(lines, first):
            raw = line.rstrip("\r\n")
            if raw.strip(" \t"):
                yield _on_line(number, raw)


def _on_line(number: int, raw: str) -> Element | _Row:
    try:
        return Element(number, raw, decoded(raw))
    except json.JSONDecodeError as error:
        what = error.msg[:1].lower() + error.msg[1:]
        message = f"no JSON: {what}, at character {error.colno}"
        return _Row(number, raw, Fault("bad-json", message, "mend the line"))
    except RecursionError:
        return _Row(number, raw, Fault("bad-json", "no JSON: it is nested too deep"))


def _elements(cursor: Cursor, path: tuple[str, ...]) -> Generator[Element, None, bool]:
    """The elements of the array at a path, walking past all else; returns whether it is there."""
    if cursor.peek() != ("{" if path else "["):
        cursor.skip()
        return False
    if not path:
        for _ in cursor.items():
            yield cursor.element()
        return True
    found = False
    for key in cursor.members():
        if key != path[0]:
            cursor.skip()
        elif found:
            raise cursor.bad("key-twice", f"{key!r} is given twice in one object")
        else:
            found = yield from _elements(cursor, path[1:])
    return found
