"""Exceptions: one class per situation, its message built in the class.

Each says what, where, why and what to do next. `exit_code` is what a command ends with:
1 findings, 2 usage, 3 integrity failure, 4 conflict (design, section 8).
Problems of *data* are values instead: see `problems.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Told(Protocol):
    """What a refusal needs of a problem: its code, and what is wrong in words."""

    @property
    def code(self) -> str:
        """A stable word for the kind of problem."""

    @property
    def message(self) -> str:
        """What is wrong."""


class LedgerError(Exception):
    """What the ledger refuses or cannot do; the message is meant for the steward."""

    exit_code = 2


class NoLedgerError(LedgerError):
    """There is no database where one was named."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"no ledger at {where}: create it with `ledger init`, "
            "or name another with --db or CASUALTY_LEDGER_DB"
        )


class LedgerExistsError(LedgerError):
    """`init` met something that is there already."""

    def __init__(self, where: str) -> None:
        super().__init__(f"{where} exists already: nothing was changed")


class NotALedgerError(LedgerError):
    """The file or database is there, and is no ledger."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where} is not a ledger: {why}; name another with --db")


class SchemaError(LedgerError):
    """The database has a schema that this program does not read."""

    def __init__(self, where: str, found: str, known: str, *, newer: bool) -> None:
        what = "a newer schema" if newer else "an older schema"
        remedy = "install the newer program" if newer else "run `ledger upgrade`"
        super().__init__(f"{where} has {what} ({found}) than this program ({known}): {remedy}")


class TablesBehindError(LedgerError):
    """The tables do not hold what the log says: another version of the program made them."""

    def __init__(self) -> None:
        super().__init__("the ledger's tables are behind its log: run `ledger rebuild`")


class ReadOnlyError(LedgerError):
    """The database cannot be written."""

    def __init__(
        self,
        where: str,
        why: str,
        remedy: str = "make the file and its folder writable, or copy the ledger elsewhere",
    ) -> None:
        super().__init__(f"{where} cannot be written ({why}): nothing was appended; {remedy}")


class NoStewardError(LedgerError):
    """Nobody was named to record an event by."""

    def __init__(self) -> None:
        super().__init__("nobody to record it by: name the steward with --as (it is public)")


class NotAllowedError(LedgerError):
    """The database does not let its user do this."""

    def __init__(self, where: str, why: str, remedy: str) -> None:
        super().__init__(f"{where}: {why}: nothing was done; {remedy}")


class NotBeginningError(LedgerError):
    """A copy was to go on in a ledger that does not hold the beginning of its source."""

    def __init__(self, where: str, size: int) -> None:
        super().__init__(
            f"{where} exists already, and its {size} events are not the first of the source: "
            "nothing was changed"
        )


class ServerError(LedgerError):
    """The server of a database went away, or never answered."""


class UnreachableError(ServerError):
    """The server of a database does not answer, or does not let the user in."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(
            f"{where} cannot be reached: {why}; check the address, the user and the password, "
            "and that the server runs"
        )


class ConnectionLostError(ServerError):
    """The connection broke before anything was appended."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(
            f"{where}: the connection was lost ({why}): nothing was appended; run the same again"
        )


class UndoneError(ServerError):
    """The server undid a transaction that may be tried again."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(
            f"{where}: the server undid it ({why}): nothing was appended; run the same again"
        )


class InterruptedReadingError(ServerError):
    """A replica ended a long reading, since it had to follow its server."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(
            f"{where} is a replica and ended this reading, to follow its server ({why}): run the "
            "same again, or let it wait longer (hot_standby_feedback, max_standby_streaming_delay)"
        )


class OutcomeUnknownError(ServerError):
    """The connection broke while an append was being committed, and did not come back."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"{where}: the connection was lost before the server answered, so it is not known "
            "whether this was appended; when the server is back, look with `ledger log`, "
            "or run the same again: what stands is not appended twice"
        )


class FullDiskError(LedgerError):
    """There is no space for what was to be written."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"{where} could not be written (no space left): what was said to be appended stands, "
            "the rest does not; free some space and run the same again"
        )


class DiskError(LedgerError):
    """The system failed in reading or writing the database."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(
            f"{where} could not be read or written ({why}): what was said to be appended stands; "
            "look at the disk, run `ledger verify`, then run the same again"
        )


class LockError(LedgerError):
    """The lock file that keeps writers apart cannot be had."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(
            f"{where} cannot be locked ({why}): nothing was appended; "
            "see that its disk has space and can lock files, and run the same again"
        )


class ScratchError(LedgerError):
    """A temporary file could not be written."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"a temporary file could not be written ({why}): "
            "free some space there, or name another folder for such files in TMPDIR"
        )


class BackupError(LedgerError):
    """A backup could not be made."""

    def __init__(self, target: str, why: str) -> None:
        super().__init__(
            f"the backup {target} was not made ({why}): the ledger is as it was; "
            "see that there is space, or name a file on another disk"
        )


class UnsafeSettingError(LedgerError):
    """A durability setting was asked for and is not in force."""

    exit_code = 3

    def __init__(self, setting: str, wanted: str, found: str) -> None:
        super().__init__(
            f"{setting} is {found} and not {wanted}: appends would not be safe, "
            "nothing was written; see `ledger doctor`"
        )


class VersionConflictError(LedgerError):
    """A stream has moved on since the steward looked."""

    exit_code = 4

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        self.stream, self.expected, self.actual = stream, expected, actual
        super().__init__(
            f"{stream}: expected version {expected}, actual version {actual}: "
            f"somebody appended to it; look again with `ledger log {stream}`"
        )


class IdTakenError(LedgerError):
    """An event id came twice with different content."""

    exit_code = 4

    def __init__(self, event_id: str, position: int) -> None:
        super().__init__(
            f"event id {event_id} stands at position {position} with other content: "
            "nothing was appended; give the new event an id of its own"
        )


class RefusedError(LedgerError):
    """Data problems kept the whole set from being appended; they are in `problems`."""

    def __init__(self, problems: Sequence[Told], exit_code: int = 2) -> None:
        self.problems = tuple(problems)
        self.exit_code = exit_code
        super().__init__("\n".join(str(problem) for problem in self.problems))


class NotFoundError(LedgerError):
    """Nothing in the ledger has that name."""

    def __init__(self, what: str, name: str, hint: str = "") -> None:
        super().__init__(f"no {what} {name!r} in this ledger" + (f": {hint}" if hint else ""))


class QuestionError(LedgerError):
    """A question that the ledger cannot be asked."""


class IntegrityError(LedgerError):
    """The log is not what it was: bytes, tree or columns disagree."""

    exit_code = 3


def refusal(error: OSError) -> str:
    """Why the system refused, as the end of a sentence: `no such file or directory`."""
    return (error.strerror or str(error)).lower()
