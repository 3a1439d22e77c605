"""A mapping: how the rows of a file become events, as a TOML file says it.

`README.md` beside this module explains every key with a worked example. Nothing is guessed
from data: formats of dates, codes, keys and columns are what the mapping declares.
"""

from __future__ import annotations

from collections.abc import Mapping as Table
from typing import Literal

import msgspec

from ledger.intake.readers import Format


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of a mapping; an unknown key is a problem."""


class Cell(Section, frozen=True, rename={"template": "from"}):
    """A text from a template, looked up or taken apart.

    `words` is a vocabulary, or the name of one: what is not in it is a problem. `split` makes
    several texts of one.
    """

    template: str
    words: str | Table[str, str] = {}
    split: str = ""


Text = str | Cell | tuple[str | Cell, ...]
"""A template such as `{side_a} against {side_b}`, or several, of which the first that says
something holds. A template says nothing where one of its columns is empty."""


class Span(Section, frozen=True):
    """A date from one cell or two, as precise as a code says.

    `precision` comes to `day`, `approximate`, `month` or `year`; without it the date is as given.
    """

    start: Text
    end: Text = ""
    precision: Text = ""


Date = str | Span


class FileShape(Section, frozen=True):
    """How the file is read; see `ledger.intake.readers.Shape`.

    `header` names the columns of a CSV or TSV file that has no row for that. `extra` says what
    columns that the mapping does not name come to.
    """

    format: Format = "csv"
    delimiter: str = ","
    encoding: str = "utf-8"
    rows: str = ""
    sheet: str = ""
    header: tuple[str, ...] = ()
    extra: Literal["refused", "ignored"] = "refused"


class Columns(Section, frozen=True):
    """The columns of the file beyond those that templates name.

    `optional` ones may be missing; `ignored` ones are known and not mapped (`*` at the end of a
    name stands for anything); `numbers` hold whole numbers, also written as `2016.0`;
    `unknown` gives the codes of a column that mean unknown; `aliases` other names of a column.
    """

    optional: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    unknown: Table[str, tuple[str, ...]] = {}
    aliases: Table[str, tuple[str, ...]] = {}


class Source(Section, frozen=True):
    """The document that rows cite: one for the whole dataset, or one a row.

    A title without text means that the source is registered already.
    """

    key: Text
    title: Text = ""
    type: Text = "document"
    publisher: Text = ""
    published: Date = ""
    author: Text = ""
    url: Text = ""
    archived_url: Text = ""
    grade: Text = "F"


class Dataset(Source, frozen=True):
    """The dataset as a source: its version is read from the name of the file.

    `names` are regular expressions with named groups, for the templates of the source; where
    none fits, the source is the newest that stands of this mapping, else `unstated`.
    """

    names: tuple[str, ...] = ()
    unstated: Source | None = None


class Cited(Section, frozen=True):
    """Who says it, and where in the source."""

    claimant: Text = ""
    speaker: Text = ""
    locator: Text = ""
    grade: Text = ""
    relays: Text = ""


class Place(Section, frozen=True):
    """Where it was; the fields of `ledger.places.Place`."""

    name: Text = ""
    country: Text = ""
    admin1: Text = ""
    admin2: Text = ""
    latitude: Text = ""
    longitude: Text = ""
    precision: Text = ""


class Incident(Section, frozen=True):
    """The incident that a row records; the fields of `incident.recorded`."""

    key: Text
    kind: Text
    title: Text
    date: Date
    date_precision: Text = ""
    place: Place = Place()
    summary: Text = ""
    status: Text = "provisional"
    clarity: Text = "single"
    labels: Table[str, Text] = {}
    parties: Text = ""
    foreign_ids: Table[str, Text] = {}


class Number(Section, frozen=True):
    """A count: as a steward types it (`count`), or low, best and high by themselves."""

    count: Text = ""
    low: Text = ""
    best: Text = ""
    high: Text = ""


class Count(Number, frozen=True, kw_only=True):
    """One line that a row counts; none where the cells of its count are empty.

    `part` marks a line that is a part of the first line of its measure.
    """

    measure: Text
    attributes: Table[str, Text] = {}
    as_of: Date = ""
    allocated: bool = False
    part: bool = False


class Attribution(Section, frozen=True):
    """Who is said to have done it; none where the actor is empty."""

    actor: Text
    stance: Text = "accuses"
    confidence: Text = ""


class Total(Number, frozen=True, kw_only=True):
    """A published total of a tally, which is defined if it is not yet.

    Without `tally` it is that which asks the same; one that is missing is named after it.
    """

    tally: Text = ""
    title: Text = ""
    measure: Text
    where: Table[str, Text] = {}
    covers: Date = ""
    as_of: Date
    definition: Text = ""
    opening: bool = False
    unit_unclear: bool = False


class Mapping(Section, frozen=True):
    """A mapping as a whole.

    `key` is the row's stable key: of several templates all that say something make it, together.
    `id` may name settings in braces. `dates` are the formats of dates (of `datetime.strptime`, or
    `EDTF` for dates as the ledger writes them); `of` the incident that stands already and that
    the counts are of, where the row records none. `zero_parts = "implied"` leaves parts of zero
    out where the other parts come to the whole. `new_values` are taken beyond the vocabulary.
    """

    id: str
    version: int
    title: str
    key: Text
    file: FileShape = FileShape()
    columns: Columns = Columns()
    dates: tuple[str, ...] = ("EDTF",)
    words: Table[str, Table[str, str]] = {}
    new_values: Table[str, tuple[str, ...]] = {}
    settings: Table[str, str] = {}
    dataset: Dataset | None = None
    source: Source | None = None
    citation: Cited = Cited()
    incident: Incident | None = None
    of: Text = ""
    counts: tuple[Count, ...] = ()
    zero_parts: Literal["kept", "implied"] = "kept"
    attributions: tuple[Attribution, ...] = ()
    totals: tuple[Total, ...] = ()
