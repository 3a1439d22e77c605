"""Files of drafts to tables, each with the file and line where it stands.

TOML: every `[[noun]]` is a draft. JSONL: every line is an object whose `draft` names the noun.
Decimals are kept as the text that was written, so that coordinates keep their digits.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ledger.errors import refusal
from ledger.problems import Problem

Value = str | int | bool | None | Sequence["Value"] | Mapping[str, "Value"]
"""What a table holds."""

STDIN = "-"
_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_-]+)\s*\]\]?")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)")


class Table(NamedTuple):
    """One draft as it was written: `where` is FILE:LINE, `noun` what it adds."""

    where: str
    noun: str
    values: Mapping[str, Value]


class Contents(NamedTuple):
    """What was read from a file: its bytes, its tables, its problems."""

    name: str
    body: bytes
    tables: list[Table]
    problems: list[Problem]


def read(path: Path) -> Contents:
    """The drafts in a file, or in standard input for `-`.

    A file that cannot be read is a problem, not an exception.
    """
    contents = Contents(path.name, b"", [], [])
    try:
        body = sys.stdin.buffer.read() if str(path) == STDIN else path.read_bytes()
        contents = contents._replace(body=body)
        text = contents.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = contents.body[: error.start].count(b"\n") + 1
        message = f"byte {contents.body[error.start]:#04x} is not UTF-8"
        problem = Problem(f"{path}:{line}", "not-utf-8", message, "save the file as UTF-8")
        return contents._replace(problems=[problem])
    except OSError as error:
        why = refusal(error)
        return contents._replace(problems=[Problem(str(path), "no-file", f"cannot be read: {why}")])
    match _format(path, text):
        case ".toml":
            found = _read_toml(str(path), text)
        case ".jsonl":
            found = _read_jsonl(str(path), text)
        case suffix:
            found = [
                Problem(
                    str(path),
                    "unknown-format",
                    f"a file of drafts ends in .toml or .jsonl, not in {suffix or 'nothing'}",
                )
            ]
    return contents._replace(
        tables=[one for one in found if isinstance(one, Table)],
        problems=[one for one in found if isinstance(one, Problem)],
    )


def _format(path: Path, text: str) -> str:
    """The suffix of a file; standard input is JSONL if it begins with a brace, else TOML."""
    if str(path) != STDIN:
        return path.suffix
    return ".jsonl" if text.lstrip().startswith("{") else ".toml"


def _read_toml(name: str, text: str) -> list[Table | Problem]:
    try:
        document = tomllib.loads(text.replace("\r\n", "\n"), parse_float=str)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _PLACE.search(message)
        where = f"{name}:{place[1]}:{place[2]}" if place else f"{name}:{text.count(chr(10)) + 1}"
        what = _PLACE.sub("", message).replace(" (at end of document)", ", at the end of the file")
        return [Problem(where, "bad-toml", f"no TOML: {what}")]
    except (RecursionError, ValueError) as error:
        return [Problem(name, "bad-toml", f"no TOML: {_in_words(error)}")]
    lines = _header_lines(text)
    found: list[Table | Problem] = []
    for noun, tables in document.items():
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            line = lines.get(noun, [1])[0]
            message = f"{noun!r} is no table of drafts"
            found.append(
                Problem(f"{name}:{line}", "not-a-draft", message, f"write [[{noun}]] above it")
            )
            continue
        places = lines.get(noun, [])
        for number, table in enumerate(tables):
            line = places[number] if number < len(places) else places[-1] if places else 1
            found.append(Table(f"{name}:{line}", noun, table))
    return found


def _header_lines(text: str) -> dict[str, list[int]]:
    """The lines of each `[[noun]]`, and of keys at the top level, outside of long texts."""
    found: dict[str, list[int]] = {}
    quote = ""
    for number, line in enumerate(text.split("\n"), 1):
        if not quote and (header := _HEADER.match(line) or _KEY.match(line)):
            found.setdefault(header[1], []).append(number)
        for mark in re.findall(r'"""|\'\'\'', line):
            if not quote:
                quote = mark
            elif mark == quote:
                quote = ""
    return _headers_only(found, text)


def _headers_only(found: dict[str, list[int]], text: str) -> dict[str, list[int]]:
    """Keep the lines of headers where a name has any: its other lines are keys within tables."""
    lines = text.split("\n")
    for name, numbers in found.items():
        headers = [number for number in numbers if _HEADER.match(lines[number - 1])]
        found[name] = headers or numbers
    return found


def _read_jsonl(name: str, text: str) -> list[Table | Problem]:
    return [
        found
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip()
        for found in _read_object(f"{name}:{number}", line)
    ]


def _read_object(where: str, line: str) -> Iterator[Table | Problem]:
    try:
        table = json.loads(line, parse_float=str, object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        yield Problem(f"{where}:{error.colno}", "bad-json", f"no JSON: {error.msg}")
    except _RepeatError as error:
        yield Problem(where, "key-twice", f"{error} is given twice in one object")
    except (RecursionError, ValueError) as error:
        yield Problem(where, "bad-json", f"no JSON: {_in_words(error)}")
    else:
        noun = table.get("draft") if isinstance(table, dict) else None
        if isinstance(noun, str):
            values = {key: value for key, value in table.items() if key != "draft"}
            yield Table(where, noun, values)
        else:
            message = "a line is an object whose key draft names what it adds"
            yield Problem(where, "not-a-draft", message, 'begin it {"draft": "incident", …')


def _in_words(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    return "a number has too many digits"


class _RepeatError(ValueError):
    """A key that an object gives twice."""


def _without_repeats(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        raise _RepeatError(repr(next(name for name in names if names.count(name) > 1)))
    return found
