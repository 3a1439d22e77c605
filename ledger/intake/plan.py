"""A set of drafts against what stands: what is new, what stands already, what is in the way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, text

from ledger import codec
from ledger.events import Draft, Event, Payload, stream_of
from ledger.events import payloads as said
from ledger.events.checks import NewValues
from ledger.intake import drafts, files
from ledger.intake.files import Table
from ledger.problems import Problem
from ledger.projections.incidents import Stream
from ledger.projections.standing import Taken
from ledger.store.log import Head, Log

_KEYED = (said.SourceRegistered, said.IncidentRecorded, said.TallyDefined)


class Placed(NamedTuple):
    """A draft, and where it was written."""

    where: str
    draft: Draft


class FileSet(NamedTuple):
    """The files of one command: what they are, what they write, what is wrong with them."""

    files: tuple[said.ImportedFile, ...]
    tables: list[Table]
    problems: list[Problem]


class Plan(NamedTuple):
    """What a set would do: drafts to append, how many stand already, what is in the way."""

    new: list[Placed]
    unchanged: int
    problems: list[Problem]


class Imported(NamedTuple):
    """What an import did: events appended, drafts that stood already, how much there is now."""

    appended: int
    unchanged: int
    batch: str
    head: Head


def read(paths: Iterable[Path]) -> FileSet:
    """All drafts of some files, as one set: it is the same in whatever order they are named."""
    contents = [files.read(path) for path in sorted(paths)]
    return FileSet(
        tuple(
            said.ImportedFile(name=one.name, sha256=hashlib.sha256(one.body).hexdigest())
            for one in contents
        ),
        [table for one in contents for table in one.tables],
        [problem for one in contents for problem in one.problems],
    )


def make(
    connection: Connection,
    found: FileSet,
    undone: Mapping[str, Taken],
    new_values: NewValues = frozenset(),
) -> Plan:
    """Compare a set with what stands in the ledger; `undone` are batches taken back."""
    publishers = _publishers(connection, found.tables)
    built = [(table, *drafts.build(table, publishers, new_values)) for table in found.tables]
    problems = [*found.problems, *(one for _, _, some in built for one in some)]
    ready = drafts.ordered((table, draft) for table, draft, _ in built if draft is not None)
    standing = _standing(Log(connection), ready, undone)
    new: list[Placed] = []
    seen: dict[str, str] = {}
    keyed: dict[tuple[str, str], str] = {}
    for table, draft in ready:
        mark = codec.fingerprint(draft)
        others = standing.get(draft.stream, [])
        if mark in seen or any(codec.fingerprint_of(event) == mark for event in others):
            continue
        seen[mark] = table.where
        if isinstance(draft.data, _KEYED):
            problems.extend(_in_the_way(table, draft, others, keyed))
            keyed[draft.stream, draft.type] = table.where
        new.append(Placed(table.where, draft))
    return Plan(new, len(ready) - len(new), problems)


def batch_id(connection: Connection, found: FileSet) -> str:
    """A name for the import of these files that no batch has had."""
    whole = hashlib.sha256("".join(one.sha256 for one in found.files).encode()).hexdigest()
    statement = text("SELECT count(*) FROM events WHERE stream = :one OR stream LIKE :more")
    base = f"drafts-{whole[:16]}"
    values = {"one": stream_of("batch", base), "more": stream_of("batch", base) + ".%"}
    before = connection.execute(statement, values).scalar_one()
    return f"{base}.{before + 1}" if before else base


def last_word(found: FileSet, made: Plan, batch: str) -> Draft:
    """The event that says that an import is complete."""
    data = said.BatchImported(
        files=found.files,
        mapping="drafts",
        mapping_version=1,
        read=len(made.new) + made.unchanged,
        new=len(made.new),
        unchanged=made.unchanged,
    )
    return Draft(stream=stream_of("batch", batch), data=data, batch=batch)


def _publishers(connection: Connection, tables: Sequence[Table]) -> dict[str, str]:
    """The publishers of sources: of this set, and of those in the ledger that it cites."""
    cited = {str(table.values["source"]) for table in tables if "source" in table.values}
    for table in tables:
        several = table.values.get("cite")
        if isinstance(several, list):
            cited.update(str(one.get("source", "")) for one in several if isinstance(one, dict))
    statement = text("SELECT key, document FROM sources WHERE key IN :keys").bindparams(
        bindparam("keys", expanding=True)
    )
    wanted, found = sorted(cited), dict[str, str]()
    for start in range(0, len(wanted), 500):
        rows = connection.execute(statement, {"keys": wanted[start : start + 500]})
        for key, document in rows:
            found[key] = msgspec.json.decode(document).get("publisher", "")
    for table in tables:
        if table.noun == "source":
            found[str(table.values.get("key"))] = str(table.values.get("publisher", ""))
    if not cited <= found.keys():
        names = connection.execute(text("SELECT key FROM sources LIMIT 2000")).scalars()
        found.update((name, "") for name in names if name not in found)
    return found


def _standing(
    log: Log, ready: Sequence[tuple[Table, Draft]], undone: Mapping[str, Taken]
) -> dict[str, list[Event[Payload]]]:
    """The standing events of the streams that the drafts would go to."""
    names = dict.fromkeys(draft.stream for _, draft in ready)
    return {
        name: [event for event, _ in Stream.plain(name, history, undone).standing]
        for name, history in log.streams(names).items()
    }


def _in_the_way(
    table: Table,
    draft: Draft,
    others: Sequence[Event[Payload]],
    keyed: Mapping[tuple[str, str], str],
) -> list[Problem]:
    """A key that stands with other content, in the ledger or in this set."""
    if first := keyed.get((draft.stream, draft.type)):
        message = f"{draft.stream} is given twice, first at {first}, with other content"
        return [Problem(table.where, "key-twice", message, "keep one of them")]
    same = [event for event in others if event.type == draft.type]
    if not same:
        return []
    fields = _differing(draft, same[-1])
    return [
        Problem(
            table.where,
            "key-taken",
            f"{draft.stream} stands at position {same[-1].position} with other "
            + ", ".join(fields),
            f"to change it, use `ledger revise {table.noun} {draft.stream.partition('/')[2]}` "
            "or choose another key",
        )
    ]


def _differing(draft: Draft, event: Event[Payload]) -> list[str]:
    names = [
        name
        for name in draft.data.__struct_fields__
        if getattr(draft.data, name) != getattr(event.data, name)
    ]
    return [*names, *(["citations"] if draft.citations != event.citations else [])]
