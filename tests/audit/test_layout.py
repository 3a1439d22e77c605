from __future__ import annotations

import pytest

from ledger import tree
from ledger.audit import layout
from ledger.audit.texts import MalformedError


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 0, 1, "tile/0/000.p/1"),
        (2, 999, 256, "tile/2/999"),
        (0, 1000, 256, "tile/0/x001/000"),
        (0, 1_234_067, 256, "tile/0/x001/x234/067"),
        (63, 1_234_067, 255, "tile/63/x001/x234/067.p/255"),
    ],
)
def test_where_tiles_lie(level: int, index: int, width: int, path: str) -> None:
    """The example of C2SP tlog-tiles is index 1234067."""
    assert layout.tile_path(level, index, width) == path
    if level == 0:
        assert layout.entries_path(index, width) == path.replace("tile/0", "tile/entries")


@pytest.mark.parametrize("size", [*range(1, 20), 255, 256, 257, 511, 512, 600, 65_535, 65_537])
def test_the_tiles_of_a_log_are_those_of_its_tree(size: int) -> None:
    tiles, _ = tree.append(0, [bytes(32)] * size, lambda _level, _index: b"")
    held = {(one.level, one.index, len(one.hashes) // tree.HASH_BYTES) for one in tiles}
    told = {
        (level, index, width)
        for level in layout.levels(size)
        for index, width in layout.widths(level, size)
    }
    assert told == held


def test_an_empty_log_has_no_tiles() -> None:
    assert list(layout.levels(0)) == []
    assert list(layout.widths(0, 0)) == []


def test_a_bundle_holds_lengths_and_events() -> None:
    bodies = [b"first", b"", b"x" * 65_535]
    data = layout.bundle(bodies)
    assert data[:9] == b"\x00\x05first\x00\x00"
    assert layout.unbundle(data, 3) == bodies


@pytest.mark.parametrize(
    ("data", "width"),
    [
        (b"", 1),
        (b"\x00", 1),
        (b"\x00\x05four", 1),
        (b"\x00\x05first", 2),
        (b"\x00\x05first\x00", 1),
        (b"\x00\x05first\x00", 2),
        (b"\x00\x05first\x00\x00", 1),
        (b"<html>404</html>", 1),
    ],
)
def test_what_is_no_bundle_is_refused(data: bytes, width: int) -> None:
    with pytest.raises(MalformedError, match=f"no bundle of {width} events"):
        layout.unbundle(data, width)
