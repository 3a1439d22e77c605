"""`ledger backup`, `copy` and `export`: whole ledgers, elsewhere."""

from __future__ import annotations

from tests.cli.command import SEEDED, Command


def test_a_backup_is_the_ledger(seeded: Command) -> None:
    assert seeded.fine("backup", "backup.db") == "wrote backup.db\n"
    assert seeded.fine("--db", "backup.db", "verify") == seeded.fine("verify")
    assert seeded.fine("--db", "backup.db", "report", "totals") == seeded.fine("report", "totals")


ADD_SOURCE = ("add", "source", "invented-paper", "--title", "An invented report")


def test_a_backup_replaces_nothing(seeded: Command) -> None:
    seeded.file("precious.db", "precious")
    assert "exists already" in seeded.refused("backup", "precious.db")
    assert (seeded.folder / "precious.db").read_text(encoding="utf-8") == "precious"
    assert "exists already" in seeded.refused("backup", "ledger.db")
    assert "make the folder first" in seeded.refused("backup", "nowhere/backup.db")


def test_a_copy_replaces_nothing(seeded: Command) -> None:
    seeded.fine("--db", "other.db", "init")
    seeded.fine("--db", "other.db", *ADD_SOURCE)
    assert "other.db exists already" in seeded.refused("copy", "ledger.db", "other.db")


def test_a_copy_goes_on_where_it_was(seeded: Command) -> None:
    made = seeded.fine("copy", "ledger.db", "copy.db")
    seeded.fine(*ADD_SOURCE)
    more = seeded.fine("copy", "ledger.db", "copy.db")
    assert more != made
    assert seeded.fine("copy", "ledger.db", "copy.db") == more
    assert seeded.fine("--db", "copy.db", "verify") == seeded.fine("verify")


def test_a_copy_of_nothing_leaves_nothing(seeded: Command) -> None:
    seeded.file("letter.jsonl", "An invented letter.\n")
    seeded.file("letter.db", "An invented letter.")
    before = sorted(path.name for path in seeded.folder.iterdir())
    assert "no ledger at nowhere.db" in seeded.refused("copy", "nowhere.db", "copy.db")
    assert "nowhere.jsonl" in seeded.refused("copy", "nowhere.jsonl", "copy.db")
    assert "letter.db is not a ledger" in seeded.refused("copy", "letter.db", "copy.db")
    assert "letter.jsonl:1" in seeded.refused("copy", "letter.jsonl", "copy.db", code=3)
    after = sorted(path.name for path in seeded.folder.iterdir())
    assert [name for name in after if "lock" not in name and "-" not in name] == before


def test_a_changed_export_is_not_copied(seeded: Command) -> None:
    events = seeded.fine("export").splitlines()
    for changed in (
        [*events[:7], events[7].replace('"schema":1', '"schema": 1'), *events[8:]],
        [*events[:7], *events[8:]],
        [*events[:7], events[8], events[7], *events[9:]],
    ):
        seeded.file("changed.jsonl", "\n".join(changed) + "\n")
        done = seeded("copy", "changed.jsonl", "copy.db")
        assert done.code == 3
        assert "Traceback" not in done.err
        assert not (seeded.folder / "copy.db").exists()


def test_an_export_says_what_it_holds(seeded: Command) -> None:
    done = seeded("export")
    assert done.err == ""
    assert len(done.out.splitlines()) == SEEDED
    assert seeded.fine("export", "-o", "-") == done.out
    assert seeded.fine("export", "-f", "jsonl") == done.out
