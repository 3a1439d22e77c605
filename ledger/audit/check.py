"""Check: what a steward should look at. Silent when all is well."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from sqlalchemy import Connection

from ledger.audit import flags as odd
from ledger.counting import figures
from ledger.counts import Count
from ledger.problems import Problem
from ledger.projections import state
from ledger.reports import published, tallies
from ledger.reports.published import Comparison
from ledger.store.log import Log


def check(
    connection: Connection, log: Log, *, flags: bool = False, every: bool = False
) -> list[Problem]:
    """Published totals that differ, openings exceeded, unplaced lines, unfinished imports.

    Of the totals that one claimant published of a tally, in the order of their dates, those on
    which the difference is another than on the one before; with `every`, all that differ. A
    total that agrees is never told: it ends the difference, and the next that differs is told
    again. Where either figure is unknown so is the difference, which counts as another than
    any number. With `flags` also data that was kept as it was reported, and is odd
    (`audit.flags`).
    """
    found = [
        *totals(connection, every=every),
        *_openings(connection),
        *_unplaced(connection),
        *_unfinished(connection, log),
    ]
    return [*found, *odd.flags(connection, log)] if flags else found


def of_tally(connection: Connection, tally: str, *, every: bool = False) -> list[Problem]:
    """Of one tally by key, published totals that differ, and whether its opening is exceeded."""
    return [*totals(connection, every=every, tally=tally), *_openings(connection, tally)]


def totals(
    connection: Connection,
    *,
    among: Container[int] | None = None,
    every: bool = False,
    tally: str = "",
) -> Iterator[Problem]:
    """Published totals that differ, of those at some positions (None: of all); see `check`.

    With `tally`, those of one tally alone.
    """
    series: dict[tuple[str, str], list[Comparison]] = {}
    for one in published.comparisons(connection, tally=tally):
        if one.status in {"equal", "differs"} and (among is None or one.total.position in among):
            of = one.total.tally, one.total.document.cited.claimant
            series.setdefault(of, []).append(one)
    for some in series.values():
        some.sort(key=lambda one: (tallies.last_day(one.total), one.total.position))
        yield from _differing(some, every=every)


def _differing(series: Iterable[Comparison], *, every: bool) -> Iterator[Problem]:
    """The totals of one claimant that differ: all, or those whose difference is a new one."""
    agreed: Comparison | None = None
    before: Comparison | None = None
    for one in series:
        if one.status == "equal":
            agreed = one
        elif every or before is None or _state(before) != _state(one):
            yield _differs(one, agreed)
        before = one


def _state(one: Comparison) -> tuple[str, int | None]:
    return one.status, one.difference


def _differs(one: Comparison, agreed: Comparison | None) -> Problem:
    document = one.total.document
    published_as = f"published {_count(document.count)} as of {document.as_of}"
    parts = [
        f"{document.cited.claimant} {published_as} (position {one.total.position})",
        f"the ledger computes {_computed(one)}",
    ]
    if one.difference is not None:
        parts.append(f"difference {one.difference:+,}")
    if document.tolerance:
        parts.append(f"tolerance {document.tolerance:,}")
    if agreed is None:
        parts.append("never agreed")
    else:
        last = agreed.total.document
        parts.append(f"last agreed {last.as_of}, at {_count(last.count)}")
    return Problem(
        f"tally {one.total.tally}",
        "total-differs",
        ", ".join(parts),
        f"see `ledger explain {one.total.tally} --as-of {tallies.last_day(one.total)}`",
    )


def _count(count: Count) -> str:
    """A count as a steward types it, one that is exact with its thousands apart."""
    text_of = str(count)
    return f"{count.best:,}" if text_of.isdecimal() else text_of


def _computed(one: Comparison) -> str:
    if one.computed is None or one.computed.best is None:
        return "no figure"
    return f"{'at least ' if one.computed.at_least else ''}{one.computed.best:,}"


def _openings(connection: Connection, only: str = "") -> Iterator[Problem]:
    """Opening totals that are less than the incidents inside them."""
    opened = {one.tally for one in state.totals(connection) if one.document.opening}
    for tally in state.tallies(connection):
        if tally.key not in opened or only not in ("", tally.key):
            continue
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
    for toll in state.tolls(connection, "NOT settled ORDER BY incident, measure"):
        document = toll.document
        for line in document.unplaced:
            yield Problem(
                f"incident {document.incident}",
                "unplaced",
                f"{line} came by a merge and is not counted: it may count persons twice",
                f"see `ledger show {document.incident}`",
            )


def _unfinished(connection: Connection, log: Log) -> Iterator[Problem]:
    """Imports whose last word was not appended."""
    for batch in state.unfinished(connection, log):
        message = "the import was not completed"
        hint = f"run the same import again, or take it back with `ledger retract --batch {batch}`"
        yield Problem(f"batch {batch}", "unfinished", message, hint)
