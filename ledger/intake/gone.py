"""Rows that a complete dataset holds no more: what they said is withdrawn, never removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, text

from ledger.events import Draft
from ledger.intake.changes import withdrawal, withdrawals
from ledger.intake.mapper import Mapped
from ledger.intake.recorded import Identity, Ours, Recorded, statements
from ledger.sources import Citation

Find = Callable[[Recorded, Sequence[str], Citation | None, str], Iterator["Gone"]]
"""What finds all that is gone from some streams."""


class Gone(NamedTuple):
    """What the files hold no more: its name, and the events that take it back.

    There are none where the batch that is being continued took it back before it was stopped.
    """

    name: str
    drafts: tuple[Draft, ...]


def streams_of(connection: Connection, ours: Ours) -> list[str]:
    """The incidents and tallies that imports of the mapping spoke of, in batches that stand."""
    whole = connection.execute(text("SELECT DISTINCT batch FROM events WHERE batch != ''"))
    batches = [batch for batch in whole.scalars() if ours.has(batch)]
    statement = text(
        "SELECT DISTINCT stream FROM events WHERE batch IN :batches "
        "AND (stream LIKE 'incident/%' OR stream LIKE 'tally/%')"
    ).bindparams(bindparam("batches", expanding=True))
    return list(connection.execute(statement, {"batches": batches}).scalars()) if batches else []


def statement_names(mapped: Mapped, ours: Ours) -> Iterator[str]:
    """The names of all that a row states, where several rows speak of one stream."""
    for draft in mapped.drafts:
        for identity, _ in statements(draft, by_row=ours.by_row):
            yield name(draft.stream, identity)


def name(stream: str, identity: Identity) -> str:
    """The name of one statement."""
    return "\x1f".join((stream, *identity))


def incidents(
    recorded: Recorded, streams: Sequence[str], citation: Citation | None, reason: str
) -> Iterator[Gone]:
    """Whole incidents that are gone."""
    for stream in streams:
        history = recorded.history(stream)
        if history.said or history.replaced:
            yield Gone(stream, tuple(withdrawals(history, citation, reason)))


def single(
    recorded: Recorded,
    streams: Sequence[str],
    citation: Citation | None,
    reason: str,
    *,
    unseen: Callable[[list[str]], list[str]],
) -> Iterator[Gone]:
    """Statements that are gone from streams that several rows speak of."""
    for stream in streams:
        history = recorded.history(stream)
        identities = {name(stream, one): one for one in (*history.said, *history.replaced)}
        for missing in unseen(list(identities)):
            drafts = withdrawal(history, identities[missing], citation, reason)
            yield Gone(missing.replace("\x1f", " "), tuple(drafts))
