from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from ledger import codec, tree
from ledger.app import Ledger
from ledger.errors import (
    IdTakenError,
    LedgerError,
    NotFoundError,
    QuestionError,
    VersionConflictError,
)
from ledger.events import Draft
from ledger.store import log as store
from ledger.store.log import Log, is_position, timestamp
from tests.conftest import Ids, new_ledger
from tests.invented import GAZETTE, HERALD, counts, findings, incident, note, source

ID = "00000000-0000-7000-8000-aaaaaaaaaaaa"


def with_id(draft: Draft, event_id: str = ID, expect: int | None = None) -> Draft:
    return msgspec.structs.replace(draft, id=event_id, expect=expect)


def rfc6962(leaves: Sequence[bytes]) -> bytes:
    """The definition of RFC 6962, 2.1, word for word, by recursion."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + rfc6962(leaves[:half]) + rfc6962(leaves[half:])).digest()


def test_an_append_gives_events_with_positions_versions_and_times(ledger: Ledger) -> None:
    first, second = ledger.append([source(), incident("ambush", "killed 2")])
    third, fourth = ledger.append([counts("ambush", "killed 3"), note(f"source/{GAZETTE}")])
    events = [first, second, third, fourth]
    assert [event.position for event in events] == [0, 1, 2, 3]
    assert [event.stream for event in events] == [
        f"source/{GAZETTE}",
        "incident/ambush",
        "incident/ambush",
        f"source/{GAZETTE}",
    ]
    assert [event.version for event in events] == [1, 1, 2, 2]
    assert {event.recorded_by for event in events} == {"Test Steward"}
    assert {event.schema for event in events} == {1}
    assert len({event.id for event in events}) == 4
    assert third.type == "counts.reported"
    assert third.citations == counts("ambush", "killed 3").citations


def test_what_is_read_is_what_was_appended(ledger: Ledger) -> None:
    appended = ledger.append([source(), incident("ambush", "killed 2"), note("incident/ambush")])
    with ledger.database.reading() as connection:
        log = Log(connection)
        assert list(log.read()) == appended
        assert list(log.read(1)) == appended[1:]
        assert list(log.read(1, 2)) == appended[1:2]
        assert list(log.read(0, 99)) == appended
        assert list(log.read(99)) == []
        assert [row.body for row in log.rows()] == list(ledger.export())
        assert log.at(2) == appended[2]
        assert log.stream("incident/ambush") == appended[1:]
        assert log.stream("incident/none") == []
        assert log.streams([f"source/{GAZETTE}", "incident/none"]) == {
            f"source/{GAZETTE}": appended[:1]
        }
        assert [codec.decode(one) for (one,) in log.bodies("incident.recorded")] == appended[1:2]
        assert list(log.chunks()) == [appended]
        with pytest.raises(NotFoundError, match="the log has 3 events"):
            log.at(3)


def test_a_shorter_log_ends_where_it_is_told_to(ledger: Ledger) -> None:
    appended = ledger.append([source(), incident("ambush", "killed 2"), note("incident/ambush")])
    with ledger.database.reading() as connection:
        log = Log(connection, 2)
        assert list(log.read()) == appended[:2]
        assert log.stream("incident/ambush") == appended[1:2]
        assert list(log.bodies("note.added")) == []
        with pytest.raises(NotFoundError):
            log.at(2)


def test_chunks_hold_every_event_once(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    appended = ledger.append([source(), *(note(f"source/{GAZETTE}", f"{n}") for n in range(10))])
    monkeypatch.setattr(store, "CHUNK", 4)
    with ledger.database.reading() as connection:
        chunks = list(Log(connection).chunks())
        assert [len(chunk) for chunk in chunks] == [4, 4, 3]
        assert [event for chunk in chunks for event in chunk] == appended
        assert list(Log(connection).chunks(9)) == [appended[9:]]


def test_a_conflict_names_stream_expected_and_actual_version(ledger: Ledger) -> None:
    ledger.append([source(), incident("ambush", "killed 2")])
    for expected in (0, 2, 7):
        with pytest.raises(VersionConflictError) as conflict:
            ledger.append([with_id(counts("ambush", "killed 3"), "", expected)])
        assert f"incident/ambush: expected version {expected}, actual version 1" in str(
            conflict.value
        )
        assert (conflict.value.stream, conflict.value.expected, conflict.value.actual) == (
            "incident/ambush",
            expected,
            1,
        )
        assert conflict.value.exit_code == 4
    assert len(list(ledger.export())) == 2
    ledger.append([with_id(counts("ambush", "killed 3"), "", 1)])
    assert len(list(ledger.export())) == 3


def test_a_conflict_on_a_stream_that_is_not_there(ledger: Ledger) -> None:
    with pytest.raises(VersionConflictError, match="expected version 1, actual version 0"):
        ledger.append([with_id(source(), "", 1)])
    ledger.append([with_id(source(), "", 0)])


def test_a_conflict_undoes_the_whole_set(ledger: Ledger) -> None:
    with pytest.raises(VersionConflictError):
        ledger.append([source(), with_id(incident("ambush"), "", 3)])
    assert list(ledger.export()) == []
    assert findings(ledger) == []


def test_versions_count_up_within_one_append(ledger: Ledger) -> None:
    notes = [note(f"source/{GAZETTE}", f"{number}") for number in range(3)]
    expecting = [with_id(one, "", number) for number, one in enumerate(notes, 1)]
    events = ledger.append([source(), *expecting])
    assert [event.version for event in events] == [1, 2, 3, 4]


def test_the_same_id_with_the_same_content_is_appended_once(ledger: Ledger) -> None:
    ledger.append([source()])
    (first,) = ledger.append([with_id(incident("ambush", "killed 2"))])
    head = ledger.verify()
    again = ledger.append([with_id(incident("ambush", "killed 2"))])
    assert again == [first]
    assert ledger.verify() == head


def test_a_repeat_needs_no_expected_version(ledger: Ledger) -> None:
    ledger.append([source()])
    (first,) = ledger.append([with_id(incident("ambush", "killed 2"), expect=0)])
    ledger.append([counts("ambush", "killed 3")])
    assert ledger.append([with_id(incident("ambush", "killed 2"), expect=0)]) == [first]


def test_a_repeat_beside_new_events(ledger: Ledger) -> None:
    ledger.append([source()])
    (first,) = ledger.append([with_id(note(f"source/{GAZETTE}"))])
    events = ledger.append([with_id(note(f"source/{GAZETTE}")), incident("ambush")])
    assert [event.position for event in events] == [first.position, 2]


def test_events_come_back_in_the_order_of_the_drafts(ledger: Ledger) -> None:
    ledger.append([source()])
    ledger.append([with_id(note(f"source/{GAZETTE}"))])
    events = ledger.append([incident("ambush"), with_id(note(f"source/{GAZETTE}"))])
    assert [event.type for event in events] == ["incident.recorded", "note.added"]


@pytest.mark.parametrize(
    "other",
    [
        note(f"source/{GAZETTE}", "An invented note with other words."),
        note("incident/ambush"),
        incident("other"),
        counts("ambush", "killed 2"),
    ],
    ids=["data", "stream", "type", "citations"],
)
def test_an_id_that_stands_with_other_content_is_refused(ledger: Ledger, other: Draft) -> None:
    ledger.append([source(), incident("ambush"), with_id(note(f"source/{GAZETTE}"))])
    with pytest.raises(IdTakenError, match=f"{ID} stands at position 2") as taken:
        ledger.append([with_id(other)])
    assert taken.value.exit_code == 4
    assert len(list(ledger.export())) == 3


def test_the_same_id_twice_in_one_set(ledger: Ledger) -> None:
    draft = with_id(source())
    first, second = ledger.append([draft, draft])
    assert first == second
    assert len(list(ledger.export())) == 1


def test_nobody_appends_without_a_name(tmp_path: Path) -> None:
    nameless = Ledger(tmp_path / "ledger.db")
    nameless.create()
    with pytest.raises(LedgerError, match="--as"):
        nameless.append([source()])


def test_recorded_times_never_decrease(tmp_path: Path) -> None:
    start = datetime(2024, 5, 5, 12, tzinfo=UTC)
    moments = [start, start - timedelta(hours=5), start + timedelta(microseconds=1)]
    times = iter(moments)
    made = Ledger(tmp_path / "ledger.db", "Test Steward", now=lambda: next(times), new_ids=Ids())
    made.create()
    stamps = [made.append([source(f"s{number}")])[0].recorded_at for number in range(3)]
    assert stamps == [
        "2024-05-05T12:00:00.000000Z",
        "2024-05-05T12:00:00.000000Z",
        "2024-05-05T12:00:00.000001Z",
    ]
    assert findings(made) == []


def test_a_time_with_a_zone_is_written_in_utc() -> None:
    assert timestamp(datetime.fromisoformat("2024-05-05T01:30:00+02:00")) == (
        "2024-05-04T23:30:00.000000Z"
    )


def test_until_gives_the_events_recorded_up_to_a_moment(ledger: Ledger) -> None:
    for number in range(6):
        ledger.append([source(f"s{number}")])
    with ledger.database.reading() as connection:
        log = Log(connection)
        times = [event.recorded_at for event in log.read()]
        assert times == sorted(set(times))
        assert [log.until(moment) for moment in times] == [1, 2, 3, 4, 5, 6]
        assert log.until("2000-01-01T00:00:00.000000Z") == 0
        assert log.until("2100-01-01T00:00:00.000000Z") == 6
        assert log.until(times[2][:-1] + "0Z") == 2


def test_at_takes_a_number_or_a_time(ledger: Ledger) -> None:
    for number in range(3):
        ledger.append([source(f"s{number}")])
    sizes = {
        "0": 0,
        "2": 2,
        "3": 3,
        "2024-01-01T00:00:01Z": 2,
        "2024-01-01T01:00:01+01:00": 2,
        "2024-01-01T00:00:01": 2,
        "2023-12-31": 0,
        "2024-01-01": 3,
    }
    for at, size in sizes.items():
        with ledger.asking(at) as present:
            assert present.log.stop == size, at
    for wrong in ("4", "-1", "yesterday", "2024-13-01"):
        with pytest.raises(QuestionError), ledger.asking(wrong):
            pass


def test_positions_and_names() -> None:
    assert is_position("0")
    assert is_position("123")
    assert not any(map(is_position, ("", "-1", "1.0", "taji", "٣", "1" * 19)))


@settings(max_examples=20)
@given(st.lists(st.integers(1, 9), max_size=12), st.integers(0, 300))
def test_the_root_is_that_of_the_exported_lines(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], more: int
) -> None:
    made = new_ledger(tmp_path_factory.mktemp("root") / "ledger.db")
    made.append([source()])
    for number, size in enumerate([*sizes, *([more] if more else [])]):
        made.append([note(f"source/{GAZETTE}", f"{number}.{step}") for step in range(size)])
    leaves = [line.encode() for line in made.export()]
    with made.database.reading() as connection:
        head = store.head(connection)
        stored = {
            (row.level, row.number): bytes(row.hashes)
            for row in connection.execute(text("SELECT * FROM tiles"))
        }
        half = len(leaves) // 2
        assert Log(connection, half).root() == rfc6962(leaves[:half]).hex()
    assert (head.size, head.root) == (len(leaves), rfc6962(leaves).hex())
    hashes = [tree.leaf_hash(leaf) for leaf in leaves]
    for start in range(0, len(hashes), 256):
        assert stored[0, start // 256] == b"".join(hashes[start : start + 256])


def test_two_ledgers_of_the_same_events_have_the_same_bytes(tmp_path: Path) -> None:
    roots = set()
    for name in ("one", "two"):
        made = new_ledger(tmp_path / f"{name}.db")
        made.append([source(), source(HERALD), incident("ambush", "killed 2")])
        roots.add(made.verify().root)
    assert len(roots) == 1


def test_an_append_of_nothing_changes_nothing(ledger: Ledger) -> None:
    assert ledger.append([]) == []
    assert ledger.verify().findings == []
