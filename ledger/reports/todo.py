"""The report `open`: what a steward still has to do, and the command that leads to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice

import msgspec
from sqlalchemy import Connection

from ledger.counting.claims import Claim
from ledger.counting.tolls import Settled
from ledger.projections import state
from ledger.projections.state import Toll
from ledger.reports import duplicates, published, tallies
from ledger.reports.cases import Case, cases, counted, counter, line_filter, of_one_report
from ledger.reports.footing import Footing, Footings, carriers
from ledger.reports.question import Question
from ledger.reports.selection import Selection, settle
from ledger.reports.table import Cell, Table
from ledger.reports.table import text as column
from ledger.reports.timeline import SUSPICION, ties
from ledger.store.log import Log

COLUMNS = (
    column(
        "what",
        "unfinished, differs, suspected duplicate, alike; then by incident unplaced, set aside "
        "only, unknown, vague; then single source",
    ),
    column("subject", "key of the incident or tally, or id of the batch"),
    column("line", "measure and attributes, where a line is meant"),
    column("why", "what is missing or odd"),
    column("see", "the command to type"),
)
MOST_ALIKE = 1000
"""Pairs of incidents that are told: who has more is better served by `ledger duplicates`."""
_Row = tuple[Cell, ...]


def todo(connection: Connection, log: Log, question: Question) -> Table:
    """What is open: the ledger's own affairs first, then lines, incident by incident.

    Imports and published totals are those of the whole ledger: they are told where the question
    asks for all incidents. Discounted incidents leave nothing to do.
    """
    rows = chain(
        unfinished(connection, log) if _of_all(question) else (),
        _differing(connection, question) if _of_all(question) else (),
        _suspected(connection, question),
        _alike(connection, question),
        _lines(connection, question),
        _single(connection, log, question),
    )
    return Table(COLUMNS, rows, [])


def unfinished(connection: Connection, log: Log) -> Iterator[_Row]:
    """Imports whose last word was not appended."""
    for batch in state.unfinished(connection, log):
        why = "the import was not completed: run it again, or take it back"
        yield "unfinished", batch, "", why, f"ledger retract --batch {batch}"


def _differing(connection: Connection, question: Question) -> Iterator[_Row]:
    """Published totals that are not what the ledger computes."""
    asked = msgspec.structs.replace(question, measures=(), by=())
    measures = {one.key: one.document.measure for one in state.tallies(connection)}
    asked_of = question.measures
    for one in published.comparisons(connection, asked):
        key, said = one.total.tally, one.total.document
        if one.status != "differs" or (asked_of and measures[key] not in asked_of):
            continue
        computed = None if one.computed is None else one.computed.best
        why = (
            f"{said.cited.claimant} published {said.count} as of {said.as_of}, the ledger computes "
            f"{'no figure' if computed is None else computed}"
        )
        see = f"ledger explain {key} --as-of {tallies.last_day(one.total)}{_days(question)}"
        yield "differs", key, "", why, see


def _suspected(connection: Connection, question: Question) -> Iterator[_Row]:
    """Incidents that may be one, as a steward has linked them."""
    among = _Among(connection, question)
    for one in ties(connection, question):
        if one.relation == SUSPICION and among.asked(one.origin, one.target):
            why = f"linked as duplicate-of {one.target}, and not merged"
            yield _pair("suspected duplicate", one.origin, one.target, why)


def _alike(connection: Connection, question: Question) -> Iterator[_Row]:
    """Incidents that may be one, as `ledger duplicates` finds them: some, if there are many."""
    among = _Among(connection, question)
    found = (
        one
        for one in duplicates.pairs(connection, question.clock)
        if not one.suspected and among.asked(one.later, one.earlier)
    )
    for one in islice(found, MOST_ALIKE):
        like = "; ".join(one.likeness.why)
        apart = "on one day" if one.likeness.days_apart == 0 else "a day apart"
        why = f"may be {one.earlier}: {one.likeness.score} % alike ({like}), {apart}"
        yield _pair("alike", one.later, one.earlier, why)
    if next(found, None) is not None:
        yield "alike", "", "", f"more than {MOST_ALIKE} pairs are alike", "ledger duplicates"


class _Among:
    """Tells whether the question asks for one of two incidents, and its days admit both."""

    def __init__(self, connection: Connection, question: Question) -> None:
        self._asked = Selection(connection, question)
        days = Question(as_of=question.as_of, known_by=question.known_by)
        self._admitted = Selection(connection, days)

    def asked(self, one: str, other: str) -> bool:
        """Whether it does for two incidents, by key."""
        clock, condition = self._asked.question.clock, "key IN (:one, :other)"
        both = [
            found
            for found in state.incidents(
                self._asked.connection, clock, condition, one=one, other=other
            )
            if self._admitted.admits_incident(found)
        ]
        return len(both) == 2 and any(map(self._asked.admits_incident, both))


def _pair(what: str, one: str, other: str, why: str) -> _Row:
    return what, one, "", why, f"ledger merge {one} {other} --reason WHY"


def _lines(connection: Connection, question: Question) -> Iterator[_Row]:
    """Lines that have no place, no figure, or none to rely on."""
    admits = line_filter(question)
    for case in cases(Selection(connection, question)):
        for toll in case.tolls:
            if _plain(toll, question):
                continue
            settled = settle(toll, question)
            for line in settled.unplaced:
                if admits(line):
                    why = "it came by a merge and is not counted: it may count persons twice"
                    yield _of_line("unplaced", case, line, why, question)
            for line in sorted(settled.figures):
                if admits(line) and carriers(settled, line) in ((line,), ()):
                    for what, why in _wanting(toll, settled, line):
                        yield _of_line(what, case, line, why, question)


def _plain(toll: Toll, question: Question) -> bool:
    """Whether each line has one claim, with a best, that nobody doubts: as in most datasets."""
    return (
        toll.settled
        and question.known_by is None
        and not toll.document.retracted
        and all(one.count.best is not None and not one.until for one in toll.document.claims)
        and not any(one.aside for one in toll.document.cited)
    )


def _wanting(toll: Toll, settled: Settled, line: str) -> Iterator[tuple[str, str]]:
    """What is wanting of a line whose figure is its own."""
    some, figure = settled.claims.get(line, ()), settled.figures[line]
    if some and all(toll.document.cited[one.cited].aside for one in some):
        yield "set aside only", f"no other claim stands: {_said(some, toll)}"
    if figure.best is None and not some:
        yield "unknown", "no claim on it stands"
    elif figure.best is None:
        most = "" if figure.high is None else f", at most {figure.high}"
        yield "unknown", f"nobody gives a number{most}"
    elif figure.at_least:
        yield "vague", f"no more is known than: at least {figure.best}"


def _single(connection: Connection, log: Log, question: Question) -> Iterator[_Row]:
    """Figures that the question counts and that rest on one source: as `coverage` counts them."""
    footings, count = Footings(connection, log), counter(question)
    for case in cases(Selection(connection, question)):
        for toll in case.tolls:
            if of_one_report(toll, question):
                why = _alone_on(toll.document.cited[0].source)
                for piece in count(toll).pieces:
                    if piece.figure.best is not None:
                        yield _of_line("single source", case, piece.line, why, question)
                continue
            settled = settle(toll, question)
            for piece in counted(settled, question).pieces:
                if piece.figure.best is None:
                    continue
                footing = footings.of(toll, settled, piece.line)
                if footing is not None and footing.single:
                    yield _of_line("single source", case, piece.line, _alone(footing), question)


def _alone_on(source: str) -> str:
    return f"rests on {source} alone"


def _alone(footing: Footing) -> str:
    if len(footing.sources) == 1:
        return _alone_on(footing.sources[0])
    return (
        f"rests on {', '.join(footing.sources)}: they pass on one report, or each says another part"
    )


def _said(some: Sequence[Claim], toll: Toll) -> str:
    """What claims say, by whom, and how they are graded."""
    cited = toll.document.cited
    return ", ".join(
        f"{one.count} by {by.claimant} (grade {by.source_grade}{by.item_grade})"
        for one in some
        for by in [cited[one.cited]]
    )


def _of_line(what: str, case: Case, line: str, why: str, question: Question) -> _Row:
    see = f"ledger show {case.incident.key}{_days(question)}"
    return what, case.incident.key, line, why, see


def _days(question: Question) -> str:
    """The options that ask a command for the same day and policy."""
    known = f" --known-by {question.known_by}" if question.known_by else ""
    return known + (f" --policy {question.policy}" if question.policy != "latest" else "")


def _of_all(question: Question) -> bool:
    return not question.where and question.since is None and question.until is None
