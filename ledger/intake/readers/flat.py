"""Objects to cells: nested ones flattened by dots, everything as text."""

from __future__ import annotations

import json
from typing import NamedTuple

from ledger.intake.readers.characters import nfc
from ledger.intake.readers.cursor import Json, NoNumber, Number, Pairs


class Fault(NamedTuple):
    """Why an object makes no row."""

    code: str
    message: str
    hint: str = ""


class Flat(NamedTuple):
    """An object's cells by column; `beside` has those that a feature has beside its properties."""

    cells: dict[str, str]
    beside: dict[str, str]


class NoRowError(ValueError):
    """An object makes no row."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        self.fault = Fault(code, message, hint)
        super().__init__(message)


def flat(value: Json) -> Flat:
    """The cells of an object; raises NoRowError."""
    return Flat(flattened(value), {})


def feature(value: Json) -> Flat:
    """The cells of a GeoJSON feature (RFC 7946, 3.2): its properties.

    Beside them its id, the type of its geometry, and of a point the coordinates as written.
    Raises NoRowError.
    """
    members = _members(value)
    if members.get("type") != "Feature":
        hint = 'a row is {"type": "Feature", "properties": {…}}'
        raise NoRowError("not-a-row", "is no Feature", hint)
    properties = members.get("properties")
    cells = flattened(properties) if properties is not None else {}
    beside = {}
    if (identity := members.get("id")) is not None:
        beside["id"] = text_of(identity)
    if (geometry := members.get("geometry")) is not None:
        beside.update(_geometry(_members(geometry)))
    return Flat(cells, beside)


def flattened(value: Json, prefix: str = "") -> dict[str, str]:
    """Cells by column, the keys of nested objects joined by dots; raises NoRowError."""
    if not isinstance(value, Pairs):
        raise NoRowError("not-a-row", "is no object", 'a row is {"column": "cell", …}')
    cells: dict[str, str] = {}
    for key, inner in value:
        name = prefix + nfc(key).strip()
        inside = (
            flattened(inner, name + ".") if isinstance(inner, Pairs) else {name: text_of(inner)}
        )
        if twice := cells.keys() & inside.keys():
            message = f"{min(twice)!r} is given twice in one object"
            raise NoRowError("key-twice", message, "keep one of them")
        cells |= inside
    return cells


def text_of(value: Json) -> str:
    """A value as text: numbers as written, null as "", lists as JSON; raises NoRowError."""
    if value is None:
        return ""
    if isinstance(value, str) and not isinstance(value, NoNumber):
        return nfc(str(value))
    return nfc(_json(value))


def _json(value: Json) -> str:
    """A value as JSON; numbers keep the digits that were written."""
    match value:
        case NoNumber():
            raise NoRowError("bad-json", f"no JSON: {value} is no number", "write null")
        case Number():
            return str(value)
        case Pairs():
            return "{" + ", ".join(f"{_json(key)}: {_json(one)}" for key, one in value) + "}"
        case str() | bool() | None:
            return json.dumps(value, ensure_ascii=False)
        case _:
            return "[" + ", ".join(map(_json, value)) + "]"


def _members(value: Json) -> dict[str, Json]:
    """The members of an object, none of which is there twice."""
    if not isinstance(value, Pairs):
        raise NoRowError("not-a-row", "is no object")
    members = dict(value)
    if len(members) < len(value):
        keys = [key for key, _ in value]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise NoRowError("key-twice", f"{twice!r} is given twice in one object", "keep one of them")
    return members


def _geometry(members: dict[str, Json]) -> dict[str, str]:
    kind = members.get("type")
    if not isinstance(kind, str) or isinstance(kind, Number | NoNumber):
        raise NoRowError("bad-geometry", "the geometry has no type", "write null if there is none")
    found = {"geometry.type": nfc(kind)}
    if kind == "Point":
        match members.get("coordinates"):
            case [Number() as longitude, Number() as latitude, *_]:
                found |= {"longitude": str(longitude), "latitude": str(latitude)}
            case _:
                hint = "a point's coordinates are [longitude, latitude]"
                raise NoRowError("bad-geometry", "the point has no two numbers", hint)
    return found
