"""Why a total moved, as `ledger diff` prints it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import SEEDED, Command

TALLY = "oir-us-combat-deaths"
DIFF = ("diff", "0", "now", TALLY)
DAYS = ("diff", "--known-by", "2020-03-10", "2020-03-12")


def brief(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    """Part and best."""
    return [(row["part"], row["best"]) for row in rows]


def test_the_seeds_from_nothing(seeded: Command) -> None:
    rows = seeded.rows(*DIFF)
    assert ",".join(rows[0]) == "part,best,low,high,incidents"
    assert brief(rows) == [
        ("start", ""),
        ("new incidents", "4"),
        ("opening changed", "17"),
        ("end", "21"),
    ]
    assert rows[-1]["best"] == seeded.rows("report", "running", TALLY)[-1]["running_best"]
    assert "note: from 0 to 199 events" in seeded(*DIFF).err


def test_a_question_ends_in_the_report_of_totals(seeded: Command) -> None:
    asked = ("--measure", "killed", "--by", "nationality")
    ends = [row for row in seeded.rows("diff", "0", "now", *asked) if row["part"] == "end"]
    totals = seeded.rows("report", "totals", *asked)
    for name in ("nationality", "measure", "low", "best", "high", "incidents"):
        assert [row[name] for row in ends] == [row[name] for row in totals]


def test_two_days_of_one_log(seeded: Command) -> None:
    rows = seeded.rows(*DAYS, TALLY)
    assert brief(rows) == [
        ("start", "2"),
        ("new incidents", "2"),
        ("opening changed", "17"),
        ("end", "21"),
    ]
    assert seeded.rows("diff", "199", "now", TALLY, *DAYS[1:]) == rows
    assert "note: known by 2020-03-10, then by 2020-03-12" in seeded(*DAYS, TALLY).err
    assert seeded.rows(*DAYS, "--measure", "injured")[0]["part"] == "start"


def test_a_time_and_what_came_after_it(seeded: Command) -> None:
    moment = seeded.rows("log")[-1]["recorded_at"]
    assert brief(seeded.rows("diff", moment, "now", TALLY)) == [("start", "21"), ("end", "21")]
    seeded.fine("correct", "76", "--count", "3", "--reason", "an invented reason")
    seeded.fine("revise", "incident", "taji-2020-03-11", "--status", "discounted")
    listed = seeded.rows("diff", moment, "now", "--measure", "killed", "--list")[1:-1]
    assert [(row["part"], row["incident"]) for row in listed] == [
        ("claims up", "makhmour-2020-03-08"),
        ("incidents revised", "taji-2020-03-11"),
    ]
    assert [(row["best"], row["positions"]) for row in listed] == [("1", "199; 200"), ("-3", "201")]
    assert listed[1]["because"] == "taji-2020-03-11: revised status"


def test_each_incident_with_what_its_events_say(seeded: Command) -> None:
    rows = seeded.rows(*DIFF, "--list")
    assert [(row["part"], row["incident"], row["best"]) for row in rows[1:-1]] == [
        ("new incidents", "makhmour-2020-03-08", "2"),
        ("new incidents", "taji-2020-03-11", "2"),
        ("opening changed", "", "19"),
        ("opening changed", "makhmour-2020-03-08", "-2"),
    ]
    logged = {row["position"]: row for row in seeded.rows("log")}
    for row in rows[1:-1]:
        cited = [logged[one]["sources"] for one in row["positions"].split("; ")]
        assert row["sources"].split("; ") == list(dict.fromkeys(cited))


CLAIM = ("--count", "munitions-landed", "19", "--source", "nyt-2020-03-12", "--as-of", "2020-03-20")


def test_all_formats_and_a_file(seeded: Command) -> None:
    for asked in (DIFF, (*DIFF, "--list"), (*DAYS, TALLY)):
        rows = seeded.rows(*asked)
        lines = [json.loads(line) for line in seeded.fine(*asked, "-f", "jsonl").splitlines()]
        assert json.loads(seeded.fine(*asked, "-f", "json")) == lines
        texts = [
            {key: "" if one is None else str(one) for key, one in row.items()} for row in lines
        ]
        assert texts == rows
        seeded.fine(*asked, "-o", "moved.tsv")
        assert (seeded.folder / "moved.tsv").read_text() == seeded.fine(*asked, "-f", "tsv")
        assert rows[0][next(iter(rows[0]))] in seeded.fine(*asked, "-f", "table")


def test_a_checkpoint_as_a_state(seeded: Command, tmp_path: Path) -> None:
    key = tmp_path / "invented.key"
    seeded.fine("key", "new", "--name", "ledger.example/invented", "-o", key)
    seeded.fine("checkpoint", "--key", key, "-o", "april.checkpoint")
    seeded.fine("add", "counts", "taji-2020-03-11", *CLAIM)
    asked = ("--measure", "munitions-landed")
    rows = seeded.rows("diff", "april.checkpoint", "now", *asked)
    assert brief(rows) == [("start", "30"), ("claims up", "1"), ("end", "31")]
    assert seeded.rows("diff", str(SEEDED), "now", *asked) == rows


@pytest.mark.parametrize(
    "asked", [DIFF, (*DIFF, "--list"), (*DAYS, TALLY), ("diff", "100", "150", "--by", "country")]
)
def test_a_file_is_made_again(seeded: Command, asked: tuple[str, ...]) -> None:
    seeded.fine(*asked, "-o", "moved.csv")
    seeded.fine("add", "counts", "taji-2020-03-11", *CLAIM)
    size = asked[2] if asked[2] == "150" else str(SEEDED)
    assert f"of the first {size} events" in seeded.fine("verify-report", "moved.csv")
    path = seeded.folder / "moved.csv"
    path.write_text(path.read_text().replace("start,", "start,1"))
    assert seeded("verify-report", "moved.csv").code == 3


def test_below_a_table_stands_what_was_asked(seeded: Command) -> None:
    shown = seeded.fine(*DIFF, "--list", "-f", "table")
    assert f"asked: diff 0 now {TALLY} --list\n" in shown
    shown = seeded.fine(*DAYS, "--measure", "injured", "-f", "table")
    asked = "diff 199 now --measure injured --known-by 2020-03-10 2020-03-12"
    assert f"asked: {asked}\n" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "between which two states?"),
        (("1",), "between which two states?"),
        (("1", "2", TALLY, "3"), "between which two states?"),
        (("--known-by", "2020-03-10"), "requires 2 arguments"),
        (("--known-by", "2020-03-10", "soon", TALLY), "soon"),
        (("--known-by", "2020-03-12", "2020-03-10", TALLY), "name the earlier day first"),
        (("20", "10", TALLY), "name the earlier one first"),
        (("20", "1000", TALLY), "the log has 199 events"),
        (("0", "now", "oir-us-combat-death"), f"did you mean {TALLY}"),
        (("0", "now", TALLY, "--by", "country"), "a tally is one total"),
    ],
)
def test_what_cannot_be_asked(seeded: Command, arguments: tuple[str, ...], message: str) -> None:
    assert message in seeded.refused("diff", *arguments)
