"""Signed notes: a text, and the signatures below it (C2SP signed-note)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ledger.audit.keys import SigningKey, VerifierKey, is_name
from ledger.audit.texts import MalformedError, decoded, encoded, text_of

MOST_BYTES = 1_000_000
MOST_SIGNATURES = 100
"""Go's note package draws the same line; C2SP asks for at least 16."""

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_BEFORE_NAME = "— "


@dataclass(frozen=True, slots=True)
class Signature:
    """One line below a note: who signed, the first four bytes of the key's hash, the signature."""

    name: str
    key_id: bytes
    data: bytes

    def __str__(self) -> str:
        """The line, without its line feed."""
        return f"{_BEFORE_NAME}{self.name} {encoded(self.key_id + self.data)}"

    def is_by(self, key: VerifierKey) -> bool:
        """Whether it says to be of this key; `key.verifies` tells whether it is."""
        return (self.name, self.key_id) == (key.name, key.id)


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a line feed, and one or more signatures."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        """The note as it is kept and sent."""
        return self.text + "\n" + "".join(f"{one}\n" for one in self.signatures)

    def signed_by(self, key: VerifierKey) -> bool | None:
        """Whether the key signed it: None if no signature says so, False if one is forged.

        A forged signature counts more than a good one beside it.
        """
        found = [
            key.verifies(self.text.encode(), one.data) for one in self.signatures if one.is_by(key)
        ]
        return all(found) if found else None

    def joined(self, other: Note) -> Note:
        """The note with the signatures that another of the same text has beside its own."""
        if other.text != self.text:
            return self
        every = dict.fromkeys((*other.signatures, *self.signatures))
        return replace(self, signatures=tuple(every))

    def signed(self, key: SigningKey, seconds: int) -> Note:
        """The note with one more signature, made at `seconds` since 1970."""
        data = key.sign(self.text.encode(), seconds)
        signature = Signature(key.verifier.name, key.verifier.id, data)
        return replace(self, signatures=(*self.signatures, signature))


def parse(data: bytes) -> Note:
    """The note that some bytes are; raises MalformedError, which says what is wrong with it."""
    if len(data) > MOST_BYTES:
        raise MalformedError(f"it has {len(data):,} bytes: a note has {MOST_BYTES:,} at most")
    text = text_of(data)
    if _CONTROL.search(text):
        raise MalformedError("it holds a control character")
    body, blank, below = text.rpartition("\n\n")
    if not blank or not below.endswith("\n"):
        raise MalformedError("it does not end in an empty line and signatures below it")
    lines = below[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise MalformedError(f"it has more than {MOST_SIGNATURES} signatures")
    return Note(body + "\n", tuple(map(_signature, lines)))


def _signature(line: str) -> Signature:
    name, space, rest = line.removeprefix(_BEFORE_NAME).partition(" ")
    data = decoded(rest)
    if not line.startswith(_BEFORE_NAME) or not space or not is_name(name) or not data:
        raise MalformedError(f"{line!r} is no signature")
    key_id, signature = data[:4], data[4:]
    if not signature:
        raise MalformedError(f"{line!r} is no signature: it is too short")
    return Signature(name, key_id, signature)
