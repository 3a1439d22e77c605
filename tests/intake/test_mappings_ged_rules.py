"""What UCDP GED shows of data, on small invented files: kept as reported, never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.errors import RefusedError
from ledger.events import payloads as said
from tests.intake.mapped import (
    DATA,
    claimed,
    events,
    fates,
    findings,
    imported,
    read,
    recorded,
    told,
    totals,
    write,
)

YEARLY = DATA / "ged151-invented.csv"
VERSIONS = ("ged151-invented.csv", "GEDEvent_v15_0_3-invented.csv", "GEDEvent_v15_2-invented.csv")


@pytest.fixture
def first(ledger: Ledger, tmp_path: Path) -> Ledger:
    """A ledger of the four good rows."""
    good = write(tmp_path / YEARLY.name, read(YEARLY)[:4])
    assert fates(imported(ledger, good, "ucdp-ged")) == (4, 0, 0, 0, 0)
    return ledger


def test_what_cannot_be_mapped_is_rejected_with_its_reason(ledger: Ledger, tmp_path: Path) -> None:
    done = imported(ledger, YEARLY, "ucdp-ged")
    assert fates(done) == (4, 0, 0, 3, 0)
    assert told(done) == [
        ("6", "country", "unknown-word"),
        ("7", "event_clarity", "unknown-word"),
        ("8", "id", "not-a-number"),
        ("8", "best", "not-a-number"),
    ]
    rejected = read(tmp_path / "rejects.csv")
    assert [(one["_line"], one["country"]) for one in rejected[:1]] == [("6", "Atlantis")]


def test_every_shape_of_the_file_says_the_same(ledger: Ledger, tmp_path: Path) -> None:
    """42 columns or 49, ids by either name, days in three forms, numbers written as floats."""
    good = write(tmp_path / VERSIONS[0], read(DATA / VERSIONS[0])[:4])
    assert len(read(good)[0]) == 42
    assert fates(imported(ledger, good, "ucdp-ged")) == (4, 0, 0, 0, 0)
    for name in VERSIONS[1:]:
        assert len(read(DATA / name)[0]) == 49
        done = imported(ledger, DATA / name, "ucdp-ged", dataset="ged152")
        assert fates(done) == (0, 0, 4, 0, 0), name
        assert done.counted.events == 0


@pytest.mark.parametrize(
    ("name", "key"), [(VERSIONS[0], "ged151"), (VERSIONS[1], "ged150.3"), (VERSIONS[2], "ged152")]
)
def test_the_name_of_the_file_tells_the_version(ledger: Ledger, name: str, key: str) -> None:
    imported(ledger, DATA / name, "ucdp-ged")
    (source,) = events(ledger, f"source/{key}", said.SourceRegistered)
    assert source.published == "2015"


def test_figures_are_kept_in_whatever_order_they_are(first: Ledger) -> None:
    """Low above best, best above high: as reported, summed as reported, and flagged."""
    assert claimed(first, "ucdp-ged-900002")["killed"] == "5/4/2"
    assert totals(first, "dyad,year")["8001", "2015"] == (8, 7, 6)
    assert "inverted-range" in [code for _, code in findings(first, flags=True)]


def test_parts_of_zero_are_left_out_where_the_others_come_to_the_whole(first: Ledger) -> None:
    assert claimed(first, "ucdp-ged-900001") == {
        "killed": "3/3/4",
        "killed[party=Invented Front,role=combatant]": "~3",
    }
    assert claimed(first, "ucdp-ged-900004") == {"killed": "0/0/9"}


def test_parts_of_zero_stay_where_the_rest_is_unknown(first: Ledger) -> None:
    assert claimed(first, "ucdp-ged-900003") == {
        "killed": "3/4/6",
        "killed[party=Invented Front,role=combatant]": "~0",
        "killed[party=Invented League,role=combatant]": "~3",
        "killed[role=civilian]": "~0",
    }


def test_the_words_of_the_codebook(first: Ledger) -> None:
    one, aggregate = recorded(first, "ucdp-ged-900002"), recorded(first, "ucdp-ged-900003")
    assert (one.kind, one.date, one.date_precision) == ("state-based", "2015-05-12/2015-05-14", 2)
    assert (one.clarity, one.place.precision, one.place.country) == ("single", 1, "BD")
    assert one.labels["dyad"] == "8001"
    assert one.parties == ("Government of Inventia", "Invented Front")
    assert (aggregate.kind, aggregate.clarity) == ("non-state", "aggregate")
    assert (aggregate.date_precision, aggregate.place.country) == (4, "MM")
    assert recorded(first, "ucdp-ged-900004").kind == "one-sided"


def test_what_an_item_relays(first: Ledger) -> None:
    """Articles, apart; and who spoke to them."""
    with first.asking() as present:
        (event,) = present.log.stream("incident/ucdp-ged-900003")
    (cited,) = event.citations
    assert [one[:15] for one in cited.relays] == ["Invented Gazett", "Invented Herald"]
    assert cited.relays[0].endswith("Dead; many of them"), "a headline has a semicolon too"
    assert cited.speaker == "an invented commander"


def test_an_unknown_column_is_a_problem_of_the_file(ledger: Ledger, tmp_path: Path) -> None:
    rows = [{**row, "mood": "grim"} for row in read(YEARLY)]
    with pytest.raises(RefusedError, match="mood"):
        imported(ledger, write(tmp_path / YEARLY.name, rows), "ucdp-ged")
    done = imported(ledger, write(tmp_path / YEARLY.name, rows), "ucdp-ged", extra_columns=True)
    assert done.counted.new == 4
