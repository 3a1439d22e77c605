from __future__ import annotations

import random

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from ledger.app import Ledger
from ledger.audit.projected import COMPARED
from ledger.reports.question import Question, ask
from ledger.store import log as store
from tests.conftest import New
from tests.histories import Step, histories, play
from tests.invented import findings, tables, totals

Tables = dict[str, list[tuple[object, ...]]]

ANY = histories()


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


def folded(connection: Connection) -> Tables:
    """Every row of every projection, over a connection."""
    return {
        name: [tuple(row) for row in connection.execute(text(statement))]
        for name, statement in COMPARED.items()
    }
