"""Replay: the log folded in memory, without the tables, into totals by measure.

Most incidents are one event, and are added up as they are read. Those with more than one, and
those that take part in a merge, are projected afterwards, some at a time: memory stays flat.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import text

from ledger import codec
from ledger.counting import plans
from ledger.counting.figures import Figure
from ledger.counting.plans import BETWEEN, Plan
from ledger.counts import Count
from ledger.events import SCHEMAS, stream_of
from ledger.projections import incidents, registers
from ledger.projections.incidents import Stream
from ledger.projections.registers import Sources
from ledger.projections.standing import Taken
from ledger.reports import sums
from ledger.reports.selection import NOT_COUNTED
from ledger.reports.sums import Sum
from ledger.reports.table import COUNT, Cell, Table, number
from ledger.reports.table import text as text_column
from ledger.store.log import AnyEvent, Log

_SOME = 500
_LATER = "stream >= 'incident/' AND stream < 'incident0' AND version > 1"
"""The events of an incident after its first, by an index: few, where the log is long."""

COLUMNS = (
    number("position", "how many events, from the first, were folded", "events"),
    text_column("measure", "what is counted"),
    *COUNT,
    *sums.COLUMNS,
)


class _Claimed(msgspec.Struct, frozen=True, gc=False):
    """As much of a claim as its figure needs."""

    count: Count
    line: str


class _Recorded(msgspec.Struct, frozen=True, gc=False):
    """As much of a recorded incident as its figures need."""

    counts: tuple[_Claimed, ...] = ()
    status: str = "provisional"


class _Brief(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """As much of an event as totals need: about half the time of decoding it all.

    Fields stand as they do in its bytes, by name, and so are found at once.
    """

    batch: str = ""
    data: _Recorded
    schema: int
    stream: str


_RECORDED = "incident.recorded"
_SCHEMA = SCHEMAS[_RECORDED]
_briefs = msgspec.json.Decoder(_Brief)


class Replayed(NamedTuple):
    """What a log's events come to: totals by measure."""

    events: int
    totals: Mapping[str, Sum]


def table(states: Iterable[Replayed]) -> Table:
    """The totals of one or more states of the log."""
    rows: list[tuple[Cell, ...]] = [
        (state.events, measure, *total.cells())
        for state in states
        for measure, total in sorted(state.totals.items())
    ]
    return Table(COLUMNS, rows, [])


def replay(log: Log) -> Replayed:
    """Fold a log from its start in memory."""
    replayer = _Replayer(log)
    replayer.add_the_plain()
    replayer.project_the_rest()
    return Replayed(log.stop, replayer.totals)


class _Replayer:
    """One replay: the totals so far, and what is left for later."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.totals: dict[str, Sum] = {}
        self.undone = self._undone_batches()
        self.later = set(self._streams(_LATER))
        self.merges = self._merges() if self.later else {}
        self.later |= {stream_of("incident", key) for pair in self.merges.items() for key in pair}
        self.sources = Sources({})

    def add_the_plain(self) -> None:
        """Add up the incidents that are one event, and not part of a merge."""
        later, undone = self.later, self.undone
        for (body,) in self.log.bodies(_RECORDED):
            try:
                event = _briefs.decode(body)
            except msgspec.MsgspecError:
                later.add(codec.decode(body, _RECORDED).stream)
                continue
            data = event.data
            if event.stream in later or data.status == NOT_COUNTED:
                continue
            plan = plans.plan(BETWEEN.join([one.line for one in data.counts]))
            if plan is None or event.schema != _SCHEMA or event.batch in undone:
                later.add(event.stream)
            else:
                self._add_up(plan, [one.count for one in data.counts])

    def _add_up(self, plan: Plan, counts: Sequence[Count]) -> None:
        if not plan.as_claimed(counts):
            found = plan.figures(counts)
            for part in plan.parts:
                self._add(part.measure, [found[top] for top in part.tops])
            return
        for measure, _, _, tops in plan.parts:
            total = self._total(measure)
            total.incidents += 1
            for top in tops:
                total.add_count(counts[top])

    def project_the_rest(self) -> None:
        """Project the incidents that are more than one event."""
        names = sorted(self.later)
        for start in range(0, len(names), _SOME):
            for name, history in self.log.streams(names[start : start + _SOME]).items():
                key = name.partition("/")[2]
                if key not in self.merges:
                    self._project(key, history)

    def _project(self, key: str, history: Sequence[AnyEvent]) -> None:
        own = self._stream(key, history)
        head = incidents.header(own)
        if head is None or head.recorded.status == NOT_COUNTED:
            return
        members = [
            self._stream(other, self.log.stream(stream_of("incident", other)))
            for other in sorted(self.merges)
            if incidents.chain(other, self.merges)[-1] == key
        ]
        said = incidents.said_of([own, *members])
        for measure, (_, settled) in incidents.toll_documents(head, said).items():
            self._add(measure, [settled.figures[top] for top in settled.structure.tops])

    def _add(self, measure: str, counted: Sequence[Figure]) -> None:
        if counted:
            total = self._total(measure)
            total.incidents += 1
            for figure in counted:
                total.add(figure)

    def _total(self, measure: str) -> Sum:
        return self.totals.get(measure) or self.totals.setdefault(measure, Sum())

    def _stream(self, key: str, history: Sequence[AnyEvent]) -> Stream:
        self._look_up(history)
        return Stream(key, history, self.undone, self.sources.resolve)

    def _look_up(self, history: Sequence[AnyEvent]) -> None:
        cited = {citation.source for event in history for citation in event.citations}
        wanted = [stream_of("source", key) for key in cited if key not in self.sources]
        for name, some in self.log.streams(wanted).items():
            key = name.partition("/")[2]
            self.sources.put(key, registers.source(Stream.plain(key, some, self.undone)))

    def _undone_batches(self) -> dict[str, Taken]:
        names = self._streams("stream >= 'batch/' AND stream < 'batch0' AND version > 1")
        found = {}
        for name, history in self.log.streams(names).items():
            key = name.partition("/")[2]
            taken = registers.batch(Stream.plain(key, history, {})).taken
            if taken:
                found[key] = taken
        return found

    def _merges(self) -> dict[str, str]:
        found = {}
        for name in self._streams(f"{_LATER} AND type = 'incident.merged'"):
            key = name.partition("/")[2]
            head = incidents.header(Stream.plain(key, self.log.stream(name), self.undone))
            if head is not None and head.merged_into:
                found[key] = head.merged_into
        return found

    def _streams(self, condition: str) -> list[str]:
        statement = text(
            f"SELECT DISTINCT stream FROM events WHERE {condition} AND position < :stop"
        )
        return list(self.log.connection.execute(statement, {"stop": self.log.stop}).scalars())
