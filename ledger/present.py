"""What a ledger says at one moment: every question that can be asked of it."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection

from ledger.catalogue import ANSWERS, BETWEEN, CHANGES, DIFF, REPORTS
from ledger.counting.figures import Figure
from ledger.errors import NotFoundError, QuestionError
from ledger.events import stream_of
from ledger.problems import Problem
from ledger.projections import state
from ledger.reports import explained, history, running, shown, tallies
from ledger.reports.definition import Asked, Start
from ledger.reports.narrative import Node
from ledger.reports.question import Question, ask
from ledger.reports.question import check as check_question
from ledger.reports.table import Table
from ledger.store import checkpoints
from ledger.store import log as store
from ledger.store.log import Log, is_position
from ledger.vocabulary import did_you_mean

if TYPE_CHECKING:
    from ledger.audit import bundling
    from ledger.reports.manifest import State
    from ledger.reports.request import Request


NOW = "now"
"""All events, where a state is to be named."""


class Present:
    """What a ledger says at one moment: `connection` to its projections, and its log."""

    def __init__(self, connection: Connection, log: Log) -> None:
        self.connection = connection
        self.log = log

    def answer(self, request: Request) -> Table:
        """What a request asks for: its report, by its question or its tally's, cut at its limit."""
        question, start = request.question(), self._start(request)
        if request.report == "running":
            found = self.running(request.tally, question)
        else:
            asked = Asked(self.connection, self.log, question, request.tally, start, request.listed)
            found = self._answer(request.report, asked)
        if request.limit is None:
            return found
        rows = islice(found.rows, request.limit)
        return Table(found.columns, rows, [*found.notes, f"no more than {request.limit} rows"])

    def made_of(self, request: Request) -> State:
        """What the answer to a request is made of."""
        from ledger.reports import manifest

        return manifest.state(self.connection, self.log, request)

    def settled(self, request: Request) -> Request:
        """The request with the state that its changes begin with as a number of events.

        By default that is what the last checkpoint before the present state covers; nothing, if
        there is none.
        """
        if request.report not in BETWEEN:
            return request
        return msgspec.structs.replace(request, start=str(self._start(request).events))

    def report(self, name: str, question: Question) -> Table:
        """A report by name; see `ledger.catalogue`. Raises NotFoundError, QuestionError."""
        return self._answer(name, Asked(self.connection, self.log, question))

    def running(self, tally: str, question: Question) -> Table:
        """A tally, incident by incident, with the sum so far."""
        return running.running(self.connection, tally, question)

    def figure(self, tally: str, as_of: str) -> Figure:
        """What a tally comes to as of a day."""
        return tallies.run(self.connection, tally, ask(as_of=as_of)).total

    def figure_of(self, measure: str, where: Mapping[str, Sequence[str]], as_of: str) -> Figure:
        """What the tally that asks a question comes to as of a day; else the question itself."""
        from ledger.reports import scopes

        asked = scopes.scope(measure, where)
        if key := scopes.asking(scopes.standing(self.connection), asked):
            return self.figure(key, as_of)
        texts = [f"{key}={value}" for key, values in where.items() for value in values]
        question = ask(measures=[measure], where=texts, as_of=as_of)
        check_question(question, self.connection)
        return tallies.asked(self.connection, question)

    def explain(self, tally: str, question: Question) -> list[Node]:
        """A figure down to its events: of a tally, or of a question if `tally` is ""."""
        if tally:
            return explained.explain_tally(self.connection, tally, question)
        check_question(question, self.connection)
        return explained.explain_question(self.connection, question)

    def explain_row(self, request: Request, number: int) -> list[Node]:
        """A row of a report down to its events; rows are counted from 1."""
        question = request.question()
        if request.report not in ("running", DIFF):
            question = tallies.narrowed(self.connection, request.tally, question)
        answer = self.answer(request)
        return explained.row(self.connection, self.log, request, question, answer, number)

    def show(self, name: str, question: Question) -> list[Node]:
        """An incident by key, or an event by position."""
        if is_position(name):
            return explained.event(self.log, int(name))
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

    def _answer(self, name: str, asked: Asked) -> Table:
        if name not in ANSWERS:
            raise NotFoundError("report", name, did_you_mean(name, REPORTS))
        if name != DIFF:  # its tally may be of one state alone, and it looks in both
            narrowed = tallies.narrowed(self.connection, asked.tally, asked.question)
            asked = asked._replace(question=narrowed)
        check_question(asked.question, self.connection)
        return ANSWERS[name].answer(asked)

    def _start(self, request: Request) -> Start:
        """The state that a request's changes begin with; raises QuestionError for what has none."""
        if request.report not in BETWEEN:
            if request.start or request.start_known_by:
                raise QuestionError(f"{request.report} is of one state: --from is for {CHANGES}")
            return Start(0)
        known_by = request.question().known_by
        if request.start_known_by:
            if known_by is None:
                raise QuestionError("--from-known-by is where --known-by ends: give both")
            known_by = ask(known_by=request.start_known_by).known_by
        if request.start:
            whole = Log(self.log.connection)
            return Start(events_at(whole, request.start), known_by)
        return Start(self.log.stop if request.start_known_by else self._checkpointed(), known_by)

    def _checkpointed(self) -> int:
        """How many events the last checkpoint covers, of those that cover fewer than there are."""
        covering = (one.size for one in checkpoints.kept(self.log.connection))
        return max((size for size in covering if size < self.log.stop), default=0)

    def _counting(self, stream: str) -> Iterator[state.Incident]:
        """The incident that the claims of a stream count with."""
        found = state.incident(self.connection, stream.partition("/")[2])
        while found is not None and found.merged_into:
            found = state.incident(self.connection, found.merged_into)
        if found is not None:
            yield found

    def check(self, *, flags: bool = False, every: bool = False, tally: str = "") -> list[Problem]:
        """What a steward should look at; nothing when all is well. See `audit.check`.

        With `tally` what concerns that tally alone. Raises NotFoundError.
        """
        from ledger.audit import check

        if tally:
            return check.of_tally(self.connection, self.tally(tally).key, every=every)
        return check.check(self.connection, self.log, flags=flags, every=every)

    def check_totals(
        self, among: Container[int], *, every: bool = False, tally: str = ""
    ) -> list[Problem]:
        """What published totals at some positions say that the ledger does not compute."""
        from ledger.audit import check

        key = self.tally(tally).key if tally else ""
        return list(check.totals(self.connection, among=among, every=every, tally=key))

    def bundle(
        self, path: Path, reports: Sequence[bundling.Asked], positions: Sequence[int]
    ) -> None:
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
    """How many events `--at` means, of a log: a state that a text names.

    A number of events, those recorded up to a time, those that the checkpoint in a file covers,
    or `now`: all. Raises QuestionError, and IntegrityError for a checkpoint of another history.
    """
    if at == NOW:
        return log.stop
    if is_position(at):
        if int(at) > log.stop:
            raise QuestionError(f"there is no position {at}: the log has {log.stop} events")
        return int(at)
    if (moment := _moment(at)) is not None:
        return log.until(store.timestamp(moment))
    if Path(at).is_file():
        from ledger.audit import sides

        return sides.covered(Path(at), log)
    raise QuestionError(
        f"--at {at!r} is neither a number of events nor a time such as 2020-03-12T08:00Z, "
        "nor the file of a checkpoint"
    )


def _moment(at: str) -> datetime | None:
    """The time that a text names, a day by its end; None if it names none."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    if len(at) == len("2020-03-12"):
        moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
