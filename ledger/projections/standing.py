"""What still stands of a stream's events, after retractions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ledger.events import Event, Payload
from ledger.events.payloads import EventRetracted, RetractionKind
from ledger.store.log import AnyEvent

KnownDay = Callable[[AnyEvent], str]
"""The day from which `--known-by` sees an event."""


class Taken(NamedTuple):
    """How something was taken back: by which event, and from which day on."""

    kind: RetractionKind
    by: int
    day: str

    @property
    def weight(self) -> tuple[bool, str, int]:
        """The least counts where several stand: an error, else the earliest withdrawal."""
        return self.kind != "error", self.day, self.by


Target = tuple[int, str]
"""A position, and the line of it that is meant ("": all of it)."""


def taken_back(
    history: Sequence[AnyEvent], known: KnownDay, batches: Mapping[str, Taken]
) -> Mapping[Target, Taken]:
    """What the retractions in a stream take back; `batches` are imports that were taken back.

    Retractions are read from the newest to the oldest, since each can only take back what
    came before it: one that was itself retracted, or its batch, has no effect.
    """
    taken: dict[Target, Taken] = {}
    for event in reversed(history):
        data, undone = event.data, (event.position, "") in taken or event.batch in batches
        if isinstance(data, EventRetracted) and data.position is not None and not undone:
            target = (data.position, data.line)
            fate = Taken(data.kind, event.position, known(event))
            taken[target] = min(fate, taken.get(target, fate), key=lambda one: one.weight)
    return taken


def standing(
    history: Sequence[AnyEvent], taken: Mapping[Target, Taken], batches: Mapping[str, Taken]
) -> Iterator[tuple[Event[Payload], str]]:
    """The events that stand, each with the day from which it is withdrawn ("": it is not).

    `batches` are the imports that were taken back. Events of unknown type say nothing here.
    """
    if not taken and not batches:
        yield from ((event, "") for event in history if isinstance(event.data, Payload))
        return
    for event in history:
        fates = [taken.get((event.position, "")), batches.get(event.batch)]
        told = [fate for fate in fates if fate is not None]
        if isinstance(event.data, Payload) and all(fate.kind == "withdrawn" for fate in told):
            yield event, min((fate.day for fate in told), default="")
