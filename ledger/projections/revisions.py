"""An incident as it stands after a revision; pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ledger.events.payloads import IncidentRecorded, IncidentRevised
from ledger.places import Place

FIELDS = (
    "kind",
    "title",
    "date",
    "date_precision",
    "summary",
    "status",
    "clarity",
    "parties",
    "foreign_ids",
)
"""The fields that a revision may give anew, beside the place and the labels."""
_NOTHING: Mapping[str, object] = {"date_precision": None, "summary": ""}


def revised(recorded: IncidentRecorded, revision: IncidentRevised) -> IncidentRecorded:
    """The incident with those fields replaced that the revision gives."""
    given = {name: getattr(revision, name) for name in FIELDS}
    changed = {name: value for name, value in given.items() if value is not None}
    for name in revision.emptied:
        if "." not in name:
            changed[name] = _NOTHING[name]
    changed["place"] = _revised_place(recorded.place, revision)
    labels = {**recorded.labels, **revision.labels}
    changed["labels"] = {key: value for key, value in labels.items() if value}
    return msgspec.structs.replace(recorded, **changed)


def _revised_place(place: Place, revision: IncidentRevised) -> Place:
    """The place with those parts replaced that the revision gives, or empties."""
    given = msgspec.structs.asdict(revision.place) if revision.place is not None else {}
    changed = {name: value for name, value in given.items() if value not in ("", None)}
    emptied = [name.partition(".")[2] for name in revision.emptied if name.startswith("place.")]
    nothing = msgspec.structs.asdict(Place())
    changed.update((name, nothing[name]) for name in emptied)
    return msgspec.structs.replace(place, **changed) if changed else place
