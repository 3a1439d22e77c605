"""How notes, checkpoints and proofs are written: base64 and decimals, each in one way only.

C2SP's formats are texts. What could be written in two ways is refused, so that no byte of a
proof can be changed unnoticed.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Iterable

from ledger.errors import IntegrityError
from ledger.tree import HASH_BYTES

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class MalformedError(IntegrityError):
    """A text that is not in the format that it claims to be; the message says why."""


def decoded(text: str) -> bytes | None:
    """What a text of base64 holds (RFC 4648 section 4); None if it is not exactly that."""
    try:
        found = b64decode(text, validate=True)
    except (Error, ValueError):
        return None
    return found if b64encode(found).decode() == text else None


def encoded(data: bytes) -> str:
    """Bytes in base64 (RFC 4648 section 4)."""
    return b64encode(data).decode()


def decimal(text: str, what: str) -> int:
    """A whole number without leading zeroes, below 10^19; raises MalformedError."""
    if not _DECIMAL.fullmatch(text):
        raise MalformedError(f"its {what} {text!r} is no decimal number")
    return int(text)


def one_hash(text: str, what: str) -> bytes:
    """The 32 bytes of a hash in base64; raises MalformedError."""
    found = decoded(text)
    if found is None or len(found) != HASH_BYTES:
        raise MalformedError(f"its {what} {text!r} is no hash of {HASH_BYTES} bytes in base64")
    return found


def hashes(lines: Iterable[str]) -> tuple[bytes, ...]:
    """The hashes of a proof, one a line; raises MalformedError."""
    return tuple(one_hash(line, "line") for line in lines)


def text_of(data: bytes) -> str:
    """Bytes as text; raises MalformedError for what is no UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise MalformedError("it is no UTF-8") from error
