"""Our own plain CSV: `incidents` and `counts`, for stewards who live in a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.events import payloads as said
from ledger.intake import mappings, spreadsheets
from ledger.reports.question import ask
from tests.intake.mapped import (
    DATA,
    claimed,
    events,
    fates,
    imported,
    read,
    recorded,
    told,
    totals,
    write,
)

INCIDENTS = DATA / "incidents-invented.csv"
COUNTS = DATA / "counts-invented.csv"
TAJI = "inventia-2030-03-11"


@pytest.fixture
def ours(ledger: Ledger) -> Ledger:
    assert fates(imported(ledger, INCIDENTS, "incidents")) == (2, 0, 0, 3, 0)
    return ledger


@pytest.mark.parametrize("path", [INCIDENTS, COUNTS])
def test_the_files_are_templates_filled_in(path: Path) -> None:
    mapping = mappings.load(path.stem.partition("-")[0])
    assert spreadsheets.columns(mapping) == list(read(path)[0])


def test_a_row_is_an_incident_with_all_that_a_report_says(ours: Ledger) -> None:
    one = recorded(ours, TAJI)
    assert (one.kind, one.status, one.place.country) == ("rocket-attack", "confirmed", "IQ")
    assert one.parties == ("Invented Brigade", "Coalition of Inventia")
    assert one.labels == {"operation": "Invented Resolve"}
    assert claimed(ours, TAJI) == {
        "killed": "3",
        "killed[role=civilian]": "0",
        "injured": "13+",
        "missing": "?",
    }
    (attributed,) = events(ours, f"incident/{TAJI}", said.ResponsibilityAttributed)
    assert (attributed.actor, attributed.stance) == ("Invented Brigade", "suspects")


def test_a_row_registers_its_source_and_cites_it(ours: Ledger) -> None:
    (source,) = events(ours, "source/gazette-2030-03-12", said.SourceRegistered)
    assert (source.published, source.grade) == ("2030-03-12", "B")
    assert source.author == ("A. Writer", "B. Writer")
    with ours.asking() as present:
        (cited,) = present.log.stream(f"incident/{TAJI}")[0].citations
    assert (cited.claimant, cited.speaker, cited.locator, cited.grade) == (
        "Ministry of Inventia",
        "a spokesman",
        "p. 1",
        2,
    )


def test_a_row_may_say_little(ours: Ledger) -> None:
    """Its source stands already; who publishes that answers for it."""
    one = recorded(ours, "inventia-2030-04")
    assert (one.status, one.clarity, one.date) == ("provisional", "single", "2030-04")
    assert claimed(ours, "inventia-2030-04") == {"killed": "~30", "injured": "11-13"}
    with ours.asking() as present:
        (cited,) = present.log.stream("incident/inventia-2030-04")[0].citations
    assert (cited.claimant, cited.grade) == ("Invented Gazette", 6)


def test_what_is_unknown_stays_so(ours: Ledger) -> None:
    """Of the missing nothing is known but that there are some: no 0, and not nothing."""
    with ours.asking() as present:
        (row,) = present.report("totals", ask(measures=["missing"])).rows
    assert tuple(row) == ("missing", None, None, None, 1, 1, 0, 1)


def test_what_cannot_be_taken_is_rejected_with_its_reason(ledger: Ledger) -> None:
    assert told(imported(ledger, INCIDENTS, "incidents")) == [
        ("4", "source", "unknown-source"),
        ("5", "killed", "bad-count"),
        ("5", "country", "bad-place"),
        ("5", "date", "bad-date"),
        ("6", "kind", "unknown-value"),
    ]


def test_counts_are_claims_of_lines_of_incidents_that_stand(ours: Ledger) -> None:
    done = imported(ours, COUNTS, "counts")
    assert fates(done) == (3, 0, 0, 3, 0)
    assert told(done) == [
        ("5", "", "key-twice"),
        ("6", "measure", "unknown-word"),
        ("7", "", "unknown-incident"),
    ]
    claims = [
        (str(claim.line), str(claim.count), claim.as_of)
        for report in events(ours, f"incident/{TAJI}", said.CountsReported)
        for claim in report.claims
    ]
    assert claims == [
        ("killed[cause=hostile,nationality=US,role=military,service=army]", "2", "2030-03-13"),
        ("injured[injury=blast]", "5-7", ""),
        ("munitions-fired[munition=rocket]", "30", ""),
    ]
    assert totals(ours, "nationality", where=["incident=" + TAJI])["US",] == (2, 2, 2)


def test_counts_again_are_no_news_and_a_changed_one_is_a_claim(
    ours: Ledger, tmp_path: Path
) -> None:
    rows = read(COUNTS)[:3]
    path = write(tmp_path / "counts.csv", rows)
    assert fates(imported(ours, path, "counts")) == (3, 0, 0, 0, 0)
    rows[0]["count"] = "3"
    path = write(tmp_path / "counts.csv", rows)
    assert fates(imported(ours, path, "counts")) == (0, 1, 2, 0, 0)
    path = write(tmp_path / "counts.csv", [rows[0], rows[2]])
    assert fates(imported(ours, path, "counts", complete=True)) == (0, 0, 2, 0, 1)
    (gone,) = events(ours, f"incident/{TAJI}", said.EventRetracted)
    assert gone.kind == "withdrawn"


def test_few_columns_are_required(ledger: Ledger, tmp_path: Path) -> None:
    rows = [
        {
            "key": "a",
            "date": "2030",
            "kind": "siege",
            "title": "A siege",
            "source": "gazette",
            "source_title": "A report",
            "source_publisher": "Invented Gazette",
        }
    ]
    assert fates(imported(ledger, write(tmp_path / "a.csv", rows), "incidents")) == (1, 0, 0, 0, 0)
    counted = [{"incident": "a", "measure": "killed", "count": "2", "source": "gazette"}]
    path = write(tmp_path / "b.csv", counted)
    assert fates(imported(ledger, path, "counts")) == (1, 0, 0, 0, 0)
    assert totals(ledger)[()] == (2, 2, 2)
