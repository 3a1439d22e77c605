from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import text

from ledger.app import Ledger
from ledger.errors import NotALedgerError
from tests.conftest import file_of, new_ledger
from tests.invented import (
    GAZETTE,
    attribution,
    counts,
    findings,
    incident,
    link,
    note,
    person,
    source,
    tally,
    tamper,
    total,
)


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    ledger.append([source(), incident("ambush", "killed 2"), incident("raid")])
    ledger.append([counts("ambush", "killed 3"), attribution("ambush"), person("ambush", "killed")])
    ledger.append([link("ambush", "raid"), tally(), total("3", "2024-01-01")])
    assert findings(ledger) == []
    return ledger


def test_a_ledger_that_is_well(told: Ledger) -> None:
    found = told.verify()
    assert (found.size, len(found.root), found.findings) == (9, 64, [])


def test_an_empty_ledger_is_well(ledger: Ledger) -> None:
    found = ledger.verify()
    assert (found.size, found.findings) == (0, [])
    assert found.root == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("position", range(9))
def test_one_byte_of_one_event(told: Ledger, position: int) -> None:
    tamper(
        told,
        "UPDATE events SET body = replace(body, 'Test Steward', 'Tesu Steward') "
        f"WHERE position = {position}",
    )
    assert findings(told) == [f"position {position}: bytes-changed", "head: head-differs"]
    problem = told.verify().findings[0]
    assert "its bytes hash to" in problem.message


def test_a_byte_that_makes_it_no_event(told: Ledger) -> None:
    tamper(told, "UPDATE events SET body = substr(body, 2) WHERE position = 3")
    assert sorted(findings(told)) == [
        "head: head-differs",
        "position 3: bytes-changed",
        "position 3: bytes-not-canonical",
        "position 3: not-an-event",
        "projections: not-folded",
    ]


def test_a_byte_that_is_no_utf_8(told: Ledger) -> None:
    tamper(
        told,
        "UPDATE events SET body = CAST(replace(CAST(body AS BLOB), X'54657374', X'FF657374') "
        "AS TEXT) WHERE position = 3",
    )
    assert "position 3: bytes-changed" in findings(told)


def test_bytes_kept_as_a_blob(told: Ledger) -> None:
    tamper(told, "UPDATE events SET body = CAST(body AS BLOB) WHERE position = 3")
    assert told.verify().root == told.verify().root


def test_every_change_is_found_at_once(told: Ledger) -> None:
    tamper(
        told,
        "UPDATE events SET body = body || ' ' WHERE position IN (1, 4)",
        "UPDATE events SET batch = 'b' WHERE position = 6",
    )
    assert sorted(findings(told)) == [
        "head: head-differs",
        "position 1: bytes-changed",
        "position 1: bytes-not-canonical",
        "position 4: bytes-changed",
        "position 4: bytes-not-canonical",
        "position 6: columns-differ",
    ]


@pytest.mark.parametrize(
    "column",
    ["id = 'x'", "stream = 'incident/raid', version = 9", "version = 9", "type = 'note.added'"],
)
def test_columns_that_do_not_say_what_the_bytes_say(told: Ledger, column: str) -> None:
    tamper(told, f"UPDATE events SET {column} WHERE position = 3")
    assert "position 3: columns-differ" in findings(told)


def test_an_event_gone_from_the_tail(told: Ledger) -> None:
    tamper(told, "DELETE FROM events WHERE position = 8")
    found = findings(told)
    assert "position 8: bytes-changed" in found
    assert "head: head-differs" in found


def test_an_event_gone_from_the_tail_with_its_head(told: Ledger) -> None:
    tamper(told, "DELETE FROM events WHERE position = 8", "UPDATE head SET size = 8")
    found = findings(told)
    assert "position 8: bytes-changed" in found
    assert "head: head-differs" in found


def test_an_event_gone_from_the_middle(told: Ledger) -> None:
    tamper(told, "DELETE FROM events WHERE position = 4")
    assert "position 5: gap" in findings(told)


def test_an_event_beyond_the_head(told: Ledger) -> None:
    tamper(
        told,
        "INSERT INTO events SELECT 9, 'new', stream, 99, type, batch, body "
        "FROM events WHERE position = 8",
    )
    found = findings(told)
    assert "position 9: columns-differ" in found
    assert "head: head-differs" in found


def test_two_events_swapped(told: Ledger) -> None:
    tamper(
        told,
        "UPDATE events SET position = -1 WHERE position = 3",
        "UPDATE events SET position = 3 WHERE position = 4",
        "UPDATE events SET position = 4 WHERE position = -1",
    )
    found = findings(told)
    assert {"position 3: bytes-changed", "position 4: bytes-changed"} <= set(found)


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ("size = 7", "head: head-differs"),
        ("root = lower(hex(zeroblob(32)))", "head: head-differs"),
    ],
)
def test_an_edited_head(told: Ledger, change: str, finding: str) -> None:
    tamper(told, f"UPDATE head SET {change}")
    assert findings(told) == [finding]


def test_an_edited_time_of_the_head(told: Ledger) -> None:
    tamper(told, "UPDATE head SET recorded_at = '1999-01-01T00:00:00.000000Z'")
    assert findings(told) == ["head: head-differs"]


def test_an_edited_tile_of_events(told: Ledger) -> None:
    tamper(
        told,
        "UPDATE tiles SET hashes = "
        "CAST(substr(hashes, 1, 64) || zeroblob(32) || substr(hashes, 97) AS BLOB)",
    )
    assert findings(told) == ["position 2: bytes-changed"]


def test_a_tile_that_became_text_is_read_by_its_bytes(told: Ledger) -> None:
    tamper(told, "UPDATE tiles SET hashes = CAST(hashes AS TEXT)")
    assert findings(told) == []


def test_an_edited_tile_above(ledger: Ledger) -> None:
    ledger.append([source(), *(note(f"source/{GAZETTE}", f"{number}") for number in range(600))])
    assert findings(ledger) == []
    tamper(ledger, "UPDATE tiles SET hashes = zeroblob(length(hashes)) WHERE level = 1")
    assert findings(ledger) == ["tile 1/0: tile-differs"]


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("DELETE FROM tiles", "position 0: bytes-changed"),
        ("INSERT INTO tiles VALUES (5, 3, zeroblob(32))", "tile 5/3: tile-unknown"),
        ("INSERT INTO tiles VALUES (0, 1, zeroblob(32))", "tile 0/1: tile-unknown"),
        (
            "UPDATE tiles SET hashes = CAST(hashes || zeroblob(32) AS BLOB)",
            "position 9: bytes-changed",
        ),
    ],
)
def test_tiles_missing_or_too_many(told: Ledger, statement: str, finding: str) -> None:
    tamper(told, statement)
    assert finding in findings(told)


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE tolls SET best = 9", "tolls 1"),
        ("UPDATE tolls SET document = '[]'", "tolls 1"),
        ("DELETE FROM tolls", "tolls 1"),
        ("UPDATE incidents SET document = '{}' WHERE id = 2", "incidents 2"),
        ("UPDATE incidents SET merged_into = 'raid' WHERE id = 1", "incidents 1"),
        ("UPDATE people SET known = '2020-01-01'", "people 5"),
        ("DELETE FROM people", "people 5"),
        ("UPDATE attributions SET until = '2020-01-01'", "attributions 4"),
        ("UPDATE links SET relation = 'followed-by-nobody'", "links 7"),
        ("UPDATE sources SET grade = 'A'", "sources invented-gazette"),
        ("UPDATE tallies SET document = '{}'", "tallies invented-tally"),
        ("UPDATE totals SET known = ''", "totals 8"),
        ("INSERT INTO batches VALUES ('b', 1, '', -1, '')", "batches b"),
        ("UPDATE projections SET position = 3", "projections present"),
        (
            "UPDATE facets SET facet = '{}' WHERE id = (SELECT facet FROM incidents WHERE id = 1)",
            "incidents 1",
        ),
    ],
)
def test_an_edited_projection(told: Ledger, statement: str, finding: str) -> None:
    tamper(told, statement)
    assert f"{finding}: projection-differs" in findings(told)
    told.rebuild()
    assert findings(told) == []


def test_a_column_of_another_name(told: Ledger) -> None:
    tamper(told, "ALTER TABLE people RENAME COLUMN document TO documents")
    assert findings(told) == ["people: projection-differs"]


def test_a_schema_that_is_no_text(told: Ledger) -> None:
    path = file_of(told)
    path.write_bytes(path.read_bytes().replace(b"ON people (incident)", b"ON people (inci\xffent)"))
    with pytest.raises(NotALedgerError, match="schema is damaged"):
        told.verify()


def test_an_edited_projection_names_the_columns(told: Ledger) -> None:
    tamper(told, "UPDATE tolls SET best = 9, high = 9")
    (problem,) = told.verify().findings
    assert problem.message == "differs from what the log says in best, high"


def test_many_edited_rows_are_not_listed_for_ever(ledger: Ledger) -> None:
    ledger.append([source(), *(incident(f"i{number}") for number in range(50))])
    tamper(ledger, "UPDATE incidents SET document = '{}'")
    found = ledger.verify().findings
    assert len(found) == 21
    assert "more" in found[-1].message


def test_time_that_goes_back(told: Ledger) -> None:
    tamper(
        told,
        "UPDATE events SET body = replace(body, '2024-01-01T00:00:01', '2023-01-01T00:00:01') "
        "WHERE position = 4",
    )
    assert "position 4: time-goes-back" in findings(told)


def test_verify_changes_nothing(told: Ledger) -> None:
    before = file_of(told).read_bytes()
    told.verify()
    assert file_of(told).read_bytes() == before


def test_a_rewritten_history_has_another_root(told: Ledger, seeds: Ledger) -> None:
    forged = new_ledger(file_of(told).with_name("forged.db"))
    forged.append([source(), incident("ambush", "killed 1"), incident("raid")])
    assert findings(forged) == []
    with told.database.reading() as connection:
        from ledger.store.log import Log

        assert Log(connection, 3).root() != forged.verify().root
    assert findings(seeds) == []


def test_a_tampered_copy_is_told_by_its_root(told: Ledger) -> None:
    root = told.verify().root
    tamper(told, "UPDATE events SET body = replace(body, 'raid', 'rajd')")
    assert told.verify().root != root
    with closing(sqlite3.connect(file_of(told))) as connection:
        assert connection.execute("SELECT root FROM head").fetchone() == (root,)
    with told.database.reading() as opened:
        assert opened.execute(text("SELECT size FROM head")).scalar() == 9
