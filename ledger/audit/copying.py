"""Copies: a new ledger of another's events, byte for byte, verified while it is made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from ledger import codec, tree
from ledger.audit import checkpoints
from ledger.audit.checkpoints import Signed
from ledger.audit.histories import (
    Export,
    History,
    Kept,
    Noted,
    Published,
    is_export,
    is_published,
)
from ledger.audit.texts import MalformedError
from ledger.audit.trust import NOBODY, Trust
from ledger.errors import IntegrityError, LedgerError, NotALedgerError
from ledger.store import checkpoints as kept
from ledger.store import files
from ledger.store import log as store
from ledger.store.database import Database, at
from ledger.store.log import Fold, Head


def copy(source: str, target: Database, fold: Fold, trust: Trust = NOBODY) -> Head:
    """Make a new ledger of the events in a database, an export or a published log.

    Every event must be canonical and the next, the root that of the source, and the source's
    checkpoints, which are kept in the copy, must fit and be signed as `trust` asks. Raises
    IntegrityError where it is not so, and leaves nothing then.
    """
    with opened(source) as history:

        def finish(connection: Connection) -> None:
            _must_be_whole(history, store.head(connection))
            _keep_checkpoints(history, connection, trust)

        return files.fill(target, _bodies(history), fold, finish)


@contextmanager
def opened(source: str) -> Iterator[History]:
    """The history that a name stands for; raises LedgerError if there is none."""
    if is_published(source):
        yield Published(source)
    elif is_export(source):
        if not Path(source).is_file():
            raise NotALedgerError(source, "there is no such file")
        yield Export(Path(source))
    else:
        with at(source).reading() as connection:
            yield Kept(connection, source)


def _bodies(history: History) -> Iterator[bytes]:
    for position, (_, body) in enumerate(history.entries()):
        for problem in history.problems:
            raise IntegrityError(f"{history.where}: {problem}")
        if why := codec.fault(body):
            line = isinstance(history, Export)
            where = f":{position + 1}" if line else f", position {position}"
            raise IntegrityError(f"{history.where}{where}: {why}")
        yield body
    for problem in history.problems:
        raise IntegrityError(f"{history.where}: {problem}")


def _must_be_whole(history: History, made: Head) -> None:
    """Raise IntegrityError unless the copy is what the source's own head says."""
    if isinstance(history, Kept):
        said = store.head(history.connection)
        if (said.size, said.root) != (made.size, made.root):
            raise IntegrityError(
                f"{history.where}: its head says {said.size} events, root {said.root}; its events "
                f"are {made.size}, {made.root}: run `ledger verify` on it"
            )


def _keep_checkpoints(history: History, connection: Connection, trust: Trust) -> None:
    tiles, size = store.tiles(connection), store.head(connection).size
    standing = {one.note for one in kept.kept(connection)}  # of a copy that was stopped before
    noted = [_signed(history, one) for one in history.notes()]
    if trust.quorum and not any(trust.has_quorum(signed) for _, signed in noted):
        raise IntegrityError(
            f"{history.where}: no checkpoint is cosigned by {trust.quorum} of the witnesses"
        )
    for where, signed in noted:
        said = signed.checkpoint
        for fault in trust.faults(where, signed):
            raise IntegrityError(f"{history.where}: {fault}")
        if said.size > size or tree.root(said.size, tiles) != said.root:
            raise IntegrityError(
                f"{history.where}: {where} of {said.size} events does not fit its events: "
                f"run `ledger verify {history.where}`"
            )
        if str(signed) not in standing:
            kept.keep(connection, said.size, str(signed))
    if trust.logs and not noted:
        raise LedgerError(f"{history.where} has no checkpoint whose signature could be checked")


def _signed(history: History, noted: Noted) -> tuple[str, Signed]:
    """A checkpoint as it was found, read; raises MalformedError that says where."""
    try:
        return noted.where, checkpoints.parse(noted.data)
    except MalformedError as error:
        raise MalformedError(f"{history.where}: {noted.where} is no checkpoint: {error}") from error
