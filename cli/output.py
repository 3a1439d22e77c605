"""How answers leave: data on stdout or into a file, everything else on stderr."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

import click

if TYPE_CHECKING:
    from ledger.issued import Kind
    from ledger.present import Present
    from ledger.problems import Problem
    from ledger.reports.narrative import Node
    from ledger.reports.request import Request
    from ledger.reports.table import Table
    from ledger.reports.writers import Format
    from ledger.store.log import AnyEvent

SUFFIXES = {".csv": "csv", ".tsv": "tsv", ".json": "json", ".jsonl": "jsonl", ".txt": "table"}
PICTURE = ".svg"
"""The suffix of the reports' pictures."""


def table(
    answer: Table, path: str | None, kind: str | None, *, excel: bool = False, raw: bool = False
) -> None:
    """Write a report to stdout or to a file, and say on stderr what must be said beside it."""
    from ledger.reports import writers

    chosen = _format(path, kind)
    with written(path) as out:
        writers.write(
            answer,
            out if chosen == "table" else screened(out),
            chosen,
            excel=excel,
            raw=raw,
            width=shutil.get_terminal_size().columns,
            color=_color(out),
        )
    for note in answer.notes:
        say(f"note: {note}")


def publish(present: Present, asked: Request, values: dict[str, Any]) -> None:
    """Write a report: a table or a chart for people, with what must be known of its figures.

    Or data or a picture, as `issue` does.
    """
    asked = present.settled(asked)
    path, kind = values["output"], values["kind"]
    if kind is None and path is not None and Path(str(path)).suffix == PICTURE:
        _must_be_charted(asked, path)
        issue(present, asked, path, "svg")
        return
    charted = values.get("chart", False)
    chosen = _chart_format(path, kind) if charted else _format(path, kind)
    if chosen != "table":
        issue(present, asked, path, chosen, excel=values["excel"], raw=values["raw"])
        return
    _shown(present, asked, path, charted=charted, tabled=not charted or kind == "table")


def issue(
    present: Present,
    asked: Request,
    path: str | None,
    kind: Kind,
    *,
    excel: bool = False,
    raw: bool = False,
) -> int:
    """Write an answer for programs, and beside a file the manifest that says what it is.

    Gives the number of its rows.
    """
    from msgspec.structs import replace

    from ledger import issued
    from ledger.reports import manifest

    how = manifest.made(asked, present.made_of(asked), kind, excel=excel, raw=raw)
    with _described(path) as (out, beside):
        measured = manifest.Measured(screened(out))
        done = issued.write(present, how, kind, measured)
        if beside is not None:
            how = replace(how, notes=tuple(done.notes))
            beside.write(manifest.manifest(Path(str(path)), kind, done.columns, measured, how))
    for note in done.notes:
        say(f"note: {note}")
    return measured.rows


def report_to(answer: Table, values: dict[str, Any]) -> None:
    """Write a report where the options of `options.output` say."""
    table(answer, values["output"], values["kind"], excel=values["excel"], raw=values["raw"])


def tree(nodes: Iterable[Node], *, as_json: bool = False) -> None:
    """Print an answer in words, or as JSON for programs."""
    from ledger.reports.narrative import as_data, render
    from ledger.reports.safe import for_json, for_terminal

    if as_json:
        found = [as_data(one) for one in nodes]
        click.echo(for_json(json.dumps(found, ensure_ascii=False, indent=1)))
        return
    for line in render(nodes):
        click.echo(for_terminal(line))


def problems(found: Iterable[Problem]) -> int:
    """Print findings on stdout, one a line; the exit code that they call for: 0 or 1."""
    from ledger.reports.safe import for_terminal

    number = 0
    for number, problem in enumerate(found, 1):  # noqa: B007 - counted for the exit code
        click.echo(for_terminal(str(problem)))
    return 1 if number else 0


def appended(events: Iterable[AnyEvent]) -> None:
    """Say what was appended."""
    some = list(events)
    for event in some:
        click.echo(f"{event.position}: {event.type}, {event.stream} version {event.version}")
    if not some:
        say("nothing appended: the same stands already")


def say(text: str) -> None:
    """A sentence for the person at the terminal, on stderr."""
    from ledger.reports.safe import for_terminal

    click.echo(for_terminal(text), err=True)


@contextmanager
def written(path: str | None) -> Iterator[TextIO]:
    """A file that is written whole or not at all; stdout where none is named.

    A link stays a link, and what is no plain file (/dev/null, a pipe) is written to, never
    replaced.
    """
    if path in (None, "-"):
        yield sys.stdout
        return
    with all_written(str(path)) as (out,):
        yield out


@contextmanager
def all_written(*paths: str) -> Iterator[list[TextIO]]:
    """Files that are written whole, all of them or none; see `written`."""
    from ledger.errors import refusal

    targets = [_Target(path) for path in paths]
    try:
        with ExitStack() as stack:
            outs = [stack.enter_context(one.open()) for one in targets]
            yield outs
            for one, out in zip(targets, outs, strict=True):
                one.finish(out)
        for one in targets:
            one.replace()
    except OSError as error:
        raise click.FileError(paths[0], refusal(error)) from error
    finally:
        for one in targets:
            one.drop()


def screened(out: TextIO) -> TextIO:
    """Where data go: into a file or a pipe as they are, on a terminal made safe."""
    return cast("TextIO", _Screen(out)) if out.isatty() else out


def must_be_new(path: str | None) -> None:
    """Refuse to write over a file that may hold somebody's work."""
    if path not in (None, "-") and Path(str(path)).exists():
        raise click.UsageError(f"{path} exists already: it may hold your work, name another file")


class _Target:
    """Where a file is to be; until it is whole it has another name there.

    `plain` says that it is, or will be, a file that can be replaced.
    """

    def __init__(self, path: str) -> None:
        self.path = Path(path).resolve()
        if not self.path.parent.is_dir():
            raise click.FileError(path, "its folder does not exist")
        self.plain = self.path.is_file() or not self.path.exists()
        own = f".{self.path.name}.{os.getpid()}"
        self._partial = self.path.with_name(own) if self.plain else self.path

    def open(self) -> TextIO:
        """The file, to be written as UTF-8."""
        return self._partial.open("w", encoding="utf-8", newline="")

    def finish(self, out: TextIO) -> None:
        """Make last what was written."""
        from ledger.store import folders

        if self.plain:
            folders.sync_file(out)

    def replace(self) -> None:
        """Give the whole file its name."""
        from ledger.store import folders

        if self.plain:
            self._partial.replace(self.path)
            folders.sync(self.path.parent)

    def drop(self) -> None:
        """Leave nothing beside the file."""
        if self.plain:
            with suppress(OSError):
                self._partial.unlink(missing_ok=True)


@contextmanager
def _described(path: str | None) -> Iterator[tuple[TextIO, TextIO | None]]:
    """Where an answer goes, and beside a file its manifest: both are there or none."""
    from ledger.reports import manifest

    if path in (None, "-") or not _Target(str(path)).plain:
        with written(path) as out:
            yield out, None
        return
    with all_written(str(path), f"{path}{manifest.SUFFIX}") as (out, beside):
        yield out, beside


def _must_be_charted(asked: Request, path: str) -> None:
    from ledger.reports import chart

    if asked.report not in chart.CHARTED:
        raise click.UsageError(
            f"{path}: `report {asked.report}` has no picture: {', '.join(chart.CHARTED)} have one"
        )


def _shown(
    present: Present, asked: Request, path: str | None, *, charted: bool, tabled: bool
) -> None:
    """Write a report for people: as a table, drawn in characters, or both."""
    from ledger.reports import manifest, writers

    answer = present.answer(asked)
    answer = answer._replace(rows=list(answer.rows))
    with written(path) as out:
        if tabled:
            width, color = shutil.get_terminal_size().columns, _color(out)
            writers.write(answer, out, "table", width=width, color=color)
        if charted:
            out.write("\n" if tabled else "")
            _chart(present, asked, answer, out)
        caption = manifest.caption(asked, present.made_of(asked))
        _captioned(out, caption[1:] if charted else caption)  # a chart ends in an empty line
    for note in answer.notes:
        say(f"note: {note}")


def _chart(present: Present, asked: Request, answer: Table, out: TextIO) -> None:
    """Draw a report in characters."""
    from ledger.reports.chart import terminal

    width, encoding = shutil.get_terminal_size().columns, out.encoding or "utf-8"
    lines = terminal.lines(present.connection, asked, answer, width, encoding)
    out.writelines(f"{line}\n" for line in lines)


def _chart_format(path: str | None, kind: str | None) -> Format:
    """A chart is for people, as a table is."""
    if (kind or _by_suffix(path) or "table") != "table":
        raise click.UsageError(
            f"--chart draws in a terminal or a .txt file: leave {kind or path} out, "
            f"or write a picture with -o FILE{PICTURE}"
        )
    return "table"


def _captioned(out: TextIO, lines: Iterable[str]) -> None:
    """What must be known of figures, below them."""
    from ledger.reports.safe import for_terminal

    out.writelines(f"{for_terminal(line)}\n" for line in lines)


class _Screen:
    """Shows data on a terminal without what would command it."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, part: str) -> int:
        from ledger.reports.safe import for_screen

        return self._out.write(for_screen(part))

    def writelines(self, parts: Iterable[str]) -> None:
        for part in parts:
            self.write(part)


def _format(path: str | None, kind: str | None) -> Format:
    """The format that was asked for, else by the suffix, else by where it goes."""
    return kind or _by_suffix(path) or ("table" if sys.stdout.isatty() else "csv")  # type: ignore[return-value]


def _by_suffix(path: str | None) -> str | None:
    if path in (None, "-"):
        return None
    suffix = Path(str(path)).suffix
    if suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise click.UsageError(f"{path}: no format for {suffix!r}: end it in {known}, or give -f")
    return SUFFIXES[suffix]


def _color(out: TextIO) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or out.isatty()
