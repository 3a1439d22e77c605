"""Files of rows made ready for an import: opened, looked at, and fitted to their mapping."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, text

from ledger.errors import LedgerError, RefusedError
from ledger.events import Draft, stream_of
from ledger.events import payloads as said
from ledger.intake import dataset, mapper, mappings, scoped
from ledger.intake import mapping as spec
from ledger.intake.files import STDIN
from ledger.intake.imports import Counted, Opened
from ledger.intake.mapper import Mapper, Publishers
from ledger.intake.marks import Marks
from ledger.intake.readers import Format, Shape, Tabular, open_table
from ledger.intake.recorded import Ours, batch_name, mapping_of
from ledger.intake.rejects import Rejects, delimiter_of_rejects
from ledger.intake.templates import columns_of
from ledger.problems import Problem
from ledger.projections.documents import SourceDocument
from ledger.projections.standing import Taken
from ledger.vocabulary import did_you_mean, is_key

_document = msgspec.json.Decoder(SourceDocument)
_SUFFIXES: Mapping[str, Format] = {"tsv": "tsv", "xlsx": "xlsx"}
"""Suffixes that say how a file is read where its mapping reads CSV: a spreadsheet saves as any."""
_NO_KEY = re.compile(r"[^a-z0-9]+")


class Asked(NamedTuple):
    """How an import is asked for; see `ledger import --help`."""

    mapping: str
    complete: bool = False
    strict: bool = False
    dry_run: bool = False
    rejects: Path | None = None
    extra_columns: bool = False
    encoding: str = ""
    delimiter: str = ""
    key: str = ""
    dataset: str = ""
    settings: Mapping[str, str] = MappingProxyType({})


class Ready(NamedTuple):
    """What an import needs to know before its first row.

    `continues` says that a run of the same import was stopped before its end.
    """

    files: list[Opened]
    ours: Ours
    dataset: Draft | None
    continues: bool
    notes: list[str]
    mapping: spec.Mapping
    marks: Marks

    def last_word(self, counted: Counted) -> Draft:
        """The event that says that the import is complete."""
        rows = {name: getattr(counted, name) for name in _ROWS}
        files = tuple(
            said.ImportedFile(name=one.table.name, sha256=one.table.sha256) for one in self.files
        )
        data = said.BatchImported(
            files=files, mapping=self.mapping.id, mapping_version=self.mapping.version, **rows
        )
        batch = self.ours.batch
        return Draft(stream=stream_of("batch", batch), data=data, batch=batch)


_ROWS = ("read", "new", "changed", "unchanged", "duplicates", "rejected", "retracted")


def ready(
    connection: Connection,
    undone: Mapping[str, Taken],
    stack: ExitStack,
    paths: Sequence[Path],
    asked: Asked,
) -> Ready:
    """Open the files and fit them to the mapping; they are closed with `stack`.

    Raises RefusedError with all problems of all files: then nothing of them can be imported.
    """
    if len({path.resolve() for path in paths}) < len(paths):
        raise LedgerError("a file is named twice: once is enough")
    mapping = _set(mappings.load(asked.mapping), paths[0], asked)
    targets = [_rejects(path, asked, paths) for path in paths]
    tables, headers, mapping = _fitted(stack, paths, mapping, asked)
    ours = _ours(connection, mapping, tables, undone)
    version = _version(connection, mapping, tables[0], asked, ours)
    if version is not None and version.problems:
        raise RefusedError(version.problems, exit_code=1)
    publishers = _publishers(connection, mapping, version)
    mapping = scoped.mapping(connection, mapping)
    source = version.key if version else ""
    files = [
        Opened(
            _where(path),
            one,
            Mapper(mapping, header, mappings.words(), source, publishers, ours.batch),
            Rejects(target, _where(path), header),
        )
        for path, target, one, header in zip(paths, targets, tables, headers, strict=True)
    ]
    begun = text("SELECT 1 FROM events WHERE batch = :batch LIMIT 1")
    continues = connection.execute(begun, {"batch": ours.batch}).scalar() is not None
    notes = [version.note] if version and version.note else []
    marks = Marks.of(connection, mapping.id, _state(mapping, headers, undone))
    if asked.complete:
        marks = marks.unused()  # what is gone is found by looking at every row
    return Ready(files, ours, version.draft if version else None, continues, notes, mapping, marks)


def _fitted(
    stack: ExitStack, paths: Sequence[Path], mapping: spec.Mapping, asked: Asked
) -> tuple[list[Tabular], list[list[str]], spec.Mapping]:
    """The files, what the mapping calls their columns, and the mapping with its key."""
    shapes = [_shape(mapping, path, asked) for path in paths]
    tables = [
        stack.enter_context(open_table(path, shape))
        for path, shape in zip(paths, shapes, strict=True)
    ]
    problems = [problem for one in tables for problem in one.problems]
    headers = [_header(one, mapping) for one in tables]
    mapping = _keyed(mapping, tables[0], headers[0], asked) if not problems else mapping
    for path, one, header in zip(paths, tables, headers, strict=True):
        if not one.problems:
            extra = asked.extra_columns
            problems += _header_problems(mapping, _where(path), header, extra=extra)
    if asked.complete and not any(one.size for one in tables) and not problems:
        message = "there is no row in it, and --complete would withdraw all that it ever held"
        hint = "to take it all back, use `ledger retract --batch ID`"
        problems.append(Problem(_where(paths[0]), "no-rows-at-all", message, hint))
    if problems:
        raise RefusedError(problems, exit_code=1)
    return tables, headers, mapping


def _state(
    mapping: spec.Mapping, headers: Sequence[Sequence[str]], undone: Mapping[str, Taken]
) -> str:
    """What marks of rows hold for: the mapping with its words, the columns, the undone imports."""
    ours = sorted(batch for batch in undone if mapping_of(batch) == mapping.id)
    whole = (mapper.VERSION, msgspec.to_builtins(mapping), mappings.words(), headers, ours)
    return hashlib.sha256(msgspec.json.encode(whole, order="deterministic")).hexdigest()


def header_faults(name: str, path: Path) -> list[Problem]:
    """What is wrong with a file, and with its header, seen from a mapping by name or from a file.

    Raises what `mappings.load` raises.
    """
    asked = Asked(name)
    mapping = _set(mappings.load(name), path, asked)
    with open_table(path, _shape(mapping, path, asked)) as table:
        if table.problems:
            return table.problems
        return _header_problems(mapping, _where(path), _header(table, mapping), extra=False)


def _set(mapping: spec.Mapping, path: Path, asked: Asked) -> spec.Mapping:
    """The mapping with its settings filled in: from the command line, else its own."""
    for name in asked.settings:
        if name not in mapping.settings:
            known = did_you_mean(name, mapping.settings) if mapping.settings else "it has none"
            raise LedgerError(f"mapping {mapping.id} has no setting {name!r}: {known}")
    if asked.key and "key" not in mapping.settings:
        raise LedgerError(f"mapping {mapping.id} has a key of its own: --key is not for it")
    values = {**mapping.settings, **asked.settings}
    if asked.key:
        values["key"] = f"{{{asked.key}}}"
    file = _slug(path)
    filled = {name: value.replace("{file}", file) for name, value in values.items()}
    found = mapper.filled(mapping, {**filled, "file": file})
    if not is_key(found.id):
        raise LedgerError(
            f"{found.id!r} cannot be the id of a mapping: use small letters and dashes"
        )
    return found


def _where(path: Path) -> str:
    """What problems call a file."""
    return "stdin" if str(path) == STDIN else str(path)


def _slug(path: Path) -> str:
    """The name of a file as a key, for mappings that name their dataset by it."""
    stem = Path(_where(path)).name.partition(".")[0]
    return _NO_KEY.sub("-", stem.lower()).strip("-") or "file"


def _shape(mapping: spec.Mapping, path: Path, asked: Asked) -> Shape:
    """How a file is read: as its mapping says, or as the ledger writes rejected rows."""
    if delimiter := delimiter_of_rejects(path):
        if asked.complete:
            raise LedgerError(
                f"{path} holds rejected rows, not the whole dataset: --complete is not for it"
            )
        return Shape("csv", delimiter, asked.encoding or "utf-8")
    file = mapping.file
    suffix = path.suffix.lower().removeprefix(".")
    try:
        return Shape(
            _SUFFIXES.get(suffix, file.format) if file.format == "csv" else file.format,
            asked.delimiter or file.delimiter,
            asked.encoding or file.encoding,
            file.rows,
            file.sheet,
            file.header,
        )
    except ValueError as error:
        raise LedgerError(f"--delimiter: {error}") from error


def _header(table: Tabular, mapping: spec.Mapping) -> list[str]:
    """What the mapping calls the columns: by their HXL tags, where they have any.

    HXL lets several columns have one tag; where the mapping does not ask for it, they keep their
    names.
    """
    tags, asked = table.tags or [""] * len(table.header), mapper.columns(mapping)
    return [
        tag if tag and (tag in asked or tags.count(tag) == 1) else name
        for tag, name in zip(tags, table.header, strict=True)
    ]


def _keyed(
    mapping: spec.Mapping, table: Tabular, header: Sequence[str], asked: Asked
) -> spec.Mapping:
    """The mapping with `--key COLUMN` put where it names a column that goes by its tag."""
    if asked.key not in table.header:
        return mapping
    name = header[table.header.index(asked.key)]
    return mapper.filled(mapping, {asked.key: f"{{{name}}}"}) if name != asked.key else mapping


def _header_problems(
    mapping: spec.Mapping, file: str, header: Sequence[str], *, extra: bool
) -> list[Problem]:
    """What is wrong with a header, and whether no column of it can be the key of rows."""
    found = mapper.header_problems(mapping, file, header, extra=extra)
    there = [mapper.canonical(mapping, name) for name in header]
    wanted = set(columns_of(mapping.key))
    if wanted <= set(mapping.columns.optional) and wanted.isdisjoint(there):
        message = f"there is no column {' or '.join(sorted(wanted))}, which tells its rows apart"
        hint = "name the column that does with --key COLUMN" if "key" in mapping.settings else ""
        found.append(Problem(f"{file}:1", "no-key", message, hint))
    return found


def _ours(
    connection: Connection,
    mapping: spec.Mapping,
    tables: Sequence[Tabular],
    undone: Mapping[str, Taken],
) -> Ours:
    """The batch of these files: continued if a run of it was stopped, else a new one."""
    hashes = [one.sha256 for one in tables]
    whole = hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()
    statement = text("SELECT id FROM batches WHERE position >= 0 OR retraction <> ''")
    ended = set(connection.execute(statement).scalars())
    names = (batch_name(mapping.id, mapping.version, whole, number) for number in count())
    batch = next(name for name in names if name not in ended)
    return Ours(mapping.id, batch, undone, by_row=mapping.source is not None)


def _version(
    connection: Connection,
    mapping: spec.Mapping,
    table: Tabular,
    asked: Asked,
    ours: Ours,
) -> dataset.Version | None:
    if mapping.dataset is None:
        return None
    known = dataset.known_versions(connection, ours)
    name = asked.dataset or table.name
    return dataset.version(mapping.dataset, name, known, asked=bool(asked.dataset))


def _publishers(
    connection: Connection, mapping: spec.Mapping, version: dataset.Version | None
) -> Publishers:
    """Who published what rows may cite: looked up now, since no row is read in this transaction."""
    known: dict[str, str] = {}
    if mapping.source is not None:
        for key, document in connection.execute(text("SELECT key, document FROM sources")):
            known[key] = sys.intern(_document.decode(document).publisher)
    if version is not None and isinstance(version.draft.data, said.SourceRegistered):
        known.setdefault(version.key, version.draft.data.publisher)
    return Publishers(known.get)


def _rejects(path: Path, asked: Asked, paths: Sequence[Path]) -> Path:
    """Where the rejected rows of a file go; one that was named is looked at before it is needed."""
    if asked.rejects is None:
        target = Path(f"{_where(path)}.rejects.csv")
    elif len(paths) > 1:
        raise LedgerError("--rejects is for one file; of several each has its own beside it")
    else:
        target = asked.rejects
        _usable(target)
    if target.is_dir() or any(target.resolve() == one.resolve() for one in paths):
        message = f"{target} is something else, rejected rows cannot go there: give --rejects"
        raise LedgerError(message)
    return target


def _usable(target: Path) -> None:
    if target.suffix != ".csv":
        raise LedgerError(f"rejected rows are written as CSV: end {target} in .csv")
    folder = target.resolve().parent
    if not (folder.is_dir() and os.access(folder, os.W_OK) and folder.stat().st_mode & 0o222):
        why = "is read-only" if folder.is_dir() else "does not exist"
        raise LedgerError(f"the rejects file {target} cannot be written: its folder {why}")
