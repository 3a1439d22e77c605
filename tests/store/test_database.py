from __future__ import annotations

import os
import sqlite3
import stat
import struct
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.app import Ledger
from ledger.errors import (
    LedgerError,
    LedgerExistsError,
    LockError,
    NoLedgerError,
    NotALedgerError,
    ReadOnlyError,
    SchemaError,
    UnsafeSettingError,
)
from ledger.store import database, sqlite
from ledger.store.database import SCHEMA, at
from ledger.store.mounts import network_kind
from ledger.store.sqlite import SETTINGS, SqliteDatabase, library_is_affected
from tests.conftest import file_of, only_files
from tests.invented import findings, note, source, tamper


@only_files
def test_settings_of_a_writing_connection_are_read_back(ledger: Ledger) -> None:
    assert ledger.database.settings() == {
        "journal_mode": "wal",
        "synchronous": "2",
        "foreign_keys": "1",
        "recursive_triggers": "1",
    }


@only_files
def test_settings_are_in_force_where_events_are_appended(ledger: Ledger) -> None:
    with ledger.database.writing() as connection:
        found = {
            name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar()) for name in SETTINGS
        }
    assert found == SETTINGS


@only_files
def test_a_setting_that_is_not_in_force_stops_the_append(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_pragma", lambda _connection, _name: "off")
    with pytest.raises(UnsafeSettingError, match="journal_mode is off and not wal"):
        ledger.append([source()])
    monkeypatch.undo()
    assert list(ledger.export()) == []


def test_reading_changes_nothing_and_leaves_no_wal_to_write(ledger: Ledger) -> None:
    ledger.append([source()])
    before = file_of(ledger).read_bytes()
    with ledger.database.reading() as connection:
        assert connection.execute(text("SELECT size FROM head")).scalar() == 1
        with pytest.raises(Exception, match="readonly"):
            connection.execute(text("UPDATE projections SET position = 7"))
    assert file_of(ledger).read_bytes() == before


def test_a_reader_sees_one_moment(ledger: Ledger) -> None:
    ledger.append([source()])
    with ledger.database.reading() as connection:
        first = connection.execute(text("SELECT size FROM head")).scalar()
        ledger.append([note("source/invented-gazette")])
        assert connection.execute(text("SELECT size FROM head")).scalar() == first == 1
    assert len(list(ledger.export())) == 2


def test_what_raises_while_writing_leaves_nothing(ledger: Ledger) -> None:
    def fail() -> None:
        with ledger.database.writing() as connection:
            connection.execute(text("UPDATE head SET size = 7"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with ledger.database.reading() as connection:
        assert connection.execute(text("SELECT size FROM head")).scalar() == 0


def test_missing_database_is_named_with_the_remedy(tmp_path: Path) -> None:
    missing = Ledger(tmp_path / "none.db", "Test Steward")
    for attempt in (
        lambda: list(missing.export()),
        lambda: missing.append([source()]),
        missing.verify,
        missing.upgrade,
    ):
        with pytest.raises(NoLedgerError, match=r"none\.db.*ledger init"):
            attempt()
    assert list(tmp_path.iterdir()) == [], "asking for a ledger makes none"


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(NoLedgerError):
        list(Ledger(tmp_path).export())


@pytest.mark.parametrize(
    "content",
    [b"", b"nothing", b"no database of any kind, invented for a test" * 100],
    ids=["empty", "short", "long"],
)
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "letter.db"
    path.write_bytes(content)
    other = Ledger(path, "Test Steward")
    with pytest.raises(NotALedgerError, match=r"letter\.db is not a ledger"):
        list(other.export())
    with pytest.raises(NotALedgerError, match=r"letter\.db is not a ledger"):
        other.append([source()])


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_bytes(b"no database of any kind, invented for a test" * 100)
    before = path.read_bytes()
    with pytest.raises(NotALedgerError):
        Ledger(path, "Test Steward").append([source()])
    assert path.read_bytes() == before


def test_a_database_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE recipes (name)")
    with pytest.raises(NotALedgerError, match="has not the tables of one"):
        list(Ledger(path).export())


def test_newer_schema_asks_for_the_newer_program(ledger: Ledger) -> None:
    tamper(ledger, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaError, match=r"newer schema \(9999\).*install the newer program"):
        list(ledger.export())
    with pytest.raises(SchemaError, match=r"newer schema \(9999\)"):
        ledger.append([source()])


def test_older_schema_asks_for_the_upgrade(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "OLDER_SCHEMAS", ("0000",))
    tamper(ledger, "UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(SchemaError, match=rf"older schema \(0000\).*\({SCHEMA}\).*ledger upgrade"):
        list(ledger.export())


def test_a_read_only_file_is_refused_also_for_the_superuser(ledger: Ledger) -> None:
    ledger.append([source()])
    file_of(ledger).chmod(0o444)
    with pytest.raises(ReadOnlyError, match="nothing was appended"):
        ledger.append([note("source/invented-gazette")])
    assert len(list(ledger.export())) == 1


def test_an_unwritable_folder_is_refused_and_still_read(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.append([source()])
    folder = file_of(ledger).parent
    for extra in folder.glob("*.db-*"):
        extra.unlink()
    folder.chmod(0o555)
    may = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: mode != os.W_OK and may(path, mode)
    )  # the superuser could write: modes do not stop it
    try:
        with pytest.raises(ReadOnlyError):
            ledger.append([note("source/invented-gazette")])
        assert len(list(ledger.export())) == 1
        assert not ledger.verify().findings
        assert not list(folder.glob("*.db-*")), "an immutable database gets no -shm"
    finally:
        folder.chmod(0o755)


def test_a_ledger_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ReadOnlyError, match="its folder does not exist"):
        Ledger(tmp_path / "none" / "ledger.db").create()


def test_init_does_not_touch_what_is_there(ledger: Ledger) -> None:
    before = file_of(ledger).read_bytes()
    with pytest.raises(LedgerExistsError, match="exists already"):
        ledger.create()
    assert file_of(ledger).read_bytes() == before


JOURNAL = bytes.fromhex("d9d505f920a163d7") + struct.pack(">5I", 0, 7, 0, 512, 4096) + bytes(484)
"""A rollback journal of a database that was begun: https://sqlite.org/fileformat.html, 3."""


@pytest.mark.parametrize("left", ["no page", "a page", "half a page"])
def test_init_goes_on_where_it_was_stopped(tmp_path: Path, left: str) -> None:
    """What a loss of power leaves of an `init` that had not said that it was done."""
    path = tmp_path / "ledger.db"
    path.touch()
    if left != "no page":
        with closing(sqlite3.connect(path)) as begun:
            begun.execute("PRAGMA journal_mode = wal")
    if left == "half a page":
        path.write_bytes(bytes(512) + path.read_bytes()[512:])
        Path(f"{path}-journal").write_bytes(JOURNAL)
    ledger = Ledger(path, "Test Steward")
    ledger.create()
    ledger.append([source()])
    assert findings(ledger) == []


def test_init_leaves_tables_alone_that_only_the_log_has(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = wal")
        other.execute("CREATE TABLE invented (a)")
        assert path.read_bytes()[103:105] == bytes(2)
        with pytest.raises(LedgerExistsError):
            Ledger(path).create()
        assert other.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)


def test_init_leaves_a_folder_alone(tmp_path: Path) -> None:
    with pytest.raises(LedgerExistsError):
        Ledger(tmp_path).create()


def test_writers_wait_for_the_lock_file(ledger: Ledger, make_ledger: Callable[[], Ledger]) -> None:
    import fcntl

    other = make_ledger()
    lock = Path(f"{file_of(ledger)}.lock")
    with ledger.database.writing():
        assert stat.S_ISREG(lock.stat().st_mode)
        with lock.open("ab") as mine, pytest.raises(BlockingIOError):
            fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
        other.append([source()])
    with lock.open("ab") as mine:
        fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_urls(tmp_path: Path) -> None:
    assert SqliteDatabase(f"sqlite:///{tmp_path}/a.db").path == tmp_path / "a.db"
    assert str(at("ledger.db")) == "ledger.db"
    with pytest.raises(LedgerError, match="no address of a ledger"):
        at("mysql://localhost/ledger")


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 52, 0), False),
        ((4, 0, 0), False),
    ],
)
def test_affected_libraries(version: tuple[int, int, int], affected: bool) -> None:  # noqa: FBT001
    assert library_is_affected(version) is affected


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o640), (0o077, 0o600), (0, 0o640)])
def test_a_ledger_is_not_for_everybody_to_read(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        made = Ledger(tmp_path / "ledger.db", "Test Steward")
        made.create()
        made.append([source()])
        made.backup(tmp_path / "backup.db")
        Ledger(tmp_path / "copy.db").copy_from(tmp_path / "ledger.db")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert {"ledger.db", "ledger.db.lock", "backup.db", "copy.db"} <= modes.keys()
    assert set(modes.values()) == {mode}


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/export {folder} nfs4 rw,vers=4.2 0 0
//server/share {folder}/my\\040share cifs rw 0 0
tmpfs {folder}/local tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [("", "nfs4"), ("deep/down", "nfs4"), ("my share", "cifs"), ("local", ""), ("..", "")],
)
def test_network_file_systems_are_known(tmp_path: Path, folder: str, kind: str) -> None:
    at = tmp_path / "mounted"
    (at / folder).mkdir(parents=True, exist_ok=True)
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS.format(folder=at), encoding="utf-8")
    assert network_kind(at / folder, mounts) == kind
    assert network_kind(at / folder, tmp_path / "none") == ""


@only_files
def test_where_locks_lie_nothing_is_written(
    tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "network_kind", lambda _folder: "nfs4")
    for write in (lambda: ledger.append([source()]), Ledger(tmp_path / "new.db").create):
        with pytest.raises(ReadOnlyError, match="network file system"):
            write()
    assert not list(tmp_path.glob("new.db*"))
    assert list(ledger.export()) == []


def test_a_wal_that_a_writer_removes_while_a_reader_looks(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last writer that closes removes it; a reader may have seen it a moment before."""
    ledger.append([source()])
    there = Path.exists
    monkeypatch.setattr(Path, "exists", lambda path: path.suffix == ".db-wal" or there(path))
    assert len(list(ledger.export())) == 1


def test_a_lock_file_that_cannot_be_had(ledger: Ledger) -> None:
    lock = Path(f"{file_of(ledger)}.lock")
    lock.unlink()
    lock.mkdir()
    with pytest.raises(LockError, match=r"cannot be locked \(is a directory\)"):
        ledger.append([source()])
