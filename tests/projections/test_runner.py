from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.audit import scratch
from ledger.errors import QuestionError
from ledger.projections import state
from ledger.store import log as store
from tests.conftest import REPORT, SEEDS
from tests.invented import (
    GAZETTE,
    HERALD,
    attribution,
    batched,
    counts,
    fates,
    figures,
    findings,
    incident,
    merge,
    note,
    person,
    refused,
    retract,
    revise,
    revise_source,
    source,
    tables,
    tally,
    tamper,
    total,
)


def test_a_rebuild_gives_the_same_tables(seeds: Ledger, make_ledger: Callable[[], Ledger]) -> None:
    made = make_ledger()
    made.import_drafts(SEEDS)
    before = tables(made)
    assert before == tables(seeds)
    assert made.rebuild() == len(list(made.export()))
    assert tables(made) == before


@pytest.mark.parametrize("size", [1, 2, 7, 50])
def test_the_seeds_fold_alike_in_chunks_of_any_size(
    make_ledger: Callable[[], Ledger], monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    made = make_ledger()
    made.import_drafts(SEEDS)
    before = tables(made)
    monkeypatch.setattr(store, "CHUNK", size)
    made.rebuild()
    assert tables(made) == before
    assert findings(made) == []


def test_drafts_appended_one_by_one_give_the_tables_of_one_import(
    make_ledger: Callable[[], Ledger],
) -> None:
    whole, single = make_ledger(), make_ledger()
    whole.import_drafts([REPORT])
    with whole.database.reading() as connection:
        bodies = [row.body.encode() for row in store.Log(connection).rows()]
    for body in bodies:
        with single.database.writing() as connection:
            store.append_bodies(connection, [body], single._fold)
    assert tables(single) == tables(whole)


def test_the_tracking_row_says_how_far_the_tables_are(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2")])
    assert tables(ledger)["projections"] == [(state.NAME, state.VERSION, 2)]
    ledger.append([note("incident/ambush")])
    assert tables(ledger)["projections"] == [(state.NAME, state.VERSION, 3)]


@pytest.mark.parametrize("change", ["position = 1", "version = 0", "name = 'past'"])
def test_tables_that_are_behind_are_neither_asked_nor_added_to(ledger: Ledger, change: str) -> None:
    ledger.append([source(), incident("ambush", "killed 2")])
    tamper(ledger, f"UPDATE projections SET {change}")
    with pytest.raises(Exception, match="ledger rebuild"):
        figures(ledger)
    with pytest.raises(Exception, match="ledger rebuild"):
        ledger.append([note("incident/ambush")])
    assert findings(ledger) != []
    ledger.rebuild()
    assert figures(ledger) == {"killed": 2}
    assert findings(ledger) == []


def test_an_empty_ledger_answers(ledger: Ledger) -> None:
    assert figures(ledger) == {}


def test_a_rebuild_repairs_what_was_edited(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2"), tally()])
    before = tables(ledger)
    tamper(
        ledger,
        "UPDATE tolls SET best = 9",
        "DELETE FROM incidents",
        "INSERT INTO links VALUES (7, 'a', 'part-of', 'b', '', '')",
    )
    assert len(findings(ledger)) == 3
    ledger.rebuild()
    assert tables(ledger) == before


def test_an_unknown_type_says_nothing_and_survives(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2")])
    body = (
        b'{"data":{"new":"words"},"id":"future","position":2,"recorded_at":'
        b'"2999-01-01T00:00:00.000000Z","recorded_by":"Test Steward","schema":1,'
        b'"stream":"incident/ambush","type":"incident.foreseen","version":2}'
    )
    with ledger.database.writing() as connection:
        store.append_bodies(connection, [body], ledger._fold)
    assert figures(ledger) == {"killed": 2}
    assert findings(ledger) == []
    ledger.rebuild()
    assert list(ledger.export())[2].encode() == body
    ledger.append([counts("ambush", "killed 3"), retract("incident/ambush", 2)])
    assert figures(ledger) == {"killed": 3}
    assert findings(ledger) == []


def test_a_revised_source_dates_and_grades_the_claims_that_cite_it(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2")])
    ledger.append([source(HERALD, "2024-01-05"), counts("ambush", "killed 4", of=HERALD)])
    assert figures(ledger) == {"killed": 4}
    ledger.append([revise_source(published="2024-01-09")])
    assert figures(ledger) == {"killed": 2}
    assert figures(ledger, known_by="2024-01-08") == {"killed": 4}
    ledger.append([revise_source(grade="E")])
    assert figures(ledger) == {"killed": 4}
    assert findings(ledger) == []


def test_a_revised_source_dates_the_claims_of_merged_incidents(ledger: Ledger) -> None:
    ledger.append([source(), source(HERALD, "2024-01-05"), incident("ambush", "killed 2")])
    ledger.append([incident("raid", "killed 5", of=HERALD), merge("raid", "ambush")])
    assert figures(ledger) == {"killed": 5}
    ledger.append([revise_source(HERALD, published="2024-01-01")])
    assert figures(ledger) == {"killed": 2}
    assert findings(ledger) == []


def test_a_revised_source_dates_attributions_persons_and_links(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2"), attribution("ambush")])
    ledger.append([person("ambush", "killed"), revise_source(published="2024-06-06")])
    rows = tables(ledger)
    assert {row[3] for row in rows["attributions"]} == {"2024-06-06"}
    assert findings(ledger) == []


def test_a_revised_source_dates_published_totals(ledger: Ledger) -> None:
    ledger.append([source(), tally(), total("19", "2024-01-01", opening=True)])
    ledger.append([revise_source(published="2024-02-05")])
    assert findings(ledger) == []


def test_a_revised_source_dates_the_withdrawal_of_a_batch(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append([source(), source(HERALD, "2024-01-05"), incident("ambush")])
    batch = batched(
        ledger,
        tmp_path,
        '[[counts]]\nincident = "ambush"\nsource = "invented-gazette"\n'
        'claims = [{ line = "killed", count = "7" }]\n',
    )
    ledger.append([retract(f"batch/{batch}", None, kind="withdrawn", of=HERALD)])
    ledger.append([revise_source(HERALD, published="2024-02-05")])
    assert findings(ledger) == []
    assert figures(ledger, known_by="2024-02-04") == {"killed": 7}


def test_a_label_that_was_taken_away_is_unknown_before_and_after_a_rebuild(
    ledger: Ledger,
) -> None:
    def answer() -> object:
        try:
            return figures(ledger, by="wave")
        except QuestionError as error:
            return str(error)

    ledger.append([source(), incident("ambush", "killed 2", labels={"wave": "1"})])
    ledger.append([revise("ambush", labels={"wave": ""})])
    before = answer()
    ledger.rebuild()
    assert answer() == before


def test_a_source_told_after_what_cites_it(ledger: Ledger) -> None:
    ledger.append([incident("ambush", "killed 2"), source()])
    assert [row[0] for row in fates(ledger, "ambush", known_by="2024-01-02")] == ["killed"]
    assert findings(ledger) == []


def test_a_source_told_last_folds_alike_in_chunks(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.append([incident("ambush", "killed 2"), source(published="2023-12-30")])
    monkeypatch.setattr(store, "CHUNK", 1)
    assert findings(ledger) == []


def test_a_merge_told_before_its_target_folds_alike_in_chunks(ledger: Ledger) -> None:
    ledger.append(
        [source(), incident("ambush", "killed 2"), merge("ambush", "raid"), incident("raid")]
    )
    assert figures(ledger) == {"killed": 2}


def test_a_fold_of_a_part_sees_nothing_after_it(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2"), incident("raid", "killed 3")])
    ledger.append([merge("ambush", "raid"), counts("ambush", "killed 7"), revise_source(grade="E")])
    ledger.append([retract("incident/ambush", 3)])
    best = [figures(ledger, str(at)).get("killed") for at in range(1, 8)]
    assert best == [None, 2, 5, 3, 7, 7, 10]


def test_a_scratch_fold_reads_the_log_only(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2")])
    tamper(ledger, "DELETE FROM tolls", "DELETE FROM sources")
    assert figures(ledger, "2") == {"killed": 2}
    with ledger.database.reading() as connection:
        log = store.Log(connection)
        with scratch.folded(log) as folded:
            assert state.position(folded) == log.stop


def test_notes_and_links_leave_figures_alone(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2"), incident("raid", "killed 3")])
    before = tables(ledger)["tolls"]
    ledger.append([note("incident/ambush"), revise("ambush", title="Another invented title")])
    assert tables(ledger)["tolls"] == before
    assert refused(ledger, note(f"source/{GAZETTE}")) == []


def test_many_incidents_at_once_fold_like_one_after_the_other(
    make_ledger: Callable[[], Ledger],
) -> None:
    random_ = random.Random(7)
    drafts = [
        incident(f"i{n}", f"killed {random_.randrange(9)}", labels={"wave": str(n % 3)})
        for n in range(40)
    ]
    together, single = make_ledger(), make_ledger()
    together.append([source(), *drafts])
    single.append([source()])
    for draft in drafts:
        single.append([draft])
    assert tables(together) == tables(single)
