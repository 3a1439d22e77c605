"""What a ledger says at one moment: every question that can be asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from ledger.counting.figures import Figure
from ledger.errors import NotFoundError, QuestionError
from ledger.events import stream_of
from ledger.problems import Problem
from ledger.projections import state
from ledger.reports import explained, history, narrative, running, shown, tallies
from ledger.reports.catalogue import REPORTS
from ledger.reports.narrative import Node
from ledger.reports.question import Question, ask
from ledger.reports.question import check as check_question
from ledger.reports.table import Table
from ledger.store import log as store
from ledger.store.log import Log, is_position
from ledger.vocabulary import did_you_mean

if TYPE_CHECKING:
    from ledger.audit.bundling import Asked
    from ledger.reports.manifest import State
    from ledger.reports.request import Request


class Present:
    """What a ledger says at one moment: `connection` to its projections, and its log."""

    def __init__(self, connection: Connection, log: Log) -> None:
        self.connection = connection
        self.log = log

    def answer(self, request: Request) -> Table:
        """What a request asks for: its report, by its question or its tally's, cut at its limit."""
        question = request.question()
        if request.report == "running":
            found = self.running(request.tally, question)
        else:
            question = tallies.narrowed(self.connection, request.tally, question)
            found = self.report(request.report, question)
        if request.limit is None:
            return found
        rows = islice(found.rows, request.limit)
        return Table(found.columns, rows, [*found.notes, f"no more than {request.limit} rows"])

    def made_of(self, request: Request) -> State:
        """What the answer to a request is made of."""
        from ledger.reports import manifest

        return manifest.state(self.connection, self.log, request)

    def report(self, name: str, question: Question) -> Table:
        """A report by name; see `reports.catalogue`. Raises NotFoundError, QuestionError."""
        if name not in REPORTS:
            raise NotFoundError("report", name, did_you_mean(name, REPORTS))
        check_question(question, self.connection)
        return REPORTS[name].answer(self.connection, self.log, question)

    def running(self, tally: str, question: Question) -> Table:
        """A tally, incident by incident, with the sum so far."""
        return running.running(self.connection, tally, question)

    def figure(self, tally: str, as_of: str) -> Figure:
        """What a tally comes to as of a day."""
        return tallies.run(self.connection, tally, ask(as_of=as_of)).total

    def explain(self, tally: str, question: Question) -> list[Node]:
        """A figure down to its events: of a tally, or of a question if `tally` is ""."""
        if tally:
            return explained.explain_tally(self.connection, tally, question)
        check_question(question, self.connection)
        return explained.explain_question(self.connection, question)

    def explain_row(self, request: Request, number: int) -> list[Node]:
        """A row of a report down to its events; rows are counted from 1."""
        question = request.question()
        if request.report != "running":
            question = tallies.narrowed(self.connection, request.tally, question)
        answer = self.answer(request)
        return explained.row(self.connection, self.log, request, question, answer, number)

    def show(self, name: str, question: Question) -> list[Node]:
        """An incident by key, or an event by position."""
        if is_position(name):
            position = int(name)
            for row in self.log.rows(position, position + 1):
                return narrative.event_nodes(self.log.at(position), row.body)
            raise NotFoundError("event at position", name, f"the log has {self.log.stop}")
        key = name.removeprefix("incident/")
        if state.incident(self.connection, key) is None:
            keys = [one.key for one in state.incidents(self.connection)]
            raise NotFoundError("incident", key, did_you_mean(key, keys) if keys else "")
        return shown.show(self.connection, self.log, key, question)

    def history(self, stream: str = "", start: int = 0) -> Table:
        """The events, or those of one stream, from a position on."""
        if not stream:
            return history.history(self.log.read(start))
        kind, slash, _ = stream.partition("/")
        name = stream if slash else stream_of("incident", kind)
        events = self.log.stream(name)
        if not events:
            raise NotFoundError("stream", name, "streams are incident/KEY, source/KEY, tally/KEY")
        return history.history(event for event in events if event.position >= start)

    def claims_at(self, position: int) -> list[state.StandingClaim]:
        """The claims of the event at a position that stand, on the lines where they stand now."""
        return [
            state.StandingClaim(claim, toll.document.cited[claim.cited])
            for incident in self._counting(self.log.at(position).stream)
            for toll in state.tolls_of(self.connection, incident.id)
            for claim in toll.document.claims
            if claim.position == position
        ]

    def _counting(self, stream: str) -> Iterator[state.Incident]:
        """The incident that the claims of a stream count with."""
        found = state.incident(self.connection, stream.partition("/")[2])
        while found is not None and found.merged_into:
            found = state.incident(self.connection, found.merged_into)
        if found is not None:
            yield found

    def check(self, *, flags: bool = False, every: bool = False) -> list[Problem]:
        """What a steward should look at; nothing when all is well. See `audit.check`."""
        from ledger.audit import check

        return check.check(self.connection, self.log, flags=flags, every=every)

    def check_totals(self, *, since: int, every: bool = False) -> list[Problem]:
        """What published totals from a position on say that the ledger does not compute."""
        from ledger.audit import check

        return list(check.totals(self.connection, since=since, every=every))

    def bundle(self, path: Path, reports: Sequence[Asked], positions: Sequence[int]) -> None:
        """Write all of it, with reports, for those who trust nobody; see `audit.bundling`."""
        from ledger.audit import bundling

        bundling.write(self.connection, path, reports, positions)

    def duplicates(self) -> Table:
        """The incidents that may be one, two a row; see `reports.likeness`."""
        from ledger.reports import duplicates

        return duplicates.duplicates(self.connection)

    def tally(self, key: str) -> state.Tally:
        """A tally by key; raises NotFoundError."""
        return tallies.tally(self.connection, key)


def events_at(log: Log, at: str) -> int:
    """How many events `--at` means: a number of them, or those recorded up to a time."""
    if is_position(at):
        if int(at) > log.stop:
            raise QuestionError(f"there is no position {at}: the log has {log.stop} events")
        return int(at)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise QuestionError(
            f"--at {at!r} is neither a number of events nor a time such as 2020-03-12T08:00Z"
        ) from error
    if len(at) == len("2020-03-12"):
        moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_999)
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return log.until(store.timestamp(zoned))
