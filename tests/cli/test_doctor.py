"""`ledger doctor` and `vocabulary`."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.cli.command import SEEDED, Command


def test_what_is_in_force(seeded: Command) -> None:
    done = seeded("doctor")
    assert done.code == 0
    facts = dict(line.split(": ", 1) for line in done.out.splitlines())
    assert facts["database"] == "ledger.db"
    assert facts["events"] == str(SEEDED)
    assert facts["journal_mode"] == "wal"
    assert facts["synchronous"].startswith("2")
    assert facts["foreign_keys"] == "1"
    assert facts["SQLite"] == sqlite3.sqlite_version


def test_a_missing_trigger_is_refused(seeded: Command) -> None:
    with closing(sqlite3.connect(seeded.folder / "ledger.db")) as database:
        database.execute("DROP TRIGGER events_no_update")
    done = seeded("doctor")
    assert done.code == 3
    assert "trigger events_no_update is missing or changed" in done.err


def test_tables_that_are_behind(seeded: Command) -> None:
    with closing(sqlite3.connect(seeded.folder / "ledger.db")) as database:
        database.execute("UPDATE projections SET position = position - 1")
        database.commit()
    assert "ledger rebuild" in seeded("doctor").err
    assert "ledger rebuild" in seeded.refused("report", "totals")
    seeded.fine("rebuild")
    assert seeded("doctor").code == 0


def test_the_words_of_the_ledger(bare: Command) -> None:
    out = bare.fine("vocabulary")
    for word in ("killed", "munitions-intercepted", "age-group", "friendly-fire", "13+", "3+"):
        assert word in out
    for word in (
        "more than a dozen",
        "dozens",
        "several",
        "a number of",
        "quarter",
        "duplicate-of",
    ):
        assert word in out
