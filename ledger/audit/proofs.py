"""Proofs in a file, each with the checkpoint to which it leads: verified without a database.

An inclusion proof is a C2SP tlog-proof whose extra data are the event's bytes. A consistency
proof is what C2SP tlog-witness sends to a witness (the body of add-checkpoint).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ledger import tree
from ledger.audit import checkpoints
from ledger.audit.checkpoints import Checkpoint, Signed
from ledger.audit.texts import MalformedError, decimal, decoded, encoded, hashes, text_of
from ledger.tree import leaf_hash

_HEADER = "c2sp.org/tlog-proof@v1"
_MOST_HASHES = 63
"""Of a consistency proof: C2SP tlog-witness allows no more."""


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That an event is at a position (0-based) of the log that the checkpoint signs."""

    event: bytes
    position: int
    hashes: tuple[bytes, ...]
    signed: Signed

    def __str__(self) -> str:
        """The proof as a C2SP tlog-proof."""
        lines = (_HEADER, f"extra {encoded(self.event)}", f"index {self.position}")
        return _lines(*lines, *map(encoded, self.hashes), "") + str(self.signed)

    def holds(self) -> bool:
        """Whether the hashes lead from the event to the checkpoint's root."""
        to = self.signed.checkpoint
        return tree.verify_inclusion(
            leaf_hash(self.event), self.position, to.size, self.hashes, to.root
        )


@dataclass(frozen=True, slots=True)
class Consistency:
    """That the first `old` events of the log that the checkpoint signs are an older log's."""

    old: int
    hashes: tuple[bytes, ...]
    signed: Signed

    def __str__(self) -> str:
        """The proof as the body of C2SP tlog-witness's add-checkpoint."""
        return _lines(f"old {self.old}", *map(encoded, self.hashes), "") + str(self.signed)

    def holds(self, since: Checkpoint) -> bool:
        """Whether the hashes lead from the older checkpoint to the newer one."""
        to = self.signed.checkpoint
        return (since.origin, since.size) == (to.origin, self.old) and tree.verify_consistency(
            since.size, to.size, since.root, to.root, self.hashes
        )


Proof: TypeAlias = Inclusion | Consistency


def inclusion(event: bytes, position: int, signed: Signed, tiles: tree.Tiles) -> Inclusion:
    """The proof that an event is at a position; ValueError if the checkpoint does not reach it."""
    path = tree.inclusion_proof(position, signed.checkpoint.size, tiles)
    return Inclusion(event, position, tuple(path), signed)


def consistency(old: int, signed: Signed, tiles: tree.Tiles) -> Consistency:
    """The proof that a log has grown from `old` events; ValueError unless 0 < old <= its size."""
    path = tree.consistency_proof(old, signed.checkpoint.size, tiles)
    return Consistency(old, tuple(path), signed)


def parse(data: bytes) -> Proof:
    """The proof that some bytes are, of either kind; raises MalformedError."""
    text = text_of(data)
    top, blank, below = text.partition("\n\n")
    if not blank:
        raise MalformedError("it has no empty line above a checkpoint")
    lines = top.split("\n")
    signed = checkpoints.parse(below.encode())
    if lines[0] == _HEADER:
        return _inclusion(lines[1:], signed)
    if lines[0].startswith("old "):
        return _consistency(lines, signed)
    raise MalformedError(f"it begins neither with {_HEADER!r} nor with 'old SIZE'")


def _inclusion(lines: list[str], signed: Signed) -> Inclusion:
    extra, index, *path = [*lines, "", ""]
    event = decoded(extra.removeprefix("extra "))
    if not extra.startswith("extra ") or event is None:
        raise MalformedError("its second line is not 'extra' and the event's bytes in base64")
    if not index.startswith("index "):
        raise MalformedError("its third line is not 'index' and the event's position")
    position = decimal(index.removeprefix("index "), "index")
    return Inclusion(event, position, hashes(path[:-2]), signed)


def _consistency(lines: list[str], signed: Signed) -> Consistency:
    old = decimal(lines[0].removeprefix("old "), "old size")
    if len(lines) > _MOST_HASHES + 1:
        raise MalformedError(f"it has more than {_MOST_HASHES} hashes")
    return Consistency(old, hashes(lines[1:]), signed)


def _lines(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)
