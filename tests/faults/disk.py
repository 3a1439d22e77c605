"""A disk that loses power: what was written is kept for sure only once it was synced.

What a run did to the files of one folder is replayed up to any moment. Then the power fails, and
of all that was not synced by then nothing, all, or any part is found: each write whole, in part or
not at all, sector by sector, in whatever order; each name that was made, moved or removed likewise.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

SECTOR = 512
"""Bytes that a disk writes whole or not at all."""

Loss = Literal["none", "all", "some", "torn", "sizes"]
LOSSES: tuple[Loss, ...] = ("none", "all", "some", "torn", "sizes")
"""What is found of what was not synced: none or all of it; some of the writes, whole; some of their
sectors; or the files as long as they had become, with nothing in the new part."""


class Made(NamedTuple):
    """A file came to be under a name: files are told apart by number, as names come again."""

    file: int
    name: str


class Written(NamedTuple):
    """Bytes of a file from a place on."""

    file: int
    place: int
    data: bytes


class Cut(NamedTuple):
    """A file was made that many bytes long."""

    file: int
    size: int


class Synced(NamedTuple):
    """All that was done to a file lasts."""

    file: int


class Renamed(NamedTuple):
    """A file got another name; what had that name before is gone."""

    file: int
    old: str
    new: str


class Removed(NamedTuple):
    """A name is gone."""

    name: str


class FolderSynced(NamedTuple):
    """All names that were made, moved and removed last."""


Change = Written | Cut
Naming = Made | Renamed | Removed
Operation = Change | Naming | Synced | FolderSynced


class Disk:
    """One folder, as the operations so far left it; it is empty at first."""

    def __init__(self) -> None:
        self._lasting: dict[int, bytes] = {}
        self._pending: dict[int, list[Change]] = {}
        self._names: dict[str, int] = {}
        self._namings: list[Naming] = []

    def apply(self, operation: Operation) -> None:
        """Do what the run did."""
        match operation:
            case Written() | Cut():
                self._pending.setdefault(operation.file, []).append(operation)
            case Synced(file):
                changes = self._pending.pop(file, [])
                self._lasting[file] = _changed(self._lasting.get(file, b""), changes)
            case FolderSynced():
                self._names = _named(self._names, self._namings)
                self._namings = []
            case _:
                self._namings.append(operation)

    def crashed(self, loss: Loss, chance: random.Random) -> dict[str, bytes]:
        """Each file that is found, with its bytes, after the power failed now."""
        share = {"none": 0.0, "all": 1.0}.get(loss) or chance.choice((0.1, 0.5, 0.9))
        share = 0.0 if loss == "none" else share
        namings = [one for one in self._namings if chance.random() < share]
        names = _named(self._names, namings)
        return {name: self._found(file, loss, share, chance) for name, file in names.items()}

    def _found(self, file: int, loss: Loss, share: float, chance: random.Random) -> bytes:
        lasting, pending = self._lasting.get(file, b""), self._pending.get(file, [])
        if loss == "sizes":
            size = len(_changed(lasting, pending))
            return lasting[:size].ljust(size, b"\0")
        parts = pending if loss in ("none", "all", "some") else _sectors(pending)
        return _changed(lasting, [one for one in parts if chance.random() < share])


def replay(operations: Sequence[Operation], moments: Sequence[int]) -> Iterator[tuple[int, Disk]]:
    """The disk after the first M operations, for each moment M; moments in order."""
    disk, done = Disk(), 0
    for moment in moments:
        for operation in operations[done:moment]:
            disk.apply(operation)
        done = moment
        yield moment, disk


def _changed(data: bytes, changes: Sequence[Change]) -> bytes:
    if not changes:
        return data
    found = bytearray(data)
    for one in changes:
        size = one.size if isinstance(one, Cut) else one.place
        if len(found) < size:
            found.extend(bytes(size - len(found)))
        if isinstance(one, Cut):
            del found[size:]
        else:
            found[size : size + len(one.data)] = one.data
    return bytes(found)


def _named(names: dict[str, int], namings: Sequence[Naming]) -> dict[str, int]:
    found = dict(names)
    for one in namings:
        match one:
            case Made(file, name):
                found[name] = file
            case Removed(name):
                found.pop(name, None)
            case Renamed(file, old, new):
                if found.get(old) == file:
                    del found[old]
                found[new] = file
    return found


def _sectors(changes: Sequence[Change]) -> Iterator[Change]:
    """The same changes, each write in pieces that end where sectors do."""
    for one in changes:
        if isinstance(one, Cut):
            yield one
            continue
        start, stop = one.place, one.place + len(one.data)
        while start < stop:
            end = min(stop, start - start % SECTOR + SECTOR)
            yield Written(one.file, start, one.data[start - one.place : end - one.place])
            start = end
