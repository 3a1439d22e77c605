"""What click knows of the commands: each with its help, its formats and its examples."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import NamedTuple

import click

from ledger.__main__ import find_cli
from ledger.catalogue import REPORTS
from ledger.errors import LedgerError
from ledger.reports import running
from ledger.reports.exports import hxl
from ledger.reports.question import PLAIN

find_cli()

from ledger.cli.main import cli  # noqa: E402 - the command line has to be found first

WIDTH = 100
REPORT = "ledger report "


class Page(NamedTuple):
    """A command as it is called (`ledger add source`), and what click has of it."""

    name: str
    command: click.Command
    context: click.Context

    @property
    def help(self) -> str:
        """Its help, as `--help` prints it in a terminal of 100 columns."""
        return self.command.get_help(self.context).rstrip()

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats that it writes; none if it prints words."""
        for parameter in self.command.params:
            if parameter.name == "kind" and isinstance(parameter.type, click.Choice):
                return tuple(parameter.type.choices)
        return ()

    @property
    def charted(self) -> bool:
        """Whether it draws a chart, and so a picture too."""
        return any(parameter.name == "chart" for parameter in self.command.params)

    @property
    def examples(self) -> list[str]:
        """The commands of its examples, as they are typed."""
        epilog = self.command.epilog or ""
        _, _, lines = epilog.partition("Examples:\n")
        return [line.strip() for line in lines.splitlines() if line.strip()]


def pages() -> list[Page]:
    """Every command and subcommand, in the order of help."""
    settings = {**cli.context_settings, "max_content_width": WIDTH, "terminal_width": WIDTH}
    top = click.Context(cli, info_name="ledger", **settings)
    return [Page("ledger", cli, top), *_below(cli, top)]


def forms(page: Page) -> tuple[str, ...]:
    """The forms in which a report leaves: its formats, chart and picture, and rows with tags."""
    drawn = ("chart", "svg") if page.charted else ()
    tags = ("hxl",) if tagged(page.name.removeprefix(REPORT)) else ()
    return (*page.formats, *drawn, *tags)


def tagged(report: str) -> bool:
    """Whether a report can be HXL: one of its columns has a tag."""
    columns = REPORTS[report].columns(PLAIN) if report in REPORTS else running.COLUMNS
    try:
        return any(hxl.tags_of(report, columns, PLAIN))
    except LedgerError:
        return False


def _below(group: click.Group, context: click.Context) -> Iterator[Page]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        inside = click.Context(command, info_name=name, parent=context)
        yield Page(inside.command_path, command, inside)
        if isinstance(command, click.Group):
            yield from _below(command, inside)


def arguments(example: str) -> list[str]:
    """What an example gives to `ledger`: without a comment, and up to a pipe."""
    words = shlex.split(example, comments=True)
    assert words[0] == "ledger", example
    return words[1 : words.index("|") if "|" in words else None]


def parse(words: list[str]) -> None:
    """Let click parse a command, and run nothing; raises click.UsageError."""
    command: click.Command = cli
    context = cli.make_context("ledger", list(words))
    while isinstance(command, click.Group):
        rest = [*context._protected_args, *context.args]
        if not rest and command.invoke_without_command:
            return
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None
        command, context = found, found.make_context(name, rest, parent=context)
