"""A figure down to its events: of a tally, of a question, of a row of a report."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

import msgspec
from sqlalchemy import Connection

from ledger import dates
from ledger.counting import lines
from ledger.counting.questions import Counted, Piece
from ledger.errors import LedgerError, NotFoundError
from ledger.projections import state
from ledger.projections.state import Incident, Toll
from ledger.reports import narrative, shown, tallies
from ledger.reports.narrative import (
    Node,
    claim_nodes,
    figure_data,
    in_words,
    line_data,
    located,
    spoken,
)
from ledger.reports.question import Question
from ledger.reports.request import Request
from ledger.reports.selection import TOGETHER, Answer, Selection, settle
from ledger.reports.sums import Sum
from ledger.reports.table import Cell, Table
from ledger.reports.totals import Group, group_of, not_stated_note
from ledger.store.log import Log
from ledger.vocabulary import ATTRIBUTES


def explain_tally(connection: Connection, key: str, question: Question) -> list[Node]:
    """A tally's total: the opening with its source, and each incident's claims, to positions."""
    run = tallies.run(connection, key, question)
    children = []
    if run.opening is not None:
        children.append(_opening(run.opening))
    if run.itemised:
        inside = tuple(_step(connection, step, question) for step in run.itemised)
        best = sum(step.figure.best or 0 for step in run.itemised)
        children.append(Node(f"itemised within the opening total, not added: {best}", inside))
    children.extend(_step(connection, step, question) for step in run.steps)
    if run.not_stated.lines:
        children.append(Node(not_stated_note(run.not_stated)))
    text = f"{key}: {in_words(run.total)} ({run.tally.document.title})"
    return [Node(text, tuple(children), {"kind": "tally", "tally": key, **figure_data(run.total)})]


def explain_step(connection: Connection, key: str, question: Question, incident: str) -> list[Node]:
    """One step of a tally: its opening total if `incident` is "", else that incident."""
    run = tallies.run(connection, key, question)
    if not incident:
        return [_opening(run.opening)] if run.opening else []
    steps = [one for one in run.steps if one.incident.key == incident]
    return [_step(connection, one, question) for one in steps]


def explain_question(
    connection: Connection, question: Question, group: Group | None = None
) -> list[Node]:
    """The total of a question: each incident that is counted, down to its claims.

    With `group`, a row of the report of totals: what is counted there alone.
    """
    selection = Selection(connection, question)
    answers, left_out = list[Answer](), Sum()
    for answer in selection.answers():
        for piece in answer.counted.not_stated:
            left_out.add(piece.figure)
        mine = _in_group(selection, answer, group)
        if mine.counted.pieces:
            answers.append(mine)
    incidents = state.incidents_by_id(connection, (answer.incident for answer in answers))
    sums: dict[str, tuple[Sum, list[Node]]] = {}
    for answer in answers:
        total, nodes = sums.setdefault(answer.measure, (Sum(), []))
        incident, pieces = incidents[answer.incident], answer.counted.pieces
        for piece in pieces:
            total.add(piece.figure)
        nodes.append(_incident_node(connection, incident, answer.measure, pieces, question))
    found = [
        Node(
            f"{measure}: {in_words(total.figure)}",
            tuple(nodes),
            {"kind": "total", "measure": measure, **figure_data(total.figure)},
        )
        for measure, (total, nodes) in sorted(sums.items())
    ]
    return [*found, Node(not_stated_note(left_out))] if left_out.lines else found


def row(
    connection: Connection,
    log: Log,
    request: Request,
    question: Question,
    answer: Table,
    number: int,
) -> list[Node]:
    """Where a row of an answer comes from; `number` counts from 1, as rows below a header do.

    Raises NotFoundError for a row that is not there, LedgerError for one without an event.
    """
    cells = _cells(answer, number)
    if request.report in ("totals", "coverage"):
        group = tuple(str(cells[key]) for key in (*question.by, "measure"))
        return explain_question(connection, _narrowed(question, group), group)
    if request.report == "running":
        key = str(cells["incident"])
        return explain_step(connection, request.tally, question, key)
    if request.report == "published":
        as_of = msgspec.structs.replace(question, as_of=dates.parse(str(cells["as_of"])).last)
        return explain_tally(connection, str(cells["tally"]), as_of)
    if "positions" in cells:
        return _of_change(connection, log, question, cells)
    return _of_cells(connection, log, request.report, question, cells)


def event(log: Log, position: int) -> list[Node]:
    """The event at a position, with its bytes; raises NotFoundError."""
    found = log.at(position)
    (row,) = log.rows(position, position + 1)
    return narrative.event_nodes(found, row.body)


def _of_change(
    connection: Connection, log: Log, question: Question, cells: Mapping[str, Cell]
) -> list[Node]:
    """What a row of changes names: its line as it stands, if it still does, and its events."""
    key, line = str(cells.get("incident", "")), str(cells.get("line", ""))
    stands = line and state.incident(connection, key) is not None
    found = _of_line(connection, key, line, question) if stands else []
    positions = [int(one) for one in str(cells["positions"]).split("; ") if one]
    return [*found, *(node for one in positions for node in event(log, one))]


def _of_cells(
    connection: Connection, log: Log, report: str, question: Question, cells: Mapping[str, Cell]
) -> list[Node]:
    """What a row names: a line, something to do, an incident, or else an event."""
    if "line" in cells and "incident" in cells:
        return _of_line(connection, str(cells["incident"]), str(cells["line"]), question)
    if "see" in cells:
        told = f"{cells['what']}: {cells['subject']} {cells['line']}: {cells['why']}"
        return [Node(told, (Node(f"see: {cells['see']}"),))]
    position = cells.get("position")
    if not isinstance(position, int) and (key := cells.get("incident")):
        return shown.show(connection, log, str(key), question)
    if not isinstance(position, int):
        raise LedgerError(f"a row of {report} names neither incident nor event")
    return event(log, position)


def _cells(answer: Table, number: int) -> dict[str, Cell]:
    found = next(islice(answer.rows, number - 1, None), None) if number > 0 else None
    if found is None:
        raise NotFoundError("row", str(number), "rows are counted from 1, without the header")
    return {column.name: cell for column, cell in zip(answer.columns, found, strict=True)}


def _of_line(connection: Connection, key: str, line: str, question: Question) -> list[Node]:
    """What is said of the measure of a line, in the incident where it counts."""
    incident = state.incident(connection, key)
    if incident is None:
        raise NotFoundError("incident", key)
    measure = lines.parse(line).measure
    return [
        narrative.toll_node(toll, question)
        for toll in state.tolls_of(connection, incident.id)
        if toll.measure == measure
    ]


def _narrowed(question: Question, group: Group) -> Question:
    """A question that asks for little more than one group of another's: the rest is not read.

    A filter of attributes stays as it is: what it leaves out is told for all of it.
    """
    where = dict(question.where)
    if not question.attributes_asked:
        for key, value in zip(question.by, group, strict=False):
            if key not in ATTRIBUTES and TOGETHER not in value:
                where[key] = frozenset({value})
    return msgspec.structs.replace(question, measures=(group[-1],), where=where)


def _in_group(selection: Selection, answer: Answer, group: Group | None) -> Answer:
    """What is counted of a toll in one group."""
    if group is None:
        return answer
    counted = answer.counted
    pieces = [one for one in counted.pieces if group_of(selection, one, answer) == group]
    return answer._replace(counted=Counted(pieces, counted.not_stated))


def _opening(opening: tallies.Opening) -> Node:
    if opening.total is None:
        return Node("opening total: none is admitted by the days asked for")
    said = opening.total.document
    who = f"{said.cited.claimant}{spoken(said.cited.speaker)}"
    meant = (Node(f"defined as: {said.definition}"),) if said.definition else ()
    return Node(
        f"opening total as of {said.as_of}: {in_words(opening.figure)}; {who}; "
        f"{said.cited.source}{located(said.cited.locator)}; position {opening.total.position}",
        meant,
        {
            "kind": "opening",
            "as_of": said.as_of,
            **figure_data(opening.figure),
            "source": said.cited.source,
            "claimant": said.cited.claimant,
            "position": opening.total.position,
        },
    )


def _step(connection: Connection, step: tallies.Step, question: Question) -> Node:
    pieces = step.answer.counted.pieces
    return _incident_node(connection, step.incident, step.answer.measure, pieces, question)


def _incident_node(
    connection: Connection,
    incident: Incident,
    measure: str,
    pieces: list[Piece],
    question: Question,
) -> Node:
    tolls = [one for one in state.tolls_of(connection, incident.id) if one.measure == measure]
    children = tuple(
        Node(
            f"{piece.line}{'' if piece.whole else ', what is left of it'}: "
            f"{in_words(piece.figure)}",
            claim_nodes(tolls[0], piece.line, question) + _inside(tolls[0], piece, question),
            line_data(piece.line, piece.figure),
        )
        for piece in pieces
    )
    total = Sum()
    for piece in pieces:
        total.add(piece.figure)
    return Node(
        f"{incident.date}  {incident.key}: {in_words(total.figure)} (position {incident.id})",
        children,
        {
            "kind": "incident",
            "incident": incident.key,
            "date": incident.date,
            "measure": measure,
            **figure_data(total.figure),
            "position": incident.id,
        },
    )


def _inside(toll: Toll, piece: Piece, question: Question) -> tuple[Node, ...]:
    """The lines inside a whole line that carry its figure, where its own claims do not."""
    settled = settle(toll, question)
    if not piece.whole or settled.own.get(piece.line) == settled.figures[piece.line]:
        return ()
    families = settled.structure.families[piece.line].values()
    children = dict.fromkeys(child for family in families for child in family)
    return tuple(
        Node(
            f"{child}: {in_words(settled.figures[child])}",
            claim_nodes(toll, child, question),
            line_data(child, settled.figures[child]),
        )
        for child in children
    )
