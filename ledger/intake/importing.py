"""One import of files of rows, from opening them to the word that it is complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.events import payloads as said
from ledger.intake import imports, rowfiles
from ledger.intake.duplicates import Known
from ledger.intake.imports import Append, Counted, Progress, RowImport, Writing, undone
from ledger.intake.mapper import Mapped
from ledger.intake.rowfiles import Asked, Ready
from ledger.problems import Problem
from ledger.projections import rows
from ledger.store import log as store
from ledger.store.database import Database
from ledger.store.log import Head


class Imported(NamedTuple):
    """What an import did: what became of the rows, and what is to be said of it.

    `batch` is "" where nothing was appended. `problems` are the first of rejected rows and all
    of rows that are gone and stay; `alike` are possible duplicates; `rejects` the files with all
    rejected rows. `stopped` says that nothing was done, since the import was strict.
    """

    counted: Counted
    batch: str
    head: Head
    problems: list[Problem]
    alike: list[Problem]
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
        trial = partial(undone, database.writing)
        if asked.dry_run or asked.strict:
            made = _import(ready, trial, append, asked, progress)
            stopped = asked.strict and made.counted.rejected > 0
            if asked.dry_run or stopped:
                return _finish(database, ready, made, dry=True, stopped=stopped)
        made = _import(ready, database.writing, append, asked, progress)
        return _finish(database, ready, made, dry=False, stopped=False)


def _import(
    ready: Ready, writing: Writing, append: Append, asked: Asked, progress: Progress
) -> RowImport:
    made = RowImport(
        ready.files,
        ready.ours,
        ready.dataset,
        writing=writing,
        append=append,
        alike=_alike(ready),
        progress=progress,
    )
    made.run(complete=asked.complete)
    return made


def _finish(
    database: Database, ready: Ready, made: RowImport, *, dry: bool, stopped: bool
) -> Imported:
    """Say that the import is complete, if it appended anything, and put the rejects in place."""
    appended = made.counted.events > 0 or ready.continues
    if appended and not dry:
        made.finish(ready.last_word(made.counted))
    with database.reading() as connection:
        head = store.head(connection)
    return Imported(
        made.counted,
        ready.ours.batch if appended else "",
        head,
        made.problems,
        made.alike,
        ready.notes,
        [file.rejects.path for file in ready.files if file.rejects.finish()],
        stopped,
    )


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
                recorded = isinstance(draft.data, said.IncidentRecorded)
                if recorded and (like := known.like(connection, draft.data, key)):
                    found[row.key] = f"may be {like[0]}, likeness {like[1]} of 100"
        return found

    return find
