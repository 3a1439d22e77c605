"""A published report made again, and compared byte for byte with the file that was published."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import IO

from ledger.errors import LedgerError, refusal
from ledger.problems import Problem
from ledger.reports.manifest import Manifest, Measured, State

_MOST_ROWS = 20
_LONGEST = 500
"""Characters of a line that are shown: a picture may hold long ones."""
_CHUNK = 1 << 20


def differences(
    path: Path, said: Manifest, state: State, write: Callable[[Measured], object]
) -> Iterator[Problem]:
    """What is not as it was published: the file, the history, rows.

    `state` is what this ledger is at the same position, `write` writes what it says to the same
    question. Raises LedgerError if the file cannot be read.
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
        out = io.TextIOWrapper(again, encoding="utf-8", newline="")
        write(Measured(out))
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
    if line is None:
        return "no such line"
    text = line.decode(errors="replace").rstrip("\r\n")
    return repr(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while part := file.read(_CHUNK):
                digest.update(part)
    except OSError as error:
        raise LedgerError(f"{path}: {refusal(error)}") from error
    return f"sha256:{digest.hexdigest()}"
