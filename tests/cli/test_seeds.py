"""What the ledger of the seeds must show, through the command line."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.command import SEEDED, Command
from tests.conftest import REPORT, SEEDS

RUNNING = ("report", "running", "oir-us-combat-deaths")
TAJI = ("--where", "incident=taji-2020-03-11")
AL_ASAD = ("--where", "incident=al-asad-2020-01-08")
KILLED = ("report", "totals", "--measure", "killed")
INJURED = ("report", "totals", "--measure", "injured")
CSV = ("-f", "csv")
OTHERS = [path for path in SEEDS if path != REPORT]


def text(*lines: str) -> str:
    """Lines, each ended."""
    return "".join(f"{line}\n" for line in lines)


BY_NATIONALITY = text(
    "nationality,measure,low,best,high,incidents,lines,at_least,unknown",
    "GB,killed,1,1,1,1,1,0,0",
    "US,killed,2,2,2,1,1,0,0",
)
BY_SERVICE = text(
    "nationality,service,measure,low,best,high,incidents,lines,at_least,unknown",
    "GB,unspecified,killed,1,1,1,1,1,0,0",
    "US,air-force,killed,1,1,1,1,1,0,0",
    "US,army,killed,1,1,1,1,1,0,0",
)
RUNNING_CSV = text(
    "date,incident,title,low,best,high,running_low,running_best,running_high",
    "2020-03-10,,opening total,19,19,19,19,19,19",
    "2020-03-11,taji-2020-03-11,Rocket attack on Camp Taji,2,2,2,21,21,21",
)


def test_from_nothing_to_a_running_total(bare: Command) -> None:
    assert bare.fine("init") == "created ledger.db\n"
    done = bare("import", *SEEDS)
    assert (done.code, done.out) == (0, "")
    assert f"appended {SEEDED - 1} events; 0 drafts stood already" in done.err
    assert bare(*RUNNING, *CSV).out == RUNNING_CSV


def test_importing_again_appends_nothing_and_says_so(seeded: Command) -> None:
    done = seeded("import", *SEEDS)
    assert (done.code, done.out) == (0, "")
    assert done.err == f"appended 0 events; {SEEDED - 1} drafts stood already\n"
    assert seeded.size() == SEEDED


def test_the_running_total(seeded: Command) -> None:
    assert seeded.fine(*RUNNING, *CSV) == RUNNING_CSV
    done = seeded(*RUNNING, "-f", "table")
    assert "2 of the 19 are itemised" in done.err


def test_totals_by_nationality_and_service(seeded: Command) -> None:
    assert seeded.fine(*KILLED, *TAJI, "--by", "nationality", *CSV) == BY_NATIONALITY
    assert seeded.fine(*KILLED, *TAJI, "--by", "nationality,service", *CSV) == BY_SERVICE


@pytest.mark.parametrize("turn", ["as a set", "reversed set", "alphabet", "against it"])
def test_in_whichever_order_the_reports_are_imported(empty: Command, turn: str) -> None:
    for files in {
        "as a set": [SEEDS],
        "reversed set": [SEEDS[::-1]],
        "alphabet": [[REPORT], *([path] for path in _ordered(OTHERS))],
        "against it": [[REPORT], *([path] for path in _ordered(OTHERS[::-1]))],
    }[turn]:
        empty.fine("import", *files)
    assert empty.fine(*KILLED, *TAJI, "--by", "nationality", *CSV) == BY_NATIONALITY
    assert empty.fine(*KILLED, *TAJI, "--by", "nationality,service", *CSV) == BY_SERVICE
    assert empty.fine(*RUNNING, *CSV) == RUNNING_CSV


def _ordered(paths: list[Path]) -> list[Path]:
    """Files in this order, but those that cite the sources of others after them."""
    late = {"december.toml": 1, "baghdad-airport.toml": 2}
    return sorted(paths, key=lambda path: late.get(path.name, 0))


def test_the_injured_of_taji(seeded: Command) -> None:
    header = "measure,low,best,high,incidents,lines,at_least,unknown"
    assert seeded.fine(*INJURED, *TAJI, *CSV) == text(header, "injured,14,14,14,1,1,0,0")
    assert seeded.fine(*INJURED, *TAJI, "--by", "nationality", *CSV) == text(
        f"nationality,{header}",
        "PL,injured,,,,1,1,0,1",
        "unspecified,injured,14,14,14,1,1,0,0",
    )


@pytest.mark.parametrize(
    ("day", "best"),
    [
        ("2020-01-08", 0),
        ("2020-01-17", 11),
        ("2020-01-24", 34),
        ("2020-01-29", 50),
        ("2020-01-31", 64),
        ("2020-02-10", 109),
        ("2020-02-22", 110),
        ("", 110),
    ],
)
def test_the_injured_of_al_asad_as_they_became_known(seeded: Command, day: str, best: int) -> None:
    known_by = ("--known-by", day) if day else ()
    (row,) = seeded.rows(*INJURED, *AL_ASAD, *known_by)
    assert (row["low"], row["best"], row["high"]) == (str(best),) * 3


def test_a_later_dozens_corroborates(seeded: Command) -> None:
    shown = seeded.fine("show", "al-asad-2020-01-08").splitlines()
    (dozens,) = [line for line in shown if line.strip().startswith("24+ ")]
    assert "The New York Times" in dozens
    chosen = next(one for one in shown if one.strip().startswith("110 ") and "chosen" in one)
    position = chosen.rpartition("position ")[2].partition(":")[0]
    assert dozens.endswith(f": corroborates position {position}")


def test_nobody_was_killed_at_al_asad_and_other_figures_are_set_aside(seeded: Command) -> None:
    (row,) = seeded.rows(*KILLED, *AL_ASAD)
    assert (row["low"], row["best"], row["high"]) == ("0", "0", "0")
    shown = seeded.fine("show", "al-asad-2020-01-08")
    for figure in ("80", "200"):
        (line,) = [one for one in shown.splitlines() if one.strip().startswith(f"{figure} ")]
        assert "Iranian state television" in line
        assert line.endswith("set aside (grade 5)")


def test_conflicting_claims_of_rockets(seeded: Command) -> None:
    rows = seeded.rows("report", "claims", *TAJI, "--measure", "munitions-fired")
    told = {(row["count"], row["source"], row["claimant"], row["speaker"]) for row in rows}
    assert told >= {
        ("10", "iraq-smc-2020-03-11", "Iraqi Security Media Cell", ""),
        ("16+", "caggins-2020-03-11", "CJTF-OIR", "Col. Myles B. Caggins III"),
        ("~18", "cjtf-oir-2020-03-12", "CJTF-OIR", ""),
        ("~30", "nyt-2020-03-12", "Officials (The New York Times)", ""),
    }
    assert {row["line"] for row in rows} == {"munitions-fired"}
    assert [row["fate"] for row in rows].count("chosen") == 1


def test_a_figure_explains_itself(seeded: Command) -> None:
    out = seeded.fine("explain", "oir-us-combat-deaths")
    first, opening, *rest = out.splitlines()
    assert first.startswith("oir-us-combat-deaths: 21 ")
    assert "opening total as of 2020-03-10: 19" in opening
    assert "nyt-2020-03-12: a Pentagon database; position " in opening
    assert any("itemised within the opening total, not added: 2" in line for line in rest)
    claims = [line for line in rest if "grade" in line]
    assert claims
    assert all(" position " in line for line in claims)
    assert any("left out as not stated: 0" in line for line in rest)


def test_an_incident_shows_what_was_said_of_it(seeded: Command) -> None:
    shown = seeded.fine("show", "taji-2020-03-11")
    for part in (
        "Mark T. Esper accuses Iranian-backed militias",
        "Mark A. Milley accuses Iranian-backed militias, good confidence",
        "superseded by position",
        "corroborates position",
        "set aside (grade 4)",
        "stands beside position",
        "Juan Miguel Mendez Covarrubias",
        "Marshal D. Roberts",
        "Brodie Gillon",
    ):
        assert part in shown
    chain = seeded.fine("show", "embassy-siege-2019-12-31")
    assert "followed-by" in chain
    assert "baghdad-airport-2020-01-03" in chain


def test_retracting_the_report_brings_the_total_back(reported: Command) -> None:
    position = _claim(reported)
    before = reported.fine(*RUNNING, *CSV)
    assert before.endswith(",21,21,21\n")
    said = reported.fine("retract", position, "--reason", "an invented slip")
    retraction = said.partition(":")[0]
    assert said == f"{retraction}: event.retracted, incident/taji-2020-03-11 version 9\n"
    assert reported.fine(*RUNNING, *CSV).splitlines()[-1].endswith(",19,19,19")
    assert reported.fine(*RUNNING, *CSV, "--at", retraction) == before
    *_, last = reported.rows("log")
    assert last["position"] == retraction
    assert "an invented slip" in last["summary"]
    assert reported.fine("retract", retraction)
    assert reported.fine(*RUNNING, *CSV) == before


def test_retracting_the_report_among_others(seeded: Command) -> None:
    position = _claim(seeded)
    explained = seeded.fine("explain", "oir-us-combat-deaths")
    assert f"position {position}:" in explained
    seeded.fine("retract", position)
    assert seeded.fine(*RUNNING, *CSV) == RUNNING_CSV
    explained = seeded.fine("explain", "oir-us-combat-deaths")
    assert f"position {position}:" not in explained
    (carrier,) = [
        line
        for line in explained.partition("taji-2020-03-11")[2].splitlines()
        if line.endswith(": chosen")
    ]
    assert "U.S. Department of Defense; dod-2020-03-13" in carrier


def _claim(command: Command) -> str:
    """The position of the report's claim of Taji's dead."""
    rows = command.rows("report", "claims", *TAJI, "--measure", "killed")
    (position,) = {row["position"] for row in rows if row["source"] == "nyt-2020-03-12"}
    return position


def test_all_is_well_with_the_seeds(seeded: Command) -> None:
    assert seeded("check") == (0, "", "")
    rows = seeded.rows("report", "published")
    earlier = {row["status"] for row in rows if row["as_of"] < "2020"}
    assert earlier == {"not covered", "unit unclear"}


@pytest.mark.parametrize("position", [0, 117, SEEDED - 1])
def test_a_changed_byte_is_found(seeded: Command, position: int) -> None:
    root = seeded.root()
    change = """
        UPDATE events SET body = replace(body, '"schema":1', '"schema":2')
        WHERE position = :position
    """
    with closing(sqlite3.connect(seeded.folder / "ledger.db")) as database:
        for (name,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f"DROP TRIGGER {name}")
        assert database.execute(change, {"position": position}).rowcount == 1
        database.commit()
    done = seeded("verify")
    assert done.code == 3
    assert f"position {position}: bytes-changed" in done.out
    assert "Traceback" not in done.err
    assert root not in done.out.splitlines()[0]


def test_export_and_copy_keep_the_root(seeded: Command) -> None:
    root = seeded.root()
    seeded.fine("export", "-o", "events.jsonl")
    assert (seeded.folder / "events.jsonl").read_text(encoding="utf-8") == seeded.fine("export")
    for source in ("ledger.db", "events.jsonl"):
        said = seeded.fine("copy", source, f"of-{source}.db")
        assert said == f"{SEEDED} events, root {root}\n"
        assert seeded.fine("--db", f"of-{source}.db", "verify") == said
        assert seeded.fine("--db", f"of-{source}.db", "export") == seeded.fine("export")


@pytest.mark.parametrize("stop", [1, 46, 120, SEEDED])
def test_a_ledger_that_stopped_says_the_same(seeded: Command, stop: int) -> None:
    events = seeded.fine("export").splitlines(keepends=True)
    seeded.file("stopped.jsonl", "".join(itertools.islice(events, stop)))
    seeded.fine("copy", "stopped.jsonl", "stopped.db")
    for report in (
        ("report", "totals", "--by", "incident,nationality"),
        ("report", "claims"),
        ("report", "published", "--known-by", "2020-03-12"),
        ("log",),
    ):
        then = seeded.fine(*report, "--at", str(stop), *CSV)
        assert then == seeded.fine("--db", "stopped.db", *report, *CSV)


def test_a_replay_is_the_totals(seeded: Command) -> None:
    rows = seeded.rows("replay")
    assert {row.pop("position") for row in rows} == {str(SEEDED)}
    assert rows == seeded.rows("report", "totals")
    both = seeded.rows("replay", "--from", "100", "--to", "150")
    assert [row["position"] for row in both] == sorted(row["position"] for row in both)
    assert {row["position"] for row in both} == {"100", "150"}
    before = seeded.fine("report", "claims", *CSV)
    assert seeded.fine("rebuild") == f"folded {SEEDED} events\n"
    assert seeded.fine("report", "claims", *CSV) == before


def test_a_total_that_nobody_knew_yet(seeded: Command) -> None:
    opening, *rows = seeded.rows(*RUNNING, "--known-by", "2020-03-11")
    assert list(opening.values()) == ["", "", "opening total", *[""] * 6]
    assert [row["incident"] for row in rows] == ["makhmour-2020-03-08", "taji-2020-03-11"]
    assert [row["running_best"] for row in rows] == ["2", "4"]
    assert {row["running_high"] for row in rows} == {""}
