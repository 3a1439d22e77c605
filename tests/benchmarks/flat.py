"""The rows of a ledger, flat in a DuckDB file, and what plain SQL says of them there.

DuckDB reads the CSV of `report incidents`, `counts` and `claims`: what anybody would load who
wants to go on with other tools. Each question is a whole process, as the ledger's own are.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import duckdb

Answer = Mapping[tuple[str, ...], tuple[str, ...]]
"""Low, best, high and incidents by group and measure, as CSV writes them."""

_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "month": "substr(date, 1, 7)",
        "year": "substr(date, 1, 4)",
        "country": "country",
        "actor": "actor",
        "dyad": "regexp_extract(labels, 'dyad=(\\d+)', 1)",
        "nationality": "regexp_extract(line, 'nationality=(\\w+)', 1)",
        "cause": "regexp_extract(line, 'cause=([a-z-]+)', 1)",
    }
)
_FIGURES = f"""
    CREATE TABLE figures AS
    SELECT incident, line, within, low, best, high, status, split_part(line, '[', 1) AS measure,
        {
    ", ".join(f"coalesce(nullif({sql}, ''), 'unspecified') AS {key}" for key, sql in _KEYS.items())
}
    FROM (SELECT * FROM read_csv('{{counts}}', types = {{{{'date': 'VARCHAR'}}}}))
    JOIN (SELECT incident, country, actor, labels, status FROM read_csv('{{incidents}}'))
    USING (incident)
"""
_CLAIMS = "CREATE TABLE claims AS FROM read_csv('{claims}', all_varchar = true)"
_SAY = """
import sys, duckdb
asked = duckdb.connect(sys.argv[1], read_only=True).execute(sys.argv[2])
print(len(asked.fetchall()))
"""


class Flat:
    """A DuckDB file of the rows that a ledger's reports gave."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self, incidents: Path, counts: Path, claims: Path) -> None:
        """Read the CSV of the three reports."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute(_FIGURES.format(incidents=incidents, counts=counts))
            connection.execute(_CLAIMS.format(claims=claims))

    def ask(self, by: Sequence[str]) -> Sequence[str]:
        """The command line of a process that sums the figures by some keys."""
        return (sys.executable, "-c", _SAY, str(self.path), _totals(by))

    def copy(self, target: Path) -> Sequence[str]:
        """The command line of a process that writes all claims as CSV."""
        return (sys.executable, "-c", _SAY, str(self.path), f"COPY claims TO '{target}'")

    def totals(self, by: Sequence[str]) -> Answer:
        """What it answers."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return _answer(connection.sql(_totals(by)).fetchall(), len(by))


def told(answer: str, by: Sequence[str]) -> Answer:
    """The same of the CSV of `report totals`."""
    return _answer(
        [row[: len(by) + 5] for row in list(csv.reader(io.StringIO(answer)))[1:]], len(by)
    )


def _answer(rows: Sequence[Sequence[object]], keys: int) -> Answer:
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    return {tuple(row[: keys + 1]): tuple(row[keys + 1 :]) for row in texts}


def _totals(by: Sequence[str]) -> str:
    """Top lines of incidents that count, summed as the ledger does: an unknown high is open."""
    grouped = ", ".join((*by, "measure"))
    return (
        f"SELECT {grouped}, sum(low)::BIGINT, sum(best)::BIGINT, "
        "CASE WHEN count(*) = count(high) THEN sum(high)::BIGINT END, count(DISTINCT incident) "
        "FROM figures WHERE within IS NULL AND status <> 'discounted' "
        f"GROUP BY {grouped} ORDER BY {grouped}"
    )
