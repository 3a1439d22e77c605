"""What the ledger holds already, from elsewhere, that a row of an import may be once more."""

from __future__ import annotations

from functools import cached_property, lru_cache

from sqlalchemy import Connection

from ledger.events.payloads import IncidentRecorded
from ledger.reports import duplicates
from ledger.reports.likeness import Likeness, Sight, likeness, sight
from ledger.reports.nearby import Index

_KEPT = 4096
"""Incidents that stay decoded: rows of a file often come by country or by day."""


class Known:
    """The standing incidents that have no foreign id of `scheme`: those of other datasets.

    They are looked through once, when the first row asks, and stay as they were then: what
    the import itself appends has the scheme. Memory: 50 bytes an incident.
    """

    def __init__(self, scheme: str) -> None:
        self.scheme = scheme
        self._connection: Connection
        self._sight = lru_cache(maxsize=_KEPT)(self._read)

    def like(
        self, connection: Connection, draft: IncidentRecorded, key: str
    ) -> tuple[str, int] | None:
        """The incident that is most like a new one, and their likeness; None if none may be it.

        The rule is that of `reports.likeness`; of several as like, the one recorded first.
        `connection` is one to the projections.
        """
        self._connection = connection
        one = sight(key, draft) if self._index else None
        if one is None:
            return None
        found = [
            (like, other)
            for other in map(self._sight, self._index.candidates(one))
            if other is not None and other.key != key and (like := likeness(one, other))
        ]
        if not found:
            return None
        like, other = max(found, key=_rank)
        return other.key, like.score

    @cached_property
    def _index(self) -> Index:
        return Index(duplicates.sights(self._connection, without=self.scheme))

    def _read(self, place: int) -> Sight | None:
        return duplicates.sight_at(self._connection, place)


def _rank(found: tuple[Likeness, Sight]) -> tuple[int, int]:
    like, other = found
    return like.score, -other.id
