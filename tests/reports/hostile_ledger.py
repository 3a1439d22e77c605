"""A ledger that holds hostile texts wherever a text may stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from ledger import counts as counting
from ledger.app import Ledger
from ledger.events import Draft
from ledger.events import payloads as said
from ledger.events.faults import faults
from ledger.places import Place
from ledger.sources import Citation
from tests.invented import GAZETTE, cite, incident, link, source, tally, total
from tests.reports.hostile import STRINGS

TALLY = "invented-tally"


def record(ledger: Ledger) -> Counter[str]:
    """Append what may be appended; gives how many of the texts stand in which kind of event.

    NUL and lone surrogates are outside the profile of the log: no event holds them.
    """
    wanted = [source(), tally(TALLY), total("1", "2023-12-31", TALLY, opening=True)]
    for number, nasty in enumerate(STRINGS):
        if "\0" not in nasty and not any("\ud800" <= one <= "\udfff" for one in nasty):
            wanted += [draft for draft in _drafts(number, nasty) if not faults(draft)]
    return Counter(event.type for event in ledger.append(wanted))


def _drafts(number: int, nasty: str) -> Iterator[Draft]:
    key = f"raid-{number}"
    day = f"2024-{1 + number // 28 % 12:02d}-{1 + number % 28:02d}"
    paper, short = f"paper-{number}", nasty[:500]
    by = Citation(paper, short, speaker=short, locator=short, relays=(short,))
    yield _replaced(
        source(paper, day),
        title=nasty,
        publisher=short,
        author=(short,),
        url=short,
        relays=(short,),
    )
    yield _replaced(
        incident(key, "killed 1", date=day, labels={"group": short}),
        title=nasty,
        summary=short,
        place=Place(name=short, admin1=short, admin2=short, country="IQ"),
        parties=(short, short),
        foreign_ids=(said.ForeignId(scheme="invented", value=short),),
    )
    stream = f"incident/{key}"
    for line in ("killed", f"killed[place={short}]"):
        claims = (said.Claimed(line=line, count=counting.parse("2+")),)
        yield Draft(stream=stream, data=said.CountsReported(claims=claims), citations=(by,))
    actor = said.ResponsibilityAttributed(actor=short, stance="accuses")
    yield Draft(stream=stream, data=actor, citations=(by,))
    person = said.PersonIdentified(
        name=short,
        line="killed",
        rank=short,
        service=short,
        unit=short,
        home=short,
        variants=(short,),
    )
    yield Draft(stream=stream, data=person, citations=(by,))
    if number:
        yield msgspec.structs.replace(link(key, "raid-0", of=paper), citations=(by,))
    yield _replaced(tally(f"tally-{number}"), title=nasty)
    counted = TALLY if number % 100 else f"tally-{number}"
    published = total(str(number), day, counted, of=GAZETTE)
    yield msgspec.structs.replace(
        _replaced(published, definition=short), citations=(by if number % 2 else cite(),)
    )
    yield Draft(stream=stream, data=said.NoteAdded(text=short))
    yield Draft(stream=stream, data=said.IncidentRevised(title=f"{short} again", reason=short))


def _replaced(draft: Draft, **fields: object) -> Draft:
    return msgspec.structs.replace(draft, data=msgspec.structs.replace(draft.data, **fields))
