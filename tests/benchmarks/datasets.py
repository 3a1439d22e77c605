"""Files as UCDP publishes GED 19.1, of as many rows as a benchmark asks for.

They repeat the 3,194 events of Bangladesh and Myanmar, each time with new ids; where that file is
absent, as many invented ones of the same columns and the same length, about 420 bytes a row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.conftest import SHARED

PUBLISHED = SHARED / "data" / "ucdp" / "ged191-bgd-mmr.csv"
FIRST_ID = 1_000_000


class Table(NamedTuple):
    """The cells of a file."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def ged(folder: Path, number: int) -> Path:
    """A file of so many rows, written if it is not there yet."""
    return _written(folder / f"ged191-{number}.csv", number, changed=0)


def ged_changed(folder: Path, number: int, changed: int) -> Path:
    """The same rows, but so many of them differ in one cell: the highest count is one more."""
    return _written(folder / f"ged191-{number}-changed.csv", number, changed)


def _written(path: Path, number: int, changed: int) -> Path:
    if not path.exists():
        header, rows = _published() if PUBLISHED.is_file() else _invented()
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(_repeated(header, rows, number, changed))
    return path


def _repeated(
    header: Sequence[str], rows: Sequence[Sequence[str]], number: int, changed: int
) -> Iterable[Sequence[str]]:
    """So many rows, each with an id of its own; those that change are evenly spread."""
    own, high = header.index("id"), header.index("high")
    step = number // changed if changed else number + 1
    for at, row in enumerate(islice(cycle(rows), number), 1):
        cells = [*row]
        cells[own] = str(FIRST_ID + at)
        if at % step == 0:
            cells[high] = str(int(cells[high]) + 1)
        yield cells


@cache
def _published() -> Table:
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        return Table(next(reader), list(reader))


@cache
def _invented() -> Table:
    """As many rows as the published file has, in which the same columns vary about as much."""
    rows = [_row(Random(number)) for number in range(3194)]
    return Table(list(rows[0]), [list(row.values()) for row in rows])


def _row(random: Random) -> dict[str, str]:
    """An event by the name of its columns; the id is put in later."""
    dyad, town, day = random.randrange(39), random.randrange(650), random.randrange(10_000)
    begun = date(1990, 1, 1) + timedelta(day)
    country, code = random.choice((("Bangladesh", 771), ("Myanmar (Burma)", 775)))
    state, group = f"Government of {country}", f"Invented Front {dyad}"
    latitude, longitude = f"{16 + town / 100:.6f}", f"{95 + town / 200:.6f}"
    headline, named = f"Invented clashes {day}", random.randrange(5) < 2
    killed = [int(random.paretovariate(1.2)) - 1 for _ in range(4)]
    return {
        "id": "",
        "year": str(begun.year),
        "active_year": "1",
        "type_of_violence": str(1 + dyad % 3),
        "conflict_new_id": str(200 + dyad // 2),
        "conflict_name": f"{country}: Invented Territory {dyad // 2}",
        "dyad_new_id": str(400 + dyad),
        "dyad_name": f"{state} - {group}",
        "side_a_new_id": "144",
        "gwnoa": str(code),
        "side_a": state,
        "side_b_new_id": str(800 + dyad),
        "gwnob": "",
        "side_b": group,
        "number_of_sources": "1",
        "source_article": f'"Invented Agency,{begun},{headline}"',
        "source_office": "Invented Agency" if named else "",
        "source_date": str(begun) if named else "",
        "source_headline": headline if named else "",
        "source_original": random.choice(("", "", "invented police")),
        "where_prec": str(random.randrange(1, 8)),
        "where_coordinates": f"Invented Town {town}",
        "adm_1": f"Invented State {town % 30}",
        "adm_2": f"Invented District {town % 120}",
        "latitude": latitude,
        "longitude": longitude,
        "geom_wkt": f"POINT ({longitude} {latitude})",
        "priogrid_gid": str(150_000 + town),
        "country": country,
        "country_id": str(code),
        "region": "Asia",
        "event_clarity": str(random.choice((1, 1, 1, 2))),
        "date_prec": str(random.choice((1, 1, 1, 2, 3))),
        "date_start": str(begun),
        "date_end": str(begun + timedelta(random.choice((0, 0, 0, 1, 6)))),
        "deaths_a": str(killed[0]),
        "deaths_b": str(killed[1]),
        "deaths_civilians": str(killed[2]),
        "deaths_unknown": str(killed[3]),
        "low": str(sum(killed)),
        "best": str(sum(killed)),
        "high": str(sum(killed) + random.choice((0, 0, 3, 40))),
    }
