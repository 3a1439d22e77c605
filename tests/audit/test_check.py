from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ledger.app import Ledger
from ledger.events import Draft
from ledger.events import payloads as said
from tests.invented import batched, cite, incident, source, tally, total

DAYS = [f"2024-01-{day:02}" for day in range(1, 9)]
MINISTRY, ARMY = "Invented Ministry", "Invented Army"


def checked(ledger: Ledger, at: str = "") -> list[tuple[str, str]]:
    with ledger.asking(at) as present:
        return [(one.where, one.code) for one in present.check()]


def test_the_seeds_are_fine(seeds: Ledger, report_only: Ledger) -> None:
    assert checked(seeds) == []
    assert checked(report_only) == []


def test_a_total_that_differs(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2"), tally()])
    ledger.append([total("10", "2023-12-01", opening=True), total("15", "2024-01-02")])
    assert checked(ledger) == [("tally invented-tally", "total-differs")]
    with ledger.asking() as present:
        (problem,) = present.check()
    assert "published 15 as of 2024-01-02" in problem.message
    assert "computes 12, difference -3" in problem.message
    assert problem.hint == "see `ledger explain invented-tally --as-of 2024-01-02`"


def test_a_total_that_was_published_again_is_not_compared(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2"), tally()])
    ledger.append([total("10", "2023-12-01", opening=True), total("15", "2024-01-02")])
    ledger.append([total("12", "2024-01-02")])
    assert checked(ledger) == []


@pytest.mark.parametrize("count", ["12", "11-13", "12+", "~12", "10/12/99", "?"])
def test_a_total_that_agrees(ledger: Ledger, count: str) -> None:
    ledger.append([source(), incident("ambush", "killed 2"), tally()])
    ledger.append([total("10", "2023-12-01", opening=True), total(count, "2024-01-02")])
    assert checked(ledger) == []


@pytest.mark.parametrize("count", ["13", "13+", "13-20", "<=11", "~11"])
def test_a_total_that_does_not(ledger: Ledger, count: str) -> None:
    ledger.append([source(), incident("ambush", "killed 2"), tally()])
    ledger.append([total("10", "2023-12-01", opening=True), total(count, "2024-01-02")])
    assert [code for _, code in checked(ledger)] == ["total-differs"]


def test_totals_before_the_opening_or_of_unclear_unit_are_no_finding(ledger: Ledger) -> None:
    ledger.append([source(), tally(), total("10", "2023-12-01", opening=True)])
    ledger.append([total("99", "2020-01-01"), total("99", "2024-01-02", unit_unclear=True)])
    assert checked(ledger) == []


def by(claimant: str, draft: Draft) -> Draft:
    """A draft as another claimant says it."""
    citations = (cite(claimant=claimant),)
    return msgspec.structs.replace(draft, citations=citations)


def since_january(key: str = "invented-tally") -> Draft:
    """An invented tally that the ledger claims to be complete from 2024-01-01 on."""
    draft = tally(key)
    assert isinstance(draft.data, said.TallyDefined)
    data = msgspec.structs.replace(draft.data, covers="2024-01-01/..")
    return msgspec.structs.replace(draft, data=data)


def series(ledger: Ledger, *published: str, claimant: str = MINISTRY) -> None:
    """Totals of the first days of January; a day without one is "".

    An incident a day counts 1 killed, so that the ledger computes 1, 2, 3, …
    """
    ledger.append([source(), since_january()])
    ledger.append([incident(f"day-{n}", "killed 1", date=day) for n, day in enumerate(DAYS)])
    some = [total(count, day) for day, count in zip(DAYS, published, strict=False) if count]
    ledger.append([by(claimant, draft) for draft in some])


def told(ledger: Ledger, *, every: bool = False) -> list[tuple[str, str]]:
    """Day and difference of each total that is found, as the message has them."""
    with ledger.asking() as present:
        messages = [one.message for one in present.check(every=every)]
    return [
        (one.partition("as of ")[2][:10], one.partition("difference ")[2].partition(",")[0])
        for one in messages
    ]


def test_the_totals_on_which_the_difference_changes(ledger: Ledger) -> None:
    series(ledger, "1", "3", "4", "", "5", "8", "8", "10")
    assert told(ledger) == [
        ("2024-01-02", "-1"),
        ("2024-01-06", "-2"),
        ("2024-01-07", "-1"),
        ("2024-01-08", "-2"),
    ]
    assert told(ledger, every=True) == [
        ("2024-01-02", "-1"),
        ("2024-01-03", "-1"),
        ("2024-01-06", "-2"),
        ("2024-01-07", "-1"),
        ("2024-01-08", "-2"),
    ]


def test_agreement_ends_a_difference_and_is_not_told(ledger: Ledger) -> None:
    series(ledger, "2", "3", "3", "4", "6", "7")
    assert told(ledger) == [("2024-01-01", "-1"), ("2024-01-05", "-1")]
    with ledger.asking() as present:
        first, second = present.check()
    assert first.message == (
        "Invented Ministry published 2 as of 2024-01-01 (position 10), "
        "the ledger computes 1, difference -1, never agreed"
    )
    assert second.message.endswith("difference -1, last agreed 2024-01-04, at 4")
    assert second.hint == "see `ledger explain invented-tally --as-of 2024-01-05`"


def test_totals_go_by_their_dates_not_by_position(ledger: Ledger) -> None:
    series(ledger, "", "", "4", "5")
    ledger.append([total("3", "2024-01-02"), total("1", "2024-01-01")])
    assert told(ledger) == [("2024-01-02", "-1")]


def test_each_claimant_and_each_tally_has_its_own_series(ledger: Ledger) -> None:
    series(ledger, "2", "3", "4", "5")
    ledger.append([by(ARMY, total(str(n), day)) for n, day in enumerate(DAYS[:4])])
    ledger.append([since_january("another-tally"), total("0", DAYS[3], "another-tally")])
    with ledger.asking() as present:
        found = [(one.where, one.message.partition(" published")[0]) for one in present.check()]
    assert found == [
        ("tally another-tally", MINISTRY),
        ("tally invented-tally", MINISTRY),
        ("tally invented-tally", ARMY),
    ]


def test_vague_totals_in_a_series(ledger: Ledger) -> None:
    series(ledger, "1+", "5+", "6+", "~9", "<=2", "<=2", "?", "<=2")
    assert told(ledger) == [
        ("2024-01-02", "-3"),
        ("2024-01-04", "-5"),
        ("2024-01-05", ""),
        ("2024-01-08", ""),
    ]
    with ledger.asking() as present:
        found = [one.message for one in present.check()]
    assert found[0].endswith("difference -3, last agreed 2024-01-01, at 1+")
    assert found[2].endswith("computes 5, last agreed 2024-01-01, at 1+")
    assert found[3].endswith("computes 8, last agreed 2024-01-07, at ?")


def test_what_nobody_counted_is_no_figure_and_not_zero(ledger: Ledger) -> None:
    ledger.append([source(), since_january(), incident("ambush", "killed 3", date=DAYS[2])])
    ledger.append([incident("raid", "killed ?", date=DAYS[3])])
    ledger.append([total(count, day) for count, day in zip("1244", DAYS[:4], strict=True)])
    with ledger.asking() as present:
        found = [one.message.partition("the ledger ")[2] for one in present.check()]
    assert found == [
        "computes no figure, never agreed",
        "computes 3, difference -1, never agreed",
    ]
    with ledger.asking() as present:
        *_, last = present.check(every=True)
    assert "computes at least 3, difference -1" in last.message


def test_large_figures_have_their_thousands_apart(ledger: Ledger) -> None:
    ledger.append([source(), since_january()])
    ledger.append([incident("siege", "killed 11078"), total("11078", DAYS[0])])
    ledger.append([total("12180", DAYS[1])])
    with ledger.asking() as present:
        (problem,) = present.check()
    assert problem.message == (
        "Invented Ministry published 12,180 as of 2024-01-02 (position 4), the ledger "
        "computes 11,078, difference -1,102, last agreed 2024-01-01, at 11,078"
    )


def test_an_opening_that_its_incidents_exceed(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 12"), tally()])
    ledger.append([total("10", "2024-01-01", opening=True)])
    assert checked(ledger) == [("tally invented-tally", "opening-exceeded")]


def test_an_import_that_was_not_completed(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append([source()])
    batched(ledger, tmp_path, '[[source]]\nkey = "wire"\ntitle = "Invented"\n')
    assert checked(ledger) == []
    ledger.append([msgspec.structs.replace(incident("ambush"), batch="drafts-lost")])
    assert checked(ledger) == [("batch drafts-lost", "unfinished")]


def test_a_check_of_an_earlier_state(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2")])
    assert checked(ledger, at="1") == []
