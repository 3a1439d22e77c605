"""A data package: a folder of CSV files, with their schemas and keys in `datapackage.json`.

The names are those of Data Package 2.0 (https://datapackage.org). Licences are not recorded in
a ledger, so none is named; the datasets that it was imported from are, under `sources`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection

from ledger.errors import LedgerError, refusal
from ledger.projections import state
from ledger.reports import manifest
from ledger.reports.exports import separated
from ledger.reports.exports.contents import CONTENTS, Contents
from ledger.reports.manifest import Dialect, Field, Made, Measured
from ledger.reports.question import Question
from ledger.reports.request import Request
from ledger.reports.table import Column
from ledger.store import folders
from ledger.store.log import Log

FILE = "datapackage.json"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_DATASET = "dataset"


class Reference(msgspec.Struct, frozen=True):
    """The table and columns that a foreign key points to."""

    resource: str
    fields: tuple[str, ...]


class ForeignKey(msgspec.Struct, frozen=True):
    """Columns whose values stand in another table."""

    fields: tuple[str, ...]
    reference: Reference


class Schema(msgspec.Struct, frozen=True, rename="camel"):
    """The columns of a table, its key, and how it refers to others."""

    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...] | UnsetType = UNSET
    missing_values: tuple[str, ...] = ("",)


class Resource(msgspec.Struct, frozen=True):
    """A table as a file."""

    name: str
    path: str
    title: str
    bytes: int
    hash: str
    rows: int
    schema: Schema
    type: str = "table"
    format: str = "csv"
    mediatype: str = "text/csv"
    encoding: str = "utf-8"
    dialect: Dialect = Dialect(",", "\n")


class Dataset(msgspec.Struct, frozen=True, omit_defaults=True):
    """A dataset that the ledger cites: what is recorded of it."""

    title: str
    path: str = ""
    publisher: str = ""
    published: str = ""


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """What `datapackage.json` says; `ledger` is how the package came about."""

    name: str
    title: str
    description: str
    version: str
    sources: tuple[Dataset, ...] | UnsetType
    ledger: Made
    resources: tuple[Resource, ...]
    profile: str = msgspec.field(default=_PROFILE, name="$schema")


class FolderExistsError(LedgerError):
    """A folder that holds something already."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} exists already: name another folder, or take it away first")


def write(
    connection: Connection, log: Log, request: Request, question: Question, folder: Path
) -> Package:
    """Write what stands, as a question asks it, into a new folder: whole or not at all.

    `request` is what was asked, in the words of its options. Raises FolderExistsError, and
    LedgerError where the folder cannot be written.
    """
    target = folder.resolve()
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise FolderExistsError(folder)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        partial.mkdir()
        found = _package(connection, log, request, question, partial)
        text = msgspec.json.format(msgspec.json.encode(found)).decode()
        (partial / FILE).write_text(text + "\n", encoding="utf-8", newline="")
        for path in partial.iterdir():
            with path.open("rb") as file:
                folders.sync_file(file)
        folders.sync(partial)
        partial.rename(target)
        folders.sync(target.parent)
    except OSError as error:
        raise LedgerError(f"{folder}: {refusal(error)}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return found


def _package(
    connection: Connection, log: Log, request: Request, question: Question, folder: Path
) -> Package:
    made_of = manifest.state(connection, log, request)
    datasets = tuple(_datasets(connection, question))
    return Package(
        name="casualty-ledger",
        title="Casualty Ledger: incidents, counts, claims and their sources",
        description=f"{manifest.STATEMENT} Cite: {manifest.cite(made_of)}.",
        version=str(made_of.position),
        sources=datasets or UNSET,
        ledger=manifest.made(request, made_of, "datapackage", raw=True),
        resources=tuple(_resource(one, connection, log, question, folder) for one in CONTENTS),
    )


def _datasets(connection: Connection, question: Question) -> Iterator[Dataset]:
    """The datasets among the sources, by key: who published them, and where."""
    for one in state.sources(connection):
        document = one.document
        if document.type == _DATASET and (
            question.known_by is None or one.known <= question.known_by
        ):
            yield Dataset(document.title, document.url, document.publisher, document.published)


def _resource(
    one: Contents, connection: Connection, log: Log, question: Question, folder: Path
) -> Resource:
    path = folder / f"{one.name}.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        measured = Measured(out)
        separated.write(one.columns, one.rows(connection, log, question), measured)
    return Resource(
        name=one.name,
        path=path.name,
        title=one.title,
        bytes=measured.bytes,
        hash=measured.hash,
        rows=measured.rows,
        schema=_schema(one),
    )


def _schema(one: Contents) -> Schema:
    keys = tuple(
        ForeignKey((column,), Reference(table, (to,))) for column, table, to in one.references
    )
    return Schema(tuple(map(_field, one.columns)), one.key, keys or UNSET)


def _field(column: Column) -> Field:
    kind = "string" if column.kind == "text" else "integer"
    return Field(column.name, kind, column.meaning or column.name, column.unit)
