from __future__ import annotations

import csv
import random
from itertools import combinations

import pytest

from ledger.app import Ledger
from ledger.events import Draft
from ledger.events import payloads as said
from ledger.places import Place
from ledger.reports import duplicates
from ledger.reports.likeness import Sight, alike, distance, likeness, sight
from tests.conftest import SHARED
from tests.invented import cite, link, merge, retract, revise, source

UCDP = SHARED / "data" / "ucdp"
TOWN = Place(name="Invented Town", country="BD", latitude="23.7", longitude="90.4")
PARTIES = ("Government of Inventia", "Invented Front")
Row = tuple[object, ...]


def recorded(
    title: str = "An invented clash",
    date: str = "2024-01-10",
    place: Place = TOWN,
    parties: tuple[str, ...] = PARTIES,
    scheme: str = "",
    status: said.Status = "confirmed",
) -> said.IncidentRecorded:
    ids = (said.ForeignId(scheme=scheme, value="1"),) if scheme else ()
    return said.IncidentRecorded(
        kind="armed-clash",
        title=title,
        date=date,
        place=place,
        parties=parties,
        foreign_ids=ids,
        status=status,
    )


def told(key: str, **fields: object) -> Draft:
    data = recorded(**fields)  # type: ignore[arg-type]
    return Draft(stream=f"incident/{key}", data=data, citations=(cite(),))


def seen(**fields: object) -> Sight:
    found = sight("one", recorded(**fields))  # type: ignore[arg-type]
    assert found is not None
    return found


def at(latitude: str, longitude: str, country: str = "BD", name: str = "") -> Place:
    return Place(name=name, country=country, latitude=latitude, longitude=longitude)


def named(name: str, country: str = "BD", admin1: str = "") -> Place:
    return Place(name=name, country=country, admin1=admin1)


def score(**fields: object) -> int | None:
    """How like the usual incident is to another; None unless they may be one."""
    one, other = seen(), seen(**fields)
    found = likeness(one, other)
    assert found == likeness(other, one)
    return found.score if found else None


def listed(ledger: Ledger, at: str = "") -> list[Row]:
    with ledger.asking(at) as present:
        return list(present.duplicates().rows)


def keys(ledger: Ledger) -> list[Row]:
    return [row[:2] for row in listed(ledger)]


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2024-01-10", 100),
        ("2024-01-11", 83),
        ("2024-01-09T23:50", 83),
        ("2024-01-12", None),
        ("2024-01-03/2024-01-09", 83),
        ("2024-01-08/2024-01-14", 100),
        ("2024-01-08/2024-01-15", None),
        ("2024-01", None),
        ("2024-01-10/..", None),
        ("../2024-01-10", None),
    ],
)
def test_days_are_at_most_one_apart_and_spans_at_most_a_week(
    date: str, expected: int | None
) -> None:
    other = sight("other", recorded(date=date))
    found = likeness(seen(), other) if other else None
    assert (found.score if found else None) == expected


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (at("23.7", "90.4"), 100),
        (at("23.8", "90.4"), 93),
        (at("23.92", "90.4"), 84),
        (at("23.93", "90.4"), None),
        (at("23.7", "90.4", "IN", "Elsewhere"), 100),
        (named("Invented Town"), 100),
        (named("INVENTED TÖWN"), 100),
        (named("Invented Town", ""), 100),
        (named("Invented Town", "IN"), None),
        (named("Invented City"), None),
        (named(""), None),
        (named("", admin1="Invented Town"), 100),
    ],
)
def test_places_are_near_or_have_like_names(place: Place, expected: int | None) -> None:
    assert score(place=place) == expected


def test_kilometres_across_the_date_line_and_at_a_pole() -> None:
    def km(one: Place, other: Place) -> float:
        found = distance(seen(place=one), seen(place=other))
        assert found is not None
        return found

    assert km(at("0", "0"), at("0", "1")) == pytest.approx(111.195, abs=0.001)
    assert km(at("-17", "179.9"), at("-17", "-179.9")) == pytest.approx(21.27, abs=0.01)
    assert km(at("90", "0"), at("89.9", "123")) == pytest.approx(11.12, abs=0.01)
    assert km(at("23.7", "90.4"), at("23.7", "90.4")) == 0
    assert distance(seen(), seen(place=named("Invented Town"))) is None


@pytest.mark.parametrize(
    ("parties", "title", "why"),
    [
        (PARTIES, "Another title altogether", ("parties", "place")),
        (("Invented Front", "Government of Inventia"), "Another title", ("parties", "place")),
        (("invented-front",), "Another title", ("parties", "place")),
        (("Front",), "Another title", ("parties", "place")),
        (("Government of Inventia", "Invented Brigade"), "Another title", None),
        (("Government of Inventia", "Another Brigade"), "An invented clash near town", None),
        (("Government of Inventia", "Another Brigade"), "Clash, an invented", ("title", "place")),
        ((), "An invented clash near a town", ("title", "place")),
        ((), "An imvented clash", ("title", "place")),
        ((), "Another title altogether", None),
        ((), "…", None),
    ],
)
def test_parties_or_titles_are_alike(
    parties: tuple[str, ...], title: str, why: tuple[str, ...] | None
) -> None:
    found = likeness(seen(), seen(parties=parties, title=title))
    assert (found.why if found else None) == why


def test_two_clashes_with_the_same_government_are_told_apart() -> None:
    def clash(group: str) -> Sight:
        return seen(title=f"Government of Inventia - {group}", parties=(PARTIES[0], group))

    assert likeness(clash("Front 12"), clash("Front 12")) is not None
    assert likeness(clash("Front 12"), clash("Front 13")) is None
    assert likeness(clash("IPA"), clash("IFL")) is None
    assert likeness(clash("Supporters of the Red List"), clash("Supporters of the Blue")) is None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Jama'atul Inventia", "Jamaat ul-Inventia", True),
        ("Barīsāl Division", "barisal division", True),
        ("BNP", "Supporters of BNP", True),
        ("Supporters of IL", "Supporters of INP", False),
        ("Barishal Division", "Barisal Division", True),
        ("Kayin State", "Kayah State", False),
        ("JMB", "JMJB", False),
        ("Camp 4", "Camp 8", False),
        ("Camp 4", "Camp", True),
        ("ঢাকা", "ঢাকা।", True),
        ("ঢাকা", "খুলনা", False),
        ("", "", False),
        ("-", "?", False),
    ],
)
def test_names_are_compared_by_their_words(one: str, other: str, *, expected: bool) -> None:
    assert (alike(one, other) >= 86) is expected
    assert alike(one, other) == alike(other, one)


def test_a_pair_is_a_row_and_nothing_is_merged(ledger: Ledger) -> None:
    ledger.append([source(), told("first"), told("second", title="Another title altogether")])
    assert listed(ledger) == [("second", "first", 100, 0, 0, "parties; place")]
    ledger.append([told("third", place=named("Invented Town"), parties=(), date="2024-01-11")])
    assert listed(ledger) == [
        ("second", "first", 100, 0, 0, "parties; place"),
        ("third", "first", 83, 1, None, "title; place"),
    ]
    with ledger.asking() as present:
        assert "ledger merge INCIDENT OTHER" in present.duplicates().notes[0]
    assert len(listed(ledger, at="3")) == 1
    assert listed(ledger, at="2") == []


def test_nothing_to_list_needs_no_note(ledger: Ledger) -> None:
    ledger.append([source(), told("first")])
    with ledger.asking() as present:
        assert present.duplicates().notes == []


def test_rows_of_one_dataset_are_no_pair(ledger: Ledger) -> None:
    ledger.append([source(), told("a", scheme="one"), told("b", scheme="one")])
    assert keys(ledger) == []
    ledger.append([told("c", scheme="two")])
    assert keys(ledger) == [("c", "a"), ("c", "b")]


def test_nor_are_those_that_one_of_its_rows_was_merged_into(ledger: Ledger) -> None:
    ledger.append([source(), told("own"), told("a", scheme="one"), told("b", scheme="one")])
    assert keys(ledger) == [("a", "own"), ("b", "own")]
    ledger.append([merge("a", "own")])
    assert keys(ledger) == []
    ledger.append([retract("incident/a", 4)])
    assert keys(ledger) == [("a", "own"), ("b", "own")]


def test_what_is_discounted_or_withdrawn_is_left_out(ledger: Ledger) -> None:
    ledger.append([source(), told("a"), told("b"), told("c", status="discounted")])
    assert keys(ledger) == [("b", "a")]
    ledger.append([revise("a", status="discounted"), revise("c", status="confirmed")])
    assert keys(ledger) == [("c", "b")]
    ledger.append([retract("incident/b", 2)])
    assert keys(ledger) == []


def test_what_may_have_been_in_a_whole_month_is_left_out(ledger: Ledger) -> None:
    ledger.append([source(), told("a", date="2024-01"), told("b", date="2024-01"), told("c")])
    assert keys(ledger) == []


def test_what_is_linked_is_left_out_unless_as_a_duplicate(ledger: Ledger) -> None:
    ledger.append([source(), told("a"), told("b"), link("a", "b", "duplicate-of")])
    assert listed(ledger) == [("b", "a", 100, 0, 0, "title; parties; place; duplicate-of")]
    ledger.append([link("b", "a", "same-wave")])
    assert listed(ledger) == []
    ledger.append([told("c"), link("c", "a", "part-of"), merge("c", "b"), retract("incident/b", 4)])
    assert listed(ledger) == [], "the link of what was merged counts where it was merged into"


def test_the_search_finds_what_comparing_all_with_all_finds(ledger: Ledger) -> None:
    invent = random.Random("duplicates")
    drafts = [told(f"i{number}", **_somewhere(invent)) for number in range(400)]
    ledger.append([source(), *drafts])
    with ledger.asking() as present:
        sights = list(duplicates.sights(present.connection))
        pairs = list(duplicates.pairs(present.connection))
        rows = list(present.duplicates().rows)
    expected = {
        frozenset((one.key, other.key)): like
        for one, other in combinations(sights, 2)
        if not one.schemes & other.schemes and (like := likeness(one, other))
    }
    assert {frozenset(pair[:2]): pair.likeness for pair in pairs} == expected
    assert len(pairs) == len(rows) == len(expected) > 100
    assert {like.km is None for like in expected.values()} == {True, False}


def _somewhere(invent: random.Random) -> dict[str, object]:
    """A place among few, so that many are near: at a pole, the date line, the equator, nowhere."""
    day = invent.randrange(1, 24)
    latitude = invent.choice((-89.9, -17, -0.1, 0.1, 65)) + invent.uniform(-0.1, 0.3)
    longitude = invent.choice((-179.95, 179.95, 0, 40)) + invent.uniform(-0.05, 0.05)
    placed = invent.random() < 0.8
    return {
        "date": invent.choice((f"2024-01-{day:02}", f"2024-01-{day:02}/2024-01-{day + 6:02}")),
        "place": Place(
            name=invent.choice(("", "Invented Town", "Invented Camp 4", "Invented Camp 8")),
            country=invent.choice(("", "FJ", "NO")),
            latitude=f"{latitude:.4f}" if placed else "",
            longitude=f"{longitude:.4f}" if placed else "",
        ),
        "parties": invent.choice(((), PARTIES, PARTIES[:1], ("Invented Brigade",))),
        "title": invent.choice(("An invented clash", "Shots at the border", "A clash")),
        "scheme": invent.choice(("", "one", "two")),
    }


@pytest.mark.skipif(not UCDP.is_dir(), reason=f"needs the shared data sets in {UCDP}")
def test_every_row_of_one_release_is_known_in_another_by_its_parties() -> None:
    released = _rows("ged191-bgd-mmr.csv", "ucdp-ged")
    again = [
        one._replace(title=f"Retitled {number}", key=one.key)
        for number, one in enumerate(_rows("hdx-conflict-data-bgd.csv", "hxl"))
    ]
    by_key = {one.key: one for one in released}
    assert len(again) == 590, "of 601 rows eleven span more than a week"
    assert all((found := likeness(one, by_key[one.key])) and found.score == 100 for one in again)


@pytest.mark.skipif(not UCDP.is_dir(), reason=f"needs the shared data sets in {UCDP}")
def test_clashes_of_other_parties_in_one_town_on_one_day_are_told_apart() -> None:
    released = _rows("ged191-bgd-mmr.csv", "ucdp-ged")
    together: dict[object, list[Sight]] = {}
    for one in released:
        together.setdefault((one.first_day, one.last_day, one.place), []).append(one)
    others = [
        (one, other)
        for several in together.values()
        for one, other in combinations(several, 2)
        if set(one.parties) != set(other.parties)
    ]
    assert len(others) >= 18
    assert not [pair for pair in others if likeness(*pair)]


def _rows(name: str, scheme: str) -> list[Sight]:
    with (UCDP / name).open(encoding="utf-8-sig", newline="") as file:
        found = [_row(row, scheme) for row in csv.DictReader(file) if row["id"]]
    return [one for one in found if one]


def _row(row: dict[str, str], scheme: str) -> Sight | None:
    first, last = row["date_start"][:10], row["date_end"][:10]
    place = Place(
        name=row["where_coordinates"],
        country={"Bangladesh": "BD", "Myanmar (Burma)": "MM"}[row["country"]],
        admin1=row["adm_1"],
        latitude=row["latitude"],
        longitude=row["longitude"],
    )
    data = recorded(
        title=row["dyad_name"],
        date=first if first == last else f"{first}/{last}",
        place=place,
        parties=(row["side_a"], row["side_b"]),
        scheme=scheme,
    )
    return sight(row["id"], data)
