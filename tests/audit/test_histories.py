from __future__ import annotations

import shutil
import socket
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from ledger.app import Ledger
from ledger.audit import histories
from ledger.audit.auditor import verify_elsewhere
from ledger.audit.checkpoints import Checkpoint
from ledger.audit.histories import Kept, Noted, Published
from ledger.errors import LedgerError
from tests.audit.ledgers import ANOTHER, elsewhere, fill, served, signed
from tests.audit.signing import LOG_KEY, sign
from tests.conftest import file_of, new_ledger
from tests.invented import findings, tamper


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published log of 300 events: to be copied, not to be written."""
    folder = tmp_path_factory.mktemp("mirror")
    made = new_ledger(folder / "ledger.db")
    signed(made, 300)
    made.auditor.publish(folder / "log")
    return folder / "log"


@pytest.fixture
def log(mirror: Path, tmp_path: Path) -> Path:
    """A published log of 300 events."""
    return Path(shutil.copytree(mirror, tmp_path / "log"))


def drop(ledger: Ledger, table: str) -> None:
    """Remove a table of a ledger."""
    with closing(sqlite3.connect(file_of(ledger), isolation_level=None)) as opened:
        opened.execute(f"DROP TABLE {table}")


def test_a_published_log_that_is_well(log: Path) -> None:
    done = verify_elsewhere(str(log))
    assert (done.size, done.findings) == (300, [])
    assert done.notes == (
        "not decided: who signed the checkpoints: give the log's key with --vkey",
        "not decided: whether the events 0 to 299 were once others: no checkpoint from outside",
    )
    assert elsewhere(log) == []
    assert elsewhere(log, ANOTHER) == ["checkpoint: not-signed"]


def test_a_checkpoint_from_outside(log: Path) -> None:
    """It covers the history; one of another history does not fit."""
    own = Noted("own.checkpoint", (log / "checkpoint").read_bytes())
    assert verify_elsewhere(str(log), [own]).notes == (
        "not decided: who signed the checkpoints: give the log's key with --vkey",
    )
    other = sign(Checkpoint(LOG_KEY.verifier.name, 200, b"\x01" * 32))
    longer = sign(Checkpoint(LOG_KEY.verifier.name, 301, b"\x01" * 32))
    given = [Noted("other", str(other).encode()), Noted("longer", str(longer).encode())]
    found = [f"{one.where}: {one.code}" for one in verify_elsewhere(str(log), given).findings]
    assert found == ["other: history-differs", "longer: events-gone"]


def test_a_missing_tile_is_named_and_the_rest_is_read(log: Path) -> None:
    (log / "tile" / "0" / "001.p" / "44").unlink()
    found = elsewhere(log)
    assert found[0] == "tile/0/001.p/44: unreadable"
    assert found[1:] == [f"position {at}: bytes-changed" for at in range(256, 300)]


def test_a_missing_tile_above_is_named(log: Path) -> None:
    (log / "tile" / "1" / "000.p" / "1").unlink()
    assert elsewhere(log) == ["tile/1/000.p/1: unreadable", "tile 1/0: tile-differs"]


def test_a_damaged_tile_is_named(log: Path) -> None:
    path = log / "tile" / "0" / "000"
    data = bytearray(path.read_bytes())
    data[32 * 7] ^= 1
    path.write_bytes(data)
    assert elsewhere(log) == ["position 7: bytes-changed"]


@pytest.mark.parametrize("damage", [b"", b"\x00", b"<html>404</html>"])
def test_a_damaged_bundle_is_named_and_the_rest_is_read(log: Path, damage: bytes) -> None:
    path = log / "tile" / "entries" / "000"
    path.write_bytes(damage)
    done = verify_elsewhere(str(log))
    where = {one.where for one in done.findings}
    assert done.size == 300
    assert f"{done.findings[0]}" == "tile/entries/000: unreadable it is no bundle of 256 events"
    assert {"position 0", "position 255", "checkpoint"} <= where
    assert not where & {"position 257", "position 299"}


def test_a_changed_event_is_named(log: Path) -> None:
    path = log / "tile" / "entries" / "000"
    path.write_bytes(path.read_bytes().replace(b"Test Steward", b"Tesu Steward", 1))
    found = elsewhere(log)
    assert found == [
        *("position 0: bytes-changed", "tile 1/0: tile-differs"),
        "checkpoint: history-differs",
    ]


@pytest.mark.parametrize("size", [299, 301, 10**18])
def test_a_checkpoint_of_another_size(log: Path, size: int) -> None:
    """A size that is a lie ends nothing but the reading: there is no end to what it may claim."""
    note = (log / "checkpoint").read_text(encoding="utf-8")
    (log / "checkpoint").write_text(note.replace("\n300\n", f"\n{size}\n"), encoding="utf-8")
    found = elsewhere(log)
    assert "checkpoint: signature-forged" in found
    assert any("unreadable" in one for one in found)
    assert len([one for one in found if "unreadable" in one]) < 50


@pytest.mark.parametrize("damage", [b"", b"An invented letter.\n", b"\xff"])
def test_a_checkpoint_that_is_none(log: Path, damage: bytes) -> None:
    (log / "checkpoint").write_bytes(damage)
    assert elsewhere(log) == ["checkpoint: no-checkpoint"]


def test_what_is_no_published_log(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="is no published log: no such file or directory"):
        Published(str(tmp_path))


def test_a_log_on_the_web(log: Path) -> None:
    with served(log) as url:
        assert elsewhere(url) == elsewhere(f"{url}/") == []
        (log / "tile" / "0" / "000").unlink()
        found = verify_elsewhere(url).findings
        assert f"{found[0]}" == "tile/0/000: unreadable file not found"
        with pytest.raises(LedgerError, match="/nowhere is no published log: file not found"):
            Published(f"{url}/nowhere")


def test_a_web_server_that_does_not_answer() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(LedgerError, match=r"is no published log: .*refused"):
        Published(f"http://127.0.0.1:{port}")


def test_a_web_server_that_talks_nonsense(log: Path) -> None:
    class Babbling(SimpleHTTPRequestHandler):
        """Answers with something that is no HTTP."""

        def do_GET(self) -> None:
            """Answer."""
            self.wfile.write(b"An invented answer.\r\n\r\n")

    with (
        served(log, Babbling) as url,
        pytest.raises(LedgerError, match="is no published log: an invented answer"),
    ):
        Published(url)


def test_a_web_server_that_never_answers_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(histories, "_SECONDS", 0.05)
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as silent,
        pytest.raises(LedgerError, match="is no published log: timed out"),
    ):
        Published(f"http://127.0.0.1:{silent.getsockname()[1]}")


def test_more_than_a_part_can_have_is_not_read(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histories, "_MOST_BYTES", 1000)
    with served(log) as url:
        assert "tile/entries/000: unreadable" in elsewhere(url)


@pytest.mark.parametrize(
    "url", ["http://[", "http://127.0.0.1:abc/x", "http://a b/x", "http://.invalid/x", "https://"]
)
def test_what_is_no_url(url: str) -> None:
    with pytest.raises(LedgerError, match="is no published log: "):
        Published(url)


def test_an_export(ledger: Ledger, tmp_path: Path) -> None:
    signed(ledger, 5)
    path = tmp_path / "events.jsonl"
    lines = [f"{body}\n" for body in ledger.export()]
    path.write_text("".join(lines), encoding="utf-8")
    done = verify_elsewhere(str(path))
    assert (done.root, done.findings) == (ledger.verify().root, [])
    assert done.notes == (
        "not decided: whether the events 0 to 4 were once others: no checkpoint from outside",
    )
    path.write_text("".join([*lines[:2], lines[3], lines[2], lines[4]]), encoding="utf-8")
    where = [one.where for one in verify_elsewhere(str(path)).findings]
    assert set(where) == {"position 2", "position 3", "position 4"}
    own = Noted("own", str(ledger.auditor.newest()).encode())
    codes = [one.code for one in verify_elsewhere(str(path), [own]).findings]
    assert codes[-1] == "history-differs"


def test_an_export_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_bytes(b"")
    done = verify_elsewhere(str(tmp_path / "events.jsonl"))
    assert (done.size, done.findings, done.notes) == (0, [], ())


def test_an_export_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").mkdir()
    with pytest.raises(LedgerError, match=r"events\.jsonl: is a directory"):
        list(histories.Export(tmp_path / "events.jsonl").entries())


def test_a_column_that_is_no_utf_8_does_not_end_the_reading(ledger: Ledger) -> None:
    fill(ledger, 5)
    tamper(ledger, "UPDATE events SET type = CAST(X'FF' AS TEXT) WHERE position = 2")
    assert findings(ledger)[0] == "position 2: columns-differ"
    assert ledger.verify().size == 5


def test_a_page_that_cannot_be_read_ends_the_reading(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(ledger, 5)
    rows = Kept._rows

    def broken(self: Kept, last: int, *, lenient: bool) -> Iterator[tuple[Any, ...]]:
        for row in rows(self, last, lenient=lenient):
            if row[0] == 3:
                raise sqlite3.DatabaseError("database disk image is malformed")
            yield row

    monkeypatch.setattr(Kept, "_rows", broken)
    found = ledger.verify()
    assert found.size == 3
    assert "after position 2: unreadable database disk image is malformed" in map(
        str, found.findings
    )


@pytest.mark.parametrize(
    ("table", "finding"),
    [("tiles", "tile 0/0: unreadable"), ("checkpoints", "checkpoints: unreadable")],
)
def test_a_table_that_is_gone(ledger: Ledger, table: str, finding: str) -> None:
    signed(ledger, 3)
    drop(ledger, table)
    assert finding in findings(ledger)


def test_a_kept_checkpoint_that_is_none(ledger: Ledger) -> None:
    for size in (1, 2):
        signed(ledger, size)
    tamper(ledger, "UPDATE checkpoints SET note = 'An invented letter.' WHERE number = 1")
    assert findings(ledger) == ["checkpoint 1: no-checkpoint"]
    tamper(ledger, f"UPDATE checkpoints SET note = X'{b64encode(b'x').hex()}' WHERE number = 2")
    assert findings(ledger) == ["checkpoint 1: no-checkpoint", "checkpoint 2: no-checkpoint"]


def test_what_is_kept_is_read_as_it_is(ledger: Ledger) -> None:
    made = signed(ledger, 3)
    with ledger.database.reading() as connection:
        history = Kept(connection, "here")
        entries = list(history.entries())
        assert history.notes() == [Noted("checkpoint 1", str(made).encode())]
        assert history.problems == []
    assert [body.decode() for _, body in entries] == list(ledger.export())
    assert [columns[0] for columns, _ in entries if columns] == [0, 1, 2]


def test_a_note_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.checkpoint"
    path.write_bytes(b"\xff")
    assert histories.read_note(path) == Noted(str(path), b"\xff")
    with pytest.raises(LedgerError, match="is a directory"):
        histories.read_note(tmp_path)


def test_what_a_name_stands_for(tmp_path: Path) -> None:
    assert histories.is_published("https://example.org/ledger")
    assert histories.is_published(str(tmp_path))
    assert not histories.is_published(str(tmp_path / "ledger.db"))
    assert histories.is_export("events.jsonl")
    assert not histories.is_export("events.json")
