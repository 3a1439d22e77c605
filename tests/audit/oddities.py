"""Drafts of data that is odd, and what `check --flags` finds of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from ledger.app import Ledger
from ledger.counts import Count
from ledger.events import Draft
from ledger.events import payloads as said
from ledger.places import Place
from tests import invented
from tests.invented import GAZETTE, cite, incident, person


def source(key: str = GAZETTE, published: str = "2024-01-01") -> Draft:
    """An invented newspaper, published when the tests' clock begins."""
    return invented.source(key, published)


def flagged(ledger: Ledger, *drafts: Draft) -> list[tuple[str, str]]:
    """Where something is odd, and its code, after drafts are appended one by one."""
    for draft in drafts:
        ledger.append([draft])
    with ledger.asking() as present:
        return [(one.where, one.code) for one in present.check(flags=True)]


def claim(line: str, count: Count, as_of: str = "") -> Draft:
    """A claim that may contradict itself, as no steward could type it."""
    claims = (said.Claimed(line=line, count=count, as_of=as_of),)
    data = said.CountsReported(claims=claims)
    return Draft(stream="incident/ambush", data=data, citations=(cite(),))


def at(country: str, latitude: str, longitude: str, precision: int | None = None) -> Draft:
    """The invented ambush, at coordinates."""
    place = Place(country=country, latitude=latitude, longitude=longitude, precision=precision)
    return changed(incident("ambush"), place=place)


def aged(age: int, line: str = "killed", name: str = "Invented Person") -> Draft:
    """An invented person of an age in years."""
    return changed(person("ambush", line, name), age=age)


def changed(draft: Draft, **fields: object) -> Draft:
    """The draft with other data."""
    return msgspec.structs.replace(draft, data=msgspec.structs.replace(draft.data, **fields))


def people(line: str, names: Iterable[str], of: str = "invented-gazette") -> list[Draft]:
    """Persons on a line of the ambush, by one source."""
    return [
        msgspec.structs.replace(person("ambush", line, name), citations=(cite(of),))
        for name in names
    ]


def clock(ledger: Ledger, day: str) -> None:
    """Set a ledger's clock to the first moment of a day."""
    ledger._now = lambda: datetime.fromisoformat(day).replace(tzinfo=UTC)
