"""Totals of a question: put to the tally that asks it, which is defined if it is not yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import Connection

from ledger.intake import mapping as spec
from ledger.intake.files import Table, Value
from ledger.reports import scopes
from ledger.reports.scopes import Named, Scope

QUESTION = ("measure", "where", "covers")
"""What a total says that names no tally."""


def tables(connection: Connection, written: Sequence[Table]) -> list[Table]:
    """The tables with the tally of each total that puts a question, and those that it takes."""
    if not any(map(_puts_a_question, written)):
        return list(written)
    known = scopes.standing(connection)
    for table in written:
        if table.noun == "tally" and (asked := _scope(table.values)) is not None:
            _remember(known, asked, str(table.values.get("key", "")), table.values)
    found: list[Table] = []
    for table in written:
        found += _put(table, known) if _puts_a_question(table) else [table]
    return found


def mapping(connection: Connection, of: spec.Mapping) -> spec.Mapping:
    """A mapping whose totals name the tally of this ledger that asks the same of every row.

    What a total asks of each row by itself is left: its tally is named after the question.
    """
    if all(one.tally for one in of.totals):
        return of
    known = scopes.standing(connection)
    return msgspec.structs.replace(of, totals=tuple(_named(one, known) for one in of.totals))


def _puts_a_question(table: Table) -> bool:
    return table.noun == "total" and "tally" not in table.values and "measure" in table.values


def _put(table: Table, known: dict[Scope, list[Named]]) -> list[Table]:
    """A total that names its tally, behind the definition of that where it is missing."""
    values = table.values
    rest = {name: value for name, value in values.items() if name not in QUESTION}
    asked = _scope(values) or Scope(str(values["measure"]))
    if key := scopes.asking(known, asked, str(values.get("covers", ""))):
        return [table._replace(values={"tally": key, **rest})]
    _remember(known, asked, asked.key, values)
    question = {name: values[name] for name in QUESTION if name in values}
    defined = {"key": asked.key, "title": asked.title, **question}
    return [
        Table(table.where, "tally", defined),
        table._replace(values={"tally": asked.key, **rest}),
    ]


def _remember(
    known: dict[Scope, list[Named]], asked: Scope, key: str, values: Mapping[str, Value]
) -> None:
    known.setdefault(asked, []).append(Named(key, str(values.get("covers", ""))))


def _scope(values: Mapping[str, Value]) -> Scope | None:
    """What a table asks; None where it does not put it as a filter is put."""
    where = values.get("where", {})
    if not isinstance(where, Mapping):
        return None
    several = {key: [one] if isinstance(one, str) else one for key, one in where.items()}
    try:
        return scopes.scope(
            msgspec.convert(values.get("measure"), str),
            msgspec.convert(several, dict[str, list[str]]),
        )
    except msgspec.ValidationError:
        return None


def _named(one: spec.Total, known: Mapping[Scope, list[Named]]) -> spec.Total:
    constant = [one.measure, *one.where.values()]
    if one.tally or not all(isinstance(text, str) and "{" not in text for text in constant):
        return one
    where = {key: (str(text),) for key, text in one.where.items()}
    key = scopes.asking(known, scopes.scope(str(one.measure), where))
    return msgspec.structs.replace(one, tally=key) if key else one
