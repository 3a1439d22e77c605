"""Events to canonical bytes and back; schema numbers and upcasters.

An event is encoded once, to canonical JSON (RFC 8785 within the profile below), and hashed as
stored. The profile: no floats, integers within ±(2^53-1), no NUL, depth at most 32, at most
65,535 bytes, keys `[a-z0-9][a-z0-9._-]*`. Within it, sorting keys by code point and by UTF-16
is the same, and msgspec's sorted encoder gives RFC 8785 byte for byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from ledger.errors import IntegrityError
from ledger.events import SCHEMAS, TYPES, Draft, Event, Payload, Unknown
from ledger.vocabulary import is_key

MOST_BYTES = 65_535
MOST_DEPTH = 32
MOST_INTEGER = 2**53 - 1

Document = dict[str, Any]
Upcaster = Callable[[Document], Document]

UPCASTERS: dict[tuple[str, int], Upcaster] = {}
"""From (type, schema number) to what turns such `data` into that of the next schema number.

An old event is upcast when it is read, never rewritten. None is needed yet: every type is
still at its first schema. `tests/test_codec.py` shows how one is written.
"""

_encoder = msgspec.json.Encoder(order="sorted")
_decoders: dict[str, msgspec.json.Decoder[Event[Payload]]] = {
    name: msgspec.json.Decoder(Event[payload])  # type: ignore[valid-type]
    for name, payload in TYPES.items()
}
_raw_decoder: msgspec.json.Decoder[Event[msgspec.Raw]] = msgspec.json.Decoder(Event[msgspec.Raw])


_NUL = b"\\u0000"


class ProfileError(ValueError):
    """An event outside the canonical profile, by the position that it was to take."""

    def __init__(self, position: int, why: str) -> None:
        super().__init__(why)
        self.position = position


def encode(event: Event[Payload]) -> bytes:
    """The canonical bytes of an event.

    Raises ProfileError where they would be too many, or hold a NUL or a lone surrogate.
    """
    try:
        body = _encoder.encode(event)
    except UnicodeEncodeError as error:
        raise ProfileError(event.position, "a text holds a lone surrogate") from error
    if len(body) > MOST_BYTES:
        why = f"an event may have {MOST_BYTES:,} bytes, this one has {len(body):,}"
        raise ProfileError(event.position, why)
    if _NUL in body and (fault := profile_fault(msgspec.json.decode(body))):
        raise ProfileError(event.position, fault)
    return body


def encode_all(events: Sequence[Event[Payload]]) -> list[bytes]:
    """The canonical bytes of many events; raises ProfileError at the first that has none."""
    try:
        bodies = [*map(_encoder.encode, events)]
    except UnicodeEncodeError:
        bodies = []
    odd = [body for body in bodies if len(body) > MOST_BYTES or _NUL in body]
    if bodies and not odd:
        return bodies
    return [*map(encode, events)]


def canonical(value: object) -> bytes:
    """The canonical JSON bytes of any value within the profile."""
    return _encoder.encode(value)


def fault(body: bytes) -> str | None:
    """Why bytes are no canonical JSON within the profile, or None: what stored bytes must be."""
    if len(body) > MOST_BYTES:
        return f"they are {len(body):,} bytes: an event has {MOST_BYTES:,} at most"
    try:
        value = msgspec.json.decode(body)
        if _encoder.encode(value) != body:
            return "they are not in canonical form (RFC 8785)"
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return f"they are no JSON: {error}"
    if _NUL not in body and _is_plain(value, 1):
        return None
    return profile_fault(value)


def decode(body: bytes | str, kind: str | None = None) -> Event[Payload] | Event[Unknown]:
    """The event of stored bytes; `kind` is its type, where a column tells it.

    Older schemas are upcast. An unknown type, or a schema newer than this program's, gives an
    event whose data is `Unknown`. Raises IntegrityError for bytes that are no event at all.
    """
    decoder = _decoders.get(kind) if kind else None
    if decoder is not None and kind is not None:
        try:
            event = decoder.decode(body)
        except msgspec.ValidationError:
            return _decode_slowly(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise IntegrityError(f"no event in canonical JSON: {error}") from error
        if event.schema == SCHEMAS[kind] and event.type == kind:
            return event
    return _decode_slowly(body)


def fingerprint(draft: Draft) -> str:
    """SHA-256 of a draft's stream, type, citations and data: what makes it the same again."""
    said = (draft.stream, draft.type, draft.citations, draft.data)
    return hashlib.sha256(_encoder.encode(said)).hexdigest()


def fingerprint_of(event: Event[Payload]) -> str:
    """The fingerprint of the draft that the event came from."""
    said = (event.stream, event.type, event.citations, event.data)
    return hashlib.sha256(_encoder.encode(said)).hexdigest()


def profile_fault(value: object, depth: int = 1) -> str | None:  # noqa: PLR0911 - one a kind
    """What takes a JSON value out of the canonical profile, or None."""
    match value:
        case bool() | None:
            return None
        case float():
            return f"{value} is a float: write decimals as text"
        case int() if abs(value) > MOST_INTEGER:
            return f"{value} is beyond ±(2^53-1)"
        case str() if "\0" in value:
            return "a text holds a NUL"
        case str() if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            return "a text holds a lone surrogate"
        case dict() | list() | tuple() if depth > MOST_DEPTH:
            return f"it is nested more than {MOST_DEPTH} deep"
        case dict() if odd := [key for key in value if not is_key(key)]:
            return (
                profile_fault(odd[0])
                or f"{odd[0]!r} is no key: small letters, digits, dots, dashes, underscores"
            )
        case dict():
            inside = [*value.values()]
        case list() | tuple():
            inside = list(value)
        case _:
            return None
    faults = (profile_fault(one, depth + 1) for one in inside)
    return next((fault for fault in faults if fault), None)


def _is_plain(value: object, depth: int) -> bool:
    """Whether decoded JSON is surely within the profile but for NULs: a quick look at it."""
    inside: Iterable[object]
    if type(value) is dict:
        if not all(map(_is_known_key, value)):
            return False
        inside = value.values()
    elif type(value) is list:
        inside = value
    else:
        whole = type(value) is int and abs(value) <= MOST_INTEGER
        return whole or type(value) in (str, bool, type(None))
    return depth <= MOST_DEPTH and all(
        type(one) is str or _is_plain(one, depth + 1) for one in inside
    )


_is_known_key = lru_cache(10_000)(is_key)
"""Few keys are told a great many times."""


def _decode_slowly(body: bytes | str) -> Event[Payload] | Event[Unknown]:
    """Decode by what the bytes themselves say: upcast, or keep what is not known."""
    try:
        event = _raw_decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise IntegrityError(f"no event in canonical JSON: {error}") from error
    payload = TYPES.get(event.type)
    if payload is None or event.schema > SCHEMAS[event.type]:
        return msgspec.structs.replace(event, data=Unknown(bytes(event.data)))  # type: ignore[return-value]
    try:
        document = msgspec.json.decode(event.data)
        for schema in range(event.schema, SCHEMAS[event.type]):
            document = UPCASTERS[event.type, schema](document)
        data = msgspec.convert(document, payload)
    except (msgspec.ValidationError, KeyError, RecursionError) as error:
        raise IntegrityError(
            f"position {event.position}: no {event.type} of schema {event.schema}: {error}"
        ) from error
    return msgspec.structs.replace(event, data=data)  # type: ignore[return-value]
