"""The ledger: all that the command line and a notebook need.

    ledger = Ledger("ledger.db", steward="A. Steward")
    with ledger.asking() as present:
        table = present.report("totals", ask(measures=["killed"], by="country"))

What only some answers need is imported when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection

from ledger.counting.lines import parse as parse_line
from ledger.errors import LedgerError, NoStewardError, RefusedError
from ledger.events import Draft, stream_of
from ledger.events import payloads as said
from ledger.problems import Problem
from ledger.projections import state
from ledger.store import log as store
from ledger.store.database import at
from ledger.store.ids import uuid7s
from ledger.store.log import AnyEvent, Head, Log

if TYPE_CHECKING:
    from ledger.audit.auditor import Auditor
    from ledger.audit.diagnosis import Diagnosis
    from ledger.audit.replay import Replayed
    from ledger.audit.trust import Trust
    from ledger.audit.verify import Verified
    from ledger.events.checks import NewValues
    from ledger.intake.files import Value
    from ledger.intake.importing import Imported as ImportedRows
    from ledger.intake.plan import Imported
    from ledger.intake.rowfiles import Asked
    from ledger.present import Present
    from ledger.reports.table import Table

_COMMANDS = {"revision": "revise", "merge": "merge", "retraction": "retract"}
"""The commands that append a noun, where it is not `add`."""
_NOBODY = "nobody, it is a dry run"
_RANKS = {said.SourceRegistered: 0, said.TallyDefined: 1, said.IncidentRecorded: 2}
"""What others refer to is appended first, the rest in the order in which it is told."""
_LAST = len(_RANKS)
NO_NEW_VALUES: frozenset[tuple[str, str]] = frozenset()


class _DryRunError(Exception):
    """Undoes an import that was only to be tried."""

    def __init__(self, done: Imported) -> None:
        super().__init__()
        self.done = done


class Ledger:
    """One ledger: open it by path or URL, ask, append.

    `steward` is the name that appends are recorded by: it is public. `now` and `new_ids` are
    for tests that need the same bytes twice.
    """

    def __init__(
        self,
        where: str | Path,
        steward: str = "",
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        new_ids: Callable[[int], list[str]] = uuid7s,
    ) -> None:
        self.database = at(where)
        self.steward = steward
        self._now = now
        self._new_ids = new_ids

    # Making and keeping

    def create(self, *, roles: bool = False) -> None:
        """Make a new ledger, on PostgreSQL with roles if asked for (see `store.roles`).

        Raises LedgerExistsError if something is there.
        """
        from ledger.store import schema

        schema.create(self.database, roles=roles)

    def upgrade(self) -> None:
        """Bring the schema up to date, and the projections with it, all or nothing."""
        from ledger.audit import scratch
        from ledger.store import schema

        self.database.must_exist()
        with store.bulk_work():
            schema.upgrade(self.database, scratch.refold)

    def rebuild(self) -> int:
        """Fold the whole log into empty tables; gives the number of events."""
        from ledger.audit import scratch

        with store.bulk_work():
            return self.database.write(scratch.refold)

    def backup(self, target: Path) -> None:
        """A consistent copy of the database file, also while others write."""
        from ledger.store import files

        files.backup(self.database, target, self._fold)

    def copy_from(self, source: str | Path, trust: Trust | None = None) -> Head:
        """Make this ledger, which must be new, of a database, an export or a published log."""
        from ledger.audit import copying
        from ledger.audit.trust import NOBODY

        return copying.copy(str(source), self.database, self._fold, trust or NOBODY)

    def export(self) -> Iterator[str]:
        """The events as they are stored, one canonical JSON text each."""
        with self.database.reading() as connection:
            for row in Log(connection).rows():
                yield row.body

    # Appending

    def append(
        self,
        drafts: Sequence[Draft],
        places: Sequence[str] = (),
        *,
        new_values: NewValues = NO_NEW_VALUES,
    ) -> list[AnyEvent]:
        """Append drafts as one set, all or nothing; gives the event of each.

        Within the set, what others refer to is put first. `places` says where each was
        written, for messages. Raises RefusedError with all that is wrong,
        VersionConflictError, IdTakenError.
        """
        from ledger.events.faults import faults

        problems = [
            Problem(_place(places, number), one.code, f"{one.key}: {one.message}", one.hint)
            for number, draft in enumerate(drafts)
            for one in faults(draft, new_values)
        ]
        if problems:
            raise RefusedError(problems)
        with store.bulk_work():
            return self.database.write(lambda connection: self._append(connection, drafts, places))

    def add(
        self,
        noun: str,
        values: Mapping[str, Value],
        *,
        expect: int | None = None,
        new_values: NewValues = NO_NEW_VALUES,
    ) -> list[AnyEvent]:
        """Append one draft as a table writes it; nothing if the same stands already."""
        from ledger.intake import drafted, plan
        from ledger.intake.files import Table as DraftTable

        table = DraftTable(_COMMANDS.get(noun, f"add {noun}"), noun, values)

        def added(connection: Connection) -> list[AnyEvent]:
            found = plan.FileSet((), [table], [])
            made = drafted.planned(connection, found, new_values)
            if made.problems:
                raise RefusedError(made.problems)
            drafts = [msgspec.structs.replace(one.draft, expect=expect) for one in made.new]
            return self._append(connection, drafts, [one.where for one in made.new])

        return self.database.write(added)

    def import_drafts(
        self, paths: Iterable[Path], *, new_values: NewValues = NO_NEW_VALUES, dry_run: bool = False
    ) -> Imported:
        """Append all drafts of some files as one set, all or nothing.

        Drafts that stand already are left alone. Raises RefusedError with every problem of
        every file (exit code 1: findings).
        """
        from ledger.intake import drafted, plan

        found = plan.read(paths)
        append = partial(self._append, steward=_NOBODY if dry_run else "", exit_code=1)

        def imported(connection: Connection) -> Imported:
            done = drafted.import_set(connection, found, append, new_values)
            if dry_run:
                raise _DryRunError(done)
            return done

        try:
            with store.bulk_work():
                return self.database.write(imported)
        except _DryRunError as dry:
            return dry.done

    def import_rows(
        self,
        paths: Sequence[Path],
        asked: Asked,
        progress: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> ImportedRows:
        """Append what the rows of some files say by a mapping, in bounded transactions.

        Raises RefusedError with all problems of the files: then nothing was appended. What is
        wrong with a row rejects that row.
        """
        from ledger.intake import importing

        if not (asked.dry_run or self.steward or self.database.has_users):
            raise NoStewardError
        steward = _NOBODY if asked.dry_run else ""
        append = partial(self._append, steward=steward, exit_code=1)
        with store.bulk_work():
            return importing.run(self.database, append, paths, asked, progress)

    def revise_tally(self, key: str, changes: Mapping[str, Value]) -> list[AnyEvent]:
        """Define a tally anew, with the changed fields."""
        with self.asking() as present:
            found = present.tally(key).document
        values: dict[str, Value] = {**msgspec.to_builtins(found), **changes, "key": key}
        from ledger.intake import drafts
        from ledger.intake.files import Table as DraftTable

        draft, problems = drafts.build(DraftTable("revise tally", "tally", values), {})
        if problems or draft is None:
            raise RefusedError(problems)
        return self.append([draft], ["revise tally"])

    def correct(self, position: int, line: str, count: str, reason: str) -> list[AnyEvent]:
        """Take one claim back as our error and record it again with another count."""
        from ledger.intake import corrections

        with self.asking() as present:
            event, standing = present.log.at(position), present.claims_at(position)
        wanted = [one for one in standing if line in ("", one.line)]
        if len(wanted) != 1:
            held = ", ".join(one.line for one in standing) or "no claim that stands"
            raise LedgerError(f"position {position} holds {held}: name one as POSITION:LINE")
        drafts = corrections.correction(event.stream, wanted[0], count, reason)
        return self.append(
            drafts,
            ["correct"] * len(drafts),
            new_values=frozenset(parse_line(wanted[0].line).attributes),
        )

    def retract(  # noqa: PLR0913 - what is taken back, how, why, by whom
        self,
        position: int | None,
        line: str = "",
        batch: str = "",
        *,
        withdrawn: bool = False,
        reason: str = "",
        cited: Mapping[str, Value] = MappingProxyType({}),
        expect: int | None = None,
    ) -> list[AnyEvent]:
        """Take back an event, one line's claim of it, or a whole batch (`position` None)."""
        with self.asking() as present:
            of = stream_of("batch", batch) if position is None else present.log.at(position).stream
        values: dict[str, Value] = {"of": of, "reason": reason, **cited}
        values["kind"] = "withdrawn" if withdrawn else "error"
        if position is not None:
            values |= {"position": position, "line": line}
        return self.add("retraction", values, expect=expect)

    # Asking

    def diagnose(self) -> Diagnosis:
        """What is in force: settings, schema, triggers, library."""
        from ledger.audit import diagnosis

        return diagnosis.diagnose(self.database)

    @contextmanager
    def asking(self, at: str = "") -> Iterator[Present]:
        """The ledger as it is, or as it was: `at` is a number of events, or a time in UTC."""
        from ledger.audit import scratch
        from ledger.present import Present, events_at

        with self.database.reading() as connection:
            log = Log(connection)
            stop = events_at(log, at) if at else log.stop
            if stop == log.stop:
                state.must_hold(connection, log.stop)
                yield Present(connection, log)
                return
            log.stop = stop
            with scratch.folded(log) as folded:
                yield Present(folded, log)

    @property
    def auditor(self) -> Auditor:
        """What proves the history: checkpoints, proofs, verification, publication."""
        from ledger.audit.auditor import Auditor

        return Auditor(self.database, self._now)

    def verify(self) -> Verified:
        """Check the whole ledger against itself; see `audit.verify`."""
        return self.auditor.verify()

    def replay(self, at: Sequence[str] = ("",)) -> list[Replayed]:
        """Fold the log in memory, up to each of some positions ("": all of it)."""
        from ledger.audit import replay
        from ledger.present import events_at

        with self.database.reading() as connection, store.bulk_work():
            whole = Log(connection)
            stops = [events_at(whole, one) if one else whole.stop for one in at]
            return [replay.replay(Log(connection, stop)) for stop in stops]

    @contextmanager
    def movements(
        self, tally: str, start: str = "", stop: str = "", stream: str = ""
    ) -> Iterator[Table]:
        """The events that moved a tally, from a position up to another; see `audit.movements`."""
        from ledger.audit import movements
        from ledger.present import events_at

        with self.database.reading() as connection, store.bulk_work():
            log = Log(connection)
            first, end = (events_at(log, one) if one else None for one in (start, stop))
            yield movements.table(log, tally, first or 0, end, stream)

    def _append(
        self,
        connection: Connection,
        drafts: Sequence[Draft],
        places: Sequence[str] = (),
        steward: str = "",
        exit_code: int = 2,
    ) -> list[AnyEvent]:
        from ledger.codec import ProfileError
        from ledger.projections.rules import BreachError

        steward = steward or self.database.recorder(connection, self.steward)
        first = store.head(connection).size
        ranks = [_RANKS.get(type(draft.data), _LAST) for draft in drafts]
        order = sorted(range(len(drafts)), key=ranks.__getitem__)
        try:
            events = store.append(
                connection,
                [drafts[number] for number in order],
                steward,
                self._fold_checked,
                now=self._now(),
                new_ids=self._new_ids,
            )
        except ProfileError as error:
            where = _place(places, order[error.position - first])
            problem = Problem(where, "outside-profile", str(error))
            raise RefusedError([problem], exit_code) from error
        except BreachError as error:
            problems = [
                Problem(
                    _place(places, order[one.position - first]),
                    one.fault.code,
                    f"{one.fault.key}: {one.fault.message}",
                    one.fault.hint,
                )
                for one in error.breaches
            ]
            raise RefusedError(problems, exit_code) from error
        told = [*events]
        for number, event in zip(order, events, strict=True):
            told[number] = event
        return told

    @staticmethod
    def _fold_checked(connection: Connection, events: Sequence[AnyEvent]) -> None:
        from ledger.projections import rules, runner

        state.must_hold(connection, events[0].position)
        rules.check(connection, events, runner.fold(Log(connection), connection, events))

    @staticmethod
    def _fold(connection: Connection, events: Sequence[AnyEvent]) -> None:
        from ledger.projections import runner

        runner.fold(Log(connection), connection, events)


def _place(places: Sequence[str], number: int) -> str:
    return places[number] if 0 <= number < len(places) else f"event {number}"
