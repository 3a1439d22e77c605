"""The page on mappings: its example comes out as printed, and it names every key there is."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple, get_args

import msgspec
import pytest

from ledger.__main__ import find_cli
from ledger.intake import mapping as spec
from ledger.intake import mappings
from ledger.intake.readers import Format
from tests.conftest import ROOT
from tests.intake.mapped import GED191

find_cli()

from ledger.cli.main import run  # noqa: E402 - the command line has to be found first

PAGE = ROOT / "ledger" / "intake" / "README.md"
FRONT = ROOT / "README.md"
SECTIONS: dict[str, tuple[type[spec.Section], ...]] = {
    "The file as a whole": (spec.Mapping,),
    "Texts": (spec.Cell,),
    "Dates": (spec.Span,),
    "`[file]`": (spec.FileShape,),
    "`[columns]`": (spec.Columns,),
    "`[dataset]` and `[source]`": (spec.Source, spec.Dataset),
    "`[citation]`": (spec.Cited,),
    "`[incident]`": (spec.Incident,),
    "`[incident.place]`": (spec.Place,),
    "`[[counts]]`": (spec.Number, spec.Count),
    "`[[attributions]]`": (spec.Attribution,),
    "`[[totals]]`": (spec.Number, spec.Total),
}
"""The heading under which each table of a mapping is described."""

_HASH = re.compile(r"\b[0-9a-f]{64}\b")
_BLOCK = re.compile(r"(?ms)(?:^`([^`\n]+)`:\n\n)?^```(\w+)\n(.*?)^```$")
_KEYS = re.compile(r"(?m)^\| `(\w+)` \|")


class Block(NamedTuple):
    """What stands between fences: a file with its name, or commands with what they print."""

    name: str
    kind: str
    text: str


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, and nothing said of ledgers or terminals."""
    for name in list(os.environ):
        if name.startswith("CASUALTY_LEDGER_") or name in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_example_comes_out_as_printed(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example = list(blocks(section(PAGE, "A worked example")))
    assert [one.name for one in example if one.kind == "toml"] == ["watch.toml"]
    for one in example:
        if one.kind == "console":
            assert played(one.text, monkeypatch) == one.text
        else:
            (desk / one.name).write_text(one.text, encoding="utf-8")


@pytest.mark.skipif(not GED191.exists(), reason=f"{GED191.name} is not here")
def test_the_front_page_imports_as_printed(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copyfile(GED191, desk / "ged191.csv")
    monkeypatch.setenv("CASUALTY_LEDGER_STEWARD", "Test Steward")
    printed("ledger init", monkeypatch)
    first, *_ = blocks(section(FRONT, "Datasets"))
    assert "read 3,194: 3,194 new" in first.text
    assert played(first.text, monkeypatch) == first.text


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_key_is_described_under_its_table(heading: str) -> None:
    described = _KEYS.findall(section(PAGE, heading))
    fields = [one.encode_name for struct in SECTIONS[heading] for one in fields_of(struct)]
    assert sorted(described) == sorted(set(fields))


def test_every_table_is_described() -> None:
    described = {struct for structs in SECTIONS.values() for struct in structs}
    assert described == set(below(spec.Section))


def test_every_format_mapping_and_vocabulary_is_named() -> None:
    page = PAGE.read_text(encoding="utf-8")
    names = {*get_args(Format), *mappings.names(), *mappings.words()}
    assert not [name for name in sorted(names) if f"`{name}`" not in page]


def blocks(page: str) -> Iterator[Block]:
    for found in _BLOCK.finditer(page):
        yield Block(found[1] or "", found[2], found[3])


def section(path: Path, heading: str) -> str:
    """What stands below a heading of a page, up to the next of its level or above."""
    before, found, after = path.read_text(encoding="utf-8").partition(f"# {heading}\n")
    assert found, f"there is no heading {heading!r}"
    level = len(before) - len(before.rstrip("#")) + 1
    return re.split(rf"(?m)^#{{1,{level}}} ", after)[0]


def played(session: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The commands of a session, each with what it prints now; roots are left out."""
    told = ""
    for line in session.splitlines():
        if line.startswith("$ "):
            told += f"{line}\n{_HASH.sub('…', printed(line[2:], monkeypatch))}"
    return told


def printed(command: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a command prints, on stdout and stderr together, as on a terminal."""
    name, *arguments = shlex.split(command)
    if name == "export":
        monkeypatch.setenv(*arguments[0].split("=", 1))
        return ""
    if name == "cat":
        return Path(arguments[0]).read_text(encoding="utf-8")
    assert name == "ledger"
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        run(arguments)
    return out.getvalue()


def fields_of(struct: type[spec.Section]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """The fields of a table of a mapping."""
    return msgspec.structs.fields(struct)


def below(struct: type[spec.Section]) -> Iterator[type[spec.Section]]:
    """All tables that there are."""
    for one in struct.__subclasses__():
        yield one
        yield from below(one)
