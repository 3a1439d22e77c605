"""How a part of a row is made: of some cells, and once for the same cells.

Rows of a dataset repeat each other: its places, parties, dates and counts are few beside its
rows. So a part is built and checked at leisure, and looked up for the next row that says the
same. What is wrong with a part comes with it, by the columns that it was made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Generic, NamedTuple, TypeVar

from ledger.counting import lines
from ledger.events import Draft, Payload
from ledger.events.checks import Fault, NewValues
from ledger.events.faults import faults
from ledger.intake import mapping as spec
from ledger.intake.mapping import Date, Text
from ledger.intake.templates import Cells, Read, Row, Rules, columns_of, direct
from ledger.sources import Citation

Value = TypeVar("Value")
Fields = Mapping[str, Date | Text]
"""What of a mapping each field of an event was made of."""

_KEPT = 16_384
"""Parts of a kind that are kept: more than a dataset has parties or places in a row of years."""
_STAND_IN = Citation("missing", "missing")


class Made(NamedTuple, Generic[Value]):
    """A part, and what is wrong with it."""

    value: Value
    faults: tuple[Fault, ...]


class Setting(NamedTuple):
    """What parts need of a mapping and of the file: places of columns, rules, new values."""

    places: Mapping[str, int]
    rules: Rules
    new_values: NewValues


def part(
    setting: Setting,
    specs: Iterable[Date | Text],
    build: Callable[[Cells], Value],
    *,
    repeats: bool = True,
) -> Callable[[Row], Made[Value]]:
    """What makes a part of a row; `repeats` where rows are expected to say the same again."""
    names = tuple(dict.fromkeys(name for one in specs for name in columns_of(one)))
    pick = _picker([setting.places[name] for name in names])

    def make(texts: tuple[str, ...]) -> Made[Value]:
        cells = Cells(names, texts, setting.rules)
        value = build(cells)
        return Made(value, tuple(cells.found))

    kept = lru_cache(maxsize=_KEPT)(make) if repeats else make
    return lambda row: kept(pick(row))


def look(
    cells: Cells, data: Payload, fields: Fields, new: NewValues, stream: str = "incident/a"
) -> None:
    """Note what is wrong with an event by itself, as `ledger.events.faults` sees it.

    Of cells that are at fault already nothing more is said: what they left empty is no news.
    """
    told = {name for one in cells.found for name in one.key.split(", ")}
    for one in faults(Draft(stream=stream, data=data, citations=(_STAND_IN,)), new):
        made_of = next((value for key, value in fields.items() if one.key.startswith(key)), "")
        names = list(columns_of(made_of))
        filled = [name for name in names if cells.texts[name]]
        if told.isdisjoint(names):
            said_by = tuple(f"{{{name}}}" for name in filled or names)
            cells.fault(said_by, one.code, lines.for_mappings(one.message), one.hint)


def together(cells: Cells, one: Text) -> str:
    """A row's key: all that its templates say, since a single column may not tell rows apart."""
    told = [cells.text(text) for text in (one if isinstance(one, tuple) else (one,))]
    return " ".join(text for text in told if text) or required(cells, "key", one)


def required(cells: Cells, name: str, one: Text) -> str:
    """A text that a row cannot do without; that it says nothing is noted."""
    text = cells.text(one)
    if not text and not cells.found:
        cells.fault(one, "missing", f"nothing is said, and the row needs its {name}")
    return text


def required_date(cells: Cells, one: Date) -> str:
    """A date that a row cannot do without; that it says nothing is noted."""
    text = cells.date(one)
    if not text and not cells.found:
        cells.fault(one, "missing", "nothing is said, and the row needs a date")
    return text


def flat(specs: Iterable[Date | Text]) -> Text:
    """Several texts as one list of alternatives; dates by the columns that they name."""
    found: list[str | spec.Cell] = []
    for one in specs:
        if isinstance(one, spec.Span):
            found += [f"{{{name}}}" for name in columns_of(one)]
        else:
            found += one if isinstance(one, tuple) else (one,)
    return tuple(text for text in found if text)


def direct_read(one: Text, setting: Setting) -> Read | None:
    """What reads a text straight from a row; see `templates.direct`."""
    return direct(one, setting.places, setting.rules)


def _picker(indexes: Sequence[int]) -> Callable[[Row], tuple[str, ...]]:
    """What takes the cells at some places out of a row, as a tuple."""
    if not indexes:
        return lambda _row: ()
    if len(indexes) == 1:
        only = indexes[0]
        return lambda row: (row[only],)
    return itemgetter(*indexes)
