"""Twelve attacks, without a checkpoint from outside, with an old one, with the newest.

`attacks.table` makes the README's table of the same runs; here is what it must say.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.audit.histories import Noted
from tests.audit import outsider
from tests.audit.attacks import ATTACKS, COLUMNS, LOG, NEWEST, OLD, SIZE, Scene, scene, table
from tests.conftest import ROOT

ALWAYS = {*COLUMNS}
FOUND = {
    "edits an event": ALWAYS,
    "deletes an event in the middle": ALWAYS,
    "deletes the newest events, and makes all fit": {"the newest"},
    "swaps two events": ALWAYS,
    "inserts an event": ALWAYS,
    "rewrites everything after an event, and makes all fit": {"an old one", "the newest"},
    "empties the ledger, and makes all fit": {"an old one", "the newest"},
    "appends an event in a steward's name": set(),
    "restores an old backup": {"the newest"},
    "edits a table that reports are made from": ALWAYS,
    "edits the tree": ALWAYS,
    "edits the head": ALWAYS,
}
CELLS = [(words, which) for words in ATTACKS for which in COLUMNS]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The ledger before it is attacked."""
    return scene(tmp_path_factory.mktemp("before"))


@pytest.fixture
def attacked(before: Scene, tmp_path: Path, words: str) -> Scene:
    """A copy of it, attacked."""
    copy = before.copy(tmp_path)
    ATTACKS[words](copy.ledger)
    return copy


@pytest.mark.parametrize("which", COLUMNS)
def test_before_the_attack_all_is_well(before: Scene, tmp_path: Path, which: str) -> None:
    assert not before.is_found(which)
    bundle = outsider.bundled(before.ledger, tmp_path / "ledger.zip")
    said = outsider.checked(bundle, before.given(which))
    assert said.code == outsider.FINE, said.told


@pytest.mark.parametrize(("words", "which"), CELLS)
def test_an_attack(attacked: Scene, words: str, which: str) -> None:
    assert attacked.is_found(which) == (which in FOUND[words])


@pytest.mark.parametrize(("words", "which"), CELLS)
def test_the_script_in_the_bundle_finds_the_same(
    attacked: Scene, words: str, which: str, tmp_path: Path
) -> None:
    bundle = outsider.bundled(attacked.ledger, tmp_path / "ledger.zip")
    said = outsider.checked(bundle, attacked.given(which))
    expected = outsider.FINDINGS if which in FOUND[words] else outsider.FINE
    assert said.code == expected, said.told


@pytest.mark.parametrize(
    ("words", "which"), [cell for cell in CELLS if cell[1] not in FOUND[cell[0]]]
)
def test_what_is_not_found_is_said_to_be_undecided(attacked: Scene, which: str) -> None:
    given = [Noted("outside", str(one).encode()) for one in attacked.given(which)]
    size = len(list(attacked.ledger.export()))
    first = {COLUMNS[0]: 0, COLUMNS[1]: OLD, COLUMNS[2]: NEWEST}[which]
    notes = [one for one in attacked.ledger.auditor.verify(given, LOG).notes if "others" in one]
    assert bool(notes) == (first < size)
    assert all(f"{first} to {size - 1}" in one for one in notes)


def test_which_events_the_checkpoints_cover(before: Scene) -> None:
    sizes = [before.old.checkpoint.size, before.newest.checkpoint.size]
    assert [*sizes, len(list(before.ledger.export()))] == [OLD, NEWEST, SIZE]


def test_the_table_in_the_readme(tmp_path: Path) -> None:
    front = (ROOT / "README.md").read_text(encoding="utf-8")
    _, _, below = front.partition("<!-- attacks -->\n")
    printed, end, _ = below.partition("<!-- /attacks -->\n")
    assert end
    assert printed == table(tmp_path), "run `make docs`"
