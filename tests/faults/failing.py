"""Calls that fail: the one with a number, as a bad disk fails, or all from it on, as a full one."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import apsw

from tests.faults.calls import Call

Fault = Literal["EIO", "ENOSPC"]
FAULTS: tuple[Fault, ...] = ("EIO", "ENOSPC")

_BAD = {
    "read": apsw.SQLITE_IOERR_READ,
    "write": apsw.SQLITE_IOERR_WRITE,
    "truncate": apsw.SQLITE_IOERR_TRUNCATE,
    "sync": apsw.SQLITE_IOERR_FSYNC,
    "size": apsw.SQLITE_IOERR_FSTAT,
    "lock": apsw.SQLITE_IOERR_LOCK,
    "delete": apsw.SQLITE_IOERR_DELETE,
    "access": apsw.SQLITE_IOERR_ACCESS,
    "open": apsw.SQLITE_CANTOPEN,
}
"""What SQLite's own VFS answers where the system answers EIO."""
_FULL = {**_BAD, "write": apsw.SQLITE_FULL}
"""The same for ENOSPC."""
_WORDS = {
    apsw.SQLITE_IOERR: "disk I/O error",
    apsw.SQLITE_FULL: "database or disk is full",
    apsw.SQLITE_CANTOPEN: "unable to open database file",
}
"""SQLite's words, which apsw has not for what is raised in a VFS."""


class Failing:
    """Sees calls and lets the one with the number `first` fail, 0 none; counts those that may.

    A disk that is full is full for all calls after it. EIO is of one call alone.
    """

    def __init__(self, fault: Fault, first: int) -> None:
        self.calls = 0
        self.last = Call("", "")
        self._fault = fault
        self._first = first

    def __call__(self, call: Call) -> None:
        """Raise what the call is to fail with, if it is."""
        if self._fault == "ENOSPC" and not _takes_space(call):
            return
        self.calls += 1
        if self.calls == self._first or (self._fault == "ENOSPC" and 0 < self._first < self.calls):
            self.last = call
            raise _error((_FULL if self._fault == "ENOSPC" else _BAD)[call.what])


def _takes_space(call: Call) -> bool:
    if call.what == "open":
        return call.path != "" and not Path(call.path).exists()
    return call.what in ("write", "sync")


def _error(code: int) -> Exception:
    error = apsw.exception_for(code)
    error.args = (_WORDS[code & 0xFF],)
    return error
