"""Questions to a ledger of 400,000 incidents and a million claims: whole processes, and memory.

Beside them DuckDB, over the same rows flat, where plain SQL can answer at all: the totals by an
attribute that splits an incident it cannot, nor what was known by a day, nor where a figure
comes from.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.benchmarks import reported
from tests.benchmarks.conftest import Record
from tests.benchmarks.flat import Flat, told
from tests.benchmarks.processes import environment, ledger_command, run
from tests.benchmarks.rounds import Benchmark, by_turns
from tests.benchmarks.yardsticks import Spent, spent

INCIDENTS = int(os.environ.get("CASUALTY_LEDGER_BENCH_INCIDENTS", "400000"))
ROUNDS = 3
_DAY = "2010-06-30"

PLAIN: Sequence[tuple[str, ...]] = (
    (),
    ("country", "year"),
    ("month",),
    ("country", "month"),
    ("actor",),
    ("dyad",),
    ("nationality", "cause"),
)
"""Keys by which plain SQL sums as well."""
GROUPED: Sequence[tuple[str, ...]] = (
    ("totals", "--by", "role"),
    ("totals", "--by", "role,country,year"),
    ("totals", "--where", "role=civilian", "--by", "country"),
)
CLOCKS: Sequence[tuple[str, ...]] = tuple(
    ("totals", "--as-of", _DAY, "--known-by", _DAY, *by)
    for by in ((), ("--by", "country,year"), ("--by", "month"), ("--by", "role"), ("--by", "actor"))
)
EXPLAINED: Sequence[tuple[str, ...]] = (
    ("--measure", "killed", "--where", f"incident={reported.key(7)}"),
    ("--measure", "killed", "--by", "country,year", "--row", "7"),
    (reported.TALLY, "--as-of", "2000-12-31"),
)
LONG: Sequence[tuple[str, ...]] = (("coverage",), ("open",), ("sources",), ("conflicts",))


class Asked(NamedTuple):
    """The ledger, its rows in DuckDB, where files may be written, the environment of processes."""

    path: Path
    flat: Flat
    folder: Path
    compiled: Path

    def command(self, *arguments: str) -> Sequence[str]:
        """The command line of `ledger` on this ledger."""
        return ledger_command("--db", str(self.path), *arguments)

    def spent(self, command: Sequence[str]) -> Spent:
        """What a process takes."""
        return spent(command, environment(self.compiled))

    def answer(self, *arguments: str) -> str:
        """What the ledger answers."""
        return run(self.command(*arguments), environment(self.compiled))


@pytest.fixture(scope="module")
def asked(folder: Path, compiled: Path) -> Asked:
    """The ledger, made once, and what its reports gave."""
    own = folder / "reports"
    own.mkdir()
    reported.ledger(own / "ledger.db", INCIDENTS)
    made = Asked(own / "ledger.db", Flat(own / "flat.duckdb"), own, compiled)
    files = {name: own / f"{name}.csv" for name in ("incidents", "counts", "claims")}
    for name, file in files.items():
        made.answer("report", name, "-o", str(file))
    made.flat.load(**files)
    return made


@pytest.mark.parametrize("by", PLAIN, ids=",".join)
def test_totals_beside_duckdb(
    by: Sequence[str], benchmark: Benchmark, asked: Asked, record: Record
) -> None:
    """The same totals, from the same rows."""
    arguments = ("report", "totals", *(("--by", ",".join(by)) if by else ()))
    assert told(asked.answer(*arguments, "-f", "csv"), by) == asked.flat.totals(by)
    mine, other = _by_turns(benchmark, asked, asked.command(*arguments), asked.flat.ask(by))
    how = f"DuckDB {_least(other).wall:.2f} s; {_memory(mine)}"
    record(_what(arguments), _least(mine).wall, "grouped" if by else "totals", how)


@pytest.mark.parametrize("arguments", GROUPED, ids=" ".join)
def test_totals_by_attributes(
    arguments: Sequence[str], benchmark: Benchmark, asked: Asked, record: Record
) -> None:
    _record(record, benchmark, asked, ("report", *arguments), "grouped")


@pytest.mark.parametrize("arguments", CLOCKS, ids=" ".join)
def test_totals_by_two_clocks(
    arguments: Sequence[str], benchmark: Benchmark, asked: Asked, record: Record
) -> None:
    _record(record, benchmark, asked, ("report", *arguments), "clocks")


@pytest.mark.parametrize("arguments", EXPLAINED, ids=" ".join)
def test_explain(
    arguments: Sequence[str], benchmark: Benchmark, asked: Asked, record: Record
) -> None:
    _record(record, benchmark, asked, ("explain", *arguments), "explain")


@pytest.mark.parametrize("arguments", LONG, ids=" ".join)
def test_long_reports(
    arguments: Sequence[str], benchmark: Benchmark, asked: Asked, record: Record
) -> None:
    target = str(asked.folder / f"{arguments[0]}-again.csv")
    _record(record, benchmark, asked, ("report", *arguments, "-o", target), "long report", rounds=1)


def test_claims_to_csv(benchmark: Benchmark, asked: Asked, record: Record) -> None:
    """Every claim with its fate, and a manifest with its hash; DuckDB writes the same rows."""
    ours, theirs = asked.folder / "ours.csv", asked.folder / "theirs.csv"
    command = asked.command("report", "claims", "-o", str(ours))
    mine, other = _by_turns(benchmark, asked, command, asked.flat.copy(theirs))
    rows = INCIDENTS * reported.CLAIMS // reported.FORMS
    assert [_lines(ours), _lines(theirs)] == [rows + 1, rows + 1]
    best, what = _least(mine), f"ledger report claims -o claims.csv, {rows:,} claims"
    how = f"{best.wall:.1f} s; DuckDB {rows / _least(other).wall:,.0f} rows/s"
    record(what, rows / best.wall, "claims", how)
    record(f"memory of {what}", best.peak / 1e6, "memory", _memory(mine))


def _record(
    record: Record,
    benchmark: Benchmark,
    asked: Asked,
    arguments: Sequence[str],
    goal: str,
    rounds: int = ROUNDS,
) -> None:
    (mine,) = _by_turns(benchmark, asked, asked.command(*arguments), rounds=rounds)
    record(_what(arguments), _least(mine).wall, goal, _memory(mine))


def _by_turns(
    benchmark: Benchmark, asked: Asked, *commands: Sequence[str], rounds: int = ROUNDS
) -> list[list[Spent]]:
    """What each command took, round by round."""
    found: list[list[Spent]] = [[] for _ in commands]

    def runner(place: int) -> None:
        found[place].append(asked.spent(commands[place]))

    prepared = [lambda place=place: lambda: runner(place) for place in range(len(commands))]
    by_turns(benchmark, rounds, *prepared)
    return found


def _least(some: Sequence[Spent]) -> Spent:
    """The least time of all rounds, and the largest peak."""
    best = min(some, key=lambda one: one.wall)
    return best._replace(peak=max(one.peak for one in some))


def _memory(some: Sequence[Spent]) -> str:
    best = _least(some)
    return f"best of {len(some)}; {best.cpu:.2f} s of the processor, {best.peak / 1e6:.0f} MB"


def _what(arguments: Sequence[str]) -> str:
    words = [one for one in arguments if "/" not in one]
    return f"ledger {' '.join(words)}, {INCIDENTS:,} incidents"


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)
