"""Small values of the field: places, names of persons, grades, words, problems."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import vocabulary
from ledger.people import name_fault, shown_name
from ledger.places import COUNTRIES, Place, country_fault, place_faults
from ledger.problems import Problem
from ledger.sources import ITEM_ORDER, SOURCE_ORDER, set_aside
from ledger.vocabulary import did_you_mean, is_key

# Places


@pytest.mark.parametrize("code", ["IQ", "US", "GB", "PL", "SS", "TL", "XK"])
def test_a_country_is_written_in_two_letters(code: str) -> None:
    assert country_fault(code) is None


def test_there_are_249_countries_and_kosovo() -> None:
    assert len(COUNTRIES) == 250
    assert all(len(code) == 2 and code.isascii() and code.isupper() for code in COUNTRIES)
    assert not COUNTRIES & {"AN", "BU", "CS", "DD", "EU", "SU", "TP", "UK", "UN", "YU", "ZR", "ZZ"}


@pytest.mark.parametrize(
    ("code", "hint"),
    [("UK", "GB"), ("uk", "GB"), ("USA", "US"), ("iq", "IQ"), ("IRQ", "IQ"), ("EL", "GR")],
)
def test_a_usual_slip_gets_a_hint(code: str, hint: str) -> None:
    assert f"did you mean {hint}?" in str(country_fault(code))


@pytest.mark.parametrize("code", ["", "X", "ZZ", "Iraq", "I Q", "ІQ"])  # noqa: RUF001 - a Cyrillic I
def test_any_other_code_gets_none(code: str) -> None:
    fault = country_fault(code)
    assert fault is not None
    assert "did you mean" not in fault


@pytest.mark.parametrize(
    ("place", "fields"),
    [
        (Place(), []),
        (Place(name="Camp Invented", country="IQ", precision=1), []),
        (Place(latitude="90", longitude="-180.0"), []),
        (Place(latitude="-33.123456789012", longitude="0"), []),
        (Place(latitude="33.5"), ["latitude"]),
        (Place(longitude="33.5"), ["latitude"]),
        (Place(latitude="90.1", longitude="180.1"), ["latitude", "longitude"]),
        (Place(latitude="1e1", longitude="+4"), ["latitude", "longitude"]),
        (Place(latitude="33,5", longitude="44° 15'"), ["latitude", "longitude"]),
        (Place(latitude="nan", longitude="٤"), ["latitude", "longitude"]),
        (Place(country="UK", precision=0), ["country", "precision"]),
        (Place(precision=8), ["precision"]),
    ],
)
def test_all_that_is_wrong_with_a_place_is_found(place: Place, fields: list[str]) -> None:
    assert [field for field, _ in place_faults(place)] == fields


# Persons


@pytest.mark.parametrize("name", ["Invented Name", "withheld", "O'Invented", "مخترع"])
def test_a_name_is_as_it_was_published(name: str) -> None:
    assert name_fault(name) is None


@pytest.mark.parametrize("name", ["", " \t", "Withheld", "WITHHELD ", " withheld"])
def test_a_missing_name_is_neither_empty_nor_nearly_withheld(name: str) -> None:
    assert "withheld" in str(name_fault(name))


def test_a_withheld_name_is_shown_as_such() -> None:
    assert shown_name("withheld") == "(name withheld)"
    assert shown_name("Invented Name") == "Invented Name"


# Grades


@pytest.mark.parametrize("source", list("ABCDEF"))
@pytest.mark.parametrize("item", range(1, 7))
def test_doubtful_and_improbable_items_and_unreliable_sources_are_set_aside(
    item: int, source: str
) -> None:
    assert set_aside(item, source) is (item in (4, 5) or source == "E")


def test_what_cannot_be_judged_is_not_the_worst() -> None:
    assert sorted(ITEM_ORDER, key=ITEM_ORDER.__getitem__)[:4] == [1, 2, 3, 6]
    assert "".join(sorted(SOURCE_ORDER, key=SOURCE_ORDER.__getitem__))[:5] == "ABCFD"
    assert ITEM_ORDER.keys() == vocabulary.ITEM_GRADES.keys()
    assert SOURCE_ORDER.keys() == vocabulary.SOURCE_GRADES.keys()


# Words


def test_the_measures_and_attributes_are_those_of_the_design() -> None:
    assert " ".join(vocabulary.MEASURES) == (
        "killed injured missing captured evacuated displaced munitions-fired munitions-landed "
        "munitions-intercepted sites-struck vehicles-destroyed"
    )
    assert " ".join(vocabulary.ATTRIBUTES) == (
        "age-group cause injury munition nationality party place role service sex"
    )
    assert set(vocabulary.CLOSED) == {"cause", "sex", "age-group"}
    assert set(vocabulary.CLOSED["cause"]) == {"hostile", "non-hostile", "friendly-fire", "pending"}
    assert set(vocabulary.USUAL) == {"role", "service", "injury", "munition", "kind"}


@pytest.mark.parametrize("key", ["a", "0", "taji-2020-03-11", "a.b_c", "a" * 200])
def test_a_key(key: str) -> None:
    assert is_key(key)


@pytest.mark.parametrize("key", ["", "-a", ".a", "_a", "A", "a b", "a/b", "é", "a\n", "a" * 201])
def test_no_key(key: str) -> None:
    assert not is_key(key)


@given(st.text())
def test_a_key_sorts_alike_by_code_point_and_by_utf_16(text: str) -> None:
    assert not is_key(text) or text.isascii()


def test_a_misspelt_word_is_told_the_nearest_or_all() -> None:
    assert did_you_mean("kiled", ["killed", "injured"]) == "did you mean killed?"
    assert did_you_mean("x", ["b", "a"]) == "it is one of a, b"


def test_a_problem_says_where_what_and_what_to_do() -> None:
    assert str(Problem("a.csv:3:2", "bad-count", "'x' is no count")) == (
        "a.csv:3:2: bad-count 'x' is no count"
    )
    assert str(Problem("a", "b", "c", "d")) == "a: b c: d"
