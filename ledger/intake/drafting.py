"""Drafts a mapping from the header of a file, for a steward to finish.

Nothing is guessed from data: no type, no date order, no meaning of a column. What only the
steward knows is marked, and `ledger mapping check` names each mark that is left.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ledger.errors import LedgerError, RefusedError
from ledger.intake.mappings import TO_DO
from ledger.intake.readers import FORMATS, Format, Shape, open_table

_PACKED = (".gz", ".xz")
_OUR_OWN = "_"
"""Begins the columns that a file of rejected rows has beyond its own, which are ignored."""


class Draft(NamedTuple):
    """The TOML text of a mapping, and what is to be said of it ("": nothing)."""

    text: str
    note: str


def draft(path: Path, *, delimiter: str = ",", encoding: str = "utf-8") -> Draft:
    """A mapping for a file, with all its columns, to be finished.

    The format is that of the file's suffix. Raises RefusedError if the file cannot be read, and
    LedgerError for a suffix or a delimiter that cannot be one.
    """
    try:
        shape = Shape(format_of(path), delimiter, encoding)
    except ValueError as error:
        raise LedgerError(f"{error}: for tabs end the file in .tsv") from error
    with open_table(path, shape) as table:
        if table.problems:
            raise RefusedError(table.problems, exit_code=1)
        tags = table.tags or [""] * len(table.header)
        columns = [tag or name for tag, name in zip(tags, table.header, strict=True)]
    own = [one for one in columns if not one.startswith(_OUR_OWN)]
    return Draft(text(path.name, shape, own), _note(path, columns))


def format_of(path: Path) -> Format:
    """The format that a file's suffix tells; raises LedgerError where it tells none."""
    suffixes = [one.lower() for one in path.suffixes if one.lower() not in _PACKED]
    found = next((one for one in FORMATS if suffixes and suffixes[-1] == f".{one}"), None)
    if found is None:
        known = ", ".join(f".{one}" for one in FORMATS if one != "hxl")
        raise LedgerError(f"the suffix of {path} tells no format: it is one of {known}")
    return found


def text(name: str, shape: Shape, columns: Sequence[str]) -> str:
    """The draft of a mapping, from what is known of a file."""
    listed = "".join(f"  {_quoted(one)},\n" for one in columns)
    delimiter = f"delimiter = {_quoted(shape.delimiter)}\n" if shape.format == "csv" else ""
    return _DRAFT.format(
        file=_quoted(name),
        todo=_quoted(TO_DO),
        format=_quoted(shape.format),
        delimiter=delimiter,
        encoding=_quoted(shape.encoding),
        columns=listed,
    )


def _note(path: Path, columns: Sequence[str]) -> str:
    """Whether the header looks as if other delimiters stood between its cells."""
    other = next((one for one in ";\t|" if len(columns) == 1 and one in columns[0]), "")
    if not other:
        return ""
    how = "end the file in .tsv" if other == "\t" else f"give --delimiter {other!r}"
    return f"{path} has one column, {columns[0]!r}: if that is several, {how}"


def _quoted(value: str) -> str:
    """A string of TOML: that of JSON is one."""
    return json.dumps(value, ensure_ascii=False)


_DRAFT = """\
# A mapping for files like {file}, drafted from its header alone.
#
# Fill in what is marked {todo}; `ledger mapping check THIS-FILE --file DATA-FILE` says what is
# still open, and whether a file fits. `ledger mapping show NAME` shows finished ones.
#
# Text from a row is a template: "{{column}}" stands for the cell of that column, as in
# "{{place}}, {{district}}". A list gives alternatives, of which the first that is not empty holds:
# ["{{name}}", "{{district}}"]. Words are looked up so:
# {{ from = "{{type}}", words = {{ A = "airstrike", S = "shelling" }} }}

id = {todo} # a short name: small letters, digits, dashes
version = 1 # raise it when the mapping says something otherwise
title = {todo} # what the dataset is called
key = {todo} # what tells a row from all others, and stays the same: "{{column}}"
dates = [{todo}] # how dates are written: "%d/%m/%Y", "%Y-%m-%d", "EDTF"; the first that fits holds

[file]
format = {format}
{delimiter}encoding = {encoding}

[columns]
# All columns of the file. Those that templates name are mapped; what else stands here is known, and
# left out. Read through them, then take the line with the mark away.
ignored = [
  {todo},
{columns}]
# optional = ["column"] # may be missing in some files
# numbers = ["column"] # whole numbers, also written as 2016.0
# unknown = {{ column = ["-9", "n/a"] }} # codes that mean unknown, which is not 0

# The dataset as the source that all rows cite. Where each row has a source of its own, write
# [source] instead, with templates: key = "{{column}}", title = "{{column}}".
[dataset]
key = {todo} # the source's key in the ledger, such as "invented-list-2024"
title = {todo} # its title
publisher = {todo} # who publishes it, and answers for what it says
# published = "2024-01-31" # when it was published
# url = "https://..."

[citation]
# claimant = "{{column}}" # who says so, if not the publisher
locator = {todo} # where in the source: often the row's own number, as "{{column}}"

# What a row records. Rows that only count incidents which stand already have
# `of = "{{column}}"` at the top instead of this part, the incident's key.
[incident]
key = {todo} # the incident's key in the ledger, such as "invented-{{column}}"
kind = {todo} # see `ledger vocabulary`; or words, as above
title = {todo}
date = {todo} # "{{column}}", or {{ start = "{{column}}", end = "{{column}}" }}
# summary = "{{column}}"
# parties = ["{{column}}", "{{column}}"]
# status = "confirmed" # else provisional
# clarity = "aggregate" # of several attacks; else single
# labels = {{ campaign = "{{column}}" }}
# foreign_ids = {{ their-scheme = "{{column}}" }}

# [incident.place]
# name = "{{column}}"
# country = {{ from = "{{column}}", words = {{ "Country Name" = "XX" }} }} # ISO 3166, two letters
# admin1 = "{{column}}"
# latitude = "{{column}}"
# longitude = "{{column}}"

# One part such as this for each line that a row counts. A count is as typed (count = "{{column}}"),
# or low, best and high from a column each. An empty cell counts nothing.
[[counts]]
measure = {todo} # killed, injured, missing, ...: see `ledger vocabulary`
best = {todo} # "{{column}}"
# low = "{{column}}"
# high = "{{column}}"
# attributes = {{ role = "civilian" }}
# part = true # a part of the first line of its measure
"""
