"""How answers leave: formats, files, width, colour; data on stdout alone."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from pathlib import Path

import pytest
from ledger.cli import output

from tests.cli.command import Command, in_process
from tests.cli.conftest import AMBUSH

TOTALS = ("report", "totals", "--by", "country")
RUNNING = ("report", "running", "oir-us-combat-deaths")


def test_csv_in_a_pipe(seeded: Command) -> None:
    assert seeded.fine(*TOTALS) == seeded.fine(*TOTALS, "-f", "csv")
    done = in_process(*TOTALS, at=seeded.folder)
    assert done.stdout == seeded.fine(*TOTALS)


def test_a_table_on_a_terminal(seeded: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = seeded.fine(*TOTALS, "-f", "table")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr(output, "_color", lambda _out: False)
    assert seeded.fine(*TOTALS) == plain
    assert plain != seeded.fine(*TOTALS, "-f", "csv")


@pytest.mark.parametrize("suffix", ["csv", "tsv", "json", "jsonl", "txt"])
def test_the_suffix_gives_the_format(seeded: Command, suffix: str) -> None:
    kind = "table" if suffix == "txt" else suffix
    done = seeded(*TOTALS, "-o", f"totals.{suffix}")
    assert (done.code, done.out) == (0, "")
    written = (seeded.folder / f"totals.{suffix}").read_text(encoding="utf-8")
    assert written == seeded.fine(*TOTALS, "-f", kind)


def test_all_formats_say_the_same(seeded: Command) -> None:
    rows = seeded.rows(*TOTALS)
    tabs = csv.DictReader(io.StringIO(seeded.fine(*TOTALS, "-f", "tsv")), delimiter="\t")
    assert list(tabs) == rows
    objects = json.loads(seeded.fine(*TOTALS, "-f", "json"))
    lines = [json.loads(line) for line in seeded.fine(*TOTALS, "-f", "jsonl").splitlines()]
    assert objects == lines
    texts = [{key: "" if one is None else str(one) for key, one in row.items()} for row in lines]
    assert texts == rows
    assert any(row["high"] is None for row in lines)


def test_the_format_before_the_suffix(seeded: Command) -> None:
    seeded.fine(*TOTALS, "-f", "tsv", "-o", "totals.csv")
    assert "\t" in (seeded.folder / "totals.csv").read_text(encoding="utf-8")
    assert seeded.fine(*TOTALS, "-o", "-") == seeded.fine(*TOTALS)


def test_an_unknown_suffix(seeded: Command) -> None:
    assert "no format for '.xlsx'" in seeded.refused(*TOTALS, "-o", "totals.xlsx")
    assert not (seeded.folder / "totals.xlsx").exists()


def test_notes_are_said_beside_the_data(seeded: Command) -> None:
    done = seeded(*RUNNING)
    assert "note" not in done.out
    assert done.err.startswith("note: opening total as of 2020-03-10: 2 of the 19 are itemised")
    done = seeded(*RUNNING, "-o", "running.csv")
    assert (done.out, done.err[:5]) == ("", "note:")


def test_no_matching_line_is_a_header(seeded: Command) -> None:
    out = seeded.fine("report", "totals", "--where", "incident=nowhere")
    assert out == "measure,low,best,high,incidents,lines,at_least,unknown\n"


def test_a_file_is_written_whole_or_not_at_all(
    seeded: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    precious = seeded.file("totals.csv", "precious")
    monkeypatch.setattr("ledger.reports.writers._cell", _fail)
    assert seeded("report", "incidents", "-o", "totals.csv").code == 70
    assert precious.read_text(encoding="utf-8") == "precious"
    assert not list(seeded.folder.glob(".totals*"))


def _fail(_value: object) -> object:
    raise ZeroDivisionError


def test_a_folder_that_is_not_there(seeded: Command) -> None:
    assert "its folder does not exist" in seeded.refused(*TOTALS, "-o", "nowhere/totals.csv")
    assert "is a directory" in seeded.refused(*TOTALS, "-f", "csv", "-o", ".")


def test_a_link_stays_a_link(seeded: Command) -> None:
    (seeded.folder / "link.csv").symlink_to("totals.csv")
    seeded.fine(*TOTALS, "-o", "link.csv")
    assert (seeded.folder / "link.csv").is_symlink()
    assert (seeded.folder / "totals.csv").read_text(encoding="utf-8") == seeded.fine(*TOTALS)


def test_a_device_is_written_to_and_never_replaced(seeded: Command) -> None:
    null = Path(os.devnull)
    before = null.stat()
    assert seeded(*TOTALS, "-f", "csv", "-o", os.devnull).code == 0
    after = null.stat()
    assert stat.S_ISCHR(after.st_mode)
    assert (before.st_ino, before.st_rdev) == (after.st_ino, after.st_rdev)
    if Path("/dev/full").exists():
        assert "no space left" in seeded.refused(*TOTALS, "-f", "csv", "-o", "/dev/full")


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize(
    "words",
    [RUNNING, TOTALS, ("log",), ("report", "claims"), ("report", "sources"), ("report", "people")],
    ids=lambda words: words[-1] if len(words) < 3 else words[1],
)
def test_a_table_fits_the_terminal(
    seeded: Command, monkeypatch: pytest.MonkeyPatch, columns: int, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    out = seeded.fine(*words, "-f", "table")
    lines = out.splitlines()
    for row in seeded.rows(*words):
        for name in ("low", "best", "high", "running_best", "position"):
            if row.get(name):
                assert any(row[name] in line.split() for line in lines), (name, row[name])
    blocks = any(not line for line in lines)
    assert blocks or max(map(len, lines)) <= columns


def test_the_running_total_at_80_and_200(seeded: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    for columns in (80, 200):
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = [line.rstrip() for line in seeded.fine(*RUNNING, "-f", "table").splitlines()]
        (taji,) = [line for line in lines if "taji-2020-03-11" in line]
        assert taji.split()[-6:] == ["2", "2", "2", "21", "21", "21"]
        assert columns == 80 or "Rocket attack on Camp Taji" in taji


def test_an_open_high_and_an_unknown_are_shown(seeded: Command) -> None:
    out = seeded.fine("report", "totals", "-f", "table")
    (killed,) = [line for line in out.splitlines() if line.startswith("killed ")]
    assert "…+" in killed
    words = ("--measure", "injured", "--where", "incident=taji-2020-03-11", "--by", "nationality")
    out = seeded.fine("report", "totals", *words, "-f", "table")
    (poles,) = [line for line in out.splitlines() if line.startswith("PL ")]
    assert "?" in poles


def test_colour(seeded: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("report", "totals", "-f", "table")
    assert "\x1b" not in seeded.fine(*words)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1m" in seeded.fine(*words)
    assert "\x1b" not in seeded.fine("report", "totals", "-f", "csv")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in seeded.fine(*words)


@pytest.fixture
def formula(ambush: Command) -> Command:
    """The command with an incident whose title a spreadsheet may take for a formula."""
    words = ("add", "incident", "raid", *AMBUSH[3:], "--title", "=1+1")
    ambush.fine(*words)
    return ambush


def test_a_formula_is_made_harmless(formula: Command) -> None:
    titles = {row["title"] for row in formula.rows("report", "incidents")}
    assert titles == {"An invented ambush", "'=1+1"}
    raw = csv.DictReader(io.StringIO(formula.fine("report", "incidents", "--raw")))
    assert {row["title"] for row in raw} == {"An invented ambush", "=1+1"}
    assert '"=1+1"' in formula.fine("export")
    assert "'=1+1" not in formula.fine("report", "incidents", "-f", "json")


def test_a_file_for_excel(seeded: Command) -> None:
    seeded.fine(*TOTALS, "--excel", "-o", "totals.csv")
    written = (seeded.folder / "totals.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbfcountry,measure,low")
    assert written.count(b"\r\n") == written.count(b"\n") == seeded.fine(*TOTALS).count("\n")
    plain = written.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").decode()
    assert plain == seeded.fine(*TOTALS)


def test_untrusted_text_is_safe_on_a_terminal(ambush: Command) -> None:
    nasty = "An \x1b[31mangry\x1b[0m \u202etitle\x9b\nof two lines"
    ambush.fine("add", "incident", "raid", *AMBUSH[3:], "--title", nasty)
    for words in (
        ("report", "incidents", "-f", "table"),
        ("log", "-f", "table"),
        ("show", "raid"),
        ("show", "2"),
        ("explain", "--measure", "killed"),
    ):
        out = ambush.fine(*words)
        assert not {"\x1b", "\u202e", "\x9b"} & set(out), words
    assert r"\x1b[31mangry" in ambush.fine("report", "incidents", "-f", "table")
    title = {row["key"]: row["title"] for row in _named(ambush)}["raid"]
    assert title == nasty


def _named(command: Command) -> list[dict[str, str]]:
    rows = csv.DictReader(io.StringIO(command.fine("report", "incidents", "-f", "csv"), newline=""))
    return [{"key": row["incident"], "title": row["title"]} for row in rows]
