"""`ledger check` of long series: a figure and a total a day, as a ministry publishes them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from ledger import counts as counting
from ledger.app import Ledger
from ledger.events import Draft
from ledger.events import payloads as said
from tests.cli.command import Command
from tests.conftest import SHARED, file_of
from tests.invented import cite, incident, source, tally, total

PUBLISHER = "Invented Ministry"


class Day(NamedTuple):
    """What was published on a day: its increment, and the total; None is nothing."""

    day: str
    increment: int | None
    total: int | None


class Change(NamedTuple):
    """A day on which total and sum come to differ by another number."""

    day: str
    published: int
    computed: int


INVENTED = [
    Day("2024-01-01", 4, 4),
    Day("2024-01-02", 1000, 1004),
    Day("2024-01-03", None, None),
    Day("2024-01-04", None, 1010),
    Day("2024-01-05", 2, 1012),
    Day("2024-01-06", 3, 1025),
    Day("2024-01-07", None, 1006),
    Day("2024-01-08", 1, 1010),
]


def drafts(key: str, measure: str, days: Sequence[Day]) -> Iterator[Draft]:
    """A tally, an incident for each increment, and each total."""
    named = tally(key, measure)
    assert isinstance(named.data, said.TallyDefined)
    covering = msgspec.structs.replace(named.data, covers=f"{days[0].day}/..")
    yield msgspec.structs.replace(named, data=covering)
    for one in days:
        if one.increment is not None:
            claim = f"{measure} {one.increment}"
            yield incident(f"{key}-{one.day}", claim, date=one.day, claimant=PUBLISHER)
    for one in days:
        if one.total is not None:
            draft = total(str(counting.parse(str(one.total))), one.day, key)
            yield msgspec.structs.replace(draft, citations=(cite(claimant=PUBLISHER),))


def changes(days: Sequence[Day]) -> list[Change]:
    """Worked out apart from the ledger: one pass over what was published."""
    computed, before, found = 0, 0, []
    for day, increment, published in days:
        computed += increment or 0
        if published is not None and computed - published != before:
            before = computed - published
            if before:
                found.append(Change(day, published, computed))
    return found


def told(command: Command, of: Ledger, *options: str) -> list[str]:
    """The lines of `ledger check`, on which it finds something."""
    done = command("--db", file_of(of), "check", *options)
    assert (done.code, done.err) == (1, "")
    return done.out.splitlines()


def found(published: str, day: str, position: int, computed: str) -> str:
    """A finding on the series of invented totals, as it is printed."""
    return (
        f"tally town-killed: total-differs Invented Ministry published {published} as of {day} "
        f"(position {position}), the ledger computes {computed}, last agreed 2024-01-02, "
        f"at 1,004: see `ledger explain town-killed --as-of {day}`"
    )


def day_of(line: str) -> str:
    """The day that a finding is of."""
    return line.partition("as of ")[2][:10]


def test_a_series_of_invented_totals(bare: Command, ledger: Ledger) -> None:
    ledger.append([source(), *drafts("town-killed", "killed", INVENTED)])
    lines = told(bare, ledger)
    assert lines == [
        found("1,010", "2024-01-04", 9, "1,004, difference -6"),
        found("1,025", "2024-01-06", 11, "1,009, difference -16"),
        found("1,006", "2024-01-07", 12, "1,009, difference +3"),
    ]
    assert [one.day for one in changes(INVENTED)] == list(map(day_of, lines))


def test_all_of_a_series(bare: Command, ledger: Ledger) -> None:
    ledger.append([source(), *drafts("town-killed", "killed", INVENTED)])
    days = list(map(day_of, told(bare, ledger, "--all")))
    assert days == ["2024-01-04", "2024-01-05", "2024-01-06", "2024-01-07"]


def test_the_command_that_a_finding_names_shows_the_figure(bare: Command, ledger: Ledger) -> None:
    ledger.append([source(), *drafts("town-killed", "killed", INVENTED)])
    _, named, _ = told(bare, ledger)[0].split("`")
    shown = bare.fine("--db", file_of(ledger), *named.split()[1:])
    assert "1004" in shown
    assert "2024-01-05" not in shown


@pytest.fixture(scope="module")
def gaza() -> list[Day]:
    """The days of the dataset: its increments and its totals of killed."""
    path = SHARED / "data" / "palestine" / "casualties_daily.json"
    if not path.exists():
        pytest.skip(f"the dataset {Path(*path.parts[-3:])} is not here")
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [Day(row["report_date"], row.get("killed"), row.get("killed_cum")) for row in rows]


def test_the_published_totals_of_gaza(bare: Command, ledger: Ledger, gaza: list[Day]) -> None:
    ledger.append([source(), *drafts("gaza-killed", "killed", gaza)])
    lines, expected = told(bare, ledger), changes(gaza)
    assert len(lines) == len(expected) == 21
    assert expected[0].day == "2023-11-12"
    for line, one in zip(lines, expected, strict=True):
        assert f" published {one.published:,} as of {one.day} " in line
        assert f" computes {one.computed:,}, " in line
        assert f", difference {one.computed - one.published:+,}, " in line
        assert ", last agreed 2023-11-10, at 11,078: " in line
        assert line.endswith(f"`ledger explain gaza-killed --as-of {one.day}`")


def test_every_total_of_gaza_that_differs(bare: Command, ledger: Ledger, gaza: list[Day]) -> None:
    ledger.append([source(), *drafts("gaza-killed", "killed", gaza)])
    computed, differing = 0, []
    for day, increment, published in gaza:
        computed += increment or 0
        if published not in {None, computed}:
            differing.append(day)
    assert list(map(day_of, told(bare, ledger, "--all"))) == differing
