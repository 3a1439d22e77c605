from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.app import Ledger
from ledger.audit import flags
from ledger.counting import figures, tolls
from ledger.counting.claims import Claim
from ledger.counts import Count
from ledger.events import Draft
from ledger.places import Place
from ledger.projections import state
from ledger.projections.documents import TollDocument, as_text
from tests.audit.oddities import aged, at, changed, claim, clock, flagged, people, source
from tests.counting.samples import cited, some_counts, some_line_sets
from tests.invented import (
    HERALD,
    attribution,
    counts,
    incident,
    link,
    merge,
    person,
    retract,
    revise,
    revise_source,
    tally,
    total,
)


def test_flags_are_shown_together(ledger: Ledger) -> None:
    drafts = [source(), incident("ambush", "killed 2"), incident("raid", "killed 1")]
    more = [counts("ambush", "killed[nationality=US] 3"), link("raid", "ambush", "part-of")]
    assert flagged(ledger, *drafts, *more, claim("injured", Count(5, 3, 1))) == [
        ("position 5", "inverted-range"),
        ("incident ambush", "parts-exceed-whole"),
        ("position 4", "counted-twice"),
    ]


def test_the_seeds_are_not_odd(seeds: Ledger) -> None:
    assert flagged(seeds) == []


def test_what_was_taken_back_is_not_odd_any_more(ledger: Ledger) -> None:
    odd = [source(), incident("ambush", "killed 2"), claim("killed", Count(5, 3, 1)), aged(121)]
    back = [retract("incident/ambush", 3), retract("incident/ambush", 2, kind="withdrawn")]
    assert len(flagged(ledger, *odd)) == 2
    assert flagged(ledger, *back) == []


def test_an_inverted_range_is_one_finding(ledger: Ledger) -> None:
    drafts = [source(), incident("ambush"), claim("injured", Count(5, 3, 1))]
    assert flagged(ledger, *drafts) == [("position 2", "inverted-range")]


@pytest.mark.parametrize(
    ("count", "code"),
    [
        (Count(5, 3, None), "best-outside-range"),
        (Count(None, 3, 2), "best-outside-range"),
        (Count(1, 1, 0), "inverted-range"),
        (Count(1, 2, 3), ""),
        (Count(2, 2, 2), ""),
        (Count(None, 2, None), ""),
        (Count(), ""),
        (Count(0, 0, 0), ""),
    ],
)
def test_the_order_of_low_best_and_high(count: Count, code: str) -> None:
    assert flags._range_fault(count) == code


@given(some_line_sets, st.data())
def test_kept_figures_tell_whether_parts_exceed_their_whole(
    texts: list[str], data: st.DataObject
) -> None:
    claims = tuple(
        Claim(place, text, 0, data.draw(some_counts(0))) for place, text in enumerate(texts)
    )
    settled = tolls.settle(claims, (cited(),), "here")
    document = TollDocument("here", (cited(),), claims, tuple(settled.figures.items()))
    toll = state.Toll(1, "killed", 1, "2020-01-01", True, "2020-01-01", as_text(document))  # noqa: FBT003
    assert flags._exceeded(toll) == figures.exceeded(settled.own, settled.structure)


def test_parts_of_several_reports_may_exceed_their_whole(ledger: Ledger) -> None:
    drafts = [source(), source(HERALD), incident("ambush", "killed 2")]
    more = [counts("ambush", "killed 4", of=HERALD), counts("ambush", "killed[nationality=US] 5")]
    assert flagged(ledger, *drafts, *more) == [("incident ambush", "parts-exceed-whole")]


@pytest.mark.parametrize(
    "text",
    [
        *("TK", "TK TK", "tktk", "TBD", "tbc", "[TBA]", "XXX", "xx", "Xxx-xxx", "N/A", "n.a."),
        *("#N/A", "test", "Test", "unknown unknown", "UNKNOWN", "(unknown)", "???", "?", "-"),
        *("---", "...", "—", "  ", "Lorem ipsum dolor sit amet", "no name", "TBD / TBD"),
    ],
)
def test_placeholders(text: str) -> None:
    assert flags.is_placeholder(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "withheld", "Testament", "Test Valley", "Na", "Null", "Nan", "X", "Xi", "Max", "7"),
        *("Unknown gunmen", "Tomb of the Unknown Soldier", "Invented Town", "A. B.", "II", "Ö"),
        *("U.S. officials (Reuters)", "John Doe", "O'Brien", "မြန်မာ", "Bora-Bora", "St. X"),
    ],
)
def test_names_are_no_placeholders(text: str) -> None:
    assert not flags.is_placeholder(text)


def test_placeholders_wherever_names_are_told(ledger: Ledger) -> None:
    place = Place(name="TBD", admin1="Invented Province", admin2="???")
    unnamed = changed(incident("ambush"), title="TK TK", place=place, parties=("XXX", "Invented"))
    known_by_another = changed(person("ambush", "killed"), variants=("unknown",))
    found = flagged(
        ledger,
        changed(source(), title="test"),
        unnamed,
        counts("ambush", "killed 3", "killed[party=TBD] 1", "killed[place=Invented Pass] 1"),
        known_by_another,
        attribution("ambush", "unknown unknown"),
    )
    assert {code for _, code in found} == {"placeholder-name"}
    assert [where for where, _ in found] == [
        *["incident ambush"] * 4,
        *("position 2", "position 3", "position 4", "source invented-gazette"),
    ]


@pytest.mark.parametrize(
    ("date", "late"),
    [
        ("2024-01-01", False),
        ("2024-01-02", True),
        ("2024", False),
        ("2024-02", True),
        ("2023-12/2024-03", False),
        ("2024-02/..", True),
        ("../2024-03", False),
        ("2024-02~", True),
    ],
)
def test_a_day_that_was_still_to_come(ledger: Ledger, date: str, late: bool) -> None:  # noqa: FBT001
    found = flagged(ledger, source(), incident("ambush", date=date))
    assert found == ([("incident ambush", "date-in-future")] if late else [])


def test_a_day_ends_last_in_the_middle_of_the_pacific() -> None:
    assert flags._latest_day("2024-01-01T09:59:59.999999Z") == "2024-01-01"
    assert flags._latest_day("2024-01-01T10:00:00.000000Z") == "2024-01-02"


def test_each_event_has_its_own_day(ledger: Ledger) -> None:
    moments = ["2024-01-01", "2024-01-01", "2024-01-05", "2024-02-01", "2024-02-01", "2024-02-01"]
    for number, moment in enumerate(moments):
        clock(ledger, moment)
        ledger.append([source(f"invented-{number}", "2024-01-03")])
    with ledger.asking() as present:
        recorded = flags._Recorded(present.log)
        assert [recorded.day(position) for position in range(6)] == moments
    assert flagged(ledger) == [(f"source invented-{n}", "date-in-future") for n in (0, 1)]


def test_a_date_is_as_old_as_the_revision_that_brought_it(ledger: Ledger) -> None:
    flagged(ledger, source(), incident("ambush"), incident("raid"))
    clock(ledger, "2024-02-01")
    assert flagged(ledger, revise("ambush", date="2024-01-31")) == []
    assert flagged(ledger, revise_source(published="2024-01-30")) == []
    assert flagged(ledger, counts("raid", "killed 1"), revise("raid", date="2024-02-03")) == [
        ("incident raid", "date-in-future")
    ]
    assert flagged(ledger, revise_source(published="2024-02-03")) == [
        ("incident raid", "date-in-future"),
        ("source invented-gazette", "date-in-future"),
    ]


def test_claims_and_totals_as_of_days_to_come(ledger: Ledger) -> None:
    drafts = [source(), incident("ambush", "killed 2"), tally()]
    late = [claim("killed", Count(3, 3, 3), "2024-03-01"), total("3", "2024-01-09")]
    assert flagged(ledger, *drafts, *late) == [
        ("position 3", "date-in-future"),
        ("position 4", "date-in-future"),
    ]
    assert flagged(ledger, claim("killed", Count(3, 3, 3), "2024-01-01"), total("3", "2024")) == [
        ("position 3", "date-in-future"),
        ("position 4", "date-in-future"),
    ]


def test_a_place_without_coordinates_or_country_or_at_sea(ledger: Ledger) -> None:
    assert flagged(ledger, source(), at("IQ", "33.315", "44.366")) == []
    assert flagged(ledger, revise("ambush", place=Place(latitude="-33.3", longitude="44.3"))) == [
        ("incident ambush", "place-outside-country")
    ]
    assert flagged(ledger, revise("ambush", place=Place(precision=7))) == []
    assert flagged(ledger, revise("ambush", place=Place(country="SO"))) == []


def test_a_place_without_a_country(ledger: Ledger) -> None:
    assert flagged(ledger, source(), at("", "-33.3", "44.3")) == []


def test_half_of_the_coordinates_taken_back(ledger: Ledger) -> None:
    drafts = [source(), at("IQ", "-33.3", "44.3"), revise("ambush", emptied=("place.longitude",))]
    assert flagged(ledger, *drafts) == []


def test_a_sign_that_was_lost(ledger: Ledger) -> None:
    ledger.append([source(), at("CO", "4.61", "74.08")])
    with ledger.asking() as present:
        (found,) = present.check(flags=True)
    assert found.hint == "compare the coordinates, their signs and the country with the source"


@pytest.mark.parametrize(
    ("age", "line", "odd"),
    [
        (120, "killed", False),
        (121, "killed", True),
        (0, "killed[age-group=child]", False),
        (17, "killed[age-group=child]", False),
        (18, "killed[age-group=child]", True),
        (17, "killed[age-group=adult]", True),
        (18, "killed[age-group=adult]", False),
        (17, "killed[role=military]", False),
    ],
)
def test_ages(ledger: Ledger, age: int, line: str, odd: bool) -> None:  # noqa: FBT001
    drafts = [source(), incident("ambush", "killed 9", f"{line} 9")]
    unique = drafts if line != "killed" else [drafts[0], incident("ambush", "killed 9")]
    found = flagged(ledger, *unique, aged(age, line))
    assert found == ([("position 2", "impossible-age")] if odd else [])


def test_a_discounted_incident_counts_nothing_twice(ledger: Ledger) -> None:
    both = [source(), incident("raid", "killed 2"), incident("ambush")]
    more = [counts("ambush", "killed 2"), link("ambush", "raid", "part-of")]
    assert flagged(ledger, *both, *more) == [("position 4", "counted-twice")]
    assert flagged(ledger, revise("raid", status="discounted")) == []


def test_other_links_and_other_measures_count_nothing_twice(ledger: Ledger) -> None:
    both = [source(), incident("raid", "killed 2"), incident("ambush")]
    links = [link("ambush", "raid", "part-of"), link("raid", "ambush", "followed-by")]
    assert flagged(ledger, *both, counts("ambush", "injured 2"), *links) == []


def test_only_what_stands_counts_twice(ledger: Ledger) -> None:
    both = [source(), incident("raid", "killed 2"), incident("ambush")]
    more = [counts("ambush", "killed 2"), link("ambush", "raid", "part-of")]
    taken = retract("incident/ambush", 3, kind="withdrawn")
    assert flagged(ledger, *both, *more, taken) == []


def crowded(ledger: Ledger, count: str, *more: Draft) -> bool:
    """Whether more persons are identified than a count of the ambush's killed allows."""
    us = "killed[nationality=US] ?"
    begin = [source(), source(HERALD)]
    found = flagged(ledger, *begin, incident("ambush", f"killed {count}", us), *more)
    assert set(found) <= {("incident ambush", "more-people-than-counted")}
    return bool(found)


@pytest.mark.parametrize(
    ("count", "odd"),
    [
        *(("2", True), ("3", False), ("2+", False), ("?", False), ("~2", True), ("1-3", False)),
        *(("<=2", True), ("<=3", False), ("0/1/2", True)),
    ],
)
def test_three_persons_on_a_count(ledger: Ledger, count: str, odd: bool) -> None:  # noqa: FBT001
    named = people("killed", ["Invented One", "Invented Two", "Invented Three"])
    assert crowded(ledger, count, *named) is odd


def test_persons_on_a_line_within_count_too(ledger: Ledger) -> None:
    inside = people("killed[nationality=US]", ["Invented One"])
    assert crowded(ledger, "1", *inside, *people("killed", ["Invented Two"]))


def test_persons_of_another_measure_do_not(ledger: Ledger) -> None:
    injured = [counts("ambush", "injured ?"), *people("injured", ["Invented One"])]
    assert not crowded(ledger, "1", *injured, *people("killed", ["Invented Two"]))


def test_one_person_named_by_two_sources(ledger: Ledger) -> None:
    first = people("killed", ["Invented One", "withheld"])
    second = people("killed", ["INVENTED ONE", "withheld"], HERALD)
    assert not crowded(ledger, "2", *first, *second)


def test_one_person_withheld_and_named_later(ledger: Ledger) -> None:
    first, second = people("killed", ["withheld"]), people("killed", ["Invented One"], HERALD)
    assert not crowded(ledger, "1", *first, *second)


def test_one_person_by_two_names(ledger: Ledger) -> None:
    (first,) = people("killed", ["Invented One"])
    second = people("killed", ["Invented Uno"], HERALD)
    assert not crowded(ledger, "1", changed(first, variants=("Invented Uno",)), *second)


@pytest.mark.parametrize("names", [["Invented One", "Invented One"], ["withheld", "withheld"]])
def test_two_persons_of_one_name_in_one_source(ledger: Ledger, names: list[str]) -> None:
    assert crowded(ledger, "1", *people("killed", names))


def test_two_persons_of_one_name_on_two_lines(ledger: Ledger) -> None:
    inside = people("killed[nationality=US]", ["Invented One"])
    assert crowded(ledger, "1", *inside, *people("killed", ["Invented One"]))


def test_persons_of_a_merged_incident(ledger: Ledger) -> None:
    both = [source(), incident("raid", "killed 1"), incident("ambush")]
    named = [counts("ambush", "killed 1"), *people("killed", ["Invented One"])]
    assert flagged(ledger, *both, *named, person("raid", "killed", "Invented Two")) == []
    assert flagged(ledger, merge("ambush", "raid")) == [
        ("incident raid", "more-people-than-counted")
    ]
