"""What must hold of each event, and from one to the next: form, columns, order, streams, ids."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from ledger import codec
from ledger.audit.histories import Columns
from ledger.problems import Problem


class _Envelope(msgspec.Struct, frozen=True):
    """The part of an event that columns repeat."""

    position: int
    id: str
    stream: str
    version: int
    type: str
    recorded_at: str
    batch: str = ""


_envelopes = msgspec.json.Decoder(_Envelope)


class Profile:
    """That the bytes of every event are canonical JSON, within the profile."""

    def __init__(self) -> None:
        self.findings: list[Problem] = []
        self._next = 0

    def check(self, columns: Columns | None, body: bytes) -> None:
        """Look at the next event; one that could not be read is no news."""
        position = columns[0] if columns else self._next
        self._next = position + 1
        if body and (why := codec.fault(body)):
            self.findings.append(Problem(f"position {position}", "bytes-not-canonical", why))


class Order:
    """That positions count up from 0, that time never goes back, that columns say the same."""

    def __init__(self) -> None:
        self.findings: list[Problem] = []
        self.next = 0
        self.recorded_at = ""

    def check(self, columns: Columns | None, body: bytes) -> None:
        """Compare an event with what must come next, and with its columns."""
        position = columns[0] if columns else self.next
        try:
            said = _envelopes.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self.next = position + 1
            self._find(position, "not-an-event", f"its bytes are no event: {error}")
            return
        if columns is None:
            position = said.position
        elif columns != (said.position, said.id, said.stream, said.version, said.type, said.batch):
            self._find(position, "columns-differ", "its columns are not what its bytes say")
        if position != self.next:
            message = f"expected position {self.next}: events are missing or were moved"
            self._find(position, "gap", message)
        self.next = position + 1
        if said.recorded_at < self.recorded_at:
            self._find(position, "time-goes-back", "recorded before the event before it")
        self.recorded_at = said.recorded_at

    def _find(self, position: int, code: str, message: str) -> None:
        self.findings.append(Problem(f"position {position}", code, message))


class Streams:
    """That versions count up and ids are new, where no database keeps them so."""

    def __init__(self) -> None:
        self.findings: list[Problem] = []
        self._scratch = sqlite3.connect("", isolation_level=None)
        self._scratch.execute("PRAGMA journal_mode = OFF")
        self._scratch.execute("CREATE TABLE events (position, id, stream, version)")

    def check(self, columns: Columns | None, body: bytes) -> None:  # noqa: ARG002 - of every check
        """Remember an event's place; one that is no event is found by `Order`."""
        try:
            said = _envelopes.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return
        self._scratch.execute(
            "INSERT INTO events VALUES (?, ?, ?, ?)",
            (said.position, said.id, said.stream, said.version),
        )

    def finish(self) -> None:
        """Look for what is out of order among all that were remembered."""
        self._scratch.execute("CREATE INDEX events_by_stream ON events (stream, version)")
        self.findings.extend(out_of_order(self._scratch.execute))
        self._scratch.close()


def out_of_order(select: Callable[[str], Iterable[tuple[Any, ...]]]) -> Iterator[Problem]:
    """What is wrong with streams and ids in a table of events; `select` runs SQL on it."""
    for stream, least, most, number in select(_GAPS):
        message = f"its versions run from {least} to {most}, and there are {number}"
        yield Problem(f"{stream}", "version-gap", message)
    for position, stream, version, before in select(_SWAPPED):
        message = f"{stream}: version {version} stands before version {before}"
        yield Problem(f"position {position}", "version-order", message)
    for one, position, first in select(_TWICE):
        message = f"id {one} stands at position {first} too"
        yield Problem(f"position {position}", "id-twice", message)


_GAPS = (
    "SELECT stream, min(version) AS least, max(version) AS most, count(*) AS number "
    "FROM events GROUP BY stream HAVING min(version) <> 1 OR max(version) <> count(*)"
)
_SWAPPED = (
    "SELECT a.position, a.stream, a.version, b.version FROM events a JOIN events b "
    "ON b.stream = a.stream AND b.version = a.version - 1 WHERE b.position > a.position"
)
_TWICE = "SELECT id, max(position), min(position) FROM events GROUP BY id HAVING count(*) > 1"
