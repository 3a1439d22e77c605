"""Templates say what the cells of a row say, nothing where they say nothing, and what is odd."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.intake import mapping as spec
from ledger.intake import parts
from ledger.intake.mapping import Cell, Date, Span, Text
from ledger.intake.templates import Cells, Rules, columns_of, direct

RULES = Rules(
    unknown={"code": frozenset({"-1"})},
    numbers=frozenset({"id"}),
    dates=("%Y-%m-%d", "%d/%m/%Y %H:%M", "EDTF"),
    words={"sides": {"1": "state", "2": "rebels"}},
)


def cells(**texts: str) -> Cells:
    return Cells(list(texts), list(texts.values()), RULES)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("constant", "constant"),
        ("{a}", "one"),
        ("{a} against {b}", "one against two"),
        ("{a} against {empty}", ""),
        (("{empty}", "{b}", "{a}"), "two"),
        ("{code}", ""),
        ("{id}", "2016"),
        (Cell(template="{side}", words="sides"), "rebels"),
        (Cell(template="{side}", words={"2": "others"}), "others"),
        (Cell(template="{empty}", words="sides"), ""),
        ("{{a}}", "{one}"),
    ],
)
def test_a_template_says_what_its_columns_say(spec: Text, said: str) -> None:
    some = cells(a="one", b="two", empty="", code="-1", id="2016.0", side="2")
    assert some.text(spec) == said
    assert some.found == []


def test_texts_are_taken_apart_and_told_once() -> None:
    some = cells(a='"x";"y"; ;x', b="z")
    assert some.texts_of((Cell(template="{a}", split=";"), "{b}", "{b}")) == ("x", "y", "z")


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("{day}", "2015-05-11"),
        ("{slashes}", "2009-02-20T13:05"),
        ("{edtf}", "2020-03-11/2020-03-13"),
        (Span(start="{day}", end="{day}"), "2015-05-11"),
        (Span(start="{day}", end="{later}"), "2015-05-11/2015-05-13"),
        (Span(start="{day}", precision="approximate"), "2015-05-11~"),
        (Span(start="{day}", precision="month"), "2015-05"),
        (Span(start="{day}", precision="year"), "2015"),
        (Span(start="{day}", precision="day"), "2015-05-11"),
        (Span(start="{nothing}", precision="month"), ""),
    ],
)
def test_a_date_is_read_as_the_mapping_says(spec: Date, said: str) -> None:
    some = cells(
        day="2015-05-11",
        later="2015-05-13",
        slashes="20/02/2009 13:05",
        edtf="2020-03-11/2020-03-13",
        nothing="",
    )
    assert some.date(spec) == said
    assert some.found == []


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        ("date", "11.5.2015", "bad-date"),
        ("side", "3", "unknown-word"),
        ("count", "-2", "not-a-number"),
        ("count", "1.5", "not-a-number"),
        ("count", "many", "not-a-number"),
        ("id", "7.25", "not-a-number"),
    ],
)
def test_what_is_odd_is_told_with_its_column(column: str, text: str, code: str) -> None:
    some = cells(**{column: text})
    match column:
        case "date":
            assert some.date("{date}") == ""
        case "side":
            assert some.text(Cell(template="{side}", words="sides")) == ""
        case _:
            assert some.number(f"{{{column}}}") is None
    assert [(one.key, one.code) for one in some.found] == [(column, code)]
    assert repr(text) in some.found[0].message


@pytest.mark.parametrize(("text", "number"), [("7", 7), ("7.0", 7), ("0", 0), ("", None)])
def test_a_number_is_whole_or_nothing(text: str, number: int | None) -> None:
    some = cells(count=text)
    assert some.number("{count}") == number
    assert some.found == []


def test_the_columns_of_a_date_are_those_of_all_its_parts() -> None:
    span = Span(start="{a}", end=("{b}", "{c}"), precision=Cell(template="{d}", words="sides"))
    assert list(columns_of(span)) == ["a", "b", "c", "d"]


NAMES = ("a", "b", "id")
TEMPLATES = st.lists(
    st.sampled_from(["{a}", "{b}", "{id}", "-", " by ", "{a}{b}"]), min_size=1, max_size=3
).map("".join)


@given(
    spec=st.one_of(TEMPLATES, st.lists(TEMPLATES, min_size=1, max_size=3).map(tuple)),
    row=st.tuples(
        st.sampled_from(["", "x", " y "]),
        st.sampled_from(["", "z"]),
        st.sampled_from(["", "12", "12.0", "no"]),
    ),
)
def test_reading_straight_from_a_row_is_the_same(spec: Text, row: tuple[str, ...]) -> None:
    read = direct(spec, {name: place for place, name in enumerate(NAMES)}, RULES)
    assert read is not None
    assert read(row) == Cells(NAMES, row, RULES).text(spec)


@pytest.mark.parametrize("spec", ["{code}", Cell(template="{a}", words="sides")])
def test_what_needs_a_closer_look_is_not_read_straight(spec: Text) -> None:
    assert direct(spec, {"a": 0, "code": 1}, RULES) is None


def test_parts_of_zero_are_implied_within_their_measure_only() -> None:
    numbers = {"killed": "5", "civilians": "0", "soldiers": "3", "injured": "2", "nurses": "2"}
    ones = [
        spec.Count(measure="killed", best="{killed}"),
        spec.Count(
            measure="killed", attributes={"role": "civilian"}, best="{civilians}", part=True
        ),
        spec.Count(measure="killed", attributes={"role": "military"}, best="{soldiers}", part=True),
        spec.Count(measure="injured", best="{injured}"),
        spec.Count(
            measure="injured", attributes={"role": "medical-worker"}, best="{nurses}", part=True
        ),
    ]
    places = {name: place for place, name in enumerate(numbers)}
    made = parts.claims(ones, parts.Setting(places, RULES, frozenset()), implied=True)
    told = [one.line for one in made(list(numbers.values())).value]
    assert "killed[role=civilian]" in told
    numbers |= {"killed": "3"}
    told = [one.line for one in made(list(numbers.values())).value]
    assert "killed[role=civilian]" not in told
    assert len(told) == len(ones) - 1
