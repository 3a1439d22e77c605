from __future__ import annotations

from ledger.app import Ledger
from ledger.events import Draft
from ledger.events import payloads as said
from ledger.intake.duplicates import Known
from ledger.places import Place
from tests.invented import cite, merge, revise, source

TOWN = Place(name="Invented Town", country="BD", latitude="23.7", longitude="90.4")
NEARBY = Place(name="Invented Pass", country="BD", latitude="23.8", longitude="90.4")


def recorded(
    scheme: str = "", date: str = "2024-01-10", place: Place = TOWN, title: str = "A clash"
) -> said.IncidentRecorded:
    ids = (said.ForeignId(scheme=scheme, value="1"),) if scheme else ()
    return said.IncidentRecorded(
        kind="armed-clash", title=title, date=date, place=place, foreign_ids=ids
    )


def told(key: str, data: said.IncidentRecorded) -> Draft:
    return Draft(stream=f"incident/{key}", data=data, citations=(cite(),))


def like(
    ledger: Ledger, data: said.IncidentRecorded, scheme: str = "ged", key: str = "new"
) -> tuple[str, int] | None:
    with ledger.asking() as present:
        return Known(scheme).like(present.connection, data, key)


def test_the_most_similar_of_another_dataset(ledger: Ledger) -> None:
    ledger.append([source(), told("near", recorded(place=NEARBY)), told("there", recorded())])
    ledger.append([told("again", recorded("acled")), told("own", recorded("ged"))])
    assert like(ledger, recorded("ged")) == ("there", 100)
    assert like(ledger, recorded("ged", place=NEARBY)) == ("near", 100)
    assert like(ledger, recorded("ged", date="2024-01-11")) == ("there", 83)
    assert like(ledger, recorded("ged"), key="there") == ("again", 100), "never itself"
    assert like(ledger, recorded("acled"), scheme="acled") == ("there", 100)


def test_none_is_like_it(ledger: Ledger) -> None:
    assert like(ledger, recorded("ged")) is None, "of an empty ledger"
    ledger.append([source(), told("own", recorded("ged"))])
    assert like(ledger, recorded("ged")) is None, "the dataset itself tells its rows apart"
    ledger.append([told("there", recorded(title='A title that holds "scheme":"ged"'))])
    assert like(ledger, recorded("ged", title='"scheme":"ged" holds a title that')) is not None
    assert like(ledger, recorded("ged", date="2024-01-12")) is None
    assert like(ledger, recorded("ged", date="2024-01")) is None, "a month says too little"


def test_what_does_not_stand_is_not_known(ledger: Ledger) -> None:
    ledger.append([source(), told("a", recorded()), told("b", recorded()), told("c", recorded())])
    ledger.append([merge("a", "b")])
    assert like(ledger, recorded("ged")) == ("b", 100)
    ledger.append([revise("b", status="discounted")])
    assert like(ledger, recorded("ged")) == ("c", 100)
    ledger.append([told("own", recorded("ged")), merge("own", "c")])
    assert like(ledger, recorded("ged")) is None, "it is another row of the dataset already"


def test_many_rows_are_asked_of_one_look_through(ledger: Ledger) -> None:
    ledger.append([source(), told("there", recorded())])
    with ledger.asking() as present:
        known = Known("ged")
        assert [known.like(present.connection, recorded("ged"), f"new-{n}") for n in range(3)] == [
            ("there", 100)
        ] * 3
        assert known._sight.cache_info().misses == 1
