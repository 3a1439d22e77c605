"""A PostgreSQL server that is killed, or does not answer: nothing is lost, and nothing twice."""

from __future__ import annotations

import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import count
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import msgspec
import pytest

from ledger import codec
from ledger.app import Ledger
from ledger.errors import OutcomeUnknownError, ServerError, UnreachableError
from ledger.intake import imports
from ledger.intake.rowfiles import Asked
from ledger.store import checkpoints
from ledger.store import postgres as database
from ledger.store.log import EventColumns, Log
from tests.audit.signing import LOG_KEY
from tests.children import SPAWN, Child, together
from tests.conftest import new_ledger
from tests.faults import clusters, stewards
from tests.faults.clusters import Cluster
from tests.faults.numbers import number, seed
from tests.faults.stewards import Imported, Told
from tests.faults.wires import WAYS, Way, Wire
from tests.intake.mutations import by_hand, written
from tests.invented import findings, source

MOST_KILLS, MOST_CUTS, MOST_MESSAGES = 100, 200, 60
KILLS = number(10, MOST_KILLS)
CUTS = number(20, MOST_CUTS)
MESSAGES = number(8, MOST_MESSAGES)
WRITERS = ("wilma", "wanda")
AT_LEAST = 5
"""Acknowledgements between two kills."""
A_WHILE = 0.2
GED = Asked("ucdp-ged")

Property = Callable[[str, object], None]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A server of these tests' own."""
    with clusters.started() as made:
        yield made


def logged(ledger: Ledger) -> list[EventColumns]:
    with ledger.database.reading() as connection:
        return list(Log(connection).rows())


def test_a_server_killed_under_load(
    cluster: Cluster, tmp_path: Path, record_property: Property
) -> None:
    where = cluster.at(cluster.database())
    ledger = Ledger(where, "Test Steward")
    ledger.create()
    done, enough, chance = SPAWN.Value("q", 0), SPAWN.Event(), random.Random(f"kill {seed()}")
    children = [
        *(Child(stewards.appending, where, name, done, enough) for name in WRITERS),
        Child(stewards.importing, where, tmp_path, done, enough),
    ]
    with together(*children):
        for _ in range(KILLS):
            wait_for(done, done.value + AT_LEAST)
            time.sleep(chance.random() * A_WHILE)
            cluster.kill()
            cluster.start()
        wait_for(done, done.value + AT_LEAST)
        enough.set()
        heard = [word for child in children for word in child.hear()]
        assert all(child.ended() for child in children)
    log = logged(ledger)
    assert [row.position for row in log] == list(range(len(log)))
    assert_once(log, [one for one in heard if isinstance(one, Told)])
    assert_imported(log, [one for one in heard if isinstance(one, Imported)], tmp_path)
    assert findings(ledger) == []
    record_property("kills of a whole PostgreSQL server", f"{KILLS} of {MOST_KILLS}")


def wait_for(done: Synchronized[int], wanted: int) -> None:
    while done.value < wanted:
        time.sleep(0.01)


def assert_once(log: Sequence[EventColumns], told: Sequence[Told]) -> None:
    """All that was acknowledged stands where it was told to be, and nothing else of the writers."""
    assert len(told) > KILLS
    for one in told:
        row = log[one.position]
        assert (row.id, row.stream) == (one.id, f"source/{one.writer}-{one.number}")
    found = Counter(row.stream for row in log if row.stream.startswith("source/w"))
    assert found == Counter(f"source/{one.writer}-{one.number}" for one in told)


def assert_imported(log: Sequence[EventColumns], told: Sequence[Imported], folder: Path) -> None:
    """What was imported is what an import says that nothing stopped."""
    calm = new_ledger(folder / "calm.db")
    for one in told:
        calm.import_rows([one.file], GED)
    expected = [said(row) for row in logged(calm) if row.batch]
    assert told
    assert Counter(said(row) for row in log if row.batch) == Counter(expected)


def said(row: EventColumns) -> bytes:
    """What an event says, wherever and whenever it stands."""
    event = codec.decode(row.body)
    changes = {"position": 0, "id": "", "recorded_at": "", "recorded_by": ""}
    return codec.canonical(msgspec.structs.replace(event, **changes))


@pytest.fixture
def wire(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """A wire to the server, to be cut."""
    made = Wire(tmp_path_factory.mktemp("wire"), cluster.folder)
    with made.listening():
        yield made


class Steward:
    """Appends through a wire in many ways, and knows how often; `direct` is the ledger past it."""

    def __init__(self, cluster: Cluster, wire: Wire, folder: Path) -> None:
        name = cluster.database()
        self.direct = Ledger(cluster.at(name), "Test Steward")
        self.direct.create()
        self.direct.append(by_hand())
        self.ledger = Ledger(cluster.at(name, wire.folder), "Test Steward")
        self.wire = wire
        self.folder = folder
        self.numbers = count()
        self.events: list[str] = []
        self.checkpoints = 0

    def append(self) -> None:
        self.events.append(f"paper-{next(self.numbers)}")
        self.ledger.append([source(self.events[-1])])

    def add(self) -> None:
        self.events.append(f"paper-{next(self.numbers)}")
        values = {"title": "An invented paper", "publisher": "Invented Press", "grade": "B"}
        self.ledger.add("source", {"key": self.events[-1], "published": "2024-01-02", **values})

    def checkpoint(self) -> None:
        self.ledger.auditor.checkpoint(LOG_KEY)
        self.checkpoints += 1

    def import_rows(self) -> None:
        file = self.folder / f"ged241-{next(self.numbers)}.csv"
        rows = stewards.rows(next(self.numbers), 3 * stewards.STEP)
        file.write_bytes(written("csv", rows))
        self.events += ["imported"] * self.ledger.import_rows([file], GED).counted.events

    def faults(self) -> Iterator[str]:
        """What is wrong with the ledger in the end."""
        log = logged(self.direct)[len(by_hand()) :]
        papers = [row.stream for row in log if row.stream.startswith("source/paper-")]
        if papers != [f"source/{one}" for one in self.events if one != "imported"]:
            yield f"papers: {papers}"
        if len(log) != len(self.events):
            yield f"{len(log)} events, not {len(self.events)}"
        with self.direct.database.reading() as connection:
            kept = len(checkpoints.kept(connection))
        if kept != self.checkpoints:
            yield f"{kept} checkpoints, not {self.checkpoints}"
        yield from map(str, findings(self.direct))


@pytest.fixture
def steward(
    cluster: Cluster, wire: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Steward:
    """Who appends through the wire."""
    monkeypatch.setattr(imports, "FEWEST", stewards.STEP)
    monkeypatch.setattr(imports, "MOST", stewards.STEP)
    return Steward(cluster, wire, tmp_path)


def test_a_connection_cut_between_commit_and_reply(
    steward: Steward, caplog: pytest.LogCaptureFixture, record_property: Property
) -> None:
    chance, wire = random.Random(f"cut {seed()}"), steward.wire
    tasks = (steward.append, steward.add, steward.checkpoint, steward.import_rows)
    turn = 0
    while wire.cuts < CUTS:
        wire.ways.extend(chance.choices(WAYS, k=chance.choice((1, 1, 2))))
        tasks[turn % len(tasks)]()
        wire.ways.clear()
        turn += 1
    assert list(steward.faults()) == []
    assert loud(caplog) == []
    record_property("connections cut between COMMIT and its reply", f"{CUTS} of {MOST_CUTS}")


def loud(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the layers below would say on stderr."""
    heard = [one for one in caplog.records if one.levelno >= logging.WARNING]
    quiet = {name for name in ("psycopg",) if logging.getLogger(name).handlers}
    return [one.getMessage() for one in heard if one.name.partition(".")[0] not in quiet]


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_cutting(steward: Steward, way: Way) -> None:
    for task in (steward.append, steward.add, steward.checkpoint, steward.import_rows):
        steward.wire.ways.append(way)
        task()
        assert not steward.wire.ways, "the wire was cut"
    assert list(steward.faults()) == []


def test_a_connection_cut_at_any_message(
    steward: Steward, caplog: pytest.LogCaptureFixture, record_property: Property
) -> None:
    """Within an append; a connection that was never made is asked for again by the steward."""
    points = list(range(MOST_MESSAGES))
    random.Random(f"message {seed()}").shuffle(points)
    for point in points[:MESSAGES]:
        steward.wire.left = point
        with suppress(UnreachableError):
            steward.append()
            continue
        steward.events.pop()
    assert list(steward.faults()) == []
    assert loud(caplog) == []
    record_property("connections cut at a message of an append", f"{MESSAGES} of {MOST_MESSAGES}")


def test_a_server_that_does_not_come_back(
    steward: Steward, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether an append stands is not said where nobody can know; it is not done twice."""
    monkeypatch.setattr(database, "_PATIENCE", 0.2)
    steward.wire.ways.append("after")
    steward.wire.closed = True
    with pytest.raises(OutcomeUnknownError, match="not known whether this was appended"):
        steward.append()
    assert list(steward.faults()) == []


def test_a_server_that_goes_away_for_good(
    steward: Steward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_PATIENCE", 0.2)
    steward.wire.left = 12
    steward.wire.closed = True
    with pytest.raises(ServerError, match=r"nothing was appended|cannot be reached"):
        steward.append()
    steward.events.pop()
    assert list(steward.faults()) == []
