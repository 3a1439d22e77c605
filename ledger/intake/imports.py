"""Files of rows into the ledger: mapped, compared with what stands, appended in bounded steps.

A file is looked at as a whole before anything is appended: what is wrong with it rejects it.
Then its rows go by in chunks, each in a transaction of its own. What is wrong with a row rejects
the row. A run that is killed is continued by running it again: what was appended before is
recognised, and the batch ends as if it had never been stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing
from functools import partial
from operator import itemgetter
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, text

from ledger.errors import RefusedError
from ledger.events import Draft
from ledger.events.checks import Fault
from ledger.intake import gone
from ledger.intake.changes import Change, change, in_words
from ledger.intake.gone import Gone
from ledger.intake.mapper import Mapped, Mapper
from ledger.intake.marks import Marks, mark_of
from ledger.intake.readers import Misfit, Tabular
from ledger.intake.recorded import Ours, Recorded
from ledger.intake.rejects import Rejects
from ledger.intake.seen import Seen
from ledger.problems import Problem
from ledger.projections.rows import read_sources
from ledger.store import log as store
from ledger.store.database import Write

FEWEST, MOST = 250, 5_000
"""Rows of a transaction: from when on others write, and before. An append waits for one: some 20
and 200 ms. 10,000 are no faster and take 40 MB more."""
TOLD = 20
"""Problems of rows that are told one by one; the rejects file has them all."""

Append = Callable[[Connection, Sequence[Draft], Sequence[str]], object]
Alike = Callable[[Connection, Sequence[Mapped]], Mapping[str, str]]
"""Of new rows, those that may be incidents which stand: which one, by the row's key."""
Progress = Callable[[int, int], None]
"""Told how many rows were taken, and how many there are."""


class Counted(msgspec.Struct):
    """What became of the rows: those read are new, changed, unchanged, duplicates or rejected.

    `duplicates` are new, and possibly incidents that stand already under another name;
    `retracted` rows are not in the files any more. `events` were appended.
    """

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    duplicates: int = 0
    rejected: int = 0
    retracted: int = 0
    events: int = 0


class Opened(NamedTuple):
    """A file that is being imported: where it was named, and what turns its rows into drafts."""

    where: str
    table: Tabular
    mapper: Mapper
    rejects: Rejects


class Rejected(NamedTuple):
    """A row that cannot be taken, and why; `name` is "" where the row cannot tell it."""

    line: int
    name: str
    cells: list[str] | None
    raw: str
    problems: list[Problem]


class Row(NamedTuple):
    """A row that was mapped, with its cells for the rejects, and its mark."""

    mapped: Mapped
    cells: list[str]
    mark: int


class RowImport:
    """One import of some files by one mapping.

    `write` runs transactions, and `append` appends drafts in one; a refusal names each draft's
    place, which is the number of its row in the chunk. `alike` tells new rows that may be incidents
    which stand. `plan` says of the first rows that are changed or gone what becomes of them.
    """

    def __init__(  # noqa: PLR0913 - what an import needs of a ledger
        self,
        files: Sequence[Opened],
        ours: Ours,
        dataset: Draft | None,
        *,
        write: Write,
        append: Append,
        alike: Alike,
        marks: Marks,
        progress: Progress = lambda _done, _all: None,
    ) -> None:
        self.files = files
        self.ours = ours
        self.counted = Counted()
        self.problems: list[Problem] = []
        self.alike: list[Problem] = []
        self.plan: list[str] = []
        self._dataset = dataset
        self._write = write
        self._append = append
        self._find_alike = alike
        self.marks = marks
        self._progress = progress
        self._size = FEWEST
        self._left = -1
        self._alone = True
        self._all = sum(one.table.size for one in files)

    def run(self, *, complete: bool) -> None:
        """Take every row of every file; then, with `complete`, withdraw what they hold no more."""
        with closing(Seen()) as seen:
            for file in self.files:
                for chunk, rejected in self._chunks(file, seen):
                    refused = self._take(file, chunk, seen if complete else None)
                    self._reject(file, [*rejected, *refused])
                    self._progress(self.counted.read, self._all)
            if complete and not self.counted.rejected:
                self._withdraw(seen)
            elif complete:
                self.problems.append(_not_known(self.files[0].where))

    def finish(self, last_word: Draft | None) -> None:
        """Say that the import is complete, if there is something to say, and leave its marks."""

        def finished(connection: Connection) -> int:
            lacks = last_word is not None and not _is_complete(connection, self.ours.batch)
            if last_word is not None and lacks:
                self._append(connection, [last_word], [self.ours.batch])
            self.marks.save(connection)
            return int(lacks)

        self.counted.events += self._write(finished)

    def _chunks(self, file: Opened, seen: Seen) -> Iterator[tuple[list[Row], list[Rejected]]]:
        """The rows of a file, some at a time: those that were mapped, and those that cannot be."""
        rows: list[Row] = []
        rejected: list[Rejected] = []
        for number, one in enumerate(file.table.rows(), 1):
            self.counted.read += 1
            if isinstance(one, Misfit):
                rejected.append(Rejected(one.line, "", one.cells, one.raw, [one.problem]))
            elif self.marks.recognises(mark := mark_of(one.cells), one.line):
                self.counted.unchanged += 1
            else:
                made = file.mapper.row(one.line, one.cells)
                if isinstance(made, Mapped):
                    # Asked row by row: of rows of one name the first in the file is taken.
                    first = self.marks.first(made.name, one.line)
                    row = Row(made, one.cells, mark)
                    if first:
                        rejected.append(_again(row, file.where, f"{file.where}:{first}"))
                    else:
                        rows.append(row)
                elif not any(one.cells):
                    self.counted.read -= 1  # a row of empty cells is a blank line of a spreadsheet
                else:
                    self.marks.first(made.name, one.line)
                    problems = [_problem(file.where, one.line, fault) for fault in made.faults]
                    rejected.append(Rejected(one.line, made.name, one.cells, "", problems))
            if number % self._size == 0:
                yield _once(file.where, rows, seen, rejected), rejected
                rows, rejected = [], []
        yield _once(file.where, rows, seen, rejected), rejected

    def _take(self, file: Opened, rows: list[Row], seen: Seen | None) -> list[Rejected]:
        """Append what some rows change; gives the rows that cannot be taken.

        Rules are looked at with the whole chunk: where rows break them, the chunk is tried again
        without those rows.
        """
        rejected: list[Rejected] = []
        while rows:
            try:
                changes, alike = self._try(rows)
            except RefusedError as error:
                faulty = _by_row(error, rows, file.where)
                rejected += faulty.values()
                rows = [row for number, row in enumerate(rows) if number not in faulty]
                continue
            self._count(file.where, rows, changes, alike, rejected)
            if seen is not None and file.mapper.shares:
                told = (one for row in rows for one in gone.statement_names(row.mapped, self.ours))
                seen.add([(name, "") for name in told])
            break
        return rejected

    def _try(self, rows: Sequence[Row]) -> tuple[list[Change], Mapping[str, str]]:
        """One transaction: what each row changes, and which new ones are like others."""

        def tried(connection: Connection) -> tuple[int, list[Change], Mapping[str, str], int]:
            self._alone &= self._left in (-1, store.head(connection).size)
            changes = self._plan(connection, [row.mapped for row in rows])
            new = [row.mapped for row, one in zip(rows, changes, strict=True) if one.fate == "new"]
            alike = self._find_alike(connection, new)
            drafts = [draft for one in changes for draft in one.drafts]
            places = [str(number) for number, one in enumerate(changes) for _ in one.drafts]
            events = self._put(connection, drafts, places)
            return store.head(connection).size, changes, alike, events

        self._left, changes, alike, events = self._write(tried)
        self.counted.events += events
        self._size = min(MOST, self._size * 2) if self._alone else FEWEST
        return changes, alike

    def _plan(self, connection: Connection, rows: Sequence[Mapped]) -> list[Change]:
        streams = [draft.stream for row in rows for draft in row.drafts]
        recorded = Recorded(connection, streams, self.ours)
        brought: set[str] = set()
        return [change(row, recorded, brought) for row in rows]

    def _put(self, connection: Connection, drafts: list[Draft], places: list[str]) -> int:
        """Append drafts in this batch, the dataset before them if it is not registered yet.

        Gives the number of events.
        """
        if not drafts:
            return 0
        if self._dataset is not None and not _stands(connection, self._dataset):
            drafts.insert(0, self._dataset)
            places.insert(0, self._dataset.stream)
        self.marks.step_aside(connection)
        self._append(connection, [self._of_batch(one) for one in drafts], places)
        return len(drafts)

    def _of_batch(self, draft: Draft) -> Draft:
        return draft if draft.batch else msgspec.structs.replace(draft, batch=self.ours.batch)

    def _count(
        self,
        where: str,
        rows: Sequence[Row],
        changes: Sequence[Change],
        alike: Mapping[str, str],
        rejected: list[Rejected],
    ) -> None:
        for row, one in zip(rows, changes, strict=True):
            mapped, place = row.mapped, f"{where}:{row.mapped.line}"
            if one.faults:
                problems = [_problem(where, mapped.line, fault) for fault in one.faults]
                rejected.append(Rejected(mapped.line, mapped.name, row.cells, "", problems))
            elif one.fate == "new" and mapped.key in alike:
                self.counted.duplicates += 1
                if len(self.alike) < TOLD:
                    self.alike.append(Problem(place, "possible-duplicate", alike[mapped.key]))
            else:
                setattr(self.counted, one.fate, getattr(self.counted, one.fate) + 1)
                if one.fate == "changed" and len(self.plan) < TOLD:
                    self.plan.append(f"{place}: {mapped.key} changed: {in_words(one.drafts)}")
            if not one.faults:
                self.marks.keep(row.mark, mapped.name)

    def _reject(self, file: Opened, rejected: Iterable[Rejected]) -> None:
        for one in sorted(rejected, key=lambda some: some.line):
            file.rejects.add(one.line, one.cells, one.raw, one.problems)
            self.counted.rejected += 1
            self.problems += one.problems if len(self.problems) < TOLD else ()

    def _withdraw(self, seen: Seen) -> None:
        """Take back what the mapping recorded before and the files hold no more."""
        mapper, name = self.files[0].mapper, self.files[0].table.name
        streams = self._write(lambda connection: gone.streams_of(connection, self.ours))
        own = {one for one in streams if mapper.owns and one.startswith("incident/")}
        self._withdraw_from(seen.unseen(sorted(own)), gone.incidents, f"no longer in {name}")
        shared = [one for one in streams if one not in own]
        single = partial(gone.single, unseen=seen.unseen)
        self._withdraw_from(shared, single, f"no longer in {name}")

    def _withdraw_from(self, streams: Sequence[str], find: gone.Find, reason: str) -> None:
        """Take back what is gone from streams; what others rest on stays, and is told."""
        kept: set[str] = set()
        while streams:
            some, rest = streams[:FEWEST], streams[FEWEST:]
            lost: list[Gone] = []
            look = partial(self._look, find, some, reason)
            try:
                events = self._write(partial(self._withdrawn, look, kept, lost))
            except RefusedError as error:
                kept |= self._stays(error, reason, {one.name for one in lost})
                continue
            self.counted.retracted += len(lost)
            self.plan += [f"{one.name}: {reason}" for one in lost[: TOLD - len(self.plan)]]
            self.counted.events += events
            streams = rest

    def _look(
        self, find: gone.Find, streams: Sequence[str], reason: str, connection: Connection
    ) -> Iterator[Gone]:
        """All that is gone from some streams."""
        recorded = Recorded(connection, streams, self.ours)
        return find(recorded, streams, self.files[0].mapper.cited, reason)

    def _withdrawn(
        self,
        look: Callable[[Connection], Iterator[Gone]],
        kept: AbstractSet[str],
        lost: list[Gone],
        connection: Connection,
    ) -> int:
        """Take back what is gone and not kept, and leave it in `lost`; the number of events."""
        lost[:] = [one for one in look(connection) if one.name not in kept]
        drafts = [draft for one in lost for draft in one.drafts]
        return self._put(connection, drafts, [one.name for one in lost for _ in one.drafts])

    def _stays(self, error: RefusedError, reason: str, names: AbstractSet[str]) -> set[str]:
        """The names of what cannot be taken back; raises a refusal that is of nothing here."""
        problems = [one for one in error.problems if isinstance(one, Problem)]
        refused = {one.where for one in problems} & names
        if not refused:
            raise error
        self.problems += [
            Problem(one.where, "gone-and-kept", f"{reason}, and stays: {one.message}", one.hint)
            for one in problems
        ]
        return refused


def _not_known(where: str) -> Problem:
    message = "rows were rejected, so it is not known which are gone: nothing is withdrawn"
    return Problem(where, "gone-not-known", message, "correct them in the whole file, and again")


def _is_complete(connection: Connection, batch: str) -> bool:
    """Whether a batch was completed, by a run of the same import at the same time."""
    statement = text("SELECT 1 FROM batches WHERE id = :batch AND position >= 0")
    return connection.execute(statement, {"batch": batch}).scalar() is not None


def _once(where: str, rows: list[Row], seen: Seen, rejected: list[Rejected]) -> list[Row]:
    """The rows whose names come for the first time; the others are rejected."""
    names: list[tuple[int, str, Row | None]] = [
        (row.mapped.line, row.mapped.name, row) for row in rows
    ]
    if rejected:
        names += [(one.line, one.name, None) for one in rejected if one.name]
        names.sort(key=itemgetter(0))
    again = seen.add([(name, f"{where}:{line}") for line, name, _ in names])
    twice = [(names[number][2], first) for number, first in again.items()]
    rejected += [_again(row, where, first) for row, first in twice if row is not None]
    return [row for number, (_, _, row) in enumerate(names) if row and number not in again]


def _again(row: Row, where: str, first: str) -> Rejected:
    """A row that comes a second time in the files."""
    message = f"row {row.mapped.key!r} is given twice, first at {first}"
    place = f"{where}:{row.mapped.line}"
    problem = Problem(place, "key-twice", message, "keep one of them")
    return Rejected(row.mapped.line, row.mapped.name, row.cells, "", [problem])


def _by_row(error: RefusedError, rows: Sequence[Row], where: str) -> dict[int, Rejected]:
    """The rows that a refusal is about, by number; raises it where it is about none."""
    found: dict[int, list[Problem]] = {}
    for one in error.problems:
        if isinstance(one, Problem) and one.where.isdecimal():
            place = f"{where}:{rows[int(one.where)].mapped.line}"
            problem = msgspec.structs.replace(one, where=place)
            found.setdefault(int(one.where), []).append(problem)
    if not found:
        raise error
    return {
        number: Rejected(
            rows[number].mapped.line, rows[number].mapped.name, rows[number].cells, "", problems
        )
        for number, problems in found.items()
    }


def _problem(where: str, line: int, fault: Fault) -> Problem:
    place = f"{where}:{line}:{fault.key}" if fault.key else f"{where}:{line}"
    return Problem(place, fault.code, fault.message, fault.hint)


def _stands(connection: Connection, source: Draft) -> bool:
    key = source.stream.partition("/")[2]
    return key in read_sources(connection, [key])
