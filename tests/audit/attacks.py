"""What an administrator of the database may do to a ledger, and which of it `verify` finds.

Edits are as clumsy as they sound: a row is changed, and nothing else. Where history is rewritten
as a whole, tree, head and tables are made to fit by the program's own code, and the checkpoints
that no longer fit are removed: the administrator has everything but the log's key, and the
checkpoints that others hold.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from sqlalchemy import Connection, text

from ledger import tree
from ledger.app import Ledger
from ledger.audit import checkpoints
from ledger.audit.checkpoints import Signed
from ledger.audit.histories import Noted
from ledger.audit.trust import Trust
from ledger.projections import rows
from ledger.store import log as store
from ledger.store import triggers
from tests.audit.signing import LOG_KEY
from tests.conftest import file_of, new_ledger
from tests.invented import attribution, counts, incident, link, note, person, source, tamper

LOG = Trust((LOG_KEY.verifier,))
OLD, BACKUP, NEWEST, SIZE = 6, 8, 12, 14
"""Events: under the old checkpoint, in the backup, under the newest checkpoint, in all."""

Attack: TypeAlias = Callable[[Ledger], None]


class Scene(NamedTuple):
    """A ledger, and the two checkpoints of it that an outsider holds."""

    ledger: Ledger
    old: Signed
    newest: Signed

    def copy(self, folder: Path) -> Scene:
        """The same in another folder, to be attacked there."""
        for path in (file_of(self.ledger), _backup(self.ledger)):
            shutil.copy(path, folder / path.name)
        path = folder / file_of(self.ledger).name
        return self._replace(ledger=Ledger(path, "Test Steward"))

    def given(self, which: str) -> list[Signed]:
        """The checkpoint that a column of the table gives."""
        return {COLUMNS[0]: [], COLUMNS[1]: [self.old], COLUMNS[2]: [self.newest]}[which]

    def is_found(self, which: str) -> bool:
        """Whether `verify` finds anything."""
        given = [Noted("outside", str(one).encode()) for one in self.given(which)]
        return bool(self.ledger.auditor.verify(given, LOG).findings)


def scene(folder: Path) -> Scene:
    """An invented ledger: an old checkpoint, a backup, the newest checkpoint, events after it."""
    ledger = new_ledger(folder / "ledger.db")
    ledger.append([source(), incident("ambush", "killed 2"), incident("raid", "killed 1")])
    ledger.append([counts("ambush", "killed 3"), link("ambush", "raid"), note("incident/raid")])
    old = ledger.auditor.checkpoint(LOG_KEY)
    ledger.append([person("ambush", "killed"), attribution("ambush")])
    ledger.backup(_backup(ledger))
    ledger.append([incident("siege", "killed 5"), counts("raid", "killed 4")])
    ledger.append([note("incident/siege"), note("incident/raid", "Another invented note.")])
    newest = ledger.auditor.checkpoint(LOG_KEY)
    ledger.append([counts("siege", "killed 7"), note("incident/ambush")])
    return Scene(ledger, old, newest)


def table(folder: Path) -> str:
    """Which attacks are found, as Markdown; needs an empty folder."""
    original = scene(folder)
    head = "| what the administrator does | " + " | ".join(COLUMNS) + " |"
    lines = [head, "|---" * (len(COLUMNS) + 1) + "|"]
    for number, (words, attack) in enumerate(ATTACKS.items()):
        place = folder / f"{number}"
        place.mkdir()
        attacked = original.copy(place)
        attack(attacked.ledger)
        cells = ("found" if attacked.is_found(which) else "**not found**" for which in COLUMNS)
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def edit(ledger: Ledger) -> None:
    """A dead person less."""
    changed = f"replace(body, '{_THREE}', '{_TWO}')"
    tamper(ledger, f"UPDATE events SET body = {changed} WHERE position = 3")


def delete(ledger: Ledger) -> None:
    """An event before the old checkpoint is gone."""
    tamper(ledger, "DELETE FROM events WHERE position = 3")


def swap(ledger: Ledger) -> None:
    """Two events before the old checkpoint change places."""
    tamper(
        ledger,
        "UPDATE events SET position = -1 WHERE position = 3",
        "UPDATE events SET position = 3 WHERE position = 4",
        "UPDATE events SET position = 4 WHERE position = -1",
    )


def insert(ledger: Ledger) -> None:
    """An event pushes those after it one place on."""
    tamper(
        ledger,
        "UPDATE events SET position = -position - 1 WHERE position >= 3",
        "UPDATE events SET position = -position WHERE position < 0",
        "INSERT INTO events SELECT 3, 'new', stream, 99, type, batch, body "
        "FROM events WHERE position = 2",
    )


def edit_projection(ledger: Ledger) -> None:
    """What reports are made from says less than the log."""
    tamper(
        ledger,
        "UPDATE tolls SET low = 1, best = 1, high = 1",
        "UPDATE sums SET low = 1, best = 1, high = 1",
    )


def edit_tile(ledger: Ledger) -> None:
    """The tree holds another hash for an event before the old checkpoint."""
    tamper(
        ledger,
        "UPDATE tiles SET hashes = "
        "CAST(substr(hashes, 1, 96) || zeroblob(32) || substr(hashes, 129) AS BLOB)",
    )


def edit_head(ledger: Ledger) -> None:
    """The head says another root."""
    tamper(ledger, "UPDATE head SET root = lower(hex(zeroblob(32)))")


def delete_tail(ledger: Ledger) -> None:
    """The events from between the two checkpoints on are gone, and nothing tells of them."""
    _replace(ledger, _bodies(ledger)[: NEWEST - 1])


def rewrite(ledger: Ledger) -> None:
    """Another history from an event before the old checkpoint on."""
    bodies = _bodies(ledger)
    others = [
        body.replace(b"Test Steward", b"Other Steward").replace(_THREE.encode(), _TWO.encode())
        for body in bodies[3:]
    ]
    _replace(ledger, [*bodies[:3], *others])


def truncate(ledger: Ledger) -> None:
    """A ledger in which nothing ever stood."""
    _replace(ledger, [])


def forge(ledger: Ledger) -> None:
    """An event in the name of a steward who knows nothing of it."""
    forged = Ledger(file_of(ledger), "Other Steward")
    forged.append([counts("ambush", "killed 9")])


def restore(ledger: Ledger) -> None:
    """The file as it was between the two checkpoints."""
    shutil.copy(_backup(ledger), file_of(ledger))


COLUMNS = ("no checkpoint from outside", "an old one", "the newest")
ATTACKS: dict[str, Attack] = {
    "edits an event": edit,
    "deletes an event in the middle": delete,
    "deletes the newest events, and makes all fit": delete_tail,
    "swaps two events": swap,
    "inserts an event": insert,
    "rewrites everything after an event, and makes all fit": rewrite,
    "empties the ledger, and makes all fit": truncate,
    "appends an event in a steward's name": forge,
    "restores an old backup": restore,
    "edits a table that reports are made from": edit_projection,
    "edits the tree": edit_tile,
    "edits the head": edit_head,
}
"""Each attack by what the README calls it."""
_THREE = '"best":3,"high":3,"low":3'
_TWO = '"best":2,"high":2,"low":2'


def _bodies(ledger: Ledger) -> list[bytes]:
    return [body.encode() for body in ledger.export()]


def _backup(ledger: Ledger) -> Path:
    return file_of(ledger).with_name("backup.db")


def _replace(ledger: Ledger, bodies: Sequence[bytes]) -> None:
    """Put another history in place of a ledger's, and make all that goes with it fit."""
    with ledger.database.writing() as connection:
        for name in triggers.SQLITE:
            connection.execute(text(f"DROP TRIGGER {name}"))
        for name in ("events", "tiles"):
            connection.execute(text(f"DELETE FROM {name}"))
        empty = {"root": tree.EMPTY_ROOT.hex()}
        connection.execute(text("UPDATE head SET size = 0, root = :root, recorded_at = ''"), empty)
        rows.clear(connection)
        if bodies:
            store.append_bodies(connection, bodies, ledger._fold)
        _forget(connection)
        for statement in triggers.SQLITE.values():
            connection.execute(text(statement))


def _forget(connection: Connection) -> None:
    """Remove the checkpoints that do not fit the events."""
    size, tiles = store.head(connection).size, store.tiles(connection)
    for number, found in connection.execute(text("SELECT number, note FROM checkpoints")).all():
        said = checkpoints.parse(found.encode()).checkpoint
        if said.size > size or tree.root(said.size, tiles) != said.root:
            connection.execute(
                text("DELETE FROM checkpoints WHERE number = :number"), {"number": number}
            )
