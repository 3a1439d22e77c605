"""`--chart` and pictures by suffix, on the command line."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.cells import cell_len

from tests.cli.command import Command, in_process

RUNNING = ("report", "running", "oir-us-combat-deaths")
TOTALS = ("report", "totals", "--measure", "killed", "--by", "country")
CHARTED = (RUNNING, TOTALS, ("report", "published"))
EACH = pytest.mark.parametrize("words", CHARTED, ids=lambda words: words[1])


@EACH
@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_chart_fits_the_terminal(
    seeded: Command, monkeypatch: pytest.MonkeyPatch, columns: int, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    chart, _, caption = seeded.fine(*words, "--chart").partition("\nasked: ")
    assert max(map(cell_len, chart.splitlines())) <= columns
    assert "\x1b" not in chart
    assert "of the first 199 events" in caption


def test_a_chart_stands_below_its_table(seeded: Command) -> None:
    both = seeded.fine(*TOTALS, "--chart", "-f", "table")
    chart, table = seeded.fine(*TOTALS, "--chart"), seeded.fine(*TOTALS, "-f", "table")
    assert both.endswith(chart)
    assert table.startswith(both.removesuffix(chart).rstrip())


def test_notes_are_said_beside_a_chart(seeded: Command) -> None:
    done = seeded(*RUNNING, "--chart")
    assert done.err.startswith("note: opening total as of 2020-03-10: 2 of the 19 are itemised")


def test_the_injured_of_al_asad_as_they_became_known(seeded: Command) -> None:
    words = ("--measure", "injured", "--where", "incident=al-asad-2020-01-08", "--chart")
    for day, number in (("2020-01-08", " 0"), ("2020-01-24", "█ 34"), ("2020-02-22", "█ 110")):
        out = seeded.fine("report", "totals", *words, "--known-by", day)
        assert any(line.endswith(number) for line in out.splitlines()), day


def test_a_chart_in_a_file_is_text(seeded: Command) -> None:
    seeded.fine(*RUNNING, "--chart", "-o", "running.txt")
    written = (seeded.folder / "running.txt").read_text(encoding="utf-8")
    assert written == seeded.fine(*RUNNING, "--chart")


@pytest.mark.parametrize("how", [("-f", "csv"), ("-f", "json"), ("-o", "x.csv")])
def test_data_are_not_drawn(seeded: Command, how: tuple[str, ...]) -> None:
    assert "--chart draws in a terminal" in seeded.refused(*RUNNING, "--chart", *how)
    assert not (seeded.folder / "x.csv").exists()


def test_other_reports_have_no_chart(seeded: Command) -> None:
    assert "No such option" in seeded.refused("report", "claims", "--chart")
    error = seeded.refused("report", "claims", "-o", "claims.svg")
    assert "`report claims` has no picture: totals, running, published have one" in error
    assert not (seeded.folder / "claims.svg").exists()
    assert "no format for '.svg'" in seeded.refused("log", "-o", "log.svg")


@EACH
def test_a_picture_by_its_suffix(seeded: Command, words: tuple[str, ...]) -> None:
    done = seeded(*words, "-o", "drawn.svg")
    assert (done.code, done.out) == (0, "")
    document = (seeded.folder / "drawn.svg").read_bytes()
    root = ET.fromstring(document)  # noqa: S314 - our own
    assert root.get("role") == "img"
    assert seeded.root().encode() in document
    assert seeded.fine(*words, "--chart", "-o", "again.svg") == ""
    assert (seeded.folder / "again.svg").read_bytes() == document


@EACH
def test_a_picture_is_made_again(seeded: Command, tmp_path: Path, words: tuple[str, ...]) -> None:
    seeded.fine(*words, "-o", "drawn.svg")
    picture, beside = (seeded.folder / f"drawn.svg{end}" for end in ("", "-metadata.json"))
    said = json.loads(beside.read_text())
    assert said["hash"] == f"sha256:{hashlib.sha256(picture.read_bytes()).hexdigest()}"
    assert (said["mediatype"], "schema" in said) == ("image/svg+xml", False)
    assert said["ledger"]["question"]["report"] == words[1]
    assert said["ledger"]["state"]["root"] == seeded.root()
    seeded.fine("key", "new", "--name", "ledger.example/invented", "-o", tmp_path / "invented.key")
    seeded.fine("checkpoint", "--key", tmp_path / "invented.key", "-o", "later.checkpoint")
    seeded.fine("retract", "145", "--reason", "an invented reason")
    same = "drawn.svg: the same picture, of the first 199 events\n"
    assert seeded.fine("verify-report", "drawn.svg") == same
    picture.write_text(picture.read_text().replace("of the first 199", "of the first 198"))
    done = seeded("verify-report", "drawn.svg")
    assert (done.code, "row-differs" in done.out) == (3, True)
    assert max(map(len, done.out.splitlines())) < 1500


def test_the_format_before_the_suffix(seeded: Command) -> None:
    seeded.fine(*RUNNING, "-f", "csv", "-o", "running.svg")
    assert (seeded.folder / "running.svg").read_text(encoding="utf-8").startswith("date,incident")


def test_a_set_of_reports_may_hold_pictures(seeded: Command) -> None:
    lines = ("[[report]]", 'report = "running"', 'tally = "oir-us-combat-deaths"')
    seeded.file("set.toml", "\n".join((*lines, 'output = "set.svg"')))
    assert seeded.fine("report", "--file", "set.toml") == "set.svg\n"
    seeded.fine(*RUNNING, "-o", "one.svg")
    one, of_set = ((seeded.folder / name).read_bytes() for name in ("one.svg", "set.svg"))
    assert one == of_set


def test_the_same_bytes_in_every_place(seeded: Command) -> None:
    found = set()
    for number, env in enumerate(
        (
            {},
            {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "1"},
            {"LC_ALL": "tr_TR.UTF-8", "COLUMNS": "40"},
        )
    ):
        name = f"place-{number}.svg"
        assert in_process(*RUNNING, "-o", name, at=seeded.folder, **env).returncode == 0
        found.add((seeded.folder / name).read_bytes())
    assert len(found) == 1


def test_ascii_where_the_terminal_is_no_utf_8(
    seeded: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii", errors="backslashreplace")
    monkeypatch.setattr("sys.stdout", out)
    assert seeded(*RUNNING, "--chart").code == 0
    out.flush()
    drawn = raw.getvalue().decode("ascii")
    assert ".. 21" in drawn or ". 21" in drawn
    assert "@ opening total: 19, as of 2020-03-10" in drawn
    assert "\\u25" not in drawn


def test_an_argument_that_is_no_text_does_not_crash(seeded: Command) -> None:
    words = ("--where", "place=\udcff", "--where", "place=\x1b[2J")
    for how in (("-f", "table"), ("-f", "csv"), ("--chart",)):
        done = in_process(*TOTALS, *words, *how, at=seeded.folder)
        assert (done.returncode, "\x1b" in done.stdout) == (0, False), done.stderr
    done = in_process(*TOTALS, *words, "-o", "odd.svg", at=seeded.folder)
    assert done.returncode == 0, done.stderr
    ET.fromstring((seeded.folder / "odd.svg").read_bytes())  # noqa: S314 - our own
    for name in ("odd.svg", "odd.csv"):
        assert in_process(*TOTALS, *words, "-o", name, at=seeded.folder).returncode == 0
        assert in_process("verify-report", name, at=seeded.folder).returncode == 0


def test_the_reports_with_a_chart_are_named_once() -> None:
    from ledger.cli import report_

    from ledger.reports import chart

    assert report_.CHARTED == chart.CHARTED


def test_a_picture_is_written_whole_or_not_at_all(
    seeded: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    precious = seeded.file("running.svg", "precious")
    monkeypatch.setattr(Path, "replace", _fail)
    assert seeded(*RUNNING, "-o", "running.svg").code == 70
    assert precious.read_text(encoding="utf-8") == "precious"
    assert not list(seeded.folder.glob(".running*"))


def _fail(*_values: object) -> None:
    raise ZeroDivisionError
