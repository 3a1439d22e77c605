"""Many processes on one ledger at once: writers, readers and an import, and what is wrong after."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple

from ledger.app import Ledger
from ledger.intake import imports
from ledger.intake.rowfiles import Asked
from ledger.projections import state
from ledger.store import log as store
from ledger.store.log import EventColumns, Log
from tests.children import SPAWN, Child, Pipe
from tests.faults import merkle
from tests.faults.tasks import opened
from tests.invented import source

PAUSE = 0.02
"""Seconds between two looks of a reader, where they cost little."""
STEP = 20
"""Rows of a transaction of the import beside them."""
_PATIENCE = 60


class Appended(NamedTuple):
    """What a writer was told: the ids of its events, by position."""

    writer: str
    ids: Mapping[int, str]


class Tailed(NamedTuple):
    """What a reader saw: each event once as it came, and what the log was at each look.

    Of a look: how many events the head says there are, its root, up to which position the tables
    say what the log says.
    """

    reader: str
    ids: Sequence[str]
    looks: Sequence[tuple[int, str, int]]


class Rules(NamedTuple):
    """What holds for all of a crowd: they begin together, and stop when nothing is left to do."""

    start: Barrier
    left: Synchronized[int]
    going: Synchronized[int]
    """How many still write: readers look once more when none does."""
    pause: float
    """Seconds between two looks of a reader."""


def rules(writers: int, readers: int, appends: int, pause: float = PAUSE) -> Rules:
    """Rules for so many writers and readers, the parent not among them."""
    start = SPAWN.Barrier(writers + readers)
    return Rules(start, SPAWN.Value("q", appends), SPAWN.Value("q", writers), pause)


@contextmanager
def one_of_those_who_write(rules: Rules) -> Iterator[None]:
    """Begin with the others; in the end there is one less who writes."""
    rules.start.wait(_PATIENCE)
    try:
        yield
    finally:
        with rules.going.get_lock():
            rules.going.value -= 1


def takes_one(left: Synchronized[int]) -> bool:
    """Take one of what is left to do; False if nothing is."""
    with left.get_lock():
        taken = left.value > 0
        left.value -= taken
    return taken


def stop(rules: Rules) -> None:
    """Leave nothing to do."""
    with rules.left.get_lock():
        rules.left.value = 0


def writing(pipe: Pipe, where: str, name: str, rules: Rules) -> None:
    """Append one event after the other while there is something left to append."""
    ledger, ids = opened(where, name), dict[int, str]()
    with one_of_those_who_write(rules):
        while takes_one(rules.left):
            (event,) = ledger.append([source(f"{name}-{len(ids)}")])
            ids[event.position] = event.id
    pipe.send(Appended(name, ids))


def importing(pipe: Pipe, where: str, file: Path, rules: Rules) -> None:
    """Import a file in transactions of a few rows."""
    imports.FEWEST = imports.MOST = STEP
    ledger = opened(where)
    with one_of_those_who_write(rules):
        done = ledger.import_rows([file], Asked("ucdp-ged"))
    pipe.send(done.counted.events)


def tailing(pipe: Pipe, where: str, name: str, rules: Rules) -> None:
    """Look at what has come after the last event seen, until nobody writes any more."""
    ledger, ids = opened(where), list[str]()
    looks: list[tuple[int, str, int]] = []
    rules.start.wait(_PATIENCE)
    last, come = -1, True
    while come:
        come = rules.going.value > 0
        with ledger.database.reading() as connection:
            head = store.head(connection)
            for row in Log(connection).rows(last + 1):
                ids.append(row.id)
                last = row.position
            looks.append((head.size, head.root, state.position(connection)))
        time.sleep(rules.pause if come else 0)
    pipe.send(Tailed(name, ids, looks))


def faults(ledger: Ledger, heard: Sequence[object]) -> Iterator[str]:
    """Everything that is wrong with what a crowd was told, beside the log as it is in the end."""
    with ledger.database.reading() as connection:
        log = list(Log(connection).rows())
    roots = list(merkle.roots(row.body.encode() for row in log))
    if [row.position for row in log] != list(range(len(log))):
        yield "positions have gaps"
    for one in heard:
        if isinstance(one, Appended):
            yield from _lost(one, log)
        elif isinstance(one, Tailed):
            yield from _missed(one, log)
            yield from _no_prefix(one, roots)


def order(log: Sequence[EventColumns], writers: Sequence[str]) -> list[str]:
    """The writers, in the order in which they appended."""
    names = set(writers)
    found = (row.stream.partition("/")[2].rpartition("-")[0] for row in log)
    return [name for name in found if name in names]


def waits(order: Sequence[str]) -> list[int]:
    """Of each append but the first of a writer: how many of the others came in between."""
    last: dict[str, int] = {}
    found = []
    for turn, name in enumerate(order):
        if name in last:
            found.append(turn - last[name] - 1)
        last[name] = turn
    return found


def run(children: Sequence[Child]) -> list[object]:
    """All that children tell; they must end well."""
    heard = [word for child in children for word in child.hear()]
    assert all(child.ended() for child in children)
    return heard


def _lost(said: Appended, log: Sequence[EventColumns]) -> Iterator[str]:
    """What a writer was told that is not so, and what is there that it was not told."""
    own = Counter(row.id for row in log if order([row], [said.writer]))
    for position, name in said.ids.items():
        if position >= len(log) or log[position].id != name or own[name] != 1:
            yield f"{said.writer}: the event told to be at {position} is not there once"
    if more := own.keys() - set(said.ids.values()):
        yield f"{said.writer}: {len(more)} events that it was not told of"


def _missed(said: Tailed, log: Sequence[EventColumns]) -> Iterator[str]:
    """What a reader did not see, or saw in another order."""
    if missed := len({row.id for row in log} - set(said.ids)):
        yield f"{said.reader}: missed {missed} of {len(log)} events"
    elif list(said.ids) != [row.id for row in log]:
        yield f"{said.reader}: saw events in another order"


def _no_prefix(said: Tailed, roots: Sequence[str]) -> Iterator[str]:
    """Looks that were not of a beginning of the log, or of tables that were not up to it."""
    for size, root, position in said.looks:
        if size >= len(roots) or (size, root) != (position, roots[size]):
            yield f"{said.reader}: read {size} events that are no beginning of the log"
    sizes = [size for size, _, _ in said.looks]
    if sizes != sorted(sizes):
        yield f"{said.reader}: the log shrank"
