"""Sides: the state of a ledger at either end of a span, and the streams that both are read from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import codec
from ledger.audit import checkpoints, scratch
from ledger.audit.causes import Cause, Step
from ledger.audit.movements import Merged
from ledger.errors import IntegrityError, QuestionError
from ledger.events import stream_of
from ledger.events.payloads import IncidentMerged
from ledger.reports.definition import Asked
from ledger.store.log import AnyEvent, Log

_SOME = 500

Steps = Mapping[str, Sequence[Step]]
"""By incident, the events that may have moved what is counted of it."""


class Side(NamedTuple):
    """A state of a ledger: tables, the log that they were made of, and by when it is known."""

    connection: Connection
    log: Log
    known_by: str | None = None


class Moment(NamedTuple):
    """A state on the way from one side to the other, and why what changed since the last."""

    side: Side
    reached: Mapping[str, tuple[Cause, tuple[int, ...]]]


@contextmanager
def start(asked: Asked) -> Iterator[Side]:
    """The state with which a report on changes begins."""
    events, known_by = asked.start
    if events == asked.log.stop:
        yield Side(asked.connection, asked.log, known_by)
        return
    log = Log(asked.log.connection, events)
    with scratch.folded(log) as tables:
        yield Side(tables, log, known_by)


def covered(path: Path, log: Log) -> int:
    """How many events a checkpoint in a file covers, of a log whose first events they are.

    Raises IntegrityError where they are not, LedgerError where the file cannot be read.
    """
    said = checkpoints.read(path).checkpoint
    if said.size > log.stop:
        raise QuestionError(f"{path} covers {said.size} events: the log has {log.stop}")
    if Log(log.connection, said.size).root() != said.root.hex():
        raise IntegrityError(
            f"{path} is of another history: its first {said.size} events have another root; "
            f"see `ledger verify --checkpoint {path}`"
        )
    return said.size


def merged(log: Log) -> Merged:
    """The incidents that were ever merged in a log, whether that still stands or not."""
    found = Merged()
    for (body,) in log.bodies("incident.merged"):
        event = codec.decode(body)
        if isinstance(event.data, IncidentMerged):
            found.join(event.stream.partition("/")[2], event.data.into)
    return found


def histories(log: Log, groups: Merged, keys: Iterable[str]) -> dict[str, list[AnyEvent]]:
    """The streams of some incidents and of those that they were ever merged with, by key."""
    every = {one for key in keys for one in groups.group(key)}
    found = log.streams(stream_of("incident", key) for key in sorted(every))
    return {name.partition("/")[2]: history for name, history in found.items()}


def chunks(keys: Iterable[str]) -> Iterator[list[str]]:
    """Keys in order, some at a time."""
    wanted = sorted(keys)
    for start in range(0, len(wanted), _SOME):
        yield wanted[start : start + _SOME]
