"""Empty spreadsheets for stewards to fill in: the header of a mapping's columns, and no row."""

from __future__ import annotations

import csv
import io

import msgspec

from ledger.errors import LedgerError
from ledger.intake import mapper
from ledger.intake import mapping as spec

_SEPARATED = ("csv", "tsv")


def columns(mapping: spec.Mapping) -> list[str]:
    """The columns of a mapping: those that every file has, then the optional ones as listed.

    Of those that every file has, what happened comes before who says so.
    """
    optional = mapping.columns.optional
    happened = msgspec.structs.replace(mapping, source=None, citation=spec.Cited())
    order = (*mapper.columns(happened), *mapper.columns(mapping))
    needed = [one for one in order if one not in optional]
    return list(dict.fromkeys((*needed, *optional)))


def empty(mapping: spec.Mapping) -> str:
    """A file of that mapping with a header only, its line ended by LF.

    Raises LedgerError for a mapping of files that are no plain text in columns.
    """
    file = mapping.file
    if file.format not in _SEPARATED:
        raise LedgerError(
            f"mapping {mapping.id} reads {file.format} files: a template is a CSV or TSV file"
        )
    out = io.StringIO()
    delimiter = "\t" if file.format == "tsv" else file.delimiter
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerow(columns(mapping))
    return out.getvalue()
