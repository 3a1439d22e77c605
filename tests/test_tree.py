"""The tree against the reference data, a naive RFC 6962 oracle, and proofs tampered with."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import tree
from ledger.tree import EMPTY_ROOT, Growth, ShortTileError, Tile, leaf_hash, node_hash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Store: TypeAlias = dict[tuple[int, int], bytes]

VECTORS = Path(__file__).parents[2] / "shared" / "vectors" / "rfc6962-proofs" / "testdata"

REFERENCE_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
REFERENCE_LEAVES += ["606162636465666768696a6b6c6d6e6f"]
REFERENCE_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def _leaves(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(count)]


def _read(store: Store) -> tree.Tiles:
    return lambda level, index: store.get((level, index), b"")


def _stored(tiles: Sequence[Tile]) -> Store:
    return {(tile.level, tile.index): tile.hashes for tile in tiles}


def _grown(leaves: Sequence[bytes]) -> Store:
    return _stored(tree.append(0, leaves, _read({}))[0])


def _oracle_root(leaves: Sequence[bytes]) -> bytes:
    """MTH as RFC 6962 section 2.1 words it, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01" + _oracle_root(leaves[:half]) + _oracle_root(leaves[half:])).digest()


def _oracle_tiles(leaves: Sequence[bytes]) -> Store:
    """Every tile of the tree, each hash computed from its leaves alone."""
    store: Store = {}
    width, level = 1, 0
    while width <= len(leaves):
        for number in range(len(leaves) // width):
            found = _oracle_root(leaves[number * width : (number + 1) * width])
            key = (level, number // 256)
            store[key] = store.get(key, b"") + found
        width, level = width * 256, level + 1
    return store


def _twins(proof: list[bytes]) -> Iterator[list[bytes]]:
    """Wrong proofs made of a right one: a bit flipped, one hash less, one hash more."""
    for at, value in enumerate(proof):
        flipped = bytes([value[0] ^ 1]) + value[1:]
        yield [*proof[:at], flipped, *proof[at + 1 :]]
        yield proof[:at] + proof[at + 1 :]
        yield [*proof[:at], value, *proof[at:]]
    yield [*proof, b"\x00" * 32]
    yield [b"\x00" * 32, *proof]


def test_hashes_of_the_reference() -> None:
    """The constants of the reference hasher."""
    assert [
        leaf_hash(b"").hex(),
        leaf_hash(b"L123456").hex(),
        node_hash(b"N123", b"N456").hex(),
    ] == [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56",
        "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb",
    ]
    assert EMPTY_ROOT.hex() == REFERENCE_ROOTS[0]


@pytest.mark.parametrize("size", range(9))
def test_roots_of_the_reference(size: int) -> None:
    """Eight leaves and the roots of their nine trees."""
    leaves = [leaf_hash(bytes.fromhex(data)) for data in REFERENCE_LEAVES]
    assert tree.append(0, leaves[:size], _read({}))[1].hex() == REFERENCE_ROOTS[size]
    assert tree.root(size, _read(_grown(leaves))).hex() == REFERENCE_ROOTS[size]


def _probes(kind: str) -> list[dict[str, Any]]:
    """What each file asks, its base64 decoded, a proof of null as an empty one."""
    probes = [json.loads(path.read_text()) for path in sorted((VECTORS / kind).rglob("*.json"))]
    for probe in probes:
        probe["proof"] = [base64.b64decode(value) for value in probe["proof"] or []]
        for key in {"root", "leafHash", "root1", "root2"} & probe.keys():
            probe[key] = base64.b64decode(probe[key] or "")
    return probes


needs_vectors = pytest.mark.skipif(
    not VECTORS.is_dir(), reason="no proof probes at ../shared/vectors/rfc6962-proofs"
)


@needs_vectors
def test_inclusion_probes() -> None:
    """98 questions: verifies, or wantErr."""
    probes = _probes("inclusion")
    assert len(probes) == 98
    for probe in probes:
        question = [probe[key] for key in ("leafHash", "leafIdx", "treeSize", "proof", "root")]
        assert tree.verify_inclusion(*question) is not probe["wantErr"], probe


@needs_vectors
def test_consistency_probes() -> None:
    """98 questions: verifies, or wantErr."""
    probes = _probes("consistency")
    assert len(probes) == 98
    for probe in probes:
        question = [probe[key] for key in ("size1", "size2", "root1", "root2", "proof")]
        assert tree.verify_consistency(*question) is not probe["wantErr"], probe


# Growth and tiles


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=6))
def test_append_in_chunks_is_the_tree_of_rfc_6962(chunks: list[int]) -> None:
    """Any chunks: the oracle's root and tiles; what is returned is exactly what changed."""
    leaves = _leaves(sum(chunks))
    store: Store = {}
    size = 0
    for chunk in chunks:
        before = dict(store)
        tiles, root = tree.append(size, leaves[size : size + chunk], _read(store))
        size += chunk
        store.update(_stored(tiles))
        assert root == _oracle_root(leaves[:size]) == tree.root(size, _read(store))
        written = [(tile.level, tile.index) for tile in tiles]
        changed = [key for key, hashes in store.items() if before.get(key) != hashes]
        assert sorted(written) == sorted(changed)
    assert store == _oracle_tiles(leaves)


@pytest.fixture(scope="module")
def many() -> list[bytes]:
    """66,000 leaf hashes: more than a full level-1 tile."""
    return _leaves(66_000)


@pytest.fixture(scope="module")
def store(many: list[bytes]) -> Store:
    """Their tiles, appended at once."""
    return _grown(many)


def test_bulk_append(many: list[bytes], store: Store) -> None:
    """Three levels of tiles, the oracle's, and its root."""
    assert store == _oracle_tiles(many)
    assert {level for level, _ in store} == {0, 1, 2}
    assert tree.root(66_000, _read(store)) == _oracle_root(many)


def test_append_over_a_full_level_1_tile(many: list[bytes]) -> None:
    """One leaf at a time from 65,534 to 65,538, each against the oracle."""
    store = _grown(many[:65_534])
    levels = []
    for size in range(65_534, 65_538):
        tiles, root = tree.append(size, [many[size]], _read(store))
        store.update(_stored(tiles))
        assert root == _oracle_root(many[: size + 1])
        levels.append([(tile.level, tile.index) for tile in tiles])
    assert levels == [[(0, 255)], [(0, 255), (1, 0), (2, 0)], [(0, 256)], [(0, 256)]]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 65_535, 65_536, 65_537, 65_792])
def test_earlier_roots_from_later_tiles(size: int, many: list[bytes], store: Store) -> None:
    """Tiles of 66,000 leaves give the root of every smaller tree."""
    assert tree.root(size, _read(store)) == _oracle_root(many[:size])


def test_append_from_tiles_that_already_grew(many: list[bytes], store: Store) -> None:
    """Of stored tiles, only the hashes of the first `size` leaves are used."""
    tiles, root = tree.append(300, many[300:900], _read(store))
    assert root == _oracle_root(many[:900])
    untouched = {(0, 0): store[0, 0]}
    assert _stored(tiles) | untouched == _oracle_tiles(many[:900])


def test_growth_streams_every_tile_once(many: list[bytes], store: Store) -> None:
    """A whole log in chunks: completed tiles as they fill, the rest at the end; memory is flat."""
    growth = Growth()
    tiles: list[Tile] = []
    for start in range(0, len(many), 700):
        completed = growth.add(many[start : start + 700])
        assert all(len(tile.hashes) == tree.TILE_BYTES for tile in completed)
        tiles += completed
    tiles += growth.finish()
    assert growth.finish() == growth.finish()
    assert (growth.size, growth.root()) == (66_000, tree.root(66_000, _read(store)))
    assert len(tiles) == len(store)
    assert _stored(tiles) == store
    assert [len(edge) // 32 for edge in growth._edges] == [66_000 % 256, 257 % 256, 1]


def test_nothing_appended() -> None:
    """No leaves: no tiles, and the root stays."""
    store = _grown(_leaves(300))
    assert tree.append(0, [], _read({})) == ([], EMPTY_ROOT)
    assert tree.append(300, [], _read(store)) == ([], _oracle_root(_leaves(300)))
    assert (Growth().finish(), Growth().root()) == ([], EMPTY_ROOT)


def test_root_and_proofs_read_few_tiles(store: Store) -> None:
    """One tile a level for a root, two for a proof, each once."""
    asked: list[tuple[int, int]] = []

    def tiles(level: int, index: int) -> bytes:
        asked.append((level, index))
        return store.get((level, index), b"")

    tree.root(65_999, tiles)
    assert sorted(asked) == [(0, 257), (1, 1), (2, 0)]
    for prove in (tree.inclusion_proof, tree.consistency_proof):
        asked.clear()
        prove(40_000, 65_999, tiles)
        assert sorted(asked) == [(0, 156), (0, 257), (1, 0), (1, 1)]


# Proofs


@pytest.fixture(scope="module")
def small() -> tuple[tree.Tiles, list[bytes], list[bytes]]:
    """Tiles and leaf hashes of 70 leaves, and the oracle's roots of 0 to 70."""
    leaves = _leaves(70)
    return _read(_grown(leaves)), leaves, [_oracle_root(leaves[:size]) for size in range(71)]


def test_every_inclusion_up_to_70(small: tuple[tree.Tiles, list[bytes], list[bytes]]) -> None:
    """Every (index, size) proves and verifies; no tampered twin does."""
    tiles, leaves, roots = small
    for size in range(1, 71):
        for index in range(size):
            leaf, root = leaves[index], roots[size]
            proof = tree.inclusion_proof(index, size, tiles)
            assert tree.verify_inclusion(leaf, index, size, proof, root)
            assert not tree.verify_inclusion(leaf, index + 1, size, proof, root)
            assert not tree.verify_inclusion(leaf, index - 1, size, proof, root)
            assert not tree.verify_inclusion(leaves[index - 1], index, size, proof, root)
            assert not tree.verify_inclusion(leaf, index, size, proof, roots[size - 1])
            for twin in _twins(proof):
                assert not tree.verify_inclusion(leaf, index, size, twin, root)


def test_every_consistency_up_to_70(small: tuple[tree.Tiles, list[bytes], list[bytes]]) -> None:
    """Every (old, new) proves and verifies; no tampered twin does."""
    tiles, _, roots = small
    for new in range(1, 71):
        for old in range(1, new + 1):
            before, after = roots[old], roots[new]
            proof = tree.consistency_proof(old, new, tiles)
            assert tree.verify_consistency(old, new, before, after, proof)
            assert not tree.verify_consistency(old, new, roots[old - 1], after, proof)
            assert not tree.verify_consistency(old, new, before, roots[new - 1], proof)
            assert not tree.verify_consistency(old - 1, new, before, after, proof)
            assert old == new or not tree.verify_consistency(old, new, after, before, proof)
            for twin in _twins(proof):
                assert not tree.verify_consistency(old, new, before, after, twin)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_proofs_in_a_tree_of_three_levels(
    many: list[bytes], store: Store, data: st.DataObject
) -> None:
    """Proofs that cross tiles, from tiles of a larger tree."""
    new = data.draw(st.integers(1, 66_000) | st.integers(65_500, 65_600))
    old = data.draw(st.integers(1, new))
    tiles = _read(store)
    before, after = tree.root(old, tiles), tree.root(new, tiles)
    consistency = tree.consistency_proof(old, new, tiles)
    assert tree.verify_consistency(old, new, before, after, consistency)
    inclusion = tree.inclusion_proof(old - 1, new, tiles)
    assert tree.verify_inclusion(many[old - 1], old - 1, new, inclusion, after)


def test_proofs_of_rfc_6962_section_2_1_3() -> None:
    """The worked example of seven leaves: which nodes, in which order."""
    a, b, c, d, e, f, j = leaves = _leaves(7)
    tiles = _read(_grown(leaves))
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, m = node_hash(g, h), node_hash(i, j)
    assert tree.inclusion_proof(0, 7, tiles) == [b, h, m]
    assert tree.inclusion_proof(3, 7, tiles) == [c, g, m]
    assert tree.inclusion_proof(4, 7, tiles) == [f, j, k]
    assert tree.inclusion_proof(6, 7, tiles) == [i, k]
    assert tree.consistency_proof(3, 7, tiles) == [c, d, g, m]
    assert tree.consistency_proof(4, 7, tiles) == [m]
    assert tree.consistency_proof(6, 7, tiles) == [i, j, k]


# What is refused


@pytest.mark.parametrize(
    "malformed", [None, 7, "text", b"\x00" * 32, [None], [7], ["a" * 32], [b""], [b"\x00" * 31]]
)
def test_malformed_proofs_are_false(malformed: list[bytes]) -> None:
    """Whatever stands where a proof should: False, no exception."""
    leaves = _leaves(3)
    root = _oracle_root(leaves)
    two = _oracle_root(leaves[:2])
    assert not tree.verify_inclusion(leaves[0], 0, 3, malformed, root)
    assert not tree.verify_consistency(2, 3, two, root, malformed)
    assert not tree.verify_consistency(3, 3, root, root, malformed)


def test_malformed_roots_and_leaves_are_false() -> None:
    """Too short a leaf hash or root never verifies against a computed one."""
    leaves = _leaves(3)
    root = _oracle_root(leaves)
    proof = tree.inclusion_proof(0, 3, _read(_grown(leaves)))
    assert not tree.verify_inclusion(leaves[0][:31], 0, 3, proof, root)
    assert not tree.verify_inclusion(leaves[0], 0, 3, proof, root[:31])
    assert not tree.verify_consistency(2, 3, b"", root, [leaves[2]])
    assert not tree.verify_consistency(2, 3, b"", node_hash(b"", leaves[2]), [leaves[2]])
    assert not tree.verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0), (4, 3)])
@pytest.mark.parametrize(("old", "new"), [(0, 3), (0, 0), (4, 3), (-1, 3)])
def test_out_of_bounds(index: int, size: int, old: int, new: int) -> None:
    """The message names the numbers asked for; from an empty tree no proof leads."""
    with pytest.raises(ValueError, match=f"leaf {index} is not in a tree of {size} leaves"):
        tree.inclusion_proof(index, size, _read({}))
    with pytest.raises(ValueError, match=f"from {old} to {new} leaves: 0 < old <= new"):
        tree.consistency_proof(old, new, _read({}))
    for ask in (tree.root, Growth):
        with pytest.raises(ValueError, match="can't have -1 leaves"):
            ask(-1, _read({}))


def test_a_leaf_that_is_no_hash_changes_nothing() -> None:
    """One of 31 bytes beside one of 33: refused before anything is added."""
    growth = Growth()
    growth.add(_leaves(3))
    with pytest.raises(ValueError, match="not 32 bytes"):
        growth.add([b"\x00" * 31, b"\x00" * 33])
    assert (growth.size, growth.root()) == (3, _oracle_root(_leaves(3)))


def test_a_tile_that_lacks_hashes() -> None:
    """An absent or short tile is named, with what it holds and what is needed."""
    store = _grown(_leaves(600))
    store[0, 2] = store[0, 2][:64]
    with pytest.raises(ShortTileError, match="tile 0/2 holds 2 hashes where 64 are needed"):
        tree.root(600, _read(store))
    with pytest.raises(ShortTileError, match="tile 0/2 holds 2 hashes where 88 are needed"):
        Growth(600, _read(store))
    del store[1, 0]
    with pytest.raises(ShortTileError, match="tile 1/0 holds 0 hashes where 2 are needed"):
        tree.inclusion_proof(550, 599, _read({**store, (0, 2): _grown(_leaves(600))[0, 2]}))


@pytest.mark.parametrize(
    ("level", "index", "length"), [(-1, 0, 32), (0, -1, 32), (0, 0, 0), (0, 0, 33), (0, 0, 8224)]
)
def test_what_is_no_tile(level: int, index: int, length: int) -> None:
    """Negative places, no hash, a piece of a hash, more than 256 hashes."""
    with pytest.raises(ValueError, match=r"no tile|are not 1 to 256 hashes"):
        Tile(level, index, b"\x00" * length)
