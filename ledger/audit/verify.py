"""Verify: a history checked completely, against itself and against checkpoints from outside.

Nothing is trusted that can be computed: every event is hashed as it is stored, every tile and
the root are made anew, and the projections are folded into a scratch database and compared row
by row. It stops at nothing: all findings, each with its position.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError, NoResultFound

from ledger.audit import checkpoints, projected
from ledger.audit.checkpoints import Signed
from ledger.audit.histories import History, Kept, Noted
from ledger.audit.order import Order, Profile, Streams, out_of_order
from ledger.audit.texts import MalformedError
from ledger.audit.trust import NOBODY, Trust
from ledger.audit.walk import Check, Tiles, Walked, walk
from ledger.problems import Problem
from ledger.store import triggers
from ledger.store.driver import damage, is_of_server
from ledger.store.log import Log, head

_MOST_LINES = 20
_GONE = "events are gone"
_NOT_HERE = "events are gone, or this replica is behind: verify at the server that it follows"


class Verified(NamedTuple):
    """What was verified, everything that is wrong with it, and what could not be decided."""

    size: int
    root: str
    findings: list[Problem]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Claimed:
    """What is said of a history by a checkpoint: found with it, or given from outside."""

    where: str
    signed: Signed
    outside: bool


def verify(history: History, given: Sequence[Noted] = (), trust: Trust = NOBODY) -> Verified:
    """Check a history; `given` are checkpoints from outside, with the names of their files."""
    findings: list[Problem] = []
    claimed = [
        *_parsed(history.notes(), findings, outside=False),
        *_parsed(given, findings, outside=True),
    ]
    order, tiles, streams = Order(), Tiles(history), Streams()
    kept = isinstance(history, Kept)
    checks: list[Check] = [order, Profile(), *([] if kept else [streams])]
    walked = walk(history, [one.signed.checkpoint.size for one in claimed], tiles, checks)
    streams.finish()
    findings.extend(history.problems)
    for found in (tiles.findings, *(one.findings for one in checks)):
        findings.extend(found)
    if isinstance(history, Kept):
        findings.extend(_readable(_database(history, walked, order.recorded_at)))
    replica = history.replica if isinstance(history, Kept) else None
    findings.extend(_compared(claimed, walked, trust, _NOT_HERE if replica else _GONE))
    notes = (*_unsigned(claimed, trust), *_undecided(claimed, walked, trust))
    if replica:
        notes = (replica.in_words, *notes)
    return Verified(walked.size, walked.root.hex(), findings, notes)


def _parsed(notes: Sequence[Noted], findings: list[Problem], *, outside: bool) -> list[_Claimed]:
    """The checkpoints that these are; what is none is a finding."""
    found = []
    for where, data in notes:
        try:
            found.append(_Claimed(where, checkpoints.parse(data), outside))
        except MalformedError as error:
            findings.append(Problem(where, "no-checkpoint", str(error)))
    return found


def _compared(
    claimed: Sequence[_Claimed], walked: Walked, trust: Trust, gone: str
) -> Iterator[Problem]:
    """What checkpoints say that is not so, and what is wrong with their signatures."""
    for one in claimed:
        said = one.signed.checkpoint
        if said.size > walked.size:
            message = f"it covers {said.size} events, here are {walked.size}: {gone}"
            yield Problem(one.where, "events-gone", message)
        elif said.root != walked.roots[said.size]:
            message = (
                f"the first {said.size} events had the root {said.root.hex()}, "
                f"here they have {walked.roots[said.size].hex()}"
            )
            yield Problem(one.where, "history-differs", message)
        yield from trust.faults(one.where, one.signed)
        if one.outside:
            yield from trust.quorum_faults(one.where, one.signed)
    if trust.quorum and not any(one.outside or trust.has_quorum(one.signed) for one in claimed):
        message = f"none of those found was cosigned by {trust.quorum} of the witnesses"
        yield Problem("checkpoints", "no-quorum", message)


def _unsigned(claimed: Sequence[_Claimed], trust: Trust) -> Iterator[str]:
    if claimed and not trust.logs:
        yield "not decided: who signed the checkpoints: give the log's key with --vkey"


def _undecided(claimed: Sequence[_Claimed], walked: Walked, trust: Trust) -> Iterator[str]:
    """Which events nobody can tell from here to have been these from the first."""
    known = [
        one.signed.checkpoint.size
        for one in claimed
        if (one.outside or trust.has_quorum(one.signed))
        and not any(trust.faults(one.where, one.signed))
    ]
    first, last = max(known, default=0), walked.size - 1
    if first > last:
        return
    which = f"event at position {last} was" if first == last else f"events {first} to {last} were"
    why = "newer than any checkpoint from outside" if known else "no checkpoint from outside"
    yield f"not decided: whether the {which} once others: {why}"


def _database(history: Kept, walked: Walked, recorded_at: str) -> Iterator[Problem]:
    """What is wrong with what a database keeps beside the events."""
    connection = history.connection
    yield from _damage(connection)
    yield from out_of_order(lambda sql: [tuple(row) for row in connection.execute(text(sql))])
    for level, number in history.tiles_beyond(walked.size):
        yield Problem(f"tile {level}/{number}", "tile-unknown", "covers no event")
    yield from _head(connection, walked, recorded_at)
    for name in triggers.missing(connection):
        yield Problem(f"trigger {name}", "no-trigger", "is missing or changed")
    for name in triggers.unknown(connection):
        yield Problem(f"trigger {name}", "trigger-unknown", "is none of the ledger's")
    yield from _projections(connection, walked.size)


def _head(connection: Connection, walked: Walked, recorded_at: str) -> Iterator[Problem]:
    """What the head row says that is not so."""
    try:
        stored = head(connection)
    except NoResultFound:
        yield Problem("head", "head-differs", "there is none")
        return
    if (stored.size, stored.root) != (walked.size, walked.root.hex()):
        message = (
            f"it says {stored.size} events, root {stored.root}; "
            f"there are {walked.size}, {walked.root.hex()}"
        )
        yield Problem("head", "head-differs", message)
    elif stored.recorded_at != recorded_at:
        yield Problem("head", "head-differs", "its time is not that of the last event")


def _readable(found: Iterator[Problem]) -> Iterator[Problem]:
    """Findings, and that the database could not be read on, where it is so."""
    try:
        yield from found
    except DatabaseError as error:
        if is_of_server(error):
            raise
        yield Problem("database", "unreadable", str(error.orig))


def _damage(connection: Connection) -> Iterator[Problem]:
    """What the database itself finds wrong with its file."""
    for line in damage(connection, _MOST_LINES):
        yield Problem("database", "damaged", line)


def _projections(connection: Connection, size: int) -> Iterator[Problem]:
    """Where the tables differ from the log; a log that cannot be folded says so."""
    try:
        yield from projected.differences(Log(connection, size))
    except Exception as error:
        if is_of_server(error):
            raise
        what = str(error.orig) if isinstance(error, DatabaseError) else str(error)
        message = f"the events cannot be folded: {what or type(error).__name__}"
        yield Problem("projections", "not-folded", message.partition("\n")[0])
