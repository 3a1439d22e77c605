"""Check: what a steward should look at. Silent when all is well."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from ledger.counting import figures
from ledger.problems import Problem
from ledger.projections import state
from ledger.reports import published, tallies
from ledger.reports.question import PLAIN
from ledger.reports.selection import settle
from ledger.store.log import Log


def check(connection: Connection, log: Log, *, flags: bool = False) -> list[Problem]:
    """Published totals that differ, openings exceeded, unplaced lines, unfinished imports.

    With `flags` also data that was kept as it was reported, and is odd.
    """
    found = [
        *_totals(connection),
        *_openings(connection),
        *_unplaced(connection),
        *_unfinished(connection, log),
    ]
    return [*found, *_flags(connection)] if flags else found


def _totals(connection: Connection) -> Iterator[Problem]:
    for one in published.comparisons(connection):
        if one.status == "differs" and one.computed is not None:
            document = one.total.document
            yield Problem(
                f"tally {one.total.tally}",
                "total-differs",
                f"{document.cited.claimant} published {document.count} as of {document.as_of} "
                f"(position {one.total.position}), the ledger computes {one.computed.best}, "
                f"difference {one.difference:+}"
                if one.difference is not None
                else f"published {document.count} as of {document.as_of}, computed unknown",
                f"see `ledger explain {one.total.tally} --as-of {tallies.last_day(one.total)}`",
            )


def _openings(connection: Connection) -> Iterator[Problem]:
    """Opening totals that are less than the incidents inside them."""
    for tally in state.tallies(connection):
        run = tallies.run(connection, tally.key)
        inside = figures.add(step.figure for step in run.itemised)
        opening = run.opening.figure if run.opening else None
        if opening and opening.best is not None and (inside.best or 0) > opening.best:
            yield Problem(
                f"tally {tally.key}",
                "opening-exceeded",
                f"the incidents within its opening total come to {inside.best}, "
                f"the opening is {opening.best}",
                f"see `ledger explain {tally.key}`",
            )


def _unplaced(connection: Connection) -> Iterator[Problem]:
    for row in connection.execute(text("SELECT * FROM tolls WHERE NOT settled")):
        document = state.toll(row).document
        for line in document.unplaced:
            yield Problem(
                f"incident {document.incident}",
                "unplaced",
                f"{line} came by a merge and is not counted: it may count persons twice",
                f"see `ledger show {document.incident}`",
            )


def _unfinished(connection: Connection, log: Log) -> Iterator[Problem]:
    """Imports whose last word was not appended."""
    finished = set(connection.execute(text("SELECT id FROM batches WHERE position >= 0")).scalars())
    statement = text("SELECT DISTINCT batch FROM events WHERE batch <> '' AND position < :stop")
    for batch in log.connection.execute(statement, {"stop": log.stop}).scalars():
        if batch not in finished:
            message = "the import was not completed"
            yield Problem(f"batch {batch}", "unfinished", message, "run it again")


def _flags(connection: Connection) -> Iterator[Problem]:
    """Data that is kept as it was reported, and is odd."""
    for row in connection.execute(text("SELECT * FROM tolls")):
        toll = state.toll(row)
        for claim in toll.document.claims:
            known = [
                n for n in (claim.count.low, claim.count.best, claim.count.high) if n is not None
            ]
            if known != sorted(known):
                yield Problem(
                    f"position {claim.position}",
                    "inverted-range",
                    f"{claim.line} of {toll.document.incident} is {claim.count}",
                )
        settled = settle(toll, PLAIN)
        for line, key in figures.exceeded(settled.own, settled.structure):
            yield Problem(
                f"incident {toll.document.incident}",
                "parts-exceed-whole",
                f"{line} is less than its parts by {key}",
                f"see `ledger show {toll.document.incident}`",
            )
    yield from _counted_twice(connection)


def _counted_twice(connection: Connection) -> Iterator[Problem]:
    """A whole and a part of it that are both counted by one measure."""
    for link in state.links(connection):
        if link.relation != "part-of":
            continue
        ends = [state.incident(connection, key) for key in (link.origin, link.target)]
        measures = [
            {toll.measure for toll in state.tolls_of(connection, one.id)} if one else set()
            for one in ends
        ]
        for measure in sorted(measures[0] & measures[1]):
            yield Problem(
                f"position {link.position}",
                "counted-twice",
                f"{link.origin} is part of {link.target}, and both count {measure}",
            )
