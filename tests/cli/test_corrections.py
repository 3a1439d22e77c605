"""`ledger correct`, `retract` and `merge`."""

from __future__ import annotations

from tests.cli.command import Command
from tests.cli.conftest import AMBUSH

BY_GAZETTE = ("--source", "invented-gazette")
HERALD = (
    *("add", "source", "invented-herald", "--title", "An invented withdrawal"),
    *("--publisher", "The Invented Herald", "--published", "2024-02-01"),
)


def best(command: Command, *question: str) -> str:
    """The killed, in all."""
    rows = command.rows("report", "totals", "--measure", "killed", *question)
    return rows[0]["best"] if rows else "none"


def test_a_count_is_corrected(ambush: Command) -> None:
    said = ambush.fine("correct", "1", "--count", "4", "--reason", "misread")
    assert said == (
        "2: event.retracted, incident/ambush version 2\n"
        "3: counts.reported, incident/ambush version 3\n"
    )
    assert best(ambush) == "4"
    assert best(ambush, "--known-by", "2024-01-02") == "4"
    assert best(ambush, "--at", "2") == "3"
    (row,) = ambush.rows("report", "claims")
    assert (row["source"], row["locator"]) == ("invented-gazette", "page 1")
    assert "misread" in ambush.fine("log", "incident/ambush")


def test_a_count_of_several_is_named(ambush: Command) -> None:
    ambush.fine(
        *("add", "counts", "ambush", "--count", "injured", "5", "--count", "missing", "1"),
        *BY_GAZETTE,
    )
    assert "injured, missing: name one as POSITION:LINE" in ambush.refused(
        "correct", "2", "--count", "6"
    )
    assert "injured, missing" in ambush.refused("correct", "2:captured", "--count", "6")
    ambush.fine("correct", "2:injured", "--count", "6")
    rows = {row["measure"]: row["best"] for row in ambush.rows("report", "totals")}
    assert rows == {"injured": "6", "killed": "3", "missing": "1"}


def test_what_cannot_be_corrected(ambush: Command) -> None:
    assert "no claim" in ambush.refused("correct", "0", "--count", "6")
    assert "'lots' is no count" in ambush.refused("correct", "1", "--count", "lots")
    assert "no event at position" in ambush.refused("correct", "9", "--count", "6")
    assert "is not POSITION" in ambush.refused("correct", "one", "--count", "6")
    ambush.fine("correct", "1", "--count", "4")
    assert ambush.refused("correct", "1", "--count", "5")


def test_our_error_was_never_there(ambush: Command) -> None:
    ambush.fine("add", "counts", "ambush", "--count", "killed", "5", *BY_GAZETTE)
    assert best(ambush) == "5"
    ambush.fine("retract", "2", "--reason", "the wrong incident")
    assert best(ambush) == "3"
    assert best(ambush, "--known-by", "2024-01-02") == "3"
    assert best(ambush, "--at", "3") == "5"


def test_a_withdrawal_stands_for_earlier_days(ambush: Command) -> None:
    ambush.fine("add", "counts", "ambush", "--count", "killed", "5", *BY_GAZETTE)
    ambush.fine(*HERALD)
    assert "no-source" in ambush.refused("retract", "2", "--withdrawn")
    ambush.fine("retract", "2", "--withdrawn", "--source", "invented-herald")
    assert best(ambush) == "3"
    assert best(ambush, "--known-by", "2024-01-31") == "5"
    assert best(ambush, "--known-by", "2024-02-01") == "3"


def test_one_line_is_taken_back(ambush: Command) -> None:
    words = ("add", "counts", "ambush", "--count", "killed", "5", "--count", "injured", "1")
    ambush.fine(*words, *BY_GAZETTE)
    ambush.fine("retract", "2:killed")
    rows = {row["measure"]: row["best"] for row in ambush.rows("report", "totals")}
    assert rows == {"injured": "1", "killed": "3"}
    assert "unknown-line" in ambush.refused("retract", "2:captured")


def test_a_batch_is_taken_back(ambush: Command) -> None:
    draft = ambush.file(
        "draft.toml",
        '[[counts]]\nincident = "ambush"\nclaims = [{ line = "killed", count = "5" }]\n'
        'source = "invented-gazette"\n',
    )
    said = ambush("import", draft).err
    batch = said.partition("batch ")[2].partition(";")[0]
    assert best(ambush) == "5"
    ambush.fine("retract", "--batch", batch)
    assert best(ambush) == "3"
    assert "stands already" in ambush("retract", "--batch", batch).err
    assert ambush.refused("retract", "--batch", batch, "--reason", "once more")
    again = ambush("import", draft).err
    assert "appended 1 events" in again
    assert best(ambush) == "5"


def test_a_retraction_is_taken_back(ambush: Command) -> None:
    ambush.fine("add", "counts", "ambush", "--count", "killed", "5", *BY_GAZETTE)
    ambush.fine("retract", "2")
    assert "stands already" in ambush("retract", "2").err
    assert "retracted" in ambush.refused("retract", "2", "--reason", "once more")
    ambush.fine("retract", "3")
    assert best(ambush) == "5"


def test_what_others_rest_on_stays(ambush: Command) -> None:
    ambush.fine("add", "counts", "ambush", "--count", "killed", "5", *BY_GAZETTE)
    err = ambush.refused("retract", "1")
    assert "position 2: retract those first" in err
    assert "positions 1, 2: retract those first" in ambush.refused("retract", "0")
    assert "give either" in ambush.refused("retract")
    assert "give either" in ambush.refused("retract", "1", "--batch", "x")


def test_a_merge_and_its_undoing(ambush: Command) -> None:
    ambush.fine(*AMBUSH[:2], "raid", *AMBUSH[3:])
    assert best(ambush) == "6"
    assert "--reason" in ambush.refused("merge", "raid", "ambush")
    assert ambush.fine("merge", "raid", "ambush", "--reason", "the same") == (
        "3: incident.merged, incident/raid version 2\n"
    )
    assert best(ambush) == "3"
    assert best(ambush, "--at", "3") == "6"
    assert "merge-cycle" in ambush.refused("merge", "ambush", "raid", "--reason", "x")
    assert "ambush" in ambush.fine("show", "raid")
    ambush.fine("retract", "3")
    assert best(ambush) == "6"


def test_a_merge_of_what_nobody_recorded(ambush: Command) -> None:
    err = ambush.refused("merge", "nowhere", "ambush", "--reason", "x")
    assert "there is no incident 'nowhere'" in err
