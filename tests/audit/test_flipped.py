"""One byte changed anywhere: it is found, or changes nothing that is read.

Of a checkpoint, a proof and a published log every byte counts. What nobody reads is, in a
database, the ends of pages, freed cells, counters and the words of its schema; in a ZIP file, the
times and versions of its members; in `bundle.json` the blanks. The shares are printed at the end.
`CASUALTY_LEDGER_FUZZ=NUMBER[:FIRST]` says how many bytes; `make fuzz` changes 2,000.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import fuzz
from tests.audit.flips import Fate, Subject, subjects

NUMBERS = fuzz.numbers(500)
GROUPS = min(4, len(NUMBERS))
"""Tests that they are shared out among, for those that run side by side."""
SHARES = (50, 5, 15, 5, 5, 10, 10)
"""Of a hundred bytes, how many are of each subject, in their order."""


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> list[Subject]:
    """A ledger, and all that proves it."""
    return subjects(tmp_path_factory.mktemp("proved"))


@pytest.mark.parametrize("group", range(GROUPS))
def test_a_changed_byte(
    proved: list[Subject], group: int, record_property: Callable[[str, object], None]
) -> None:
    fates = [flip(proved, number) for number in NUMBERS[group::GROUPS]]
    tried = Counter(kind for kind, _ in fates)
    found = Counter(kind for kind, fate in fates if fate == "found")
    for kind, number in tried.items():
        record_property(f"changed bytes found, {kind}", f"{found[kind]} of {number}")


def flip(proved: list[Subject], number: int) -> tuple[str, Fate]:
    """Change the byte of a number: in what, and what became of it."""
    chance = random.Random(number)
    (subject,) = chance.choices(proved, SHARES)
    try:
        return subject.kind, subject.flip(chance)
    except BaseException as error:
        error.add_note(f"CASUALTY_LEDGER_FUZZ=1:{number}")
        raise


def test_a_change_that_is_missed_is_told(tmp_path: Path) -> None:
    path = tmp_path / "unread"
    path.write_bytes(b"one byte too many")
    subject = Subject("file that nobody looks at", [path], lambda: False, path.read_bytes)
    with pytest.raises(AssertionError, match="nobody looks at"):
        subject.flip(random.Random(1))
    assert path.read_bytes() == b"one byte too many"
