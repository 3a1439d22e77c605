"""Answers in words: one incident with all that is said of it, one figure down to its events.

An answer is a tree of lines, from the figure to the events: what `show` and `explain` print.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.counting import claims as claiming
from ledger.counting import lines
from ledger.counting.claims import Cited, Claim, Verdict
from ledger.counting.figures import Figure, exceeded
from ledger.counting.questions import Piece
from ledger.events import stream_of
from ledger.events.payloads import IncidentMerged, IncidentRevised, NoteAdded
from ledger.people import shown_name
from ledger.projections import state
from ledger.projections.state import Incident, Toll
from ledger.reports import tallies
from ledger.reports.history import summary
from ledger.reports.listings import fates
from ledger.reports.question import UNSPECIFIED, Question
from ledger.reports.selection import Selection, facet_value, settle
from ledger.reports.sums import Sum
from ledger.reports.totals import not_stated_note
from ledger.store.log import AnyEvent, Log


class Node(NamedTuple):
    """A line of an answer, and what stands under it."""

    text: str
    children: tuple[Node, ...] = ()


def render(nodes: Iterable[Node], depth: int = 0) -> Iterator[str]:
    """The lines of a tree, two spaces in for each step down."""
    for node in nodes:
        yield "  " * depth + node.text
        yield from render(node.children, depth + 1)


def show(connection: Connection, log: Log, key: str, question: Question) -> list[Node]:
    """An incident: what it is, its figures with the fate of every claim, people, links, notes."""
    incident = state.incident(connection, key)
    assert incident is not None, "the caller has looked it up"
    nodes = [Node(f"{incident.key}: {incident.title}", tuple(_header(connection, incident)))]
    nodes.extend(_toll_node(toll, question) for toll in state.tolls_of(connection, incident.id))
    for name, some in (
        ("responsibility", _attributions(connection, incident, question)),
        ("people", _people(connection, incident, question)),
        ("links", _links(connection, incident, question)),
        ("notes and changes", _changes(log, incident)),
    ):
        if children := tuple(some):
            nodes.append(Node(name, children))
    return nodes


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
    return [Node(f"{key}: {in_words(run.total)} ({run.tally.document.title})", tuple(children))]


def explain_question(connection: Connection, question: Question) -> list[Node]:
    """The total of a question: each incident that is counted, down to its claims."""
    answers = list(Selection(connection, question).answers())
    incidents = state.incidents_by_id(connection, (answer.incident for answer in answers))
    sums: dict[str, tuple[Sum, list[Node]]] = {}
    left_out = Sum()
    for answer in answers:
        total, nodes = sums.setdefault(answer.measure, (Sum(), []))
        for piece in answer.counted.pieces:
            total.add(piece.figure)
        for piece in answer.counted.not_stated:
            left_out.add(piece.figure)
        if answer.counted.pieces:
            incident, pieces = incidents[answer.incident], answer.counted.pieces
            nodes.append(_incident_node(connection, incident, answer.measure, pieces, question))
    found = [
        Node(f"{measure}: {in_words(total.figure)}", tuple(nodes))
        for measure, (total, nodes) in sorted(sums.items())
        if nodes
    ]
    return [*found, Node(not_stated_note(left_out))] if left_out.lines else found


def event_nodes(event: AnyEvent, body: str) -> list[Node]:
    """One event: who recorded what, and its bytes."""
    said = Node(f"recorded {event.recorded_at} by {event.recorded_by}")
    cited = tuple(
        Node(
            f"says: {one.claimant}{_spoken(one.speaker)}, in {one.source}{_at(one.locator)}",
            tuple(Node(f"passes on: {report}") for report in one.relays),
        )
        for one in event.citations
    )
    what = f"position {event.position}: {event.type}, {event.stream} version {event.version}"
    return [Node(what, (said, *cited, Node(body)))]


def in_words(figure: Figure) -> str:
    """A figure for people: `21`, `at least 13`, `14 (13 to 20)`, `unknown`."""
    if figure.best is None:
        return "unknown" if figure.high is None else f"unknown, at most {figure.high}"
    best = f"at least {figure.best}" if figure.at_least else str(figure.best)
    exact = figure.low == figure.best == figure.high
    if exact or figure.at_least:
        return best
    low = "?" if figure.low is None else figure.low
    high = "…+" if figure.high is None else figure.high
    return f"{best} ({low} to {high})"


def _header(connection: Connection, incident: Incident) -> Iterator[Node]:
    facet = state.facets(connection)[incident.facet]
    yield Node(f"{facet.kind}, {incident.date}, {facet.status}, {incident.document.clarity}")
    if incident.document.summary:
        yield Node(incident.document.summary)
    if incident.document.date_precision:
        yield Node(f"precision of the date: {incident.document.date_precision} of 1 to 5")
    place = incident.document.place
    where = ", ".join(part for part in (place.name, place.admin1, place.country) if part)
    point = f"{place.latitude} {place.longitude}" if place.latitude else ""
    if where or point:
        yield Node("place: " + "; ".join(part for part in (where, point) if part))
    if facet.labels:
        yield Node("labels: " + ", ".join(f"{k}={v}" for k, v in sorted(facet.labels.items())))
    if incident.document.parties:
        yield Node("parties: " + " | ".join(incident.document.parties))
    for one in incident.document.foreign_ids:
        yield Node(f"elsewhere: {one.scheme} {one.value}")
    if (actor := facet_value("actor", facet)) != UNSPECIFIED:
        yield Node(f"actor: {actor}")
    if incident.merged_into:
        yield Node(f"merged into {incident.merged_into}: its claims count there")


def _toll_node(toll: Toll, question: Question) -> Node:
    settled = settle(toll, question)
    parents = lines.arrange(tuple(sorted(settled.figures)))
    tops = [line for line, parent in parents.items() if parent is None]
    over = dict(exceeded(settled.own, settled.structure))

    def node(line: str) -> Node:
        inside = [child for child, parent in parents.items() if parent == line]
        flag = f"; less than its parts by {over[line]}" if line in over else ""
        claims = _claim_nodes(toll, line, question)
        text = f"{line}: {in_words(settled.figures[line])}{flag}"
        return Node(text, (*claims, *(node(child) for child in inside)))

    unplaced = [
        Node(f"{line}: not counted, it may count persons twice", _claim_nodes(toll, line, question))
        for line in settled.unplaced
    ]
    return Node(toll.measure, (*(node(line) for line in tops), *unplaced))


def _claim_nodes(toll: Toll, line: str, question: Question) -> tuple[Node, ...]:
    verdicts, cited = fates(toll, question), toll.document.cited
    claims = [claim for claim in toll.document.claims if claim.line == line]
    claims.sort(key=lambda claim: claiming.order(claim, cited))
    return tuple(
        Node(_claim(claim, cited[claim.cited], verdicts[line, claim.position]))
        for claim in claims
        if verdicts[line, claim.position] != "not yet known"
    )


def _claim(claim: Claim, cited: Cited, verdict: Verdict | str) -> str:
    fate = verdict if isinstance(verdict, str) else _in_words(verdict, cited)
    said = f"{claim.count}  {cited.claimant}{_spoken(cited.speaker)}"
    where = f"{cited.source}{_at(cited.locator)}, known {cited.known}"
    as_of = f", as of {claim.as_of}" if claim.as_of else ""
    allocated = ", allocated" if claim.allocated else ""
    grade = f"{cited.source_grade}{cited.item_grade}"
    return f"{said}; {where}{as_of}{allocated}; grade {grade}; position {claim.position}: {fate}"


def _in_words(verdict: Verdict, cited: Cited) -> str:
    match verdict.fate:
        case "superseded":
            return f"superseded by position {verdict.by}"
        case "corroborates":
            return f"corroborates position {verdict.by}"
        case "stands":
            return f"stands beside position {verdict.by}, which is chosen"
        case "set aside":
            doubt = f"grade {cited.item_grade}" if cited.item_grade in (4, 5) else "source E"
            return f"set aside ({doubt})"
    return "chosen"


def _attributions(connection: Connection, incident: Incident, question: Question) -> Iterator[Node]:
    for one in state.attributions(connection, question.clock):
        if one.incident == incident.id:
            said = one.document
            confidence = f", {said.confidence} confidence" if said.confidence else ""
            who = f"{said.cited.claimant}{_spoken(said.cited.speaker)}"
            yield Node(
                f"{who} {said.stance} {said.actor}{confidence}; "
                f"{said.cited.source}{_at(said.cited.locator)}; position {one.position}"
            )


def _people(connection: Connection, incident: Incident, question: Question) -> Iterator[Node]:
    for one in state.people(connection, question.clock):
        if one.incident == incident.id:
            said = one.document
            age = None if said.age is None else str(said.age)
            told = (said.rank, shown_name(said.name), age, said.unit, said.service, said.home)
            yield Node(
                ", ".join(part for part in told if part)
                + f"; {said.line}; {said.cited.source}; position {one.position}"
            )


def _links(connection: Connection, incident: Incident, question: Question) -> Iterator[Node]:
    for one in state.links(connection, question.clock):
        if incident.key in (one.origin, one.target):
            yield Node(f"{one.origin} {one.relation} {one.target}; position {one.position}")


def _changes(log: Log, incident: Incident) -> Iterator[Node]:
    for event in log.stream(stream_of("incident", incident.key)):
        match event.data:
            case NoteAdded(text=text):
                yield Node(f"note: {text}{_source(event)}; position {event.position}")
            case IncidentRevised():
                what = summary(event)
                yield Node(f"revised: {what}{_source(event)}; position {event.position}")
            case IncidentMerged(into=into):
                yield Node(f"merged into {into}; position {event.position}")


def _source(event: AnyEvent) -> str:
    return f"; {event.citations[0].source}" if event.citations else ""


def _opening(opening: tallies.Opening) -> Node:
    if opening.total is None:
        return Node("opening total: none is admitted by the days asked for")
    said = opening.total.document
    who = f"{said.cited.claimant}{_spoken(said.cited.speaker)}"
    meant = (Node(f"defined as: {said.definition}"),) if said.definition else ()
    return Node(
        f"opening total as of {said.as_of}: {in_words(opening.figure)}; {who}; "
        f"{said.cited.source}{_at(said.cited.locator)}; position {opening.total.position}",
        meant,
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
            _claim_nodes(tolls[0], piece.line, question) + _inside(tolls[0], piece, question),
        )
        for piece in pieces
    )
    total = Sum()
    for piece in pieces:
        total.add(piece.figure)
    return Node(
        f"{incident.date}  {incident.key}: {in_words(total.figure)} (position {incident.id})",
        children,
    )


def _inside(toll: Toll, piece: Piece, question: Question) -> tuple[Node, ...]:
    """The lines inside a whole line that carry its figure, where its own claims do not."""
    settled = settle(toll, question)
    if not piece.whole or settled.own.get(piece.line) == settled.figures[piece.line]:
        return ()
    families = settled.structure.families[piece.line].values()
    children = dict.fromkeys(child for family in families for child in family)
    return tuple(
        Node(f"{child}: {in_words(settled.figures[child])}", _claim_nodes(toll, child, question))
        for child in children
    )


def _spoken(speaker: str) -> str:
    return f" ({speaker})" if speaker else ""


def _at(locator: str) -> str:
    return f": {locator}" if locator else ""
