"""What a published total is of, and the tally that asks it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.app import Ledger
from ledger.events import Draft
from ledger.events.payloads import TallyDefined
from ledger.reports.scopes import Scope, asking, scope, standing
from ledger.vocabulary import is_key

values = st.sampled_from(["us", "US", "a-b", "a", "b.c", "c", "Émile", " x", "漢", "q" * 180])
wheres = st.dictionaries(
    st.sampled_from(["country", "role", "a", "a-b", "b.c"]),
    st.lists(values, min_size=1, max_size=3),
    max_size=3,
)


@pytest.mark.parametrize(
    ("where", "key", "title"),
    [
        ({}, "killed", "killed, of all incidents"),
        ({"country": ["IQ"]}, "killed.country.iq", "killed, where country is IQ"),
        (
            {"role": ["civilian"], "country": ["SY", "IQ"]},
            "killed.country.iq.country.sy.role.civilian",
            "killed, where country is IQ or SY and role is civilian",
        ),
        (
            {"actor": ["Invented Brigade"]},
            "killed.actor.invented-brigade.8c739f25aa6f",
            "killed, where actor is Invented Brigade",
        ),
    ],
)
def test_the_key_and_title_of_a_question(where: dict[str, list[str]], key: str, title: str) -> None:
    found = scope("killed", where)
    assert (found.key, found.title) == (key, title)


@given(wheres, wheres)
def test_two_questions_never_have_one_key(
    one: dict[str, list[str]], other: dict[str, list[str]]
) -> None:
    first, second = scope("killed", one), scope("killed", other)
    assert is_key(first.key)
    assert (first.key == second.key) == (first == second)
    assert first == scope("killed", {key: one[key][::-1] * 2 for key in reversed(one)})


def _tally(key: str, covers: str = "") -> Draft:
    data = TallyDefined(title="x", measure="killed", where={"country": ("IQ",)}, covers=covers)
    return Draft(stream=f"tally/{key}", data=data)


def test_the_tally_that_asks_it(ledger: Ledger) -> None:
    asked = scope("killed", {"country": ["IQ"]})
    ledger.append([_tally("a-tally", "2020/.."), _tally("b-tally")])
    with ledger.asking() as present:
        known = standing(present.connection)
    assert asking(known, asked) == "a-tally"
    assert asking(known, asked, "2020/..") == "a-tally"
    assert asking(known, asked, "2021/..") == ""
    assert asking(known, Scope("killed")) == ""
    ledger.append([_tally(asked.key)])
    with ledger.asking() as present:
        assert asking(standing(present.connection), asked) == asked.key
