"""What an import has come past: in a nameless scratch database, so that memory stays flat."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from ledger.errors import ScratchError


class Seen:
    """Names that were seen, each with the place where it was seen first."""

    def __init__(self) -> None:
        self._scratch = sqlite3.connect("", isolation_level=None)
        self._scratch.execute("PRAGMA journal_mode = OFF")
        self._scratch.execute(
            "CREATE TABLE seen (name TEXT PRIMARY KEY, place TEXT NOT NULL) WITHOUT ROWID"
        )

    def add(self, names: Sequence[tuple[str, str]]) -> dict[int, str]:
        """Remember names with their places; of those seen before, the first place, by number."""
        cursor = self._scratch.cursor()
        try:
            cursor.execute("BEGIN")
            cursor.executemany("INSERT INTO seen VALUES (?, ?) ON CONFLICT DO NOTHING", names)
            added = cursor.rowcount
            cursor.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise ScratchError(str(error)) from error
        if added == len(names) or not names:
            return {}
        firsts = ((number, self._place(name), place) for number, (name, place) in enumerate(names))
        return {number: str(first) for number, first, place in firsts if first != place}

    def unseen(self, names: Iterable[str]) -> list[str]:
        """Those of some names that were never seen."""
        return [name for name in names if self._place(name) is None]

    def _place(self, name: str) -> str | None:
        found = self._scratch.execute("SELECT place FROM seen WHERE name = ?", (name,)).fetchone()
        return found[0] if found else None

    def close(self) -> None:
        """Forget it all."""
        self._scratch.close()
