"""Tolls: from claims to figures, with merges, retractions and what was known (section 5, 6)."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.app import Ledger
from ledger.counting import figures, lines
from ledger.counting.claims import POLICIES, Cited, Claim, Policy
from ledger.counting.tolls import counts_at, place, settle
from ledger.reports.question import ask
from ledger.store.log import AnyEvent
from tests.counting.samples import cited, claim, some_counts, some_line_sets, some_lines

WHOLE = "killed"
PL, US, GB = (f"killed[nationality={code}]" for code in ("PL", "US", "GB"))
CONTRACTORS = "killed[role=contractor]"


def bests(claims: list[Claim], citations: list[Cited], **asked: object) -> dict[str, int | None]:
    """The best of each line."""
    found = settle(claims, citations, "here", **asked)  # type: ignore[arg-type]
    return {text: one.best for text, one in found.figures.items()}


def test_each_line_is_chosen_by_itself_and_lifted() -> None:
    citations = [cited("A", "2020-01-01"), cited("B", "2020-01-02")]
    claims = [
        claim(1, "3", line=WHOLE),
        claim(2, "2", line=US),
        claim(3, "3", 1, line=US),
        claim(4, "1", 1, line=GB),
    ]
    found = settle(claims, citations, "here")
    assert found.own[WHOLE] == figures.Figure(3, 3, 3)
    assert {text: one.best for text, one in found.figures.items()} == {WHOLE: 4, US: 3, GB: 1}
    assert found.claims[US] == [claims[1], claims[2]]


@pytest.mark.parametrize("policy", POLICIES)
def test_the_policy_is_the_one_that_was_asked_for(policy: Policy) -> None:
    citations = [cited("A", "2020-01-01", grade=1), cited("B", "2020-01-02")]
    found = settle([claim(1, "10"), claim(2, "12", 1)], citations, "here", policy=policy)
    assert (found.own[WHOLE].low, found.own[WHOLE].best, found.own[WHOLE].high) == {
        "latest": (12, 12, 12),
        "graded": (10, 10, 10),
        "envelope": (10, 12, 12),
    }[policy]


# What was known


def test_a_claim_is_known_from_the_day_of_its_source() -> None:
    citations = [cited("A", "2020-01-01"), cited("A", "2020-03")]
    claims = [claim(1, "10"), claim(2, "12", 1)]
    assert bests(claims, citations, known_by="2019-12-31") == {}
    assert bests(claims, citations, known_by="2020-01-01") == {WHOLE: 10}
    assert bests(claims, citations, known_by="2020-03-30") == {WHOLE: 10}
    assert bests(claims, citations, known_by="2020-03-31") == {WHOLE: 12}
    assert bests(claims, citations) == {WHOLE: 12}


def test_an_undated_claim_is_known_from_the_day_it_was_recorded() -> None:
    (undated,) = [cited("A", "")]
    assert undated.known == "2024-01-01"
    assert not counts_at(claim(1, "10"), [undated], "2023-12-31")
    assert counts_at(claim(1, "10"), [undated], "2024-01-01")


def test_as_of_does_not_make_a_claim_known_earlier() -> None:
    late = [cited("A", "2020-06-01")]
    assert not counts_at(claim(1, "10", as_of="2020-01-01"), late, "2020-05-31")


def test_what_was_withdrawn_stands_for_the_days_before() -> None:
    citations = [cited("A", "2020-01-01"), cited("A", "2020-02-01")]
    claims = [claim(1, "10"), claim(2, "12", 1, until="2020-03-01")]
    assert bests(claims, citations, known_by="2020-02-29") == {WHOLE: 12}
    assert bests(claims, citations, known_by="2020-03-01") == {WHOLE: 10}
    assert bests(claims, citations) == {WHOLE: 10}


def test_an_incident_of_which_nothing_counts_has_no_line() -> None:
    found = settle([claim(1, "10", until="2020-02-01")], [cited()], "here")
    assert not found.figures
    assert not found.unplaced


# Lines that hold others apart


def test_a_retracted_total_comes_back_as_unknown_where_others_would_overlap() -> None:
    claims = [claim(1, "3", line=PL), claim(2, "4", line=CONTRACTORS)]
    found = settle(claims, [cited()], "here", retracted=[WHOLE])
    assert found.structure.tops == (WHOLE,)
    assert WHOLE not in found.own
    assert found.figures[WHOLE].best == 4
    assert not found.unplaced


def test_it_does_not_come_back_where_nothing_overlaps() -> None:
    found = settle([claim(1, "3", line=PL)], [cited()], "here", retracted=[WHOLE])
    assert set(found.figures) == {PL}


def test_a_total_that_is_not_known_yet_holds_its_lines_apart() -> None:
    citations = [cited("A", "2020-01-01"), cited("A", "2020-02-01")]
    claims = [claim(1, "9", 1), claim(2, "3", line=PL), claim(3, "4", line=CONTRACTORS)]
    assert bests(claims, citations, known_by="2020-01-01") == {WHOLE: 4, PL: 3, CONTRACTORS: 4}


# What was taken back


REPORT = """
[[source]]
key = "s"
title = "An invented report"
publisher = "The Invented Times"
published = "2020-01-01"
[[source]]
key = "later"
title = "An invented correction"
publisher = "The Invented Times"
published = "2021-01-01"
[[incident]]
key = "a"
kind = "accident"
title = "An invented accident"
date = "2020-01-01"
source = "s"
"""
COUNT = '[[counts]]\nincident = "a"\nsource = "s"\nclaims = [{ line = "killed", count = "10" }]\n'
TAKEN_BACK = '[[retraction]]\nof = "incident/a"\nposition = 3\nkind = "error"\n'


def imported(ledger: Ledger, path: Path, text: str) -> str:
    """Import drafts; gives the stream of the batch."""
    path.write_text(text)
    return f"batch/{ledger.import_drafts([path]).batch}"


def killed(ledger: Ledger, known_by: str = "") -> list[object]:
    """What the report says of all killed."""
    with ledger.asking() as present:
        question = ask(measures=["killed"], known_by=known_by)
        return [row[2] for row in present.report("totals", question).rows]


def test_what_was_retracted_stands_again_when_its_retraction_is(
    ledger: Ledger, tmp_path: Path
) -> None:
    imported(ledger, tmp_path / "report.toml", REPORT + COUNT)
    assert killed(ledger) == [10]
    (first,) = ledger.add("retraction", {"of": "incident/a", "position": 3, "kind": "error"})
    assert killed(ledger) == []
    ledger.add("retraction", {"of": "incident/a", "position": first.position, "kind": "error"})
    assert killed(ledger) == [10]


def test_a_batch_that_is_taken_back_takes_its_retractions_along(
    ledger: Ledger, tmp_path: Path
) -> None:
    imported(ledger, tmp_path / "report.toml", REPORT + COUNT)
    batch = imported(ledger, tmp_path / "retraction.toml", TAKEN_BACK)
    assert killed(ledger) == []
    ledger.add("retraction", {"of": batch, "kind": "error"})
    assert killed(ledger) == [10]


def test_an_error_is_as_if_never_recorded_also_after_a_withdrawal(
    ledger: Ledger, tmp_path: Path
) -> None:
    imported(ledger, tmp_path / "report.toml", REPORT)
    batch = imported(ledger, tmp_path / "count.toml", COUNT)
    (counted,) = [one.position for one in _events(ledger) if one.type == "counts.reported"]
    ledger.add(
        "retraction",
        {"of": "incident/a", "position": counted, "kind": "withdrawn", "source": "later"},
    )
    assert (killed(ledger), killed(ledger, "2020-06-01")) == ([], [10])
    ledger.add("retraction", {"of": batch, "kind": "error"})
    assert (killed(ledger), killed(ledger, "2020-06-01")) == ([], [])


def _events(ledger: Ledger) -> list[AnyEvent]:
    with ledger.asking() as present:
        return list(present.log.read())


# Merges


def test_a_merged_claim_is_as_if_it_had_been_reported_here() -> None:
    citations = [cited("A", "2020-01-01"), cited("A", "2020-02-01", incident="there")]
    claims = [claim(1, "10"), claim(2, "12", 1), claim(3, "3", 1, line=PL)]
    found = settle(claims, citations, "here")
    assert {text: one.best for text, one in found.figures.items()} == {WHOLE: 12, PL: 3}


def test_a_merged_line_that_could_not_be_appended_is_not_counted() -> None:
    citations = [cited("A"), cited("A", incident="there")]
    claims = [claim(1, "3", line=PL), claim(2, "4", 1, line=CONTRACTORS)]
    found = settle(claims, citations, "here")
    assert found.unplaced == (CONTRACTORS,)
    assert {text: one.best for text, one in found.figures.items()} == {PL: 3}


@pytest.mark.parametrize("first", [2, 9])
def test_a_merged_line_waits_for_the_total_that_came_with_it(first: int) -> None:
    citations = [cited("A"), cited("A", incident="there")]
    claims = [
        claim(1, "3", line=PL),
        claim(first, "4", 1, line=CONTRACTORS),
        claim(5, "6", 1, line=WHOLE),
    ]
    claims.sort(key=lambda one: one.position)
    found = settle(claims, citations, "here")
    assert not found.unplaced
    assert found.figures[WHOLE].best == 6


def test_a_merge_keeps_lines_apart_as_they_were_before_it() -> None:
    """As if reported here: a total there that was retracted, or is not known yet, comes too."""
    there = [cited("A", incident="there")]
    claims = [claim(1, "3", line=PL), claim(2, "4", line=CONTRACTORS)]
    before = settle(claims, there, "there", retracted=[WHOLE])
    after = settle(claims, there, "here", retracted=[WHOLE])
    assert after.figures == before.figures
    assert after.unplaced == ()


def test_lines_find_their_place_whatever_came_first() -> None:
    assert place((US, GB, WHOLE)) == place((WHOLE, GB, US))


# What must always hold


@given(some_line_sets, st.data(), st.sampled_from(POLICIES), st.randoms())
@settings(max_examples=50)
def test_a_toll_does_not_depend_on_the_order_of_claims(
    texts: list[str], data: st.DataObject, policy: Policy, random: Random
) -> None:
    citations = [cited(name, day, grade=grade) for name, day, grade in (
        ("A", "2020", 2), ("B", "2020-03", 3), ("A", "2020-03-11", 6), ("C", "", 5),
    )]  # fmt: skip
    claims = [
        claim(position, data.draw(some_counts(0)), data.draw(st.integers(0, 3)), line=text)
        for position, text in enumerate(texts * 2)
    ]
    found = settle(claims, citations, "here", policy=policy)
    again = settle(random.sample(claims, len(claims)), citations, "here", policy=policy)
    assert again.figures == found.figures
    assert again.structure == found.structure


@given(some_line_sets, st.lists(some_lines, max_size=4))
@settings(max_examples=50)
def test_every_line_is_placed_or_said_to_be_unplaced(own: list[str], told: list[str]) -> None:
    merged = tuple(dict.fromkeys(told))
    found = place(tuple(own), merged)
    placed = {text for text, _ in found.structure.upwards}
    assert placed | set(found.unplaced) == {*own, *merged}
    assert set(own) <= placed
    assert not placed & set(found.unplaced)
    assert not lines.overlap(frozenset(placed))
