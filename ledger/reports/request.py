"""A request: a report by name with all that was asked of it, so that it can be asked again.

The command line makes one of its options, a file of saved questions holds them as TOML, a
manifest keeps the one that made its file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from ledger.counting.claims import Policy
from ledger.errors import LedgerError, refusal
from ledger.reports.question import Question, ask

_OF_A_TALLY = ("running", "diff")
"""What names its tally without an option."""
_ALIASES = {"to": "at"}


class Request(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    rename="kebab",
    forbid_unknown_fields=True,
):
    """What was asked: the report's name, and the texts of its options.

    `where` gives each key its value or values; `tally` names the tally whose question is asked;
    `at` is a number of events or a time; `limit` is a number of rows (None: all). Where two
    states are compared, `start` (`from`) is the earlier one, written as `at` is, and
    `start_known_by` the day by which things are known there ("": by `known_by`). `listed` asks
    `diff` for each incident.
    """

    report: str
    tally: str = ""
    measure: tuple[str, ...] = ()
    where: dict[str, tuple[str, ...]] = {}
    by: tuple[str, ...] = ()
    as_of: str = ""
    known_by: str = ""
    since: str = ""
    until: str = ""
    start: str = msgspec.field(name="from", default="")
    start_known_by: str = msgspec.field(name="from-known-by", default="")
    at: str = ""
    policy: Policy = "latest"
    limit: int | None = None
    listed: bool = msgspec.field(name="list", default=False)

    def question(self) -> Question:
        """The question that it puts; raises QuestionError with everything that is wrong."""
        return ask(
            measures=self.measure,
            where=[f"{key}={value}" for key, values in self.where.items() for value in values],
            by=",".join(self.by),
            as_of=self.as_of,
            known_by=self.known_by,
            since=self.since,
            until=self.until,
            policy=self.policy,
        )

    def in_words(self) -> str:
        """The request as it is typed after `ledger report`; that of `diff` after `ledger`."""
        words = [self.report]
        words += [self.start, self.at or "now"] if self.report == "diff" else []
        if self.tally:
            words.append(self.tally if self.report in _OF_A_TALLY else f"--tally {self.tally}")
        words += [f"--measure {one}" for one in self.measure]
        words += [f"--where {key}={one}" for key, some in self.where.items() for one in some]
        words += [f"--by {','.join(self.by)}"] if self.by else []
        words += [f"--{name} {value}" for name, value in self._days() if value]
        words += [f"--policy {self.policy}"] if self.policy != "latest" else []
        words += [] if self.limit is None else [f"--limit {self.limit}"]
        words += ["--list"] if self.listed else []
        return " ".join(words)

    def _days(self) -> Iterator[tuple[str, str]]:
        """The days and states, each with its option."""
        yield "as-of", self.as_of
        if self.report == "diff" and self.start_known_by:
            yield "known-by", f"{self.start_known_by} {self.known_by}"
        else:
            yield "from-known-by", self.start_known_by
            yield "known-by", self.known_by
        yield "since", self.since
        yield "until", self.until
        if self.report != "diff":
            yield "from", self.start
            yield "at", self.at


class Saved(NamedTuple):
    """One entry of a file of saved questions: the file to write, and what to ask."""

    output: str
    request: Request


class SavedFileError(LedgerError):
    """A file of saved questions that cannot be read."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}; see `ledger report --help`")


def saved(path: Path) -> list[Saved]:
    """The requests in a TOML file of `[[report]]` tables; raises SavedFileError.

    Each has `report` and `output`, and any option of `ledger report` by its name: `measure`,
    `where`, `by`, `as-of`, `known-by`, `since`, `until`, `at`, `policy`, `tally`, `limit`; for
    `changes` also `from`, `to` (another word for `at`) and `from-known-by`.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SavedFileError(path, refusal(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SavedFileError(path, f"no TOML: {error}") from error
    entries = tables.pop("report", [])
    if tables or not isinstance(entries, list) or not entries:
        raise SavedFileError(path, "it must hold [[report]] tables and nothing else")
    return [_saved(path, number, entry) for number, entry in enumerate(entries, 1)]


def _saved(path: Path, number: int, entry: object) -> Saved:
    where = f"[[report]] number {number}"
    if not isinstance(entry, dict) or not isinstance(entry.get("output"), str):
        raise SavedFileError(path, f"{where} does not say its `output`")
    asked = {
        _ALIASES.get(key, key): _several(key, value)
        for key, value in entry.items()
        if key != "output"
    }
    try:
        return Saved(entry["output"], msgspec.convert(asked, Request))
    except msgspec.ValidationError as error:
        raise SavedFileError(path, f"{where}: {error}") from error


def _several(key: str, value: object) -> object:
    """One value where a list may stand, as a list."""
    if key in ("measure", "by") and isinstance(value, str):
        return [value]
    if key == "where" and isinstance(value, dict):
        return {name: one if isinstance(one, list) else [one] for name, one in value.items()}
    return value
