from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.audit import layout, publishing
from ledger.errors import IntegrityError, LedgerError
from tests.audit.ledgers import elsewhere, files, fill, signed
from tests.audit.signing import OTHER_KEY
from tests.conftest import new_ledger
from tests.invented import note, source, tamper


class KilledError(BaseException):
    """The machine stops in the middle."""


@pytest.fixture(scope="session")
def long(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """A ledger of 520 events, signed at 3, 258 and 520: to be copied, not to be written."""
    made = new_ledger(tmp_path_factory.mktemp("long") / "ledger.db")
    for size in (3, 258, 520):
        signed(made, size)
    return made


def published(ledger: Ledger, folder: Path) -> dict[str, bytes]:
    """The files of a log that is published."""
    ledger.auditor.publish(folder)
    return files(folder)


def times(folder: Path) -> dict[str, tuple[int, int]]:
    """Which file each is, and when it was written, by its path."""
    return {
        name: ((folder / name).stat().st_ino, (folder / name).stat().st_mtime_ns)
        for name in files(folder)
    }


def killed_after(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop everything after some files were written."""
    left = iter(range(number))
    write = publishing.write_whole

    def stopping(path: Path, data: bytes) -> None:
        if next(left, None) is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name(f".{path.name}.77").write_bytes(data[: len(data) // 2])
            raise KilledError
        write(path, data)

    monkeypatch.setattr(publishing, "write_whole", stopping)


def test_the_files_of_a_log(ledger: Ledger, tmp_path: Path) -> None:
    made = signed(ledger, 3)
    found = published(ledger, tmp_path / "log")
    assert sorted(found) == ["checkpoint", "tile/0/000.p/3", "tile/entries/000.p/3"]
    assert found["checkpoint"].decode() == str(made)
    bodies = [body.encode() for body in ledger.export()]
    assert layout.unbundle(found["tile/entries/000.p/3"], 3) == bodies
    assert elsewhere(tmp_path / "log") == []


def test_an_empty_log(ledger: Ledger, tmp_path: Path) -> None:
    signed(ledger, 0)
    assert list(published(ledger, tmp_path / "log")) == ["checkpoint"]
    assert elsewhere(tmp_path / "log") == []


def test_a_log_of_several_tiles(long: Ledger, tmp_path: Path) -> None:
    assert list(published(long, tmp_path / "log")) == [
        "checkpoint",
        *("tile/0/000", "tile/0/001", "tile/0/002.p/8", "tile/1/000.p/2"),
        *("tile/entries/000", "tile/entries/001", "tile/entries/002.p/8"),
    ]
    assert elsewhere(tmp_path / "log") == []


def test_events_after_the_newest_checkpoint_wait(ledger: Ledger, tmp_path: Path) -> None:
    signed(ledger, 3)
    fill(ledger, 5)
    assert "tile/0/000.p/3" in published(ledger, tmp_path / "log")
    assert elsewhere(tmp_path / "log") == []


def test_publishing_again_adds_what_is_new(ledger: Ledger, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    signed(ledger, 258)
    before = published(ledger, folder)
    old = times(folder)
    signed(ledger, 520)
    after = published(ledger, folder)
    new = times(folder)
    assert after.keys() - before.keys() == {
        *("tile/0/001", "tile/0/002.p/8", "tile/1/000.p/2"),
        *("tile/entries/001", "tile/entries/002.p/8"),
    }
    assert {name for name in before if old[name] != new[name]} == {"checkpoint"}
    assert elsewhere(folder) == []


def test_publishing_the_same_again_writes_the_checkpoint_alone(
    long: Ledger, tmp_path: Path
) -> None:
    folder = tmp_path / "log"
    first = published(long, folder)
    before = times(folder)
    assert published(long, folder) == first
    after = times(folder)
    assert {name for name in first if before[name] != after[name]} <= {"checkpoint"}


@pytest.mark.parametrize("written", range(8))
def test_a_kill_in_the_middle(
    long: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    """Readers see the log as it was; the next run completes it."""
    folder, whole = tmp_path / "log", published(long, tmp_path / "whole")
    with monkeypatch.context() as patched:
        killed_after(written, patched)
        with pytest.raises(KilledError):
            long.auditor.publish(folder)
    assert "checkpoint" not in files(folder)
    found = published(long, folder)
    assert {name: found[name] for name in whole} == whole
    assert elsewhere(folder) == []


def test_readers_see_the_old_log_until_the_new_one_is_whole(
    make_ledger: Callable[[], Ledger], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, folder = make_ledger(), tmp_path / "log"
    signed(ledger, 3)
    before = published(ledger, folder)["checkpoint"]
    new = signed(ledger, 7)
    for written in range(3):
        with monkeypatch.context() as patched:
            killed_after(written, patched)
            with pytest.raises(KilledError):
                ledger.auditor.publish(folder)
        assert files(folder)["checkpoint"] == before
        assert elsewhere(folder) == []
    assert published(ledger, folder)["checkpoint"].decode() == str(new)
    assert elsewhere(folder) == []


def test_what_another_history_left_behind_is_written_again(
    make_ledger: Callable[[], Ledger], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A publication that never came to its checkpoint was never published."""
    ledger, other, folder = make_ledger(), make_ledger(), tmp_path / "log"
    other.append([source("another-gazette"), *(note("source/another-gazette") for _ in "ab")])
    signed(other, 3)
    with monkeypatch.context() as patched:
        killed_after(2, patched)
        with pytest.raises(KilledError):
            other.auditor.publish(folder)
    signed(ledger, 3)
    published(ledger, folder)
    assert elsewhere(folder) == []


def test_another_history_in_the_same_folder(
    make_ledger: Callable[[], Ledger], tmp_path: Path
) -> None:
    ledger, other, folder = make_ledger(), make_ledger(), tmp_path / "log"
    signed(ledger, 3)
    before = published(ledger, folder)
    other.append([source("another-gazette"), *(note("source/another-gazette") for _ in "abc")])
    signed(other, 4)
    with pytest.raises(IntegrityError, match="the first 3 events were published with another root"):
        other.auditor.publish(folder)
    assert files(folder) == before


def test_a_log_of_another_name_in_the_same_folder(
    make_ledger: Callable[[], Ledger], tmp_path: Path
) -> None:
    """Also where the first was empty: every log begins with an empty one."""
    ledger, other, folder = make_ledger(), make_ledger(), tmp_path / "log"
    signed(ledger, 0)
    before = published(ledger, folder)
    signed(other, 3, OTHER_KEY)
    with pytest.raises(IntegrityError, match=r"holds the log ledger\.example/invented, this is"):
        other.auditor.publish(folder)
    assert files(folder) == before


def test_more_events_were_published_before(
    make_ledger: Callable[[], Ledger], tmp_path: Path
) -> None:
    ledger, older, folder = make_ledger(), make_ledger(), tmp_path / "log"
    signed(older, 3)
    signed(ledger, 5)
    before = published(ledger, folder)
    with pytest.raises(IntegrityError, match="5 events were published there, the newest"):
        older.auditor.publish(folder)
    assert files(folder) == before


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("DELETE FROM events WHERE position = 1", "the events 0 to 2 are not those of the tree"),
        (
            "UPDATE events SET body = replace(body, 'Test Steward', 'Tesu Steward')",
            "the events 0 to 2 are not those of the tree",
        ),
        ("DELETE FROM tiles", "tile 0/0 holds 0 hashes"),
        ("UPDATE tiles SET hashes = zeroblob(length(hashes))", "with another root"),
    ],
)
def test_what_was_tampered_with_is_not_published(
    ledger: Ledger, tmp_path: Path, statement: str, why: str
) -> None:
    signed(ledger, 3)
    tamper(ledger, statement)
    with pytest.raises(IntegrityError, match=f"{why}.*run `ledger verify`"):
        ledger.auditor.publish(tmp_path / "log")
    assert not (tmp_path / "log" / "checkpoint").exists()


def test_a_folder_that_cannot_be_written(ledger: Ledger, tmp_path: Path) -> None:
    signed(ledger, 3)
    (tmp_path / "file").write_text("precious", encoding="utf-8")
    with pytest.raises(LedgerError, match="cannot be published to: not a directory: run it again"):
        ledger.auditor.publish(tmp_path / "file" / "log")
    (tmp_path / "log" / "checkpoint").mkdir(parents=True)
    with pytest.raises(LedgerError, match="cannot be published to: is a directory"):
        ledger.auditor.publish(tmp_path / "log")
    assert files(tmp_path) == {**files(tmp_path), "file": b"precious"}


def test_a_folder_whose_checkpoint_is_none(ledger: Ledger, tmp_path: Path) -> None:
    signed(ledger, 3)
    (tmp_path / "checkpoint").write_text("An invented letter.\n", encoding="utf-8")
    with pytest.raises(LedgerError, match="holds a checkpoint that is none"):
        ledger.auditor.publish(tmp_path)
    assert (tmp_path / "checkpoint").read_text(encoding="utf-8") == "An invented letter.\n"


def test_a_file_that_is_gone_is_written_again(long: Ledger, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    before = published(long, folder)
    shutil.rmtree(folder / "tile" / "entries")
    assert published(long, folder) == before
