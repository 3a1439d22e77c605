"""Because: what the events behind a change say, where they stand, what they cite."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.audit import movements
from ledger.reports.table import text
from ledger.store.log import AnyEvent, Log

COLUMNS = (
    text("because", "what the events say: the key of the stream, then in a few words"),
    text("positions", "their positions in the log"),
    text("sources", "keys of the sources that they cite"),
)


def cells(events: Iterable[AnyEvent], log: Log) -> tuple[str, str, str]:
    """The cells of `COLUMNS` for some events."""
    some = list(events)
    sources = dict.fromkeys(citation.source for event in some for citation in event.citations)
    return (
        "; ".join(movements.why(event, log) for event in some),
        "; ".join(str(event.position) for event in some),
        "; ".join(sources),
    )
