"""Where the parts of a published log lie, and how its events are bundled (C2SP tlog-tiles)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ledger.audit.texts import MalformedError
from ledger.tree import TILE_HEIGHT, TILE_WIDTH

CHECKPOINT = "checkpoint"
_LENGTH_BYTES = 2


def tile_path(level: int, index: int, width: int) -> str:
    """Where the tile of `width` hashes lies: `tile/0/x001/x234/067`, with `.p/W` if not full."""
    return f"tile/{level}/{_numbered(index)}{_partial(width)}"


def entries_path(index: int, width: int) -> str:
    """Where the bundle of the `width` events under a level-0 tile lies."""
    return f"tile/entries/{_numbered(index)}{_partial(width)}"


def widths(level: int, size: int) -> Iterator[tuple[int, int]]:
    """Index and width of every tile of a level, in a log of `size` events; none is empty."""
    full, rest = divmod(size >> TILE_HEIGHT * level, TILE_WIDTH)
    for index in range(full):
        yield index, TILE_WIDTH
    if rest:
        yield full, rest


def levels(size: int) -> range:
    """The levels that the tiles of a log of `size` events have."""
    return range(-(-size.bit_length() // TILE_HEIGHT) if size else 0)


def bundle(bodies: Sequence[bytes]) -> bytes:
    """Events as a bundle of entries: each after its length, two bytes, big-endian."""
    return b"".join(len(body).to_bytes(_LENGTH_BYTES, "big") + body for body in bodies)


def unbundle(data: bytes, width: int) -> list[bytes]:
    """The events of a bundle; raises MalformedError unless there are `width` and no more."""
    found: list[bytes] = []
    at = 0
    while at < len(data):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(data[at:start], "big")
        found.append(data[start:at])
    if at != len(data) or len(found) != width:
        raise MalformedError(f"it is no bundle of {width} events")
    return found


def _numbered(index: int) -> str:
    """An index as folders of three digits, all but the last with an x before them."""
    parts = [f"{index % 1000:03d}"]
    while index := index // 1000:
        parts.append(f"x{index % 1000:03d}")
    return "/".join(reversed(parts))


def _partial(width: int) -> str:
    return "" if width == TILE_WIDTH else f".p/{width}"
