"""The Merkle tree over the log: hashes in; roots, tiles and proofs out. Pure, no I/O.

Hashes are those of RFC 6962 section 2.1 with SHA-256. They are kept in tiles as C2SP tlog-tiles
lays them out: the tile at level L, index N holds the roots of the perfect subtrees of 256**L
leaves, numbers 256*N to 256*N+255 (fewer where the tree ends). So level 0 holds the leaf hashes,
level 1 the roots of full level-0 tiles, and so on. What lies between is computed when asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from struct import iter_unpack
from typing import TypeAlias

HASH_BYTES = 32
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
TILE_BYTES = TILE_WIDTH * HASH_BYTES

EMPTY_ROOT = sha256(b"").digest()

Tiles: TypeAlias = Callable[[int, int], bytes]
"""The stored tile at (level, index): its hashes, concatenated; b"" when absent.

It may hold more hashes than the tree in question has: a smaller tree's are a prefix of them.
"""


class ShortTileError(ValueError):
    """A stored tile is absent, or holds fewer hashes than the size of the tree says."""

    def __init__(self, level: int, index: int, held: int, needed: int) -> None:
        """Name the tile, and say how many hashes it holds and how many are needed."""
        super().__init__(f"tile {level}/{index} holds {held} hashes where {needed} are needed")


@dataclass(frozen=True, slots=True)
class Tile:
    """1 to 256 hashes, concatenated, with the tile's level and index (C2SP tlog-tiles).

    ValueError if level or index is negative, or hashes is not 32, 64, … 8192 bytes long.
    """

    level: int
    index: int
    hashes: bytes

    def __post_init__(self) -> None:
        """Refuse what can't be a tile."""
        if self.level < 0 or self.index < 0:
            raise ValueError(f"no tile has level {self.level}, index {self.index}")
        if len(self.hashes) not in range(HASH_BYTES, TILE_BYTES + 1, HASH_BYTES):
            raise ValueError(f"{len(self.hashes)} bytes are not 1 to 256 hashes of 32")


def leaf_hash(data: bytes) -> bytes:
    """SHA256(0x00 || data): the hash of one leaf (RFC 6962 section 2.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA256(0x01 || left || right): the hash of an inner node (RFC 6962 section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


class Growth:
    """A tree that grows at its right edge, in memory that does not grow with it.

    It keeps the incomplete tile of each level (C2SP tlog-tiles), at most 8 KiB a level. It starts
    empty, or from a stored tree of `size` leaves: ValueError if that is negative, ShortTileError
    if `tiles` does not hold such a tree.
    """

    def __init__(self, size: int = 0, tiles: Tiles = lambda _level, _index: b"") -> None:
        """Read the right edge of the stored tree, one tile a level."""
        _refuse_negative(size)
        self.size = size
        self._began = size
        self._edges: list[bytes] = []
        while counted := size >> TILE_HEIGHT * len(self._edges):
            count = counted % TILE_WIDTH
            self._edges.append(_read(tiles, len(self._edges), counted - count, count))

    def add(self, leaves: Sequence[bytes]) -> list[Tile]:
        """Tiles that these leaf hashes completed, on every level; `size` grows by len(leaves).

        ValueError if a leaf hash is not 32 bytes long; nothing has been added then.
        """
        if set(map(len, leaves)) - {HASH_BYTES}:
            raise ValueError("a leaf hash is not 32 bytes long")
        hashes = b"".join(leaves)
        completed: list[Tile] = []
        level = 0
        while hashes:
            full = self._extend(level, hashes)
            hashes = b"".join([_fold(tile.hashes) for tile in full])
            completed += full
            level += 1
        self.size += len(leaves)
        return completed

    def finish(self) -> list[Tile]:
        """Incomplete tiles that have grown since the beginning, as they now are; changes nothing.

        Together with all that `add` returned: every tile that differs from the tree begun with.
        """
        return [
            Tile(level, self.size >> TILE_HEIGHT * (level + 1), edge)
            for level, edge in enumerate(self._edges)
            if edge and self.size >> TILE_HEIGHT * level != self._began >> TILE_HEIGHT * level
        ]

    def root(self) -> bytes:
        """Root of all leaves so far (RFC 6962 section 2.1)."""
        return root(self.size, lambda level, _index: self._edges[level])

    def _extend(self, level: int, hashes: bytes) -> list[Tile]:
        """Tiles of one level that these hashes complete; the rest becomes its edge."""
        if level == len(self._edges):
            self._edges.append(b"")
        hashes = self._edges[level] + hashes
        cut = len(hashes) - len(hashes) % TILE_BYTES
        self._edges[level] = hashes[cut:]
        first = self.size >> TILE_HEIGHT * (level + 1)
        return [
            Tile(level, index, hashes[at : at + TILE_BYTES])
            for index, at in enumerate(range(0, cut, TILE_BYTES), first)
        ]


def append(size: int, leaves: Sequence[bytes], tiles: Tiles) -> tuple[list[Tile], bytes]:
    """Every tile to write, once, in its final state, and the new root.

    Grows a stored tree of `size` leaves by leaf hashes; no leaves give no tiles and the same root.
    Raises as Growth and its `add` do.
    """
    growth = Growth(size, tiles)
    completed = growth.add(leaves)
    return completed + growth.finish(), growth.root()


def root(size: int, tiles: Tiles) -> bytes:
    """Root of the first `size` leaves, MTH of RFC 6962 section 2.1; EMPTY_ROOT for none.

    Reads one tile a level. ValueError if size is negative, ShortTileError if a tile lacks hashes.
    """
    _refuse_negative(size)
    return _subtree(0, size, cache(tiles)) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, tiles: Tiles) -> list[bytes]:
    """Hashes that lead from leaf `index` (0-based) to the root of the first `size` leaves.

    Deepest first: PATH of RFC 6962 section 2.1.1, RFC 9162 section 2.1.3.1. ValueError unless
    0 <= index < size, ShortTileError if a tile lacks hashes.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size} leaves (the first is 0)")
    tiles = cache(tiles)
    start, end = 0, size
    proof: list[bytes] = []
    while end - start > 1:
        middle = _middle(start, end)
        if index < middle:
            proof.append(_subtree(middle, end, tiles))
            end = middle
        else:
            proof.append(_subtree(start, middle, tiles))
            start = middle
    return proof[::-1]


def consistency_proof(old: int, new: int, tiles: Tiles) -> list[bytes]:
    """Hashes that show the tree of `old` leaves to be the beginning of that of `new` leaves.

    Deepest first: PROOF of RFC 6962 section 2.1.2, RFC 9162 section 2.1.4.1; empty where the
    sizes are equal. ValueError unless 0 < old <= new (the RFCs define none from an empty tree:
    it begins every tree), ShortTileError if a tile lacks hashes.
    """
    if not 0 < old <= new:
        raise ValueError(f"no consistency proof leads from {old} to {new} leaves: 0 < old <= new")
    tiles = cache(tiles)
    start, end = 0, new
    proof: list[bytes] = []
    while end > old:
        middle = _middle(start, end)
        if old <= middle:
            proof.append(_subtree(middle, end, tiles))
            end = middle
        else:
            proof.append(_subtree(start, middle, tiles))
            start = middle
    # From 0 the subtree reached is the old tree itself, whose root the verifier has.
    if start:
        proof.append(_subtree(start, end, tiles))
    return proof[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Whether `proof` shows leaf hash `leaf` at `index` of the tree of `size` leaves and `root`.

    By RFC 9162 section 2.1.3.2. A malformed proof is False, never an exception.
    """
    if not 0 <= index < size or not _hashes_only([leaf], proof):
        return False
    ends = _climb(index, size - 1, leaf, proof)
    return ends is not None and ends[1] == root


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether `proof` shows the tree of `old` leaves to be the beginning of that of `new`.

    By RFC 9162 section 2.1.4.2; equal sizes need equal roots and an empty proof, and an old size
    of 0 is False. A malformed proof is False, never an exception.
    """
    if not 0 < old <= new or not _hashes_only(proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    if not proof or not _hashes_only([old_root]):
        return False
    # The old tree's last complete subtree: all of it, where its size is a power of two.
    height = _trailing_zeros(old)
    path = [old_root, *proof] if old == 1 << height else proof
    ends = _climb((old - 1) >> height, (new - 1) >> height, path[0], path[1:])
    return ends == (old_root, new_root)


def _climb(
    first: int, last: int, start: bytes, proof: Sequence[bytes]
) -> tuple[bytes, bytes] | None:
    """Roots of the trees that end at node `first` and at `last`; None if proof's length is wrong.

    The loop that RFC 9162 sections 2.1.3.2 (its r is the second root) and 2.1.4.2 (fr, sr) share.
    """
    old = new = start
    for sibling in proof:
        if last == 0:
            return None
        if first & 1 or first == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            height = _trailing_zeros(first)
            first, last = first >> height, last >> height
        else:
            new = node_hash(new, sibling)
        first, last = first >> 1, last >> 1
    return (old, new) if last == 0 else None


def _subtree(start: int, end: int, tiles: Tiles) -> bytes:
    """MTH of leaves start to end - 1, a node of an RFC 6962 tree or its right edge; start < end."""
    peaks: list[bytes] = []
    while start < end:
        height = (end - start).bit_length() - 1
        peaks.append(_perfect(height, start >> height, tiles))
        start += 1 << height
    top = peaks.pop()
    while peaks:
        top = node_hash(peaks.pop(), top)
    return top


def _perfect(height: int, index: int, tiles: Tiles) -> bytes:
    """Root of the perfect subtree number `index` of those with 2**height leaves."""
    level, above = divmod(height, TILE_HEIGHT)
    return _fold(_read(tiles, level, index << above, 1 << above))


def _read(tiles: Tiles, level: int, first: int, count: int) -> bytes:
    """Hashes first to first + count - 1 of a level, all in one tile; no tile is read for none."""
    if count == 0:
        return b""
    index, offset = divmod(first, TILE_WIDTH)
    needed = offset + count
    hashes = tiles(level, index)
    if len(hashes) < needed * HASH_BYTES:
        raise ShortTileError(level, index, len(hashes) // HASH_BYTES, needed)
    return hashes[offset * HASH_BYTES : needed * HASH_BYTES]


def _fold(hashes: bytes) -> bytes:
    """Root over 1, 2, 4, … 256 hashes."""
    while len(hashes) > HASH_BYTES:
        pairs = iter_unpack("64s", hashes)
        hashes = b"".join([sha256(b"\x01" + pair).digest() for (pair,) in pairs])
    return hashes


def _middle(start: int, end: int) -> int:
    """Where a node's left child ends: start + the largest power of two < end - start."""
    return start + (1 << (end - start - 1).bit_length() - 1)


def _trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1


def _hashes_only(*lists: object) -> bool:
    return all(
        isinstance(hashes, Sequence)
        and all(isinstance(value, bytes) and len(value) == HASH_BYTES for value in hashes)
        for hashes in lists
    )


def _refuse_negative(size: int) -> None:
    if size < 0:
        raise ValueError(f"a tree can't have {size} leaves")
