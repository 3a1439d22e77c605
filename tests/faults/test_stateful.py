"""Whatever is done to a ledger, in whatever order: it is the list of what was acknowledged.

The model is a plain list of the events' bytes, with RFC 6962 roots made by hand, and the list of
the checkpoints that were signed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import cast

import msgspec
import pytest
from hypothesis import Phase, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ledger import codec
from ledger.app import Ledger
from ledger.errors import RefusedError, VersionConflictError
from ledger.events import Draft, Event
from ledger.events import payloads as said
from ledger.intake.rowfiles import Asked
from ledger.store import log as store
from ledger.store.log import AnyEvent, Log
from tests.audit.signing import LOG_KEY
from tests.children import Child, together
from tests.faults import deaths, merkle, tasks
from tests.faults.conftest import POSTGRESQL, SQLITE, Addresses
from tests.faults.numbers import FULL, number, seed
from tests.faults.tasks import opened
from tests.histories import MOVES, Known, Step, start
from tests.intake.mutations import written
from tests.invented import findings, totals

MOST_EXAMPLES, MOST_STEPS = {SQLITE: 2_000, POSTGRESQL: 200}, 50
EXAMPLES = {SQLITE: number(50, 2_000), POSTGRESQL: number(3, 200)}
"""Fewer on a server: each step takes several times as long there."""
STEPS = MOST_STEPS if FULL else 30
ADDED = ("record", "person", "attribution", "link", "tally", "total", "note", "register")
REVISED = ("revise", "reclassify", "revise source")
RETRACTED = ("retract", "retract line", "retract source", "undo", "redo")
SMALL = st.integers(0, 11)
STATEMENTS = st.integers(0, 60)
"""After which a process is killed: an append of one is some thirty."""


class OneLedger(RuleBasedStateMachine):
    """A ledger, and what it must be."""

    def __init__(self, addresses: Addresses, folder: Path, made: list[int]) -> None:
        super().__init__()
        self.addresses, self.folder, self.made = addresses, folder, made
        self.where = addresses()
        self.numbers = count(1)
        self.bodies: list[str] = []
        self.roots = list(merkle.roots([]))
        self.events: list[AnyEvent] = []
        self.notes: list[str] = []
        self.ledger = opened(self.where)
        self.ledger.create()
        self.acknowledged(self.ledger.append(start()))

    def acknowledged(self, events: Sequence[AnyEvent]) -> None:
        """Add to the model what the ledger said that it appended."""
        told = cast("Sequence[Event[said.Payload]]", events)
        self.stands(events, [body.decode() for body in codec.encode_all(told)])

    def stands(self, events: Sequence[AnyEvent], bodies: Sequence[str]) -> None:
        self.events += events
        self.bodies += bodies
        self.roots = list(merkle.roots(body.encode() for body in self.bodies))

    def drafts(self, name: str, a: int, b: int, c: int) -> list[Draft]:
        return MOVES[name](Known(self.events), Step(name, a, b, c), next(self.numbers))

    def append(self, name: str, a: int, b: int, c: int) -> None:
        try:
            events = self.ledger.append(self.drafts(name, a, b, c))
        except RefusedError:
            return
        self.acknowledged(events)

    @rule(name=st.sampled_from(ADDED), a=SMALL, b=SMALL, c=SMALL)
    def add(self, name: str, a: int, b: int, c: int) -> None:
        self.append(name, a, b, c)

    @rule(name=st.sampled_from(REVISED), a=SMALL, b=SMALL, c=SMALL)
    def revise(self, name: str, a: int, b: int, c: int) -> None:
        self.append(name, a, b, c)

    @rule(name=st.sampled_from(("counts", "import")), a=SMALL, b=SMALL, c=SMALL)
    def report(self, name: str, a: int, b: int, c: int) -> None:
        self.append(name, a, b, c)

    @rule(name=st.sampled_from(RETRACTED), a=SMALL, b=SMALL, c=SMALL)
    def retract(self, name: str, a: int, b: int, c: int) -> None:
        self.append(name, a, b, c)

    @rule(a=SMALL, b=SMALL)
    def merge(self, a: int, b: int) -> None:
        self.append("merge", a, b, 0)

    @rule(a=SMALL)
    def say_again(self, a: int) -> None:
        """A reply that got lost: the same with the same id is appended once."""
        event = self.events[a % len(self.events)]
        assert isinstance(event.data, said.Payload)
        again = Draft(
            stream=event.stream,
            data=event.data,
            citations=event.citations,
            batch=event.batch,
            id=event.id,
        )
        assert self.ledger.append([again]) == [event]

    @rule(a=SMALL)
    def expect_another_version(self, a: int) -> None:
        event = self.events[a % len(self.events)]
        old = msgspec.structs.replace(self.drafts("register", a, a, a)[0], stream=event.stream)
        with pytest.raises((VersionConflictError, RefusedError)):
            self.ledger.append([msgspec.structs.replace(old, expect=event.version - 1)])

    @rule(a=st.integers(0, 2), size=st.integers(1, 4))
    def import_rows(self, a: int, size: int) -> None:
        file = self.folder / "ged241-rows.csv"
        file.write_bytes(written("csv", tasks.rows(a, size, faulty=False)))
        done = self.ledger.import_rows([file], Asked("ucdp-ged"))
        new = self.stored()[len(self.bodies) :]
        assert len(new) == done.counted.events
        assert not new or isinstance(codec.decode(new[-1]).data, said.BatchImported)
        self.stands([codec.decode(body) for body in new], new)

    @rule()
    def checkpoint(self) -> None:
        signed = self.ledger.auditor.checkpoint(LOG_KEY)
        found = (signed.checkpoint.size, signed.checkpoint.root.hex())
        assert found == (len(self.bodies), self.roots[-1])
        self.notes.append(str(signed))

    @rule()
    def reopen(self) -> None:
        self.ledger = opened(self.where)
        (replayed,) = self.ledger.replay()
        told = {str(row[0]): tuple(row[1:]) for row in totals(self.ledger)}
        assert told == {measure: sums.cells() for measure, sums in replayed.totals.items()}

    @precondition(lambda self: len(self.bodies) > 10)
    @rule(
        names=st.lists(st.sampled_from((*ADDED, "counts", "import")), min_size=1, max_size=3),
        a=SMALL,
        b=SMALL,
        statements=STATEMENTS,
    )
    def crash(self, names: list[str], a: int, b: int, statements: int) -> None:
        """Appends in a process that is killed: whole sets in order, none that was told is lost."""
        sets = [self.identified(self.drafts(name, a, b, place)) for place, name in enumerate(names)]
        told = self.killed(deaths.appending, sets, statements)
        bodies = self.stored()
        assert bodies[: len(self.bodies)] == self.bodies
        there = [codec.decode(body) for body in bodies[len(self.bodies) :]]
        ids = {event.id for event in there}
        whole = [place for place, some in enumerate(sets) if {one.id for one in some} & ids]
        assert whole[: len(told)] == told
        assert len(whole) <= len(told) + 1
        assert [one.id for one in there] == [one.id for place in whole for one in sets[place]]
        self.stands(there, bodies[len(self.bodies) :])

    @precondition(lambda self: len(self.bodies) > 10)
    @rule(statements=STATEMENTS)
    def crash_at_a_checkpoint(self, statements: int) -> None:
        told = self.killed(deaths.signing, statements)
        kept = tasks.notes(self.ledger)
        assert kept[: len(self.notes)] == self.notes
        assert len(told) <= len(kept) - len(self.notes) <= 1
        self.notes = kept

    @precondition(lambda self: len(self.bodies) > 10)
    @rule(statements=st.integers(0, 200))
    def crash_in_a_rebuild(self, statements: int) -> None:
        before = tasks.tables(self.ledger)
        self.killed(deaths.rebuilding, statements)
        assert tasks.tables(self.ledger) == before

    @precondition(lambda self: len(self.bodies) > 10)
    @rule()
    def copy(self) -> None:
        """Make a copy, by way of a file where there is a server, and go on with it."""
        rows, before = tasks.tables(self.ledger), self.where
        for copied in self.addresses.there_and_back():
            Ledger(copied).copy_from(before)
            self.addresses.drop(before)
            assert tasks.tables(opened(copied)) == rows
            before = copied
        self.where, self.ledger = before, opened(before)

    @invariant()
    def is_the_list(self) -> None:
        with self.ledger.database.reading() as connection:
            head = store.head(connection)
            bodies = [row.body for row in Log(connection).rows()]
        assert bodies == self.bodies
        assert (head.size, head.root) == (len(self.bodies), self.roots[-1])

    def teardown(self) -> None:
        """Everything holds in the end, and what was signed is the beginning of it."""
        assert findings(self.ledger) == []
        assert tasks.notes(self.ledger) == self.notes
        rows = tasks.tables(self.ledger)
        self.ledger.rebuild()
        assert tasks.tables(self.ledger) == rows
        self.addresses.drop(self.where)
        self.made.append(len(self.bodies))

    def stored(self) -> list[str]:
        return list(self.ledger.export())

    def identified(self, drafts: Sequence[Draft]) -> list[Draft]:
        """Drafts with ids, by which they are told apart after a crash."""
        return [
            msgspec.structs.replace(one, id=f"00000000-0000-7000-8000-{next(self.numbers):012d}")
            for one in drafts
        ]

    def killed(self, run: Callable[..., object], *given: object) -> list[object]:
        """What a process told before it died."""
        child = Child(run, self.where, *given)
        with together(child):
            told = child.hear()
            assert child.killed()
        return told


def test_the_ledger_is_the_list_of_what_was_acknowledged(
    addresses: Addresses, quick: Path, record_property: Callable[[str, object], None]
) -> None:
    made: list[int] = []
    kind = addresses.kind
    examples = EXAMPLES[kind]

    @seeded(seed())
    def one() -> OneLedger:
        return OneLedger(addresses, quick, made)

    chosen = settings(
        max_examples=examples, stateful_step_count=STEPS, phases=(Phase.generate, Phase.shrink)
    )
    run_state_machine_as_test(one, settings=chosen)  # type: ignore[arg-type]
    told = f"histories of {STEPS} steps on {kind}, nothing lost"
    record_property(told, f"{examples} of {MOST_EXAMPLES[kind]}")
    assert len(made) >= examples
