"""The bundle: a ledger in one ZIP file that is checked with nothing but Python.

It holds the events as JSONL, the checkpoints, the tiles, proofs, reports with what they asked,
and `verify_ledger.py`, which shares no code with this package. Nothing is checked here: what
stands in the ledger is written as it stands, and the verifier says what is wrong with it.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import msgspec
from sqlalchemy import Connection

from ledger import tree
from ledger.audit import checkpoints, layout, proofs
from ledger.audit.auditor import NoCheckpointError
from ledger.audit.checkpoints import Signed
from ledger.audit.texts import MalformedError
from ledger.errors import IntegrityError, LedgerError, refusal
from ledger.reports import writers
from ledger.reports.table import Table
from ledger.store import checkpoints as kept
from ledger.store import folders
from ledger.store import log as store
from ledger.store.log import Log

VERIFIER = "verify_ledger.py"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Of every member: the same ledger gives the same bytes."""
_README = """A ledger of incidents and casualties, to be checked without trusting who made it.

    python3 verify_ledger.py

reads what lies beside it, needs Python 3.8 or later and nothing else, and says what does not
fit. Read the script first: it is short. Then give it what you hold yourself:

    python3 verify_ledger.py --vkey KEY --checkpoint FILE

KEY is the verifier key of the ledger, FILE a checkpoint that you were given earlier. Without
them the bundle is only checked against itself, and a history that was rewritten as a whole
looks well.

events.jsonl    the events, one a line, in the order of their positions
checkpoints/    signed checkpoints (C2SP tlog-checkpoint), in the order in which they were kept
tile/           the hashes of the tree (C2SP tlog-tiles, RFC 6962)
proofs/         that an event is in the log (C2SP tlog-proof); that a log has only grown
                (the body of C2SP tlog-witness add-checkpoint)
reports/        figures, with what was asked in bundle.json
bundle.json     size and root of the log, the SHA-256 of every other file
"""


class Asked(NamedTuple):
    """A report for the bundle: the name of its file, what was asked, the answer."""

    name: str
    asked: str
    answer: Table


class _Report(msgspec.Struct, frozen=True):
    file: str
    asked: str


class _Contents(msgspec.Struct, frozen=True):
    """What `bundle.json` says."""

    bundle: str
    version: int
    head: dict[str, int | str]
    files: dict[str, str]
    reports: tuple[_Report, ...]


def write(
    connection: Connection, path: Path, reports: Sequence[Asked], positions: Sequence[int] = ()
) -> None:
    """Write the bundle of a ledger, whole or not at all.

    `positions` are those of events to prove, beside the last that a checkpoint covers. Raises
    NoCheckpointError where none covers them, and IntegrityError where the tree is too damaged to
    make a proof.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with partial.open("wb") as file:
            with ZipFile(file, "w", ZIP_DEFLATED) as archive:
                _Bundle(connection, archive).write(reports, positions)
            folders.sync_file(file)
        partial.replace(path)
        folders.sync(path.absolute().parent)
    except tree.ShortTileError as error:
        raise IntegrityError(f"{error}: no proof can be made; run `ledger verify`") from error
    except OSError as error:
        raise LedgerError(f"{path}: {refusal(error)}") from error
    finally:
        partial.unlink(missing_ok=True)


class _Bundle:
    """One bundle as it is written: every member with its SHA-256."""

    def __init__(self, connection: Connection, archive: ZipFile) -> None:
        self._connection = connection
        self._archive = archive
        self._files: dict[str, str] = {}

    def write(self, reports: Sequence[Asked], positions: Sequence[int]) -> None:
        head = store.head(self._connection)
        self._add("README.txt", [_README.encode()])
        self._add(VERIFIER, [verifier()])
        rows = Log(self._connection).rows()
        self._add("events.jsonl", (row.body.encode() + b"\n" for row in rows))
        for one in kept.kept(self._connection):
            self._add(f"checkpoints/{one.number:06d}.txt", [one.note.encode()])
        for name, tile in self._tiles(head.size):
            self._add(name, [tile])
        for name, proof in self._proofs(positions):
            self._add(name, [proof])
        for report in reports:
            self._add(f"reports/{report.name}.csv", [_csv(report.answer)])
        contents = _Contents(
            "casualty-ledger",
            1,
            {"size": head.size, "root": head.root, "recorded_at": head.recorded_at},
            self._files,
            tuple(_Report(f"reports/{one.name}.csv", one.asked) for one in reports),
        )
        self._add("bundle.json", [msgspec.json.format(msgspec.json.encode(contents)) + b"\n"])

    def _add(self, name: str, parts: Iterable[bytes]) -> None:
        hashed = hashlib.sha256()
        info = ZipInfo(name, _EPOCH)
        info.compress_type = ZIP_DEFLATED
        with self._archive.open(info, "w") as member:
            for part in parts:
                hashed.update(part)
                member.write(part)
        self._files[name] = hashed.hexdigest()

    def _tiles(self, size: int) -> Iterator[tuple[str, bytes]]:
        tiles = store.tiles(self._connection)
        for level in layout.levels(size):
            for index, width in layout.widths(level, size):
                yield layout.tile_path(level, index, width), tiles(level, index)

    def _proofs(self, positions: Sequence[int]) -> Iterator[tuple[str, bytes]]:
        """Inclusion proofs of positions, consistency proofs from checkpoint to checkpoint."""
        tiles, log = store.tiles(self._connection), Log(self._connection)
        signed = sorted(self._checkpoints(log.stop), key=lambda one: one.checkpoint.size)
        for old, new in pairwise(signed):
            was, is_ = old.checkpoint.size, new.checkpoint.size
            if 0 < was < is_:
                made = proofs.consistency(was, new, tiles)
                yield f"proofs/consistency-{was}-{is_}.txt", str(made).encode()
        newest = signed[-1] if signed else None
        reached = newest.checkpoint.size if newest else 0
        for position in positions:
            if position >= reached:
                raise NoCheckpointError(f"position {position}", reached)
        if newest is None or reached == 0:
            return
        for position in sorted({*positions, reached - 1}):
            for row in log.rows(position, position + 1):
                proof = proofs.inclusion(row.body.encode(), position, newest, tiles)
                yield f"proofs/{position}.tlog-proof", str(proof).encode()

    def _checkpoints(self, size: int) -> Iterator[Signed]:
        """Those of the kept checkpoints that are checkpoints of so long a log."""
        for one in kept.kept(self._connection):
            try:
                signed = checkpoints.parse(one.note.encode())
            except MalformedError:
                continue
            if signed.checkpoint.size <= size:
                yield signed


def verifier() -> bytes:
    """The script that checks a bundle, on its own."""
    return (resources.files("ledger.audit") / "standalone" / VERIFIER).read_bytes()


def _csv(answer: Table) -> bytes:
    out = io.StringIO()
    writers.write(answer, out, "csv")
    return out.getvalue().encode()
