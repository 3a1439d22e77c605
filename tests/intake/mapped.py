"""What tests of mappings share: files imported, and what the ledger then says."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from ledger.app import Ledger
from ledger.events import Payload
from ledger.events import payloads as said
from ledger.intake.importing import Imported
from ledger.intake.rowfiles import Asked
from ledger.reports.question import ask
from tests.conftest import ROOT, SHARED, file_of

DATA = ROOT / "tests" / "data"
GED191 = SHARED / "data" / "ucdp" / "ged191-bgd-mmr.csv"
HDX = SHARED / "data" / "ucdp" / "hdx-conflict-data-bgd.csv"

Row = dict[str, str]
Said = TypeVar("Said", bound=Payload)


def imported(ledger: Ledger, path: Path, mapping: str, **asked: object) -> Imported:
    """Import one file; `asked` are the fields of `Asked`. Rejects go beside the ledger."""
    asked.setdefault("rejects", Path(file_of(ledger)).parent / "rejects.csv")
    return ledger.import_rows([path], Asked(mapping, **asked))  # type: ignore[arg-type]


def fates(done: Imported) -> tuple[int, ...]:
    """Rows new, changed, unchanged, rejected and retracted; read is what they come to."""
    one = done.counted
    assert one.read == one.new + one.changed + one.unchanged + one.duplicates + one.rejected
    return one.new, one.changed, one.unchanged, one.rejected, one.retracted


def told(done: Imported) -> list[tuple[str, str, str]]:
    """Line, column and code of each problem, once."""
    found = [((*one.where.split(":"), ""), one.code) for one in done.problems]
    return list(dict.fromkeys((where[1], where[2], code) for where, code in found))


def totals(
    ledger: Ledger, by: str = "", at: str = "", **asked: Sequence[str]
) -> dict[tuple[object, ...], tuple[object, ...]]:
    """Low, best and high by the values of some keys; of all killed unless asked otherwise."""
    question = ask(measures=asked.get("measures", ["killed"]), where=asked.get("where", ()), by=by)
    keys = len(question.by)
    with ledger.asking(at) as present:
        rows = [tuple(row) for row in present.report("totals", question).rows]
    return {row[:keys]: row[keys + 1 : keys + 4] for row in rows}


def events(ledger: Ledger, stream: str, kind: type[Said]) -> list[Said]:
    """What the events of a kind say in a stream."""
    with ledger.asking() as present:
        return [one.data for one in present.log.stream(stream) if isinstance(one.data, kind)]


def recorded(ledger: Ledger, key: str) -> said.IncidentRecorded:
    """The incident as it was recorded first."""
    return events(ledger, f"incident/{key}", said.IncidentRecorded)[0]


def claimed(ledger: Ledger, key: str) -> dict[str, str]:
    """The counts that came with an incident, by line, as a steward types them."""
    return {one.line: str(one.count) for one in recorded(ledger, key).counts}


def findings(ledger: Ledger, *, flags: bool = False) -> list[tuple[str, str]]:
    """Where and code of what `check` finds."""
    with ledger.asking() as present:
        return [(one.where, one.code) for one in present.check(flags=flags)]


def published(ledger: Ledger) -> dict[object, tuple[object, ...]]:
    """As of, published, computed, difference and status of each tally's last total."""
    with ledger.asking() as present:
        rows = [tuple(row) for row in present.report("published", ask()).rows]
    return {row[0]: row[1:6] for row in rows}


def read(path: Path) -> list[Row]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """A CSV file of some rows; the columns are those of the first."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    return path
