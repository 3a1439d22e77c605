"""Incidents as a FeatureCollection (RFC 7946): a point for each whose place has coordinates.

A point is only as exact as its `precision` says; an incident without coordinates has a feature
without geometry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec
from sqlalchemy import Connection

from ledger.places import Place
from ledger.reports.cases import Case, batches
from ledger.reports.exports.asked import counted, measures
from ledger.reports.exports.contents import INCIDENTS, incident_cells
from ledger.reports.manifest import Made
from ledger.reports.question import Question
from ledger.reports.safe import for_json
from ledger.reports.selection import Selection
from ledger.reports.table import Cell
from ledger.reports.writers import Writable

_NUMBER = re.compile(r"(-?)0*(?=\d)(.+)")
_APART = ("latitude", "longitude")
"""Columns that are the geometry."""


class Point(msgspec.Struct, frozen=True, tag_field="type", tag="Point"):
    """A point: longitude, then latitude, in degrees (WGS 84), their digits as given."""

    coordinates: tuple[msgspec.Raw, msgspec.Raw]


class Feature(msgspec.Struct, frozen=True, tag_field="type", tag="Feature"):
    """An incident: its key, where it was, what is known of it."""

    id: str
    geometry: Point | None
    properties: Mapping[str, Cell]


def write(connection: Connection, question: Question, how: Made, out: Writable) -> int:
    """Write the collection, a feature a line, and how it came about; gives how many there are."""
    made = msgspec.json.encode(how).decode()
    out.write(f'{{"type":"FeatureCollection","ledger":{for_json(made)},"features":[')
    number = 0
    for number, one in enumerate(features(connection, question), 1):
        encoded = for_json(msgspec.json.encode(one).decode())
        out.write(f"{',' if number > 1 else ''}\n{encoded}")
    out.write("\n]}\n")
    return number


def features(connection: Connection, question: Question) -> Iterator[Feature]:
    """The incidents that a question asks for, by day and position; discounted ones too."""
    wanted = measures(connection, question)
    for some in batches(Selection(connection, question, listing=True)):
        for one in some:
            yield Feature(
                one.incident.key, _point(one.incident.document.place), _told(one, question, wanted)
            )


def _told(one: Case, question: Question, wanted: Iterable[str]) -> dict[str, Cell]:
    """What is known: the columns of the data package, then low, best and high by measure."""
    told = {
        column.name: None if cell == "" else cell
        for column, cell in zip(INCIDENTS, incident_cells(one), strict=True)
        if column.name not in _APART
    }
    figures = {toll.measure: counted(toll, question) for toll in one.tolls}
    for name in wanted:
        figure = figures.get(name)
        told[f"{name}_low"] = figure.low if figure else None
        told[f"{name}_best"] = figure.best if figure else None
        told[f"{name}_high"] = figure.high if figure else None
    return told


def _point(place: Place) -> Point | None:
    if not (place.latitude and place.longitude):
        return None
    return Point((_number(place.longitude), _number(place.latitude)))


def _number(degrees: str) -> msgspec.Raw:
    """Decimal text as a number of JSON: without the zeros that may stand before it."""
    return msgspec.Raw(_NUMBER.sub(r"\1\2", degrees).encode())
