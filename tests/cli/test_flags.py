from __future__ import annotations

from collections.abc import Sequence

import pytest

from ledger.app import Ledger
from ledger.counts import Count
from ledger.events import Draft
from tests.audit.oddities import aged, at, claim, source
from tests.cli.command import Command
from tests.conftest import file_of
from tests.invented import counts, incident, link, person

KILLED_2 = incident("ambush", "killed 2")
REPRODUCERS: dict[str, tuple[Sequence[Draft], str]] = {
    "inverted-range": (
        [source(), incident("ambush"), claim("killed", Count(5, None, 1))],
        "position 2: inverted-range killed of ambush is 5/?/1: see `ledger show 2`",
    ),
    "best-outside-range": (
        [source(), incident("ambush"), claim("killed", Count(1, 9, 5))],
        "position 2: best-outside-range killed of ambush is 1/9/5: see `ledger show 2`",
    ),
    "parts-exceed-whole": (
        [source(), KILLED_2, counts("ambush", "killed[sex=male] 3")],
        (
            "incident ambush: parts-exceed-whole killed is less than its parts by sex: "
            "see `ledger show ambush`"
        ),
    ),
    "placeholder-name": (
        [source(), KILLED_2, person("ambush", "killed", "TK TK")],
        (
            "position 2: placeholder-name its name 'TK TK' is no name, it stands for one that is "
            "missing: see `ledger show 2`"
        ),
    ),
    "date-in-future": (
        [source(), incident("ambush", date="2024-02")],
        (
            "incident ambush: date-in-future its date 2024-02 was still to come when it was "
            "recorded: see `ledger show ambush`"
        ),
    ),
    "place-outside-country": (
        [source(), at("IQ", "44.366", "33.315")],
        (
            "incident ambush: place-outside-country latitude 44.366, longitude 33.315 is not "
            "in IQ: latitude and longitude seem to be exchanged"
        ),
    ),
    "impossible-age": (
        [source(), KILLED_2, aged(121)],
        "position 2: impossible-age an age of 121 years is more than 120: see `ledger show 2`",
    ),
    "counted-twice": (
        [source(), incident("raid", "killed 2"), KILLED_2, link("ambush", "raid", "part-of")],
        (
            "position 3: counted-twice ambush is part of raid, and both count killed: "
            "see `ledger show ambush` and `ledger show raid`"
        ),
    ),
    "more-people-than-counted": (
        [source(), KILLED_2, *(person("ambush", "killed", f"Invented {n}") for n in range(3))],
        (
            "incident ambush: more-people-than-counted 3 persons are identified on killed, which "
            "counts 2: see `ledger show ambush`"
        ),
    ),
}


@pytest.mark.parametrize("code", REPRODUCERS)
def test_each_flag_on_the_command_line(
    ledger: Ledger, capsys: pytest.CaptureFixture[str], code: str
) -> None:
    drafts, line = REPRODUCERS[code]
    ledger.append(drafts)
    command, of = Command(capsys, file_of(ledger).parent), ("--db", file_of(ledger))
    assert command(*of, "check") == (0, "", "")
    assert command(*of, "check", "--flags") == (1, line + "\n", "")
