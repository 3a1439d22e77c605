"""Every call that SQLite makes to the system, seen before it is made: a VFS over the usual one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import NamedTuple

import apsw

_NUMBERS = count(1)
_NAMED = apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_SUPER_JOURNAL | apsw.SQLITE_OPEN_WAL


class Call(NamedTuple):
    """One call: what is done, to which file ("" for a temporary one), from where, with what.

    `place` is a size where a file is cut. `lasts` says that the call makes the names in the folder
    last as well: SQLite's own VFS syncs the folder with a log or a journal that may be new.
    """

    what: str
    path: str
    place: int = 0
    data: bytes = b""
    lasts: bool = False


Watch = Callable[[Call], object]
"""Told of each call before it is made; what it raises, the call fails with."""


@contextmanager
def watched(watch: Watch) -> Iterator[str]:
    """The name of a VFS that tells of its calls."""
    vfs = _Watched(f"watched-{next(_NUMBERS)}", watch)
    try:
        yield vfs.name
    finally:
        vfs.unregister()


class _Watched(apsw.VFS):
    def __init__(self, name: str, watch: Watch) -> None:
        super().__init__(name, "")
        self.name = name
        self._watch = watch

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> _File:  # noqa: N802 - apsw's
        path = name.filename() if isinstance(name, apsw.URIFilename) else name or ""
        self._watch(Call("open", path))
        return _File(name, path, flags, self._watch)

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: FBT001, N802 - apsw's
        self._watch(Call("delete", name, lasts=syncdir))
        super().xDelete(name, syncdir)

    def xAccess(self, name: str, flags: int) -> bool:  # noqa: N802 - apsw's
        self._watch(Call("access", name))
        return super().xAccess(name, flags)


class _File(apsw.VFSFile):
    def __init__(
        self, name: str | apsw.URIFilename | None, path: str, flags: list[int], watch: Watch
    ) -> None:
        super().__init__("", name, flags)
        self._path = path
        self._watch = watch
        self._lasts = bool(flags[0] & _NAMED and flags[0] & apsw.SQLITE_OPEN_CREATE)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - apsw's
        self._watch(Call("read", self._path, offset))
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - apsw's
        self._watch(Call("write", self._path, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - apsw's
        self._watch(Call("truncate", self._path, newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802 - apsw's
        self._watch(Call("sync", self._path, lasts=self._lasts))
        super().xSync(flags)
        self._lasts = False

    def xFileSize(self) -> int:  # noqa: N802 - apsw's
        self._watch(Call("size", self._path))
        return super().xFileSize()

    def xLock(self, level: int) -> None:  # noqa: N802 - apsw's
        self._watch(Call("lock", self._path))
        super().xLock(level)
