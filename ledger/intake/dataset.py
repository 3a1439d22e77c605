"""The version of a dataset as a source: read from the name of its file, as the mapping says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, text

from ledger import dates
from ledger.events import Draft, stream_of
from ledger.events import payloads as said
from ledger.events.faults import faults
from ledger.intake import mapping as spec
from ledger.intake.mapper import filled
from ledger.intake.parts.cited import registration
from ledger.intake.recorded import Ours
from ledger.intake.templates import Cells, Rules
from ledger.problems import Problem

_NOTHING = Rules({}, frozenset(), (), {})


class Version(NamedTuple):
    """The source that the rows of a file cite, and what is to be said of how it was found."""

    key: str
    draft: Draft
    note: str
    problems: list[Problem]


class Known(NamedTuple):
    """A version that this mapping brought before: its key, and the last day of its publication."""

    key: str
    day: str


def version(dataset: spec.Dataset, name: str, known: Sequence[Known], *, asked: bool) -> Version:
    """The version that a name tells; where it tells none the newest known, else the unstated.

    It is a problem if there is none of these, if the name was `asked` for and tells none, and if
    the version is older than the newest that stands: its rows would revise what stands to what
    it was before.
    """
    found = next((match for one in dataset.names if (match := re.search(one, name))), None)
    told = found.groupdict() if found else {}
    newest = max(known, key=lambda one: one.day, default=None)
    source: spec.Source = filled(dataset, {k: (v or "").replace("_", ".") for k, v in told.items()})
    note = ""
    if dataset.names and not found:
        if asked or not (newest or dataset.unstated):
            return _untold(dataset, name)
        if newest is not None:
            note = f"{name} tells no version: taken as a later state of {newest.key}"
            data = said.SourceRegistered(title=newest.key)
            draft = Draft(stream=stream_of("source", newest.key), data=data)
            return Version(newest.key, draft, f"{note}; --dataset NAME tells one", [])
        source = dataset.unstated or dataset
        note = f"{name} tells no version: recorded as one that is not stated; --dataset NAME tells"
    key, draft = _source(source)
    problems = [
        Problem(name, one.code, f"the dataset as a source: {one.key}: {one.message}", one.hint)
        for one in faults(draft)
    ]
    return Version(key, draft, note, problems or _older(name, draft, newest))


def _untold(dataset: spec.Dataset, name: str) -> Version:
    """That no version can be told."""
    message = f"{name} tells no version of the dataset"
    hint = "name it as its publisher does: --dataset NAME, to fit " + " or ".join(dataset.names)
    nothing = Draft(stream="source/missing", data=said.SourceRegistered(title="-"))
    return Version("", nothing, "", [Problem(name, "no-version", message, hint)])


def _older(name: str, draft: Draft, newest: Known | None) -> list[Problem]:
    assert isinstance(draft.data, said.SourceRegistered)
    published = draft.data.published
    if newest is None or not published or newest.key == draft.stream.partition("/")[2]:
        return []
    if (dates.parse(published).last or "") >= newest.day:
        return []
    message = f"{draft.data.title} is older than {newest.key}, which was imported before"
    hint = "import versions in the order in which they were published"
    return [Problem(name, "older-version", message, hint)]


def known_versions(connection: Connection, ours: Ours) -> list[Known]:
    """The sources that imports of the mapping registered and that stand."""
    statement = text(
        "SELECT s.key, s.day, e.batch FROM sources s JOIN events e ON e.position = s.position"
    )
    rows = connection.execute(statement)
    return [Known(key, day) for key, day, batch in rows if ours.has(batch)]


def _source(one: spec.Source) -> tuple[str, Draft]:
    """The registration of a source whose templates are filled."""
    cells = Cells((), (), _NOTHING)
    key = cells.text(one.key)
    data = registration(one, cells, one.published if isinstance(one.published, str) else "")
    return key, Draft(stream=stream_of("source", key), data=data)
