"""Spans: from one state of a ledger to a later one, and the events that lie between.

A span has two legs at most: the log grew from a number of events to another, and the day by
which things are known moved. Each leg says which incidents it may have changed, by which events,
and can be walked moment by moment where it takes a closer look.
"""

from __future__ import annotations

from ledger.audit.growth import Growth
from ledger.audit.publication import Publication
from ledger.audit.sides import Side
from ledger.errors import QuestionError

Leg = Growth | Publication


def legs(before: Side, after: Side) -> list[Leg]:
    """The legs from one state to a later one, each from where the last ended.

    Raises QuestionError if the second state is not the later one.
    """
    if before.log.stop > after.log.stop:
        raise QuestionError(
            f"the first state has {before.log.stop} events, the second {after.log.stop}: "
            "name the earlier one first"
        )
    found: list[Leg] = []
    between = after._replace(known_by=before.known_by)
    if before.log.stop < after.log.stop:
        found.append(Growth(before, between))
    if before.known_by is not None and after.known_by is not None:
        if before.known_by > after.known_by:
            raise QuestionError(
                f"{before.known_by} is later than {after.known_by}: name the earlier day first"
            )
        if before.known_by < after.known_by:
            found.append(Publication(between, after))
    return found
