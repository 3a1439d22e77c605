"""The walk through a history: every event hashed as it is stored, in order, into the tree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from ledger import tree
from ledger.audit.histories import Columns, History
from ledger.problems import Problem

CHUNK = 4096


class Walked(NamedTuple):
    """What a history is: its size, its root, and its root at each size that was asked for."""

    size: int
    root: bytes
    roots: dict[int, bytes]


class Check(Protocol):
    """Something that must hold of each event, or from one to the next."""

    findings: list[Problem]

    def check(self, columns: Columns | None, body: bytes) -> None:
        """Look at the next event."""


class Tiles:
    """That the stored tiles are those that the events give."""

    def __init__(self, history: History) -> None:
        self.findings: list[Problem] = []
        self._history = history

    def compare(self, tile: tree.Tile) -> None:
        """Compare a tile with the stored one, hash by hash; above the events, to the first."""
        stored = self._history.tile(tile)
        if stored is None or stored == tile.hashes:
            return
        for place in range(0, max(len(stored), len(tile.hashes)), tree.HASH_BYTES):
            kept = stored[place : place + tree.HASH_BYTES].hex() or "nothing"
            found = tile.hashes[place : place + tree.HASH_BYTES].hex() or "nothing"
            if kept != found:
                self._differs(tile, place // tree.HASH_BYTES, found, kept)
                if tile.level:
                    return

    def _differs(self, tile: tree.Tile, place: int, found: str, kept: str) -> None:
        if tile.level:
            where = f"tile {tile.level}/{tile.index}"
            message = f"hash {place} of the tiles below it is {found}, it holds {kept}"
            self.findings.append(Problem(where, "tile-differs", message))
            return
        where = f"position {tile.index * tree.TILE_WIDTH + place}"
        message = f"its bytes hash to {found}, the tree holds {kept}"
        self.findings.append(Problem(where, "bytes-changed", message))


def walk(history: History, sizes: Iterable[int], tiles: Tiles, checks: Sequence[Check]) -> Walked:
    """Hash every event into a tree of its own, let each check look at it, compare every tile."""
    growth = tree.Growth()
    wanted = sorted(set(sizes), reverse=True)
    roots: dict[int, bytes] = {}
    leaves: list[bytes] = []

    def grow() -> None:
        for tile in growth.add(leaves):
            tiles.compare(tile)
        leaves.clear()
        while wanted and wanted[-1] <= growth.size:
            roots[wanted.pop()] = growth.root()

    grow()
    for columns, body in history.entries():
        leaves.append(tree.leaf_hash(body))
        for one in checks:
            one.check(columns, body)
        if len(leaves) == CHUNK or (wanted and growth.size + len(leaves) == wanted[-1]):
            grow()
    grow()
    for tile in growth.finish():
        tiles.compare(tile)
    return Walked(growth.size, growth.root(), roots)
