"""The report on changes: an erratum between two states, as `ledger report changes` prints it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import SEEDED, Command

BRITISH = "killed[cause=hostile,nationality=GB,role=military]"
REPORT = ("report", "changes")
DAYS = ("--from-known-by", "2020-03-10", "--known-by", "2020-03-12")
CORRECT = ("correct", f"117:{BRITISH}", "--count", "2", "--reason", "an invented reason")
CLAIM = (
    *("add", "counts", "taji-2020-03-11", "--count", "munitions-landed", "19"),
    *("--source", "nyt-2020-03-12", "--as-of", "2020-03-20"),
)


def brief(rows: list[dict[str, str]]) -> list[tuple[str, str, str, str]]:
    """Line, was, is, positions."""
    return [(row["line"], row["was_best"], row["is_best"], row["positions"]) for row in rows]


ERRATUM = [("killed", "3", "4", "199; 200"), (BRITISH, "1", "2", "199; 200")]
LANDED = ("munitions-landed", "18", "19", "201")


@pytest.fixture
def corrected(seeded: Command) -> Command:
    """The seeds, then two events that correct a count, and one that reports another."""
    seeded.fine(*CORRECT)
    seeded.fine(*CLAIM)
    return seeded


def checkpoint(of: Command, folder: Path, name: str) -> None:
    """Keep a checkpoint of all that there is, and write it to a file too."""
    key = folder / "invented.key"
    if not key.exists():
        of.fine("key", "new", "--name", "ledger.example/invented", "-o", key)
    of.fine("checkpoint", "--key", key, "-o", name)


def test_what_was_and_is_between_two_states(corrected: Command) -> None:
    rows = corrected.rows(*REPORT, "--from", str(SEEDED))
    assert brief(rows) == [*ERRATUM, LANDED]
    assert {(row["incident"], row["sources"]) for row in rows} == {
        ("taji-2020-03-11", "nyt-2020-03-12")
    }
    for word in ("--to", "--at"):
        assert brief(corrected.rows(*REPORT, "--from", str(SEEDED), word, "201")) == ERRATUM
    done = corrected(*REPORT, "--from", str(SEEDED), "-f", "csv")
    assert f"note: was: of the first {SEEDED} events, root " in done.err


def test_a_tally_and_a_filter_narrow_it(corrected: Command) -> None:
    asked = (*REPORT, "--from", str(SEEDED))
    assert corrected.rows(*asked, "--tally", "oir-us-combat-deaths") == []
    assert brief(corrected.rows(*asked, "--measure", "munitions-landed")) == [LANDED]
    assert brief(corrected.rows(*asked, "--where", "nationality=GB")) == ERRATUM[1:]
    assert brief(corrected.rows(*asked, "--limit", "1")) == ERRATUM[:1]


def test_without_a_checkpoint_it_begins_with_nothing(seeded: Command) -> None:
    rows = seeded.rows(*REPORT)
    assert {row["change"] for row in rows} == {"new"}
    assert len(rows) == len(seeded.rows("report", "counts"))


def test_by_default_it_begins_with_the_last_checkpoint_before(
    seeded: Command, tmp_path: Path
) -> None:
    checkpoint(seeded, tmp_path, "first.checkpoint")
    seeded.fine(*CORRECT)
    rows = seeded.rows(*REPORT)
    assert brief(rows) == ERRATUM
    checkpoint(seeded, tmp_path, "second.checkpoint")
    assert seeded.rows(*REPORT) == rows, "the present state is no change"
    seeded.fine(*CLAIM)
    assert brief(seeded.rows(*REPORT)) == [LANDED]
    assert seeded.rows(*REPORT, "--from", "second.checkpoint") == seeded.rows(*REPORT)
    both = ("--from", "first.checkpoint", "--to", "second.checkpoint")
    assert seeded.rows(*REPORT, *both) == rows


def test_what_became_known_between_two_days(seeded: Command) -> None:
    rows = seeded.rows(*REPORT, *DAYS)
    assert {row["incident"] for row in rows} == {"taji-2020-03-11"}
    assert seeded.rows(*REPORT, *DAYS, "--from", str(SEEDED)) == rows
    assert "note: known by 2020-03-10, then by 2020-03-12" in seeded(*REPORT, *DAYS).err


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_a_file_is_made_again_when_there_are_later_checkpoints(
    corrected: Command, tmp_path: Path, suffix: str
) -> None:
    name = f"erratum.{suffix}"
    corrected.fine(*REPORT, "--measure", "killed", "-o", name)
    told = json.loads((corrected.folder / f"{name}-metadata.json").read_text())["ledger"]
    assert (told["question"]["from"], told["state"]["position"]) == ("0", SEEDED + 3)
    checkpoint(corrected, tmp_path, "now.checkpoint")
    corrected.fine("retract", "145", "--reason", "an invented reason")
    assert "the same" in corrected.fine("verify-report", name)
    path = corrected.folder / name
    path.write_text(path.read_text().replace("taji-2020-03-11", "taji-2020-03-12"))
    assert corrected("verify-report", name).code == 3


def test_a_row_is_explained_by_its_line_and_its_events(corrected: Command) -> None:
    corrected.fine(*REPORT, "--from", str(SEEDED), "-o", "erratum.csv")
    told = corrected.fine("explain", "erratum.csv", "--row", "2")
    assert told.startswith("killed")
    assert "position 199: event.retracted" in told
    assert "position 200: counts.reported" in told
    assert "position 201" not in told


def test_a_line_whose_incident_is_gone_is_explained_by_its_events(ambush: Command) -> None:
    ambush.fine("retract", "1", "--reason", "an invented reason")
    ambush.fine(*REPORT, "--from", "2", "-o", "erratum.csv")
    told = ambush.fine("explain", "erratum.csv", "--row", "1")
    assert told.startswith("position 2: event.retracted")


def test_a_saved_question_may_ask_for_it(corrected: Command) -> None:
    lines = ("[[report]]", 'report = "changes"', f'from = "{SEEDED}"', 'to = "201"')
    corrected.file("set.toml", "\n".join((*lines, 'output = "erratum.csv"')))
    corrected.fine("report", "--file", "set.toml")
    alone = corrected.fine(*REPORT, "--from", str(SEEDED), "--to", "201", "-f", "csv")
    assert (corrected.folder / "erratum.csv").read_text() == alone
    corrected.file("set.toml", '[[report]]\nreport = "totals"\nfrom = "1"\noutput = "t.csv"')
    assert "totals is of one state" in corrected.refused("report", "--file", "set.toml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "20", "--to", "10"), "name the earlier one first"),
        (("--from", "1000"), "the log has 199 events"),
        (("--from", "nowhere.checkpoint"), "nor the file of a checkpoint"),
        (("--from-known-by", "2020-03-12"), "give both"),
        (("--from-known-by", "2020-03-12", "--known-by", "2020-03-10"), "the earlier day first"),
        (("--from-known-by", "soon", "--known-by", "2020-03-10"), "soon"),
        (("--tally", "oir-us-combat-death"), "did you mean oir-us-combat-deaths"),
        (("--where", "contry=IQ"), "did you mean country"),
    ],
)
def test_what_cannot_be_asked(seeded: Command, arguments: tuple[str, ...], message: str) -> None:
    assert message in seeded.refused(*REPORT, *arguments)
