"""`ledger revise …`: only what is given changes."""

from __future__ import annotations

from tests.cli.command import Command

BY_GAZETTE = ("--source", "invented-gazette")


def test_a_status(ambush: Command) -> None:
    before = ambush.fine("show", "ambush")
    said = ambush.fine("revise", "incident", "ambush", "--status", "contested", "--reason", "why")
    assert said == "2: incident.revised, incident/ambush version 2\n"
    after = ambush.fine("show", "ambush")
    assert "contested" in after
    for line in ("place: Invented Pass, IQ", "parties: Invented Brigade", "operation=invented"):
        assert line in before
        assert line in after


def test_what_is_not_given_stays(ambush: Command) -> None:
    ambush.fine("revise", "incident", "ambush", "--title", "A title", "--foreign-id", "x=1")
    ambush.fine("revise", "incident", "ambush", "--label", "campaign=spring")
    (row,) = ambush.rows("report", "incidents")
    assert row["title"] == "A title"
    shown = ambush.fine("show", "ambush")
    assert "x" in shown
    assert "parties: Invented Brigade" in shown
    assert "campaign=spring" in shown
    assert "operation=invented" in shown


def test_one_field_of_a_place(ambush: Command) -> None:
    coordinates = ("--latitude", "33.5", "--longitude", "44.2")
    ambush.fine("revise", "incident", "ambush", *coordinates, *BY_GAZETTE)
    assert "place: Invented Pass, IQ; 33.5 44.2" in ambush.fine("show", "ambush")
    (row,) = ambush.rows("report", "totals", "--by", "country")
    assert row["country"] == "IQ"


def test_a_label_is_taken_away(ambush: Command) -> None:
    ambush.fine("revise", "incident", "ambush", "--label", "operation=")
    assert "operation=invented" not in ambush.fine("show", "ambush")


def test_a_line_is_reclassified(ambush: Command) -> None:
    pending, hostile = "killed[cause=pending]", "killed[cause=hostile]"
    ambush.fine("add", "counts", "ambush", "--count", pending, "1", *BY_GAZETTE)
    words = ("revise", "incident", "ambush", "--reclassify", pending)
    assert "given twice" in ambush.refused(
        *words, hostile, *words[3:], "killed[cause=non-hostile]", *BY_GAZETTE
    )
    ambush.fine(*words, hostile, *BY_GAZETTE)
    lines = {row["line"] for row in ambush.rows("report", "counts")}
    assert lines == {"killed", hostile}


def test_a_fact_needs_its_source(ambush: Command) -> None:
    words = ("revise", "incident", "ambush", "--date", "2024-01-03")
    assert "no-source" in ambush.refused(*words)
    ambush.fine(*words, *BY_GAZETTE)
    assert ambush.rows("report", "incidents")[0]["date"] == "2024-01-03"


def test_nothing_to_revise(ambush: Command) -> None:
    assert "nothing-changed" in ambush.refused("revise", "incident", "ambush")
    assert "nothing-changed" in ambush.refused("revise", "source", "invented-gazette")
    assert "nothing to change" in ambush.refused("revise", "tally", "invented")


def test_nobody_recorded_it(ambush: Command) -> None:
    err = ambush.refused("revise", "incident", "ambusch", "--status", "confirmed")
    assert "did you mean ambush?" in err
    err = ambush.refused("revise", "source", "invented-gazete", "--grade", "A")
    assert "did you mean invented-gazette?" in err
    assert "no tally 'nowhere'" in ambush.refused("revise", "tally", "nowhere", "--title", "X")


def test_a_source(ambush: Command) -> None:
    ambush.fine(
        "revise", "source", "invented-gazette", "--author", "A. Author", "--relays", "a-relay"
    )
    ambush.fine("revise", "source", "invented-gazette", "--grade", "A", "--reason", "seen in print")
    (row,) = ambush.rows("report", "sources")
    assert (row["grade"], row["published"]) == ("A", "2024-01-02")
    assert ambush.rows("report", "claims")[0]["source_grade"] == "A"
    last = ambush.fine("export").splitlines()[-1]
    assert '"changes":{"grade":"A"}' in last
    assert "author" not in last


def test_a_tally(ambush: Command) -> None:
    words = ("add", "tally", "invented", "--title", "Invented", "--measure", "killed")
    ambush.fine(*words, "--where", "operation=invented")
    ambush.fine("revise", "tally", "invented", "--title", "Invented deaths")
    explained = ambush.fine("explain", "invented")
    assert "Invented deaths" in explained
    assert explained.startswith("invented: 3 ")
    ambush.fine("revise", "tally", "invented", "--where", "country=SY")
    assert ambush.fine("explain", "invented").startswith("invented: ")
    assert ambush.rows("report", "running", "invented") == []


def test_only_at_the_expected_version(ambush: Command) -> None:
    for words in (
        ("revise", "incident", "ambush", "--status", "contested"),
        ("revise", "source", "invented-gazette", "--grade", "A"),
    ):
        assert "actual version 1" in ambush.refused(*words, "--if-version", "7", code=4)
        ambush.fine(*words, "--if-version", "1")
        assert "nothing appended" in ambush(*words, "--if-version", "1").err
