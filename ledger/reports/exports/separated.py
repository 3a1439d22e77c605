"""CSV, written some hundreds of rows at a time; the bytes are those of `reports.writers`, raw."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from itertools import islice

from ledger.reports.manifest import Measured
from ledger.reports.table import Cell, Column

_SOME = 1000
_ENDING = "\r\n"


class _Lines(list[str]):
    """Lines as the csv module writes them: it is left to end them in CRLF, so it quotes both."""

    write = list[str].append

    def taken(self) -> str:
        """The lines so far, each ended in LF; they are taken away."""
        whole = "".join([line.removesuffix(_ENDING) + "\n" for line in self])
        self.clear()
        return whole


def write(
    columns: Iterable[Column],
    rows: Iterable[tuple[Cell, ...]],
    out: Measured,
    tags: Iterable[str] = (),
) -> None:
    """Write a header, a row of tags where there are any, and rows; text stays as it is."""
    lines, each = _Lines(), iter(rows)
    writer = csv.writer(lines)
    writer.writerow([column.name for column in columns])
    if tags := tuple(tags):
        writer.writerow(tags)
    out.write(lines.taken())
    while some := list(islice(each, _SOME)):
        writer.writerows(some)
        out.rows += len(some)
        out.write(lines.taken())
