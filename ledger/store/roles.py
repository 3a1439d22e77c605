"""Who may do what in a PostgreSQL database: owner, steward, auditor.

The roles are named after the database. People are users of their own, to whom the owner grants
one of them: `GRANT ledger_steward TO amina`.

- owner: owns the tables, migrates them
- steward: reads; appends events and checkpoints, and keeps what follows from them up to date
- auditor: reads
- names: may record under another name than that of the database's user, as copies have to
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, text

from ledger.errors import LedgerError
from ledger.store.driver import run

OWNER, STEWARD, AUDITOR, NAMES = ROLES = ("owner", "steward", "auditor", "names")

_MAY = {
    "alembic_version": "",
    "events": "INSERT",
    "checkpoints": "INSERT",
    "head": "UPDATE",
    "tiles": "INSERT, UPDATE",
}
_LONGEST_NAME = 63
"""Bytes of a name in PostgreSQL."""
_FOLDED = "INSERT, UPDATE, DELETE"
"""Of all other tables: they follow from the events, and `verify` compares them."""


def create(connection: Connection) -> None:
    """Make those roles that are not there yet, and let the owner make tables.

    To be called within a transaction, by a user who may create roles in this database. Raises
    LedgerError where the database's name is too long to name roles after it.
    """
    there = set(connection.execute(text("SELECT rolname FROM pg_roles")).scalars())
    for role in ROLES:
        _must_fit(_plain(connection, role))
        if _plain(connection, role) not in there:
            run(connection, f"CREATE ROLE {name(connection, role)} NOLOGIN")
    owner, steward, auditor, free = (name(connection, role) for role in ROLES)
    schema = _quoted(connection, "SELECT current_schema()")
    for statement in (
        f"GRANT {auditor} TO {steward}",
        f"GRANT {free} TO {owner}",
        f"GRANT {owner} TO CURRENT_USER",
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC",
        f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {owner}",
        f"GRANT USAGE ON SCHEMA {schema} TO {auditor}",
    ):
        run(connection, statement)


def are_there(connection: Connection) -> bool:
    """Whether the roles were made in this database's name."""
    return _plain(connection, OWNER) in set(
        connection.execute(text("SELECT rolname FROM pg_roles")).scalars()
    )


@contextmanager
def as_owner(connection: Connection) -> Iterator[None]:
    """Make and change tables as their owner, where there are roles."""
    if not are_there(connection):
        yield
        return
    run(connection, f"SET LOCAL ROLE {name(connection, OWNER)}")
    yield
    run(connection, "RESET ROLE")


def grant(connection: Connection, tables: Sequence[str]) -> None:
    """Let each role do with each of the ledger's tables what it may, and nobody else anything."""
    if not are_there(connection):
        return
    steward, auditor = name(connection, STEWARD), name(connection, AUDITOR)
    for table in tables:
        run(connection, f"REVOKE ALL ON {table} FROM PUBLIC")
        run(connection, f"GRANT SELECT ON {table} TO {auditor}")
        if may := _MAY.get(table, _FOLDED):
            run(connection, f"GRANT {may} ON {table} TO {steward}")


def names(connection: Connection) -> list[str]:
    """The names of all roles of this database, as GRANT takes them."""
    return [name(connection, role) for role in ROLES]


def name(connection: Connection, role: str) -> str:
    """The name of a role of this database, quoted."""
    return _quoted(connection, f"SELECT current_database() || '_{role}'")


def user(connection: Connection) -> tuple[str, bool]:
    """Who is connected, and whether that user may record under another name.

    Where there are no roles, everybody may.
    """
    who, free = connection.execute(_USER, {"ending": f"_{NAMES}"}).one()
    return str(who), bool(free)


_USER = text(
    "SELECT CAST(session_user AS text), coalesce("
    "(SELECT pg_has_role(session_user, oid, 'MEMBER') FROM pg_roles "
    "WHERE rolname = current_database() || :ending), true)"
)


def _plain(connection: Connection, role: str) -> str:
    found = connection.execute(text("SELECT CAST(current_database() AS text)"))
    return f"{found.scalar_one()}_{role}"


def _must_fit(name: str) -> None:
    """The server cuts longer names, and then the roles would be others than those looked for."""
    if len(name.encode()) > _LONGEST_NAME:
        raise LedgerError(
            f"the role {name} cannot be: names have at most {_LONGEST_NAME} bytes, "
            "and roles are named after the database: give it a shorter name"
        )


def _quoted(connection: Connection, query: str) -> str:
    return str(connection.execute(text(f"SELECT quote_ident(({query}))")).scalar_one())
