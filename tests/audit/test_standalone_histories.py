"""The standalone verifier counts what the package counts, whatever was recorded.

`CASUALTY_LEDGER_FUZZ=NUMBER[:FIRST]` says how many random histories, and which is the first.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from ledger.app import Ledger
from tests import fuzz
from tests.audit import bundles
from tests.audit.outsider import FINE, bundled
from tests.conftest import Clock, Ids, file_of, new_ledger
from tests.histories import KEYS, MOVES, Step, play
from tests.invented import counts, incident, merge, retract, revise, revise_source, source

NUMBERS = fuzz.numbers(40)
GROUPS = min(4, len(NUMBERS))
MOST_STEPS = 40


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger, to be copied: that is faster than to make one."""
    return file_of(new_ledger(tmp_path_factory.mktemp("model") / "model.db"))


@pytest.mark.parametrize("group", range(GROUPS))
def test_random_histories(model: Path, tmp_path: Path, group: int) -> None:
    for number in NUMBERS[group::GROUPS]:
        path = tmp_path / f"{number}.db"
        shutil.copy(model, path)
        made = Ledger(path, "Test Steward", now=Clock(), new_ids=Ids())
        play(made, steps(number))
        told = judged(made, tmp_path)
        assert told == "", f"{told}CASUALTY_LEDGER_FUZZ=1:{number}"
        for left in tmp_path.glob(f"{number}.db*"):
            left.unlink()


def steps(number: int) -> list[Step]:
    """The random steps of a number; some kinds of step are rare in one history, some in another."""
    chance = random.Random(number)
    weights = [chance.random() ** 2 for _ in MOVES]
    chosen = chance.choices([*MOVES], weights, k=chance.randrange(MOST_STEPS))
    some = [Step(name, *(chance.randrange(12) for _ in range(3))) for name in chosen]
    return [*(Step("record", at, at, 2 * at) for at in range(len(KEYS))), *some]


def judged(ledger: Ledger, folder: Path) -> str:
    """What the script finds in the ledger's bundle; nothing if all is well."""
    said = bundles.run(bundled(ledger, folder / "bundle.zip"))
    return "" if said.code == FINE else said.told


DATES = ["2024-01-03", "2024-01", "2023-12/2024-01-03", "2024~", "2024-01-03T10:30", "2023?", ""]
DATES += ["2024-01-03T10:30+03:00", "2024-01-03T08:00:00Z", "2024-01-03T05:30-04:30", "2024-02"]


@pytest.mark.parametrize("chance", [random.Random(seed) for seed in range(4)])
def test_the_order_of_claims(ledger: Ledger, tmp_path: Path, chance: random.Random) -> None:
    """By the last moment of a date as its source wrote it, then by position."""
    ledger.append([source(f"paper-{at}", date) for at, date in enumerate(DATES)])
    for number in range(40):
        key = f"incident-{number}"
        said = [
            counts(key, f"killed {at}", of=f"paper-{at}", claimant=f"Body {at % 2}")
            for at in chance.sample(range(len(DATES)), 3)
        ]
        ledger.append([*([] if number else [source()]), incident(key), *said])
    assert judged(ledger, tmp_path) == ""


@pytest.mark.parametrize(
    "claims",
    [
        ("killed ?", "killed[nationality=US] 4+", "killed[nationality=GB] ?"),
        ("killed 3", "killed[nationality=US] 5/5/9", "killed[role=military] 5+"),
        ("killed 3", "killed[nationality=US] 5+", "killed[role=military] 5/5/9"),
        ("killed <=5", "killed[nationality=US] 3"),
        (
            "killed 3",
            "killed[nationality=US] 2",
            "killed[nationality=GB] 1",
            "killed[role=military] 2",
            "killed[nationality=US,role=military] 9",
        ),
        ('killed[party="A, [B] \\" = \\\\"] 3', "killed[party=C] 4"),
    ],
)
def test_lines_inside_lines(ledger: Ledger, tmp_path: Path, claims: Sequence[str]) -> None:
    ledger.append([source(), incident("ambush"), counts("ambush", *claims)])
    assert judged(ledger, tmp_path) == ""


def test_what_is_taken_back_and_moved(ledger: Ledger, tmp_path: Path) -> None:
    """A line without claims holds others apart; merged lines without a place are left out."""
    ledger.append([source(), source("paper", "2024-01-09"), incident("ambush"), incident("raid")])
    ledger.append([counts("ambush", "killed 9", "injured[cause=pending] 2")])
    ledger.append([counts("ambush", "killed[nationality=US] 2", "killed[role=military] 3")])
    ledger.append([retract("incident/ambush", 4, "killed")])
    assert judged(ledger, tmp_path) == ""
    ledger.append([revise("ambush", reclassify={"injured[cause=pending]": "injured"})])
    ledger.append([counts("raid", "killed[sex=male] 4", of="paper"), merge("raid", "ambush")])
    assert judged(ledger, tmp_path) == ""
    ledger.append([retract("incident/raid", 9), revise("raid", status="discounted")])
    ledger.append([revise_source("paper", grade="E")])
    assert judged(ledger, tmp_path) == ""
