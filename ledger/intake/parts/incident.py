"""The parts of an incident: what it is called, what, when and where it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from sys import intern

from ledger import places
from ledger.events import payloads as said
from ledger.intake import mapping as spec
from ledger.intake.mapping import Text
from ledger.intake.parts.made import (
    Fields,
    Made,
    Setting,
    direct_read,
    look,
    part,
    required,
    required_date,
    together,
)
from ledger.intake.templates import Cells, Row
from ledger.vocabulary import is_key

_NOWHERE = said.IncidentRecorded(kind="-", title="-", date="-").place
"""The codec leaves out what *is* the default, so that place, and words of lists, are the very one:
the same row has the same bytes each time."""

Names = tuple[str, str, tuple[said.ForeignId, ...]]
"""A row's key, the key of its incident ("" if it has none), and its foreign ids."""


def names(
    setting: Setting, row_key: Text, incident: Text, ids: Mapping[str, Text]
) -> Callable[[Row], Made[Names]]:
    """What the row and its incident are called; keys of incidents have small letters."""

    def build(cells: Cells) -> Names:
        key = together(cells, row_key)
        stream = required(cells, "incident", incident).lower() if incident else ""
        if stream and not is_key(stream):
            hint = "use small letters, digits, dots, dashes and underscores, at most 200"
            cells.fault(incident, "bad-key", f"{stream!r} is no key of an incident", hint)
        found = tuple(
            said.ForeignId(scheme=scheme, value=text)
            for scheme, value in ids.items()
            if (text := cells.text(value))
        )
        return key, stream, found

    slow = part(setting, [row_key, incident, *ids.values()], build, repeats=False)
    alone = "" if isinstance(row_key, tuple) else row_key
    read_key, read_stream = direct_read(alone, setting), direct_read(incident, setting)
    reads = [(scheme, direct_read(value, setting)) for scheme, value in ids.items()]
    known = [(scheme, read) for scheme, read in reads if read is not None]
    if read_key is None or read_stream is None or len(known) < len(reads):
        return slow

    def fast(row: Row) -> Made[Names]:
        key, stream = read_key(row), read_stream(row)
        if not key or (incident and not is_key(stream)):
            return slow(row)
        values = [(scheme, read(row)) for scheme, read in known]
        found = tuple([said.ForeignId(scheme=one, value=text) for one, text in values if text])
        return Made((key, stream, found), ())

    return fast


def facts(one: spec.Incident, setting: Setting) -> Callable[[Row], Made[said.IncidentRecorded]]:
    """Kind, status, clarity, labels and parties, as an incident that has nothing else."""
    fields: Fields = {
        "kind": one.kind,
        "status": one.status,
        "clarity": one.clarity,
        "parties": one.parties,
        **{f"labels.{key}": value for key, value in one.labels.items()},
    }

    def build(cells: Cells) -> said.IncidentRecorded:
        found = said.IncidentRecorded(
            kind=required(cells, "kind", one.kind),
            title="-",
            date="2000",
            status=intern(cells.text(one.status)),  # type: ignore[arg-type]
            clarity=intern(cells.text(one.clarity)),  # type: ignore[arg-type]
            labels={key: text for key, value in one.labels.items() if (text := cells.text(value))},
            parties=cells.texts_of(one.parties),
        )
        look(cells, found, fields, setting.new_values)
        return found

    return part(setting, fields.values(), build)


def place(one: spec.Place, setting: Setting) -> Callable[[Row], Made[places.Place]]:
    """Where it was."""
    names = places.Place.__struct_fields__
    fields: Fields = {f"place.{name}": getattr(one, name) for name in names}

    def build(cells: Cells) -> places.Place:
        found = places.Place(
            name=cells.text(one.name),
            country=cells.text(one.country),
            admin1=cells.text(one.admin1),
            admin2=cells.text(one.admin2),
            latitude=cells.text(one.latitude),
            longitude=cells.text(one.longitude),
            precision=cells.number(one.precision),
        )
        alone = said.IncidentRecorded(kind="siege", title="-", date="2000", place=found)
        look(cells, alone, fields, setting.new_values)
        return _NOWHERE if found == _NOWHERE else found

    return part(setting, fields.values(), build)


def when(one: spec.Incident, setting: Setting) -> Callable[[Row], Made[tuple[str, int | None]]]:
    """The date, and how precise it is said to be."""
    fields: Fields = {"date": one.date, "date_precision": one.date_precision}

    def build(cells: Cells) -> tuple[str, int | None]:
        date = required_date(cells, one.date)
        precision = cells.number(one.date_precision)
        alone = said.IncidentRecorded(
            kind="siege", title="-", date=date or "2000", date_precision=precision
        )
        look(cells, alone, fields, setting.new_values)
        return date, precision

    return part(setting, fields.values(), build)


def words(one: spec.Incident, setting: Setting) -> Callable[[Row], Made[tuple[str, str]]]:
    """Title and summary."""

    def build(cells: Cells) -> tuple[str, str]:
        return required(cells, "title", one.title), cells.text(one.summary)

    return part(setting, (one.title, one.summary), build, repeats=not one.summary)
