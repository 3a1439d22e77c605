"""Writes the projections' rows, and reads back what a fold needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, text

from ledger import codec
from ledger.counting.figures import NOT_KNOWN, Figure, add
from ledger.counting.tolls import Settled
from ledger.projections import incidents
from ledger.projections.documents import SourceDocument, TollDocument, as_text
from ledger.projections.incidents import Header, Said, Stream
from ledger.projections.kept import Kept
from ledger.projections.registers import Batch, Source, Tally, Total
from ledger.projections.standing import Taken
from ledger.projections.sums import Whole
from ledger.store.driver import Values, insert, run_for_each
from ledger.store.log import Log

TABLES = (
    "facets",
    "incidents",
    "tolls",
    "sums",
    "people",
    "attributions",
    "links",
    "sources",
    "tallies",
    "totals",
    "batches",
)
"""Every table that a fold writes and a rebuild empties, the tracking row apart."""

_source_decoder = msgspec.json.Decoder(SourceDocument)


class IncidentWriter:
    """Gathers the rows of many incidents and writes them together.

    Incidents whose first event is older than position `before` may have rows already.
    """

    def __init__(self, into: Connection, before: int, kept: Kept) -> None:
        self.into = into
        self.before = before
        self.overlapping: dict[str, list[str]] = {}
        self._old: list[int] = []
        self._old_links: list[int] = []
        self._kept = kept
        self._incidents: list[tuple[Header, Said, str]] = []

    def add(
        self, stream: Stream, members: Iterable[Stream], made: tuple[Header, Said] | None
    ) -> None:
        """Take in an incident, with those that count with it; None takes its rows away."""
        self._old_links.extend(event.position for one in members for event in one.history)
        if stream.history and stream.history[0].position < self.before:
            self._old.extend(event.position for event in stream.history)
        if made is not None:
            head, said = made
            facet = codec.canonical(incidents.facet(head, said.attributions)).decode()
            self._incidents.append((head, said, facet))

    def write(self) -> None:
        """Replace the rows of all incidents that were taken in."""
        self._delete_old()
        facets = self._kept.facets
        self._kept.learn(self.into, {f: f for _, _, f in self._incidents if f not in facets})
        rows: dict[str, list[Values]] = {name: [] for name in TABLES}
        for head, said, facet in self._incidents:
            self._rows_of(head, said, facets[facet], rows)
        insert(self.into, "incidents", rows["incidents"])
        insert(self.into, "tolls", rows["tolls"])
        insert(self.into, "people", rows["people"])
        insert(self.into, "attributions", rows["attributions"])
        insert(self.into, "links", rows["links"])

    def _delete_old(self) -> None:
        """Delete what earlier folds wrote of these streams."""
        links: list[Values] = [(position,) for position in (*self._old, *self._old_links)]
        if not links:
            return
        run_for_each(self.into, "DELETE FROM links WHERE position = ?", links)
        if not self._old:
            return
        self._kept.sums.remove(self.into, self._old)
        positions: list[Values] = [(position,) for position in self._old]
        for statement in (
            "DELETE FROM incidents WHERE id = ?",
            "DELETE FROM tolls WHERE incident = ?",
            "DELETE FROM people WHERE incident = ?",
            "DELETE FROM attributions WHERE incident = ?",
        ):
            run_for_each(self.into, statement, positions)

    def _rows_of(
        self, head: Header, said: Said, facet: int, rows: Mapping[str, list[Values]]
    ) -> None:
        first, last = incidents.days(head.recorded.date)
        rows["incidents"].append(
            (
                head.position,
                head.key,
                first,
                last,
                facet,
                head.merged_into,
                min(said.known, default=""),
                head.until,
                as_text(incidents.document(head.recorded)),
            )
        )
        for measure, (document, settled) in incidents.toll_documents(head, said).items():
            counted = whole([settled.figures[text] for text in settled.structure.tops])
            end = _end_of_toll(document, settled)
            rows["tolls"].append((head.position, measure, facet, first, *counted, *end))
            self._kept.sums.add(facet, measure, first, counted)
            if document.unplaced and (mine := _own_overlap(head.key, document)):
                self.overlapping.setdefault(head.key, []).extend(mine)
        for person in said.people:
            body = codec.canonical(person.document).decode()
            known = person.document.cited.known
            rows["people"].append((person.position, head.position, known, person.until, body))
        for one in said.attributions:
            body = codec.canonical(one.document).decode()
            known = one.document.cited.known
            rows["attributions"].append(
                (one.position, one.item, head.position, known, one.until, body)
            )
        for link in said.links:
            rows["links"].append(
                (link.position, link.origin, link.relation, link.to, link.known, link.until)
            )


def whole(tops: Sequence[Figure]) -> Whole:
    """What a toll comes to, from the figures of its top lines."""
    if len(tops) == 1:
        one = tops[0]
        return one.low, one.best, one.high, 1, int(one.at_least), int(one.best is None)
    figure = add(tops) if tops else NOT_KNOWN
    return (
        figure.low,
        figure.best,
        figure.high,
        len(tops),
        len([one for one in tops if one.at_least]),
        len([one for one in tops if one.best is None]),
    )


def replace_sources(into: Connection, made: Mapping[str, Source | None]) -> None:
    """Replace the rows of sources; None takes one away."""
    _delete(into, "DELETE FROM sources WHERE key = ?", made)
    insert(
        into,
        "sources",
        [
            (
                one.key,
                one.position,
                one.grade,
                one.day,
                one.instant,
                one.known,
                codec.canonical(one.document).decode(),
            )
            for one in made.values()
            if one
        ],
    )


def replace_tallies(
    into: Connection, made: Mapping[str, Tally | None], totals: Iterable[Total]
) -> None:
    """Replace the rows of tallies and of their published totals."""
    _delete(into, "DELETE FROM tallies WHERE key = ?", made)
    _delete(into, "DELETE FROM totals WHERE tally = ?", made)
    insert(
        into,
        "tallies",
        [
            (one.key, one.position, codec.canonical(one.document).decode())
            for one in made.values()
            if one
        ],
    )
    insert(
        into,
        "totals",
        [
            (one.position, one.tally, one.known, one.until, codec.canonical(one.document).decode())
            for one in totals
        ],
    )


def replace_batches(into: Connection, made: Iterable[Batch]) -> None:
    """Replace the rows of batches."""
    some = list(made)
    _delete(into, "DELETE FROM batches WHERE id = ?", [one.key for one in some])
    insert(
        into,
        "batches",
        [
            (one.key, one.position, one.taken.kind, one.taken.by, one.taken.day)
            if one.taken
            else (one.key, one.position, "", -1, "")
            for one in some
        ],
    )


def read_sources(connection: Connection, keys: Iterable[str]) -> dict[str, Source]:
    """Those of the sources that stand, by key."""
    statement = (
        "SELECT key, position, grade, day, instant, known, document FROM sources WHERE key IN :keys"
    )
    return {
        row.key: Source(
            row.position,
            row.key,
            row.grade,
            row.day,
            row.instant,
            row.known,
            _source_decoder.decode(row.document),
        )
        for row in _pairs(connection, statement, keys)
    }


def undone_batches(connection: Connection) -> dict[str, Taken]:
    """The batches that were taken back."""
    rows = connection.execute(
        text("SELECT id, retraction, taken_by, until FROM batches WHERE retraction <> ''")
    )
    return {row.id: Taken(row.retraction, row.taken_by, row.until) for row in rows}


def citing(log: Log, sources: Sequence[str]) -> list[str]:
    """The streams whose events cite one of the sources: read from the log, rarely needed."""
    statement = text(
        "SELECT DISTINCT stream FROM events WHERE position < :stop AND body LIKE :mark"
    )
    found: list[str] = []
    for key in sources:
        mark = f'%"source":"{key}"%'  # `_` in a key may find too many, never too few
        found += log.connection.execute(statement, {"stop": log.stop, "mark": mark}).scalars()
    return found


def of_batches(log: Log, batches: Sequence[str]) -> list[str]:
    """The streams that events of the batches are in."""
    statement = text("SELECT DISTINCT stream FROM events WHERE position < :stop AND batch = :key")
    found: list[str] = []
    for key in batches:
        found += log.connection.execute(statement, {"stop": log.stop, "key": key}).scalars()
    return found


def track(into: Connection, name: str, version: int, position: int) -> None:
    """Note how far a projection has come."""
    into.execute(
        text(
            "INSERT INTO projections (name, version, position) VALUES (:name, :version, :position) "
            "ON CONFLICT (name) DO UPDATE SET "
            "version = excluded.version, position = excluded.position"
        ),
        {"name": name, "version": version, "position": position},
    )


def clear(connection: Connection) -> None:
    """Empty every table that a fold writes."""
    for name in (*TABLES, "projections"):
        connection.execute(text(f"DELETE FROM {name}"))


def _end_of_toll(document: TollDocument, settled: Settled) -> tuple[bool, str, str, str]:
    """The last columns of a toll: settled, first and last known, document."""
    days = [one.known for one in document.cited]
    days += [claim.until for claim in document.claims if claim.until]
    plainly = len(document.claims) == len(settled.claims) and not document.unplaced
    return plainly, min(days), max(days), as_text(document)


def _own_overlap(key: str, document: TollDocument) -> list[str]:
    """Unplaced lines that the incident's own claims brought, not a merge."""
    return [
        claim.line
        for claim in document.claims
        if claim.line in document.unplaced and document.cited[claim.cited].incident == key
    ]


def _delete(into: Connection, statement: str, keys: Iterable[str]) -> None:
    run_for_each(into, statement, [(key,) for key in keys])


def _pairs(connection: Connection, statement: str, keys: Iterable[str]) -> Iterator[Row[Any]]:
    """Rows of a statement with a list `keys`, asked for some at a time."""
    ready = text(statement).bindparams(bindparam("keys", expanding=True))
    wanted = sorted(keys)
    for start in range(0, len(wanted), 500):
        yield from connection.execute(ready, {"keys": wanted[start : start + 500]})
