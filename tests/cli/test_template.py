"""`ledger template`: empty spreadsheets that import once they are filled in."""

from __future__ import annotations

import shutil

import pytest

from tests.cli.command import Command
from tests.conftest import ROOT

MAPPING = ROOT / "tests" / "data" / "shellings.toml"
HEADER = "id,town,day,side,killed,district"


@pytest.fixture
def desk(empty: Command) -> Command:
    shutil.copy(MAPPING, empty.folder)
    return empty


def test_the_columns_of_a_mapping(desk: Command) -> None:
    assert desk.fine("template", "shellings.toml") == HEADER + "\n"
    assert desk.fine("template", "shellings.toml", "-o", "empty.csv") == ""
    assert (desk.folder / "empty.csv").read_bytes() == f"{HEADER}\n".encode()
    assert desk.fine("template", "shellings.toml", "-o", "-") == HEADER + "\n"


def test_for_excel(desk: Command) -> None:
    desk.fine("template", "shellings.toml", "--excel", "-o", "empty.csv")
    assert (desk.folder / "empty.csv").read_bytes() == f"\ufeff{HEADER}\r\n".encode()


@pytest.mark.parametrize("excel", [(), ("--excel",)])
def test_filled_in_it_is_imported(desk: Command, excel: tuple[str, ...]) -> None:
    desk.fine("template", "shellings.toml", "-o", "list.csv", *excel)
    nothing = desk("import", "list.csv", "--mapping", "shellings.toml")
    assert (nothing.code, desk.size()) == (0, 0)
    assert nothing.err.splitlines()[-1].startswith("read 0: 0 new")
    with (desk.folder / "list.csv").open("a", encoding="utf-8", newline="") as file:
        file.write("1,Invented Town,03/01/2024,Invented Front,13+,\n")
    desk.fine("import", "list.csv", "--mapping", "shellings.toml")
    assert desk.rows("report", "totals")[0]["low"] == "13"


@pytest.mark.parametrize("name", ["incidents", "counts"])
def test_our_own_spreadsheets(empty: Command, name: str) -> None:
    header = empty.fine("template", name).rstrip("\n").split(",")
    assert len(set(header)) == len(header)
    assert header[0] in {"key", "incident"}
    empty.file("mine.csv", empty.fine("template", name))
    assert empty.fine("mapping", "check", name, "--file", "mine.csv") == ""


@pytest.mark.parametrize(("delimiter", "form"), [(";", "csv"), ("\t", "tsv")])
def test_other_delimiters(desk: Command, delimiter: str, form: str) -> None:
    given = f'delimiter = "{delimiter}"' if form == "csv" else ""
    text = MAPPING.read_text(encoding="utf-8")
    desk.file("other.toml", f'{text}\n[file]\nformat = "{form}"\n{given}\n')
    assert desk.fine("template", "other.toml") == HEADER.replace(",", delimiter) + "\n"


def test_refused(desk: Command) -> None:
    assert "did you mean ucdp-ged?" in desk.refused("template", "ucdp-gde")
    assert "no-file" in desk.refused("template", "nowhere.toml")
    text = MAPPING.read_text(encoding="utf-8")
    desk.file("json.toml", text + '\n[file]\nformat = "json"\n')
    assert "reads json files" in desk.refused("template", "json.toml")
    assert "its folder does not exist" in desk.refused(
        *("template", "shellings.toml", "-o", "nowhere/list.csv")
    )
