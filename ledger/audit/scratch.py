"""Folds of whole logs: into a scratch database, or into the ledger's own tables anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from ledger.store.log import Log
from ledger.store.sqlite import scratch

_SOME = 2_000
"""Events of a fold: more are no faster, and take more memory."""


@contextmanager
def folded(log: Log) -> Iterator[Connection]:
    """A connection to projections that hold what the log's events say, and nothing after."""
    from sqlmodel import SQLModel

    import ledger.projections.tables
    import ledger.store.tables  # noqa: F401 - the two fill the metadata
    from ledger.projections import rows

    names = (*rows.TABLES, "projections")
    wanted = [SQLModel.metadata.tables[name] for name in names]
    engine = scratch()
    with engine.connect() as connection, connection.begin():
        SQLModel.metadata.create_all(connection, tables=wanted)
        fold_all(log, connection)
        yield connection
    engine.dispose()


def refold(connection: Connection) -> int:
    """Fold a log into its own tables, emptied before; gives the number of its events."""
    from ledger.projections import rows

    log = Log(connection)
    rows.clear(connection)
    fold_all(log, connection)
    return log.stop


def fold_all(log: Log, into: Connection) -> None:
    """Fold a log from its start, some events at a time: memory stays flat."""
    from ledger.projections import runner
    from ledger.projections.kept import Kept

    kept = Kept()
    for events in log.chunks(size=_SOME):
        runner.fold(Log(log.connection, events[-1].position + 1), into, events, kept)
        kept.trim(into)
    kept.write(into)
