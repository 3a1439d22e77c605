"""The disk is full at some size of a file; then there is space again."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import msgspec
import pytest

from ledger import codec
from ledger.app import Ledger
from ledger.errors import LedgerError, LedgerExistsError, NoLedgerError, NotALedgerError
from tests.faults import crashes, limits, runs
from tests.faults.numbers import FULL, number, seed
from tests.invented import findings

SIZES = ((0, 150_000, number(2, 10)), (150_000, 300_000, number(8, 40)))
"""Bytes from and to, and how many sizes between them: an empty ledger ends in the first part.

No file of a run is larger than the largest of them.
"""

SIZES_LEFT = [at * 8_192 for at in range(number(0, 50))]
"""Bytes that are left on a small disk: too few for anything, up to enough for most steps."""

Full = Callable[[], AbstractContextManager[None]]
Told = Callable[[str, object], None]


def opened(folder: Path) -> Ledger:
    return Ledger(folder / "ledger.db", "Test Steward")


def stored(ledger: Ledger) -> list[str]:
    """The events; none where there is no ledger yet."""
    try:
        return list(ledger.export())
    except (NoLedgerError, NotALedgerError):
        return []


def said(ledger: Ledger) -> list[bytes]:
    """What the events say, however they came to be in their order."""
    events = [codec.decode(body.encode()) for body in stored(ledger)]
    plain = (msgspec.structs.replace(one, id="", recorded_at="", position=0) for one in events)
    return sorted(map(codec.canonical, plain))


def sizes() -> list[int]:
    """Sizes spread over those that files come to have, each by chance within its share."""
    chance = random.Random(f"space {seed()}")
    found = []
    for start, stop, many in SIZES:
        share = (stop - start) // many
        found += [start + at * share + chance.randrange(share) for at in range(many)]
    return found


@pytest.fixture(scope="module")
def whole() -> list[bytes]:
    """What a run says that had space always."""
    with crashes.folder() as place, runs.small_chunks():
        for step in runs.STEPS.values():
            step(opened(place))
        return said(opened(place))


@pytest.mark.parametrize("size", sizes())
def test_the_disk_is_full(whole: list[bytes], record_property: Told, size: int) -> None:
    done, told = limits.apart(fills, size, whole)
    assert done or told, "some steps are done, or refused"
    record_property(f"full disks after which all went on (seed {seed()})", "1 of 1")


def test_some_disks_are_too_small_and_some_are_not(whole: list[bytes]) -> None:
    done, told = limits.apart(fills, 0, whole)
    assert (done, len(told)) == ([], len(runs.STEPS))
    done, told = limits.apart(fills, SIZES[-1][1], whole)
    assert (done, told) == ([*runs.STEPS], [])


@pytest.mark.skipif(not FULL, reason="a small disk is mounted in `make faults`")
@pytest.mark.parametrize("left", SIZES_LEFT)
def test_a_small_disk_is_full(
    whole: list[bytes], tmp_path: Path, record_property: Told, left: int
) -> None:
    with limits.small_disk(tmp_path) as disk, runs.small_chunks():
        desk = disk / "desk"
        desk.mkdir()
        goes_on(desk, lambda: limits.filled(disk, left), whole)
    record_property(f"small disks after which all went on (seed {seed()})", "1 of 1")


def fills(size: int, whole: list[bytes]) -> tuple[list[str], list[str]]:
    """A run in which no file may grow beyond a size, and then any may."""
    with crashes.folder() as place, runs.small_chunks():
        return goes_on(place, lambda: limits.limited(size), whole)


def goes_on(place: Path, full: Full, whole: list[bytes]) -> tuple[list[str], list[str]]:
    """Run with a full disk, then with space: the steps that were done, and what the others said."""
    done, told = list[str](), list[str]()
    for name in runs.STEPS:
        refusal = tried(place, name, full)
        if refusal is None:
            done.append(name)
        else:
            told.append(f"{name}: {refusal}")
    _is_sound(place, done)
    for name in runs.STEPS:
        (place / runs.BACKUP).unlink(missing_ok=True)
        refusal = tried(place, name, nullcontext)
        assert refusal is None or (name == "init" and isinstance(refusal, LedgerExistsError))
    assert said(opened(place)) == whole
    assert findings(opened(place)) == []
    return done, told


def tried(place: Path, name: str, full: Full) -> LedgerError | None:
    """What the product says to a step on a disk that is so full; what stood before, stands."""
    before = stored(opened(place))
    try:
        with full():
            runs.STEPS[name](opened(place))
    except LedgerError as error:
        return error
    finally:
        assert stored(opened(place))[: len(before)] == before
    return None


def _is_sound(place: Path, done: list[str]) -> None:
    """All that was done is there, and nothing of what was not is there in part."""
    ledger, backup = opened(place), place / runs.BACKUP
    if "init" in done:
        assert findings(ledger) == []
    for name in done:
        assert runs.MADE.get(name, "") in "".join(stored(ledger)), name
    assert backup.exists() == ("backup" in done)
    if backup.exists():
        assert findings(Ledger(backup)) == []
    assert not list(place.glob("*.partial*"))
