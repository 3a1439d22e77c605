from __future__ import annotations

import random

import pytest

from ledger import tree
from ledger.audit import proofs
from ledger.audit.checkpoints import Checkpoint, Signed
from ledger.audit.proofs import Consistency, Inclusion
from ledger.audit.texts import MalformedError, one_hash
from tests.audit.signing import LOG_KEY, Log, damaged, log, sign, wrong_paths

MOST = 130
SAMPLE = 120


@pytest.fixture(scope="module")
def logged() -> Log:
    """One event more than the largest tree."""
    return log(MOST + 1)


@pytest.fixture(scope="module")
def roots(logged: Log) -> list[bytes]:
    """Of the trees of 0 to 131 events."""
    return [tree.root(size, logged.tiles) for size in range(MOST + 2)]


@pytest.fixture(scope="module")
def signed(logged: Log) -> list[Signed]:
    """A checkpoint of each of them."""
    return [logged.signed(size) for size in range(MOST + 2)]


def reread(proof: proofs.Proof) -> proofs.Proof:
    """What its file says."""
    return proofs.parse(str(proof).encode())


def included(data: bytes) -> bool:
    """Whether some bytes prove an event to who trusts the log's key."""
    try:
        found = proofs.parse(data)
    except MalformedError:
        return False
    signed = found.signed.note.signed_by(LOG_KEY.verifier) is True
    return signed and isinstance(found, Inclusion) and found.holds()


def consistent(data: bytes, since: Checkpoint) -> bool:
    """Whether some bytes prove an older checkpoint to who trusts the log's key."""
    try:
        found = proofs.parse(data)
    except MalformedError:
        return False
    signed = found.signed.note.signed_by(LOG_KEY.verifier) is True
    return signed and isinstance(found, Consistency) and found.holds(since)


def pairs(least: int, seed: int) -> list[tuple[int, int]]:
    """A sample of (smaller, larger) with larger up to 130, the smallest and the largest in it."""
    every = [(small, large) for large in range(1, MOST + 1) for small in range(least, large)]
    rng = random.Random(seed)
    return [every[0], *rng.sample(every, SAMPLE), every[-1]]


# Every proof


def test_every_inclusion_up_to_130(logged: Log, signed: list[Signed]) -> None:
    """Each (index, size), through its text."""
    for size in range(1, MOST + 1):
        for index in range(size):
            event = logged.events[index]
            proof = proofs.inclusion(event, index, signed[size], logged.tiles)
            found = reread(proof)
            assert found == proof
            assert isinstance(found, Inclusion)
            assert found.holds()


def test_every_consistency_up_to_130(logged: Log, signed: list[Signed]) -> None:
    """Each (old, new), through its text; an empty path where they are equal."""
    for new in range(1, MOST + 1):
        for old in range(1, new + 1):
            proof = proofs.consistency(old, signed[new], logged.tiles)
            found = reread(proof)
            assert found == proof
            assert isinstance(found, Consistency)
            assert found.holds(signed[old].checkpoint)
            assert bool(found.hashes) is (old < new)


# Twins


def test_every_twin_of_every_inclusion(logged: Log, roots: list[bytes]) -> None:
    """A bit flipped in each hash, one hash less, one more; the index off by one."""
    rng = random.Random(7)
    for size in range(1, MOST + 1):
        for index in range(size):
            leaf, root = logged.leaf(index), roots[size]
            path = tree.inclusion_proof(index, size, logged.tiles)
            for twin in wrong_paths(path, rng):
                assert not tree.verify_inclusion(leaf, index, size, twin, root)
            assert not tree.verify_inclusion(leaf, index - 1, size, path, root)
            assert not tree.verify_inclusion(leaf, index + 1, size, path, root)


def test_every_twin_of_every_consistency(logged: Log, roots: list[bytes]) -> None:
    """A bit flipped in each hash, one hash less, one more; the old size off by one."""
    rng = random.Random(8)
    for new in range(1, MOST + 1):
        for old in range(1, new + 1):
            path = tree.consistency_proof(old, new, logged.tiles)
            for twin in wrong_paths(path, rng):
                assert not tree.verify_consistency(old, new, roots[old], roots[new], twin)
            for other in (old - 1, old + 1):
                assert not tree.verify_consistency(other, new, roots[other], roots[new], path)
                assert not tree.verify_consistency(other, new, roots[old], roots[new], path)


def test_every_size_off_by_one_with_its_true_root(logged: Log, roots: list[bytes]) -> None:
    """The path to one root leads to no other, for inclusion and for consistency."""
    for size in range(1, MOST + 1):
        for index in range(size):
            path = tree.inclusion_proof(index, size, logged.tiles)
            grown = tree.consistency_proof(index + 1, size, logged.tiles)
            for other in (size - 1, size + 1):
                leaf, root = logged.leaf(index), roots[other]
                assert not tree.verify_inclusion(leaf, index, other, path, root)
                assert not tree.verify_consistency(index + 1, other, roots[index + 1], root, grown)


def test_twins_of_inclusions_as_files(logged: Log, signed: list[Signed]) -> None:
    """A sample: each twin's text is read, and does not hold."""
    rng = random.Random(9)
    for index, size in pairs(0, 10):
        event, to = logged.events[index], signed[size]
        right = proofs.inclusion(event, index, to, logged.tiles)
        twins = [Inclusion(event, index, path, to) for path in wrong_paths(right.hashes, rng)]
        twins += [Inclusion(event, at, right.hashes, to) for at in {index - 1, index + 1} - {-1}]
        twins.append(Inclusion(logged.events[index + 1], index, right.hashes, to))
        assert included(str(right).encode())
        for twin in twins:
            assert reread(twin) == twin
            assert not included(str(twin).encode())


def test_twins_of_consistencies_as_files(logged: Log, signed: list[Signed]) -> None:
    """A sample: each twin's text is read, and does not hold."""
    rng = random.Random(11)
    for old, new in pairs(1, 12):
        since, to = signed[old].checkpoint, signed[new]
        right = proofs.consistency(old, to, logged.tiles)
        twins = [Consistency(old, path, to) for path in wrong_paths(right.hashes, rng)]
        twins.append(Consistency(old + 1, right.hashes, to))
        twins.append(Consistency(old - 1, right.hashes, to))
        assert consistent(str(right).encode(), since)
        for twin in twins:
            assert reread(twin) == twin
            assert not consistent(str(twin).encode(), since)


@pytest.mark.parametrize("off", [-1, 1])
def test_a_size_off_by_one_is_not_signed(logged: Log, signed: list[Signed], off: int) -> None:
    """A sample: size and root are signed together, so no proof survives another size."""
    for index, size in pairs(0, 13):
        to = signed[size].checkpoint
        note = f"{to.origin}\n{to.size + off}\n"
        for proof in (
            proofs.inclusion(logged.events[index], index, signed[size], logged.tiles),
            proofs.consistency(index + 1, signed[size], logged.tiles),
        ):
            twin = str(proof).replace(f"{to.origin}\n{to.size}\n", note)
            assert proofs.parse(twin.encode()).signed.note.signed_by(LOG_KEY.verifier) is False


@pytest.mark.parametrize("off", [-1, 1])
def test_a_size_off_by_one_signed_again(logged: Log, signed: list[Signed], off: int) -> None:
    """A sample: with the root that the log had at that size, the path leads nowhere."""
    for index, size in pairs(0, 14):
        inclusion = proofs.inclusion(logged.events[index], index, signed[size], logged.tiles)
        consistency = proofs.consistency(index + 1, signed[size], logged.tiles)
        other, since = signed[size + off], signed[index + 1].checkpoint
        twin = Inclusion(inclusion.event, index, inclusion.hashes, other)
        assert not included(str(twin).encode())
        grown = Consistency(index + 1, consistency.hashes, other)
        assert not consistent(str(grown).encode(), since)


def test_a_bare_path_cannot_tell_every_size(logged: Log, roots: list[bytes]) -> None:
    """The path of event 0 among 3 leads to the same root if it is said to be of 4.

    So does that from 2 events to 3. RFC 9162 hashes no size into a root: who trusts a bare path
    must have the size from elsewhere. Here it is signed together with the root.
    """
    path = tree.inclusion_proof(0, 3, logged.tiles)
    assert tree.verify_inclusion(logged.leaf(0), 0, 4, path, roots[3])
    grown = tree.consistency_proof(2, 3, logged.tiles)
    assert tree.verify_consistency(2, 4, roots[2], roots[3], grown)

    lie = sign(Checkpoint(LOG_KEY.verifier.name, 4, roots[3]))
    assert included(str(Inclusion(logged.events[0], 0, tuple(path), lie)).encode())
    assert logged.signed(4).checkpoint.root != lie.checkpoint.root


# From nothing


def test_no_proof_leads_from_an_empty_log(logged: Log, signed: list[Signed]) -> None:
    """None is made, and none is believed: neither an empty path nor a full one."""
    with pytest.raises(ValueError, match="from 0 to 5 leaves: 0 < old <= new"):
        proofs.consistency(0, signed[5], logged.tiles)
    empty = signed[0].checkpoint
    for hashes in ((), (signed[5].checkpoint.root,)):
        proof = Consistency(0, hashes, signed[5])
        assert not consistent(str(proof).encode(), empty)
        assert not tree.verify_consistency(0, 5, empty.root, signed[5].checkpoint.root, hashes)
    assert not consistent(str(Consistency(0, (), signed[0])).encode(), empty)


def test_no_event_is_in_an_empty_log(logged: Log, signed: list[Signed]) -> None:
    with pytest.raises(ValueError, match="leaf 0 is not in a tree of 0 leaves"):
        proofs.inclusion(logged.events[0], 0, signed[0], logged.tiles)
    assert not included(str(Inclusion(logged.events[0], 0, (), signed[0])).encode())


@pytest.mark.parametrize("position", [-1, 9])
def test_no_event_is_outside_the_log(position: int, logged: Log, signed: list[Signed]) -> None:
    with pytest.raises(ValueError, match=f"leaf {position} is not in a tree of 9 leaves"):
        proofs.inclusion(b"", position, signed[9], logged.tiles)


def test_no_proof_leads_back(logged: Log, signed: list[Signed]) -> None:
    with pytest.raises(ValueError, match="from 10 to 9 leaves"):
        proofs.consistency(10, signed[9], logged.tiles)


def test_an_older_log_of_another_origin(logged: Log, signed: list[Signed]) -> None:
    """The same size and root, but another log's name."""
    since = Checkpoint("ledger.example/other", 5, signed[5].checkpoint.root)
    proof = proofs.consistency(5, signed[9], logged.tiles)
    assert proof.holds(signed[5].checkpoint)
    assert not proof.holds(since)


def test_an_older_log_of_another_root(logged: Log, signed: list[Signed]) -> None:
    """History was rewritten between the two checkpoints."""
    since = Checkpoint(LOG_KEY.verifier.name, 5, signed[6].checkpoint.root)
    assert not proofs.consistency(5, signed[9], logged.tiles).holds(since)
    assert not proofs.consistency(5, signed[5], logged.tiles).holds(since)


# Files


def test_how_a_tlog_proof_is_written(logged: Log, signed: list[Signed]) -> None:
    """As C2SP tlog-proof lays it out: header, extra, index, path, checkpoint."""
    proof = proofs.inclusion(logged.events[2], 2, signed[3], logged.tiles)
    top, _, below = str(proof).partition("\n\n")
    header, extra, index, path = top.split("\n")
    assert (header, index) == ("c2sp.org/tlog-proof@v1", "index 2")
    assert extra == "extra eyJpbnZlbnRlZCI6Mn0="
    assert one_hash(path, "line") == signed[2].checkpoint.root
    assert below == str(signed[3])


def test_how_a_consistency_proof_is_written(logged: Log, signed: list[Signed]) -> None:
    """As C2SP tlog-witness sends it: the old size, the path, the checkpoint."""
    proof = proofs.consistency(2, signed[3], logged.tiles)
    top, _, below = str(proof).partition("\n\n")
    old, path = top.split("\n")
    assert old == "old 2"
    assert one_hash(path, "line") == logged.leaf(2)
    assert below == str(signed[3])


@pytest.mark.parametrize(("index", "size"), [(0, 1), (2, 3), (5, 11)])
def test_every_damaged_byte_of_a_tlog_proof_is_refused(
    logged: Log, signed: list[Signed], index: int, size: int
) -> None:
    """Of the event in it too."""
    proof = proofs.inclusion(logged.events[index], index, signed[size], logged.tiles)
    data = str(proof).encode()
    assert included(data)
    assert [twin for twin in damaged(data, 15) if included(twin)] == []


@pytest.mark.parametrize(("old", "new"), [(3, 3), (2, 3), (6, 11)])
def test_every_damaged_byte_of_a_consistency_proof_is_refused(
    logged: Log, signed: list[Signed], old: int, new: int
) -> None:
    since = signed[old].checkpoint
    data = str(proofs.consistency(old, signed[new], logged.tiles)).encode()
    assert consistent(data, since)
    assert [twin for twin in damaged(data, 16) if consistent(twin, since)] == []


@pytest.mark.parametrize("length", [0, 1, 1000])
def test_an_event_of_any_bytes(length: int) -> None:
    """Its bytes need not be text; none at all are an event too."""
    event = random.Random(length).randbytes(length)
    to = sign(Checkpoint(LOG_KEY.verifier.name, 1, tree.leaf_hash(event)))
    assert included(str(Inclusion(event, 0, (), to)).encode())


HASH = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
MALFORMED = {
    "nothing": "",
    "no line": "\n\n",
    "no header": "index 0\n\n",
    "another version": "c2sp.org/tlog-proof@v2\nextra \nindex 0\n\n",
    "no extra": "c2sp.org/tlog-proof@v1\nindex 0\n\n",
    "no index": "c2sp.org/tlog-proof@v1\nextra \n\n",
    "neither": "c2sp.org/tlog-proof@v1\n\n",
    "two extras": "c2sp.org/tlog-proof@v1\nextra \nextra \nindex 0\n\n",
    "extra after index": "c2sp.org/tlog-proof@v1\nindex 0\nextra \n\n",
    "extra that is no base64": "c2sp.org/tlog-proof@v1\nextra ?\nindex 0\n\n",
    "extra without space": "c2sp.org/tlog-proof@v1\nextra\nindex 0\n\n",
    "an index of two digits": "c2sp.org/tlog-proof@v1\nextra \nindex 00\n\n",
    "a negative index": "c2sp.org/tlog-proof@v1\nextra \nindex -1\n\n",
    "an event without its word": "c2sp.org/tlog-proof@v1\nAAAA\nindex 0\n\n",
    "an index without its word": "c2sp.org/tlog-proof@v1\nextra \n0\n\n",
    "two spaces": "c2sp.org/tlog-proof@v1\nextra \nindex  0\n\n",
    "carriage returns": "c2sp.org/tlog-proof@v1\r\nextra \r\nindex 0\r\n\n",
    "a hash of 31 bytes": f"c2sp.org/tlog-proof@v1\nextra \nindex 0\n{HASH[4:]}\n\n",
    "a line that is no hash": "c2sp.org/tlog-proof@v1\nextra \nindex 0\nx\n\n",
    "old without a size": "old \n\n",
    "an old size of two digits": "old 01\n\n",
    "a negative old size": "old -1\n\n",
    "64 hashes": "old 1\n" + f"{HASH}\n" * 64 + "\n",
}


@pytest.mark.parametrize("top", MALFORMED.values(), ids=MALFORMED)
def test_malformed_proofs(top: str, signed: list[Signed]) -> None:
    """Above a checkpoint that is fine."""
    with pytest.raises(MalformedError):
        proofs.parse(f"{top}{signed[1]}".encode())


def test_a_proof_without_a_checkpoint() -> None:
    """What is above the empty line is fine."""
    for top in ("old 1\n", "old 1\n\n", "c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n"):
        with pytest.raises(MalformedError):
            proofs.parse(top.encode())


def test_a_checkpoint_alone_is_no_proof(signed: list[Signed]) -> None:
    with pytest.raises(MalformedError):
        proofs.parse(str(signed[1]).encode())


def test_63_hashes_are_read(signed: list[Signed]) -> None:
    """C2SP tlog-witness allows no more; none of ours is that long."""
    top = "old 1\n" + f"{HASH}\n" * 63
    proof = proofs.parse(f"{top}\n{signed[1]}".encode())
    assert len(proof.hashes) == 63
