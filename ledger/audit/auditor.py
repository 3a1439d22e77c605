"""What proves the history of one database: checkpoints, proofs, verification, publication."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from ledger import tree
from ledger.audit import checkpoints, proofs
from ledger.audit.checkpoints import Checkpoint, Signed
from ledger.audit.keys import SigningKey, VerifierKey
from ledger.audit.notes import Note, Signature
from ledger.audit.proofs import Consistency, Inclusion
from ledger.audit.texts import MalformedError
from ledger.audit.trust import NOBODY, Trust
from ledger.errors import IntegrityError, LedgerError
from ledger.store import checkpoints as kept
from ledger.store import log as store
from ledger.store.database import Database
from ledger.store.log import Log

if TYPE_CHECKING:
    from ledger.audit.histories import Noted
    from ledger.audit.verify import Verified


class NoCheckpointError(LedgerError):
    """A proof leads to a signed checkpoint, and none of those that are kept reaches so far."""

    def __init__(self, wanted: str, newest: int) -> None:
        super().__init__(
            f"no checkpoint covers {wanted} (the newest covers {newest} events): "
            "sign one with `ledger checkpoint --key FILE`"
        )


class Auditor:
    """What proves the history of one database; `now` tells the time of a signature."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def verify(self, given: Sequence[Noted] = (), trust: Trust = NOBODY) -> Verified:
        """Check the whole ledger, also against checkpoints from outside; see `audit.verify`."""
        from ledger.audit import verify
        from ledger.audit.histories import Kept

        replica = self._database.replica()  # asked before, so that what is read is no older
        with self._database.reading() as connection, store.bulk_work():
            return verify.verify(Kept(connection, str(self._database), replica), given, trust)

    def checkpoint(self, key: SigningKey) -> Signed:
        """Sign what the log is now, in the name of the key, and keep it.

        The log is held against its tiles and against the newest checkpoint before, in O(log n).
        Raises IntegrityError where it is not what was signed (C2SP tlog-checkpoint forbids
        signing such a log) and LedgerError where the log goes by another name; keeps nothing then.
        """

        def signed(connection: Connection) -> Signed:
            head, tiles = store.head(connection), store.tiles(connection)
            if tree.root(head.size, tiles).hex() != head.root:
                raise IntegrityError("the head is not the root of the tiles: run `ledger verify`")
            if (last := _newest(connection)) is not None:
                _must_fit(last, head.size, tiles)
                _must_be_of(last.checkpoint.origin, key)
            made = Checkpoint(key.verifier.name, head.size, bytes.fromhex(head.root))
            note = checkpoints.unsigned(made).note
            if last is not None:
                note = note.joined(_of_others(last.note, key.verifier))
            return _keep(connection, note.signed(key, int(self._now().timestamp())))

        with _sound():
            return self._database.write(signed)

    def keep(self, path: Path) -> Signed:
        """Keep a checkpoint of this log that came back from a witness, in a file.

        Signatures that are kept of the same checkpoint are put together with its own. Raises
        MalformedError, and IntegrityError if it is not of this log, or if the log's own
        signature came back as another: what is kept is never removed.
        """
        came = checkpoints.read(path)

        def kept_too(connection: Connection) -> Signed:
            _must_fit(came, store.head(connection).size, store.tiles(connection))
            note = checkpoints.unsigned(came.checkpoint).note
            for one in kept.kept(connection):
                note = note.joined(_parsed(one).note)
            own = _by(came.checkpoint.origin, note)
            if own and not _by(came.checkpoint.origin, came.note) <= own:
                raise IntegrityError(
                    f"{path}: its signature by {came.checkpoint.origin} is not the one that is "
                    "kept: nothing was kept; ask the witness for its answer again"
                )
            return _keep(connection, came.note.joined(note))

        with _sound():
            return self._database.write(kept_too)

    def newest(self) -> Signed | None:
        """The newest checkpoint that is kept, if any is."""
        with self._database.reading() as connection:
            return _newest(connection)

    def prove(self, position: int) -> Inclusion:
        """That the event at a position is in the log of the newest checkpoint.

        Raises NoCheckpointError, and IntegrityError where the tree gives no proof that holds.
        """
        with _sound(), self._database.reading() as connection:
            signed = _newest(connection)
            if signed is None or signed.checkpoint.size <= position:
                raise NoCheckpointError(f"position {position}", _size(signed))
            for row in Log(connection).rows(position, position + 1):
                made = proofs.inclusion(
                    row.body.encode(), position, signed, store.tiles(connection)
                )
                if made.holds():
                    return made
        raise IntegrityError(f"position {position} cannot be proved: run `ledger verify`")

    def prove_since(self, old: Checkpoint) -> Consistency:
        """That the log of the newest checkpoint begins with that of an older one.

        Raises NoCheckpointError, and IntegrityError where the older one is not its beginning.
        """
        with _sound(), self._database.reading() as connection:
            signed = _newest(connection)
            if signed is None or signed.checkpoint.size < old.size:
                raise NoCheckpointError(f"{old.size} events", _size(signed))
            if old.size == 0:
                return Consistency(0, (), signed)
            made = proofs.consistency(old.size, signed, store.tiles(connection))
        if not made.holds(old):
            raise IntegrityError(
                f"this log of {signed.checkpoint.origin} does not begin with the {old.size} events "
                f"that {old.origin} signed: run `ledger verify --checkpoint FILE`"
            )
        return made

    def publish(self, folder: Path) -> Signed:
        """Write the log of the newest checkpoint for mirrors; see `audit.publishing`."""
        from ledger.audit import publishing

        with _sound(), self._database.reading() as connection:
            signed = _newest(connection)
            if signed is None:
                raise NoCheckpointError("any event", 0)
            publishing.publish(connection, signed, folder)
            return signed


@contextmanager
def _sound() -> Iterator[None]:
    """Raises IntegrityError where the tree of the log that is read lacks hashes."""
    try:
        yield
    except tree.ShortTileError as error:
        raise IntegrityError(f"{error}: run `ledger verify`") from error


def _keep(connection: Connection, note: Note) -> Signed:
    """Keep a checkpoint; raises MalformedError for one that could not be read again."""
    signed = checkpoints.parse(str(note).encode())
    kept.keep(connection, signed.checkpoint.size, str(signed))
    return signed


def verify_elsewhere(where: str, given: Sequence[Noted] = (), trust: Trust = NOBODY) -> Verified:
    """Check a JSONL export or a published log; see `audit.verify`."""
    from ledger.audit import verify
    from ledger.audit.copying import opened

    with opened(where) as history, store.bulk_work():
        return verify.verify(history, given, trust)


def _of_others(note: Note, key: VerifierKey) -> Note:
    """A note without the signatures of one key."""
    return replace(note, signatures=tuple(one for one in note.signatures if not one.is_by(key)))


def _by(name: str, note: Note) -> set[Signature]:
    """The signatures of one name below a note."""
    return {one for one in note.signatures if one.name == name}


def _newest(connection: Connection) -> Signed | None:
    found = kept.newest(connection)
    return None if found is None else _parsed(found)


def _parsed(one: kept.Kept) -> Signed:
    """A kept checkpoint; raises MalformedError that says which."""
    try:
        return checkpoints.parse(one.note.encode())
    except MalformedError as error:
        raise MalformedError(
            f"the kept checkpoint {one.number} is none: {error}: run `ledger verify`"
        ) from error


def _size(signed: Signed | None) -> int:
    return signed.checkpoint.size if signed else 0


def _must_be_of(origin: str, key: SigningKey) -> None:
    if key.verifier.name != origin:
        raise LedgerError(
            f"this ledger's checkpoints are those of {origin}, the key is named "
            f"{key.verifier.name}: sign with a key of that name, or cosign as a witness"
        )


def _must_fit(signed: Signed, size: int, tiles: tree.Tiles) -> None:
    """Raise IntegrityError unless a log begins with what a checkpoint says."""
    said = signed.checkpoint
    if said.size > size or tree.root(said.size, tiles) != said.root:
        raise IntegrityError(
            f"the checkpoint of {said.size} events is not of this log, which has {size}: "
            "nothing was kept; run `ledger verify` with it as --checkpoint"
        )
