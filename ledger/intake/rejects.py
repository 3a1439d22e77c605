"""The rows that could not be taken: in a file of their own, as they were, with the reason.

`FILE.rejects.csv` has the original columns, `_raw` where the cells did not fit them, and what
was wrong. Corrected there, it is imported like any other file: its `_` columns are ignored.
"""

from __future__ import annotations

import csv
import filecmp
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import TextIO

from ledger.errors import LedgerError, refusal
from ledger.intake.readers.shape import ROW_LIMIT
from ledger.problems import Problem

RAW = "_raw"
ADDED = (RAW, "_file", "_line", "_column", "_code", "_message")


def delimiter_of_rejects(path: Path) -> str:
    """The delimiter of a file of rejected rows, as a spreadsheet may have changed it.

    "" for all other files: its last columns, by name, are those that `Rejects` adds.
    """
    try:
        with path.open("rb") as file:
            header = file.readline(ROW_LIMIT).rstrip(b"\r\n").replace(b'"', b"")
    except OSError:
        return ""
    return next((one for one in ",;\t" if header.endswith(one.join(ADDED).encode())), "")


class Rejects:
    """Writes the rejected rows of one file, which is there at the end, whole, if any was."""

    def __init__(self, path: Path, where: str, header: Sequence[str]) -> None:
        self.path = path
        self._where = where
        self._partial = path.with_name(f".{path.name}.partial")
        self._own = [place for place, name in enumerate(header) if name not in ADDED]
        self._header = [header[place] for place in self._own]
        self._raw = header.index(RAW) if RAW in header else None
        self._out: TextIO | None = None

    def add(
        self, line: int, cells: Sequence[str] | None, raw: str, problems: Sequence[Problem]
    ) -> None:
        """Write a row: its cells where they fit the header, else as it stands in the file."""
        own = [cells[place] for place in self._own] if cells else [""] * len(self._own)
        if cells and self._raw is not None:
            raw = cells[self._raw]
        begin = f"{self._where}:{line}"
        columns = [one.where.removeprefix(begin).removeprefix(":") for one in problems]
        messages = [one.message + (f": {one.hint}" if one.hint else "") for one in problems]
        codes = [one.code for one in problems]
        told = ["; ".join(some) for some in (columns, codes, messages)]
        with self._writing():
            csv.writer(self._open()).writerow([*own, raw, Path(self._where).name, line, *told])

    def finish(self) -> bool:
        """Put the file where it belongs; whether there is one.

        A file that is there already may have been corrected by hand: it stays, and this one gets
        a number.
        """
        if self._out is None:
            return False
        with self._writing():
            self._out.close()
            self.path = _free(self.path, self._partial)
            self._partial.replace(self.path)
        return True

    def drop(self) -> None:
        """Leave nothing behind; does nothing after `finish`."""
        if self._out is not None:
            with suppress(OSError):
                self._out.close()
            with suppress(OSError):
                self._partial.unlink(missing_ok=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            message = f"the rejects file {self.path} cannot be written ({refusal(error)})"
            raise LedgerError(f"{message}: give --rejects") from error

    def _open(self) -> TextIO:
        if self._out is None:
            self._out = self._partial.open("w", encoding="utf-8", newline="")
            csv.writer(self._out).writerow([*self._header, *ADDED])
        return self._out


def _free(path: Path, written: Path) -> Path:
    """The path, or the first with a number that is free or holds the same."""
    numbered = (path.with_name(f"{path.stem}-{n}{path.suffix}") for n in range(2, 10_000))
    names = chain([path], numbered)
    same = (one for one in names if not one.exists() or filecmp.cmp(one, written, shallow=False))
    return next(same)
