"""A published report made again, and compared byte for byte with the file that was published."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import IO

from ledger.errors import LedgerError, refusal
from ledger.problems import Problem
from ledger.reports import writers
from ledger.reports.manifest import Manifest, State
from ledger.reports.table import Table
from ledger.reports.writers import Data

_MOST_ROWS = 20
_CHUNK = 1 << 20
_DATA: tuple[Data, ...] = ("csv", "tsv", "json", "jsonl")


def differences(path: Path, said: Manifest, answer: Table, state: State) -> Iterator[Problem]:
    """What is not as it was published: the file, the history, rows.

    `answer` and `state` are what this ledger says to the same question at the same position.
    Raises LedgerError if the file cannot be read, or is of a format that is not remade.
    """
    if _hash(path) != said.hash:
        yield Problem(str(path), "file-changed", "it is not the file that its manifest describes")
    made_of = said.ledger.state
    if made_of.root != state.root:
        message = (
            f"it was made of {made_of.position} events with the root {made_of.root}, "
            f"here they have {state.root}: another history"
        )
        yield Problem(str(path), "history-differs", message)
    with tempfile.TemporaryFile() as again:
        kind = next((one for one in _DATA if one == said.format), None)
        if kind is None:
            raise LedgerError(f"{path}: the format {said.format!r} is not made again")
        out = io.TextIOWrapper(again, encoding="utf-8", newline="")
        writers.write_data(answer, out, kind, excel=said.ledger.excel, raw=said.ledger.raw)
        out.detach()
        again.seek(0)
        with path.open("rb") as file:
            yield from _lines(str(path), file, again)


def _lines(where: str, file: IO[bytes], again: IO[bytes]) -> Iterator[Problem]:
    """The lines that are not the same, with what stands there and what should."""
    found = 0
    for number, (here, there) in enumerate(zip_longest(file, again), 1):
        if here == there:
            continue
        found += 1
        if found > _MOST_ROWS:
            yield Problem(where, "row-differs", "there are more such lines")
            return
        message = f"the file has {_shown(here)}, the ledger says {_shown(there)}"
        yield Problem(f"{where}:{number}", "row-differs", message)


def _shown(line: bytes | None) -> str:
    return "no such line" if line is None else repr(line.decode(errors="replace").rstrip("\r\n"))


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while part := file.read(_CHUNK):
                digest.update(part)
    except OSError as error:
        raise LedgerError(f"{path}: {refusal(error)}") from error
    return f"sha256:{digest.hexdigest()}"
