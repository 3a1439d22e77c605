from __future__ import annotations

import pytest

from ledger.app import Ledger
from ledger.audit import replay
from ledger.errors import IntegrityError
from tests.invented import (
    counts,
    figures,
    incident,
    merge,
    retract,
    revise,
    revise_source,
    source,
    tamper,
    totals,
)


def replayed(ledger: Ledger, at: str = "") -> dict[str, tuple[object, ...]]:
    (found,) = ledger.replay([at])
    return {measure: total.cells() for measure, total in found.totals.items()}


def reported(ledger: Ledger, at: str = "") -> dict[str, tuple[object, ...]]:
    return {str(row[0]): tuple(row[1:]) for row in totals(ledger, at)}


def test_replay_of_the_seeds_is_the_report(seeds: Ledger) -> None:
    assert replayed(seeds) == reported(seeds) != {}


@pytest.mark.parametrize("part", range(2))
def test_replay_of_the_seeds_at_every_position(seeds: Ledger, part: int) -> None:
    size = len(list(seeds.export()))
    positions = [str(at) for at in range(part, size + 1, 6)]
    for found in seeds.replay(positions):
        mine = {measure: total.cells() for measure, total in found.totals.items()}
        assert mine == reported(seeds, str(found.events))


def test_replay_of_nothing(ledger: Ledger) -> None:
    assert replayed(ledger) == {}


def test_what_replay_must_not_forget(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2"), incident("raid", "killed 3")])
    ledger.append([incident("siege", "killed 4", "injured ?"), incident("lost", "killed 50")])
    steps = (
        counts("ambush", "killed 5"),
        revise("lost", status="discounted"),
        merge("raid", "ambush"),
        retract("incident/siege", 3, "killed"),
        revise_source(grade="E"),
        retract("incident/raid", 7),
        counts("siege", "killed[nationality=US] 1", "injured 6+"),
    )
    for step in steps:
        ledger.append([step])
        assert replayed(ledger) == reported(ledger), step
    assert figures(ledger) == {"killed": 9, "injured": 6}


def test_the_table_of_several_states(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2", "injured ?"), incident("raid")])
    ledger.append([counts("raid", "killed 3+")])
    rows = list(replay.table(ledger.replay(["2", "4"])).rows)
    assert [row[:5] for row in rows] == [
        (2, "injured", None, None, None),
        (2, "killed", 2, 2, 2),
        (4, "injured", None, None, None),
        (4, "killed", 5, 5, None),
    ]


def test_lines_that_need_a_closer_look(ledger: Ledger) -> None:
    ledger.append([source(), incident("raid", "killed 3+", "killed[nationality=US] 7")])
    ledger.append([incident("siege", "killed 2", "killed[role=police] 5", "injured 1")])
    assert replayed(ledger) == reported(ledger)
    assert figures(ledger) == {"killed": 12, "injured": 1}


def test_a_newer_schema_is_passed_over(ledger: Ledger) -> None:
    ledger.append([source(), incident("raid", "killed 3"), incident("siege", "killed 4")])
    tamper(
        ledger,
        "UPDATE events SET body = replace(body, 'schema\":1', 'schema\":2') WHERE position < 2",
    )
    assert replayed(ledger)["killed"][:3] == (4, 4, 4)


def test_what_is_no_event_is_said(ledger: Ledger) -> None:
    ledger.append([source(), incident("raid", "killed 3")])
    tamper(ledger, 'UPDATE events SET body = replace(body, \'"line":"killed"\', \'"line":5\')')
    with pytest.raises(IntegrityError, match="position 1"):
        ledger.replay()
