"""`ledger key …`: keys are made once, shown to all, and never lost to a slip."""

from __future__ import annotations

import getpass
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from ledger.audit import keys
from tests.cli.command import CLEAN, Command

PHRASE = "CASUALTY_LEDGER_PASSPHRASE"
NEW = ("key", "new", "--name", "example.org/invented", "-o", "log.key")


def detached(*arguments: str, at: Path) -> subprocess.CompletedProcess[str]:
    """`python -m ledger` where there is no terminal to ask at."""
    return subprocess.run(
        [sys.executable, "-m", "ledger", *arguments],
        cwd=at,
        env=CLEAN,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        start_new_session=True,
    )


def typing(monkeypatch: pytest.MonkeyPatch, *typed: str) -> None:
    """Somebody at a terminal, who types this unseen."""
    answers = iter(typed)
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: next(answers))


def nobody_types(monkeypatch: pytest.MonkeyPatch) -> None:
    """No terminal: what `getpass` then does is to warn."""

    def warn(_prompt: str) -> str:
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=2)
        return ""

    monkeypatch.setattr(getpass, "getpass", warn)


def test_a_new_key(bare: Command) -> None:
    done = bare(*NEW)
    assert (done.code, done.out.count("\n")) == (0, 1)
    assert "the private key is in log.key" in done.err
    assert done.out.startswith("example.org/invented+")
    assert keys.verifier(done.out).kind == keys.LOG
    assert (bare.folder / "log.key").stat().st_mode & 0o777 == 0o600
    assert bare.fine("key", "show", "log.key") == done.out


def test_a_key_of_a_witness(bare: Command) -> None:
    out = bare.fine("key", "new", "--name", "w1.example", "--witness", "-o", "w1.key")
    assert keys.verifier(out).kind == keys.WITNESS


def test_a_key_replaces_nothing(bare: Command) -> None:
    bare.fine(*NEW)
    before = (bare.folder / "log.key").read_bytes()
    done = bare(*NEW)
    assert (done.code, done.out) == (2, "")
    assert "log.key exists already" in done.err
    assert (bare.folder / "log.key").read_bytes() == before


@pytest.mark.parametrize("name", ["", "two words", "a+b", "tab\t", "line\n", "\u2028", "\x1b[31m"])
def test_names_that_are_none(bare: Command, name: str) -> None:
    done = bare("key", "new", "--name", name, "-o", "log.key")
    assert (done.code, done.out) == (2, "")
    assert "Invalid value for --name" in done.err
    assert "\x1b" not in done.err
    assert list(bare.folder.iterdir()) == []


def test_a_key_in_no_folder(bare: Command) -> None:
    done = bare("key", "new", "--name", "example.org", "-o", "nowhere/log.key")
    assert (done.code, done.out) == (2, "")
    assert "nowhere/log.key" in done.err
    assert "no such file or directory" in done.err


def test_an_encrypted_key_asks_twice(bare: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch, "an invented phrase", "a slip", "an invented phrase", "an invented phrase")
    done = bare(*NEW, "--passphrase")
    assert done.code == 0
    assert "an invented phrase" not in done.err
    assert keys.is_encrypted(bare.folder / "log.key")
    found = keys.read(bare.folder / "log.key", "an invented phrase")
    assert str(found.verifier) == done.out.strip()


def test_the_passphrase_may_come_from_the_environment(
    bare: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody_types(monkeypatch)
    monkeypatch.setenv(PHRASE, "an invented phrase")
    out = bare.fine(*NEW, "--passphrase")
    monkeypatch.delenv(PHRASE)
    assert bare.fine("key", "show", "log.key") == out
    assert keys.read(bare.folder / "log.key", "an invented phrase").verifier == keys.verifier(out)


def test_nobody_to_ask_for_a_passphrase(bare: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody_types(monkeypatch)
    done = bare(*NEW, "--passphrase")
    assert (done.code, done.out) == (2, "")
    assert f"there is no terminal to ask at: give it in {PHRASE}" in done.err
    assert list(bare.folder.iterdir()) == []


def test_without_a_terminal_nothing_is_asked(
    empty: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = detached(*NEW, "--passphrase", at=empty.folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == (
        f"Error: Passphrase: there is no terminal to ask at: give it in {PHRASE}"
    )
    assert "Warning" not in done.stderr
    monkeypatch.setenv(PHRASE, "an invented phrase")
    empty.fine(*NEW, "--passphrase")
    done = detached("checkpoint", "--key", "log.key", at=empty.folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"Passphrase of log.key: there is no terminal to ask at: give it in {PHRASE}" in (
        done.stderr
    )


def test_an_interrupted_question_is_no_key(bare: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_prompt: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(getpass, "getpass", interrupt)
    assert bare(*NEW, "--passphrase").code == 130
    assert list(bare.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "its first line does not begin with `vkey:`"),
        (b"An invented letter.\n", "its first line does not begin with `vkey:`"),
        (b"\xff\xfe", "it is no text"),
        (b"vkey: example.org+00000000+AQ==\n", "is no usable key"),
    ],
)
def test_files_that_are_no_keys(bare: Command, content: bytes, why: str) -> None:
    (bare.folder / "letter.txt").write_bytes(content)
    done = bare("key", "show", "letter.txt")
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert why in done.err


def test_a_key_that_is_not_there(bare: Command) -> None:
    done = bare("key", "show", "nothing.key")
    assert (done.code, done.out) == (2, "")
    assert "nothing.key is no usable key: no such file or directory" in done.err
