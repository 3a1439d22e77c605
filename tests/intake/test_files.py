from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.errors import RefusedError
from ledger.intake import files
from ledger.problems import Problem
from ledger.reports.question import Question
from tests.conftest import REPORT, SEEDS
from tests.invented import findings, retract, revise_source, source, tables, totals

GOOD = """# An invented report.
[[source]]
key = "invented-gazette"
title = "Invented paper"
publisher = "Invented Press"
published = 2024-01-02
grade = "B"

[[incident]]
key = "ambush"
kind = "siege"
title = "Invented ambush"
date = 2024-01-01
place = { name = "Nowhere", latitude = 33.10, longitude = 44.0 }
source = "invented-gazette"
counts = [{ line = "killed", count = 2 }]
"""


def read(folder: Path, content: str | bytes, name: str = "invented.toml") -> files.Contents:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return files.read(path)


def places(found: files.Contents) -> list[str]:
    return [table.where.rpartition("/")[2] for table in found.tables]


def wrong(found: files.Contents) -> list[tuple[str, str]]:
    assert found.tables == []
    return [(one.where.rpartition("/")[2], one.code) for one in found.problems]


def test_tables_with_the_lines_of_their_headers(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    assert [(table.noun, table.values["key"]) for table in found.tables] == [
        ("source", "invented-gazette"),
        ("incident", "ambush"),
    ]
    assert places(found) == ["invented.toml:2", "invented.toml:9"]
    assert found.problems == []
    place = found.tables[1].values["place"]
    assert place == {"name": "Nowhere", "latitude": "33.10", "longitude": "44.0"}


@pytest.mark.parametrize("change", ["\r\n", "\ufeff"])
def test_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path, change: str) -> None:
    plain = read(tmp_path, GOOD)
    text = GOOD.replace("\n", change) if change == "\r\n" else change + GOOD
    assert read(tmp_path, text).tables == plain.tables


def test_headers_inside_long_texts_are_no_headers(tmp_path: Path) -> None:
    text = '[[note]]\ntext = """\n[[note]]\nkey = "x"\n"""\n\n'
    text += "[[note]]\ntext = '''\n[[note]]'''\n"
    assert places(read(tmp_path, text + "[[note]]\n")) == [
        "invented.toml:1",
        "invented.toml:7",
        "invented.toml:10",
    ]


@pytest.mark.parametrize("mark", ["\u2028", "\u0085"])
def test_only_line_feeds_end_lines(tmp_path: Path, mark: str) -> None:
    text = f'[[note]]\ntext = "one{mark}two"\n[[note]]\n'
    assert places(read(tmp_path, text)) == ["invented.toml:1", "invented.toml:3"]


def test_lines_of_jsonl(tmp_path: Path) -> None:
    text = '{"draft":"note","of":"a","n":1.50}\n\n{"draft":"note","of":"b"}'
    found = read(tmp_path, text, "invented.jsonl")
    assert places(found) == ["invented.jsonl:1", "invented.jsonl:3"]
    assert [table.values for table in found.tables] == [{"of": "a", "n": "1.50"}, {"of": "b"}]


@pytest.mark.parametrize(
    ("content", "name", "problem"),
    [
        ("[[note]]\ntext = \n", "x.toml", ("x.toml:2:8", "bad-toml")),
        ('[[note]]\ntext = "open', "x.toml", ("x.toml:2", "bad-toml")),
        ("[[note]]\na = 1\na = 2\n", "x.toml", ("x.toml:3:6", "bad-toml")),
        ('# x\n[note]\ntext = "a"\n', "x.toml", ("x.toml:2", "not-a-draft")),
        ('# x\ntext = "a"\n', "x.toml", ("x.toml:2", "not-a-draft")),
        (b'[[note]]\ntext = "\xff"\n', "x.toml", ("x.toml:2", "not-utf-8")),
        ("{", "x.jsonl", ("x.jsonl:1:2", "bad-json")),
        ('\n{"draft":"note"} x', "x.jsonl", ("x.jsonl:2:18", "bad-json")),
        ("[1]", "x.jsonl", ("x.jsonl:1", "not-a-draft")),
        ('{"of":"a"}', "x.jsonl", ("x.jsonl:1", "not-a-draft")),
        ('{"draft":1}', "x.jsonl", ("x.jsonl:1", "not-a-draft")),
        ('{"draft":"note","a":1,"a":2}', "x.jsonl", ("x.jsonl:1", "key-twice")),
        ("[" * 100_000, "x.jsonl", ("x.jsonl:1", "bad-json")),
        ("key,title\n", "x.csv", ("x.csv", "unknown-format")),
        ("", "x", ("x", "unknown-format")),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_place(
    tmp_path: Path, content: str | bytes, name: str, problem: tuple[str, str]
) -> None:
    assert wrong(read(tmp_path, content, name)) == [problem]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('{"draft":"note","of":' + "1" * 5000 + "}", "x.jsonl"),
        ("[[note]]\nof = " + "1" * 5000, "x.toml"),
        ("[[note]]\nof = " + "[" * 5000 + "]" * 5000, "x.toml"),
    ],
    ids=["jsonl", "toml", "deep"],
)
def test_what_python_will_not_read_is_a_problem_too(
    tmp_path: Path, content: str, name: str
) -> None:
    assert read(tmp_path, content, name).problems != []


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert wrong(files.read(tmp_path / "none.toml")) == [("none.toml", "no-file")]
    assert wrong(files.read(tmp_path)) == [(tmp_path.name, "no-file")]


def test_problems_of_all_files_at_once_and_nothing_appended(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD.replace("count = 2", 'count = "lots"'))
    (tmp_path / "b.jsonl").write_text(
        '{"draft":"note","of":"incident/ambush"}\n{"draft":"nte"}\n{\n'
    )
    paths = [tmp_path / "a.toml", tmp_path / "b.jsonl", tmp_path / "none.toml"]
    with pytest.raises(RefusedError) as error:
        ledger.import_drafts(paths)
    assert error.value.exit_code == 1
    found = [one for one in error.value.problems if isinstance(one, Problem)]
    assert {(one.where.rpartition("/")[2], one.code) for one in found} == {
        ("a.toml:9", "bad-count"),
        ("b.jsonl:1", "missing-key"),
        ("b.jsonl:2", "unknown-draft"),
        ("b.jsonl:3:2", "bad-json"),
        ("none.toml", "no-file"),
    }
    assert list(ledger.export()) == []


def test_an_import_says_what_it_did(ledger: Ledger) -> None:
    done = ledger.import_drafts([REPORT])
    assert done.appended > 10
    assert (done.unchanged, done.head.size) == (0, done.appended + 1)
    with ledger.asking() as present:
        events = list(present.log.read())
    assert {event.batch for event in events} == {done.batch}
    assert events[-1].type == "batch.imported"
    assert f'"name":"{REPORT.name}"' in list(ledger.export())[-1]


def test_the_same_files_again_append_nothing(ledger: Ledger) -> None:
    first = ledger.import_drafts(SEEDS)
    again = ledger.import_drafts(SEEDS)
    assert (again.appended, again.unchanged, again.batch) == (0, first.appended, "")
    assert again.head == first.head
    assert ledger.import_drafts([*SEEDS, *SEEDS]).head == first.head


def test_the_same_file_twice_in_one_command_is_one(ledger: Ledger) -> None:
    done = ledger.import_drafts([REPORT, REPORT])
    assert done.unchanged == done.appended
    assert ledger.import_drafts([REPORT]).appended == 0


def test_some_files_first_and_all_later(make_ledger: Callable[[], Ledger]) -> None:
    made, whole = make_ledger(), make_ledger()
    first = made.import_drafts([REPORT])
    later = made.import_drafts(SEEDS)
    assert later.unchanged == first.appended
    assert whole.import_drafts(SEEDS).appended == first.appended + later.appended
    assert totals(made) == totals(whole)
    assert findings(made) == []


def test_the_seeds_in_any_order_give_the_same_bests(
    seeds: Ledger, make_ledger: Callable[[], Ledger]
) -> None:
    for order in list(permutations(SEEDS))[::1013]:
        made = make_ledger()
        made.import_drafts(order)
        assert [(row[0], row[2]) for row in totals(made)] == [
            (row[0], row[2]) for row in totals(seeds)
        ]
        assert findings(made) == []


def test_the_files_of_one_set_in_any_order_give_the_same_figures(
    seeds: Ledger, make_ledger: Callable[[], Ledger]
) -> None:
    expected = totals(seeds), _lines(seeds)
    for order in (SEEDS[::-1], SEEDS[3:] + SEEDS[:3]):
        made = make_ledger()
        made.import_drafts(order)
        assert (totals(made), _lines(made)) == expected


def test_a_dry_run_appends_nothing(ledger: Ledger) -> None:
    done = ledger.import_drafts([REPORT], dry_run=True)
    assert done.appended > 10
    assert list(ledger.export()) == []


def test_a_key_that_stands_with_other_content_names_the_fields(
    ledger: Ledger, tmp_path: Path
) -> None:
    path = tmp_path / "a.toml"
    path.write_text(GOOD)
    ledger.import_drafts([path])
    path.write_text(GOOD.replace("Invented ambush", "Another").replace("2024-01-01", "2024-01-03"))
    with pytest.raises(RefusedError) as error:
        ledger.import_drafts([path])
    (problem,) = (one for one in error.value.problems if isinstance(one, Problem))
    assert (problem.code, problem.where) == ("key-taken", f"{path}:9")
    assert problem.message == "incident/ambush stands at position 1 with other title, date"
    assert "ledger revise incident ambush" in problem.hint


def test_a_key_twice_in_one_set(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD)
    (tmp_path / "b.toml").write_text(GOOD.replace("Invented ambush", "Another"))
    with pytest.raises(RefusedError, match=r"b\.toml:9: key-twice .*first at .*a\.toml:9"):
        ledger.import_drafts([tmp_path / "a.toml", tmp_path / "b.toml"])


def test_files_may_refer_to_each_other_in_any_order(ledger: Ledger, tmp_path: Path) -> None:
    header, _, body = GOOD.partition("[[incident]]")
    (tmp_path / "a.toml").write_text(f"[[incident]]{body}")
    (tmp_path / "b.toml").write_text(header)
    ledger.import_drafts([tmp_path / "a.toml", tmp_path / "b.toml"])
    assert [row[0] for row in tables(ledger)["sources"]] == ["invented-gazette"]
    assert findings(ledger) == []


def test_what_was_revised_is_not_in_the_way_of_its_first_words(
    ledger: Ledger, tmp_path: Path
) -> None:
    path = tmp_path / "a.toml"
    path.write_text(GOOD)
    ledger.import_drafts([path])
    ledger.append([revise_source(title="Another invented title")])
    assert ledger.import_drafts([path]).appended == 0


def test_what_was_retracted_comes_again(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(GOOD)
    ledger.import_drafts([path])
    ledger.append([retract("incident/ambush", 1)])
    assert ledger.import_drafts([path]).appended == 1
    assert ledger.import_drafts([path]).appended == 0
    assert findings(ledger) == []


def test_an_event_that_is_too_long(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append([source()])
    path = tmp_path / "a.toml"
    path.write_text(f'[[note]]\nof = "source/invented-gazette"\ntext = "{"x" * 70_000}"\n')
    with pytest.raises(RefusedError, match=r"a\.toml:1"):
        ledger.import_drafts([path])


def _lines(ledger: Ledger) -> list[tuple[object, ...]]:
    with ledger.asking() as present:
        return sorted(present.report("counts", Question()).rows, key=str)
