"""Options of commands that take files of rows."""

from __future__ import annotations

from pathlib import Path

import click

from .options import Command, apply


def rows(command: Command) -> Command:
    """How the rows of files are taken by a mapping."""
    return apply(
        command,
        _taken,
        _read,
        click.option("--json", is_flag=True, help="The numbers as JSON on stdout."),
    )


def _taken(command: Command) -> Command:
    """By which mapping, and what becomes of rows that are gone, or rejected."""
    return apply(
        command,
        click.option(
            "--mapping",
            "name",
            metavar="NAME|FILE",
            help="The files hold rows: take them by a mapping, see `ledger mapping list`.",
        ),
        click.option(
            "--complete",
            is_flag=True,
            help="The files are the whole dataset: withdraw the rows that are gone from it.",
        ),
        click.option("--strict", is_flag=True, help="Append nothing if any row is rejected."),
        click.option(
            "--rejects",
            type=click.Path(path_type=Path),
            metavar="FILE.csv",
            help="Where rejected rows go; by default beside their file, as FILE.rejects.csv.",
        ),
        click.option(
            "--allow-extra-columns",
            "extra_columns",
            is_flag=True,
            help="Leave columns out that the mapping does not know.",
        ),
    )


def _read(command: Command) -> Command:
    """What the files are like, where neither they nor the mapping tell."""
    return apply(
        command,
        click.option(
            "--encoding", default="", metavar="NAME", help="Of the files, such as cp1252 or utf-16."
        ),
        click.option(
            "--delimiter", default="", metavar="CHARACTER", help="Between cells, such as ';'."
        ),
        click.option(
            "--key",
            default="",
            metavar="COLUMN",
            help="The column that tells rows apart, where the mapping leaves it open.",
        ),
        click.option(
            "--dataset",
            default="",
            metavar="NAME",
            help="Tells the version of the dataset, instead of the file's name.",
        ),
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="NAME=VALUE",
            help="A setting of the mapping, instead of its own.",
        ),
    )
