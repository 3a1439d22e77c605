from __future__ import annotations

import shutil
import stat
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ledger.audit import keys
from ledger.audit.keys import LOG, WITNESS, KeyFileError, PassphraseError, VerifierKey
from tests.audit.signing import ENOCH, LOG_KEY, OTHER_KEY, PETER, SECONDS, WITNESS_KEY, damaged, key

TEXT = b"an invented text\n"
PHRASE = "an invented passphrase, with an ü"

needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="no `openssl` command (Debian: openssl)"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A key file without passphrase."""
    keys.write(tmp_path / "log.key", LOG_KEY)
    return tmp_path / "log.key"


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    """A key file with a passphrase."""
    keys.write(tmp_path / "locked.key", LOG_KEY, PHRASE)
    return tmp_path / "locked.key"


def read_as(vkey: str) -> str:
    """What a text of a verifier key is taken for; nothing if it is refused."""
    try:
        return str(keys.verifier(vkey))
    except ValueError:
        return ""


# Verifier keys


@pytest.mark.parametrize("vkey", [PETER, ENOCH, str(LOG_KEY.verifier), str(WITNESS_KEY.verifier)])
def test_a_vkey_is_printed_as_it_was_read(vkey: str) -> None:
    assert str(keys.verifier(vkey)) == vkey


def test_a_vkey_says_what_it_is() -> None:
    found = keys.verifier(str(WITNESS_KEY.verifier))
    assert (found.name, found.kind) == ("witness.example/invented", WITNESS)
    assert keys.verifier(PETER).id.hex() == "c74f20a3"


def test_no_part_of_a_vkey_is_one() -> None:
    for vkey in (PETER, ENOCH):
        cuts = [(start, end) for start in range(len(vkey)) for end in range(start, len(vkey) + 1)]
        parts = {vkey[start:end] for start, end in cuts} - {vkey}
        assert [part for part in parts if read_as(part)] == []


@pytest.mark.parametrize("vkey", [PETER, ENOCH, str(WITNESS_KEY.verifier)])
def test_no_byte_of_a_vkey_may_be_one_more(vkey: str) -> None:
    twins = [vkey[:at] + chr(ord(vkey[at]) + 1) + vkey[at + 1 :] for at in range(len(vkey))]
    assert [twin for twin in twins if read_as(twin)] == []


@pytest.mark.parametrize("vkey", [PETER, str(LOG_KEY.verifier), str(WITNESS_KEY.verifier)])
def test_every_damaged_byte_of_a_vkey_is_refused(vkey: str) -> None:
    """But for a space put before it or after it, which is no part of it."""
    for twin in damaged(vkey.encode(), 2):
        text = twin.decode(errors="surrogateescape")
        assert read_as(text) == "" or text.strip() == vkey


def test_spaces_around_a_vkey_are_no_part_of_it() -> None:
    assert read_as(f" {PETER}\n") == PETER


BAD_VKEYS = {
    "a key of 34 bytes": "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/"
    "LDE4izWy10TWBADKEY==",
    "an algorithm that is not ours": "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/"
    "LDE4izWy10TW",
    "nothing": "",
    "no key": "PeterNeumann+c74f20a3",
    "an empty key": "PeterNeumann+c74f20a3+",
    "no name": PETER.removeprefix("PeterNeumann"),
    "a hash in capitals": PETER.replace("c74f20a3", "C74F20A3"),
    "a short hash": PETER.replace("c74f20a3", "c74f20a"),
    "another key's hash": PETER.replace("c74f20a3", "af0cfe78"),
    "another key's name": PETER.replace("PeterNeumann", "EnochRoot"),
    "a space in the name": PETER.replace("Peter", "Peter "),
    "more at the end": f"{PETER}+more",
    "a surrogate": f"{PETER}\udcff",
}


@pytest.mark.parametrize("vkey", BAD_VKEYS.values(), ids=BAD_VKEYS)
def test_bad_vkeys(vkey: str) -> None:
    with pytest.raises(ValueError, match=r"verifier key|no key name|slip in copying"):
        keys.verifier(vkey)


# Names


BAD_NAMES = [
    "",
    "a name",
    " name",
    "name ",
    "a+b",
    "a\nb",
    "a\tb",
    "a\u00a0b",
    "a\u2028b",
    "a\u3000b",
    "a\x85b",
    "a\x7fb",
    "a\u202eb",
    "a\udc80",
]


@pytest.mark.parametrize("name", BAD_NAMES, ids=ascii)
def test_names_that_no_key_may_have(name: str) -> None:
    assert not keys.is_name(name)
    for kind in (LOG, WITNESS):
        with pytest.raises(ValueError, match="is no key name"):
            keys.new(name, kind)


@pytest.mark.parametrize("name", ["a", "ledger.example/invented", "Größe-Ω", "名"])
def test_names_that_a_key_may_have(name: str) -> None:
    vkey = keys.new(name, LOG).verifier
    assert keys.verifier(str(vkey)) == vkey


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_public_key_has_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match=f"32 bytes, not {length}"):
        VerifierKey("name", LOG, bytes(length))


# Signatures


def test_new_keys_differ() -> None:
    assert keys.new("name", LOG).verifier != keys.new("name", LOG).verifier


def test_a_log_signs_the_text_alone() -> None:
    """Ed25519 gives the same signature each time, whatever the clock says."""
    signature = LOG_KEY.sign(TEXT, SECONDS)
    assert signature == LOG_KEY.sign(TEXT, SECONDS + 1)
    assert len(signature) == 64
    assert LOG_KEY.verifier.verifies(TEXT, signature)


def test_a_witness_signs_the_text_with_a_time() -> None:
    """The message as C2SP tlog-cosignature words it."""
    signature = WITNESS_KEY.sign(TEXT, SECONDS)
    message = b"cosignature/v1\ntime 1704067200\n" + TEXT
    public = Ed25519PublicKey.from_public_bytes(WITNESS_KEY.verifier.public)
    public.verify(signature[8:], message)
    assert int.from_bytes(signature[:8], "big") == keys.cosigned_at(signature) == SECONDS
    assert WITNESS_KEY.verifier.verifies(TEXT, signature)


@pytest.mark.parametrize("signer", [LOG_KEY, WITNESS_KEY], ids=["log", "witness"])
def test_every_damaged_byte_of_a_signature_is_refused(signer: keys.SigningKey) -> None:
    """Of a witness's time too."""
    signature = signer.sign(TEXT, SECONDS)
    twins = list(damaged(signature, 3))
    assert [twin for twin in twins if signer.verifier.verifies(TEXT, twin)] == []
    assert not any(signer.verifier.verifies(TEXT, signature[:length]) for length in range(64))


def test_who_signed_as_a_log_did_not_sign_as_a_witness() -> None:
    log, witness = key("name.example"), key("name.example", WITNESS)
    assert log.verifier.public == witness.verifier.public
    assert log.verifier.id != witness.verifier.id
    assert not witness.verifier.verifies(TEXT, log.sign(TEXT, SECONDS))
    assert not witness.verifier.verifies(TEXT, bytes(8) + log.sign(TEXT, SECONDS))
    assert not log.verifier.verifies(TEXT, witness.sign(TEXT, SECONDS))
    assert not log.verifier.verifies(TEXT, witness.sign(TEXT, SECONDS)[8:])


def test_the_last_second_that_a_witness_may_say() -> None:
    """2^63 - 1 (C2SP tlog-cosignature); one more is signed, but refused."""
    last = 2**63 - 1
    assert WITNESS_KEY.verifier.verifies(TEXT, WITNESS_KEY.sign(TEXT, last))
    beyond = WITNESS_KEY.sign(TEXT, last + 1)
    assert keys.cosigned_at(beyond) == -1
    assert not WITNESS_KEY.verifier.verifies(TEXT, beyond)


def test_a_public_key_that_is_no_point() -> None:
    """Nothing verifies, and nothing is raised."""
    assert not VerifierKey("name", LOG, b"\xff" * 32).verifies(TEXT, bytes(64))


# Key files


def test_a_key_file_gives_the_key_back(path: Path) -> None:
    found = keys.read(path)
    assert found.verifier == keys.read_public(path) == LOG_KEY.verifier
    assert found.sign(TEXT, SECONDS) == LOG_KEY.sign(TEXT, SECONDS)


def test_a_witness_stays_a_witness(tmp_path: Path) -> None:
    keys.write(tmp_path / "witness.key", WITNESS_KEY)
    assert keys.read(tmp_path / "witness.key").verifier == WITNESS_KEY.verifier


def test_only_the_owner_may_read_it(path: Path, locked: Path) -> None:
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, locked)] == [0o600, 0o600]


def test_a_key_file_is_never_overwritten(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(KeyFileError, match=r"log\.key is no usable key: file exists"):
        keys.write(path, OTHER_KEY)
    assert path.read_bytes() == before


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyFileError, match="file exists"):
        keys.write(tmp_path / "link.key", LOG_KEY)
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    for act in (keys.read, keys.read_public, lambda at: keys.write(at, LOG_KEY)):
        with pytest.raises(KeyFileError, match="no such file or directory"):
            act(tmp_path / "absent" / "log.key")


def test_a_passphrase_opens_it(locked: Path) -> None:
    assert keys.is_encrypted(locked)
    assert keys.read(locked, PHRASE).verifier == LOG_KEY.verifier


@pytest.mark.parametrize("passphrase", ["", "wrong", PHRASE.upper(), f"{PHRASE} "])
def test_another_passphrase_does_not(locked: Path, passphrase: str) -> None:
    with pytest.raises(PassphraseError, match=r"locked\.key is encrypted and this passphrase"):
        keys.read(locked, passphrase)


def test_the_public_half_needs_no_passphrase(locked: Path) -> None:
    assert keys.read_public(locked) == LOG_KEY.verifier


def test_a_passphrase_that_is_not_asked_for(path: Path) -> None:
    assert not keys.is_encrypted(path)
    assert keys.read(path, PHRASE).verifier == LOG_KEY.verifier


def test_a_changed_vkey_line_never_gives_a_key(path: Path) -> None:
    """Every byte of the first line; a space at its end changes nothing."""
    line, pem = path.read_bytes().split(b"\n", 1)
    for twin in damaged(line, 4):
        path.write_bytes(twin + b"\n" + pem)
        try:
            assert keys.read(path).verifier == LOG_KEY.verifier
        except KeyFileError:
            continue
        assert twin.removeprefix(b"vkey: ").strip() == line.removeprefix(b"vkey: ")


@pytest.mark.parametrize("said", [OTHER_KEY, key("ledger.example/invented", WITNESS)])
def test_a_vkey_line_of_another_key(path: Path, said: keys.SigningKey) -> None:
    """The witness's fits: one private key may sign in both ways, under two ids."""
    _, pem = path.read_text().split("\n", 1)
    path.write_text(f"vkey: {said.verifier}\n{pem}")
    if said == OTHER_KEY:
        with pytest.raises(KeyFileError, match="does not fit its vkey"):
            keys.read(path)
    else:
        assert keys.read(path).verifier == said.verifier


def test_a_damaged_private_key_never_gives_another(path: Path) -> None:
    """Every byte of the PEM: refused as a key file, or the same key still."""
    line, pem = path.read_bytes().split(b"\n", 1)
    refused = 0
    for twin in damaged(pem, 5):
        path.write_bytes(line + b"\n" + twin)
        try:
            assert keys.read(path).verifier == LOG_KEY.verifier
        except KeyFileError:
            refused += 1
    assert refused > 9 * len(pem)


@pytest.mark.parametrize("name", ["path", "locked"])
def test_a_truncated_key_file(name: str, request: pytest.FixtureRequest) -> None:
    """But for its last line feed, no byte may be missing."""
    at: Path = request.getfixturevalue(name)
    whole = at.read_bytes()
    steps = range(len(whole) - 1) if name == "path" else range(0, len(whole) - 1, 40)
    for length in steps:
        at.write_bytes(whole[:length])
        with pytest.raises((KeyFileError, PassphraseError)):
            keys.read(at, PHRASE)


def other_keys() -> dict[str, bytes]:
    """Private keys that are not of Ed25519, in PEM, and what is no key at all."""
    made: dict[str, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed448.Ed448PrivateKey] = {
        "RSA": rsa.generate_private_key(65537, 2048),
        "ECDSA": ec.generate_private_key(ec.SECP256R1()),
        "Ed448": ed448.Ed448PrivateKey.generate(),
    }
    pem = {
        name: one.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        for name, one in made.items()
    }
    # PKCS #8 (RFC 5208) whose algorithm is 1.2.3.4, which nobody assigned.
    unknown = b64encode(bytes.fromhex("3010020100300506032a0304040404020000"))
    begin, end = b"-----BEGIN PRIVATE KEY-----\n", b"\n-----END PRIVATE KEY-----\n"
    return pem | {
        "unknown": begin + unknown + end,
        "none": b"",
        "empty": begin + end,
        "text": b"some text\n",
    }


def test_private_keys_of_other_kinds(path: Path) -> None:
    line = path.read_bytes().split(b"\n", 1)[0]
    for pem in other_keys().values():
        path.write_bytes(line + b"\n" + pem)
        with pytest.raises(KeyFileError, match=r"not one of Ed25519|no private key in PEM"):
            keys.read(path)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "first line does not begin with `vkey:`"),
        (b"-----BEGIN PRIVATE KEY-----\n", "first line does not begin with `vkey:`"),
        (b"vkey: \n", "no verifier key"),
        (b"\xff\n", "it is no text"),
    ],
)
def test_what_is_no_key_file(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "x.key").write_bytes(content)
    for ask in (keys.read, keys.read_public, keys.is_encrypted):
        with pytest.raises(KeyFileError, match=f"x.key is no usable key: .*{why}"):
            ask(tmp_path / "x.key")


@needs_openssl
@pytest.mark.parametrize("name", ["path", "locked"])
def test_openssl_reads_a_key_file(name: str, request: pytest.FixtureRequest) -> None:
    at: Path = request.getfixturevalue(name)
    asked = ["openssl", "pkey", "-in", str(at), "-passin", "stdin", "-pubout", "-outform", "DER"]
    out = subprocess.run(asked, input=f"{PHRASE}\n".encode(), capture_output=True, check=True)
    assert out.stdout[-32:] == LOG_KEY.verifier.public
