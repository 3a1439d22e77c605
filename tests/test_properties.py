from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from itertools import count

import msgspec
import pytest
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from ledger.app import Ledger
from ledger.audit.projected import COMPARED
from ledger.errors import RefusedError
from ledger.events import Draft
from ledger.events import payloads as said
from ledger.reports.question import Question, ask
from ledger.store import log as store
from ledger.store.log import AnyEvent
from tests.conftest import Clock, Ids, file_of, new_ledger
from tests.histories import DAYS, SOURCES, Step, append, histories, play
from tests.invented import findings, tables, totals

Tables = dict[str, list[tuple[object, ...]]]
New = Callable[[], Ledger]

ANY = histories()


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Iterator[New]:
    """Makes empty ledgers quickly: copies of one that the migrations made."""
    folder = tmp_path_factory.mktemp("ledgers")
    model = file_of(new_ledger(folder / "model.db"))
    numbers = count()

    def make() -> Ledger:
        path = folder / f"{next(numbers)}.db"
        shutil.copy(model, path)
        return Ledger(path, "Test Steward", now=Clock(), new_ids=Ids())

    yield make
    shutil.rmtree(folder)


@settings(max_examples=20)
@given(steps=ANY)
def test_live_projections_are_a_fold_from_the_start(new: New, steps: list[Step]) -> None:
    made = new()
    note(f"{play(made, steps)} of {len(steps)} steps accepted")
    assert findings(made) == []
    before = tables(made)
    made.rebuild()
    assert tables(made) == before


@settings(max_examples=14)
@given(steps=ANY, size=st.integers(1, 9))
def test_chunks_of_any_size_fold_alike(new: New, steps: list[Step], size: int) -> None:
    made = new()
    play(made, steps)
    before = tables(made)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(store, "CHUNK", size)
        made.rebuild()
    assert tables(made) == before


@settings(max_examples=14)
@given(steps=ANY, seed=st.integers(0, 99))
def test_at_is_the_ledger_that_stopped_there(new: New, steps: list[Step], seed: int) -> None:
    made, then = new(), dict[int, Tables]()

    def remember(connection: Connection) -> None:
        found = folded(connection)
        then[int(str(found["projections"][0][2]))] = found

    play(made, steps, remember)
    for size in random.Random(seed).sample(sorted(then), min(3, len(then))):
        with made.asking(str(size)) as present:
            assert folded(present.connection) == then[size]


@settings(max_examples=14)
@given(steps=ANY)
def test_replay_is_the_report_totals(new: New, steps: list[Step]) -> None:
    made = new()
    play(made, steps)
    (replayed,) = made.replay()
    found = {measure: total.cells() for measure, total in replayed.totals.items()}
    assert found == {str(row[0]): tuple(row[1:]) for row in totals(made)}


@settings(max_examples=20)
@given(steps=ANY)
def test_a_copy_of_the_export_keeps_root_and_tables(
    new: New, tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    made = new()
    play(made, steps)
    folder = tmp_path_factory.mktemp("copy")
    export = folder / "events.jsonl"
    export.write_text("".join(f"{line}\n" for line in made.export()), encoding="utf-8")
    copy = Ledger(folder / "copy.db")
    copy.copy_from(export)
    assert copy.verify() == made.verify()
    assert tables(copy) == tables(made)


@settings(max_examples=14)
@given(
    steps=ANY,
    known_by=st.sampled_from(("", "2024-01-02", "2024-01-06", "2024-01-31")),
    as_of=st.sampled_from(("", "2024-01-01", "2024-01-03")),
    policy=st.sampled_from(("latest", "graded", "envelope")),
)
def test_every_breakdown_adds_up_to_the_same(
    new: New, steps: list[Step], known_by: str, as_of: str, policy: str
) -> None:
    made = new()
    play(made, steps)

    def by(keys: str) -> dict[str, list[int]]:
        question = ask(known_by=known_by, as_of=as_of, policy=policy, by=keys)  # type: ignore[arg-type]
        found: dict[str, list[int]] = {}
        for row in totals(made, "", question):
            measure, low, best = row[len(question.by) : len(question.by) + 3]
            sums = found.setdefault(str(measure), [0, 0])
            sums[0] += low if isinstance(low, int) else 0
            sums[1] += best if isinstance(best, int) else 0
        return found

    whole = by("")
    for keys in ("incident", "nationality", "cause,nationality", "role", "month", "status,actor"):
        assert by(keys) == whole, keys


@settings(max_examples=20)
@given(
    steps=histories("counts", "merge", "retract", "retract line", "revise", "attribution"),
    known_by=st.sampled_from(("2024-01-02", "2024-01-05", "2024-01-31")),
    policy=st.sampled_from(("latest", "graded", "envelope")),
)
def test_known_by_is_a_ledger_without_the_claims_of_later_days(
    new: New, steps: list[Step], known_by: str, policy: str
) -> None:
    made, less = new(), new()
    play(made, steps)
    assume(told_only_what_qualifies(made, less, known_by))
    question = ask(policy=policy, by="incident")  # type: ignore[arg-type]
    then = ask(policy=policy, by="incident", known_by=known_by)  # type: ignore[arg-type]
    assert totals(made, "", then) == totals(less, "", question)
    for name in ("nationality", "actor"):
        question = ask(policy=policy, by=name)  # type: ignore[arg-type]
        then = ask(policy=policy, by=name, known_by=known_by)  # type: ignore[arg-type]
        assert totals(made, "", then) == totals(less, "", question), name


@settings(max_examples=14)
@given(steps=ANY, as_of=st.sampled_from(("2023-12-31", "2024-01-01", "2024-01-02")))
def test_as_of_leaves_out_incidents_of_later_days(new: New, steps: list[Step], as_of: str) -> None:
    made = new()
    play(made, steps)
    with made.asking() as present:
        rows = present.report("incidents", Question()).rows
        first = {str(row[0]): str(row[3]).partition("/")[0] for row in rows}
    early = [key for key, day in first.items() if (day + "-01")[:10] <= as_of]
    asked = ask(as_of=as_of, by="incident")
    chosen = ask(where=[f"incident={key}" for key in early], by="incident")
    assert totals(made, "", asked) == (totals(made, "", chosen) if early else [])


def told_only_what_qualifies(made: Ledger, less: Ledger, known_by: str) -> bool:
    """Fill a ledger with what another knew by a day; False where that is no valid ledger.

    Lines that a merge brought and that have no place there are no valid ledger either: a whole
    that is not known yet still holds them apart.
    """
    with made.database.reading() as connection:
        events = list(store.Log(connection).read())
    taken = taken_back(events)
    with less.database.writing() as connection:
        for event in events:
            if (draft := qualified(event, taken, known_by)) is None:
                continue
            try:
                append(less, connection, [draft])
            except RefusedError:
                return False
    with less.asking() as present:
        return "unplaced" not in [problem.code for problem in present.check()]


def taken_back(events: Sequence[AnyEvent]) -> dict[tuple[int, str], tuple[str, str]]:
    """By position and line: how it was taken back, and the day from which that is known."""
    effective: list[AnyEvent] = []
    for event in reversed(events):
        undone = any(
            isinstance(one.data, said.EventRetracted) and one.data.position == event.position
            for one in effective
        )
        if isinstance(event.data, said.EventRetracted) and not undone:
            effective.append(event)
    return {
        (one.data.position, one.data.line): (one.data.kind, day_of(one))
        for one in effective
        if isinstance(one.data, said.EventRetracted) and one.data.position is not None
    }


def qualified(
    event: AnyEvent, taken: dict[tuple[int, str], tuple[str, str]], known_by: str
) -> Draft | None:
    """What an event says of what was known by a day; None where it says nothing."""

    def gone(line: str) -> bool:
        kind, day = taken.get((event.position, line), ("", ""))
        return kind == "error" or (kind == "withdrawn" and day <= known_by)

    data = event.data
    assert isinstance(data, said.Payload)
    unknown = day_of(event) > known_by or gone("")
    match data:
        case said.EventRetracted():
            return None
        case said.IncidentRevised() | said.IncidentMerged():
            if (event.position, "") in taken:
                return None
        case said.IncidentRecorded():
            if taken.get((event.position, ""), ("", ""))[0] == "error":
                return None
            counts = () if unknown else tuple(one for one in data.counts if not gone(one.line))
            data = msgspec.structs.replace(
                data, counts=counts, attributions=() if unknown else data.attributions
            )
        case said.CountsReported():
            claims = () if unknown else tuple(one for one in data.claims if not gone(one.line))
            if not claims:
                return None
            data = said.CountsReported(claims=claims)
        case said.ResponsibilityAttributed() if unknown:
            return None
    return Draft(stream=event.stream, data=data, citations=event.citations)


def day_of(event: AnyEvent) -> str:
    """The day from which an event is known: that of its source, or when it was recorded."""
    days = dict(zip(SOURCES, DAYS, strict=True))
    return min((days[one.source] for one in event.citations), default="") or "2024-01-01"


def folded(connection: Connection) -> Tables:
    """Every row of every projection, over a connection."""
    return {
        name: [tuple(row) for row in connection.execute(text(statement))]
        for name, statement in COMPARED.items()
    }
