"""What tests of notes and proofs share: keys of fixed seeds, an invented log, damaged twins."""

from __future__ import annotations

import random
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import tree
from ledger.audit import checkpoints
from ledger.audit.checkpoints import Checkpoint, Signed
from ledger.audit.keys import LOG, WITNESS, Kind, SigningKey, VerifierKey

SECONDS = 1_704_067_200
"""2024-01-01, midnight UTC: when the invented witness saw what it saw."""

# Constants of Go's sumdb/note and of C2SP signed-note.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
CRYPTOGRAPHY = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETERS_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotp"
    "RZb6KE6RyyBwJnAM=\n"
)
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
ENOCHS_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33"
    "WWd1RvMc+QQ=\n"
)


def key_of(seed: bytes, name: str, kind: Kind = LOG) -> SigningKey:
    """The key of a seed of 32 bytes (RFC 8032 section 5.1.5)."""
    private = Ed25519PrivateKey.from_private_bytes(seed)
    return SigningKey(VerifierKey(name, kind, private.public_key().public_bytes_raw()), private)


def key(name: str, kind: Kind = LOG) -> SigningKey:
    """A key that is the same in every run: its seed is the hash of its name."""
    return key_of(sha256(name.encode()).digest(), name, kind)


LOG_KEY = key("ledger.example/invented")
OTHER_KEY = key("ledger.example/other")
WITNESS_KEY = key("witness.example/invented", WITNESS)
PETER_KEY = key_of(b64decode(PETERS_SKEY.split("+", 4)[4])[1:], "PeterNeumann")


@dataclass(frozen=True, slots=True)
class Log:
    """Invented events, no two alike, and the tiles of all of them."""

    events: tuple[bytes, ...]
    tiles: tree.Tiles

    def checkpoint(self, size: int) -> Checkpoint:
        """What the log was at a size."""
        return Checkpoint(LOG_KEY.verifier.name, size, tree.root(size, self.tiles))

    def signed(self, size: int) -> Signed:
        """The same, signed by the log."""
        return sign(self.checkpoint(size))

    def leaf(self, position: int) -> bytes:
        """The leaf hash of an event."""
        return tree.leaf_hash(self.events[position])


@cache
def log(size: int) -> Log:
    """An invented log."""
    events = tuple(b'{"invented":%d}' % number for number in range(size))
    tiles, _ = tree.append(0, list(map(tree.leaf_hash, events)), lambda _level, _index: b"")
    stored = {(tile.level, tile.index): tile.hashes for tile in tiles}
    return Log(events, lambda level, index: stored.get((level, index), b""))


def sign(checkpoint: Checkpoint, *signers: SigningKey) -> Signed:
    """A checkpoint signed by keys, by the log alone if none is given."""
    note = checkpoints.unsigned(checkpoint).note
    for one in signers or (LOG_KEY,):
        note = note.signed(one, SECONDS)
    return Signed(checkpoint, note)


def damaged(data: bytes, seed: int) -> Iterator[bytes]:
    """Each byte: its eight bits flipped one by one, removed, and another put before it."""
    rng = random.Random(seed)
    for at in range(len(data)):
        for bit in range(8):
            yield data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
        yield data[:at] + data[at + 1 :]
        yield data[:at] + rng.randbytes(1) + data[at:]
    yield data + rng.randbytes(1)
    yield data + b"\n"


def wrong_paths(hashes: Sequence[bytes], rng: random.Random) -> Iterator[tuple[bytes, ...]]:
    """Wrong paths made of a right one: a bit flipped in each hash, one hash less, one more."""
    for at, value in enumerate(hashes):
        yield (*hashes[:at], flipped(value, rng), *hashes[at + 1 :])
    if hashes:
        yield tuple(hashes[:-1])
        yield tuple(hashes[1:])
    yield (*hashes, rng.randbytes(32))
    yield (rng.randbytes(32), *hashes)


def flipped(data: bytes, rng: random.Random) -> bytes:
    """The same bytes, but for one bit."""
    bit = rng.randrange(8 * len(data))
    return data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]
