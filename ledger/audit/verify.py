"""Verify: the log checked against itself, and the tables against the log.

Nothing is trusted that can be computed: every stored event is hashed as it is stored, every
tile and the root are made anew, and the projections are folded into a scratch database and
compared row by row. It stops at nothing: all findings, each with its position.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, text

from ledger import tree
from ledger.audit import scratch
from ledger.problems import Problem
from ledger.store import triggers
from ledger.store.log import Log, head

CHUNK = 4096
_MOST_ROWS = 20

COMPARED: dict[str, str] = {
    "incidents": (
        "SELECT i.id, i.key, i.first_day, i.last_day, f.facet, "
        "i.merged_into, i.known, i.until, i.document "
        "FROM incidents i LEFT JOIN facets f ON f.id = i.facet ORDER BY i.id"
    ),
    "tolls": (
        "SELECT t.incident, t.measure, f.facet, t.first_day, t.low, t.best, t.high, t.lines, "
        "t.at_least, t.vague, t.settled, t.first_known, t.last_known, t.document "
        "FROM tolls t LEFT JOIN facets f ON f.id = t.facet ORDER BY t.incident, t.measure"
    ),
    "sums": (
        "SELECT f.facet, s.measure, s.year, s.incidents, s.low, s.lows, s.best, s.bests, s.high, "
        "s.highs, s.lines, s.at_least, s.vague "
        "FROM sums s LEFT JOIN facets f ON f.id = s.facet ORDER BY f.facet, s.measure, s.year"
    ),
    "people": "SELECT * FROM people ORDER BY position",
    "attributions": "SELECT * FROM attributions ORDER BY position, item",
    "links": "SELECT * FROM links ORDER BY position",
    "sources": "SELECT * FROM sources ORDER BY key",
    "tallies": "SELECT * FROM tallies ORDER BY key",
    "totals": "SELECT * FROM totals ORDER BY position",
    "batches": "SELECT * FROM batches ORDER BY id",
    "projections": "SELECT * FROM projections ORDER BY name",
}
"""What is compared of each table: interned ids by what they stand for."""


class Verified(NamedTuple):
    """What was verified, and everything that is wrong with it."""

    size: int
    root: str
    findings: list[Problem]


class _Envelope(msgspec.Struct, frozen=True):
    """The part of an event that the columns repeat."""

    position: int
    id: str
    stream: str
    version: int
    type: str
    recorded_at: str
    batch: str = ""


_envelopes = msgspec.json.Decoder(_Envelope)


def verify(connection: Connection, *, projections: bool = True) -> Verified:
    """Check a whole ledger: bytes, columns, order, tree, head, triggers, projections."""
    log = Log(connection)
    size, root, findings = _walk(log)
    stored = head(connection)
    if (stored.size, stored.root) != (size, root):
        message = (
            f"the head says {stored.size} events, root {stored.root}; there are {size}, {root}"
        )
        findings.append(Problem("head", "head-differs", message))
    findings.extend(_gaps_in_streams(connection))
    for name in triggers.missing(connection):
        findings.append(Problem(f"trigger {name}", "no-trigger", "is missing or changed"))
    if projections and not findings:
        findings.extend(differences(log))
    return Verified(size, root, findings)


def _gaps_in_streams(connection: Connection) -> Iterator[Problem]:
    """Streams whose versions do not count up from 1."""
    statement = text(
        "SELECT stream, min(version) AS least, max(version) AS most, count(*) AS number "
        "FROM events GROUP BY stream HAVING least <> 1 OR most <> number"
    )
    for row in connection.execute(statement):
        message = f"its versions run from {row.least} to {row.most}, and there are {row.number}"
        yield Problem(row.stream, "version-gap", message)


def differences(log: Log) -> Iterator[Problem]:
    """Rows of the projections that are not what the log says, table by table."""
    with scratch.folded(log) as anew:
        for table, statement in COMPARED.items():
            mine = log.connection.execution_options(yield_per=1000).execute(text(statement))
            theirs = anew.execution_options(yield_per=1000).execute(text(statement))
            yield from _differing(table, mine, theirs)


def _differing(table: str, mine: Any, theirs: Any) -> Iterator[Problem]:  # noqa: ANN401 - results
    found = 0
    for stored, folded in zip_longest(mine, theirs):
        if stored != folded:
            found += 1
            if found > _MOST_ROWS:
                yield Problem(table, "projection-differs", "there are more such rows")
                return
            yield Problem(
                f"{table} {_key(stored, folded)}", "projection-differs", _why(stored, folded)
            )


def _key(stored: Row[Any] | None, folded: Row[Any] | None) -> str:
    row = stored if stored is not None else folded
    assert row is not None
    return str(row[0])


def _why(stored: Row[Any] | None, folded: Row[Any] | None) -> str:
    if stored is None:
        return "is not in the table, and follows from the log"
    if folded is None:
        return "is in the table, and does not follow from the log"
    names = [
        name
        for name, one, other in zip(stored._fields, stored, folded, strict=True)
        if one != other
    ]
    return f"differs from what the log says in {', '.join(names)}"


def _walk(log: Log) -> tuple[int, str, list[Problem]]:
    """Hash every event in order, and compare columns, order and tiles on the way."""
    growth, findings = tree.Growth(), list[Problem]()
    stored = _stored_tiles(log.connection)
    order = _Order()
    leaves: list[bytes] = []
    for row in _bodies(log):
        body = bytes(row[6])
        leaves.append(tree.leaf_hash(body))
        order.check(row, body, findings)
        if len(leaves) == CHUNK:
            _compare_tiles(growth.add(leaves), stored, findings)
            leaves.clear()
    _compare_tiles([*growth.add(leaves), *growth.finish()], stored, findings)
    for level, number in sorted(stored):
        findings.append(Problem(f"tile {level}/{number}", "tile-unknown", "covers no event"))
    if head(log.connection).recorded_at != order.recorded_at:
        findings.append(Problem("head", "head-differs", "its time is not that of the last event"))
    return order.next, growth.root().hex(), findings


def _bodies(log: Log) -> Iterator[tuple[Any, ...]]:
    """The rows of all events, also of those beyond what the head says; straight from the driver."""
    cursor = log.connection.connection.cursor()
    cursor.execute(
        "SELECT position, id, stream, version, type, batch, CAST(body AS BLOB) FROM events "
        "ORDER BY position"
    )
    while rows := cursor.fetchmany(1000):
        yield from rows


class _Order:
    """What must hold from one event to the next."""

    def __init__(self) -> None:
        self.next = 0
        self.recorded_at = ""

    def check(self, row: tuple[Any, ...], body: bytes, findings: list[Problem]) -> None:
        position = row[0]
        where = f"position {position}"
        if position != self.next:
            message = f"expected position {self.next}: events are missing or were moved"
            findings.append(Problem(where, "gap", message))
        self.next = position + 1
        try:
            said = _envelopes.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            findings.append(Problem(where, "not-an-event", f"its bytes are no event: {error}"))
            return
        columns = (said.position, said.id, said.stream, said.version, said.type, said.batch)
        if columns != row[:6]:
            findings.append(
                Problem(where, "columns-differ", "its columns are not what its bytes say")
            )
        if said.recorded_at < self.recorded_at:
            findings.append(Problem(where, "time-goes-back", "recorded before the event before it"))
        self.recorded_at = said.recorded_at


def _stored_tiles(connection: Connection) -> dict[tuple[int, int], bytes]:
    rows = connection.execute(
        text("SELECT level, number, CAST(hashes AS BLOB) AS hashes FROM tiles")
    )
    return {(row.level, row.number): bytes(row.hashes) for row in rows}


def _compare_tiles(
    made: list[tree.Tile], stored: dict[tuple[int, int], bytes], findings: list[Problem]
) -> None:
    """Compare tiles with the stored ones: of events, to the position that differs."""
    for tile in made:
        kept = stored.pop((tile.level, tile.index), b"")
        if kept == tile.hashes:
            continue
        if tile.level:
            where = f"tile {tile.level}/{tile.index}"
            findings.append(Problem(where, "tile-differs", "is not the hash of the tiles below it"))
        for place in range(0, max(len(kept), len(tile.hashes)), 32) if not tile.level else ():
            one, other = kept[place : place + 32], tile.hashes[place : place + 32]
            if one != other:
                findings.append(
                    Problem(
                        f"position {tile.index * 256 + place // 32}",
                        "bytes-changed",
                        f"its bytes hash to {other.hex() or 'nothing'}, "
                        f"the tree holds {one.hex() or 'nothing'}",
                    )
                )
