"""One incident with all that is said of it: what `show` prints."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from ledger.events import stream_of
from ledger.events.payloads import IncidentMerged, IncidentRevised, NoteAdded
from ledger.people import shown_name
from ledger.projections import state
from ledger.projections.state import Incident
from ledger.reports.history import summary
from ledger.reports.narrative import Node, located, spoken, toll_node
from ledger.reports.question import UNSPECIFIED, Question
from ledger.reports.selection import facet_value
from ledger.store.log import AnyEvent, Log


def show(connection: Connection, log: Log, key: str, question: Question) -> list[Node]:
    """An incident: what it is, its figures with the fate of every claim, people, links, notes."""
    incident = state.incident(connection, key)
    assert incident is not None, "the caller has looked it up"
    nodes = [Node(f"{incident.key}: {incident.title}", tuple(_header(connection, incident)))]
    nodes.extend(toll_node(toll, question) for toll in state.tolls_of(connection, incident.id))
    for name, some in (
        ("responsibility", _attributions(connection, incident, question)),
        ("people", _people(connection, incident, question)),
        ("links", _links(connection, incident, question)),
        ("notes and changes", _changes(log, incident)),
    ):
        if children := tuple(some):
            nodes.append(Node(name, children))
    return nodes


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


def _attributions(connection: Connection, incident: Incident, question: Question) -> Iterator[Node]:
    for one in state.attributions(connection, question.clock):
        if one.incident == incident.id:
            said = one.document
            confidence = f", {said.confidence} confidence" if said.confidence else ""
            who = f"{said.cited.claimant}{spoken(said.cited.speaker)}"
            yield Node(
                f"{who} {said.stance} {said.actor}{confidence}; "
                f"{said.cited.source}{located(said.cited.locator)}; position {one.position}"
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
