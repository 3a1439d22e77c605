from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.errors import (
    IntegrityError,
    LedgerError,
    LedgerExistsError,
    NotALedgerError,
    NotBeginningError,
)
from ledger.store import files
from ledger.store import log as store
from tests.conftest import file_of, new_ledger
from tests.invented import findings, incident, note, source, tables, tamper


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    ledger.append([source(), incident("ambush", "killed 2"), note("incident/ambush", "Ünïcode")])
    return ledger


def exported(ledger: Ledger, path: Path) -> Path:
    path.write_text("".join(f"{line}\n" for line in ledger.export()), encoding="utf-8")
    return path


def test_a_backup_is_the_ledger(filled: Ledger, tmp_path: Path) -> None:
    filled.backup(tmp_path / "backup.db")
    backup = Ledger(tmp_path / "backup.db", "Test Steward")
    assert list(backup.export()) == list(filled.export())
    assert backup.verify() == filled.verify()
    backup.append([note("incident/ambush", "Another invented note.")])
    assert findings(backup) == []
    assert not (tmp_path / "backup.db.partial").exists()


def test_a_backup_of_one_moment_while_others_write(filled: Ledger, tmp_path: Path) -> None:
    with filled.database.writing() as connection:
        connection.exec_driver_sql("UPDATE projections SET position = 0")
        filled.backup(tmp_path / "backup.db")
    assert findings(Ledger(tmp_path / "backup.db")) == []


def test_a_backup_does_not_replace_anything(filled: Ledger, tmp_path: Path) -> None:
    target = tmp_path / "precious.db"
    target.write_text("precious")
    with pytest.raises(LedgerExistsError):
        filled.backup(target)
    assert target.read_text() == "precious"
    with pytest.raises(LedgerError, match="make the folder first"):
        filled.backup(tmp_path / "none" / "backup.db")


def test_a_backup_of_nothing_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("invented letter")
    with pytest.raises(NotALedgerError):
        Ledger(tmp_path / "letter.db").backup(tmp_path / "backup.db")
    assert [path.name for path in tmp_path.iterdir()] == ["letter.db"]


@pytest.mark.parametrize("kind", ["db", "jsonl"])
def test_a_copy_has_the_same_bytes_root_and_tables(
    filled: Ledger, tmp_path: Path, kind: str
) -> None:
    origin = file_of(filled) if kind == "db" else exported(filled, tmp_path / "events.jsonl")
    target = Ledger(tmp_path / "copy.db", "Test Steward")
    head = target.copy_from(origin)
    assert (head.size, head.root) == filled.verify()[:2]
    assert list(target.export()) == list(filled.export())
    assert target.verify() == filled.verify()
    assert tables(target) == tables(filled)
    target.append([note("incident/ambush", "Another invented note.")])
    assert findings(target) == []


def test_the_seeds_copy_with_the_same_root(seeds: Ledger, tmp_path: Path) -> None:
    target = Ledger(tmp_path / "copy.db")
    target.copy_from(exported(seeds, tmp_path / "events.jsonl"))
    assert target.verify() == seeds.verify()
    assert findings(target) == []
    again = Ledger(tmp_path / "again.db")
    again.copy_from(file_of(target))
    assert again.verify() == seeds.verify()


def test_a_copy_in_chunks(filled: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "CHUNK", 2)
    target = Ledger(tmp_path / "copy.db")
    target.copy_from(file_of(filled))
    assert target.verify() == filled.verify()


def test_a_copy_of_an_empty_ledger(ledger: Ledger, tmp_path: Path) -> None:
    target = Ledger(tmp_path / "copy.db")
    assert target.copy_from(exported(ledger, tmp_path / "events.jsonl")).size == 0
    assert findings(target) == []


def test_events_of_unknown_type_are_copied_untouched(filled: Ledger, tmp_path: Path) -> None:
    path = exported(filled, tmp_path / "events.jsonl")
    future = (
        '{"data":{"new":["words",1]},"id":"future","position":3,"recorded_at":'
        '"2999-01-01T00:00:00.000000Z","recorded_by":"Test Steward","schema":4,'
        '"stream":"incident/ambush","type":"incident.foreseen","version":3}'
    )
    path.write_text(path.read_text(encoding="utf-8") + future + "\n", encoding="utf-8")
    target = Ledger(tmp_path / "copy.db", "Test Steward")
    target.copy_from(path)
    assert list(target.export())[3] == future
    assert findings(target) == []
    target.rebuild()
    assert findings(target) == []
    target.append([note("incident/ambush", "After the unknown event.")])
    assert findings(target) == []


SPOILT: dict[str, Callable[[list[str]], list[str]]] = {
    "spaces": lambda lines: [lines[0], lines[1].replace('":', '": ', 1), *lines[2:]],
    "keys unsorted": lambda lines: ['{"z":1,"a":2}', *lines],
    "escaped": lambda lines: [*lines[:2], lines[2].replace("Ü", "\\u00dc")],
    "crlf": lambda lines: [f"{line}\r" for line in lines],
    "no json": lambda lines: [*lines, "{"],
    "blank line": lambda lines: [*lines, ""],
    "number": lambda lines: ["1", *lines],
    "empty object": lambda lines: [*lines, "{}"],
    "first missing": lambda lines: lines[1:],
    "one missing": lambda lines: [lines[0], lines[2]],
    "two swapped": lambda lines: [lines[1], lines[0], lines[2]],
    "one twice": lambda lines: [lines[0], lines[0], *lines[1:]],
    "two exports": lambda lines: [*lines, *lines],
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_export_is_refused_and_leaves_nothing(
    filled: Ledger, tmp_path: Path, name: str
) -> None:
    lines = SPOILT[name](list(filled.export()))
    path = tmp_path / "events.jsonl"
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())
    target = Ledger(tmp_path / "copy.db")
    with pytest.raises(IntegrityError) as error:
        target.copy_from(path)
    assert error.value.exit_code == 3
    assert not list(tmp_path.glob("copy.db*"))


@pytest.mark.parametrize("key", ["id", "version"])
def test_an_export_with_an_id_or_version_twice_is_refused(
    filled: Ledger, tmp_path: Path, key: str
) -> None:
    lines = list(filled.export())
    one, other = (f'"{key}":"00000000-0000-7000-8000-', '"version":2')
    spoilt = (
        lines[2].replace(f"{one}000000000003", f"{one}000000000002")
        if key == "id"
        else lines[2].replace(other, '"version":1')
    )
    assert spoilt != lines[2]
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join([*lines[:2], spoilt]), encoding="utf-8")
    with pytest.raises(LedgerError, match=r"must be new|expected version"):
        Ledger(tmp_path / "copy.db").copy_from(path)
    assert not list(tmp_path.glob("copy.db*"))


def test_a_database_with_bytes_that_are_not_canonical_is_refused(
    filled: Ledger, tmp_path: Path
) -> None:
    tamper(filled, "UPDATE events SET body = replace(body, '\"data\"', ' \"data\"')")
    with pytest.raises(IntegrityError):
        Ledger(tmp_path / "copy.db").copy_from(file_of(filled))


def test_an_export_with_a_gap_in_a_streams_versions_is_found(
    filled: Ledger, tmp_path: Path
) -> None:
    path = exported(filled, tmp_path / "events.jsonl")
    spoilt = path.read_text(encoding="utf-8").replace('"version":2', '"version":7')
    path.write_text(spoilt, encoding="utf-8")
    target = Ledger(tmp_path / "copy.db")
    try:
        target.copy_from(path)
    except IntegrityError:
        return
    assert findings(target) != []


def test_a_copy_that_others_appended_to_is_not_removed(filled: Ledger, tmp_path: Path) -> None:
    """What they were told is appended stands, though the copy cannot go on."""
    copy = new_ledger(tmp_path / "copy.db")
    assert copy.database.exists()
    copy.database.discard()

    def bodies() -> Iterator[bytes]:
        copy.append([source("of-another")])
        yield from (body.encode() for body in filled.export())

    with pytest.raises(IntegrityError, match="somebody else appended to the copy"):
        files.fill(copy.database, bodies(), copy._fold, lambda _connection: None)
    assert len(list(copy.export())) == 1
    assert findings(copy) == []


def test_a_failed_copy_leaves_other_files_alone(tmp_path: Path) -> None:
    neighbour = tmp_path / "copy.db.yesterday"
    neighbour.write_text("precious")
    (tmp_path / "events.jsonl").write_text("nonsense\n")
    with pytest.raises(IntegrityError):
        Ledger(tmp_path / "copy.db").copy_from(tmp_path / "events.jsonl")
    assert neighbour.exists()


def test_a_copy_does_not_replace_anything(filled: Ledger, tmp_path: Path) -> None:
    other = new_ledger(tmp_path / "other.db")
    other.append([source("invented-other")])
    before = list(other.export())
    with pytest.raises(NotBeginningError):
        other.copy_from(file_of(filled))
    assert list(other.export()) == before


@pytest.mark.parametrize("name", ["none.jsonl", "none.db"])
def test_a_copy_of_what_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(LedgerError, match=name):
        Ledger(tmp_path / "copy.db").copy_from(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_copy_keeps_the_triggers(filled: Ledger, tmp_path: Path) -> None:
    target = Ledger(tmp_path / "copy.db")
    target.copy_from(file_of(filled))
    with (
        closing(sqlite3.connect(file_of(target))) as connection,
        pytest.raises(sqlite3.IntegrityError),
    ):
        connection.execute("DELETE FROM events")
