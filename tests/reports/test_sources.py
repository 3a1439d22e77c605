from __future__ import annotations

from ledger.app import Ledger
from tests.invented import GAZETTE, HERALD, counts, incident, retract, source
from tests.reports.asked import asked


def resting(ledger: Ledger, at: str = "", **question: object) -> dict[object, object]:
    """Figures that rest on each source."""
    return {row["source"]: row["figures"] for row in asked(ledger, "sources", at, **question)}


def test_figures_rest_on_the_sources_of_chosen_claims(ledger: Ledger) -> None:
    ledger.append([source(), source(HERALD, "2024-01-05")])
    ledger.append([incident("ambush", "killed 2", "injured 3"), incident("raid", "killed 1")])
    assert resting(ledger) == {GAZETTE: 3, HERALD: 0}
    ledger.append([counts("ambush", "killed 4", of=HERALD)])
    assert resting(ledger) == {GAZETTE: 2, HERALD: 1}
    assert resting(ledger, at="4") == {GAZETTE: 3, HERALD: 0}
    assert resting(ledger, known_by="2024-01-04") == {GAZETTE: 3}
    assert resting(ledger, measures=["killed"]) == {GAZETTE: 1, HERALD: 1}
    assert resting(ledger, where=["incident=raid"]) == {GAZETTE: 1, HERALD: 0}
    ledger.append([retract("incident/ambush", 4)])
    assert resting(ledger) == {GAZETTE: 3, HERALD: 0}


def test_claims_are_those_that_the_question_asks_for(ledger: Ledger) -> None:
    def citing(**question: object) -> dict[object, object]:
        return {row["source"]: row["claims"] for row in asked(ledger, "sources", **question)}

    ledger.append([source(), source(HERALD, "2024-01-05")])
    ledger.append([incident("ambush", "killed 2", "injured 3"), incident("raid", "killed 1")])
    ledger.append([counts("raid", "killed 4", of=HERALD), retract("incident/ambush", 2, "injured")])
    assert citing() == {GAZETTE: 2, HERALD: 1}
    assert citing(known_by="2024-01-04") == {GAZETTE: 2}
    assert citing(as_of="2023-12-31") == {GAZETTE: 0, HERALD: 0}
    assert citing(where=["incident=raid"]) == {GAZETTE: 1, HERALD: 1}
    assert citing(measures=["injured"]) == {GAZETTE: 0, HERALD: 0}


def test_a_figure_of_parts_rests_on_each_of_their_sources(ledger: Ledger) -> None:
    ledger.append([source(), source(HERALD), incident("raid", "killed ?")])
    ledger.append([counts("raid", "killed[nationality=US] 2", of=HERALD)])
    ledger.append([counts("raid", "killed[nationality=GB] 1")])
    assert resting(ledger) == {GAZETTE: 1, HERALD: 1}


def test_discounted_incidents_are_not_counted(ledger: Ledger) -> None:
    ledger.append([source(), incident("rumour", "killed 9", status="discounted")])
    (row,) = asked(ledger, "sources")
    assert (row["claims"], row["figures"]) == (1, 0)


def test_the_seeds(seeds: Ledger) -> None:
    found = resting(seeds)
    assert (found["nyt-2020-03-12"], found["afp-2020-02-21"]) == (4, 2)
    assert found["poland-2020-03-12"] == 0
    where = ["incident=taji-2020-03-11"]
    cited = {key for key, number in resting(seeds, where=where).items() if number}
    assert cited == {"centcom-2020-03-12", "cjtf-oir-2020-03-12", "dod-2020-03-13"}
