"""The command line itself: help, unknown words, exit codes, errors, what it loads."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from ledger.cli import add_, main

from ledger.errors import IdTakenError, IntegrityError, UnsafeSettingError, VersionConflictError
from tests.cli.command import CLEAN, SEEDED, Command, in_process
from tests.conftest import ROOT, SEEDS

MODULES = sorted((ROOT / "cli").glob("*.py"))


def test_help_lists_every_command(bare: Command) -> None:
    out = bare.fine("--help")
    lines = out.partition("Commands:\n")[2].splitlines()[: len(main.COMMANDS)]
    assert [line.split()[0] for line in lines] == list(main.COMMANDS)
    assert bare.fine("-h") == out


def test_every_module_is_a_command() -> None:
    modules = {path.stem for path in MODULES if not path.stem.startswith("__")}
    assert {name[:-1].replace("_", "-") for name in modules if name.endswith("_")} == set(
        main.COMMANDS
    )


def test_no_command_is_help_and_a_usage_error(bare: Command) -> None:
    done = bare()
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Usage: ledger")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["reprot"], "'report'"),
        (["retarct"], "'retract'"),
        (["report", "totls"], "'totals'"),
        (["add", "incidnet"], "'incident'"),
        (["report", "totals", "--mesure", "killed"], "'--measure'"),
        (["--hepl"], "'--help'"),
    ],
)
def test_did_you_mean(bare: Command, words: list[str], meant: str) -> None:
    done = bare(*words)
    assert (done.code, done.out) == (2, "")
    assert meant in done.err
    assert "Did you mean" in done.err


def test_nothing_is_like_it(bare: Command) -> None:
    done = bare("xyzzy")
    assert done.code == 2
    assert "No such command 'xyzzy'.\n" in done.err


def test_exit_codes(seeded: Command) -> None:
    assert seeded("check").code == 0
    assert seeded("import", "nowhere.toml").code == 1
    assert seeded("report", "totals", "--measure", "casualties").code == 2
    assert seeded("report", "totals", "--policy", "best").code == 2
    conflict = ("add", "note", "incident/taji-2020-03-11", "x", "--if-version", "1")
    assert seeded(*conflict).code == 4


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (IntegrityError("invented"), 3),
        (UnsafeSettingError("synchronous", "2", "1"), 3),
        (VersionConflictError("incident/invented", 1, 2), 4),
        (IdTakenError("invented", 1), 4),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
        (BrokenPipeError(), 0),
        (ZeroDivisionError("invented"), 70),
    ],
)
def test_what_an_error_ends_with(
    seeded: Command, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    monkeypatch.setattr(main, "_drop_output", lambda: None)
    monkeypatch.setattr(add_.Session, "ledger", lambda _session: _raise(error))
    done = seeded("report", "totals")
    assert (done.code, done.out) == (code, "")
    assert "Traceback" not in done.err
    assert len(done.err.strip().splitlines()) == (0 if code == 0 else 1)


def _raise(error: BaseException) -> None:
    raise error


def test_debug_shows_where_an_error_came_from(bare: Command) -> None:
    plain = bare("report", "totals")
    shown = bare("--debug", "report", "totals")
    assert plain.code == shown.code == 2
    assert "Traceback" not in plain.err
    assert "Traceback" in shown.err
    assert shown.err.endswith(plain.err)


def test_an_error_is_safe_for_the_terminal(seeded: Command) -> None:
    err = seeded.refused("show", "\x1b[31mtaji\u202e")
    assert r"'\x1b[31mtaji" in err
    assert "\x1b" not in err
    assert "\u202e" not in err


def test_a_number_too_long_for_a_position(seeded: Command) -> None:
    long = "9" * 30
    for words in (["retract", long], ["correct", long, "--count", "1"], ["show", long]):
        assert "Traceback" not in seeded.refused(*words)
    assert long in seeded.refused("report", "totals", "--at", long)


def test_the_database_comes_from_the_option_first(
    seeded: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    (seeded.folder / "ledger.db").rename(seeded.folder / "named.db")
    monkeypatch.setenv("CASUALTY_LEDGER_DB", "nowhere.db")
    assert "nowhere.db" in seeded("check").err
    assert seeded("--db", "named.db", "check").code == 0
    assert seeded("--db", "sqlite:///named.db", "check").code == 0
    monkeypatch.setenv("CASUALTY_LEDGER_DB", "named.db")
    assert seeded("check").code == 0
    monkeypatch.delenv("CASUALTY_LEDGER_DB")
    assert "no ledger at ledger.db" in seeded("check").err


def test_the_variables_of_another_program_are_not_read(
    seeded: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER_FILE", "nowhere.db")
    assert seeded("check").code == 0


def test_the_steward_is_asked_for(seeded: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CASUALTY_LEDGER_STEWARD")
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _text: " Asked Steward ")
    done = seeded("add", "note", "incident/taji-2020-03-11", "An invented note.")
    assert done.code == 0
    assert "CASUALTY_LEDGER_STEWARD" in done.err
    assert "public" in done.err
    assert "Steward" not in done.out
    assert seeded.rows("log", "--from", str(SEEDED))[0]["recorded_by"] == "Asked Steward"
    named = ("--as", "Named Steward", "add", "note", "incident/taji-2020-03-11", "Another.")
    assert "CASUALTY_LEDGER_STEWARD" not in seeded(*named).err
    assert seeded.rows("log", "--from", str(SEEDED + 1))[0]["recorded_by"] == "Named Steward"


def test_nobody_to_ask_is_a_refusal(seeded: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CASUALTY_LEDGER_STEWARD")
    monkeypatch.setattr("click.termui.visible_prompt_func", _no_more)
    note = ("add", "note", "incident/taji-2020-03-11", "An invented note.")
    assert "name the steward with --as or CASUALTY_LEDGER_STEWARD" in seeded.refused(*note)
    assert "name the steward with --as" in seeded.refused("--as", " ", *note)


def _no_more(_text: str) -> str:
    raise EOFError


def test_asking_needs_no_steward(seeded: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CASUALTY_LEDGER_STEWARD")
    seeded.fine("check")
    seeded.fine("import", "--dry-run", *SEEDS)


@pytest.mark.parametrize("path", MODULES, ids=[path.stem for path in MODULES])
def test_modules_load_little(path: Path) -> None:
    for name in _imported(ast.parse(path.read_text(encoding="utf-8"))):
        top = name.partition(".")[0]
        assert top in sys.stdlib_module_names or top == "click", name


def _imported(tree: ast.Module) -> Iterator[str]:
    """What a module imports when it is loaded; relative imports stay in the command line."""
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            yield str(statement.module)


LOADED = """
import sys
from ledger.__main__ import find_cli
find_cli()
from ledger.cli.main import run
code = run({words!r})
names = {{name.partition(".")[0] for name in sys.modules}}
print(code, *sorted(names & {{"alembic", "msgspec", "rich", "sqlalchemy", "sqlmodel"}}),
      file=sys.stderr)
"""


def test_a_reading_command_loads_little(seeded: Command) -> None:
    assert _loaded(seeded, "--help") == "0"
    assert _loaded(seeded, "add", "source", "--help") == "0"
    assert _loaded(seeded, "report", "totals") == "0 msgspec sqlalchemy"
    assert _loaded(seeded, "report", "running", "oir-us-combat-deaths").endswith(
        "0 msgspec sqlalchemy"
    )
    assert _loaded(seeded, "report", "totals", "-f", "table") == "0 msgspec rich sqlalchemy"


def _loaded(command: Command, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(words=list(words))],
        cwd=command.folder,
        env=CLEAN,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stderr.splitlines()[-1]


def test_in_a_process_of_its_own(seeded: Command) -> None:
    done = in_process("verify", at=seeded.folder)
    assert done.returncode == 0
    assert done.stderr.startswith("not decided: whether the events")
    assert done.stdout.startswith(f"{SEEDED} events, root ")
    missing = in_process("--db", "nowhere.db", "verify", at=seeded.folder)
    assert (missing.returncode, missing.stdout) == (2, "")
    nobody = in_process("add", "note", "incident/taji-2020-03-11", "x", at=seeded.folder)
    assert nobody.returncode == 2
    assert "CASUALTY_LEDGER_STEWARD" in nobody.stderr


@pytest.mark.parametrize("words", [("export",), ("log",), ("show", "taji-2020-03-11")])
def test_a_reader_may_stop_reading(seeded: Command, words: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "ledger", *words],
        cwd=seeded.folder,
        env=CLEAN,
        stdout=writer,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", [("export",), ("report", "totals")])
def test_a_full_disk_is_said(seeded: Command, words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ledger", *words],
            cwd=seeded.folder,
            env=CLEAN,
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "ledger: the answer could not be written: no space left on device\n"


def test_a_pipe_is_always_utf_8(seeded: Command) -> None:
    done = in_process("report", "sources", at=seeded.folder, PYTHONIOENCODING="latin-1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Esper Says \u2018All Options" in done.stdout


def test_commands_complete_in_a_shell(bare: Command) -> None:
    asked = {"_LEDGER_COMPLETE": "bash_complete", "COMP_WORDS": "ledger re", "COMP_CWORD": "1"}
    done = in_process(at=bare.folder, **asked)
    assert sorted(done.stdout.split()) == [
        f"plain,{name}" for name in ("rebuild", "replay", "report", "retract", "revise")
    ]
