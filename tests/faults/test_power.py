"""The power fails: at any moment of a run, with any part of what was not synced.

`make faults` tries 20,000 states. Where a run keeps its log otherwise than the ledger does, the
same test must find losses: else it could find none here either.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from ledger.store import sqlite
from tests.faults import crashes, runs, tracing
from tests.faults.crashes import Story
from tests.faults.numbers import FULL, number, seed
from tests.faults.recording import recorded

PART = 125
"""States of one test; a part is tried by one process."""
GOES_ON = number(4, 1)
"""Each of so many states is appended to as well; what is found is looked at in all."""

Told = Callable[[str, object], None]


def recording_of(*steps: str) -> Story:
    """What the product, as its settings are now, does to the disk in some steps."""
    with crashes.folder() as place, runs.small_chunks():
        with recorded(place) as made:
            ledger = runs.opened(place)
            for name in steps:
                runs.STEPS[name](ledger)
                made.tell(name)
        return crashes.story(made)


@pytest.fixture(scope="module")
def story() -> Story:
    return recording_of(*runs.STEPS)


def test_the_run_is_one_that_can_be_lost(story: Story) -> None:
    """Commits differ, and the disk after all of them holds what the last one told."""
    assert len(set(story.held)) >= len(story.recording.commits) - 1
    assert len(story.recording.commits) > len(runs.STEPS)
    assert len(story.recording.operations) > 500


@pytest.mark.parametrize("part", range(number(500, 20_000) // PART))
def test_power_fails(story: Story, record_property: Told, part: int) -> None:
    keeps_all(story, f"power {seed()} {part}")
    name = f"states after a power loss that kept all (seed {seed()})"
    record_property(name, f"{PART} of {PART}")


@pytest.mark.skipif(not FULL, reason="traced by strace in `make faults`")
@pytest.mark.parametrize("part", range(number(0, 2_000) // PART))
def test_power_fails_under_the_machines_own_sqlite(
    tmp_path_factory: pytest.TempPathFactory, record_property: Told, part: int
) -> None:
    tracing.must_have_strace()
    if not TRACED:
        TRACED.append(crashes.story(tracing.traced(tmp_path_factory.mktemp("traced").resolve())))
    assert len(TRACED[0].recording.commits) > len(runs.STEPS)
    keeps_all(TRACED[0], f"traced {seed()} {part}")
    name = f"states after a power loss of the machine's own SQLite (seed {seed()})"
    record_property(name, f"{PART} of {PART}")


TRACED: list[Story] = []
"""What strace saw, once it has."""


def keeps_all(story: Story, chance: str) -> None:
    """All that a story acknowledged is there in a part of the states that are left of it."""
    some = crashes.found(story.recording, PART, random.Random(chance))
    with crashes.folder() as place:
        for tried, one in enumerate(some):
            where = f"{chance}: {one}"
            crashes.put(one.files, place)
            assert crashes.lost(story, one, place) == "", where
            assert crashes.backup_is_whole(story, one, place), where
            if tried % GOES_ON == 0:
                crashes.put(one.files, place)
                crashes.goes_on(place, whole=tried % 10 == 0)


@pytest.mark.parametrize(("setting", "value"), [("synchronous", "1"), ("journal_mode", "delete")])
def test_other_settings_lose_what_they_acknowledged(
    monkeypatch: pytest.MonkeyPatch, record_property: Told, setting: str, value: str
) -> None:
    """A log with synchronous NORMAL, and with FULL the journal that SQLite keeps by default."""
    monkeypatch.setitem(sqlite.SETTINGS, setting, value)
    # Who reads keeps a writer from committing where there is no log.
    steps = [one for one in runs.STEPS if setting == "synchronous" or "reader" not in one]
    control = recording_of(*steps)
    chance, lost = random.Random(f"control {seed()}"), 0
    states = number(100, 1_000)
    with crashes.folder() as place:
        for one in crashes.found(control.recording, states, chance):
            crashes.put(one.files, place)
            lost += crashes.lost(control, one, place) == "acknowledged and gone"
    assert lost > 0, f"seed {seed()}: {setting}={value} lost nothing: this test proves nothing"
    record_property(f"losses, as must be, with {setting}={value}", f"{lost} of {states}")
