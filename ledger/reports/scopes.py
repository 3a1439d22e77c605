"""Scopes: what a published total is of, and the tally that asks it.

A question that is named is a tally. So a total of a question goes to the tally that asks it; where
there is none, one is named after the question, always by the same key.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.projections import state

_CODES = ("country", "nationality")
"""Keys whose values are upper-case codes: in small letters they are the same."""
_PART = re.compile(r"[a-z0-9][a-z0-9-]*")
_OTHERS = re.compile(r"[^a-z0-9]+")
_DIGITS = 12
_LONGEST = 150


class Scope(NamedTuple):
    """A measure, and the values that each key may have: both sorted."""

    measure: str
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def key(self) -> str:
        """The key of a tally that is named after it: `killed.country.iq.role.civilian`.

        What small letters, digits and dashes cannot say is told apart by digits of a hash.
        """
        parts = [self.measure, *(part for pair in self._pairs() for part in pair)]
        whole = ".".join(parts)
        if all(map(_PART.fullmatch, parts)) and len(whole) <= _LONGEST:
            return whole
        plain = ".".join(filter(None, (_OTHERS.sub("-", one.lower()).strip("-") for one in parts)))
        digits = hashlib.sha256(json.dumps(self).encode()).hexdigest()[:_DIGITS]
        return f"{plain[:_LONGEST].rstrip('-.')}.{digits}"

    @property
    def title(self) -> str:
        """The question in words: `killed, where country is IQ or SY and role is civilian`."""
        if not self.where:
            return f"{self.measure}, of all incidents"
        told = (f"{key} is {' or '.join(values)}" for key, values in self.where)
        return f"{self.measure}, where {' and '.join(told)}"

    def _pairs(self) -> Iterator[tuple[str, str]]:
        for key, values in self.where:
            for value in values:
                code = key in _CODES and re.fullmatch("[A-Z]{2}", value)
                yield key, value.lower() if code else value


class Named(NamedTuple):
    """A tally: its key, and where it claims to be complete ("": from its opening on)."""

    key: str
    covers: str


def scope(measure: str, where: Mapping[str, Iterable[str]]) -> Scope:
    """The scope of a measure and a filter, in whatever order they are given."""
    sorted_ = ((key, tuple(sorted(set(where[key])))) for key in sorted(where))
    return Scope(measure, tuple(sorted_))


def standing(connection: Connection) -> dict[Scope, list[Named]]:
    """The tallies of a ledger by what they ask: one that is named after it first, then by key."""
    found: dict[Scope, list[Named]] = {}
    for one in state.tallies(connection):
        asked = scope(one.document.measure, one.document.where)
        found.setdefault(asked, []).append(Named(one.key, one.document.covers))
    for asked, some in found.items():
        some.sort(key=lambda one: (one.key != asked.key, one.key))
    return found


def asking(known: Mapping[Scope, Iterable[Named]], of: Scope, covers: str = "") -> str:
    """The key of the tally that asks a scope, and covers what is given; "" if there is none."""
    some = known.get(of, ())
    return next((one.key for one in some if covers in ("", one.covers)), "")
