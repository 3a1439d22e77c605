from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.app import Ledger
from ledger.audit.checkpoints import Checkpoint
from ledger.audit.histories import Kept
from ledger.audit.trust import Trust
from ledger.errors import IntegrityError, LedgerError, NotALedgerError
from ledger.store import checkpoints as store
from tests.audit.ledgers import ANOTHER, LOG, fill, served, signed
from tests.audit.signing import LOG_KEY, WITNESS_KEY, sign
from tests.conftest import ON_POSTGRES, file_of, new_ledger
from tests.invented import findings, tables, tamper

COSIGNED = Trust((LOG_KEY.verifier,), (WITNESS_KEY.verifier,), 1)


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a ledger and of its published log: to be copied, not to be written."""
    folder = tmp_path_factory.mktemp("original")
    made = new_ledger(folder / "ledger.db")
    for size in (0, 7, 300):
        signed(made, size)
    fill(made, 301)
    made.auditor.publish(folder / "log")
    return folder


@pytest.fixture
def told(original: Path, tmp_path: Path) -> Ledger:
    """A ledger of 300 events, signed at 0, 7 and 300, and an event that nobody signed."""
    if ON_POSTGRES:
        pytest.skip("it is about a SQLite file")
    shutil.copyfile(original / "ledger.db", tmp_path / "ledger.db")
    return Ledger(tmp_path / "ledger.db", "Test Steward")


@pytest.fixture
def mirror(original: Path, tmp_path: Path) -> Path:
    """Its published log."""
    return Path(shutil.copytree(original / "log", tmp_path / "log"))


@pytest.fixture
def target(tmp_path: Path) -> Ledger:
    """A ledger that is not there yet, in a folder of its own."""
    (tmp_path / "target").mkdir()
    return Ledger(tmp_path / "target" / "copy.db")


def notes(ledger: Ledger) -> list[tuple[int, str]]:
    """The checkpoints that a ledger keeps."""
    with ledger.database.reading() as connection:
        return [(one.size, one.note) for one in store.kept(connection)]


def left(target: Ledger) -> list[str]:
    """What stands where the copy would be."""
    return [path.name for path in file_of(target).parent.iterdir()]


def refused(target: Ledger, source: object, why: str, trust: Trust | None = None) -> None:
    """The copy is refused as an integrity failure, and leaves nothing."""
    with pytest.raises(IntegrityError, match=why) as caught:
        target.copy_from(str(source), trust)
    assert caught.value.exit_code == 3
    assert left(target) == []


def test_a_copy_of_a_database(told: Ledger, target: Ledger) -> None:
    head = target.copy_from(file_of(told), LOG)
    assert (head.size, head.root) == (301, told.verify().root)
    assert list(target.export()) == list(told.export())
    assert tables(target) == tables(told)
    assert notes(target) == notes(told)
    assert [size for size, _ in notes(target)] == [0, 7, 300]
    assert findings(target) == []


def test_a_copy_of_a_published_log(told: Ledger, mirror: Path, target: Ledger) -> None:
    """As far as its checkpoint reaches."""
    head = target.copy_from(mirror, LOG)
    assert head.size == 300
    assert list(target.export()) == list(told.export())[:300]
    assert notes(target) == notes(told)[-1:]
    assert findings(target) == []
    assert target.auditor.prove(299).holds()


def test_a_copy_from_the_web(mirror: Path, target: Ledger) -> None:
    with served(mirror) as url:
        assert target.copy_from(url, LOG).size == 300
    assert findings(target) == []


def test_a_copy_of_an_export(told: Ledger, target: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("".join(f"{body}\n" for body in told.export()), encoding="utf-8")
    assert target.copy_from(path).root == told.verify().root
    assert notes(target) == []


def test_a_copy_of_an_empty_log(
    make_ledger: Callable[[], Ledger], target: Ledger, tmp_path: Path
) -> None:
    empty = make_ledger()
    signed(empty, 0)
    empty.auditor.publish(tmp_path / "log")
    assert target.copy_from(tmp_path / "log", LOG).size == 0
    assert notes(target) == notes(empty)
    assert findings(target) == []


def test_a_copy_goes_on_as_a_ledger(mirror: Path, target: Ledger) -> None:
    target.copy_from(mirror)
    target.steward = "Test Steward"
    old = target.auditor.newest()
    new = signed(target, 305)
    assert old is not None
    assert target.auditor.prove_since(old.checkpoint).holds(old.checkpoint)
    assert new.checkpoint.size == 305


def test_a_missing_bundle(mirror: Path, target: Ledger) -> None:
    (mirror / "tile" / "entries" / "001.p" / "44").unlink()
    refused(target, mirror, r"log: tile/entries/001\.p/44: unreadable no such file or directory")


def test_a_missing_first_bundle(mirror: Path, target: Ledger) -> None:
    (mirror / "tile" / "entries" / "000").write_bytes(b"")
    refused(target, mirror, "tile/entries/000: unreadable it is no bundle of 256 events")


def test_a_bundle_gone_from_the_web(mirror: Path, target: Ledger) -> None:
    (mirror / "tile" / "entries" / "001.p" / "44").unlink()
    with served(mirror) as url:
        refused(target, url, "unreadable file not found")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"Test Steward", b"Tesu Steward", "checkpoint of 300 events does not fit its events"),
        (b'"schema":1', b'"schema": 1', "log: tile/entries/000: unreadable it is no bundle"),
        (b'"version":1', b'"version":2', "expected version 1"),
        (b'"position":0', b'"position":9', "expected position 0, got the event of 9"),
        (b"Test Steward", b"Test\xffSteward", "log, position 0: "),
    ],
)
def test_a_changed_event(mirror: Path, target: Ledger, old: bytes, new: bytes, why: str) -> None:
    path = mirror / "tile" / "entries" / "000"
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    refused(target, mirror, why)


@pytest.mark.parametrize("size", [299, 301])
def test_a_checkpoint_of_another_size(mirror: Path, target: Ledger, size: int) -> None:
    note = (mirror / "checkpoint").read_text(encoding="utf-8")
    (mirror / "checkpoint").write_text(note.replace("300", f"{size}"), encoding="utf-8")
    refused(target, mirror, "unreadable")


def test_a_checkpoint_that_is_none(mirror: Path, target: Ledger) -> None:
    (mirror / "checkpoint").write_text("An invented letter.\n", encoding="utf-8")
    refused(target, mirror, "log: checkpoint is no checkpoint: it does not end in an empty line")


def test_a_checkpoint_of_another_history(told: Ledger, target: Ledger) -> None:
    other = Checkpoint(LOG_KEY.verifier.name, 9, b"\x01" * 32)
    with told.database.writing() as connection:
        store.keep(connection, 9, str(sign(other)))
    refused(target, file_of(told), "checkpoint 4 of 9 events does not fit its events")


def test_checkpoints_that_somebody_else_signed(told: Ledger, mirror: Path, target: Ledger) -> None:
    for source in (file_of(told), mirror):
        refused(target, source, "not-signed no given key signed it", ANOTHER)


def test_checkpoints_that_too_few_have_cosigned(told: Ledger, target: Ledger) -> None:
    """One that is cosigned by enough is enough."""
    refused(target, file_of(told), "no checkpoint is cosigned by 1 of the witn", COSIGNED)
    newest = told.auditor.newest()
    assert newest is not None
    path = file_of(target).parent.with_name("back.checkpoint")
    path.write_text(str(sign(newest.checkpoint, LOG_KEY, WITNESS_KEY)), encoding="utf-8")
    told.auditor.keep(path)
    assert target.copy_from(file_of(told), COSIGNED).size == 301


def test_an_export_has_nothing_that_is_signed(told: Ledger, target: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("".join(f"{body}\n" for body in told.export()), encoding="utf-8")
    with pytest.raises(LedgerError, match="has no checkpoint whose signature could be checked"):
        target.copy_from(path, LOG)
    assert left(target) == []


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE head SET root = lower(hex(zeroblob(32)))", "its head says 301 events, root 0000"),
        ("UPDATE head SET size = 300", "its head says 300 events"),
        ("DELETE FROM head", "run `ledger verify`"),
        ("DELETE FROM events WHERE position = 300", "its head says 301 events"),
        ("DELETE FROM events WHERE position = 7", "expected position 7, got the event of 8"),
        ("UPDATE checkpoints SET note = 'An invented letter.'", "checkpoint 1 is no checkpoint"),
        (
            (
                "UPDATE events SET body = CAST(replace(CAST(body AS BLOB), X'54657374', "
                "X'FF657374') AS TEXT) WHERE position = 3"
            ),
            r"ledger\.db, position 3: ",
        ),
    ],
)
def test_a_database_that_was_tampered_with(
    told: Ledger, target: Ledger, statement: str, why: str
) -> None:
    tamper(told, statement)
    refused(target, file_of(told), why)


def test_a_database_that_cannot_be_read_to_its_end(
    told: Ledger, target: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: Kept, _last: int, *, lenient: bool) -> Iterator[tuple[Any, ...]]:
        raise sqlite3.DatabaseError(f"malformed, lenient {lenient}")

    monkeypatch.setattr(Kept, "_rows", broken)
    refused(target, file_of(told), "unreadable malformed, lenient True")


def test_what_is_there_is_left_alone(mirror: Path, target: Ledger) -> None:
    file_of(target).write_text("precious", encoding="utf-8")
    with pytest.raises(NotALedgerError):
        target.copy_from(mirror)
    assert file_of(target).read_text(encoding="utf-8") == "precious"


def test_sources_that_are_none(target: Ledger, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for source, why in (
        (tmp_path / "empty", "is no published log"),
        (tmp_path / "nothing.db", "no ledger at"),
        ("http://[", "is no published log"),
    ):
        with pytest.raises(LedgerError, match=why):
            target.copy_from(str(source))
    with pytest.raises(NotALedgerError, match="there is no such file"):
        target.copy_from(tmp_path / "nothing.jsonl")
    assert left(target) == []
