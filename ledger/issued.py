"""Issued: an answer as a file, written the same way whenever it is asked for again.

Data and pictures of reports, and exports in the formats of others. What a file is stands in its
manifest (`reports.manifest`), of which it is made again and compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import msgspec

from ledger.errors import LedgerError
from ledger.present import Present
from ledger.problems import Problem
from ledger.reports import manifest, question, remade, tallies, writers
from ledger.reports.manifest import Made, Manifest, Measured
from ledger.reports.question import Question
from ledger.reports.request import Request
from ledger.reports.table import Column, Table
from ledger.reports.writers import Data

Export = Literal["ucdp-ged", "hxl", "geojson"]
Kind = Literal[Data, "svg", Export]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Issued(NamedTuple):
    """What must be known of a file: its columns, if it has some, and what is said beside it."""

    columns: tuple[Column, ...]
    notes: list[str]


def write(present: Present, how: Made, kind: Kind, out: Measured) -> Issued:
    """Write the answer to the question in `how`, as that says; `out` counts its rows.

    Raises NotFoundError, QuestionError, and LedgerError where HXL has no tag for any column.
    """
    asked = how.question
    match kind:
        case "svg":
            return _picture(present, how, out)
        case "geojson":
            return _features(present, how, out)
        case "ucdp-ged" | "hxl":
            return _tagged(present, asked, kind, out)
        case _:
            answer = present.answer(asked)
            counted = answer._replace(rows=out.counted(answer.rows))
            writers.write_data(counted, out, kind, excel=how.excel, raw=how.raw)
            return Issued(answer.columns, answer.notes)


def differences(path: Path, said: Manifest, present: Present) -> Iterator[Problem]:
    """What of a file is not as its manifest and a ledger, at the same position, say.

    Raises LedgerError if the file cannot be read, or is of a format that is not made again.
    """
    wanted = said.ledger.export or said.format
    kind = next((one for one in KINDS if one == wanted), None)
    if kind is None:
        raise LedgerError(f"{path}: the format {wanted!r} is not made again")
    asked, then = said.ledger.question, said.ledger
    state = present.made_of(asked)
    # A checkpoint that was made since, or another program, is no difference.
    kept = msgspec.structs.replace(state, checkpoint=then.state.checkpoint)
    how = manifest.made(asked, kept, kind, excel=then.excel, raw=then.raw)
    how = msgspec.structs.replace(how, program=then.program)
    yield from remade.differences(path, said, state, partial(write, present, how, kind))


def question_of(present: Present, request: Request) -> Question:
    """What is asked, checked against the ledger; a tally's question with it."""
    found = tallies.narrowed(present.connection, request.tally, request.question())
    question.check(found, present.connection)
    return found


def _picture(present: Present, how: Made, out: Measured) -> Issued:
    from ledger.reports.chart import svg

    answer = present.answer(how.question)
    answer = answer._replace(rows=list(out.counted(answer.rows)))
    out.write(svg.picture(present.connection, how.question, answer, how.state))
    return Issued((), answer.notes)


def _features(present: Present, how: Made, out: Measured) -> Issued:
    from ledger.reports.exports import geojson

    asked = question_of(present, how.question)
    out.rows = geojson.write(present.connection, asked, how, out)
    return Issued((), [])


def _tagged(
    present: Present, request: Request, kind: Literal["ucdp-ged", "hxl"], out: Measured
) -> Issued:
    from ledger.reports.exports import separated

    answer, tags = _rows(present, request, kind)
    separated.write(answer.columns, answer.rows, out, tags)
    return Issued(answer.columns, answer.notes)


def _rows(
    present: Present, request: Request, kind: Literal["ucdp-ged", "hxl"]
) -> tuple[Table, list[str]]:
    """The rows of an export that is CSV, and their tags."""
    from ledger.intake.mappings import words
    from ledger.reports.exports import ged, hxl
    from ledger.reports.exports.countries import countries

    asked = question_of(present, request)
    if kind == "ucdp-ged":
        return ged.table(present.connection, present.log, asked, countries(words())), []
    if request.report == kind:
        return hxl.table(present.connection, present.log, asked, countries(words()))
    answer = present.answer(request)
    return answer, hxl.tags_of(request.report, answer.columns, asked)
