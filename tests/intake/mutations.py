"""Files of rows that went wrong: a good one, damaged as its number says, the same in every run."""

from __future__ import annotations

import csv
import gzip
import io
import json
import lzma
import random
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import openpyxl

from ledger.events import Draft
from ledger.events import payloads as said
from ledger.places import Place
from tests.conftest import ROOT
from tests.invented import cite, source

Rows = list[list[str]]
"""The header, and below it the rows."""

FORMATS = ("csv",) * 12 + ("csv.gz", "csv.xz", "json", "json", "jsonl", "jsonl", "xlsx", "utf-16")


INVENTED = ROOT / "tests" / "data" / "ged241-invented.csv"


def read(most: int, path: Path = INVENTED) -> Rows:
    """The header and the first rows of a file, invented ones if no other is named."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(islice(csv.reader(file), most + 1))


def by_hand() -> list[Draft]:
    """What a steward recorded before: one incident is like the first of the invented rows."""
    data = said.IncidentRecorded(
        kind="state-based",
        title="Invented Government - Invented Front, Invented Town",
        date="2022-01-01",
        place=Place(name="Invented Town", country="BD", latitude="22.0", longitude="91.0"),
        parties=("Invented Government", "Invented Front"),
    )
    return [source(), Draft(stream="incident/by-hand", data=data, citations=(cite(),))]


class Mutant(NamedTuple):
    """A damaged file: its suffix, its bytes, the encoding to ask for, and what was done to it."""

    suffix: str
    body: bytes
    encoding: str
    done: list[str]


def mutant(number: int, rows: Rows) -> Mutant:
    """The file that a number stands for, from one to four kinds of damage to `rows`."""
    chance = random.Random(f"mutant {number}")
    form = chance.choice(FORMATS)
    ours = [list(row) for row in rows]
    done = [form]
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        damage = chance.choice(IN_ROWS)
        damage(ours, chance)
        done.append(damage.__name__)
    body = _written(form, ours, chance)
    for _ in range(chance.choice((0, 0, 1, 1, 2)) if form != "xlsx" or len(done) == 1 else 0):
        spoil = chance.choice(IN_BYTES)
        body = spoil(body, chance)
        done.append(spoil.__name__)
    if form in ("csv.gz", "csv.xz"):
        body = gzip.compress(body, 1, mtime=0) if form == "csv.gz" else lzma.compress(body)
        if chance.random() < 0.4:
            spoil = chance.choice((cut_off, flip_bits, twice, _as_it_is))
            body = spoil(body, chance)
            done.append(f"{spoil.__name__} when packed")
    suffix = "csv" if form == "utf-16" else form
    return Mutant(suffix, body, form if form == "utf-16" else "", done)


def written(form: str, rows: Sequence[Sequence[str]]) -> bytes:
    """Rows as a file of a format, as they are."""
    if form == "csv":
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        return text.getvalue().encode()
    return _written(form, [list(row) for row in rows], random.Random(0))


def _written(form: str, rows: Rows, chance: random.Random) -> bytes:
    match form:
        case "json" | "jsonl":
            objects = [_object(rows[0], row) for row in rows[1:]]
            if form == "json":
                return ("[\n" + ",\n".join(objects) + "\n]\n").encode()
            return "".join(f"{one}\n" for one in objects).encode()
        case "xlsx":
            return _sheet(rows)
        case _:
            ends = chance.choice(("\n", "\n", "\n", "\r\n", "\r"))
            text = io.StringIO()
            dialect = csv.unix_dialect if chance.random() < 0.3 else csv.excel
            csv.writer(text, dialect, lineterminator=ends).writerows(rows)
            encoding = "utf-16" if form == "utf-16" else "utf-8"
            return text.getvalue().encode(encoding, "replace")


def _object(header: list[str], row: list[str]) -> str:
    pairs = zip(header, row, strict=False)
    members = (f"{json.dumps(name)}: {_value(name, cell)}" for name, cell in pairs)
    return "{" + ", ".join(members) + "}"


def _value(name: str, cell: str) -> str:
    if not cell:
        return "null"
    number = name in _NUMBERS and cell.isascii() and cell.replace(".", "", 1).isdigit()
    return cell if number and cell[0] not in "0." and cell[-1] != "." else json.dumps(cell)


def _sheet(rows: Rows) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("rows")
    for row in rows:
        sheet.append([_cell(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(cell: str) -> str | int | None:
    """What a spreadsheet makes of a text; it has no control characters, and 32,767 at most."""
    kept = "".join(one for one in cell if one.isprintable() or one in "\t\n\r")[:32_767]
    return int(kept) if kept.isascii() and kept.isdigit() and len(kept) < 10 else kept or None


# Damage to rows

_NUMBERS = (
    "id", "type_of_violence", "conflict_new_id", "dyad_new_id", "number_of_sources", "where_prec",
    "latitude", "longitude", "event_clarity", "date_prec", "deaths_a", "deaths_b",
    "deaths_civilians", "low", "best", "high",
)  # fmt: skip
_DATES = ("date_start", "date_end")
_NO_NUMBERS = (
    "-1", "-99", "2.5", "2.0", "2.", ".5", "1e3", "1,000", "1 000", "NaN", "inf", "many", "?", "~3",
    "007", "+4", "--", "9" * 30, "-0", "0x10", "٣", "²", "Ⅷ", "10000000001", "1.0.0", " 3 ", "3\n",
    "10-20", "99999999999999999999999.0", "{id}", "=1+1", "null", "true", "\u00a07", "1_000",
)  # fmt: skip
_NO_DATES = (
    "12/05/2022", "05-12-2022", "2022-02-30", "2022-13-01", "0000-00-00", "2022", "2022-05", "",
    "99999-01-01", "-2022-01-01", "2022-05-11T25:00:00", "2022-05-11 00:00:00.000000001", "44927",
    "2022-W05-1", "today", "2022-05-11Z", "1066-10-14", "2199-01-01", "2022-05-11/2022-05-01",
    "\uff12\uff10\uff12\uff12-05-11", " 2022-05-11", "2022-05-11 13:45:10", "0001-01-01",
)  # fmt: skip
_TEXTS = (
    "", " ", "\t", "TK TK", "NULL", "{id}", "{", "}", "{0}", "%s", "=cmd|'/c calc'!A0", "@SUM(1)",
    "a\x00b", "a\x07b", "a\x1fb", "a\x7fb", "a\x85b", "a\u202eb", "a\u2066b", "a\u2028b", "\ufeffa",
    "e\u0301", "\ud800", "\U0001f480", "\ufffe", "a\nb", "a\rb", "a\r\nb", "\n", '"', '""', "';--",
    "[]", "a=b", "killed[role=civilian]", "x" * 300, "ß" * 3_000, "\u200b", "\u0130", "s\u0323",
    "Invented Town", "Myanmar (Burma)", "bangladesh", "Côte d'Ivoire", "../../x", "a;b;;c;",
)  # fmt: skip


def change_cells(rows: Rows, chance: random.Random) -> None:
    """Cells hold what nobody expects."""
    for _ in range(chance.choice((1, 3, 12))):
        _put(rows, chance, chance.choice(rows[0] or [""]), chance.choice(_TEXTS))


def change_numbers(rows: Rows, chance: random.Random) -> None:
    """Numbers become words, negatives, floats."""
    for _ in range(chance.choice((1, 3, 12))):
        _put(rows, chance, chance.choice(_NUMBERS), chance.choice(_NO_NUMBERS))


def change_counts(rows: Rows, chance: random.Random) -> None:
    """Other whole numbers: what a later version of a dataset says."""
    for _ in range(chance.choice((1, 5, 20))):
        _put(rows, chance, chance.choice(_NUMBERS), str(chance.choice((0, 1, 2, 3, 7, 40, 900))))


def turn_dates(rows: Rows, chance: random.Random) -> None:
    """Dates the other way round, that there are not, or in other words."""
    for _ in range(chance.choice((1, 3, 12))):
        _put(rows, chance, chance.choice(_DATES), chance.choice(_NO_DATES))


def swap_cells(rows: Rows, chance: random.Random) -> None:
    """Two cells of a row, or of all rows, change places."""
    for row in _some(rows, chance):
        if len(row) > 1:
            one, other = chance.sample(range(len(row)), 2)
            row[one], row[other] = row[other], row[one]


def swap_columns(rows: Rows, chance: random.Random) -> None:
    """Two columns change places, with their names or without."""
    least = min(map(len, rows))
    if least > 1:
        one, other = chance.sample(range(least), 2)
        for row in rows[chance.choice((0, 0, 1)) :]:
            row[one], row[other] = row[other], row[one]


def drop_cells(rows: Rows, chance: random.Random) -> None:
    """Rows are too short."""
    for row in _some(rows, chance):
        if row:
            del row[chance.randrange(len(row)) :][: chance.choice((1, 2, 99))]


def add_cells(rows: Rows, chance: random.Random) -> None:
    """Rows are too long."""
    for row in _some(rows, chance):
        row.insert(chance.randint(0, len(row)), chance.choice(("", "more", "\n")))


def repeat_rows(rows: Rows, chance: random.Random) -> None:
    """Rows come again, as they are or with another count; also the header."""
    for _ in range(chance.choice((1, 2, 9))):
        again = list(chance.choice(rows))
        if again and chance.random() < 0.5:
            again[-2:-1] = ["77"]
        rows.insert(chance.randint(1, len(rows)), again)


def shuffle_rows(rows: Rows, chance: random.Random) -> None:
    """The rows in another order, without some of them."""
    below = rows[1:]
    chance.shuffle(below)
    rows[1:] = below[chance.choice((0, 3)) :]


def same_keys(rows: Rows, chance: random.Random) -> None:
    """Rows take the keys of others, or new ones."""
    keys = [row[0] for row in rows[1:] if row] or [""]
    for row in _some(rows, chance):
        if row and row is not rows[0]:
            row[0] = chance.choice(
                (chance.choice(keys), str(chance.randrange(10**9)), row[0] + ".0")
            )


def huge_cells(rows: Rows, chance: random.Random) -> None:
    """Cells, rows or events beyond what may be."""
    row = chance.choice(rows)
    size = chance.choice((17_000, 60_000, 65_536, 65_537, 70_000, 300_000, 1_100_000))
    for place in chance.sample(range(len(row)), min(len(row), chance.choice((1, 1, 2, 12)))):
        fill = chance.choice(("x", "é", "x,", 'x"', "x" * 99 + "\n"))
        row[place] = fill * (size // len(fill))


def damage_header(rows: Rows, chance: random.Random) -> None:
    """A name is missing, there twice, or another."""
    header = rows[0]
    if not header:
        return
    place = chance.randrange(len(header))
    name = header[place]
    header[place] = chance.choice(
        ("", " ", name.upper(), f" {name} ", f"\ufeff{name}", "id", "best", "_raw", "_code",
         "new\n", f"{name}s", "iso3", "{id}", "a\x07", "\u202e", "event_id_cnty")
    )  # fmt: skip


def no_header(rows: Rows, chance: random.Random) -> None:
    """The first row is gone, or one stands above it."""
    if chance.random() < 0.5 and len(rows) > 1:
        del rows[0]
    else:
        rows.insert(0, chance.choice(([""], ["Invented export of 2024"], [])))


def _some(rows: Rows, chance: random.Random) -> Rows:
    return chance.sample(rows, min(len(rows), chance.choice((1, 1, 3, len(rows)))))


def _put(rows: Rows, chance: random.Random, name: str, text: str) -> None:
    row = chance.choice(rows[1:] or rows)
    place = rows[0].index(name) if name in rows[0] else 0
    if place < len(row):
        row[place] = text


# Damage to bytes


def flip_bits(body: bytes, chance: random.Random) -> bytes:
    """Some bits are the other way round."""
    ours = bytearray(body)
    for _ in range(chance.choice((1, 4, 30)) if ours else 0):
        ours[chance.randrange(len(ours))] ^= 1 << chance.randrange(8)
    return bytes(ours)


def put_in(body: bytes, chance: random.Random) -> bytes:
    """Something stands where it should not."""
    for _ in range(chance.choice((1, 1, 5))):
        place = chance.randint(0, len(body))
        body = body[:place] + chance.choice(_BYTES) + body[place:]
    return body


def take_out(body: bytes, chance: random.Random) -> bytes:
    """A piece is missing."""
    place = chance.randint(0, len(body))
    return body[:place] + body[place + chance.choice((1, 1, 10, 500, 5_000)) :]


def cut_off(body: bytes, chance: random.Random) -> bytes:
    """The end is missing."""
    return body[: chance.choice((0, 1, 3, len(body) - 1, chance.randint(0, len(body))))]


def twice(body: bytes, chance: random.Random) -> bytes:
    """The file comes twice, or its end does."""
    return body + body[chance.choice((0, 0, len(body) // 2)) :]


def mix_encodings(body: bytes, chance: random.Random) -> bytes:
    """A part, or all, is in another encoding."""
    encoding = chance.choice(("cp1252", "latin-1", "utf-16", "utf-16-le", "utf-8-sig"))
    first, last = sorted(chance.choice((0, len(body), chance.randint(0, len(body)))) for _ in "ab")
    text = body[first:last].decode("utf-8", "replace")
    return body[:first] + text.encode(encoding, "replace") + body[last:]


def other_ends(body: bytes, chance: random.Random) -> bytes:
    """Lines end otherwise, here and there or throughout."""
    often = chance.choice((0.1, 0.5, 1.0))
    *lines, last = body.split(b"\n")
    ends = [
        chance.choice((b"\r", b"\r\n", b"\n\n", b"\r\r\n")) if chance.random() < often else b"\n"
        for _ in lines
    ]
    return b"".join(line + end for line, end in zip(lines, ends, strict=True)) + last


def other_delimiter(body: bytes, chance: random.Random) -> bytes:
    """Another character between cells."""
    return body.replace(b",", chance.choice((b";", b"\t", b"|", b", ")))


def _as_it_is(body: bytes, _chance: random.Random) -> bytes:
    return body


_BYTES = (
    b'"', b'"', b'""', b"\0", b"\xef\xbb\xbf", b"\r", b"\n", b"\n\n", b",", b",,,", b";", b"\x1a",
    b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80\xae", b"\xc2\x85", b"}",
    b"]", b"{", b"[" * 3_000, b'{"id": 1}', b"NaN", b'\n"', b'x"y', b"\\", b"\\ud800", b"# note\n",
)  # fmt: skip

IN_ROWS: tuple[Callable[[Rows, random.Random], None], ...] = (
    change_cells, change_cells, change_numbers, change_numbers, change_counts, change_counts,
    turn_dates, turn_dates, swap_cells, swap_columns, drop_cells, add_cells, repeat_rows,
    shuffle_rows, same_keys, huge_cells, damage_header, no_header,
)  # fmt: skip
IN_BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flip_bits, put_in, put_in, take_out, cut_off, twice, mix_encodings, other_ends, other_delimiter,
)  # fmt: skip
