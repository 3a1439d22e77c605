"""The envelope: what every event carries, whatever it says (design, section 3)."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from ledger.events.payloads import Payload, type_of
from ledger.sources import Citation

Data = TypeVar("Data")


class Unknown(msgspec.Struct, frozen=True):
    """The payload of a type or schema that this program does not know, kept as it is."""

    raw: bytes


class Event(msgspec.Struct, Generic[Data], frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """One immutable entry of the log.

    `position` is 0-based and gapless; `id` a UUID of version 7; `version` the 1-based place
    in `stream`; `recorded_at` UTC with microseconds and `Z`, never decreasing; `recorded_by`
    the steward by the name that he or she chose to be public; `batch` the import that brought
    it ("" if none).
    """

    position: int
    id: str
    stream: str
    version: int
    type: str
    schema: int
    recorded_at: str
    recorded_by: str
    batch: str = ""
    citations: tuple[Citation, ...] = ()
    data: Data


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An event before it has a position, version and time.

    `expect` is the version that its stream must have before it; None: whatever it has.
    `id` is given where an append may be tried again; else it is made.
    """

    stream: str
    data: Payload
    citations: tuple[Citation, ...] = ()
    batch: str = ""
    expect: int | None = None
    id: str = ""

    @property
    def type(self) -> str:
        """The event type."""
        return type_of(self.data)


def stream_of(kind: str, key: str) -> str:
    """The name of a stream: `incident/KEY`, `source/KEY`, `tally/KEY`, `batch/ID`."""
    return f"{kind}/{key}"
