"""`ledger add …`: every noun, its options, and what is refused."""

from __future__ import annotations

import json

import pytest

from tests.cli.command import Command
from tests.cli.conftest import AMBUSH, GAZETTE

BY_GAZETTE = ("--source", "invented-gazette")


def last(command: Command) -> dict[str, object]:
    """The last event, as it is stored."""
    event: dict[str, object] = json.loads(command.fine("export").splitlines()[-1])
    return event


def test_a_source(empty: Command) -> None:
    said = empty.fine(*GAZETTE, "--author", "A. Author", "--author", "B. Author", "--relays", "x")
    assert said == "0: source.registered, source/invented-gazette version 1\n"
    event = last(empty)
    assert event["data"] == {
        "author": ["A. Author", "B. Author"],
        "grade": "B",
        "published": "2024-01-02",
        "publisher": "The Invented Gazette",
        "relays": ["x"],
        "title": "An invented report",
    }
    assert event["recorded_by"] == "Test Steward"


def test_a_confidential_source(empty: Command) -> None:
    words = ("add", "source", "hospital-1", "--title", "A list", "--confidential")
    assert "not-confidential" in empty.refused(*words, "--url", "https://example.org")
    empty.fine(*words)
    assert last(empty)["data"] == {"confidential": True, "title": "A list"}


def test_the_same_again_appends_nothing(ambush: Command) -> None:
    done = ambush(*AMBUSH)
    assert done == (0, "", "nothing appended: the same stands already\n")
    assert ambush.size() == 2


def test_an_incident(ambush: Command) -> None:
    event = last(ambush)
    assert event["stream"] == "incident/ambush"
    assert event["citations"] == [
        {
            "claimant": "The Invented Gazette",
            "locator": "page 1",
            "source": "invented-gazette",
        }
    ]
    (row,) = ambush.rows("report", "totals", "--where", "operation=invented", "--by", "country")
    assert (row["country"], row["measure"], row["best"]) == ("IQ", "killed", "3")
    shown = ambush.fine("show", "ambush")
    assert "place: Invented Pass, IQ" in shown
    assert "parties: Invented Brigade" in shown


def test_an_incident_with_all_its_options(ambush: Command) -> None:
    ambush.fine(
        *("add", "incident", "raid", "--kind", "airstrike", "--title", "An invented raid"),
        *("--date", "2024-01-02T10:00+03:00", "--admin1", "A", "--admin2", "B"),
        *("--latitude", "33.5", "--longitude", "44.20", "--precision", "1"),
        *("--status", "contested", "--clarity", "aggregate"),
        *("--foreign-id", "gazette=1", "--foreign-id", "gazette=2", "--foreign-id", "x=1=2"),
        *("--label", "operation=invented", "--label", "note=a=b", "--grade", "3"),
        *("--claimant", "An official", "--speaker", "A spokesman", *BY_GAZETTE),
    )
    event = last(ambush)
    data = event["data"]
    assert isinstance(data, dict)
    assert data["foreign_ids"] == [
        {"scheme": "gazette", "value": "1"},
        {"scheme": "gazette", "value": "2"},
        {"scheme": "x", "value": "1=2"},
    ]
    assert data["labels"] == {"note": "a=b", "operation": "invented"}
    assert data["place"]["longitude"] == "44.20"
    assert event["citations"] == [
        {
            "claimant": "An official",
            "grade": 3,
            "source": "invented-gazette",
            "speaker": "A spokesman",
        }
    ]


def test_a_label_given_twice_is_not_lost(ambush: Command) -> None:
    words = (*AMBUSH[:2], "raid", *AMBUSH[3:], "--label", "operation=another")
    assert "'operation' is given twice" in ambush.refused(*words)


def test_counts(ambush: Command) -> None:
    ambush.fine(
        *("add", "counts", "ambush", "--count", "killed[nationality=US]", "1+"),
        *("--count", "injured", "~4", "--as-of", "2024-01-01", "--allocated", *BY_GAZETTE),
    )
    rows = {row["line"]: row for row in ambush.rows("report", "claims")}
    assert rows["killed[nationality=US]"]["count"] == "1+"
    assert rows["injured"]["as_of"] == "2024-01-01"
    assert last(ambush)["data"] == {
        "claims": [
            {
                "allocated": True,
                "as_of": "2024-01-01",
                "count": {"low": 1},
                "line": "killed[nationality=US]",
            },
            {
                "allocated": True,
                "as_of": "2024-01-01",
                "count": {"best": 4},
                "line": "injured",
            },
        ]
    }


def test_a_count_of_zero_is_a_count(ambush: Command) -> None:
    ambush.fine("add", "counts", "ambush", "--count", "missing", "0", *BY_GAZETTE)
    (row,) = ambush.rows("report", "totals", "--measure", "missing")
    assert (row["low"], row["best"], row["high"], row["unknown"]) == ("0", "0", "0", "0")


def test_a_new_value_is_declared(ambush: Command) -> None:
    words = (
        *("add", "counts", "ambush", "--count", "injured[role=piper]", "1"),
        *("--count", "injured[role=drummer]", "1", *BY_GAZETTE),
    )
    assert "--new-value role=piper" in ambush.refused(*words)
    ambush.fine(*words, "--new-value", "role=piper", "--new-value", "role=drummer")


def test_an_attribution(ambush: Command) -> None:
    ambush.fine(
        *("add", "attribution", "ambush", "--actor", "Invented Band", "--stance", "suspects"),
        *("--confidence", "low", *BY_GAZETTE),
    )
    (row,) = ambush.rows("report", "attributions")
    assert (row["actor"], row["stance"], row["confidence"]) == ("Invented Band", "suspects", "low")


def test_a_person(ambush: Command) -> None:
    words = ("add", "person", "ambush", "--line", "killed", *BY_GAZETTE)
    ambush.fine(*words, "--name", "Invented Infant", "--age", "0", "--variant", "I. Infant")
    ambush.fine(*words, "--name", "withheld")
    infant, withheld = ambush.rows("report", "people")
    assert (infant["name"], infant["age"]) == ("Invented Infant", "0")
    assert withheld["name"] == "(name withheld)"
    assert "bad-age" in ambush.refused(*words, "--name", "Invented Elder", "--age", "999")


def test_the_commands_that_take_names_say_what_that_means(bare: Command) -> None:
    for words in (("add", "person", "--help"), ("import", "--help")):
        assert "permanent and travels with every copy" in " ".join(bare.fine(*words).split())


def test_a_link(ambush: Command) -> None:
    ambush.fine(*AMBUSH[:2], "raid", *AMBUSH[3:])
    words = ("add", "link", "ambush", "retaliation-for", "raid")
    assert "no-source" in ambush.refused(*words)
    ambush.fine(*words, *BY_GAZETTE)
    ambush.fine("add", "link", "ambush", "duplicate-of", "raid")
    assert "retaliation-for" in ambush.fine("show", "ambush")
    (row,) = ambush.rows("report", "totals")
    assert row["best"] == "6"


def test_a_tally_with_its_totals(ambush: Command) -> None:
    ambush.fine(
        *("add", "tally", "invented", "--title", "Invented deaths", "--measure", "killed"),
        *("--where", "operation=invented", "--where", "country=IQ", "--where", "country=SY"),
    )
    assert last(ambush)["data"] == {
        "measure": "killed",
        "title": "Invented deaths",
        "where": {"country": ["IQ", "SY"], "operation": ["invented"]},
    }
    opening = ("add", "total", "invented", "--count", "10", "--as-of", "2023-12-31", "--opening")
    ambush.fine(*opening, "--definition", "Invented.", *BY_GAZETTE)
    assert ambush.fine("report", "running", "invented", "-f", "csv").endswith(",13,13,13\n")
    ambush.fine("add", "total", "invented", "--count", "12", "--as-of", "2024-01-01", *BY_GAZETTE)
    done = ambush("check")
    assert done.code == 1
    assert "invented" in done.out


def test_a_note(ambush: Command) -> None:
    ambush.fine("add", "note", "source/invented-gazette", "Read in print.")
    ambush.fine("add", "note", "incident/ambush", "An invented note.", *BY_GAZETTE)
    assert "An invented note." in ambush.fine("show", "ambush")


def test_a_citation_without_its_source(ambush: Command) -> None:
    words = ("add", "counts", "ambush", "--count", "injured", "1")
    assert "source" in ambush.refused(*words, "--claimant", "An official")
    assert "source" in ambush.refused(*words, "--source", ":page 1")


@pytest.mark.parametrize("grade", ["0", "7"])
def test_a_grade_that_is_none(ambush: Command, grade: str) -> None:
    words = ("add", "counts", "ambush", "--count", "injured", "1", *BY_GAZETTE)
    assert "bad-grade" in ambush.refused(*words, "--grade", grade)


@pytest.mark.parametrize(
    "words",
    [
        ("incident", *AMBUSH[2:], "--status", "confirmed"),
        ("counts", "ambush", "--count", "injured", "1", *BY_GAZETTE),
        ("attribution", "ambush", "--actor", "X", "--stance", "accuses", *BY_GAZETTE),
        ("person", "ambush", "--name", "withheld", "--line", "killed", *BY_GAZETTE),
        ("link", "ambush", "duplicate-of", "raid"),
        ("note", "incident/ambush", "An invented note."),
    ],
    ids=lambda words: words[0],
)
def test_only_at_the_expected_version(ambush: Command, words: tuple[str, ...]) -> None:
    if words[0] == "incident":
        words = ("incident", "raid", *words[2:])
    elif words[0] == "link":
        ambush.fine(*AMBUSH[:2], "raid", *AMBUSH[3:])
    right = 0 if words[0] == "incident" else 1
    err = ambush.refused("add", *words, "--if-version", str(right + 1), code=4)
    stream = "incident/raid" if words[0] == "incident" else "incident/ambush"
    assert f"{stream}: expected version {right + 1}, actual version {right}" in err
    ambush.fine("add", *words, "--if-version", str(right))


def test_a_source_and_a_tally_at_the_expected_version(empty: Command) -> None:
    tally = ("add", "tally", "invented", "--title", "Invented", "--measure", "killed")
    for words in (GAZETTE, tally):
        assert "actual version 0" in empty.refused(*words, "--if-version", "1", code=4)
        empty.fine(*words, "--if-version", "0")
    total = ("add", "total", "invented", "--count", "1", "--as-of", "2024", *BY_GAZETTE)
    assert "actual version 1" in empty.refused(*total, "--if-version", "0", code=4)
    empty.fine(*total, "--if-version", "1")


def test_a_filter_with_a_misspelt_key(ambush: Command) -> None:
    words = ("add", "tally", "invented", "--title", "Invented", "--measure", "killed")
    assert "did you mean nationality?" in ambush.refused(*words, "--where", "natonality=US")
