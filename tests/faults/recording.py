"""What a run did to the files of a folder, operation by operation, and when it had committed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.calls import Call, watched
from tests.faults.disk import (
    Cut,
    FolderSynced,
    Made,
    Operation,
    Removed,
    Renamed,
    Synced,
    Written,
)
from tests.faults.driver import installed


class Recording:
    """The operations on one folder, and after how many of them each thing was acknowledged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.operations: list[Operation] = []
        self.commits: list[int] = []
        self.told: dict[str, int] = {}
        self._files: dict[str, int] = {}
        self._made = 0

    def committed(self) -> None:
        """The driver said that a transaction holds."""
        self.commits.append(len(self.operations))

    def tell(self, what: str) -> None:
        """The product said that something is done."""
        self.told[what] = len(self.operations)

    def see(self, call: Call) -> None:
        """A call of SQLite's; what reads, locks or asks changes nothing."""
        path = Path(call.path)
        if not call.path or path.parent != self.folder:
            return
        match call.what:
            case "open":
                self.opened(path.name)
            case "write":
                self.add(Written(self.file(path.name), call.place, call.data))
            case "truncate":
                self.add(Cut(self.file(path.name), call.place))
            case "sync":
                self.add(Synced(self.file(path.name)))
            case "delete":
                self.removed(path)
        if call.lasts:
            self.add(FolderSynced())

    def knows(self, name: str) -> bool:
        """Whether a file has that name now."""
        return name in self._files

    def removed(self, path: Path) -> None:
        """A name was taken away."""
        if self._files.pop(path.name, None) is not None:
            self.add(Removed(path.name))

    def renamed(self, old: Path, new: Path) -> None:
        """A name was changed."""
        file = self._files.pop(old.name)
        self._files[new.name] = file
        self.add(Renamed(file, old.name, new.name))

    def synced(self, path: Path) -> None:
        """A file, or the folder, was synced."""
        if path == self.folder:
            self.add(FolderSynced())
        elif path.name in self._files:
            self.add(Synced(self.file(path.name)))

    def opened(self, name: str) -> None:
        """A file was opened, and made if it had not been there."""
        if name not in self._files:
            self._made += 1
            self._files[name] = self._made
            self.add(Made(self._made, name))

    def file(self, name: str) -> int:
        """The number of the file that has a name."""
        return self._files[name]

    def add(self, operation: Operation) -> None:
        """One thing more was done."""
        self.operations.append(operation)


@contextmanager
def recorded(folder: Path) -> Iterator[Recording]:
    """Record what the product does to databases in a folder, which is empty at first.

    SQLite's calls come through its VFS, those of the program itself (a backup is renamed, a
    folder synced) through `os`. Plain files that the program writes are not recorded.
    """
    made = Recording(folder)
    with (
        watched(made.see) as vfs,
        installed(vfs, made.committed),
        pytest.MonkeyPatch.context() as patch,
    ):
        for name in ("rename", "replace"):
            _before(patch, name, lambda old, new: made.renamed(Path(old), Path(new)))
        _before(patch, "unlink", lambda path: made.removed(Path(path)))
        _before(patch, "fsync", lambda file: made.synced(_path(file, folder)))
        yield made


def _before(patch: pytest.MonkeyPatch, name: str, tell: Callable[..., object]) -> None:
    call = getattr(os, name)

    def told(*arguments: object) -> object:
        done = call(*arguments)
        tell(*arguments)
        return done

    patch.setattr(os, name, told)


def _path(descriptor: int, folder: Path) -> Path:
    """Which file of the folder, or the folder itself, a descriptor is of."""
    found = os.fstat(descriptor)
    for path in (folder, *folder.iterdir()):
        if os.path.samestat(path.stat(), found):
            return path
    return Path()
