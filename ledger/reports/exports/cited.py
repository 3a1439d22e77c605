"""What the projections do not keep of citations, read from the log: the reports passed on."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ledger.counting.claims import Cited
from ledger.sources import Citation
from ledger.store.log import Log

_SOME = 500


class _Said(msgspec.Struct):
    """The part of an event's bytes that is wanted."""

    citations: tuple[Citation, ...] = ()


_said = msgspec.json.Decoder(_Said).decode


def citations(log: Log, positions: Iterable[int]) -> dict[int, tuple[Citation, ...]]:
    """The citations of the events at some positions, by position."""
    wanted, found = sorted(set(positions)), dict[int, tuple[Citation, ...]]()
    for start in range(0, len(wanted), _SOME):
        numbers = ", ".join(map(str, wanted[start : start + _SOME]))
        rows = log.connection.exec_driver_sql(
            f"SELECT position, body FROM events WHERE position IN ({numbers})"
        )
        found.update((position, _said(body).citations) for position, body in rows)
    return found


def relays(of: Cited, some: Iterable[Citation]) -> tuple[str, ...]:
    """The reports that a citation passes on, found among the citations of its event."""
    for one in some:
        same = (one.source, one.claimant, one.speaker, one.locator)
        if same == (of.source, of.claimant, of.speaker, of.locator):
            return one.relays
    return ()
