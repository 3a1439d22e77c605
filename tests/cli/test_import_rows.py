"""`ledger import --mapping`: the rows of files, again and again, and what is said of them."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys

import pytest

from ledger.intake import imports
from tests.cli.command import CLEAN, Command, Done
from tests.conftest import ROOT, SHARED

DATA = ROOT / "tests" / "data"
SHELLINGS = ("import", "shellings.csv", "--mapping", "shellings.toml")
GED = SHARED / "data" / "ucdp" / "ged191-bgd-mmr.csv"
NEW_5 = "5 new, 0 changed, 0 unchanged, 0 possible duplicates, 0 rejected; 0 retracted"
SAME_5 = "0 new, 0 changed, 5 unchanged, 0 possible duplicates, 0 rejected; 0 retracted"
SUM = re.compile(
    r"(?:dry run: |stopped: )?read ([\d,]+): ([\d,]+) new, ([\d,]+) changed, ([\d,]+) unchanged, "
    r"([\d,]+) possible duplicates, ([\d,]+) rejected; ([\d,]+) retracted"
)


@pytest.fixture
def desk(empty: Command) -> Command:
    """A folder with an empty ledger, the list of invented shellings, and its mapping."""
    for name in ("shellings.csv", "shellings.toml"):
        shutil.copy(DATA / name, empty.folder)
    return empty


def last(done: Done) -> str:
    """The last line on stderr."""
    return done.err.splitlines()[-1]


def edit(desk: Command, old: str, new: str, name: str = "shellings.csv") -> None:
    path = desk.folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_first_again_and_taken_back(desk: Command) -> None:
    done = desk(*SHELLINGS)
    assert (done.code, done.out, last(done)) == (0, "", f"read 5: {NEW_5}")
    batch = re.match(r"batch (invented-shellings-v1-[0-9a-f]{16}): 7 events appended\n", done.err)
    assert batch, done.err
    assert f"7 events in all, root {desk.root()}\n" in done.err
    assert desk.rows("report", "totals", "--by", "incident")[0]["incident"] == "shelling-1"
    again = desk(*SHELLINGS)
    assert (again.code, last(again), desk.size()) == (0, f"read 5: {SAME_5}", 7)
    assert "batch" not in again.err
    desk.fine("retract", "--batch", batch[1])
    assert desk.size() == 8
    assert desk.rows("report", "totals") == []
    assert last(desk(*SHELLINGS)) == f"read 5: {NEW_5}"
    assert desk.rows("report", "totals")[0]["incidents"] == "5"
    desk.root()


def test_a_changed_cell_is_said(desk: Command) -> None:
    desk.fine(*SHELLINGS)
    edit(desk, "1,03/01/2024,Invented Town", "1,04/01/2024,Invented Town")
    done = desk(*SHELLINGS)
    assert "read 5: 0 new, 1 changed, 4 unchanged" in last(done)
    (revision,) = [row for row in desk.rows("log") if row["type"] == "incident.revised"]
    assert "date" in revision["summary"]
    assert desk.rows("report", "incidents")[0]["date"] == "2024-01-04"


def test_complete_withdraws_what_is_gone(desk: Command) -> None:
    desk.fine(*SHELLINGS)
    edit(desk, "5,09/01/2024,Invented Town,Invented District,Invented Front,0,\n", "")
    assert last(desk(*SHELLINGS)).endswith("0 retracted")
    assert last(desk(*SHELLINGS, "--complete")).endswith(
        "4 unchanged, " + "0 possible duplicates, 0 rejected; 1 retracted"
    )
    assert len(desk.rows("report", "incidents")) == 4
    assert len(desk.rows("report", "incidents", "--at", "7")) == 5


def test_a_dry_run_appends_nothing_and_counts_the_same(desk: Command) -> None:
    edit(desk, ",2,\n", ",two,\n")
    dry = desk(*SHELLINGS, "--dry-run")
    assert (dry.code, desk.size()) == (1, 0)
    assert "dry run: nothing was appended\n" in dry.err
    assert "batch" not in dry.err
    done = desk(*SHELLINGS)
    assert last(dry) == "dry run: " + last(done)
    assert "4 new" in last(done)


def test_a_dry_run_sees_what_earlier_rows_bring(
    desk: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that the first row registers, and a row of a later transaction cites."""
    monkeypatch.setattr(imports, "FEWEST", 1)
    monkeypatch.setattr(imports, "MOST", 1)
    desk.file(
        "list.csv",
        "key,kind,title,date,source,source_title,source_publisher,killed\n"
        "one,shelling,Invented,2024-01-03,paper,Invented paper,Invented Press,2\n"
        "two,shelling,Invented,2024-02-04,paper,,,x\n"
        "three,shelling,Invented,2024-03-05,paper,,,3\n",
    )
    words = ("import", "list.csv", "--mapping", "incidents")
    assert "2 new, 0 changed, 0 unchanged, 0 possible duplicates, 1 rejected" in (
        last(desk(*words, "--dry-run"))
    )
    assert desk.size() == 0
    edit(desk, ",x", ",4", "list.csv")
    assert last(desk(*words, "--strict")).startswith("read 3: 3 new")
    desk.root()


def test_strict_stops_before_anything_is_appended(desk: Command) -> None:
    edit(desk, ",2,\n", ",two,\n")
    done = desk(*SHELLINGS, "--strict")
    assert (done.code, desk.size()) == (1, 0)
    assert "--strict: a row is rejected, so nothing was appended\n" in done.err
    assert last(done).startswith("stopped: read 5: 4 new")
    edit(desk, ",two,\n", ",2,\n")
    assert last(desk(*SHELLINGS, "--strict")) == f"read 5: {NEW_5}"


def test_rejected_rows_are_corrected_and_imported(desk: Command) -> None:
    edit(desk, ",2,\n", ",two,\n")
    edit(desk, "04/01/2024", "2024-01-04")
    done = desk(*SHELLINGS)
    assert done.code == 1
    assert "shellings.csv:2:killed: bad-count 'two' is no count" in done.err
    assert "shellings.csv:3:day: bad-date '2024-01-04' is no date of the form %d/%m/%Y" in done.err
    assert "rejected rows are in shellings.csv.rejects.csv" in done.err
    assert "2 rejected" in last(done)
    edit(desk, ",two,", ",2,", "shellings.csv.rejects.csv")
    edit(desk, "2,2024-01-04", "2,04/01/2024", "shellings.csv.rejects.csv")
    again = desk("import", "shellings.csv.rejects.csv", "--mapping", "shellings.toml")
    assert (again.code, last(again)[:13]) == (0, "read 2: 2 new")
    assert desk.rows("report", "totals")[0]["incidents"] == "5"
    gone = ("import", "shellings.csv.rejects.csv", "--mapping", "shellings.toml", "--complete")
    assert "--complete is not for it" in desk.refused(*gone)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_rejects_of_any_format_come_back(desk: Command, delimiter: str) -> None:
    """Rows of a mapping with another delimiter and encoding; a spreadsheet saves with its own."""
    (desk.folder / "old.csv").write_bytes(
        "id;day;town;district;side;killed;remarks\n1;?;Málaga;;Invented Front;2;\n".encode("cp1252")
    )
    mapping = (DATA / "shellings.toml").read_text(encoding="utf-8")
    desk.file("old.toml", mapping + '\n[file]\ndelimiter = ";"\nencoding = "cp1252"\n')
    assert desk("import", "old.csv", "--mapping", "old.toml").code == 1
    path = desk.folder / "old.csv.rejects.csv"
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    rows[1][1] = "03/01/2024"
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out, delimiter=delimiter).writerows(rows)
    desk.fine("import", path.name, "--mapping", "old.toml")
    assert desk.rows("report", "incidents")[0]["title"] == "Shelling of Málaga"


def test_rejects_go_where_they_are_sent(desk: Command) -> None:
    edit(desk, ",2,\n", ",two,\n")
    done = desk(*SHELLINGS, "--rejects", "bad.csv")
    assert "rejected rows are in bad.csv" in done.err
    assert not (desk.folder / "shellings.csv.rejects.csv").exists()
    with (desk.folder / "bad.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["id"], row["killed"], row["_line"], row["_column"], row["_code"]) == (
        *("1", "two", "2", "killed", "bad-count"),
    )


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("shellings.csv", "is something else"),
        ("ledger.db", "end ledger.db in .csv"),
        ("nowhere/bad.csv", "its folder does not exist"),
        ("locked/bad.csv", "its folder is read-only"),
        ("folder.csv", "is something else"),
    ],
)
def test_rejects_that_cannot_be_written_are_refused_first(
    desk: Command, target: str, why: str
) -> None:
    (desk.folder / "locked").mkdir(mode=0o555)
    (desk.folder / "folder.csv").mkdir()
    assert why in desk.refused(*SHELLINGS, "--rejects", target)


def test_rejects_that_cannot_be_written_after_all(
    desk: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(desk, ",2,\n", ",two,\n")
    (desk.folder / ".shellings.csv.rejects.csv.partial").mkdir()
    done = desk(*SHELLINGS)
    assert done.code == 2
    assert "cannot be written (is a directory): give --rejects" in last(done)
    assert "stays: run the same import again and it continues" in done.err
    assert last(desk(*SHELLINGS, "--rejects", "bad.csv")).startswith("read 5: 4 new, 0 changed")
    assert desk.fine("check") == ""
    monkeypatch.undo()


def test_many_problems_are_told_in_part(desk: Command) -> None:
    rows = "".join(f"{n},03/01/2024,Invented Town,,,x,\n" for n in range(10, 60))
    path = desk.folder / "shellings.csv"
    path.write_text(path.read_text(encoding="utf-8") + rows, encoding="utf-8")
    done = desk(*SHELLINGS)
    assert done.err.count("bad-count") == 20
    assert "… and 30 more rows, see shellings.csv.rejects.csv\n" in done.err
    assert "50 rejected" in last(done)


def test_possible_duplicates_are_told_in_part(desk: Command) -> None:
    desk.fine("add", "source", "wire", "--title", "Invented", "--publisher", "Invented Wire")
    for number in range(7):
        day = f"2024-02-{2 * number + 1:02}"
        desk.fine(
            *("add", "incident", f"other-{number}", "--kind", "shelling", "--date", day),
            *("--title", f"Shelling of Invented Town {number}", "--country", "IQ"),
            *("--place", f"Invented Town {number}", "--party", "Invented Front"),
            *("--source", "wire", "--count", "killed", "1"),
        )
    rows = "".join(
        f"{n + 10},{2 * n + 1:02}/02/2024,Invented Town {n},,Invented Front,1,\n" for n in range(7)
    )
    header = "id,day,town,district,side,killed,remarks\n"
    desk.file("shellings.csv", header + rows)
    done = desk(*SHELLINGS)
    assert done.code == 0
    assert done.err.count("possible-duplicate may be other-") == 5
    assert "… and 2 more, see `ledger duplicates`\n" in done.err
    assert "0 new, 0 changed, 0 unchanged, 7 possible duplicates" in last(done)
    assert len(desk.rows("duplicates")) >= 7


def test_json_adds_up(desk: Command) -> None:
    edit(desk, ",2,\n", ",two,\n")
    dry = json.loads(desk(*SHELLINGS, "--dry-run", "--json").out)
    assert (dry["dry_run"], dry["events"], dry["batch"], dry["size"]) == (True, 0, "", 0)
    done = desk(*SHELLINGS, "--json")
    assert done.code == 1
    found = json.loads(done.out)
    assert len(done.out.splitlines()) == 1
    fates = ("new", "changed", "unchanged", "duplicates", "rejected")
    assert found["read"] == sum(found[name] for name in fates) == 5
    assert found["size"] == found["events"] == desk.size() == 6
    assert (found["root"], found["rejects"]) == (desk.root(), ["shellings.csv.rejects.csv"])
    (batch,) = {row["stream"] for row in desk.rows("log") if row["type"] == "batch.imported"}
    assert batch == f"batch/{found['batch']}"


def test_settings_extra_columns_and_encoding(desk: Command) -> None:
    edit(desk, "remarks\n", "notes\n")
    assert "unknown-column" in desk.refused(*SHELLINGS, code=1)
    (desk.folder / "shellings.csv").write_text(
        (desk.folder / "shellings.csv").read_text(encoding="utf-8"), encoding="utf-16"
    )
    assert "utf-16" in desk.refused(*SHELLINGS, code=1)
    given = ("--allow-extra-columns", "--encoding", "utf-16", "--set", "publisher=Invented Office")
    desk.fine(*SHELLINGS, *given)
    assert desk.rows("report", "sources")[0]["publisher"] == "Invented Office"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("shellings.csv",), 2, "name it with --mapping NAME (see `ledger mapping list`)"),
        (("shellings.csv.xz",), 2, "shellings.csv.xz holds rows"),
        (("a.toml", "--complete"), 2, "--complete is for rows"),
        (("a.toml", "--allow-extra-columns"), 2, "--allow-extra-columns is for rows"),
        (("a.toml", "--set", "x=y"), 2, "--set is for rows"),
        (("shellings.csv", "--mapping", "ucdp-gde"), 2, "did you mean ucdp-ged?"),
        (("shellings.csv", "--mapping", "nowhere.toml"), 2, "nowhere.toml: no-file"),
        (("shellings.csv", "--mapping", "ucdp-ged"), 1, "missing-column"),
        ((".", "--mapping", "shellings.toml"), 1, "cannot be read: is a directory"),
        (("nowhere.csv", "--mapping", "shellings.toml"), 1, "nowhere.csv: no-file"),
        ((*SHELLINGS[1:], "--encoding", "nonsense"), 1, "there is no encoding 'nonsense'"),
        ((*SHELLINGS[1:], "--key", "id"), 2, "has a key of its own"),
        ((*SHELLINGS[1:], "--set", "publishr=x"), 2, "did you mean publisher?"),
        ((*SHELLINGS[1:], "--set", "publisher"), 2, "is not KEY=VALUE"),
        ((*SHELLINGS[1:], "--new-value", "role=x"), 2, "--new-value is for drafts"),
        (("shellings.csv", "b.csv", *SHELLINGS[2:], "--rejects", "x.csv"), 2, "for one file"),
    ],
)
def test_what_is_refused(desk: Command, words: tuple[str, ...], code: int, said: str) -> None:
    assert said in desk.refused("import", *words, code=code)


def test_standard_input(desk: Command) -> None:
    text = (desk.folder / "shellings.csv").read_text(encoding="utf-8").replace(",2,", ",two,")
    done = subprocess.run(
        [sys.executable, "-m", "ledger", "import", "-", "--mapping", "shellings.toml"],
        cwd=desk.folder,
        env={**CLEAN, "CASUALTY_LEDGER_STEWARD": "Test Steward"},
        input=text,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "stdin:2:killed: bad-count" in done.stderr
    assert (desk.folder / "stdin.rejects.csv").exists()
    assert "\x1b" not in done.stderr


@pytest.mark.skipif(not GED.exists(), reason=f"no shared data at {GED}")
def test_a_published_dataset(empty: Command) -> None:
    path = empty.folder / GED.name
    shutil.copy(GED, path)
    words = ("import", path.name, "--mapping", "ucdp-ged")
    dry, first = empty(*words, "--dry-run"), empty(*words)
    assert last(first) == (
        "read 3,194: 3,194 new, 0 changed, 0 unchanged, 0 possible duplicates, 0 rejected; "
        "0 retracted"
    )
    assert last(dry) == "dry run: " + last(first)
    size = empty.size()
    again = json.loads(empty.fine(*words, "--json"))
    assert (again["unchanged"], again["events"], again["size"]) == (3_194, 0, size)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows[:-10])
    gone = empty(*words, "--complete", "--strict")
    numbers = [int(one.replace(",", "")) for one in SUM.findall(last(gone))[0]]
    assert (numbers[0], sum(numbers[1:6]), numbers[6]) == (3_184, 3_184, 10)
