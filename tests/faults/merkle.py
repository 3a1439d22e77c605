"""Roots of RFC 6962, 2.1, by hand: what the ledger's own tree and its tiles are held against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256


def roots(leaves: Iterable[bytes]) -> Iterator[str]:
    """The root of no leaf, of the first one, of the first two, and so on, in hexadecimal."""
    peaks: list[tuple[int, bytes]] = []
    yield sha256(b"").hexdigest()
    for leaf in leaves:
        height, made = 0, sha256(b"\x00" + leaf).digest()
        while peaks and peaks[-1][0] == height:
            height, made = height + 1, _node(peaks.pop()[1], made)
        peaks.append((height, made))
        root = made
        for _, peak in reversed(peaks[:-1]):
            root = _node(peak, root)
        yield root.hex()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
