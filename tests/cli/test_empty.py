"""A ledger of which nothing is known yet."""

from __future__ import annotations

import pytest

from tests.cli.command import Command

NO_POSITION = "a ledger of no events is taken for one whose tables are behind (ledger/app.py)"


@pytest.mark.parametrize(
    ("words", "out"),
    [
        ("report totals", "measure,low,best,high,incidents,lines,at_least,unknown\n"),
        ("log", "position,recorded_at,recorded_by,type,stream,version,summary,sources\n"),
        ("check", ""),
        ("explain", ""),
    ],
)
def test_a_new_ledger_answers(empty: Command, words: str, out: str) -> None:
    assert empty.fine(*words.split()) == out


def test_a_new_ledger_is_sound(empty: Command) -> None:
    done = empty("doctor")
    assert (done.code, "rebuild" in done.err) == (0, False)


def test_init_and_verify(bare: Command) -> None:
    assert bare.fine("init") == "created ledger.db\n"
    assert bare.fine("verify").startswith("0 events, root e3b0c44298fc1c149afbf4c8996fb924")
    assert bare.fine("export") == ""
    assert "exists already" in bare.refused("init")


def test_init_says_where(bare: Command) -> None:
    assert bare.fine("--db", "another.db", "init") == "created another.db\n"
    done = bare("--db", "no/such/folder.db", "init")
    assert done.code == 2
    assert "its folder does not exist" in done.err
    assert not (bare.folder / "no").exists()


def test_upgrade_and_rebuild(ambush: Command) -> None:
    before = ambush.fine("report", "claims")
    assert ambush.fine("upgrade") == "ledger.db has the newest schema\n"
    assert ambush.fine("rebuild") == "folded 2 events\n"
    assert ambush.fine("report", "claims") == before
