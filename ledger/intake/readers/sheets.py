"""XLSX: the rows of one sheet, with the values that its program computed.

openpyxl is an extra, imported here only. It is read twice side by side: once for values, once for
formulas, since a formula without a computed value looks like an empty cell otherwise.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import warnings
import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import IO, TYPE_CHECKING, NamedTuple, cast

from ledger.intake.readers.characters import Place
from ledger.intake.readers.columns import header_problems, named
from ledger.intake.readers.opening import Source
from ledger.intake.readers.shape import FileFaultError, Misfit, Outline, Record

if TYPE_CHECKING:
    from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell

    _AnyCell = ReadOnlyCell | EmptyCell
    _Row = tuple[_AnyCell, ...]

UNPACKED_LIMIT = 2 * 1024**3
"""The most bytes that a workbook may unpack to."""
_AT_ONCE = 500


class _Cell(NamedTuple):
    """A cell's text; `fault` is the code of why it cannot be used."""

    text: str
    fault: str = ""


_EMPTY = _Cell("")
_FAULTS = {
    "formula": ("holds a formula without a value", "open it in a spreadsheet program and save it"),
    "error-cell": ("holds an error", "mend the cell, or empty it"),
}


class Sheet:
    """The rows of a sheet of a workbook; `name` "" is the first."""

    def __init__(self, source: Source, name: str) -> None:
        self.source = source
        self.where = source.where
        self.name = name
        self.header: tuple[str, ...] = ()

    def outline(self) -> Outline:
        """One look at the whole sheet."""
        rows = self._rows()
        line, cells = next(rows, (1, []))
        self.header = named(cell.text for cell in cells)
        problems = header_problems(f"{self.where}:{line}", self.header)
        return Outline(self.header, (), sum(1 for _ in rows), tuple(problems))

    def rows(self) -> Iterator[Record | Misfit]:
        """Each row below the header that holds anything."""
        place = Place(self.where, self.header)
        for line, cells in islice(self._rows(), 1, None):
            yield _settled(place, line, cells)

    def _rows(self) -> Iterator[tuple[int, list[_Cell]]]:
        """Rows that hold anything, with their numbers, up to the last cell that does."""
        number = 0
        for rows in self._batches():
            for cells in rows:
                number += 1
                while cells and cells[-1] == _EMPTY:
                    cells.pop()
                if cells:
                    yield number, cells

    def _batches(self) -> Iterator[list[list[_Cell]]]:
        """All rows, some at once; raises FileFaultError, whatever openpyxl stumbles over."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # they tell of what a workbook has beside cells
                pairs = self._pairs(self.source.unpacked())
        except FileFaultError:
            raise
        except Exception as error:
            raise self._broken(error) from error
        while rows := self._batch(pairs):
            yield rows

    def _batch(self, pairs: Iterator[tuple[_Row, _Row]]) -> list[list[_Cell]]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a date out of range becomes an error cell
                return [
                    list(map(_cell, values, formulas))
                    for values, formulas in islice(pairs, _AT_ONCE)
                ]
        except Exception as error:
            raise self._broken(error) from error

    def _pairs(self, file: IO[bytes]) -> Iterator[tuple[_Row, _Row]]:
        """Each row twice: with values, and with formulas."""
        try:
            from openpyxl import load_workbook
        except ImportError as error:
            message = "reading XLSX needs a package that is not installed"
            hint = "install casualty-ledger[xlsx], or save the sheet as CSV"
            raise FileFaultError(self.where, "no-xlsx", message, hint) from error
        self._guard(file)
        sheets: list[Iterator[_Row]] = []
        for data_only in (True, False):
            book = load_workbook(file, read_only=True, data_only=data_only)
            sheet = next((one for one in book.worksheets if self.name in {"", one.title}), None)
            if sheet is None:
                names = ", ".join(one.title for one in book.worksheets)
                message = f"there is no sheet {self.name!r}"
                raise FileFaultError(self.where, "no-sheet", message, f"it has {names}")
            # What a workbook says of its size is often wrong.
            sheet.reset_dimensions()
            sheets.append(cast("Iterator[_Row]", sheet.iter_rows()))
        return zip(*sheets, strict=True)

    def _guard(self, file: IO[bytes]) -> None:
        with zipfile.ZipFile(file) as archive:
            size = sum(info.file_size for info in archive.infolist())
        if size > UNPACKED_LIMIT:
            message = f"it unpacks to {size:,} bytes, at most {UNPACKED_LIMIT:,} are read"
            raise FileFaultError(self.where, "too-large", message, "save the sheet as CSV")

    def _broken(self, error: Exception) -> FileFaultError:
        message = f"no XLSX: {str(error) or type(error).__name__}"
        return FileFaultError(self.where, "bad-xlsx", message, "save it again, or save it as CSV")


def _settled(place: Place, line: int, cells: list[_Cell]) -> Record | Misfit:
    """The row as a record, or why it is none; cells that nothing follows are not in the file."""
    width = len(place.header)
    cells = cells + [_EMPTY] * (width - len(cells))
    texts = [cell.text for cell in cells]
    if len(cells) > width:
        return place.wrong_width(line, _raw(texts), len(cells))
    for name, cell in zip(place.header, cells, strict=True):
        if cell.fault:
            message, hint = _FAULTS[cell.fault]
            told = cell.fault, f"{message} ({cell.text})", hint
            return place.misfit(line, _raw(texts), texts, told, name)
    return place.settled(line, _raw(texts), texts)


def _raw(texts: list[str]) -> str:
    """A row as a line of CSV, since a sheet has no text of its own."""
    line = io.StringIO()
    # The writer quotes line breaks only where they could end its own lines.
    csv.writer(line, lineterminator="\r\n").writerow(texts)
    return line.getvalue().removesuffix("\r\n")


def _cell(value: _AnyCell, formula: _AnyCell) -> _Cell:
    """A cell's text, from itself as computed and as written."""
    if value.value is None:
        # A formula that computed an empty text says so by its type.
        if formula.data_type == "f" and value.data_type != "str":
            return _Cell(_text(formula.value), "formula")
        return _EMPTY
    return _Cell(_text(value.value), "error-cell" if value.data_type == "e" else "")


def _text(value: object) -> str:
    """A value as text: numbers as they are, dates by ISO 8601, true and false as words."""
    match value:
        case bool():
            return str(value).lower()
        case dt.datetime():
            midnight = value.time() == dt.time()
            return value.date().isoformat() if midnight else value.isoformat(sep=" ")
        case dt.date() | dt.time():
            return value.isoformat()
        case _:
            return str(value)
