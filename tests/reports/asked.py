"""What tests of reports share: rows of a report, by the names of its columns."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ledger.app import Ledger
from ledger.events import Draft
from ledger.events import payloads as said
from ledger.reports.question import ask
from tests.invented import source

Row = dict[str, object]


def asked(ledger: Ledger, name: str, at: object = "", **question: object) -> list[Row]:
    """The rows of a report."""
    with ledger.asking(str(at)) as present:
        table = present.report(name, ask(**question))  # type: ignore[arg-type]
        names = [column.name for column in table.columns]
        return [dict(zip(names, row, strict=True)) for row in table.rows]


def cut(rows: Iterable[Row], *names: str) -> list[tuple[object, ...]]:
    """Some columns of rows."""
    return [tuple(row[name] for name in names) for row in rows]


def relay(key: str, *relays: str, published: str = "2024-01-02") -> Draft:
    """An invented newspaper that passes reports on."""
    draft = source(key, published)
    assert isinstance(draft.data, said.SourceRegistered)
    data = msgspec.structs.replace(draft.data, relays=relays)
    return msgspec.structs.replace(draft, data=data)
