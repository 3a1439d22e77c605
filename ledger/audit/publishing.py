"""Publication for mirrors: the log as files that any web server can serve (C2SP tlog-tiles).

Written again it adds what is new. Tiles and bundles come first and the checkpoint last, each
file whole or not at all: who reads meanwhile sees the log as it was, or as it is.
"""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import Connection

from ledger import tree
from ledger.audit import checkpoints, layout
from ledger.audit.checkpoints import Signed
from ledger.audit.texts import MalformedError
from ledger.errors import IntegrityError, LedgerError, refusal
from ledger.store import folders
from ledger.store import log as store
from ledger.store.log import Log


def publish(connection: Connection, signed: Signed, folder: Path) -> None:
    """Write the log that a checkpoint covers, without what is there already.

    Raises IntegrityError if another history was published there before, or if the checkpoint is
    not of this log; LedgerError where the folder cannot be written.
    """
    tiles = store.tiles(connection)
    _must_begin_with(checkpoints.unsigned(signed.checkpoint), tiles, signed.checkpoint.size)
    try:
        before = _published(folder)
        if before is not None:
            _must_be_of(before.checkpoint.origin, signed.checkpoint.origin, folder)
            _must_begin_with(before, tiles, signed.checkpoint.size)
        old = before.checkpoint.size if before else 0
        _write_tiles(tiles, old, signed.checkpoint.size, folder)
        _write_entries(Log(connection), tiles, old, signed.checkpoint.size, folder)
        # What a checkpoint covers must be there as long as it is.
        folders.sync_all(folder)
        write_whole(folder / layout.CHECKPOINT, str(signed).encode())
        folders.sync(folder)
    except OSError as error:
        why = refusal(error)
        raise LedgerError(f"{folder} cannot be published to: {why}: run it again") from error


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that appears whole, and lasts, or not at all; its folder is made first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with partial.open("wb") as file:
            file.write(data)
            folders.sync_file(file)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _write_tiles(tiles: tree.Tiles, old: int, size: int, folder: Path) -> None:
    for level in layout.levels(size):
        for index, width in layout.widths(level, size):
            path = folder / layout.tile_path(level, index, width)
            if not _is_published(path, level, index, width, old):
                write_whole(path, tiles(level, index)[: width * tree.HASH_BYTES])


def _write_entries(log: Log, tiles: tree.Tiles, old: int, size: int, folder: Path) -> None:
    for index, width in layout.widths(0, size):
        path = folder / layout.entries_path(index, width)
        if _is_published(path, 0, index, width, old):
            continue
        first = index * tree.TILE_WIDTH
        bodies = [row.body.encode() for row in log.rows(first, first + width)]
        leaves = b"".join(map(tree.leaf_hash, bodies))
        if leaves != tiles(0, index)[: width * tree.HASH_BYTES]:
            raise IntegrityError(
                f"the events {first} to {first + width - 1} are not those of the tree: "
                "they were not published; run `ledger verify`"
            )
        write_whole(path, layout.bundle(bodies))


def _is_published(path: Path, level: int, index: int, width: int, old: int) -> bool:
    """Whether a file is there that the published checkpoint of `old` events covers.

    What it does not cover may have been left by another history, and is written again.
    """
    covered = (index * tree.TILE_WIDTH + width) << tree.TILE_HEIGHT * level
    return covered <= old and path.exists()


def _published(folder: Path) -> Signed | None:
    """The checkpoint that was published there before; None if none was."""
    try:
        return checkpoints.parse((folder / layout.CHECKPOINT).read_bytes())
    except FileNotFoundError:
        return None
    except MalformedError as error:
        raise LedgerError(f"{folder} holds a checkpoint that is none: {error}") from error


def _must_be_of(published: str, origin: str, folder: Path) -> None:
    if published != origin:
        raise IntegrityError(
            f"{folder} holds the log {published}, this is {origin}: nothing was written; "
            "name another folder"
        )


def _must_begin_with(signed: Signed, tiles: tree.Tiles, size: int) -> None:
    said = signed.checkpoint
    if said.size > size:
        raise IntegrityError(
            f"{said.size} events were published there, the newest checkpoint here covers {size}: "
            "nothing was written"
        )
    if tree.root(said.size, tiles) != said.root:
        raise IntegrityError(
            f"the first {said.size} events were published with another root: nothing was written; "
            "run `ledger verify`"
        )
