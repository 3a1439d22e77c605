"""What each type of event says: its `data`, as a frozen struct.

Texts are kept as given; what they mean is checked by `faults` before they are appended, and
again by nobody: what the log holds, it holds. Days and times are texts in the subset of EDTF
that `ledger.dates` reads; lines are texts that `ledger.counting.lines` reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from ledger.counts import Count
from ledger.places import Place

Status = Literal["provisional", "confirmed", "contested", "discounted"]
Clarity = Literal["single", "aggregate"]
Stance = Literal["claims", "accuses", "suspects", "denies"]
Relation = Literal[
    "retaliation-for", "followed-by", "part-of", "same-wave", "split-from", "duplicate-of"
]
RetractionKind = Literal["error", "withdrawn"]
SourceGrade = Literal["A", "B", "C", "D", "E", "F"]


class Payload(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    kw_only=True,
    gc=False,
):
    """The `data` of an event; what is empty or unknown is left out of the bytes."""


class Claimed(Payload, frozen=True):
    """One report's count for one line.

    `as_of` is the day that the figure is for, where it is not the day of the source;
    `allocated` says that the report gave only a larger total; `citation` is the place of the
    claim's citation among those of the event, from 0.
    """

    line: str
    count: Count
    as_of: str = ""
    allocated: bool = False
    citation: int = 0


class Attributed(Payload, frozen=True):
    """Who is said to have done it: `actor`, by the claimant of the citation."""

    actor: str
    stance: Stance
    confidence: str = ""
    citation: int = 0


class ForeignId(Payload, frozen=True):
    """The name that an incident has elsewhere: a scheme such as `ucdp-ged`, and its value."""

    scheme: str
    value: str


class Reclassified(Payload, frozen=True):
    """A line whose claims belong on another: cause pending → hostile."""

    line: str
    to: str


class SourceRegistered(Payload, frozen=True):
    """A document: fields shaped like those of CSL-JSON, and how far it can be trusted.

    `published` is a date as written ("" if undated). `relays` names the reports that it
    passes on. `sha256` is of the archived copy, in hexadecimal. Of a confidential source
    neither address nor author is recorded.
    """

    title: str
    type: str = "document"
    publisher: str = ""
    published: str = ""
    author: tuple[str, ...] = ()
    url: str = ""
    archived_url: str = ""
    sha256: str = ""
    grade: SourceGrade = "F"
    relays: tuple[str, ...] = ()
    confidential: bool = False


class SourceRevised(Payload, frozen=True):
    """The changed fields of a source only, and why."""

    changes: Mapping[str, str | bool | tuple[str, ...]]
    reason: str = ""


class IncidentRecorded(Payload, frozen=True):
    """An attack, strike, clash, siege, accident, death in custody, …: what, when, where.

    `date` is local to the place, as the report writes it; `date_precision` is date_prec of the
    UCDP GED codebook: 1 the day, 2 two to six days, 3 a week, 4 a month, 5 longer. `summary` is
    what the report says happened. `labels` are key = value tags. The first counts and
    attributions of the same report may come with it.
    """

    kind: str
    title: str
    date: str
    date_precision: int | None = None
    place: Place = Place()
    summary: str = ""
    status: Status = "provisional"
    clarity: Clarity = "single"
    labels: Mapping[str, str] = {}
    parties: tuple[str, ...] = ()
    foreign_ids: tuple[ForeignId, ...] = ()
    counts: tuple[Claimed, ...] = ()
    attributions: tuple[Attributed, ...] = ()


class IncidentRevised(Payload, frozen=True):
    """The changed fields of an incident only, and the changed parts of its place.

    An empty label value takes the label away; `emptied` names what is stated no more: any of
    `EMPTIABLE`. `reclassify` moves the claims made so far on one line to another.
    """

    kind: str | None = None
    title: str | None = None
    date: str | None = None
    date_precision: int | None = None
    place: Place | None = None
    summary: str | None = None
    status: Status | None = None
    clarity: Clarity | None = None
    labels: Mapping[str, str] = {}
    parties: tuple[str, ...] | None = None
    foreign_ids: tuple[ForeignId, ...] | None = None
    emptied: tuple[str, ...] = ()
    reclassify: tuple[Reclassified, ...] = ()
    reason: str = ""


EMPTIABLE = (
    "date_precision",
    "summary",
    *(f"place.{name}" for name in Place.__struct_fields__),
)
"""What a revision may leave without a value."""


class CountsReported(Payload, frozen=True):
    """One report's claims on lines of an incident."""

    claims: tuple[Claimed, ...]


class ResponsibilityAttributed(Payload, frozen=True):
    """Who is said to have done it, and how surely."""

    actor: str
    stance: Stance
    confidence: str = ""


class PersonIdentified(Payload, frozen=True):
    """A person who was killed, injured, …, on a line of the incident.

    Only what is already published; `withheld` is a name that is known and not told. `age` is
    in years; `line` is the line that counts the person.
    """

    name: str
    line: str
    variants: tuple[str, ...] = ()
    rank: str = ""
    service: str = ""
    unit: str = ""
    age: int | None = None
    home: str = ""


class IncidentsLinked(Payload, frozen=True):
    """How the incident of this stream stands to another; it never changes a count."""

    relation: Relation
    to: str


class IncidentMerged(Payload, frozen=True):
    """This incident was the same as `into`: its claims count there, until this is retracted."""

    into: str
    reason: str = ""


class TallyDefined(Payload, frozen=True):
    """A named question: a measure, a filter, and since when the ledger claims to be complete.

    `where` holds the values that each key may have. `covers` is a date; by default the day of
    the opening total on.
    """

    title: str
    measure: str
    where: Mapping[str, tuple[str, ...]] = {}
    covers: str = ""


class TotalPublished(Payload, frozen=True):
    """An outside body's cumulative figure for a tally, as of a date.

    `opening` declares it the opening total. `unit_unclear` says that it cannot be told what
    the body counted: such a figure is shown and never compared. `tolerance` is by how much the
    ledger may differ from it: 0 unless its source says so.
    """

    count: Count
    as_of: str
    opening: bool = False
    unit_unclear: bool = False
    definition: str = ""
    tolerance: int = 0


class EventRetracted(Payload, frozen=True):
    """Takes back what stands at `position`, one line's claim of it, or the batch of the stream.

    `error`: ours, as if never recorded, at every known-by date. `withdrawn`: taken back by its
    claimant or publisher; it stands for known-by dates before the retraction's source.
    """

    kind: RetractionKind
    position: int | None = None
    line: str = ""
    reason: str = ""


class NoteAdded(Payload, frozen=True):
    """Anything else worth saying of a stream."""

    text: str


class ImportedFile(Payload, frozen=True):
    """A file of an import: its name without folders, and the SHA-256 of its bytes."""

    name: str
    sha256: str


class BatchImported(Payload, frozen=True):
    """One import, said when it is complete.

    Of the rows `read`, each is one of new, changed, unchanged, duplicates (new, and possibly an
    incident that stands already) and rejected. `retracted` rows were not in the files any more.
    """

    files: tuple[ImportedFile, ...]
    mapping: str
    mapping_version: int
    read: int
    new: int
    changed: int = 0
    unchanged: int = 0
    duplicates: int = 0
    rejected: int = 0
    retracted: int = 0


class DataSealed(Payload, frozen=True):
    """Reserved: salted commitments to fields that can be erased without breaking a proof."""

    sealed: Mapping[str, str]


TYPES: dict[str, type[Payload]] = {
    "source.registered": SourceRegistered,
    "source.revised": SourceRevised,
    "incident.recorded": IncidentRecorded,
    "incident.revised": IncidentRevised,
    "counts.reported": CountsReported,
    "responsibility.attributed": ResponsibilityAttributed,
    "person.identified": PersonIdentified,
    "incidents.linked": IncidentsLinked,
    "incident.merged": IncidentMerged,
    "tally.defined": TallyDefined,
    "total.published": TotalPublished,
    "event.retracted": EventRetracted,
    "note.added": NoteAdded,
    "batch.imported": BatchImported,
    "data.sealed": DataSealed,
}
"""Event types are explicit strings; a class may be renamed, a type never."""

SCHEMAS: dict[str, int] = dict.fromkeys(TYPES, 1)
"""The payload schema that each type is written with; `codec.UPCASTERS` reads older ones."""

_TYPE_OF = {payload: name for name, payload in TYPES.items()}


def type_of(payload: Payload) -> str:
    """The event type of a payload."""
    return _TYPE_OF[type(payload)]
