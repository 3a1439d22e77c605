"""The mappings that come with the program, and mappings read from files.

Each `NAME.toml` here is one; `vocabularies.toml` holds the words that they share. `README.md`
of the room above explains how one is written.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from ledger.counting import lines
from ledger.errors import LedgerError, RefusedError, refusal
from ledger.events.faults import KEYS
from ledger.intake import mapper, templates
from ledger.intake import mapping as spec
from ledger.intake.readers import Shape
from ledger.places import COUNTRIES
from ledger.problems import Problem
from ledger.vocabulary import ATTRIBUTES, MEASURES, did_you_mean, in_words, is_key

_SHARED = "vocabularies"
_SUFFIX = ".toml"
_SETTING = re.compile(r"\{[^{}]+\}")


def names() -> list[str]:
    """The names of the mappings that come with the program."""
    found = (Path(one.name) for one in resources.files(__name__).iterdir())
    return sorted(one.stem for one in found if one.suffix == _SUFFIX and one.stem != _SHARED)


def text_of(name: str) -> str:
    """A mapping that comes with the program, as it is written; raises UnknownMappingError."""
    if name not in names():
        raise UnknownMappingError(name)
    return resources.files(__name__).joinpath(name + _SUFFIX).read_text(encoding="utf-8")


class UnknownMappingError(LedgerError):
    """No mapping of that name comes with the program."""

    def __init__(self, name: str) -> None:
        hint = did_you_mean(name, names())
        super().__init__(f"no mapping {name!r} comes with the program: {hint}")


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """The vocabularies that all mappings may name.

    `country-codes` is made here: codes of either length, as columns of countries mix them.
    """
    whole = resources.files(__name__).joinpath(_SHARED + _SUFFIX).read_text(encoding="utf-8")
    shared = tomllib.loads(whole)
    return {**shared, "country-codes": {**{code: code for code in COUNTRIES}, **shared["iso3"]}}


def load(name: str) -> spec.Mapping:
    """A mapping by its name, or from a file (its name has a suffix or a folder).

    Raises UnknownMappingError, and RefusedError with all that is wrong with it.
    """
    path = Path(name)
    if path.suffix or len(path.parts) > 1:
        found, problems = read(path)
    else:
        found, problems = parse(text_of(name), name)
    if problems or found is None:
        raise RefusedError(problems)
    return found


def read(path: Path) -> tuple[spec.Mapping | None, list[Problem]]:
    """The mapping in a file, or all that is wrong with it."""
    try:
        return parse(path.read_text(encoding="utf-8-sig"), str(path))
    except UnicodeDecodeError:
        hint = "save the file as UTF-8"
        return None, [Problem(str(path), "not-utf-8", "the mapping is not UTF-8", hint)]
    except OSError as error:
        why = refusal(error)
        return None, [Problem(str(path), "no-file", f"cannot be read: {why}")]


def parse(text: str, where: str) -> tuple[spec.Mapping | None, list[Problem]]:
    """The mapping that a text writes, or all that is wrong with it."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return None, [Problem(where, "bad-toml", f"no TOML: {error}")]
    problems = [*_open_places(document, text, where), *_shape_faults(document, where)]
    if problems:
        return None, problems
    found = msgspec.convert(document, spec.Mapping)
    problems = [Problem(where, code, message, hint) for code, message, hint in _faults(found)]
    return (None if problems else found), problems


Fault = tuple[str, str, str]
"""Code, message, hint."""


TO_DO = "TODO"
"""What a drafted mapping has where a steward is to say something; see `ledger.intake.drafting`."""


def _open_places(document: dict[str, Any], text: str, where: str) -> Iterator[Problem]:
    """The places of a drafted mapping that are still to be filled in, each with its line."""
    keys = list(_to_do(document, ""))
    lines = [
        f"{where}:{number}"
        for number, line in enumerate(text.splitlines(), 1)
        for _ in range(line.partition("#")[0].count(f'"{TO_DO}"'))
    ]
    places = lines if len(lines) == len(keys) else [where] * len(keys)
    for place, key in zip(places, keys, strict=True):
        yield Problem(place, "to-do", f"{key} is still to be filled in")


def _to_do(value: object, key: str) -> Iterator[str]:
    match value:
        case dict():
            for name, one in value.items():
                yield from _to_do(one, f"{key}.{name}" if key else name)
        case list():
            for one in value:
                yield from _to_do(one, key)
        case str() if value == TO_DO:
            yield key


def _shape_faults(document: dict[str, Any], where: str) -> Iterator[Problem]:
    """What of the document has not the shape of a mapping: section by section, to find all."""
    fields = {one.encode_name: one for one in msgspec.structs.fields(spec.Mapping)}
    for name, field in fields.items():
        if field.required and name not in document:
            yield Problem(where, "missing-key", f"{name} is missing")
    for name, value in document.items():
        if name not in fields:
            hint = did_you_mean(name, fields)
            yield Problem(where, "unknown-key", f"a mapping has no {name!r}", hint)
            continue
        try:
            msgspec.convert(value, fields[name].type)
        except msgspec.ValidationError as error:
            hint = "`ledger mapping show incidents` is one that is right"
            yield Problem(where, "wrong-type", f"{name}: {in_words(error)}", hint)


def _faults(mapping: spec.Mapping) -> Iterator[Fault]:
    if not is_key(_SETTING.sub("x", mapping.id)):
        yield "bad-key", f"id {mapping.id!r} is no key", "use small letters, digits and dashes"
    if mapping.incident is not None and mapping.of:
        yield "two-incidents", "a row records an incident, or is of one that stands", "take one out"
    if not (mapping.incident or mapping.of or mapping.totals):
        yield "nothing-said", "rows become nothing", "give [incident], of, or [[totals]]"
    if (mapping.source is None) == (mapping.dataset is None):
        yield "no-source", "rows cite either [dataset] or [source]", "give one of them"
    if mapping.counts and not (mapping.incident or mapping.of):
        yield "no-incident", "counts are of an incident", "give [incident] or of"
    yield from _file_faults(mapping.file)
    yield from _pattern_faults(mapping)
    yield from _word_faults(mapping)


def _file_faults(file: spec.FileShape) -> Iterator[Fault]:
    if file.header and file.format not in ("csv", "tsv"):
        hint = "take [file] header out"
        yield "bad-header", f"a header can be given for csv and tsv, not for {file.format}", hint
    try:
        "".encode(file.encoding)
        Shape(file.format, file.delimiter)
    except LookupError:
        hint = "name a codec of Python, such as utf-8, cp1252 or utf-16"
        yield "unknown-encoding", f"there is no encoding {file.encoding!r}", hint
    except ValueError as error:
        yield "bad-delimiter", str(error), 'write one such as ";"; for tabs the format is "tsv"'


def _pattern_faults(mapping: spec.Mapping) -> Iterator[Fault]:
    dataset = mapping.dataset
    for pattern in dataset.names if dataset else ():
        try:
            re.compile(pattern)
        except re.error as error:
            yield "bad-pattern", f"{pattern!r} is no regular expression: {error}", ""
    for form in mapping.dates:
        if form != templates.EDTF and not {"%Y", "%y"} & set(re.findall(r"%.", form)):
            hint = "as datetime.strptime has it, such as %d/%m/%Y, or EDTF"
            yield "bad-format", f"{form!r} is no format of dates", hint


def _word_faults(mapping: spec.Mapping) -> Iterator[Fault]:
    """Words that the mapping itself gives, apart from the cells of rows."""
    known = {**words(), **mapping.words}
    for cell in mapper.cells_of(mapping):
        if isinstance(cell.words, str) and cell.words not in known:
            hint = did_you_mean(cell.words, known)
            yield "unknown-words", f"there is no vocabulary {cell.words!r}", hint
    yield from _attribute_faults(mapping)
    measures = [*(one.measure for one in mapping.counts), *(one.measure for one in mapping.totals)]
    for measure in measures:
        if _constant(measure) and measure not in MEASURES:
            hint = did_you_mean(str(measure), MEASURES)
            yield "unknown-measure", f"{measure!r} is no measure", hint
    for key in mapping.incident.labels if mapping.incident else ():
        if not is_key(key) or key in KEYS:
            yield "bad-label", f"no label can be called {key!r}", "name it otherwise"


def _attribute_faults(mapping: spec.Mapping) -> Iterator[Fault]:
    new = frozenset((key, one) for key, values in mapping.new_values.items() for one in values)
    for one in mapping.counts:
        for key, value in one.attributes.items():
            if key not in ATTRIBUTES:
                hint = did_you_mean(key, ATTRIBUTES)
                yield "unknown-attribute", f"a line has no {key!r}", hint
            elif _constant(value) and (fault := lines.value_fault(key, str(value), new)):
                yield "unknown-value", lines.for_mappings(fault), ""


def _constant(text: spec.Text) -> bool:
    return isinstance(text, str) and "{" not in text
