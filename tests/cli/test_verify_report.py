"""Reports with their manifests: made, made again, explained row by row, made in sets."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from ledger.catalogue import REPORTS
from tests.cli.command import Command

KILLED = ("report", "totals", "--measure", "killed", "--by", "nationality", "-o", "killed.csv")


@pytest.fixture
def killed(seeded: Command) -> Path:
    seeded.fine(*KILLED)
    return seeded.folder / "killed.csv"


def manifest(path: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(path.with_name(f"{path.name}-metadata.json").read_text())
    return found


def test_a_manifest_says_what_the_file_is(seeded: Command, killed: Path) -> None:
    said = manifest(killed)
    assert said["$schema"] == "https://datapackage.org/profiles/2.0/dataresource.json"
    assert said["hash"] == f"sha256:{hashlib.sha256(killed.read_bytes()).hexdigest()}"
    assert said["bytes"] == killed.stat().st_size
    assert said["rows"] == len(killed.read_text().splitlines()) - 1
    names = killed.read_text().splitlines()[0].split(",")
    schema = said["schema"]
    assert isinstance(schema, dict)
    assert [field["name"] for field in schema["fields"]] == names
    assert schema["missingValues"] == [""]
    made = said["ledger"]
    assert isinstance(made, dict)
    assert made["question"] == {"report": "totals", "measure": ["killed"], "by": ["nationality"]}
    assert (made["state"]["position"], made["state"]["root"]) == (199, seeded.root())
    assert made["state"]["newest-source"] == "2020-05-04"


def test_every_number_has_a_unit_and_every_column_a_meaning(seeded: Command) -> None:
    for name in REPORTS:
        seeded.fine("report", name, "-o", f"{name}.csv")
        schema = manifest(seeded.folder / f"{name}.csv")["schema"]
        assert isinstance(schema, dict)
        for field in schema["fields"]:
            assert field["description"]
            if field["type"] == "integer" and not field["name"].endswith(("position", "by")):
                assert field["unit"], (name, field)


@pytest.mark.parametrize("kind", ["csv", "tsv", "json", "jsonl"])
@pytest.mark.parametrize("name", REPORTS)
def test_every_report_is_made_again(seeded: Command, name: str, kind: str) -> None:
    seeded.fine("report", name, "-o", f"out.{kind}")
    rows = manifest(seeded.folder / f"out.{kind}")["rows"]
    done = seeded("verify-report", f"out.{kind}")
    assert (done.code, done.out) == (
        0,
        f"out.{kind}: the same {rows} rows, of the first 199 events\n",
    )


def test_for_excel_and_raw_are_remembered(seeded: Command) -> None:
    seeded.fine("report", "claims", "--excel", "--raw", "-o", "claims.csv")
    assert (seeded.folder / "claims.csv").read_bytes().startswith("\ufeff".encode())
    assert seeded("verify-report", "claims.csv").code == 0


def test_later_events_change_nothing(seeded: Command, killed: Path) -> None:
    seeded.fine("retract", "145", "--reason", "an invented reason")
    assert seeded("verify-report", str(killed)).code == 0
    seeded.fine(*KILLED[:-1], "again.csv")
    assert (seeded.folder / "again.csv").read_bytes() != b""
    assert seeded("verify-report", "again.csv").code == 0


def test_a_figure_that_was_changed_is_named(seeded: Command, killed: Path) -> None:
    text = killed.read_text()
    killed.write_text(text.replace("GB,killed,1,1,1", "GB,killed,1,2,2"))
    done = seeded("verify-report", "killed.csv")
    assert done.code == 3
    first, second = done.out.splitlines()
    assert first.startswith("killed.csv: file-changed")
    assert second.startswith("killed.csv:2: row-differs the file has 'GB,killed,1,2,2")


def test_a_row_that_was_left_out_is_named(seeded: Command, killed: Path) -> None:
    killed.write_text("".join(killed.read_text().splitlines(keepends=True)[:-1]))
    done = seeded("verify-report", "killed.csv")
    assert done.code == 3
    assert "the file has no such line" in done.out


def test_another_history_is_named(seeded: Command, killed: Path) -> None:
    path = Path(f"{killed}-metadata.json")
    root = seeded.root()
    path.write_text(path.read_text().replace(root, "0" * 64))
    done = seeded("verify-report", "killed.csv")
    assert done.code == 3
    assert done.out.startswith("killed.csv: history-differs it was made of 199 events")


def test_a_ledger_that_is_shorter_says_so(seeded: Command, killed: Path) -> None:
    seeded.fine("--db", "new.db", "init")
    message = seeded.refused("--db", "new.db", "verify-report", killed)
    assert "there is no position 199: the log has 0 events" in message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "only a report with its manifest is checked"),
        ("no JSON", "is no manifest of a report"),
        ("{}", "is no manifest of a report"),
    ],
)
def test_without_a_manifest(seeded: Command, killed: Path, text: str | None, says: str) -> None:
    beside = Path(f"{killed}-metadata.json")
    beside.unlink()
    if text is not None:
        beside.write_text(text)
    assert says in seeded.refused("verify-report", "killed.csv")


def test_a_report_on_stdout_and_a_table_have_no_manifest(seeded: Command) -> None:
    seeded.fine("report", "totals", "-f", "csv")
    seeded.fine("report", "totals", "-o", "totals.txt")
    assert (seeded.folder / "totals.txt").exists()
    assert not list(seeded.folder.glob("*-metadata.json"))


def test_below_a_table_stands_what_it_is_made_of(seeded: Command) -> None:
    out = seeded.fine(
        "report", "totals", "--measure", "killed", "--known-by", "2020-03-11", "-f", "table"
    )
    assert out.splitlines()[-4:] == [
        "asked: totals --measure killed --known-by 2020-03-11",
        "of the first 199 events, newest source of 2020-03-11",
        "Figures are what the cited sources say, added up. They are no census.",
        f"cite: Casualty Ledger, first 199 events, root {seeded.root()}",
    ]


# Sets of saved questions

SET = """\
[[report]]
report = "totals"
output = "killed.csv"
measure = "killed"
by = ["nationality", "service"]
where = { operation = "inherent-resolve", role = ["military"] }
known-by = "2020-03-20"

[[report]]
report = "running"
tally = "oir-us-combat-deaths"
output = "running.json"
at = "150"

[[report]]
report = "claims"
tally = "oir-us-combat-deaths"
output = "claims.jsonl"
limit = 2
"""


def test_a_set_is_what_its_reports_are_one_by_one(seeded: Command) -> None:
    seeded.file("set.toml", SET)
    assert seeded.fine("report", "--file", "set.toml") == "killed.csv\nrunning.json\nclaims.jsonl\n"
    alone = seeded.fine(
        *("report", "totals", "--measure", "killed", "--by", "nationality,service"),
        *("--where", "operation=inherent-resolve", "--where", "role=military"),
        *("--known-by", "2020-03-20", "-f", "csv"),
    )
    assert (seeded.folder / "killed.csv").read_text() == alone
    running = seeded.fine("report", "running", "oir-us-combat-deaths", "--at", "150", "-f", "json")
    assert (seeded.folder / "running.json").read_text() == running
    assert len((seeded.folder / "claims.jsonl").read_text().splitlines()) == 2
    for name in ("killed.csv", "running.json", "claims.jsonl"):
        assert seeded("verify-report", name).code == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "it must hold [[report]] tables and nothing else"),
        ("[[report]]\nreport = 'totals'\n", "number 1 does not say its `output`"),
        ("[[report]]\noutput = 'x.csv'\n", "number 1: Object missing required field `report`"),
        (
            "[[report]]\nreport = 'totals'\noutput = 'x.csv'\nmesure = 'killed'\n",
            "number 1: Object contains unknown field `mesure`",
        ),
        ("[[report]\n", "no TOML"),
        ("[[report]]\nreport = 'totls'\noutput = 'x.csv'\n", "no report 'totls'"),
        (
            "[[report]]\nreport = 'totals'\noutput = 'x.csv'\nby = 'colour'\n",
            "unknown key 'colour'",
        ),
        ("[[report]]\nreport = 'totals'\noutput = 'x.doc'\n", "no format for '.doc'"),
    ],
)
def test_a_set_that_cannot_be_made(seeded: Command, text: str, says: str) -> None:
    seeded.file("set.toml", text)
    assert says in seeded.refused("report", "--file", "set.toml")
    assert not (seeded.folder / "x.csv").exists()


def test_tally_and_limit(seeded: Command) -> None:
    total = seeded.rows("report", "totals", "--tally", "oir-us-combat-deaths")
    assert [row["measure"] for row in total] == ["killed"]
    some = seeded.rows("report", "claims", "--limit", "3")
    assert some == seeded.rows("report", "claims")[:3]
    assert seeded.rows("report", "claims", "--limit", "0") == []


# Rows explained


def test_each_row_of_totals_comes_to_what_it_says(seeded: Command) -> None:
    asked = ("--by", "nationality,kind")
    for number, row in enumerate(seeded.rows("report", "totals", *asked), 1):
        (total,) = json.loads(seeded.fine("explain", *asked, "--row", str(number), "-f", "json"))[
            :1
        ]
        assert total["measure"] == row["measure"]
        assert ("" if total["best"] is None else str(total["best"])) == row["best"]
        assert len(total["children"]) == int(row["incidents"])


def test_a_row_of_a_file_is_explained_as_it_was_then(seeded: Command, killed: Path) -> None:
    asked = ("explain", str(killed), "--row", "1")
    before = seeded.fine(*asked)
    assert before.startswith("killed: 1\n")
    position = int(before.rpartition("position ")[2].partition(":")[0])
    seeded.fine("retract", str(position), "--reason", "an invented reason")
    assert seeded.fine(*asked) == before


@pytest.mark.parametrize("name", ["running oir-us-combat-deaths", *REPORTS])
def test_every_report_has_rows_that_are_explained(seeded: Command, name: str) -> None:
    seeded.fine("report", *name.split(), "-o", "out.csv")
    if manifest(seeded.folder / "out.csv")["rows"]:
        assert seeded.fine("explain", "out.csv", "--row", "1")
    assert "no row '999999'" in seeded.refused("explain", "out.csv", "--row", "999999")


def test_a_file_needs_a_row(seeded: Command, killed: Path) -> None:
    assert "which row of" in seeded.refused("explain", str(killed))
