from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import counts as counting
from ledger.app import Ledger
from ledger.counting.claims import POLICIES
from ledger.reports.footing import agree
from tests.conftest import file_of, new_ledger
from tests.histories import CLAIMANTS, COUNTS, DAYS, Step, histories, play
from tests.invented import GAZETTE, HERALD, counts, incident, retract, source
from tests.reports.asked import Row, asked, cut

MINISTRY, ARMY = CLAIMANTS
SHOWN = ("line", "claims", "least", "greatest", "spread", "low", "best", "high", "chosen")


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    """The ministry says 2 on 2 January, the army 5 on the 5th."""
    ledger.append([source(), source(HERALD, "2024-01-05")])
    ledger.append([incident("ambush", "killed 2", "injured 3")])
    ledger.append([counts("ambush", "killed 5", "injured 3", of=HERALD, claimant=ARMY)])
    return ledger


def conflicts(ledger: Ledger, at: str = "", **question: object) -> list[tuple[object, ...]]:
    return cut(asked(ledger, "conflicts", at, **question), *SHOWN)


def test_who_disagrees(told: Ledger) -> None:
    (row,) = asked(told, "conflicts")
    assert (row["incident"], row["date"]) == ("ambush", "2024-01-01")
    assert row["claimants"] == f"{ARMY}; {MINISTRY}"
    assert row["set_aside"] == 0
    assert conflicts(told) == [("killed", 2, 2, 5, 3, 5, 5, 5, ARMY)]


def test_one_claimant_who_corrects_itself_is_no_conflict(told: Ledger) -> None:
    told.append([counts("ambush", "killed 5", of=HERALD)])
    assert conflicts(told) == []


def test_the_clocks(told: Ledger) -> None:
    assert conflicts(told, known_by="2024-01-04") == []
    assert len(conflicts(told, known_by="2024-01-05")) == 1
    assert conflicts(told, as_of="2023-12-31") == []
    assert conflicts(told, at="3") == []
    assert len(conflicts(told, at="4")) == 1


def test_the_policy_chooses(told: Ledger) -> None:
    told.append([counts("ambush", "killed 3", of=HERALD, claimant="Invented Mayor", grade=1)])
    told.append([counts("ambush", "killed 4", of=HERALD, claimant="Invented Bishop")])
    assert conflicts(told)[0][1:] == (4, 2, 5, 3, 4, 4, 4, "Invented Bishop")
    assert conflicts(told, policy="graded")[0][5:] == (3, 3, 3, "Invented Mayor")
    assert conflicts(told, policy="envelope")[0][5:] == (2, 4, 5, "Invented Bishop")


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("2+", "5", []),
        ("5", "2+", []),
        ("5", "?", []),
        ("3-6", "5", []),
        ("1/5/9", "5", []),
        ("<=5", "<=7", []),
        ("6+", "5", [(2, 5, 6, 1)]),
        ("<=3", "5", [(2, 5, 5, None)]),
        ("~4", "5", [(2, 4, 5, 1)]),
        ("0", "5", [(2, 0, 5, 5)]),
        ("1-3", "5-6", [(2, 1, 5, 4)]),
    ],
)
def test_vague_claims_that_are_satisfied_are_no_conflict(
    ledger: Ledger, first: str, second: str, found: list[tuple[object, ...]]
) -> None:
    ledger.append([source(), incident("ambush", f"killed {first}")])
    ledger.append([counts("ambush", f"killed {second}", claimant=ARMY)])
    assert [row[1:5] for row in conflicts(ledger)] == found


def test_who_agrees_with_all_is_not_among_those_who_disagree(told: Ledger) -> None:
    told.append([counts("ambush", "killed 2+", of=GAZETTE, claimant="Invented Mayor")])
    assert conflicts(told)[0][:5] == ("killed", 2, 2, 5, 3)


def test_set_aside_claims_are_counted_apart(told: Ledger) -> None:
    told.append([counts("ambush", "killed 90", of=HERALD, claimant="Invented Radio", grade=5)])
    (row,) = asked(told, "conflicts")
    assert (row["claims"], row["greatest"], row["set_aside"]) == (2, 5, 1)
    told.append([retract("incident/ambush", 3)])
    assert conflicts(told) == []


def test_the_question_filters(told: Ledger) -> None:
    told.append([counts("ambush", "killed[nationality=US] 1")])
    told.append([counts("ambush", "killed[nationality=US] 2", claimant=ARMY)])
    assert cut(asked(told, "conflicts"), "line") == [("killed",), ("killed[nationality=US]",)]
    found = asked(told, "conflicts", where=["nationality=US"])
    assert cut(found, "line") == [("killed[nationality=US]",)]
    assert asked(told, "conflicts", measures=["injured"]) == []
    assert asked(told, "conflicts", where=["incident=raid"]) == []
    assert len(asked(told, "conflicts", where=["incident=ambush"])) == 2


def test_the_seeds(seeds: Ledger) -> None:
    rows = asked(seeds, "conflicts")
    names = ("incident", "line", "claims", "least", "greatest", "spread", "best", "set_aside")
    assert cut(rows, *names)[:6] == [
        ("k1-2019-12-27", "munitions-fired", 2, 2, 30, 28, 30, 0),
        ("kh-strikes-2019-12-29", "injured", 2, 51, 55, 4, 51, 0),
        ("kh-strikes-2019-12-29", "killed", 4, 24, 30, 6, 25, 0),
        ("baghdad-airport-2020-01-03", "killed", 4, 7, 10, 3, 10, 0),
        ("al-asad-2020-01-08", "injured[nationality=US]", 2, 0, 110, 110, 110, 1),
        ("al-asad-2020-01-08", "munitions-fired", 6, 15, 22, 7, 16, 0),
    ]
    assert len(rows) == 10
    assert rows[3]["chosen"] == "The New York Times"
    early = asked(seeds, "conflicts", known_by="2020-01-07", measures=["munitions-fired"])
    assert cut(early, "incident", "least", "greatest") == [("k1-2019-12-27", 2, 30)]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return file_of(new_ledger(tmp_path_factory.mktemp("model") / "ledger.db"))


@settings(max_examples=40)
@given(
    steps=histories("counts", "merge", "retract", "reclassify", "revise source", most=24),
    day=st.sampled_from(DAYS),
    policy=st.sampled_from(POLICIES),
)
def test_random_histories_agree_with_the_claims(
    model: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[Step], day: str, policy: str
) -> None:
    path = tmp_path_factory.mktemp("conflicts") / "ledger.db"
    path.write_bytes(model.read_bytes())
    made = Ledger(path, "Test Steward")
    play(made, steps)
    question = {"known_by": day, "policy": policy}
    expected = []
    for key, some in groupby(asked(made, "claims", **question), key=_line_of):
        stand = [row for row in some if row["fate"] in ("chosen", "stands")]
        against = [one for one in stand if not all(_may_both_be_right(one, row) for row in stand)]
        if against:
            claimants = "; ".join(sorted({str(row["claimant"]) for row in against}))
            (chosen,) = [row["claimant"] for row in stand if row["fate"] == "chosen"]
            expected.append((*key, len(against), claimants, chosen))
    found = asked(made, "conflicts", **question)
    assert cut(found, "incident", "line", "claims", "claimants", "chosen") == expected


@given(one=st.sampled_from(COUNTS), other=st.sampled_from(COUNTS))
def test_counts_agree_where_a_number_fits_both(one: str, other: str) -> None:
    counts_ = [counting.parse(text) for text in (one, other)]
    rows = [{"low": count.low, "best": count.best, "high": count.high} for count in counts_]
    assert agree(*counts_) is _may_both_be_right(*rows)  # type: ignore[arg-type]


def _line_of(row: Row) -> tuple[object, object]:
    return row["incident"], row["line"]


def _may_both_be_right(one: Row, other: Row) -> bool:
    return any(_fits(number, one) and _fits(number, other) for number in range(20))


def _fits(number: int, row: Row) -> bool:
    low, best, high = row["low"], row["best"], row["high"]
    if best is not None:
        return number == best
    assert low is None or isinstance(low, int)
    assert high is None or isinstance(high, int)
    return (low is None or low <= number) and (high is None or number <= high)
