"""Ed25519 keys for notes: who signed a checkpoint, and who saw it.

A key has a name and a kind: that of a log signs notes (C2SP signed-note, type 0x01), that of a
witness cosigns checkpoints with a time (C2SP tlog-cosignature, type 0x04).
"""

from __future__ import annotations

import os
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal, TypeAlias

from cryptography.exceptions import InternalError, InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from ledger.audit.texts import decoded
from ledger.errors import LedgerError, refusal
from ledger.store import folders

Kind: TypeAlias = Literal[1, 4]
LOG: Kind = 1
"""Signs the text of a note (C2SP signed-note, "Ed25519 signatures")."""
WITNESS: Kind = 4
"""Signs the text with a time (C2SP tlog-cosignature, "Ed25519 signed message")."""

_KINDS: dict[int, Kind] = {1: LOG, 4: WITNESS}
_PUBLIC_BYTES = 32
_SIGNATURE_BYTES = 64
_TIME_BYTES = 8
_MOST_SECONDS = 2**63 - 1
_FIELD = "vkey: "


class KeyFileError(LedgerError):
    """A file that should hold a private key, and cannot be used."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} is no usable key: {why}; make one with `ledger key new`")


class PassphraseError(LedgerError):
    """A key file is encrypted, and the passphrase does not open it."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is encrypted and this passphrase does not open it: "
            "give it when asked, or in CASUALTY_LEDGER_PASSPHRASE"
        )


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name: written `name+hash+base64` (C2SP signed-note, vkey).

    ValueError for a name that is empty or holds a space or a plus, and for a public key that is
    not 32 bytes long.
    """

    name: str
    kind: Kind
    public: bytes

    def __post_init__(self) -> None:
        """Refuse what can't be a key."""
        if not is_name(self.name):
            raise ValueError(f"{self.name!r} is no key name: no spaces, no +, and not empty")
        if len(self.public) != _PUBLIC_BYTES:
            raise ValueError(f"a public key has {_PUBLIC_BYTES} bytes, not {len(self.public)}")

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys apart: SHA-256(name || LF || kind || public key)[:4]."""
        told = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return sha256(told).digest()[:4]

    def __str__(self) -> str:
        """The key as it is given to others."""
        key = b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{key}"

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Whether `signature` (without the key's id) is this key's, of a note's text."""
        if self.kind == WITNESS:
            if len(signature) != _TIME_BYTES + _SIGNATURE_BYTES or cosigned_at(signature) < 0:
                return False
            text = _cosigned(text, cosigned_at(signature))
            signature = signature[_TIME_BYTES:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


def verifier(vkey: str) -> VerifierKey:
    """The key that `name+hash+base64` writes; ValueError for anything but that."""
    name, _, rest = vkey.strip().partition("+")
    hashed, _, key = rest.partition("+")
    material = decoded(key)
    kind = _KINDS.get(material[0]) if material else None
    if material is None or kind is None:
        raise ValueError(f"{vkey!r} is no verifier key of Ed25519: name+hash+base64")
    found = VerifierKey(name, kind, material[1:])
    if found.id.hex() != hashed:
        raise ValueError(f"{vkey!r}: its hash is not that of its name and key: a slip in copying?")
    return found


def is_name(text: str) -> bool:
    """Whether a text may name a key: not empty, no Unicode space, no plus, no control."""
    return (
        bool(text)
        and "+" not in text
        and text.isprintable()
        and not any(character.isspace() for character in text)
    )


def cosigned_at(signature: bytes) -> int:
    """The time of a cosignature, in seconds since 1970 (UTC); -1 if it is out of range."""
    seconds = int.from_bytes(signature[:_TIME_BYTES], "big")
    return seconds if seconds <= _MOST_SECONDS else -1


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key, with what others know of it."""

    verifier: VerifierKey
    private: Ed25519PrivateKey

    def sign(self, text: bytes, seconds: int) -> bytes:
        """A signature of a note's text; `seconds` since 1970 is said by a witness alone."""
        if self.verifier.kind == LOG:
            return self.private.sign(text)
        return seconds.to_bytes(_TIME_BYTES, "big") + self.private.sign(_cosigned(text, seconds))


def new(name: str, kind: Kind) -> SigningKey:
    """A key that nobody has yet; ValueError for a bad name."""
    return _signing(name, kind, Ed25519PrivateKey.generate())


def write(path: Path, key: SigningKey, passphrase: str = "") -> None:
    """Write a private key that only its owner may read: PKCS #8 PEM below a line with its vkey.

    Raises KeyFileError if something is there already, since a lost key cannot be had again, and
    for a passphrase that cannot be used.
    """
    try:
        secret = passphrase.encode()
        encryption = BestAvailableEncryption(secret) if secret else NoEncryption()
        pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    except ValueError as error:
        raise KeyFileError(path, f"the passphrase cannot be used: {error}") from error
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(f"{_FIELD}{key.verifier}\n".encode() + pem)
                folders.sync_file(file)
            folders.sync(path.absolute().parent)
        except OSError:
            path.unlink(missing_ok=True)  # half a key is none, and would be in the way
            raise
    except OSError as error:
        raise KeyFileError(path, refusal(error)) from error


def read_public(path: Path) -> VerifierKey:
    """The public half of a key file, for which no passphrase is needed; raises KeyFileError."""
    return _read(path)[0]


def is_encrypted(path: Path) -> bool:
    """Whether a key file asks for a passphrase; raises KeyFileError."""
    return b"BEGIN ENCRYPTED PRIVATE KEY" in _read(path)[1]


def read(path: Path, passphrase: str = "") -> SigningKey:
    """The private key in a file; raises KeyFileError, PassphraseError."""
    said, pem = _read(path)
    secret = passphrase.encode(errors="replace") if is_encrypted(path) else None
    try:
        private = load_pem_private_key(pem, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm, InternalError) as error:
        if secret is not None:
            raise PassphraseError(path) from error
        raise KeyFileError(path, "it holds no private key in PEM") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyFileError(path, "its private key is not one of Ed25519")
    key = _signing(said.name, said.kind, private)
    if key.verifier != said:
        raise KeyFileError(path, "its private key does not fit its vkey")
    return key


def _read(path: Path) -> tuple[VerifierKey, bytes]:
    """The vkey in a key file's first line, and the rest."""
    try:
        first, _, pem = path.read_bytes().partition(b"\n")
        line = first.decode()
    except OSError as error:
        raise KeyFileError(path, refusal(error)) from error
    except UnicodeDecodeError as error:
        raise KeyFileError(path, "it is no text") from error
    if not line.startswith(_FIELD):
        raise KeyFileError(path, f"its first line does not begin with `{_FIELD.strip()}`")
    try:
        return verifier(line.removeprefix(_FIELD)), pem
    except ValueError as error:
        raise KeyFileError(path, str(error)) from error


def _signing(name: str, kind: Kind, private: Ed25519PrivateKey) -> SigningKey:
    return SigningKey(VerifierKey(name, kind, private.public_key().public_bytes_raw()), private)


def _cosigned(text: bytes, seconds: int) -> bytes:
    """What a witness signs of a checkpoint (C2SP tlog-cosignature, "Ed25519 signed message")."""
    return b"cosignature/v1\ntime %d\n" % seconds + text
