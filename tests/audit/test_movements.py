from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from ledger.app import Ledger
from ledger.audit import movements
from ledger.audit.movements import RunningSum
from ledger.counting import figures
from ledger.counting.figures import Figure
from ledger.errors import NotFoundError, QuestionError
from ledger.events import Draft
from ledger.events import payloads as said
from ledger.reports import tallies
from ledger.reports.question import PLAIN, Question
from ledger.store import log as store
from tests.conftest import SEEDS, copies
from tests.histories import Step, histories, play
from tests.invented import (
    attribution,
    cite,
    counts,
    incident,
    link,
    merge,
    note,
    person,
    retract,
    revise,
    revise_source,
    source,
    tally,
    tamper,
    total,
)

Row = tuple[object, ...]
New = Callable[[], Ledger]
Asked = tuple[str, Question]
TALLIES = (
    tally(),
    tally("hurt", "injured"),
    tally("waved", wave="1"),
    tally("accused", actor="Brigade 1"),
    tally("one", incident="raid", nationality="US"),
)
KEYS = [draft.stream.partition("/")[2] for draft in TALLIES]
MERGED = [
    *(Step("record", number, number, 2 * number) for number in range(3)),
    Step("merge", 0, 1, 0),
    Step("counts", 0, 1, 2),
    Step("counts", 1, 0, 1),
    Step("retract", 2, 0, 0),
    Step("counts", 0, 0, 3),
]
KNOWN = st.none() | st.integers(0, 9)
FIGURES = st.builds(Figure, KNOWN, KNOWN, KNOWN, st.booleans())


def moved(ledger: Ledger, key: str = "invented-tally", *window: str) -> list[Row]:
    with ledger.movements(key, *window) as table:
        return list(table.rows)


def told(ledger: Ledger) -> list[Row]:
    """Position, before and after."""
    return [row[:3] for row in moved(ledger)]


def why(ledger: Ledger) -> list[object]:
    return [row[5] for row in moved(ledger)]


def running(ledger: Ledger, at: int, *keys: str) -> list[Row]:
    """Best, low and high of `report running` of some tallies, as a row of movements has them."""
    found: list[Row] = []
    with ledger.asking(str(at)) as present:
        for key in keys or ("invented-tally",):
            try:
                rows = list(present.running(key, PLAIN).rows)
            except NotFoundError:
                rows = []
            low, best, high = rows[-1][6:9] if rows else (None, None, None)
            found.append((best, low, high))
    return found


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    """What is asked of `tallies.run`, as long as the test lasts."""
    found: list[Asked] = []
    run = tallies.run

    def counted(connection: Connection, key: str, question: Question = PLAIN) -> tallies.Run:
        found.append((key, question))
        return run(connection, key, question)

    monkeypatch.setattr(tallies, "run", counted)
    return found


def test_the_tally_of_the_seeds_and_its_way_back(make_ledger: Callable[[], Ledger]) -> None:
    key, made = "oir-us-combat-deaths", make_ledger()
    made.import_drafts(SEEDS)
    before = moved(made, key)
    assert [row[1:3] for row in before] == [(None, 2), (2, 4), (4, 21)]
    assert {row[6] for row in before} == {"nyt-2020-03-12"}
    opening = int(str(before[-1][0]))
    assert before[-1][5] == f"{key}: published 19 as of 2020-03-10, the opening total"
    made.append([retract(f"tally/{key}", opening)])
    *same, back = moved(made, key)
    assert same == before
    assert back[1:5] == (21, *running(made, int(str(back[0])) + 1, key)[0]) == (21, 4, 4, 4)
    what = f"position {opening}, published 19 as of 2020-03-10, the opening total"
    assert back[5] == f"{key}: takes back {what} (error)"


def test_each_event_that_moved_it_and_no_other(ledger: Ledger) -> None:
    ledger.append(
        [source(), tally(nationality="US"), incident("ambush", "killed[nationality=US] 2")]
    )
    ledger.append([note("incident/ambush"), person("ambush", "killed[nationality=US]")])
    ledger.append([incident("raid", "killed[nationality=GB] 3"), attribution("raid")])
    ledger.append([counts("ambush", "killed[nationality=US] 2"), link("raid", "ambush")])
    ledger.append([counts("raid", "killed[nationality=US] 4+"), tally("other")])
    ledger.append([revise("ambush", status="discounted")])
    assert [row[:5] for row in moved(ledger)] == [
        (2, None, 2, 2, 2),
        (10, 2, 6, 6, None),
        (11, 6, 4, 4, None),
    ]
    assert why(ledger) == [
        "ambush: recorded Invented incident ambush; killed[nationality=US] 2",
        "raid: reported killed[nationality=US] 4+",
        "ambush: revised status",
    ]
    assert {row[6] for row in moved(ledger)} == {"invented-gazette"}


def test_what_reaches_further(ledger: Ledger) -> None:
    ledger.append([source(), source("paper"), tally()])
    ledger.append([incident("ambush", "killed 2"), counts("ambush", "killed 5", of="paper")])
    ledger.append([incident("raid", "killed 9")])
    steps = (
        (merge("raid", "ambush"), 9),
        (counts("raid", "killed 10"), 10),
        (retract("incident/raid", 6), 15),
        (revise_source("paper", published="2024-03-01"), 15),
        (revise_source("paper", published="2023-12-01"), 12),
        (total("20", "2024-01-01", opening=True), 20),
        (tally(measure="injured"), 20),
        (retract("tally/invented-tally", 12), 20),
        (retract("tally/invented-tally", 11), 12),
    )
    for step, best in steps:
        (event,) = ledger.append([step])
        (row,) = running(ledger, event.position + 1)
        assert (moved(ledger)[-1][2:5], row[0]) == (row, best), step


def test_an_import_that_is_taken_back(ledger: Ledger) -> None:
    brought = said.BatchImported(files=(), mapping="drafts", mapping_version=1, read=1, new=1)
    drafts = [incident("raid", "killed 3"), Draft(stream="batch/invented", data=brought)]
    ledger.append([source(), tally(), incident("siege", "killed 1")])
    ledger.append([msgspec.structs.replace(one, batch="invented") for one in drafts])
    ledger.append([retract("batch/invented", None)])
    ledger.append([retract("batch/invented", 5)])
    assert told(ledger) == [(2, None, 1), (3, 1, 4), (5, 4, 1), (6, 1, 4)]
    assert why(ledger)[2:] == [
        "invented: takes back the whole import (error)",
        "invented: takes back position 5, takes back the whole import (error) (error)",
    ]


def test_what_a_retraction_takes_back_is_said(ledger: Ledger) -> None:
    ledger.append([source(), tally(), incident("raid", "killed 3"), counts("raid", "killed 5")])
    data = said.EventRetracted(kind="withdrawn", position=3, line="killed", reason="a misprint")
    ledger.append([Draft(stream="incident/raid", data=data, citations=(cite(), cite()))])
    ledger.append([revise("raid", reclassify={"killed": "killed[cause=hostile]"})])
    ledger.append([retract("incident/raid", 2, "killed[cause=hostile]")])
    assert told(ledger)[2:] == [(4, 5, 3), (6, 3, None)]
    assert why(ledger)[2:] == [
        "raid: takes back position 3, killed 5 (withdrawn): a misprint",
        "raid: takes back position 2, killed[cause=hostile] (error)",
    ]
    assert [row[6] for row in moved(ledger)[2:]] == ["invented-gazette", ""]


def test_a_tally_that_comes_late_and_goes(ledger: Ledger) -> None:
    ledger.append([source(), incident("raid", "killed 3"), incident("siege", "killed ?")])
    ledger.append([tally()])
    ledger.append([retract("tally/invented-tally", 3)])
    defined = "defined Invented tally invented-tally"
    assert [row[:5] for row in moved(ledger)] == [
        (3, None, 3, 3, None),
        (4, 3, None, None, None),
    ]
    assert why(ledger) == [
        f"invented-tally: {defined}",
        f"invented-tally: takes back position 3, {defined} (error)",
    ]


def test_what_is_printed_is_less_than_what_is_folded(ledger: Ledger) -> None:
    ledger.append([source(), tally(), incident("raid", "killed 3"), incident("siege", "killed 4")])
    ledger.append([counts("raid", "killed 5"), counts("siege", "killed 1")])
    every = moved(ledger)
    assert [row[:3] for row in every] == [(2, None, 3), (3, 3, 7), (4, 7, 9), (5, 9, 6)]
    for start in range(7):
        for stop in range(7):
            window = every[max(0, start - 2) : max(0, stop - 2)]
            assert moved(ledger, "invented-tally", str(start), str(stop)) == window
    assert moved(ledger, "invented-tally", "", "", "raid") == every[::2]
    assert moved(ledger, "invented-tally", "3", "", "incident/siege") == every[1::2]
    assert moved(ledger, "invented-tally", "", "", "source/invented-gazette") == []


def test_names_and_positions_that_are_not_there(ledger: Ledger) -> None:
    with pytest.raises(NotFoundError, match=r"no tally 'invented-tally' .*: add one first"):
        moved(ledger)
    ledger.append([source(), tally()])
    assert moved(ledger) == []
    with pytest.raises(NotFoundError, match=r"no tally .* did you mean invented-tally"):
        moved(ledger, "invented-tale")
    with pytest.raises(NotFoundError, match="no stream 'incident/raid'"):
        moved(ledger, "invented-tally", "", "", "raid")
    with pytest.raises(QuestionError, match="the log has 2 events"):
        moved(ledger, "invented-tally", "3")


def test_what_is_not_known_moves_nothing(ledger: Ledger) -> None:
    ledger.append([source(), tally(), incident("raid", "killed 3"), counts("raid", "killed 5")])
    tamper(
        ledger,
        "UPDATE events SET body = replace(body, 'schema\":1', 'schema\":2') WHERE position = 3",
    )
    assert told(ledger) == [(2, None, 3)]


def test_a_retraction_of_what_is_not_there_is_still_told(ledger: Ledger) -> None:
    ledger.append([source(), tally(), incident("raid", "killed 3"), counts("raid", "killed 5")])
    ledger.append([retract("incident/raid", 3)])
    (event,) = ledger.append([retract("incident/raid", 4)])
    with ledger.database.reading() as connection:
        log = store.Log(connection)
        odd = said.EventRetracted(kind="error", position=10**30)
        text = movements.why(msgspec.structs.replace(event, data=odd), log)
        assert text == f"raid: takes back position {10**30} (error)"


@given(steps=st.lists(FIGURES), taken=st.lists(st.integers(0, 20)))
def test_a_running_sum_is_the_sum_of_what_is_in_it(steps: list[Figure], taken: list[int]) -> None:
    running_sum, held = RunningSum(steps), list(steps)
    for number in taken:
        if held:
            running_sum.take(held.pop(number % len(held)))
        assert running_sum.figure == (figures.add(held) if held else None)


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Iterator[New]:
    """Makes ledgers that hold nothing but some tallies."""
    yield from copies(tmp_path_factory.mktemp("moved"), TALLIES)


@settings(max_examples=12)
@given(steps=histories(most=18))
@example(steps=MERGED)
def test_the_last_move_is_the_running_report_at_every_position(new: New, steps: list[Step]) -> None:
    made = new()
    play(made, steps)
    now: dict[str, Row] = dict.fromkeys(KEYS, (None, None, None))
    after = {key: {row[0]: row[1:5] for row in moved(made, key)} for key in KEYS}
    for position, _ in enumerate(made.export()):
        then = dict(zip(KEYS, running(made, position + 1, *KEYS), strict=True))
        for key in KEYS:
            row = after[key].get(position, (now[key][0], *now[key]))
            assert row == (now[key][0], *then[key]), (position, key)
            assert (position in after[key]) == (now[key] != then[key]), (position, key)
        now = then


@settings(max_examples=12)
@given(steps=histories(most=18), size=st.integers(1, 9))
@example(steps=MERGED, size=1)
def test_segments_of_any_size_tell_the_same(new: New, steps: list[Step], size: int) -> None:
    made = new()
    play(made, steps)
    whole = [moved(made, key) for key in KEYS]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(store, "CHUNK", size)
        assert [moved(made, key) for key in KEYS] == whole


def test_many_incidents_are_counted_in_few_segments(ledger: Ledger, asked: list[Asked]) -> None:
    number = 3000
    keys = [f"invented-{one}" for one in range(number)]
    ledger.append([source(), tally()])
    ledger.append([incident(key, "killed 1") for key in keys])
    ledger.append([counts(key, "killed 2") for key in keys])
    ledger.append([retract(f"incident/{keys[0]}", 2 + number), merge(keys[1], keys[2])])
    rows = moved(ledger)
    assert len(rows) == 2 * number + 2
    assert [row[2] for row in rows[-3:]] == [2 * number, 2 * number - 1, 2 * number - 3]
    whole = [one for one in asked if one[1] == PLAIN]
    assert (len(whole), len(asked)) == (1, 4), "the tally's definition, three segments"
