"""Stewards, each a process: they append and import while their server is killed, and go on."""

from __future__ import annotations

from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import NamedTuple

from ledger.app import Ledger
from ledger.errors import ConnectionLostError, UnreachableError
from ledger.intake import imports
from ledger.intake.rowfiles import Asked
from tests.children import Pipe
from tests.intake.mutations import Rows, read, written
from tests.invented import source

STEP = 10
"""Rows of a transaction."""


class Told(NamedTuple):
    """An append that was acknowledged."""

    writer: str
    number: int
    position: int
    id: str


class Imported(NamedTuple):
    """A file whose import was acknowledged, and how often it had to be run."""

    file: Path
    runs: int


def appending(pipe: Pipe, where: str, name: str, done: Synchronized[int], enough: Event) -> None:
    """Append one source after the other, until it is enough.

    A server that does not answer at all is asked again: nothing was appended then.
    """
    ledger, number = Ledger(where, name), 0
    while not enough.is_set():
        try:
            (event,) = ledger.append([source(f"{name}-{number}")])
        except UnreachableError:
            continue
        pipe.send(Told(name, number, event.position, event.id))
        number += 1
        with done.get_lock():
            done.value += 1


def importing(pipe: Pipe, where: str, folder: Path, done: Synchronized[int], enough: Event) -> None:
    """Import one file after the other; one that was stopped is imported again."""
    imports.FEWEST = imports.MOST = STEP
    ledger, number, runs = Ledger(where, "Importer"), 0, 0
    while not enough.is_set() or runs:
        file = folder / f"ged241-{number}.csv"
        file.write_bytes(written("csv", rows(number, 6 * STEP)))
        runs += 1
        try:
            ledger.import_rows([file], Asked("ucdp-ged"))
        except (UnreachableError, ConnectionLostError):
            continue
        pipe.send(Imported(file, runs))
        number, runs = number + 1, 0
        with done.get_lock():
            done.value += 1


def rows(number: int, size: int) -> Rows:
    """Invented rows with ids, days and counts of their own."""
    header, *some = read(40)
    at = header.index
    made = [header]
    for place in range(size):
        row = list(some[place % len(some)])
        row[at("id")] = str(4_000_000 + number * size + place)
        row[at("date_start")] = row[at("date_end")] = f"20{10 + place % 14}-{1 + place % 12:02}-09"
        row[at("low")] = row[at("best")] = row[at("high")] = str(place % 17)
        made.append(row)
    return made
