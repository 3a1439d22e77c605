"""An opened file of rows: looked at once from end to end, then read as often as one likes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from ledger.intake.readers.delimited import Delimited
from ledger.intake.readers.flat import feature, flat
from ledger.intake.readers.objects import Objects, in_array, in_lines
from ledger.intake.readers.opening import STDIN, Source, cannot_be_read
from ledger.intake.readers.shape import FileFaultError, Misfit, Outline, Record, Shape
from ledger.intake.readers.sheets import Sheet
from ledger.intake.readers.text import Text
from ledger.problems import Problem


class Rows(Protocol):
    """What reads one format."""

    def outline(self) -> Outline:
        """One look at the whole file; raises FileFaultError, UnicodeError and OSError."""

    def rows(self) -> Iterator[Record | Misfit]:
        """Each row, after that look."""


class Tabular:
    """A file of rows, with what one look at the whole of it showed.

    `name` is without folders ("stdin" for `-`), `sha256` that of its bytes as they are, packed if
    they are packed. The columns of the `header` are NFC, without space around them; of JSON they
    are the keys in order of first appearance, those of nested objects joined by dots. `tags` are
    HXL's, one for each column, "" where it has none; empty in other formats. `size` counts records
    and misfits. Where there are `problems` the file cannot be used, and `rows` must not be.
    It closes as a context manager.
    """

    def __init__(
        self, name: str, sha256: str, outline: Outline, source: Source | None, rows: Rows | None
    ) -> None:
        self.name = name
        self.sha256 = sha256
        self.header, self.tags, self.size, problems = outline
        self.problems = list(problems)
        self._source = source
        self._rows = rows

    def rows(self) -> Iterator[Record | Misfit]:
        """Each row in the order of the file, from the start with each call; memory is flat.

        Raises ValueError where there are problems; FileFaultError (a LedgerError) or
        UnicodeError if the file was changed since, so that it cannot be read on.
        """
        if self._rows is None or self.problems:
            raise ValueError(f"{self.name} has problems, its rows must not be used")
        return self._rows.rows()

    def close(self) -> None:
        """Close the file; what was kept of standard input is gone with that."""
        if self._source:
            self._source.close()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()


def open_table(path: Path, shape: Shape) -> Tabular:
    """A file, or standard input for `-`, looked at from end to end.

    What is wrong with it are its `problems`: bad data never raises.
    """
    try:
        source = Source(path)
    except OSError as error:
        where = "stdin" if str(path) == STDIN else str(path)
        outline = Outline(problems=(cannot_be_read(where, error).problem,))
        return Tabular("stdin" if str(path) == STDIN else path.name, "", outline, None, None)
    try:
        return _looked_at(source, shape)
    except BaseException:
        source.close()
        raise


def _looked_at(source: Source, shape: Shape) -> Tabular:
    digest = ""
    text: Text | None = None
    rows: Rows | None = None
    try:
        digest = source.sha256()
        if shape.format == "xlsx":
            rows = Sheet(source, shape.sheet)
        else:
            text = Text(source, shape.encoding)
            rows = _of_text(text, shape)
        outline = rows.outline()
    except FileFaultError as fault:
        outline = Outline(problems=(fault.problem,))
    except UnicodeError:
        assert text
        outline = Outline(problems=(_undecoded(text),))
    except OSError as error:
        outline = Outline(problems=(cannot_be_read(source.where, error).problem,))
    return Tabular(source.name, digest, outline, source, rows)


def _undecoded(text: Text) -> Problem:
    try:
        return text.problem()
    except FileFaultError as fault:
        return fault.problem


def _of_text(text: Text, shape: Shape) -> Rows:
    match shape.format:
        case "csv" | "hxl":
            tagged = shape.format == "hxl"
            return Delimited(text, shape.delimiter, tagged=tagged, header=shape.header)
        case "tsv":
            return Delimited(text, "\t", tagged=False, header=shape.header)
        case "json":
            return Objects(text, in_array(shape.rows), flat)
        case "geojson":
            return Objects(text, in_array("features"), feature)
        case _:
            return Objects(text, in_lines, flat)
