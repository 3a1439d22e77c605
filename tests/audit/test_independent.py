"""Programs that others wrote, asked about our proofs and notes and about their twins.

metamorphic-log is Rust, called from Python; golang.org/x/mod/sumdb is Go's, called by the small
program in tests/audit/independent; `openssl` is a third maker of hashes and signatures.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import metamorphic_log as metamorphic  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger import tree
from ledger.audit import checkpoints, notes, proofs
from ledger.audit.keys import SigningKey
from ledger.audit.proofs import Inclusion
from tests.audit.independent.questions import Asked, Grown, Included, Program, Signed, in_rust
from tests.audit.signing import (
    CRYPTOGRAPHY,
    LOG_KEY,
    OTHER_KEY,
    PETER,
    PETERS_LINE,
    SECONDS,
    WITNESS_KEY,
    damaged,
    log,
    sign,
    wrong_paths,
)

MOST = 40
"""Every proof of trees up to this size is asked about, and some that cross tiles of 256."""
PAIRS = [(small, large) for large in range(1, MOST + 1) for small in range(large)]
PAIRS += [(0, 256), (254, 255), (255, 256), (255, 257), (256, 257), (256, 512), (500, 513)]
EVENTS = 520

SOURCE = Path(__file__).parent / "independent" / "main.go"
GOPATH = Path("/usr/share/gocode")
SUMDB = GOPATH / "src" / "golang.org" / "x" / "mod" / "sumdb"

needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="no `openssl` command (Debian: openssl)"
)


@pytest.fixture(scope="session")
def go(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Each question answered by Go's packages."""
    if shutil.which("go") is None or not SUMDB.is_dir():
        pytest.skip("no Go with x/mod (Debian: golang-go, golang-golang-x-mod-dev)")
    folder = tmp_path_factory.mktemp("go")
    # Debian's packages of Go are sources in a GOPATH: nothing is fetched.
    settings = {"GO111MODULE": "off", "GOPATH": str(GOPATH), "GOFLAGS": ""}
    settings["GOCACHE"] = str(folder / "cache")
    program = str(folder / "independent")
    build = ["go", "build", "-o", program, str(SOURCE)]
    subprocess.run(build, check=True, env=os.environ | settings)

    def answers(asked: Sequence[Asked]) -> list[bool]:
        lines = "".join(json.dumps(one.question()) + "\n" for one in asked)
        out = subprocess.run([program], input=lines, text=True, check=True, stdout=subprocess.PIPE)
        said = out.stdout.split()
        assert len(said) == len(asked)
        return [{"ok": True, "no": False}[answer] for answer in said]

    return answers


@pytest.fixture(params=["metamorphic-log", "go"])
def program(request: pytest.FixtureRequest) -> Program:
    """Either program."""
    if request.param == "metamorphic-log":
        return in_rust
    found: Program = request.getfixturevalue("go")
    return found


def inclusions() -> list[Included]:
    """An event by its index in a tree, for each pair."""
    every = log(EVENTS)
    return [
        Included(event, index, proof.hashes, size, proof.signed.checkpoint.root)
        for index, size in PAIRS
        for event in [every.events[index]]
        for proof in [proofs.inclusion(event, index, every.signed(size), every.tiles)]
    ]


def growths() -> list[Grown]:
    """A tree and its beginning, one event more than the pair says: 1 to all of its events."""
    every = log(EVENTS)
    return [
        Grown(old, every.checkpoint(old).root, proof.hashes, size, proof.signed.checkpoint.root)
        for old, size in [(small + 1, large) for small, large in PAIRS]
        for proof in [proofs.consistency(old, every.signed(size), every.tiles)]
    ]


def twins(asked: Included | Grown, rng: random.Random) -> Iterator[Asked]:
    """The same with a wrong path, another root, or the index or old size off by one."""
    for path in wrong_paths(asked.path, rng):
        yield replace(asked, path=path)
    yield replace(asked, path=(*asked.path, b""))
    yield replace(asked, root=sha256(asked.root).digest())
    if isinstance(asked, Included):
        yield replace(asked, event=asked.event + b" ")
        yield from [replace(asked, index=at) for at in {asked.index - 1, asked.index + 1} - {-1}]
    else:
        yield from [replace(asked, old=old) for old in (asked.old - 1, asked.old + 1)]
        yield replace(asked, old_root=sha256(asked.old_root).digest())


# Bare paths


@pytest.mark.parametrize("asked", [inclusions, growths])
def test_they_accept_every_proof(
    program: Program, asked: Callable[[], Sequence[Included | Grown]]
) -> None:
    every = asked()
    assert len(every) == len(PAIRS)
    assert [one for one, said in zip(every, program(every), strict=True) if not said] == []


@pytest.mark.parametrize("asked", [inclusions, growths])
def test_they_refuse_every_twin(
    program: Program, asked: Callable[[], Sequence[Included | Grown]]
) -> None:
    rng = random.Random(17)
    every = [twin for one in asked() for twin in twins(one, rng)]
    assert not any(one.ours() for one in every)
    assert [one for one, said in zip(every, program(every), strict=True) if said] == []


@pytest.mark.parametrize("asked", [inclusions, growths])
def test_they_say_what_we_say_of_a_size_off_by_one(
    program: Program, asked: Callable[[], Sequence[Included | Grown]]
) -> None:
    """Of some sizes a bare path cannot tell: neither we nor they can."""
    every = [replace(one, size=one.size + off) for one in asked() for off in (-1, 1)]
    ours = [one.ours() for one in every]
    assert program(every) == ours
    assert set(ours) == {True, False}


def test_they_refuse_a_proof_from_an_empty_log(program: Program) -> None:
    marks = [log(5).checkpoint(size) for size in (0, 5)]
    paths = [(), (marks[1].root,)]
    every = [Grown(0, marks[0].root, path, to.size, to.root) for path in paths for to in marks]
    assert program(every) == [one.ours() for one in every] == [False] * 4


# Notes and checkpoints


def signed_texts() -> list[Signed]:
    """Notes that we signed: a text, texts with empty lines, checkpoints."""
    vkey = str(LOG_KEY.verifier)
    texts = ["text\n", "\n", "\n\ntext\n\n\n", CRYPTOGRAPHY, "Größe, 名\n"]
    texts += [str(log(9).checkpoint(size)) for size in range(10)]
    signed = [notes.Note(text, ()).signed(LOG_KEY, SECONDS) for text in texts]
    return [Signed(str(one).encode(), vkey) for one in signed]


def test_they_accept_our_notes(program: Program) -> None:
    assert all(program(signed_texts()))


def test_they_accept_the_reference_note(program: Program) -> None:
    """So a refusal of theirs says something."""
    assert program([Signed(f"{CRYPTOGRAPHY}\n{PETERS_LINE}".encode(), PETER)]) == [True]


def test_they_accept_a_note_that_others_signed_too(program: Program) -> None:
    """A witness's line and another log's, above and below."""
    for signers in ((LOG_KEY, OTHER_KEY, WITNESS_KEY), (WITNESS_KEY, OTHER_KEY, LOG_KEY)):
        note = str(sign(log(9).checkpoint(9), *signers)).encode()
        assert program([Signed(note, str(LOG_KEY.verifier))]) == [True]


def test_they_refuse_another_key(program: Program) -> None:
    every = [replace(one, vkey=str(OTHER_KEY.verifier)) for one in signed_texts()]
    assert not any(program(every))


def test_they_refuse_every_damaged_byte_of_a_checkpoint(program: Program) -> None:
    """Base64 that we refuse, because it sets bits that say nothing, Go reads: the same signature.

    That is why what is accepted may differ from what was signed in the last letter before `=`.
    """
    vkey = str(LOG_KEY.verifier)
    data = str(log(9).signed(9)).encode()
    every = [Signed(twin, vkey) for twin in damaged(data, 18)]
    accepted = [one.note for one, said in zip(every, program(every), strict=True) if said]
    assert not any(one.ours() for one in every)
    assert [twin for twin in accepted if (twin[:-3], twin[-2:]) != (data[:-3], b"=\n")] == []
    assert len(accepted) <= 2


def test_they_refuse_what_is_no_vkey(program: Program) -> None:
    """Every byte one more."""
    note = f"{CRYPTOGRAPHY}\n{PETERS_LINE}".encode()
    off = [PETER[:at] + chr(ord(PETER[at]) + 1) + PETER[at + 1 :] for at in range(len(PETER))]
    assert not any(program([Signed(note, vkey) for vkey in off]))


# Whole files


def test_a_whole_tlog_proof() -> None:
    """metamorphic-log reads its checkpoint, checks its signature, and follows its path."""
    every = log(11)
    vkeys = [str(LOG_KEY.verifier)]
    for index, event in enumerate(every.events):
        text = str(proofs.inclusion(event, index, every.signed(11), every.tiles))
        found = proofs.parse(text.encode())
        assert isinstance(found, Inclusion)
        question = (vkeys, index, sha256(b"\x00" + event).digest(), list(found.hashes))
        metamorphic.checkpoint_verify_inclusion(text.partition("\n\n")[2], *question)
        with pytest.raises(metamorphic.VerifyError):
            metamorphic.checkpoint_verify_inclusion(str(every.signed(10)), *question)


def test_a_whole_consistency_proof() -> None:
    """metamorphic-log reads both checkpoints, checks their signatures, and follows the path."""
    every = log(11)
    vkeys = [str(LOG_KEY.verifier)]
    for old in range(1, 11):
        text = str(proofs.consistency(old, every.signed(11), every.tiles))
        path = list(proofs.parse(text.encode()).hashes)
        older, newer = str(every.signed(old)), text.partition("\n\n")[2]
        metamorphic.checkpoint_verify_consistency(older, newer, vkeys, path)
        with pytest.raises(metamorphic.VerifyError):
            metamorphic.checkpoint_verify_consistency(older, str(every.signed(10)), vkeys, path)
        with pytest.raises(metamorphic.VerifyError):
            metamorphic.checkpoint_verify_consistency(older, newer, [PETER], path)


def test_a_checkpoint_is_read_alike() -> None:
    every = log(11)
    for size in range(12):
        text = str(every.signed(size))
        head = metamorphic.checkpoint_verify(text, [str(LOG_KEY.verifier)])
        ours = checkpoints.parse(text.encode()).checkpoint
        assert (head.origin, head.size, head.root) == (ours.origin, ours.size, ours.root)


# openssl


@needs_openssl
def test_openssl_hashes_a_leaf_as_we_do() -> None:
    for event in (b"", *log(3).events, random.Random(19).randbytes(1000)):
        asked = ["openssl", "dgst", "-sha256", "-binary"]
        out = subprocess.run(asked, input=b"\x00" + event, capture_output=True, check=True)
        assert out.stdout == tree.leaf_hash(event)


def openssl_verifies(folder: Path, key: SigningKey, text: bytes, signature: bytes) -> bool:
    """What `openssl` says of a signature."""
    public = Ed25519PublicKey.from_public_bytes(key.verifier.public)
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for name, data in (("key.pem", pem), ("text", text), ("signature", signature)):
        (folder / name).write_bytes(data)
    asked = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin"]
    asked += ["-in", "text", "-sigfile", "signature"]
    return subprocess.run(asked, cwd=folder, capture_output=True, check=False).returncode == 0


@needs_openssl
def test_openssl_verifies_a_logs_signature(tmp_path: Path) -> None:
    """And refuses that of another text, of another key, and one that is damaged."""
    note = log(9).signed(9).note
    text, signature = note.text.encode(), note.signatures[0].data
    assert openssl_verifies(tmp_path, LOG_KEY, text, signature)
    assert not openssl_verifies(tmp_path, LOG_KEY, text.replace(b"\n9\n", b"\n8\n"), signature)
    assert not openssl_verifies(tmp_path, OTHER_KEY, text, signature)
    assert not openssl_verifies(tmp_path, LOG_KEY, text, signature[:-1] + b"\xff")


@needs_openssl
def test_openssl_verifies_a_witnesss_signature(tmp_path: Path) -> None:
    """Of the time and the text, as C2SP tlog-cosignature words them; not of another time."""
    note = sign(log(9).checkpoint(9), WITNESS_KEY).note
    time, signature = note.signatures[0].data[:8], note.signatures[0].data[8:]
    seconds = int.from_bytes(time, "big")
    for off in (0, 1):
        message = f"cosignature/v1\ntime {seconds + off}\n{note.text}".encode()
        assert openssl_verifies(tmp_path, WITNESS_KEY, message, signature) is (off == 0)
