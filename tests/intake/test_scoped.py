"""Totals of a question in drafts: each goes to the tally that asks it, or brings it along."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.errors import RefusedError
from ledger.events.payloads import TallyDefined
from ledger.store.log import AnyEvent, Log

SOURCE = """\
[[source]]
key = "invented-list"
title = "An invented list"
publisher = "The Invented Office"
published = "2024-01-05"
"""
TOTAL = """\
[[total]]
measure = "killed"
where = { country = "IQ" }
covers = "2024/.."
count = 3
as_of = "2024-01-01"
source = "invented-list"
"""
TALLY = """\
[[tally]]
key = "our-own"
title = "Our own"
measure = "killed"
where = { country = ["IQ"] }
"""


def imported(ledger: Ledger, folder: Path, *texts: str) -> list[AnyEvent]:
    """The events that a file of drafts brought."""
    path = folder / "drafts.toml"
    path.write_text("\n".join((SOURCE, *texts)), encoding="utf-8")
    before = ledger.replay()[0].events
    ledger.import_drafts([path])
    with ledger.database.reading() as connection:
        return [one for one in Log(connection).read(before) if one.stream.startswith("tally/")]


def streams(events: list[AnyEvent]) -> list[tuple[str, str]]:
    return [(one.type, one.stream) for one in events]


def test_a_tally_is_defined_where_none_asks_it(ledger: Ledger, tmp_path: Path) -> None:
    later = TOTAL.replace("count = 3", "count = 5").replace("2024-01-01", "2024-01-03")
    events = imported(ledger, tmp_path, TOTAL, later.replace('covers = "2024/.."\n', ""))
    key = "tally/killed.country.iq"
    assert streams(events) == [
        ("tally.defined", key),
        ("total.published", key),
        ("total.published", key),
    ]
    assert events[0].data == TallyDefined(
        title="killed, where country is IQ",
        measure="killed",
        where={"country": ("IQ",)},
        covers="2024/..",
    )
    assert not events[0].citations
    assert imported(ledger, tmp_path, TOTAL) == [], "all of it stands"


@pytest.mark.parametrize("together", [True, False])
def test_the_tally_that_asks_it_is_taken(ledger: Ledger, tmp_path: Path, together: bool) -> None:  # noqa: FBT001
    plain = TOTAL.replace('covers = "2024/.."\n', "")
    if not together:
        imported(ledger, tmp_path, TALLY)
    events = imported(ledger, tmp_path, plain, *([TALLY] if together else []))
    assert streams(events)[-1] == ("total.published", "tally/our-own")
    assert len(events) == 1 + together


def test_it_is_what_a_total_of_that_tally_is(ledger: Ledger, tmp_path: Path) -> None:
    imported(ledger, tmp_path, TALLY, TOTAL.replace('covers = "2024/.."\n', ""))
    named = '[[total]]\ntally = "our-own"\ncount = 3\nas_of = "2024-01-01"\n'
    assert imported(ledger, tmp_path, TALLY, named + 'source = "invented-list"\n') == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('measure = "killed"', 'measure = "casualties"', "unknown-word measure"),
        ('{ country = "IQ" }', '"IQ"', "wrong-type where"),
        ('{ country = "IQ" }', "{ country = [1] }", "wrong-type where"),
        ('measure = "killed"\n', "", "unknown-key where"),
        ('measure = "killed"', 'measure = "killed"\ntally = "x"', "unknown-key measure"),
        ("count = 3", 'count = "many"', "bad-count count"),
    ],
)
def test_what_is_no_question_is_told_of_its_table(
    ledger: Ledger, tmp_path: Path, old: str, new: str, says: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        imported(ledger, tmp_path, TOTAL.replace(old, new))
    assert says in str(refused.value)
    assert "drafts.toml:7: " in str(refused.value)
    assert ledger.replay()[0].events == 0
