"""`ledger duplicates`: what may be one is listed, for the steward to merge or to link."""

from __future__ import annotations

from tests.cli.command import Command
from tests.cli.conftest import AMBUSH

AGAIN = (*AMBUSH[:2], "again", *AMBUSH[3:])
HEADER = "incident,other,likeness,days_apart,km,why\n"


def test_none(ambush: Command) -> None:
    done = ambush("duplicates")
    assert (done.code, done.out, done.err) == (0, HEADER, "")


def test_a_pair_until_it_is_merged(ambush: Command) -> None:
    ambush.fine(*AGAIN)
    done = ambush("duplicates")
    assert done.code == 0
    assert done.out == HEADER + "again,ambush,100,0,,title; parties; place\n"
    assert "ledger merge INCIDENT OTHER --reason WHY" in done.err
    ambush.fine("merge", "again", "ambush", "--reason", "the same attack")
    assert ambush.fine("duplicates") == HEADER
    assert "again,ambush" in ambush.fine("duplicates", "--at", "3")


def test_a_pair_until_it_is_linked(ambush: Command) -> None:
    ambush.fine(*AGAIN)
    ambush.fine("add", "link", "again", "duplicate-of", "ambush")
    (row,) = ambush.rows("duplicates")
    assert row["why"] == "title; parties; place; duplicate-of"
    said = ("add", "link", "again", "same-wave", "ambush", "--source", "invented-gazette")
    ambush.fine(*said)
    assert ambush.rows("duplicates") == []


def test_into_a_file(ambush: Command) -> None:
    ambush.fine(*AGAIN)
    assert ambush.fine("duplicates", "-o", "pairs.jsonl") == ""
    written = (ambush.folder / "pairs.jsonl").read_text(encoding="utf-8")
    assert '"likeness": 100' in written
    assert '"km": null' in written


def test_the_seeds_hold_none(seeded: Command) -> None:
    assert seeded.rows("duplicates") == []
