"""What the JSON columns of the projections hold: structs that are written and read whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from ledger.counting import figures
from ledger.counting.claims import Cited, Claim
from ledger.counting.figures import Figure
from ledger.counts import Count
from ledger.events.payloads import ForeignId, SourceGrade, Stance
from ledger.places import Place

_encoder = msgspec.json.Encoder()


class Facet(msgspec.Struct, frozen=True):
    """What a question may ask of an incident as a whole."""

    kind: str
    status: str
    country: str
    actors: tuple[str, ...]
    labels: Mapping[str, str]


class IncidentDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is told of an incident, apart from what questions ask for."""

    title: str
    date: str
    clarity: str
    date_precision: int | None = None
    place: Place = Place()
    summary: str = ""
    parties: tuple[str, ...] = ()
    foreign_ids: tuple[ForeignId, ...] = ()


class TollDocument(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A toll of an incident: citations, claims, and what each line comes to by default.

    `lines` is None where that is what the claims say, as it is of nearly every toll.
    `retracted` are lines that once had a claim, `unplaced` those that a merge brought and
    that would count persons twice.
    """

    incident: str
    cited: tuple[Cited, ...]
    claims: tuple[Claim, ...]
    lines: tuple[tuple[str, Figure], ...] | None = None
    retracted: tuple[str, ...] = ()
    unplaced: tuple[str, ...] = ()

    @property
    def figures(self) -> Mapping[str, Figure]:
        """What each line comes to by default."""
        return as_claimed(self.claims) if self.lines is None else dict(self.lines)

    @property
    def said(self) -> tuple[tuple[str, ...], Said]:
        """The lines, and what makes each one's figure."""
        return _said(self.claims, self.lines)


class ToldClaim(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """As much of a claim as its line's figure is made of: the first fields of `Claim`."""

    position: int
    line: str
    cited: int
    count: Count


class Told(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """As much of a `TollDocument` as figures are made of: the rest is passed over."""

    incident: msgspec.Raw
    cited: msgspec.Raw
    claims: tuple[ToldClaim, ...]
    lines: tuple[tuple[str, Figure], ...] | None = None

    @property
    def said(self) -> tuple[tuple[str, ...], Said]:
        """The lines, and what makes each one's figure."""
        return _said(self.claims, self.lines)


Lines = tuple[tuple[str, Figure], ...]
Said = tuple[Count | Figure, ...]
"""Of each line of a toll the count that is claimed, or the figure that it comes to."""


def figures_said(lines: Iterable[str], said: Said) -> dict[str, Figure]:
    """What each line comes to."""
    return {
        line: figures.of(one) if isinstance(one, Count) else one
        for line, one in zip(lines, said, strict=True)
    }


def _said(
    claims: tuple[Claim, ...] | tuple[ToldClaim, ...], lines: Lines | None
) -> tuple[tuple[str, ...], Said]:
    if lines is not None:
        return tuple([line for line, _ in lines]), tuple([one for _, one in lines])
    return tuple([one.line for one in claims]), tuple([one.count for one in claims])


def as_claimed(claims: Iterable[Claim]) -> dict[str, Figure]:
    """What lines come to if they come to what is claimed."""
    return {claim.line: figures.of(claim.count) for claim in claims}


def as_text(document: IncidentDocument | TollDocument) -> str:
    """The JSON of a document without mappings: its fields in their order, so always the same.

    Putting them in order of name takes twice as long, and there is one for each row.
    """
    return _encoder.encode(document).decode()


class PersonDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person, and who said so."""

    name: str
    line: str
    cited: Cited
    variants: tuple[str, ...] = ()
    rank: str = ""
    service: str = ""
    unit: str = ""
    age: int | None = None
    home: str = ""


class AttributionDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who is said to have done it, and who said so."""

    actor: str
    stance: Stance
    cited: Cited
    confidence: str = ""


class SourceDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """A source as it stands; the fields of `SourceRegistered`."""

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


class TallyDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tally as it was defined last."""

    title: str
    measure: str
    where: Mapping[str, tuple[str, ...]] = {}
    covers: str = ""


class TotalDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """A published total, and who published it."""

    count: Count
    as_of: str
    cited: Cited
    opening: bool = False
    unit_unclear: bool = False
    definition: str = ""
    tolerance: int = 0
