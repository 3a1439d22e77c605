"""The events that moved a tally, as `ledger replay --tally` prints them."""

from __future__ import annotations

import json

import pytest

from tests.cli.command import SEEDED, Command

TALLY = "oir-us-combat-deaths"
MOVED = ("replay", "--tally", TALLY)


def test_the_seeds_move_it_to_21(seeded: Command) -> None:
    rows = seeded.rows(*MOVED)
    assert ",".join(rows[0]) == "position,before,after,after_low,after_high,why,source"
    assert [(row["before"], row["after"]) for row in rows] == [("", "2"), ("2", "4"), ("4", "21")]
    assert rows[-1]["after"] == seeded.rows("report", "running", TALLY)[-1]["running_best"]
    logged = {row["position"]: row["sources"] for row in seeded.rows("log")}
    assert [row["source"] for row in rows] == [logged[row["position"]] for row in rows]


def test_a_retraction_moves_it_back(seeded: Command) -> None:
    opening = seeded.rows(*MOVED)[-1]["position"]
    seeded.fine("retract", opening, "--reason", "an invented reason")
    row = seeded.rows(*MOVED, "--from", str(SEEDED))[0]
    assert (row["position"], row["before"], row["after"]) == (str(SEEDED), "21", "4")
    told = f"takes back position {opening}, published 19 as of 2020-03-10, the opening total"
    assert row["why"] == f"{TALLY}: {told} (error): an invented reason"


def test_all_formats_and_a_file(seeded: Command) -> None:
    rows = seeded.rows(*MOVED)
    lines = [json.loads(line) for line in seeded.fine(*MOVED, "-f", "jsonl").splitlines()]
    assert json.loads(seeded.fine(*MOVED, "-f", "json")) == lines
    assert lines[0]["before"] is None
    texts = [{key: "" if one is None else str(one) for key, one in row.items()} for row in lines]
    assert texts == rows
    done = seeded(*MOVED, "-o", "moved.tsv")
    assert (done.code, done.out, done.err) == (0, "", f"note: folded {SEEDED} events\n")
    assert (seeded.folder / "moved.tsv").read_text() == seeded.fine(*MOVED, "-f", "tsv")


def test_a_part_of_what_is_folded(seeded: Command) -> None:
    first, second, third = seeded.rows(*MOVED)
    assert seeded.rows(*MOVED, "--from", second["position"]) == [second, third]
    assert seeded.rows(*MOVED, "--to", third["position"]) == [first, second]
    assert seeded.rows(*MOVED, "--stream", "taji-2020-03-11") == [second]
    assert seeded.rows(*MOVED, "--stream", f"tally/{TALLY}", "--from", "1") == [third]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--stream", "taji-2020-03-11"), "--stream goes with --tally"),
        (("--tally", "oir-us-combat-death"), f"did you mean {TALLY}?"),
        (("--tally", TALLY, "--stream", "nowhere"), "no stream 'incident/nowhere'"),
        (("--tally", TALLY, "--to", "200"), f"the log has {SEEDED} events"),
        (("--tally", TALLY, "--from", "soon"), "neither a number of events nor a time"),
    ],
)
def test_what_cannot_be_asked(seeded: Command, arguments: tuple[str, ...], message: str) -> None:
    assert message in seeded.refused("replay", *arguments)
