"""Checkpoints: what a log was at one size, in a note that is signed (C2SP tlog-checkpoint)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ledger.audit import notes
from ledger.audit.notes import Note
from ledger.audit.texts import MalformedError, decimal, encoded, one_hash
from ledger.errors import LedgerError, refusal
from ledger.tree import HASH_BYTES

_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The root (32 bytes, RFC 6962 section 2.1) of the first `size` events of a log.

    `extensions` are lines of a log that is not ours: kept, never read. ValueError for a line
    that is empty or more than one, a negative size, a root of another length.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what its text could not say."""
        if any(not line or "\n" in line for line in (self.origin, *self.extensions)):
            raise ValueError("a checkpoint's origin and extensions are one line each, not empty")
        if self.size < 0 or len(self.root) != HASH_BYTES:
            raise ValueError("a checkpoint has a size from 0 on and a root of 32 bytes")

    def __str__(self) -> str:
        """The text of its note."""
        lines = (self.origin, str(self.size), encoded(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint, and the note that carries it with its signatures."""

    checkpoint: Checkpoint
    note: Note

    def __str__(self) -> str:
        """The note, as it is kept and sent."""
        return str(self.note)


def parse(data: bytes) -> Signed:
    """The signed checkpoint that some bytes are; raises MalformedError."""
    note = notes.parse(data)
    lines = note.text[:-1].split("\n")
    if len(lines) < _LINES or "" in lines:
        raise MalformedError("a checkpoint has an origin, a size and a root, one a line")
    origin, size, root, *extensions = lines
    found = Checkpoint(
        origin, decimal(size, "size"), one_hash(root, "root hash"), tuple(extensions)
    )
    return Signed(found, note)


def read(path: Path) -> Signed:
    """The signed checkpoint in a file; raises MalformedError, and LedgerError if it isn't read."""
    try:
        return parse(path.read_bytes())
    except OSError as error:
        raise LedgerError(f"{path}: {refusal(error)}") from error
    except MalformedError as error:
        raise MalformedError(f"{path} is no checkpoint: {error}") from error


def unsigned(checkpoint: Checkpoint) -> Signed:
    """A checkpoint that nobody has signed yet."""
    return Signed(checkpoint, Note(str(checkpoint), ()))
