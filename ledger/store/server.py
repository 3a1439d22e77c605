"""A PostgreSQL server: how it is connected to, and what its errors mean for a ledger."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.numeric import IntLoader

from ledger.errors import (
    ConnectionLostError,
    IntegrityError,
    InterruptedReadingError,
    LedgerError,
    LedgerExistsError,
    NotAllowedError,
    ReadOnlyError,
    UndoneError,
    UnreachableError,
)

# What the driver logs of a lost connection is said in an error; nobody asked to hear it on stderr.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

_UNLESS_SAID: dict[str, str | int] = {
    "application_name": "casualty-ledger",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""Of a connection whose URL says nothing else: that a server vanished is noticed in a minute."""
_PASSWORDS = re.compile(r"(?<=[?&]password=)[^&]*|(?<=[?&]sslpassword=)[^&]*")
_USERS_PASSWORD = re.compile(r"^(\w+://[^/@:]*):[^/@]+@")
_SAID_TWICE = ("connection failed: ", "connection is bad: ")

_ENDED = ("57P01", "57P02", "57P03", "57P05", "25P03", "25P04")
"""What a server says that ends a connection: it stops, or it waited too long for the client."""
_WRITE_THERE = "append at the server that a replica follows, or where transactions may write"


def _undone(where: str, why: str) -> LedgerError:
    return (InterruptedReadingError if "recovery" in why else UndoneError)(where, why)


def _there_already(where: str, why: str) -> LedgerError:
    """Of two who make tables at once, one is told of a name that came twice in the catalogue."""
    if '"pg_' in why:
        return LedgerExistsError(where)
    return LedgerError(f"{where}: the database refused: {why}")


_MEANINGS: tuple[tuple[tuple[type[psycopg.Error], ...], Callable[[str, str], LedgerError]], ...] = (
    (
        (errors.InsufficientPrivilege,),
        lambda where, why: NotAllowedError(where, why, "ask the owner for the role that may"),
    ),
    (
        (errors.ReadOnlySqlTransaction,),
        lambda where, why: ReadOnlyError(where, why, _WRITE_THERE),
    ),
    (
        (errors.DuplicateTable,),
        lambda where, why: LedgerExistsError(f"{where}: a table of that name ({why})"),
    ),
    ((errors.UniqueViolation,), _there_already),
    ((errors.SerializationFailure, errors.DeadlockDetected), _undone),
    (
        (
            errors.DataCorrupted,
            errors.IndexCorrupted,
            errors.UndefinedTable,
            errors.UndefinedColumn,
        ),
        lambda where, why: IntegrityError(f"{where}: what the ledger keeps is damaged: {why}"),
    ),
)
"""By kind of error. A transaction that failed to be one after the other may be tried again, as
distributed databases ask for; a replica says the same of a reading that it ended."""


def shown(url: str) -> str:
    """A URL without its passwords, for messages."""
    return _PASSWORDS.sub("***", _USERS_PASSWORD.sub(r"\1:***@", url))


def connect(url: str) -> psycopg.Connection[Any]:
    """A connection that speaks UTF-8, and whose sums of whole numbers are whole.

    Raises UnreachableError.
    """
    try:
        asked = {**_UNLESS_SAID, **conninfo_to_dict(url), "client_encoding": "utf8"}
        made: psycopg.Connection[Any] = psycopg.connect(make_conninfo("", **asked))
    except psycopg.Error as error:
        raise UnreachableError(shown(url), _reason(error)) from error
    made.adapters.register_loader("numeric", IntLoader)
    return made


def is_standby(connection: psycopg.Connection[Any]) -> bool:
    """Whether a server said, when it was connected to, that it follows another (PostgreSQL 14)."""
    return connection.info.parameter_status("in_hot_standby") == "on"


def is_lost(error: BaseException | None) -> bool:
    """Whether an error says that a connection which was open is no more."""
    if not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate is None:  # libpq gives none where the server gave no answer
        return isinstance(error, psycopg.OperationalError)
    return error.sqlstate.startswith("08") or error.sqlstate in _ENDED


def meaning(where: str, error: BaseException | None) -> LedgerError:
    """What an error of the driver means for the ledger at an address."""
    why = _reason(error)
    if is_lost(error):
        return ConnectionLostError(where, why)
    for kinds, means in _MEANINGS:
        if isinstance(error, kinds):
            return means(where, why)
    return LedgerError(f"{where}: the database refused: {why}")


def refused_as_standby(url: str) -> ReadOnlyError:
    """What to say to a writer at a replica."""
    return ReadOnlyError(shown(url), "it is a replica", "append at the server that it follows")


def _reason(error: BaseException | None) -> str:
    """The first line of what went wrong, said once."""
    line = str(error).strip().partition("\n")[0]
    for prefix in _SAID_TWICE:
        line = line.removeprefix(prefix)
    return line.replace("FATAL:  ", "")
