"""Templates: the cells of a row to texts, numbers and dates, with all that is wrong with them.

A template is a text with the names of columns in braces, `{side_a} against {side_b}`. It says
nothing ("") where one of its columns is empty or holds a code that means unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from ledger import dates
from ledger.counts import MOST
from ledger.events.checks import Fault
from ledger.intake.mapping import Cell, Date, Span, Text
from ledger.vocabulary import did_you_mean

_COLUMN = re.compile(r"\{([^{}]+)\}")
_WHOLE = re.compile(r"([+-]?\d+)(?:\.0*)?", re.ASCII)
EDTF = "EDTF"
_LONG = 200
"""Characters from which on a list of words is no help."""
_MIDNIGHT = "T00:00"
_IF_UNKNOWN = "a code that means unknown is named in the mapping, under [columns.unknown]"


class Rules(NamedTuple):
    """What a mapping says of all its cells.

    `unknown` are the codes of each column that mean unknown, `numbers` the columns of whole
    numbers, `dates` the formats of dates, `words` the vocabularies by name.
    """

    unknown: Mapping[str, frozenset[str]]
    numbers: frozenset[str]
    dates: tuple[str, ...]
    words: Mapping[str, Mapping[str, str]]


class Template(NamedTuple):
    """The columns that a template names, and a format string with a place for each."""

    columns: tuple[str, ...]
    form: str


@lru_cache(maxsize=4096)
def parsed(template: str) -> Template:
    """A template taken apart."""
    columns = tuple(_COLUMN.findall(template))
    literals = [part.replace("{", "{{").replace("}", "}}") for part in _COLUMN.split(template)[::2]]
    return Template(columns, "{}".join(literals))


def columns_of(spec: Date | Text) -> Iterator[str]:
    """The columns that a text or a date of a mapping names."""
    if isinstance(spec, str):
        yield from parsed(spec).columns
    elif isinstance(spec, Cell):
        yield from parsed(spec.template).columns
    else:
        parts = (spec.start, spec.end, spec.precision) if isinstance(spec, Span) else spec
        for one in parts:
            yield from columns_of(one)


def taken_apart(text: str, split: str) -> list[str]:
    """The parts of a text, without quotes around them; an empty one says nothing."""
    parts = text.split(split) if split else [text]
    return [part for part in [part.strip().strip('"') for part in parts] if part]


Row = Sequence[str]
Read = Callable[[Row], str]


def direct(spec: Text, places: Mapping[str, int], rules: Rules) -> Read | None:
    """What reads a text straight from a row, as `Cells.text` does; None where it cannot be.

    It says nothing where something is unusual: for what is required, `Cells` then says what.
    """
    if isinstance(spec, Cell) or any(name in rules.unknown for name in columns_of(spec)):
        return None
    if not isinstance(spec, tuple):
        return _read_of(spec, places, rules)
    reads = []
    for one in spec:
        if isinstance(one, Cell):
            return None
        reads.append(_read_of(one, places, rules))
        if one.strip() and not parsed(one).columns:
            break  # a constant always says something
    return reads[0] if len(reads) == 1 else lambda row: _first(reads, row)


def _read_of(template: str, places: Mapping[str, int], rules: Rules) -> Read:
    columns, form = parsed(template)
    if not columns:
        constant = template.strip()
        return lambda _row: constant
    picks = [_pick(name, places, rules) for name in columns]
    if len(picks) > 1:
        return lambda row: _fill(form, [pick(row) for pick in picks])
    (pick,) = picks
    if form == "{}":
        return lambda row: pick(row).strip()
    return lambda row: _fill(form, [pick(row)])


def _pick(name: str, places: Mapping[str, int], rules: Rules) -> Read:
    place = places[name]
    if name not in rules.numbers:
        return itemgetter(place)

    def number(row: Row) -> str:
        text = row[place]
        return text if text.isdecimal() and text.isascii() else _trimmed(text)

    return number


def _trimmed(text: str) -> str:
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else ""


def _fill(form: str, values: Sequence[str]) -> str:
    return "" if "" in values else form.format(*values).strip()


def _first(reads: Iterable[Read], row: Row) -> str:
    return next((text for read in reads if (text := read(row))), "")


class Cells:
    """Some cells of one row, by the names of their columns; `found` collects what is wrong."""

    __slots__ = ("_rules", "found", "texts")

    def __init__(self, names: Sequence[str], texts: Sequence[str], rules: Rules) -> None:
        self._rules = rules
        self.found: list[Fault] = []
        self.texts = dict(zip(names, texts, strict=True))
        for name in names:
            if name in rules.numbers:
                self.texts[name] = self._whole(name, self.texts[name])

    def text(self, spec: Text) -> str:
        """What the first alternative that says something says."""
        if isinstance(spec, tuple):
            return next((text for one in spec if (text := self.text(one))), "")
        if isinstance(spec, str):
            return self._filled(spec)
        filled = self._filled(spec.template)
        return self._word(spec, filled) if spec.words and filled else filled

    def texts_of(self, spec: Text) -> tuple[str, ...]:
        """What all alternatives say, each taken apart where it is to be."""
        found: list[str] = []
        for one in spec if isinstance(spec, tuple) else (spec,):
            text = self.text(one)
            found += taken_apart(text, one.split if isinstance(one, Cell) else "")
        return tuple(dict.fromkeys(found))

    def number(self, spec: Text) -> int | None:
        """A whole number, from 0; None where nothing is said."""
        text = self.text(spec)
        if not text:
            return None
        whole = _WHOLE.fullmatch(text)
        if whole is None or not 0 <= int(whole[1]) <= MOST:
            self.fault(spec, "not-a-number", f"{text!r} is no whole number from 0", _IF_UNKNOWN)
            return None
        return int(whole[1])

    def unknown(self, spec: Text) -> bool:
        """Whether a column of the template holds a code that means unknown."""
        return any(map(self._is_unknown, columns_of(spec)))

    def date(self, spec: Date) -> str:
        """A date as the ledger writes it; "" where nothing is said."""
        if not isinstance(spec, Span):
            return self._day(spec)
        start, end = self._day(spec.start), self._day(spec.end)
        whole = start if end in ("", start) else f"{start}/{end}"
        match self.text(spec.precision) if whole and spec.precision else "":
            case "approximate" if "/" not in whole:
                return whole + "~"
            case "month":
                return start[:7]
            case "year":
                return start[:4]
        return whole

    def fault(self, spec: Date | Text, code: str, message: str, hint: str = "") -> None:
        """Note what is wrong with the cells that a template names."""
        self.found.append(Fault(", ".join(columns_of(spec)) or "mapping", code, message, hint))

    def _filled(self, template: str) -> str:
        columns, form = parsed(template)
        values = [self.texts[name] for name in columns]
        if "" in values or any(map(self._is_unknown, columns)):
            return ""
        return form.format(*values).strip()

    def _word(self, spec: Cell, text: str) -> str:
        words = self._rules.words[spec.words] if isinstance(spec.words, str) else spec.words
        word = words.get(text)
        if word is None:
            message = f"{text!r} is not in the vocabulary of the mapping"
            near = did_you_mean(text, words)
            hint = near if len(near) < _LONG else "see `ledger mapping show` for its words"
            self.fault(spec, "unknown-word", message, hint)
        return word or ""

    def _day(self, spec: Text) -> str:
        text = self.text(spec)
        if not text:
            return ""
        day = _read_date(text, self._rules.dates)
        if day is None:
            self.fault(spec, "bad-date", _no_date(text, self._rules.dates))
        return day or ""

    def _whole(self, name: str, text: str) -> str:
        if not text or self._is_unknown(name):
            return text
        whole = _WHOLE.fullmatch(text)
        if whole is None:
            message = f"{text!r} is no whole number"
            self.found.append(Fault(name, "not-a-number", message, _IF_UNKNOWN))
        return whole[1] if whole else ""

    def _is_unknown(self, name: str) -> bool:
        codes = self._rules.unknown.get(name)
        return codes is not None and self.texts[name] in codes


def _no_date(text: str, formats: Sequence[str]) -> str:
    """Why a text is no date in any of the formats."""
    if tuple(formats) == (EDTF,):
        try:
            dates.parse(text)
        except dates.DateError as error:
            return str(error)
    forms = ["YYYY-MM-DD, YYYY-MM, YYYY" if form == EDTF else form for form in formats]
    return f"{text!r} is no date of the form {' or '.join(forms)}"


@lru_cache(maxsize=8192)
def _read_date(text: str, formats: tuple[str, ...]) -> str | None:
    """The date that a text writes in the first format that fits; None if none does."""
    for form in formats:
        if form == EDTF:
            try:
                return dates.parse(text).text
            except dates.DateError:
                continue
        try:
            read = datetime.strptime(text, form)  # noqa: DTZ007 - days are local to the report
        except ValueError:
            continue
        time = "%H:%M:%S" if read.second else "%H:%M"
        return read.strftime(f"%Y-%m-%dT{time}").removesuffix(_MIDNIGHT)
    return None
