from __future__ import annotations

import pytest

from ledger.app import Ledger
from tests.invented import HERALD, counts, incident, link, merge, retract, source
from tests.reports.asked import asked, cut

CHAIN = [
    "k1-2019-12-27",
    "kh-strikes-2019-12-29",
    "embassy-siege-2019-12-31",
    "baghdad-airport-2020-01-03",
    "al-asad-2020-01-08",
]


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    """Two groups: ambush, raid, siege; and (earlier) strike, flight. Alone stands nothing."""
    ledger.append([source(), source(HERALD, "2024-02-01")])
    for key, day in (
        ("siege", "2024-01-09"),
        ("raid", "2024-01-05"),
        ("ambush", "2024-01-01"),
        ("flight", "2024-03-01"),
        ("strike", "2023-12-01"),
        ("alone", "2024-01-02"),
    ):
        ledger.append([incident(key, "killed 2", date=day)])
    ledger.append([link("raid", "ambush", "retaliation-for"), link("siege", "raid", "same-wave")])
    ledger.append([link("strike", "flight", "followed-by", of=HERALD)])
    return ledger


def groups(ledger: Ledger, at: str = "", **question: object) -> dict[object, list[object]]:
    found: dict[object, list[object]] = {}
    for row in asked(ledger, "timeline", at, **question):
        found.setdefault(row["group"], []).append(row["incident"])
    return found


def test_groups_by_first_day_each_in_order(told: Ledger) -> None:
    found = groups(told)
    assert found == {"strike": ["strike", "flight"], "ambush": ["ambush", "raid", "siege"]}
    assert list(found) == ["strike", "ambush"]
    assert cut(asked(told, "timeline"), "relation", "to")[2:] == [
        ("", ""),
        ("retaliation-for", "ambush"),
        ("same-wave", "raid"),
    ]


def test_an_incident_brings_its_group(told: Ledger) -> None:
    for key in ("ambush", "raid", "siege"):
        assert groups(told, where=[f"incident={key}"]) == {"ambush": ["ambush", "raid", "siege"]}
    assert groups(told, where=["incident=alone"]) == {}


def test_several_links_of_one_incident(told: Ledger) -> None:
    told.append([link("raid", "alone", "part-of"), link("raid", "alone", "part-of", of=HERALD)])
    rows = asked(told, "timeline", where=["incident=alone"])
    assert cut(rows, "incident", "relation", "to") == [
        ("ambush", "", ""),
        ("alone", "", ""),
        ("raid", "retaliation-for; part-of", "ambush; alone"),
        ("siege", "same-wave", "raid"),
    ]


def test_links_join_groups(told: Ledger) -> None:
    told.append([link("flight", "siege", "split-from")])
    assert groups(told) == {"strike": ["strike", "ambush", "raid", "siege", "flight"]}


def test_a_suspicion_is_no_link_here(told: Ledger) -> None:
    told.append([link("alone", "raid", "duplicate-of")])
    assert "alone" not in groups(told)["ambush"]
    assert groups(told, where=["incident=alone"]) == {}


def test_the_clocks(told: Ledger) -> None:
    assert list(groups(told, known_by="2024-01-31")) == ["ambush"]
    assert groups(told, known_by="2024-01-01") == {}
    assert groups(told, as_of="2024-01-08") == {"ambush": ["ambush", "raid"]}
    assert groups(told, as_of="2024-01-04") == {}
    assert groups(told, at="9") == {"ambush": ["ambush", "raid"]}
    told.append([retract("incident/siege", 9)])
    assert groups(told)["ambush"] == ["ambush", "raid"]


def test_a_merged_incident_counts_with_the_other(told: Ledger) -> None:
    told.append([merge("raid", "alone")])
    assert groups(told)["ambush"] == ["ambush", "alone", "siege"]
    assert groups(told, where=["incident=raid"]) == {"ambush": ["ambush", "alone", "siege"]}
    told.append([merge("flight", "strike")])
    assert list(groups(told)) == ["ambush"]


def test_other_filters_leave_rows_out_and_groups_as_they_are(told: Ledger) -> None:
    assert groups(told, since="2024-01-05") == {"strike": ["flight"], "ambush": ["raid", "siege"]}
    assert groups(told, where=["month=2024-01"]) == {"ambush": ["ambush", "raid", "siege"]}


def test_figures_of_the_measures_asked_for(told: Ledger) -> None:
    told.append([counts("raid", "injured 3+", "killed[nationality=US] 1")])
    names = ("killed_low", "killed_best", "killed_high", "injured_low", "injured_best")
    where = ["incident=raid"]
    rows = asked(told, "timeline", where=where)
    assert cut(rows, *names, "injured_high")[1] == (2, 2, 2, 3, 3, None)
    assert cut(rows, *names, "injured_high")[0] == (2, 2, 2, None, None, None)
    rows = asked(told, "timeline", where=[*where, "nationality=US"])
    assert cut(rows, "incident", "killed_best") == [("ambush", None), ("raid", 1), ("siege", None)]
    rows = asked(told, "timeline", where=where, measures=["missing"])
    assert [name for name in rows[0] if name.endswith("_best")] == ["missing_best"]


def test_a_discounted_incident_is_shown_with_its_status(told: Ledger) -> None:
    told.append([incident("rumour", "killed 9", date="2024-02-01", status="discounted")])
    told.append([link("rumour", "siege", "followed-by")])
    rows = asked(told, "timeline", where=["incident=siege"])
    assert cut(rows, "incident", "status", "killed_best")[-1] == ("rumour", "discounted", 9)


def test_the_seeds(seeds: Ledger) -> None:
    rows = asked(seeds, "timeline", where=["incident=al-asad-2020-01-08"])
    assert rows == asked(seeds, "timeline")
    assert [row["incident"] for row in rows] == CHAIN
    assert {row["group"] for row in rows} == {CHAIN[0]}
    assert cut(rows, "relation", "to", "killed_best", "injured_best") == [
        ("followed-by", CHAIN[1], 1, 6),
        ("retaliation-for; followed-by", f"{CHAIN[0]}; {CHAIN[2]}", 25, 51),
        ("followed-by", CHAIN[3], None, None),
        ("followed-by", CHAIN[4], 10, 12),
        ("retaliation-for", CHAIN[3], 0, 110),
    ]
    assert groups(seeds, known_by="2020-01-08") == {
        CHAIN[0]: CHAIN[:2],
        CHAIN[3]: CHAIN[3:],
    }
