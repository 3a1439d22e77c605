"""Reconcile: published totals with a tolerance, the ledger's own, those of an outside table."""

from __future__ import annotations

import json

import pytest

from tests.cli.command import Command

MAPPING = """\
id = "invented-totals"
version = 1
title = "Invented totals"
key = "{day}"

[columns]
numbers = ["killed"]

[dataset]
key = "invented-totals"
title = "Invented totals"
publisher = "The Invented Office"
published = "2020-03-20"

[citation]
claimant = "The Invented Office"

[[totals]]
tally = "oir-us-combat-deaths"
title = "U.S. combat deaths in Operation Inherent Resolve"
measure = "killed"
where = { operation = "inherent-resolve", nationality = "US", role = "military", cause = "hostile" }
as_of = "{day}"
count = "{killed}"
"""
LATER = """\
[[source]]
key = "invented-later"
title = "An invented later report"
publisher = "The Invented Office"
published = "2020-03-19"

[[counts]]
incident = "taji-2020-03-11"
claims = [{ line = "killed[cause=hostile,nationality=US,role=military]", count = "3" }]
source = "invented-later"
"""


def total(count: str, as_of: str, *more: str) -> tuple[str, ...]:
    words = ("add", "total", "oir-us-combat-deaths", "--count", count, "--as-of", as_of)
    return (*words, "--source", "nyt-2020-03-12", "--claimant", "An invented office", *more)


def row(seeded: Command, as_of: str) -> dict[str, str]:
    rows = seeded.rows("report", "published")
    return next(one for one in rows if (one["as_of"], one["claimant"][:2]) == (as_of, "An"))


@pytest.mark.parametrize(
    ("tolerance", "status"), [("0", "differs"), ("1", "differs"), ("2", "equal"), ("9", "equal")]
)
def test_a_tolerance_that_its_source_gives(seeded: Command, tolerance: str, status: str) -> None:
    seeded.fine(*total("23", "2020-03-11", "--tolerance", tolerance))
    found = row(seeded, "2020-03-11")
    assert (found["computed"], found["difference"]) == ("21", "-2")
    assert (found["tolerance"], found["status"]) == (tolerance, status)
    assert seeded("check").code == (1 if status == "differs" else 0)


def test_a_tolerance_below_zero_is_refused(seeded: Command) -> None:
    assert "Invalid value" in seeded.refused(*total("23", "2020-03-11", "--tolerance", "-1"))


def test_what_lies_between_two_dates(seeded: Command) -> None:
    seeded.fine(*total("19", "2020-03-10"))
    seeded.fine(*total("22", "2020-03-11"))
    found = row(seeded, "2020-03-11")
    assert found["last_agreed"] == "2020-03-10"
    assert found["between"] == "taji-2020-03-11"
    assert found["itemised"] == "4"
    assert row(seeded, "2020-03-10")["last_agreed"] == ""


def test_the_ledger_asserts_its_own_figure(seeded: Command) -> None:
    words = ("add", "total", "oir-us-combat-deaths", "--from-current", "--as-of", "2020-03-20")
    seeded.fine(*words, "--source", "nyt-2020-03-12", "--claimant", "An invented office")
    found = row(seeded, "2020-03-20")
    assert (found["published"], found["status"]) == ("21", "equal")
    assert found["definition"] == "computed by this ledger from its first 199 events"
    assert seeded("check").code == 0
    seeded.file("later.toml", LATER)
    seeded.fine("import", "later.toml")
    done = seeded("check")
    assert done.code == 1
    assert "published 21 as of 2020-03-20" in done.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--from-current", "--count", "3"), "leave --count out"),
        ((), "give --count and --as-of, or --from-current"),
        (("--from-current", "--as-of", "1990-01-01"), "has no figure as of 1990-01-01"),
    ],
)
def test_what_no_total_can_be(seeded: Command, words: tuple[str, ...], says: str) -> None:
    asked = ("add", "total", "oir-us-combat-deaths", "--source", "nyt-2020-03-12")
    assert says in seeded.refused(*asked, *words)


# Of a question

QUESTION = ("add", "total", "--measure", "killed", "--where", "country=IQ")
CITED = ("--source", "nyt-2020-03-12", "--claimant", "An invented office")


def test_a_total_of_a_question_defines_the_tally_that_asks_it(seeded: Command) -> None:
    counted = (*QUESTION, "--covers", "2020/..", "--count", "9", "--as-of", "2020-03-12", *CITED)
    key = "tally/killed.country.iq"
    assert seeded.fine(*counted).splitlines() == [
        f"199: tally.defined, {key} version 1",
        f"200: total.published, {key} version 2",
    ]
    found = row(seeded, "2020-03-12")
    assert (found["tally"], found["published"], found["status"]) == (key[6:], "9", "differs")
    (total,) = seeded.rows(
        *("report", "totals", "--measure", "killed", "--where", "country=IQ"),
        *("--as-of", "2020-03-12"),
    )
    assert found["computed"] == total["best"]
    more = (*QUESTION, "--count", total["best"], "--as-of", "2020-03-13", *CITED)
    assert seeded.fine(*more) == f"201: total.published, {key} version 3\n"
    assert row(seeded, "2020-03-13")["status"] == "equal"


def test_a_total_of_a_question_goes_to_the_tally_that_asks_it(seeded: Command) -> None:
    filters = ("cause=hostile", "nationality=US", "operation=inherent-resolve", "role=military")
    where = [word for one in filters for word in ("--where", one)]
    asked = ("add", "total", "--measure", "killed", *where, *CITED)
    done = seeded.fine(*asked, "--count", "21", "--as-of", "2020-03-11")
    assert done.startswith("199: total.published, tally/oir-us-combat-deaths version ")
    seeded.fine(*asked, "--from-current", "--as-of", "2020-03-20")
    assert row(seeded, "2020-03-20")["published"] == "21"
    assert seeded("check").code == 0


def test_the_ledger_asserts_its_figure_of_a_question(seeded: Command) -> None:
    words = (*QUESTION, "--where", "nationality=GB", "--covers", "2020/..", "--from-current")
    seeded.fine(*words, "--as-of", "2020-03-20", *CITED)
    found = row(seeded, "2020-03-20")
    assert (found["published"], found["status"]) == ("1", "equal")
    assert seeded("check").code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--count", "3", "--as-of", "2020"), "name a TALLY, or put a question"),
        (("oir-us-combat-deaths", "--measure", "killed"), "leave --measure out"),
        (("oir-us-combat-deaths", "--covers", "2020"), "leave --covers out"),
        (("--measure", "killed", "--if-version", "1"), "--if-version is of a stream"),
        (("--measure", "killed", "--where", "IQ"), "is not KEY=VALUE"),
        (("--measure", "kiled", "--count", "3", "--as-of", "2020"), "did you mean killed?"),
        (
            ("--measure", "killed", "--where", "country=GB", "--from-current"),
            "the question has no figure",
        ),
    ],
)
def test_what_is_no_question(seeded: Command, words: tuple[str, ...], says: str) -> None:
    assert says in seeded.refused("add", "total", *words, *CITED)


def test_one_tally_alone(seeded: Command) -> None:
    seeded.fine(*total("23", "2020-03-11"))
    seeded.fine(*QUESTION, "--covers", "2020/..", "--count", "9", "--as-of", "2020-03-12", *CITED)
    published = seeded.rows("report", "published")
    for key in ("oir-us-combat-deaths", "killed.country.iq"):
        mine = [one for one in published if one["tally"] == key]
        assert seeded.rows("report", "published", "--tally", key) == mine != []
        (line,) = seeded("check", "--tally", key).out.splitlines()
        assert line.startswith(f"tally {key}: total-differs")
    assert len(seeded("check").out.splitlines()) == 2
    assert seeded("check", "--tally", "oir-us-deaths").code == 0
    for words in (("check",), ("report", "published")):
        assert "did you mean oir-us-deaths" in seeded.refused(*words, "--tally", "oir-us-death")
    assert "leave --tally out" in seeded.refused("check", "--tally", "oir-us-deaths", "--flags")


def test_findings_for_programs(seeded: Command) -> None:
    seeded.fine(*total("23", "2020-03-11"))
    done = seeded("check", "-f", "json")
    (found,) = json.loads(done.out)
    assert (done.code, found["where"], found["code"]) == (
        1,
        "tally oir-us-combat-deaths",
        "total-differs",
    )
    assert "difference -2" in found["message"]
    assert found["hint"].startswith("see `ledger explain oir-us-combat-deaths")
    shown = seeded("check", "-f", "github").out
    assert shown.startswith("::warning title=total-differs::tally oir-us-combat-deaths: ")
    assert shown.count("\n") == 1


@pytest.mark.parametrize("kind", ["json", "github", "text"])
def test_nothing_to_tell_in_every_format(seeded: Command, kind: str) -> None:
    done = seeded("check", "-f", kind)
    assert (done.code, done.out) == (0, "[]\n" if kind == "json" else "")


# An outside table


@pytest.fixture
def outside(seeded: Command) -> Command:
    seeded.file("totals.toml", MAPPING)
    return seeded


def test_an_outside_table_is_compared_and_not_recorded(outside: Command) -> None:
    outside.file("totals.csv", "day,killed\n2020-03-10,19\n2020-03-11,23\n2020-03-12,23\n")
    size, root = outside.size(), outside.root()
    done = outside("check", "totals.csv", "--mapping", "totals.toml")
    assert done.code == 1
    (line,) = done.out.splitlines()
    assert "The Invented Office published 23 as of 2020-03-11" in line
    assert "last agreed 2020-03-10, at 19" in line
    every = outside("check", "totals.csv", "--mapping", "totals.toml", "--all")
    assert len(every.out.splitlines()) == 2
    assert (outside.size(), outside.root()) == (size, root)
    assert not list(outside.folder.glob("*.rejects.csv"))


def test_an_outside_table_that_agrees_is_silent(outside: Command) -> None:
    outside.file("totals.csv", "day,killed\n2020-03-10,19\n2020-03-11,21\n")
    done = outside("check", "totals.csv", "--mapping", "totals.toml")
    assert (done.code, done.out) == (0, "")


def test_rows_of_an_outside_table_that_cannot_be_read_are_told(outside: Command) -> None:
    outside.file("totals.csv", "day,killed\n2020-03-10,many\n2020-03-11,21\n")
    done = outside("check", "totals.csv", "--mapping", "totals.toml")
    assert done.code == 1
    assert done.out.startswith("totals.csv:2")


@pytest.mark.parametrize("words", [("totals.csv",), ("--mapping", "totals.toml")])
def test_an_outside_table_needs_both(outside: Command, words: tuple[str, ...]) -> None:
    assert "needs both" in outside.refused("check", *words)


def test_an_outside_table_that_is_none(outside: Command) -> None:
    outside.file("totals.csv", "another,header\n1,2\n")
    done = outside("check", "totals.csv", "--mapping", "totals.toml")
    assert done.code == 1
    assert "missing-column" in done.err


def test_an_outside_table_of_a_question(outside: Command) -> None:
    of_question = MAPPING.replace('tally = "oir-us-combat-deaths"\n', "")
    outside.file("totals.toml", of_question.replace('title = "U.S. combat deaths', '#"'))
    outside.file("totals.csv", "day,killed\n2020-03-10,19\n2020-03-11,23\n")
    checked = ("check", "totals.csv", "--mapping", "totals.toml")
    done = outside(*checked)
    assert (done.code, done.out.startswith("tally oir-us-combat-deaths: ")) == (1, True), done
    assert outside(*checked, "--tally", "oir-us-combat-deaths").out == done.out
    assert outside(*checked, "--tally", "oir-us-deaths").out == ""


def test_an_outside_table_of_a_question_for_each_row(outside: Command) -> None:
    by_row = MAPPING[: MAPPING.index("[[totals]]")].replace("{day}", "{country}") + (
        '[[totals]]\nmeasure = "killed"\nwhere = { country = "{country}" }\n'
        'covers = "2020/.."\nas_of = "2020-03-20"\ncount = "{killed}"\n'
    )
    outside.file("totals.toml", by_row)
    outside.file("totals.csv", "country,killed\nIQ,1\nSY,1\n")
    done = outside("check", "totals.csv", "--mapping", "totals.toml")
    assert done.out.startswith("tally killed.country.iq: total-differs")
    outside.fine("import", "totals.csv", "--mapping", "totals.toml")
    assert "0 new" in outside("import", "totals.csv", "--mapping", "totals.toml").err
    tallies = {one["tally"] for one in outside.rows("report", "published")}
    assert {"killed.country.iq", "killed.country.sy"} <= tallies
