"""The rows of a mapping's last import, each by a mark: such a row, come again, changes nothing.

Datasets come again every month with few rows changed. What a row became is found by its mark (64
bits of its cells' BLAKE2b) without mapping it or looking into the log. Marks are a short cut and
no record: they may be lost at any time, and then every row is looked at again.

They hold for the same mapping, columns and undone imports (`state`), and as long as nobody else
imported by the mapping: an import that appends takes them out of the way first, in the same
transaction, and puts its own in place when it is complete. A `token` tells whose they are and
after which event they were put down, a hash that nothing of them changed. Nothing is withdrawn by
them: with `--complete` every row is looked at.
"""

from __future__ import annotations

import hashlib
import secrets
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from itertools import compress

from sqlalchemy import Connection, text

from ledger.store.driver import insert

_BETWEEN = "\x1f"
"""What no cell can hold: readers refuse control characters."""


def mark_of(cells: Sequence[str]) -> int:
    """The mark of a row."""
    return short(_BETWEEN.join(cells))


class Marks:
    """The marks that stand when an import begins, and those that it leaves.

    Memory: about 50 bytes a row, twice that while they are put in order.
    """

    def __init__(
        self, mapping: str, state: str, token: str = "", table: Table | None = None
    ) -> None:
        self.mapping = mapping
        self.state = state
        self._before = token
        self._tokens: set[str] = set()
        self._alone = True
        self._old = table or Table()
        self._lines = array("L", [0]) * len(self._old.marks)
        self._passed = bytearray(len(self._old.marks))
        self._new = Table()

    @classmethod
    def of(cls, connection: Connection, mapping: str, state: str) -> Marks:
        """The marks that stand for a mapping; none if they were made in another state."""
        statement = text("SELECT token, state, marks, names FROM marks WHERE mapping = :mapping")
        row = connection.execute(statement, {"mapping": mapping}).one_or_none()
        if row is None:
            return cls(mapping, state)
        token, made_in, marks, names = row
        sound = made_in == _sealed(state, _head(connection, token), marks, names)
        return cls(mapping, state, token, Table(marks, names) if sound else None)

    def anew(self) -> Marks:
        """The marks that stand, for a run from the start."""
        return Marks(self.mapping, self.state, self._before, self._old)

    def unused(self) -> Marks:
        """Marks that recognise nothing, in the place of those that stand."""
        return Marks(self.mapping, self.state, self._before)

    def recognises(self, mark: int, line: int) -> bool:
        """Whether a row stands as it is; only where it comes for the first time in the import."""
        place = _find(self._old.marks, mark)
        if place is None or self._lines[place]:
            return False
        self._lines[place] = line
        self._passed[place] = 1
        return True

    def first(self, name: str, line: int) -> int:
        """The line of a row of that name that came before; 0 if none did."""
        place = self._old.place(name)
        if place is None:
            return 0
        before = self._lines[place]
        if not before:
            self._lines[place] = line
        return before

    def keep(self, mark: int, name: str) -> None:
        """Leave the mark of a row that stands now."""
        self._new.marks.append(mark)
        self._new.names.append(short(name))

    def step_aside(self, connection: Connection) -> None:
        """Take the marks out of the way, in a transaction that appends."""
        found = self._standing(connection)
        if found in self._tokens:
            return
        if found != self._before:  # else ours were put down in a transaction that was undone
            self._alone = False  # somebody else imports by the mapping at the same time
        self._put(connection, Table())

    def save(self, connection: Connection) -> None:
        """Leave the marks of this import, if no other import went on beside it."""
        if not self._alone or self._standing(connection) not in {*self._tokens, self._before}:
            return
        whole = Table()
        whole.marks.extend(compress(self._old.marks, self._passed))
        whole.names.extend(compress(self._old.names, self._passed))
        whole.marks.extend(self._new.marks)
        whole.names.extend(self._new.names)
        self._put(connection, whole.sorted())

    @property
    def news(self) -> bool:
        """Whether there are rows that the marks which stood did not know, or that did not come."""
        return bool(self._new.marks) or not all(self._passed)

    def _standing(self, connection: Connection) -> str:
        statement = text("SELECT token FROM marks WHERE mapping = :mapping")
        return connection.execute(statement, {"mapping": self.mapping}).scalar() or ""

    def _put(self, connection: Connection, table: Table) -> None:
        marks, names = table.marks.tobytes(), table.names.tobytes()
        position = connection.execute(text("SELECT size - 1 FROM head")).scalar_one()
        token = f"{position}.{secrets.token_hex(8)}"
        self._tokens.add(token)
        sealed = _sealed(self.state, _head(connection, token), marks, names)
        connection.execute(
            text("DELETE FROM marks WHERE mapping = :mapping"), {"mapping": self.mapping}
        )
        insert(connection, "marks", [(self.mapping, sealed, token, marks, names)])


def _head(connection: Connection, token: str) -> str:
    """The event after which marks were put down: of another ledger they tell nothing."""
    statement = text("SELECT id FROM events WHERE position = :position")
    position = int(token.partition(".")[0])
    return str(connection.execute(statement, {"position": position}).scalar())


def _sealed(state: str, head: str, marks: bytes, names: bytes) -> str:
    """What tells that marks are whole, of this state and of this ledger."""
    whole = hashlib.sha256(f"{state} {head} {len(marks)} ".encode())
    whole.update(marks)
    whole.update(names)
    return whole.hexdigest()


class Table:
    """Marks of rows in order, and beside each the name of its row, as 64 bits."""

    def __init__(self, marks: bytes = b"", names: bytes = b"") -> None:
        self.marks, self.names = array("Q"), array("Q")
        self.marks.frombytes(marks)
        self.names.frombytes(names)

    def sorted(self) -> Table:
        """The same, in the order of the marks."""
        found = Table()
        for place in sorted(range(len(self.marks)), key=self.marks.__getitem__):
            found.marks.append(self.marks[place])
            found.names.append(self.names[place])
        return found

    def place(self, name: str) -> int | None:
        """The place of the row of a name; None if there is none."""
        order, names = self._by_name
        found = _find(names, short(name))
        return None if found is None else order[found]

    @cached_property
    def _by_name(self) -> tuple[array[int], array[int]]:
        order = array("L", sorted(range(len(self.names)), key=self.names.__getitem__))
        return order, array("Q", map(self.names.__getitem__, order))


def short(name: str) -> int:
    """64 bits of a name."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")


def _find(some: array[int], wanted: int) -> int | None:
    place = bisect_left(some, wanted)
    return place if place < len(some) and some[place] == wanted else None
