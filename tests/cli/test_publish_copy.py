"""`ledger publish-log`, `verify` and `copy` of a folder and of a URL: mirrors that trust nobody."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import pytest

from ledger.audit import keys
from tests.audit.ledgers import files, served
from tests.audit.signing import LOG_KEY, OTHER_KEY
from tests.cli.command import SEEDED, Command
from tests.cli.conftest import GAZETTE

VKEY = ("--vkey", "log.key")


@pytest.fixture
def mirrored(seeded: Command) -> Command:
    """A ledger of all seeds, signed, and published in the folder `log`."""
    keys.write(seeded.folder / "log.key", LOG_KEY)
    keys.write(seeded.folder / "other.key", OTHER_KEY)
    seeded.fine("checkpoint", "--key", "log.key", "-o", "own.checkpoint")
    seeded.fine("publish-log", "log")
    return seeded


def refused(desk: Command, *arguments: str | Path, code: int = 2) -> str:
    """Stderr of what is refused, without data and without a traceback."""
    done = desk(*arguments)
    assert (done.code, done.out) == (code, ""), done
    assert "unexpected error" not in done.err
    return done.err


def entries(desk: Command) -> Path:
    """The one bundle of the seeds."""
    return desk.folder / "log" / "tile" / "entries" / f"000.p/{SEEDED}"


def test_publishing_says_what_it_did(mirrored: Command) -> None:
    before = files(mirrored.folder / "log")
    out = mirrored.fine("publish-log", "log")
    assert out == f"{SEEDED} events of ledger.example/invented, in log\n"
    assert files(mirrored.folder / "log") == before
    assert sorted(before) == [
        "checkpoint",
        f"tile/0/000.p/{SEEDED}",
        f"tile/entries/000.p/{SEEDED}",
    ]


def test_a_folder_is_verified(mirrored: Command) -> None:
    done = mirrored("verify", "log", *VKEY, "--checkpoint", "own.checkpoint")
    assert (done.code, done.err) == (0, "")
    assert done.out.split()[-1] == mirrored.root()
    done = mirrored("verify", "log", "--vkey", "other.key")
    assert done.code == 3
    assert "checkpoint: not-signed" in done.out


def test_a_url_is_verified_and_copied(mirrored: Command) -> None:
    with served(mirrored.folder / "log") as url:
        assert mirrored.fine("verify", url, *VKEY).split()[-1] == mirrored.root()
        out = mirrored.fine("copy", url, "copy.db", *VKEY)
    assert out == f"{SEEDED} events, root {mirrored.root()}\n"
    copied = ("--db", "copy.db")
    assert mirrored.fine(*copied, "export") == mirrored.fine("export")
    assert mirrored.fine(*copied, "checkpoint") == mirrored.fine("checkpoint")
    assert mirrored.fine(*copied, "report", "totals") == mirrored.fine("report", "totals")
    done = mirrored(*copied, "verify", *VKEY, "--checkpoint", "own.checkpoint")
    assert (done.code, done.err) == (0, "")


def test_a_folder_is_copied(mirrored: Command) -> None:
    assert mirrored.fine("copy", "log", "copy.db", *VKEY).split()[-1] == mirrored.root()
    assert mirrored.fine("--db", "copy.db", "prove", "7") == mirrored.fine("prove", "7")


def test_a_missing_bundle_is_named_and_not_copied(mirrored: Command) -> None:
    entries(mirrored).unlink()
    done = mirrored("verify", "log", *VKEY)
    assert done.code == 3
    assert f"tile/entries/000.p/{SEEDED}: unreadable no such file or directory" in done.out
    assert "checkpoint: history-differs" in done.out
    assert "unreadable" in refused(mirrored, "copy", "log", "copy.db", code=3)
    assert not list(mirrored.folder.glob("copy.db*"))
    mirrored.fine("publish-log", "log")
    assert mirrored("verify", "log", *VKEY).code == 0


def test_a_changed_bundle_is_named_and_not_copied(mirrored: Command) -> None:
    entries(mirrored).write_bytes(entries(mirrored).read_bytes().replace(b"2020", b"2021", 1))
    done = mirrored("verify", "log", *VKEY)
    assert done.code == 3
    assert "bytes-changed its bytes hash to" in done.out
    assert "does not fit its events" in refused(mirrored, "copy", "log", "copy.db", code=3)
    with served(mirrored.folder / "log") as url:
        assert "does not fit its events" in refused(mirrored, "copy", url, "copy.db", code=3)
    assert not list(mirrored.folder.glob("copy.db*"))


def test_another_key_is_not_copied_from(mirrored: Command) -> None:
    why = refused(mirrored, "copy", "log", "copy.db", "--vkey", "other.key", code=3)
    assert "not-signed no given key signed it" in why
    assert not list(mirrored.folder.glob("copy.db*"))


def test_a_url_that_does_not_answer(mirrored: Command) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    for command in (("verify", url), ("copy", url, "copy.db")):
        why = refused(mirrored, *command)
        assert why.startswith(f"ledger: {url} is no published log: ")
        assert "refused" in why
        assert why.count("\n") == 1
    assert not list(mirrored.folder.glob("copy.db*"))


@pytest.mark.parametrize("where", ["http://[", "http://127.0.0.1:x/", "https://", "empty"])
def test_what_is_no_published_log(mirrored: Command, where: str) -> None:
    (mirrored.folder / "empty").mkdir()
    assert "is no published log" in refused(mirrored, "verify", where)
    assert "copy.db" not in refused(mirrored, "copy", where, "copy.db")
    assert not list(mirrored.folder.glob("copy.db*"))


def test_a_page_that_is_not_there(mirrored: Command) -> None:
    with served(mirrored.folder / "log") as url:
        why = refused(mirrored, "verify", f"{url}/nowhere")
        assert why.endswith("/nowhere is no published log: file not found\n")


def test_a_folder_that_cannot_be_published_to(mirrored: Command) -> None:
    mirrored.file("letter.txt", "precious")
    assert "is a file" in refused(mirrored, "publish-log", "letter.txt")
    assert "not a directory" in refused(mirrored, "publish-log", "letter.txt/log")
    assert (mirrored.folder / "letter.txt").read_text(encoding="utf-8") == "precious"


def test_another_history_is_not_published_there(mirrored: Command) -> None:
    before = files(mirrored.folder / "log")
    mirrored.fine("--db", "new.db", "init")
    new = ("--db", "new.db")
    mirrored.fine(*new, *GAZETTE)
    mirrored.fine(*new, "checkpoint", "--key", "log.key")
    why = refused(mirrored, *new, "publish-log", "log", code=3)
    assert f"{SEEDED} events were published there" in why
    assert files(mirrored.folder / "log") == before


def test_a_log_goes_on(mirrored: Command) -> None:
    mirrored.fine(*GAZETTE)
    mirrored.fine("checkpoint", "--key", "log.key")
    assert mirrored.fine("publish-log", "log").startswith(f"{SEEDED + 1} events")
    done = mirrored("verify", "log", *VKEY, "--checkpoint", "own.checkpoint")
    assert done.code == 0
    assert f"the event at position {SEEDED} was once others" in done.err


def test_an_empty_log(empty: Command) -> None:
    keys.write(empty.folder / "log.key", LOG_KEY)
    empty.fine("checkpoint", "--key", "log.key")
    assert empty.fine("publish-log", "log").startswith("0 events")
    done = empty("verify", "log", *VKEY)
    assert (done.code, done.err) == (0, "")
    empty.fine("copy", "log", "copy.db", *VKEY)
    assert empty.fine("--db", "copy.db", "verify", *VKEY) == empty.fine("verify", *VKEY)


def test_an_export_is_verified(mirrored: Command) -> None:
    mirrored.fine("export", "-o", "events.jsonl")
    done = mirrored("verify", "events.jsonl", *VKEY, "--checkpoint", "own.checkpoint")
    assert (done.code, done.err) == (0, "")
    lines = (mirrored.folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    mirrored.file("events.jsonl", "\n".join(lines[:-1]) + "\n")
    done = mirrored("verify", "events.jsonl", *VKEY, "--checkpoint", "own.checkpoint")
    assert done.code == 3
    assert "own.checkpoint: events-gone" in done.out
    assert "no such file" in refused(mirrored, "verify", "nothing.jsonl")
