"""One import of files of rows, from opening them to the word that it is complete."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.events import payloads as said
from ledger.intake import imports, rowfiles
from ledger.intake.duplicates import Known
from ledger.intake.imports import Append, Counted, Progress, RowImport
from ledger.intake.mapper import Mapped
from ledger.intake.rowfiles import Asked, Ready
from ledger.problems import Problem
from ledger.projections import rows
from ledger.store import log as store
from ledger.store.database import Answer, Database, Write
from ledger.store.log import Head


class Imported(NamedTuple):
    """What an import did: what became of the rows, and what is to be said of it.

    `batch` is "" and `counted.events` 0 where nothing was appended. `problems` are those of the
    first rejected rows, `told` in number, and of all rows that are gone and stay; `alike` are
    possible duplicates; `plan` says what becomes of the first rows that are changed or gone;
    `rejects` the files with all rejected rows. `stopped` says that nothing
    was done, since the import was strict.
    """

    counted: Counted
    batch: str
    head: Head
    problems: list[Problem]
    told: int
    alike: list[Problem]
    plan: list[str]
    notes: list[str]
    rejects: list[Path]
    stopped: bool


def run(
    database: Database,
    append: Append,
    paths: Sequence[Path],
    asked: Asked,
    progress: Progress,
) -> Imported:
    """Import files of rows; `append` appends drafts within a transaction of the database.

    Raises RefusedError with all problems of the files: then nothing was appended.
    """
    with ExitStack() as stack:
        with database.reading() as connection:
            taken = rows.undone_batches(connection)
            ready = rowfiles.ready(connection, taken, stack, paths, asked)
        for file in ready.files:
            stack.callback(file.rejects.drop)
        if asked.dry_run or asked.strict:
            with _trial(database) as write:
                made = _prepared(ready, write, append, progress)
                made.run(complete=asked.complete)
            stopped = asked.strict and made.counted.rejected > 0
            if asked.dry_run or stopped:
                return _finish(database, ready, made, dry=True, stopped=stopped)
        made = _prepared(ready, database.write, append, progress)
        with _halfway(made, ready):
            made.run(complete=asked.complete)
        return _finish(database, ready, made, dry=False, stopped=False)


class _UndoneError(Exception):
    """Undoes a transaction that was only to be tried."""


@contextmanager
def undone(writing: Callable[[], AbstractContextManager[Connection]]) -> Iterator[Connection]:
    """A transaction like those of `writing` that leaves nothing behind: for a dry run."""
    try:
        with writing() as connection:
            yield connection
            raise _UndoneError  # noqa: TRY301 - raised to undo the transaction
    except _UndoneError:
        return


@contextmanager
def _trial(database: Database) -> Iterator[Write]:
    """Runs steps of an import to be tried: each sees those before it, in the end all are undone.

    Others cannot write meanwhile: it is one transaction.
    """
    with undone(database.writing) as connection:

        def write(work: Callable[[Connection], Answer]) -> Answer:
            with connection.begin_nested():
                return work(connection)

        yield write


@contextmanager
def _halfway(made: RowImport, ready: Ready) -> Iterator[None]:
    """Note, on what stops an import between two transactions, what stands of it."""
    try:
        yield
    except BaseException as error:
        if made.counted.events or ready.continues:
            batch = ready.ours.batch
            error.add_note(
                f"what was appended of batch {batch} stays: run the same import again and it "
                f"continues, or take it back with `ledger retract --batch {batch}`"
            )
        raise


def _prepared(ready: Ready, write: Write, append: Append, progress: Progress) -> RowImport:
    return RowImport(
        ready.files,
        ready.ours,
        ready.dataset,
        write=write,
        append=append,
        alike=_alike(ready),
        marks=ready.marks.anew(),
        progress=progress,
    )


def _finish(
    database: Database, ready: Ready, made: RowImport, *, dry: bool, stopped: bool
) -> Imported:
    """Say that the import is complete, if it appended anything, and put the rejects in place."""
    appended = not dry and (made.counted.events > 0 or ready.continues)
    if appended or (not dry and made.marks.news):
        made.finish(ready.last_word(made.counted) if appended else None)
    if dry:
        made.counted.events = 0
    with database.reading() as connection:
        head = store.head(connection)
    return Imported(
        made.counted,
        ready.ours.batch if appended else "",
        head,
        made.problems,
        _told(made),
        made.alike,
        made.plan,
        ready.notes,
        [file.rejects.path for file in ready.files if file.rejects.finish()],
        stopped,
    )


def _told(made: RowImport) -> int:
    """Of how many rejected rows the problems are."""
    rows = {
        (file.where, one.where.removeprefix(f"{file.where}:").partition(":")[0])
        for file in made.files
        for one in made.problems
        if one.where.startswith(f"{file.where}:")
    }
    return len(rows)


def _alike(ready: Ready) -> imports.Alike:
    """What finds, of new rows, incidents of other origin that may be the same."""
    incident = ready.mapping.incident
    scheme = next(iter(incident.foreign_ids), "") if incident else ""
    if not scheme:
        return lambda _connection, _rows: {}
    known = Known(scheme)

    def find(connection: Connection, rows: Sequence[Mapped]) -> Mapping[str, str]:
        found = {}
        for row in rows:
            key = row.name.partition("/")[2]
            for draft in row.drafts:
                if not isinstance(draft.data, said.IncidentRecorded):
                    continue
                if like := known.like(connection, draft.data, key):
                    found[row.key] = f"may be {like[0]}, likeness {like[1]} of 100"
        return found

    return find
