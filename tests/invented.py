"""Drafts of invented events, and the questions that tests ask of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from ledger import counts as counting
from ledger.app import Ledger
from ledger.audit.projected import COMPARED
from ledger.errors import RefusedError
from ledger.events import Draft
from ledger.events import payloads as said
from ledger.problems import Problem
from ledger.reports.question import Question, ask
from ledger.sources import Citation
from ledger.store.triggers import POSTGRES
from ledger.store.triggers import SQLITE as TRIGGERS
from tests import postgres
from tests.conftest import ON_POSTGRES, file_of

GAZETTE = "invented-gazette"
HERALD = "invented-herald"
ALL = Question()


def cite(source: str = GAZETTE, claimant: str = "Invented Ministry", grade: int = 2) -> Citation:
    """A citation of an invented source."""
    return Citation(source=source, claimant=claimant, grade=grade)


def source(
    key: str = GAZETTE, published: str = "2024-01-02", grade: said.SourceGrade = "B"
) -> Draft:
    """An invented newspaper."""
    data = said.SourceRegistered(
        title=f"Invented paper {key}", publisher="Invented Press", published=published, grade=grade
    )
    return Draft(stream=f"source/{key}", data=data)


def incident(
    key: str = "ambush",
    *claims: str,
    date: str = "2024-01-01",
    of: str = GAZETTE,
    claimant: str = "Invented Ministry",
    status: said.Status = "confirmed",
    labels: Mapping[str, str] | None = None,
    attributions: Sequence[said.Attributed] = (),
) -> Draft:
    """An invented incident; each claim is written `LINE COUNT`."""
    data = said.IncidentRecorded(
        kind="armed-clash",
        title=f"Invented incident {key}",
        date=date,
        status=status,
        labels=labels or {},
        counts=tuple(map(claimed, claims)),
        attributions=tuple(attributions),
    )
    return Draft(stream=f"incident/{key}", data=data, citations=(cite(of, claimant),))


def claimed(text: str) -> said.Claimed:
    """A claim written `LINE COUNT`."""
    line, _, count = text.rpartition(" ")
    return said.Claimed(line=line, count=counting.parse(count))


def counts(
    key: str, *claims: str, of: str = GAZETTE, claimant: str = "Invented Ministry", grade: int = 2
) -> Draft:
    """Another invented report's claims, each written `LINE COUNT`."""
    data = said.CountsReported(claims=tuple(map(claimed, claims)))
    return Draft(stream=f"incident/{key}", data=data, citations=(cite(of, claimant, grade),))


def person(key: str, line: str, name: str = "Invented Person") -> Draft:
    """An invented person on a line of an incident."""
    data = said.PersonIdentified(name=name, line=line)
    return Draft(stream=f"incident/{key}", data=data, citations=(cite(),))


def attribution(key: str, actor: str = "Invented Brigade", of: str = GAZETTE) -> Draft:
    """Someone accused by the invented ministry."""
    data = said.ResponsibilityAttributed(actor=actor, stance="accuses")
    return Draft(stream=f"incident/{key}", data=data, citations=(cite(of),))


def link(key: str, to: str, relation: said.Relation = "followed-by", of: str = GAZETTE) -> Draft:
    """A link from one invented incident to another."""
    data = said.IncidentsLinked(relation=relation, to=to)
    return Draft(stream=f"incident/{key}", data=data, citations=(cite(of),))


def merge(key: str, into: str) -> Draft:
    """The one invented incident was the same as the other."""
    return Draft(stream=f"incident/{key}", data=said.IncidentMerged(into=into))


def retract(
    stream: str,
    position: int | None,
    line: str = "",
    *,
    kind: said.RetractionKind = "error",
    of: str = GAZETTE,
) -> Draft:
    """A retraction of a position, of a line's claim there, or (None) of the stream's batch."""
    data = said.EventRetracted(kind=kind, position=position, line=line)
    citations = (cite(of),) if kind == "withdrawn" else ()
    return Draft(stream=stream, data=data, citations=citations)


def revise(key: str, **changes: object) -> Draft:
    """A revision of an invented incident; `reclassify` is a mapping from line to line."""
    moved = changes.pop("reclassify", None)
    if isinstance(moved, dict):
        changes["reclassify"] = tuple(said.Reclassified(line=a, to=b) for a, b in moved.items())
    data = said.IncidentRevised(**changes)  # type: ignore[arg-type]
    return Draft(stream=f"incident/{key}", data=data, citations=(cite(),))


def revise_source(key: str = GAZETTE, **changes: str) -> Draft:
    """A revision of an invented source."""
    return Draft(stream=f"source/{key}", data=said.SourceRevised(changes=changes))


def tally(key: str = "invented-tally", measure: str = "killed", **where: str) -> Draft:
    """An invented tally."""
    values = {name: (value,) for name, value in where.items()}
    data = said.TallyDefined(title=f"Invented tally {key}", measure=measure, where=values)
    return Draft(stream=f"tally/{key}", data=data)


def total(
    count: str,
    as_of: str,
    key: str = "invented-tally",
    *,
    opening: bool = False,
    unit_unclear: bool = False,
    of: str = GAZETTE,
) -> Draft:
    """A figure that an invented body published for a tally."""
    data = said.TotalPublished(
        count=counting.parse(count), as_of=as_of, opening=opening, unit_unclear=unit_unclear
    )
    return Draft(stream=f"tally/{key}", data=data, citations=(cite(of),))


def note(stream: str, text: str = "An invented note.") -> Draft:
    """A note on a stream."""
    return Draft(stream=stream, data=said.NoteAdded(text=text))


def batched(ledger: Ledger, folder: Path, toml: str, name: str = "invented.toml") -> str:
    """Import a text as a file of drafts; gives the batch."""
    path = folder / name
    path.write_text(toml, encoding="utf-8")
    return ledger.import_drafts([path]).batch


def refused(ledger: Ledger, *drafts: Draft) -> list[str]:
    """The codes of the problems that keep drafts from being appended; nothing if none do."""
    return [problem.code for problem in problems(ledger, *drafts)]


def problems(ledger: Ledger, *drafts: Draft) -> list[Problem]:
    """The problems that keep drafts from being appended; nothing if none do."""
    before = list(ledger.export())
    try:
        ledger.append(drafts)
    except RefusedError as error:
        assert list(ledger.export()) == before, "what is refused leaves nothing"
        return [one for one in error.problems if isinstance(one, Problem)]
    return []


def figures(ledger: Ledger, at: str = "", **question: object) -> dict[str, object]:
    """The best of each group and measure, named `GROUP/…/MEASURE`."""
    asked = ask(**question)  # type: ignore[arg-type]
    keys = len(asked.by) + 1
    rows = totals(ledger, at, asked)
    return {"/".join(map(str, row[:keys])): row[keys + 1] for row in rows}


def totals(ledger: Ledger, at: str = "", question: Question = ALL) -> list[tuple[object, ...]]:
    """The rows of the report `totals`."""
    with ledger.asking(at) as present:
        return list(present.report("totals", question).rows)


def fates(ledger: Ledger, key: str, **question: object) -> list[tuple[object, ...]]:
    """Line, count and fate of every claim on an incident, with the position that decided it."""
    with ledger.asking() as present:
        asked = ask(where=[f"incident={key}"], **question)  # type: ignore[arg-type]
        rows = list(present.report("claims", asked).rows)
    return [(row[1], row[2], row[7], row[8]) for row in rows]


def findings(ledger: Ledger) -> list[str]:
    """What `verify` finds, as `WHERE: CODE`."""
    return [f"{one.where}: {one.code}" for one in ledger.verify().findings]


def tables(ledger: Ledger) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every projection, interned ids by what they stand for."""
    with ledger.database.reading() as opened:
        return {
            name: [tuple(row) for row in opened.execute(text(sql))]
            for name, sql in COMPARED.items()
        }


def tamper(ledger: Ledger, *statements: str) -> None:
    """Change the database behind the ledger's back, with its triggers out of the way."""
    if ON_POSTGRES:
        _tamper_as_owner(ledger.database.address, statements)
        return
    with closing(sqlite3.connect(file_of(ledger), isolation_level=None)) as opened:
        for name in TRIGGERS:
            opened.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            opened.execute(statement)
        for statement in TRIGGERS.values():
            opened.execute(statement)


def _tamper_as_owner(url: str, statements: Sequence[str]) -> None:
    with postgres.administered(url) as opened:
        for name in POSTGRES:
            opened.execute(f"ALTER TABLE {name.partition('_')[0]} DISABLE TRIGGER {name}".encode())
        try:
            for statement in statements:
                opened.execute(statement.encode())
        except (psycopg.ProgrammingError, psycopg.DataError) as error:
            pytest.skip(f"only SQLite can be damaged so: {error}")
        for name in POSTGRES:
            table = name.partition("_")[0]
            opened.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}".encode())
