"""Tallies: the question that a tally names, its opening total, and the incidents after it."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from ledger import dates
from ledger.counting import figures
from ledger.counting.figures import NOT_KNOWN, Figure
from ledger.errors import NotFoundError
from ledger.projections import state
from ledger.projections.state import Incident, Tally, Total
from ledger.reports.question import PLAIN, Question
from ledger.reports.selection import Answer, Selection
from ledger.reports.sums import Sum
from ledger.vocabulary import did_you_mean


class Opening(NamedTuple):
    """The opening total in force; `total` is None where the clocks admit none there is."""

    day: str
    figure: Figure
    total: Total | None


class Step(NamedTuple):
    """An incident with a counted line, and what the question counts of it."""

    incident: Incident
    answer: Answer
    figure: Figure


class Run(NamedTuple):
    """A tally by its steps: the opening, what it itemises, what came after it."""

    tally: Tally
    question: Question
    opening: Opening | None
    itemised: list[Step]
    steps: list[Step]
    not_stated: Sum
    uncertain: int

    @property
    def total(self) -> Figure:
        """The opening and all steps after it."""
        before = [self.opening.figure] if self.opening else []
        return figures.add([*before, *(step.figure for step in self.steps)])


def tally(connection: Connection, key: str) -> Tally:
    """A tally by key; raises NotFoundError."""
    found = {one.key: one for one in state.tallies(connection)}
    if key not in found:
        raise NotFoundError("tally", key, did_you_mean(key, found) if found else "add one first")
    return found[key]


def question_of(named: Tally, question: Question) -> Question:
    """The tally's question, with the clocks, policy and further filter of another."""
    where = {key: frozenset(values) for key, values in named.document.where.items()}
    for key, values in question.where.items():
        where[key] = where[key] & values if key in where else values
    return msgspec.structs.replace(question, measures=(named.document.measure,), where=where)


def narrowed(connection: Connection, key: str, question: Question) -> Question:
    """The question of a tally, as `question_of` joins it; the question itself if `key` is ""."""
    return question_of(tally(connection, key), question) if key else question


def asked(connection: Connection, question: Question) -> Figure:
    """What a question comes to, without an opening total."""
    answers = Selection(connection, question).answers()
    return figures.add(piece.figure for answer in answers for piece in answer.counted.pieces)


def run(connection: Connection, key: str, question: Question = PLAIN) -> Run:
    """A tally step by step, incidents by first day, last day and position.

    Incidents whose first day is on or before the opening's are inside it: not added.
    """
    named = tally(connection, key)
    asked = question_of(named, question)
    selection = Selection(connection, asked)
    opening = _opening(connection, key, asked)
    not_stated, answers = Sum(), []
    for answer in selection.answers():
        if answer.counted.pieces:
            answers.append(answer)
        for piece in answer.counted.not_stated:
            not_stated.add(piece.figure)
    incidents = state.incidents_by_id(connection, (answer.incident for answer in answers))
    steps = [
        Step(
            incidents[answer.incident],
            answer,
            figures.add(piece.figure for piece in answer.counted.pieces),
        )
        for answer in answers
    ]
    steps.sort(key=lambda step: (step.incident.first_day, step.incident.last_day, step.incident.id))
    inside = opening.day if opening and opening.total else ""
    return Run(
        named,
        asked,
        opening,
        [step for step in steps if step.incident.first_day <= inside],
        [step for step in steps if step.incident.first_day > inside],
        not_stated,
        len([1 for step in steps if question.as_of and step.incident.last_day > question.as_of]),
    )


def _opening(connection: Connection, key: str, asked: Question) -> Opening | None:
    """The latest opening total that the clocks admit; an empty one where they admit none."""
    every = [one for one in state.totals(connection) if one.tally == key and one.document.opening]
    admitted = [
        one
        for one in state.totals(connection, asked.clock)
        if one.tally == key
        and one.document.opening
        and (asked.as_of is None or last_day(one) <= asked.as_of)
    ]
    if admitted:
        latest = max(admitted, key=lambda one: (last_day(one), one.position))
        return Opening(last_day(latest), figures.of(latest.document.count), latest)
    return Opening("", NOT_KNOWN, None) if every else None


def last_day(total: Total) -> str:
    """The last day that a published total is for."""
    return dates.parse(total.document.as_of).last or ""
