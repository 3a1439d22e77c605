from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ledger.intake.readers import Misfit, Record, Shape, opening
from ledger.intake.readers.shape import ROW_LIMIT
from tests.conftest import SHARED
from tests.intake.readers.reading import DATA, misfits, opened, problems, records, rows, table

DAYS = Shape("json", rows="data.days")
BLOCKS = pytest.mark.parametrize("block", [1, 2, 7, 1 << 16])


@BLOCKS
def test_rows_at_a_path_with_values_as_written(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "BLOCK", block)
    file = opened(DATA / "days.json", DAYS)
    assert file.header == ("date", "killed", "verified.killed", "tags", "final")
    assert rows(file) == [
        Record(5, ["2024-01-01", "6.0", "1e2", "", ""]),
        Record(6, ["2024-01-02", "", "", '["a", 1.50, {"b": false}]', "true"]),
    ]


@BLOCKS
def test_lines_are_counted_by_any_end(
    tmp_path: Path, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BLOCK", block)
    content = '[\r\n{"a": 1},\r{"a":\n 2}\r\n,\r\n\r\n{"a": 3}\n]\n'
    assert [one.line for one in rows(table(tmp_path, content, "json"))] == [2, 3, 7]
    assert problems(table(tmp_path, content + "\r\n x", "json")) == [("10:2", "bad-json")]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("", [("", "no-header")]),
        ("[]", [("", "no-header")]),
        ("[{}]", [("", "no-header")]),
        ('[{"": 1}]', [("", "unnamed-column")]),
        ('{"a": 1}', [("", "no-rows")]),
        ("7", [("", "no-rows")]),
        ('[{"a": 1},\n {"a": }]', [("2:8", "bad-json")]),
        ('[{"a": 1}\n {"a": 2}]', [("2:2", "bad-json")]),
        ('[{"a": 1},]', [("1:11", "bad-json")]),
        ('[{"a": 1}', [("1:10", "bad-json")]),
        ('[{"a": "x', [("1:8", "bad-json")]),
        ('[{"a": "x\ny"}]', [("1:10", "bad-json")]),
        ('[{"a": 1}] []', [("1:12", "bad-json")]),
        ("[" + "[" * 100_000, [("1:2", "bad-json")]),
    ],
)
def test_documents_that_are_none(
    tmp_path: Path, content: str, found: list[tuple[str, str]]
) -> None:
    assert problems(table(tmp_path, content, "json")) == found


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('{"data": []}', [("", "no-rows")]),
        ('{"data": {"days": {}}}', [("", "no-rows")]),
        ('{"data": {"days": [{"a": 1}]}, "data": 1}', [("1:39", "key-twice")]),
        ('{"data": {"days": [{"a": 1}]}, "x": [1 2]}', [("1:40", "bad-json")]),
        ('{"data": {"days": [{"a": 1}]}, x: 1}', [("1:32", "bad-json")]),
        ('{"a": ' + "[" * 100_000, [("", "bad-json")]),
    ],
)
def test_paths_that_lead_nowhere(
    tmp_path: Path, content: str, found: list[tuple[str, str]]
) -> None:
    assert problems(table(tmp_path, content, DAYS)) == found


def test_objects_that_make_no_row(tmp_path: Path) -> None:
    content = """[
        {"a": "x", "b": {"c": 1}},
        [1], 2.5, null, "x",
        {"a": 1, "a": 2},
        {"b": {"c": 1, "c": 2}},
        {"b.c": 1, "b": {"c": 2}},
        {"a": NaN},
        {"a": "\\u202e"},
        {"a": "\\u0000"},
        {"a": "\\ud800"}
    ]"""
    file = table(tmp_path, content, "json")
    assert file.header == ("a", "b.c")
    assert misfits(file) == [
        *[("3", "not-a-row")] * 4,
        ("4", "key-twice"),
        ("5", "key-twice"),
        ("6", "key-twice"),
        ("7", "bad-json"),
        ("8:a", "control-character"),
        ("9:a", "control-character"),
        ("10:a", "control-character"),
    ]
    found = [one for one in rows(table(tmp_path, content, "json")) if isinstance(one, Misfit)]
    assert [one.raw for one in found[:5]] == ["[1]", "2.5", "null", '"x"', '{"a": 1, "a": 2}']
    assert found[-3].cells == ["\u202e", ""]
    # No file could hold half of a surrogate pair.
    assert found[-1].cells is None


def test_keys_and_texts_are_normal(tmp_path: Path) -> None:
    file = table(tmp_path, '[{" e\u0301 ": "o\u0301", "l": ["o\u0301"]}]', "json")
    assert file.header == ("é", "l")
    assert records(file) == [["ó", '["ó"]']]


def test_the_longest_row(tmp_path: Path) -> None:
    filler = ", ".join(f'"c{number}": "{"x" * 60_000}"' for number in range(17))
    row = "{" + filler + ', "z": "' + "x" * (ROW_LIMIT - len(filler) - 11) + '"}'
    assert len(row) == ROW_LIMIT
    assert table(tmp_path, f"[{row}]", "json").size == 1
    assert problems(table(tmp_path, f"[\n{row[:-1]} }}]", "json")) == [("2", "long-row")]
    endless = '[\n{"a": "' + "x" * 3 * ROW_LIMIT
    assert problems(table(tmp_path, endless, "json")) == [("2", "long-row")]
    assert problems(table(tmp_path, endless[2:], "jsonl")) == [("1", "long-row")]


def test_what_is_skipped_may_be_long(tmp_path: Path) -> None:
    content = '{"meta": [' + ", ".join(["[1, {}]"] * 30_000) + '], "data": {"days": [{"a": 1}]}}'
    assert records(table(tmp_path, content, DAYS)) == [["1"]]


def test_keys_without_end(tmp_path: Path) -> None:
    content = "\n".join(f'{{"k{number}": 1}}' for number in range(20_000))
    assert problems(table(tmp_path, content, "jsonl")) == [("", "too-many-columns")]


def test_lines_of_objects(tmp_path: Path) -> None:
    content = (
        '{"a": 1.0}\n\n{"a": }\r\n  {"b": [true, null]}\n{"a": 1} x\n{"a": NaN}\n' + "[" * 9**5
    )
    file = table(tmp_path, content, "jsonl")
    assert file.header == ("a", "b")
    found = rows(file)
    assert [found[0], found[2]] == [Record(1, ["1.0", ""]), Record(4, ["", "[true, null]"])]
    assert misfits(table(tmp_path, content, "jsonl")) == [
        ("3", "bad-json"),
        ("5", "bad-json"),
        ("6", "bad-json"),
        ("7", "bad-json"),
    ]
    assert found[1].raw == '{"a": }'  # type: ignore[union-attr]


def test_features() -> None:
    file = opened(DATA / "features.geojson", Shape("geojson"))
    assert file.header == (
        "title",
        "killed",
        "actor.name",
        "id",
        "geometry.type",
        "longitude",
        "latitude",
    )
    assert rows(file) == [
        Record(5, ["Invented clash", "2.0", "", "7", "Point", "44.360", "33.10"]),
        Record(7, ["Invented raid", "", "A", "", "Polygon", "", ""]),
        Record(9, ["", "", "", "", "", "", ""]),
    ]


def feature(properties: str, geometry: str = "null") -> str:
    row = f'{{"type": "Feature", "id": "f", "properties": {properties}, "geometry": {geometry}}}'
    return f'{{"features": [{row}]}}'


def test_properties_named_like_what_a_feature_has(tmp_path: Path) -> None:
    file = table(tmp_path, feature('{"id": 3}'), "geojson")
    assert file.header == ("id",)
    assert records(file) == [["3"]]
    point = '{"type": "Point", "coordinates": [1, 2]}'
    twice = table(tmp_path, feature('{"latitude": 3}', point), "geojson")
    assert problems(twice) == [("", "column-twice")]
    assert records(table(tmp_path, feature('{"latitude": 3}'), "geojson")) == [["3", "f"]]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (feature("{}", '{"type": "Point", "coordinates": [1]}'), "bad-geometry"),
        (feature("{}", '{"type": "Point", "coordinates": ["1", "2"]}'), "bad-geometry"),
        (feature("{}", '{"coordinates": [1, 2]}'), "bad-geometry"),
        (feature("{}", "[1, 2]"), "not-a-row"),
        (feature("7"), "not-a-row"),
        (feature('{}, "id": 2'), "key-twice"),
        ('{"features": [{"type": "Point"}]}', "not-a-row"),
    ],
)
def test_features_that_make_no_row(tmp_path: Path, content: str, code: str) -> None:
    good = '[{"type": "Feature", "properties": {"a": 1}}, '
    assert misfits(table(tmp_path, content.replace("[", good, 1), "geojson")) == [("1", code)]


def test_an_array_is_no_collection_of_features(tmp_path: Path) -> None:
    assert problems(table(tmp_path, "[]", "geojson")) == [("", "no-rows")]


@given(
    some.text(some.sampled_from('{}[]",:\\ \n\r1e.-atrue\u00e9'), max_size=30),
    some.integers(min_value=1, max_value=5),
    some.sampled_from(["json", "jsonl", "geojson"]),
)
def test_blocks_of_any_size_read_alike(
    tmp_path_factory: pytest.TempPathFactory, body: str, block: int, format: str
) -> None:
    folder = tmp_path_factory.mktemp("blocks")
    content = '[{"a": 1}, ' + body + "]"
    whole = table(folder, content, format)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "BLOCK", block)
        again = table(folder, content, format)
        assert (again.size, again.problems) == (whole.size, whole.problems)
        if not whole.problems:
            assert rows(again) == rows(whole)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the reference data is not beside the project")
@pytest.mark.parametrize("name", ["casualties_daily", "west_bank_daily"])
def test_a_published_series_as_the_standard_library_reads_it(name: str) -> None:
    import json

    path = SHARED / "data" / "palestine" / f"{name}.json"
    file = opened(path, Shape("json"))
    found = records(file)
    expected = json.loads(path.read_text(encoding="utf-8"))
    assert file.size == len(expected)
    column = file.header.index("killed_cum")
    assert [row[column] for row in found] == [str(row.get("killed_cum", "")) for row in expected]
