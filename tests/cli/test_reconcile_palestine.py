"""Reconcile on real series: every day on which the difference changes is named, and no other."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ledger.app import Ledger
from tests.cli.command import Command
from tests.conftest import SHARED, file_of, new_ledger
from tests.intake.mapped import DATA, imported

FOLDER = SHARED / "data" / "palestine"
MEASURES = ("killed", "injured")
_FOUND = re.compile(
    r"tally (\S+): total-differs .* published ([\d,]+) as of (\S+) \(.*, "
    r"the ledger computes (no figure|[\d,]+)(?:, difference ([+-][\d,]+))?, "
)

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="../shared/data is not here")


class Series(NamedTuple):
    """A file, its mapping, and where a day's figures stand in a row ("": the row itself)."""

    file: Path
    mapping: Path
    inside: str
    area: str

    @property
    def days(self) -> Iterator[dict[str, str | int]]:
        """Each day's date and figures."""
        for row in json.loads(self.file.read_text(encoding="utf-8")):
            yield {**(row.get(self.inside, {}) if self.inside else row), "day": row["report_date"]}


class Change(NamedTuple):
    """A published figure from which the sum differs by another number than before.

    `computed` is None before the first increment: what nobody gave is unknown, and not zero.
    """

    tally: str
    day: str
    published: int
    computed: int | None

    @property
    def difference(self) -> int | None:
        return None if self.computed is None else self.computed - self.published


GAZA = Series(FOLDER / "casualties_daily.json", DATA / "palestine-gaza.toml", "", "gaza")
WEST_BANK = Series(
    FOLDER / "west_bank_daily.json", DATA / "palestine-west-bank.toml", "verified", "west-bank"
)
EACH = pytest.mark.parametrize("series", [GAZA, WEST_BANK], ids=["gaza", "west bank"])
NUMBERS = {"gaza-killed": 21, "gaza-injured": 50, "west-bank-killed": 1, "west-bank-injured": 2}


def changes(series: Series) -> list[Change]:
    """Worked out from the file alone: one pass over each measure."""
    found = []
    for measure in MEASURES:
        computed: int | None = None
        before: int | None = 0
        for one in series.days:
            if one.get(measure) is not None:
                computed = (computed or 0) + int(one[measure])
            if one.get(f"{measure}_cum") is not None:
                total, day = int(one[f"{measure}_cum"]), str(one["day"])
                change = Change(f"{series.area}-{measure}", day, total, computed)
                found += [change] if change.difference != before else []
                before = change.difference
    return found


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A ledger of both files: to be read, not to be written."""
    made = new_ledger(tmp_path_factory.mktemp("palestine") / "ledger.db")
    for series in (GAZA, WEST_BANK):
        imported(made, series.file, str(series.mapping))
    return made


@pytest.fixture
def command(bare: Command, both: Ledger) -> Command:
    """The command with a ledger of both files, its own copy."""
    shutil.copyfile(file_of(both), bare.folder / "ledger.db")
    return bare


def told(out: str) -> list[Change]:
    """What the lines of `check` name; each is a finding on a total."""
    found = []
    for line in out.splitlines():
        match = _FOUND.match(line)
        assert match is not None, line
        tally, published, day, computed, difference = match.groups()
        assert published is not None
        one = Change(tally, day, int(published.replace(",", "")), _number(computed))
        assert _number(difference) == one.difference
        found.append(one)
    return in_order(found)


def in_order(some: Iterable[Change]) -> list[Change]:
    return sorted(some, key=lambda one: (one.tally, one.day))


def test_the_days_are_those_that_were_counted_by_hand() -> None:
    every = [*changes(GAZA), *changes(WEST_BANK)]
    assert {key: len([one for one in every if one.tally == key]) for key in NUMBERS} == NUMBERS
    assert all(one.difference != 0 for one in every), "no difference ever closes"


def test_check_names_them_after_the_import(command: Command) -> None:
    done = command("check")
    assert (done.code, done.err) == (1, "")
    assert told(done.out) == in_order([*changes(GAZA), *changes(WEST_BANK)])


@EACH
def test_check_of_the_file_names_them_and_records_nothing(empty: Command, series: Series) -> None:
    size = empty.size()
    done = empty("check", series.file, "--mapping", series.mapping)
    assert done.code == 1
    assert told(done.out) == in_order(changes(series))
    assert empty.size() == size


@EACH
def test_check_of_a_file_that_was_imported_names_them_too(command: Command, series: Series) -> None:
    done = command("check", series.file, "--mapping", series.mapping)
    assert done.code == 1
    assert told(done.out) == in_order(changes(series))


def test_the_report_shows_them(command: Command) -> None:
    before: dict[str, int | None] = {}
    found = []
    for row in command.rows("report", "published"):
        assert row["status"] in ("equal", "differs")
        computed = int(row["computed"]) if row["computed"] else None
        one = Change(row["tally"], row["as_of"], int(row["published"]), computed)
        assert row["difference"] == ("" if one.difference is None else str(one.difference))
        found += [one] if one.difference != before.get(one.tally, 0) else []
        before[one.tally] = one.difference
    assert in_order(found) == in_order([*changes(GAZA), *changes(WEST_BANK)])


def _number(text: str | None) -> int | None:
    return None if text in (None, "no figure") else int(text.replace(",", ""))
