"""Manifests: what a published file of figures is, so that it can be made again and checked.

A manifest is a resource of Data Package 2.0 (https://datapackage.org), with the Table Schema of
the columns, and what made it under `ledger`: the question in full, and the state of the log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import TextIO

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection

from ledger.errors import LedgerError, refusal
from ledger.projections import state as projected
from ledger.reports.request import Request
from ledger.reports.table import Cell, Column
from ledger.store import checkpoints
from ledger.store.log import Log

SUFFIX = "-metadata.json"
STATEMENT = "Figures are what the cited sources say, added up. They are no census."
_RAW = "Text cells are as they were recorded, also where a spreadsheet takes them for a formula."
_NEUTRALISED = (
    "In CSV and TSV, where a text cell begins, and after each semicolon, tab and line end in it, "
    "what a spreadsheet would take for a formula, and an apostrophe, has one more apostrophe "
    "before it: take one off wherever one stands there."
)
_DRAWN = "In a picture controls and characters that nobody sees are shown as their codes."
_PROFILE = "https://datapackage.org/profiles/2.0/dataresource.json"
_MEDIA = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "geojson": "application/geo+json",
    "svg": "image/svg+xml",
}
_TAGGED = ("hxl", "ucdp-ged")
"""Exports that are CSV."""


class State(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """The state of a ledger that a report is made of.

    `position` is the number of events, `root` their RFC 6962 root in hexadecimal, `checkpoint`
    the newest signed one that covers no more than they, `newest_source` the day of the newest
    source among them that the question admits ("": none).
    """

    position: int
    root: str
    newest_source: str
    checkpoint: str = ""


class Made(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """How a file came about: what a manifest says under `ledger`.

    `export` is the format of others in which it was exported ("": it is a report).
    """

    question: Request
    state: State
    program: str
    statement: str
    cite: str
    cells: str
    notes: tuple[str, ...] = ()
    excel: bool = False
    raw: bool = False
    export: str = ""


class Field(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column, as Table Schema describes it; `unit` is what its numbers count."""

    name: str
    type: str
    description: str
    unit: str = ""


class Schema(msgspec.Struct, frozen=True, rename="camel"):
    """The columns of a file, and what stands for a value that nobody gave."""

    fields: tuple[Field, ...]
    missing_values: tuple[str, ...] = ("",)


class Dialect(msgspec.Struct, frozen=True, rename="camel"):
    """How cells are told apart in a file of them; `comment_rows` hold no data, from 1."""

    delimiter: str
    line_terminator: str
    quote_char: str = '"'
    double_quote: bool = True
    header: bool = True
    comment_rows: tuple[int, ...] | UnsetType = UNSET


class Manifest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A file of a report, as a Data Package resource.

    `rows` are those of the file; of a picture, those that it draws. What has no columns has no
    `schema`.
    """

    profile: str = msgspec.field(name="$schema")
    name: str
    path: str
    format: str
    mediatype: str
    encoding: str
    bytes: int
    hash: str
    rows: int
    ledger: Made
    schema: Schema | None = None
    dialect: Dialect | None = None


class Measured:
    """A text file that is written and measured at once: bytes, SHA-256, rows."""

    def __init__(self, out: TextIO) -> None:
        self.bytes = self.rows = 0
        self._out = out
        self._digest = hashlib.sha256()

    def write(self, part: str) -> int:
        """Write a part of the text."""
        data = part.encode()
        self.bytes += len(data)
        self._digest.update(data)
        return self._out.write(part)

    def writelines(self, parts: Iterable[str]) -> None:
        """Write some parts."""
        for part in parts:
            self.write(part)

    def counted(self, rows: Iterable[tuple[Cell, ...]]) -> Iterator[tuple[Cell, ...]]:
        """Rows as they are, each counted."""
        for row in rows:
            self.rows += 1
            yield row

    @property
    def hash(self) -> str:
        """As Data Package writes it: `sha256:` and the digest in hexadecimal."""
        return f"sha256:{self._digest.hexdigest()}"


def state(connection: Connection, log: Log, request: Request) -> State:
    """The state of a ledger whose tables are in `connection`, as a request meets it."""
    known_by = request.question().known_by
    days = [
        one.known
        for one in projected.sources(connection)
        if one.document.published and (known_by is None or one.known <= known_by)
    ]
    covering = [one for one in checkpoints.kept(log.connection) if one.size <= log.stop]
    best = max(covering, key=lambda one: (one.size, one.number), default=None)
    return State(log.stop, log.root(), max(days, default=""), best.note if best else "")


def made(request: Request, of: State, kind: str, *, excel: bool = False, raw: bool = False) -> Made:
    """How a file of a kind comes about: a format of reports, of pictures, or of exports."""
    export = kind if kind in (*_TAGGED, "geojson") else ""
    return Made(
        question=request,
        state=of,
        program=f"casualty-ledger {metadata.version('casualty-ledger')}",
        statement=STATEMENT,
        cite=cite(of),
        cells=_DRAWN if kind == "svg" else _RAW if raw or export else _NEUTRALISED,
        excel=excel,
        raw=raw or bool(export),
        export=export,
    )


def caption(request: Request, of: State) -> list[str]:
    """What stands below a table for people: what was asked, of what, and what figures are."""
    newest = f", newest source of {of.newest_source}" if of.newest_source else ""
    return [
        "",
        f"asked: {request.in_words()}",
        f"of the first {of.position} events{newest}",
        STATEMENT,
        f"cite: {cite(of)}",
    ]


def cite(of: State) -> str:
    """How to cite the state of a ledger: by the name that signs it, where there is one."""
    name = of.checkpoint.partition("\n")[0] or "Casualty Ledger"
    return f"{name}, first {of.position} events, root {of.root}"


def manifest(
    path: Path, kind: str, columns: Sequence[Column], measured: Measured, how: Made
) -> str:
    """The manifest of a file of a kind (see `made`), as JSON text."""
    kept = "csv" if kind in _TAGGED else kind
    found = Manifest(
        profile=_PROFILE,
        encoding="utf-8",
        name=path.stem.lower(),
        path=path.name,
        format=kept,
        mediatype=_MEDIA[kept],
        bytes=measured.bytes,
        hash=measured.hash,
        rows=measured.rows,
        schema=Schema(tuple(map(_field, columns))) if columns else None,
        ledger=how,
        dialect=_dialect(kind, how),
    )
    return msgspec.json.format(msgspec.json.encode(found)).decode() + "\n"


def read(path: Path) -> Manifest:
    """The manifest beside a file; raises LedgerError if there is none that can be read."""
    beside = path.with_name(path.name + SUFFIX)
    try:
        return msgspec.json.decode(beside.read_bytes(), type=Manifest)
    except OSError as error:
        why = refusal(error)
        raise LedgerError(f"{beside}: {why}: only a report with its manifest is checked") from error
    except msgspec.MsgspecError as error:
        raise LedgerError(f"{beside} is no manifest of a report: {error}") from error


def _dialect(kind: str, how: Made) -> Dialect | None:
    """How the cells of a file stand; a row of tags below the header is no data."""
    delimiter = {"csv": ",", "tsv": "\t", "hxl": ",", "ucdp-ged": ","}.get(kind)
    if delimiter is None:
        return None
    tags = (2,) if kind == "hxl" else UNSET
    return Dialect(delimiter, "\r\n" if how.excel else "\n", comment_rows=tags)


def _field(column: Column) -> Field:
    kind = "string" if column.kind == "text" else "integer"
    return Field(column.name, kind, column.meaning or column.name, column.unit)
