"""Random histories: sequences of drafts over a few invented incidents, sources and batches.

A history is a list of steps, each a few small numbers. A step becomes drafts in the light of
what stands when its turn comes, so that most of what it says is possible; what the ledger
refuses is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import msgspec
from hypothesis import strategies as st
from sqlalchemy import Connection

from ledger import counts as counting
from ledger.app import Ledger
from ledger.errors import RefusedError
from ledger.events import Draft
from ledger.events import payloads as said
from ledger.events.faults import faults
from ledger.places import Place
from ledger.projections.incidents import claims_of
from ledger.sources import Citation
from ledger.store.log import AnyEvent
from tests.invented import (
    GAZETTE,
    attribution,
    incident,
    link,
    merge,
    note,
    person,
    retract,
    revise,
    revise_source,
    source,
    tally,
    total,
)

T = TypeVar("T")

KEYS = ("ambush", "raid", "siege")
DAYS = ("2024-01-02", "2024-01-05", "2024-01-09", "")
SOURCES = (GAZETTE, "paper-1", "paper-2", "paper-3")
CLAIMANTS = ("Invented Ministry", "Invented Army")
LINES = (
    "killed",
    "killed[nationality=US]",
    "killed[nationality=GB]",
    "killed[cause=pending]",
    "killed[cause=hostile]",
    "killed[nationality=US,role=military]",
    "killed[nationality=US,role=police]",
    "injured",
    "injured[nationality=US]",
)
COUNTS = ("?", "0", "2", "5", "3+", "~4", "1-6", "2/3/9", "<=7")
DATES = ("2024-01-01", "2024-01-02", "2024-01", "2023-12/2024-01-04")
KINDS = ("error", "withdrawn")
RELATIONS: tuple[said.Relation, ...] = ("part-of", "duplicate-of", "followed-by", "part-of")


class Step(NamedTuple):
    """What a step does, and the numbers from which it chooses."""

    name: str
    a: int
    b: int
    c: int


class Known(NamedTuple):
    """What has been appended so far."""

    events: list[AnyEvent]

    def positions(self, *kinds: str) -> list[AnyEvent]:
        """The events of some types, or all."""
        return [event for event in self.events if not kinds or event.type in kinds] or self.events


def start() -> list[Draft]:
    """The sources that every history has."""
    return [source(key, day) for key, day in zip(SOURCES, DAYS, strict=True)]


def play(
    ledger: Ledger, steps: Sequence[Step], after: Callable[[Connection], object] = lambda _: None
) -> int:
    """Append what the steps say, each by itself; gives how many were not refused.

    All of it is one transaction with a savepoint for each step: it is much faster so.
    """
    accepted = 0
    with ledger.database.writing() as connection:
        known = Known([*ledger._append(connection, start())])
        for number, step in enumerate(steps):
            drafts = MOVES[step.name](known, step, number)
            try:
                with connection.begin_nested():
                    appended = append(ledger, connection, drafts)
            except RefusedError:
                continue
            known.events.extend(appended)
            accepted += 1
            after(connection)
    return accepted


def append(ledger: Ledger, connection: Connection, drafts: Sequence[Draft]) -> list[AnyEvent]:
    """Append drafts within a transaction, with the checks of `Ledger.append`."""
    if found := [fault for draft in drafts for fault in faults(draft)]:
        raise RefusedError(found)
    return ledger._append(connection, drafts)


def histories(*names: str, least: int = 0, most: int = 14) -> st.SearchStrategy[list[Step]]:
    """Steps of some kinds (none: of all), after three that record the incidents."""
    small = st.integers(0, 11)
    step = st.builds(Step, st.sampled_from(names or tuple(MOVES)), small, small, small)
    records = [Step("record", number, number, 2 * number) for number in range(len(KEYS))]
    return st.lists(step, min_size=least, max_size=most).map(lambda some: [*records, *some])


def reported(step: Step, line: str = "") -> Draft:
    """A report on an incident, of one or two lines."""
    chosen = dict.fromkeys((line or pick(LINES, step.b), *([pick(LINES, step.c)] * (step.a % 2))))
    claims = tuple(
        said.Claimed(
            line=text,
            count=counting.parse(pick(COUNTS, step.c + number)),
            as_of=pick(("", "", "", "2024-01-03"), step.b),
        )
        for number, text in enumerate(chosen)
    )
    data = said.CountsReported(claims=claims)
    return Draft(stream=f"incident/{pick(KEYS, step.a)}", data=data, citations=(cited(step),))


def cited(step: Step) -> Citation:
    """A citation of one of the sources, by one of the claimants, now and then of low grade."""
    return Citation(
        source=pick(SOURCES, step.b + step.c),
        claimant=pick(CLAIMANTS, step.c),
        grade=pick((2, 2, 1, 4), step.a),
    )


def pick(some: Sequence[T], number: int) -> T:
    """One of some, by a number of any size."""
    return some[number % len(some)]


def _record(_known: Known, step: Step, _number: int) -> list[Draft]:
    claims = [f"{pick(LINES, step.c)} {pick(COUNTS, step.b)}"] if step.c else []
    draft = incident(
        pick(KEYS, step.a),
        *claims,
        date=pick(DATES, step.b),
        of=pick(SOURCES, step.c),
        status=pick(("confirmed", "confirmed", "discounted"), step.b),
        labels={"wave": str(step.b % 2)},
    )
    assert isinstance(draft.data, said.IncidentRecorded)
    place = Place(name="Invented Town", country=pick(("IQ", "", "SY"), step.a))
    data = msgspec.structs.replace(draft.data, title="An invented clash", place=place)
    return [msgspec.structs.replace(draft, data=data)]


def _counts(_known: Known, step: Step, _number: int) -> list[Draft]:
    return [reported(step)]


def _person(known: Known, step: Step, _number: int) -> list[Draft]:
    event = pick(known.positions("counts.reported", "incident.recorded"), step.a)
    claims = claims_of(event)
    line = pick(claims, step.b).line if claims else "killed"
    return [person(event.stream.partition("/")[2], line)]


def _attribution(_known: Known, step: Step, _number: int) -> list[Draft]:
    return [attribution(pick(KEYS, step.a), f"Brigade {step.b % 3}", pick(SOURCES, step.c))]


def _link(_known: Known, step: Step, _number: int) -> list[Draft]:
    relation = pick(RELATIONS, step.a + step.b + step.c)
    return [link(pick(KEYS, step.a), pick(KEYS, step.b), relation, pick(SOURCES, step.c))]


def _merge(_known: Known, step: Step, _number: int) -> list[Draft]:
    return [merge(pick(KEYS, step.a), pick(KEYS, step.b))]


def _retract(known: Known, step: Step, _number: int) -> list[Draft]:
    event = pick(known.positions()[len(SOURCES) :] or known.events, -1 - step.a)
    kind = KINDS[step.b % 2]
    return [retract(event.stream, event.position, kind=kind, of=pick(SOURCES, step.c))]  # type: ignore[arg-type]


def _retract_line(known: Known, step: Step, _number: int) -> list[Draft]:
    event = pick(known.positions("counts.reported", "incident.recorded"), -1 - step.a)
    line = pick([claim.line for claim in claims_of(event)] or ["killed"], step.c)
    kind = KINDS[step.b % 2]
    return [retract(event.stream, event.position, line, kind=kind, of=pick(SOURCES, step.c))]  # type: ignore[arg-type]


def _retract_source(known: Known, step: Step, _number: int) -> list[Draft]:
    event = pick(known.positions("source.registered", "source.revised"), step.a)
    return [retract(event.stream, event.position)]


def _revise(_known: Known, step: Step, _number: int) -> list[Draft]:
    changes: dict[str, object] = pick(
        (
            {"date": pick(DATES, step.b)},
            {"status": pick(("confirmed", "discounted"), step.b)},
            {"labels": {"wave": pick(("", "2"), step.b)}},
        ),
        step.c,
    )
    return [revise(pick(KEYS, step.a), **changes)]


def _reclassify(known: Known, step: Step, _number: int) -> list[Draft]:
    event = pick(known.positions("counts.reported", "incident.recorded"), -1 - step.a)
    old = pick([claim.line for claim in claims_of(event)] or ["killed"], step.b)
    new = pick([line for line in LINES if line.partition("[")[0] == old.partition("[")[0]], step.c)
    return [revise(event.stream.partition("/")[2], reclassify={old: new})]


def _revise_source(_known: Known, step: Step, _number: int) -> list[Draft]:
    day = pick(("2024-01-01", "2024-01-07", "2024-01-12"), step.b)
    changes = pick(({"published": day}, {"grade": "E"}, {"title": "Invented title"}), step.c)
    return [revise_source(pick(SOURCES, step.a), **changes)]


def _register(_known: Known, step: Step, _number: int) -> list[Draft]:
    return [source(pick(SOURCES, step.a), pick(DAYS, step.b))]


def _import(_known: Known, step: Step, number: int) -> list[Draft]:
    batch = f"drafts-{number}"
    drafts = [reported(step), reported(Step("", step.b, step.c, step.a))]
    brought = said.BatchImported(files=(), mapping="drafts", mapping_version=1, read=2, new=2)
    return [
        *(msgspec.structs.replace(draft, batch=batch) for draft in drafts),
        Draft(stream=f"batch/{batch}", data=brought, batch=batch),
    ]


def _undo(known: Known, step: Step, _number: int) -> list[Draft]:
    batches = [event.stream for event in known.events if event.type == "batch.imported"]
    kind = KINDS[step.b % 2]
    stream = pick(batches or ["batch/none"], step.a)
    return [retract(stream, None, kind=kind, of=pick(SOURCES, step.c))]  # type: ignore[arg-type]


def _redo(known: Known, step: Step, _number: int) -> list[Draft]:
    event = pick(known.positions("event.retracted"), -1 - step.a)
    return [retract(event.stream, event.position)]


def _tally(_known: Known, step: Step, _number: int) -> list[Draft]:
    return [tally(measure="killed", nationality=pick(("US", "GB"), step.a))]


def _total(_known: Known, step: Step, _number: int) -> list[Draft]:
    day = pick(("2023-12-31", "2024-01-01", "2024-01-03"), step.b)
    return [total(pick(COUNTS, step.a), day, opening=step.c % 2 == 0, of=pick(SOURCES, step.c))]


def _note(_known: Known, step: Step, _number: int) -> list[Draft]:
    return [note(f"incident/{pick(KEYS, step.a)}")]


MOVES: dict[str, Callable[[Known, Step, int], list[Draft]]] = {
    "record": _record,
    "counts": _counts,
    "person": _person,
    "attribution": _attribution,
    "link": _link,
    "merge": _merge,
    "retract": _retract,
    "retract line": _retract_line,
    "retract source": _retract_source,
    "revise": _revise,
    "reclassify": _reclassify,
    "revise source": _revise_source,
    "register": _register,
    "import": _import,
    "undo": _undo,
    "redo": _redo,
    "tally": _tally,
    "total": _total,
    "note": _note,
}
"""What a step may do, by name."""
