"""Check: what a steward should look at. Silent when all is well."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from ledger.audit import flags as odd
from ledger.counting import figures
from ledger.problems import Problem
from ledger.projections import state
from ledger.reports import published, tallies
from ledger.store.log import Log


def check(connection: Connection, log: Log, *, flags: bool = False) -> list[Problem]:
    """Published totals that differ, openings exceeded, unplaced lines, unfinished imports.

    With `flags` also data that was kept as it was reported, and is odd (`audit.flags`).
    """
    found = [
        *_totals(connection),
        *_openings(connection),
        *_unplaced(connection),
        *_unfinished(connection, log),
    ]
    return [*found, *odd.flags(connection, log)] if flags else found


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
