"""Questions that our code and programs that others wrote are asked alike."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

import metamorphic_log as metamorphic  # type: ignore[import-untyped]

from ledger import tree
from ledger.audit import keys, notes
from ledger.audit.texts import MalformedError


@dataclass(frozen=True, slots=True)
class Included:
    """Whether an event is at an index of a tree, by a bare path."""

    event: bytes
    index: int
    path: tuple[bytes, ...]
    size: int
    root: bytes

    def ours(self) -> bool:
        """What this package says."""
        leaf = tree.leaf_hash(self.event)
        return tree.verify_inclusion(leaf, self.index, self.size, self.path, self.root)

    def metamorphic(self) -> bool:
        """What metamorphic-log says; the leaf is hashed here, without our code."""
        leaf = sha256(b"\x00" + self.event).digest()
        return agreed(
            lambda: metamorphic.verify_inclusion(
                self.index, self.size, leaf, list(self.path), self.root
            )
        )

    def question(self) -> dict[str, object]:
        """What the program in Go is asked."""
        return {
            "Ask": "inclusion",
            "Event": told(self.event),
            "Index": self.index,
            "Path": list(map(told, self.path)),
            "Size": self.size,
            "Root": told(self.root),
        }


@dataclass(frozen=True, slots=True)
class Grown:
    """Whether a tree is the beginning of another, by a bare path."""

    old: int
    old_root: bytes
    path: tuple[bytes, ...]
    size: int
    root: bytes

    def ours(self) -> bool:
        """What this package says."""
        return tree.verify_consistency(self.old, self.size, self.old_root, self.root, self.path)

    def metamorphic(self) -> bool:
        """What metamorphic-log says."""
        return agreed(
            lambda: metamorphic.verify_consistency(
                self.old, self.size, list(self.path), self.old_root, self.root
            )
        )

    def question(self) -> dict[str, object]:
        """What the program in Go is asked."""
        return {
            "Ask": "consistency",
            "Old": self.old,
            "OldRoot": told(self.old_root),
            "Path": list(map(told, self.path)),
            "Size": self.size,
            "Root": told(self.root),
        }


@dataclass(frozen=True, slots=True)
class Signed:
    """Whether a key signed a note."""

    note: bytes
    vkey: str

    def ours(self) -> bool:
        """What this package says."""
        try:
            return notes.parse(self.note).signed_by(keys.verifier(self.vkey)) is True
        except MalformedError:
            return False

    def metamorphic(self) -> bool:
        """What metamorphic-log says, which takes text alone."""
        try:
            text = self.note.decode()
        except UnicodeDecodeError:
            return False
        return agreed(lambda: metamorphic.verify_signed_note(text, [self.vkey]))

    def question(self) -> dict[str, object]:
        """What the program in Go is asked."""
        return {"Ask": "note", "Note": told(self.note), "Vkey": self.vkey}


Asked: TypeAlias = Included | Grown | Signed
Program: TypeAlias = Callable[[Sequence[Asked]], list[bool]]


def agreed(ask: Callable[[], object]) -> bool:
    """Whether metamorphic-log raised nothing."""
    try:
        ask()
    except metamorphic.VerifyError:
        return False
    return True


def told(data: bytes) -> str:
    """Bytes, as JSON for Go has them."""
    return b64encode(data).decode()


def in_rust(asked: Sequence[Asked]) -> list[bool]:
    """Each question answered by metamorphic-log."""
    return [one.metamorphic() for one in asked]
