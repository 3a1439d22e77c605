"""Each role tries what it must not be able to do, in a PostgreSQL database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import make_url

from ledger.app import Ledger
from ledger.errors import LedgerExistsError, NotAllowedError
from tests import postgres
from tests.audit.signing import key_of
from tests.conftest import Clock, Ids
from tests.invented import findings, incident, note, source


class Team(NamedTuple):
    """The address of one ledger for each of its users."""

    admin: str
    steward: str
    auditor: str
    registrar: str
    stranger: str


@pytest.fixture(scope="module")
def team() -> Iterator[Team]:
    """A ledger with roles, two events, a checkpoint's row, and a user of each role."""
    admin = postgres.new_database()
    ledger = Ledger(admin, "Test Steward", now=Clock(), new_ids=Ids())
    ledger.create(roles=True)
    ledger.append([source(), incident("ambush", "killed 2")])
    ledger.auditor.checkpoint(key_of(bytes(32), "invented.example/log"))
    name = make_url(admin).database
    users = {"steward": "amina", "auditor": "bela", "names": "carla", "": "dora"}
    urls = []
    with postgres.administered(admin) as connection:
        for role, user in users.items():
            login = f"{user}-{name}"
            connection.execute(f'CREATE ROLE "{login}" LOGIN'.encode())
            for granted in {role, "steward" if role == "names" else role} - {""}:
                connection.execute(f'GRANT "{name}_{granted}" TO "{login}"'.encode())
            urls.append(postgres.psycopg_url(admin, username=login))
    yield Team(admin, *urls)
    with postgres.administered() as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def as_user(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(url)


FORBIDDEN = (
    "UPDATE events SET body = '{}'",
    "DELETE FROM events",
    "TRUNCATE events CASCADE",
    "UPDATE checkpoints SET note = ''",
    "DELETE FROM checkpoints",
    "TRUNCATE checkpoints",
    "DELETE FROM head",
    "TRUNCATE head",
    "INSERT INTO head VALUES (2, 0, '', '')",
    "DELETE FROM tiles",
    "ALTER TABLE events DISABLE TRIGGER ALL",
    "ALTER TABLE checkpoints DISABLE TRIGGER checkpoints_no_update",
    "DROP TRIGGER events_no_update ON events",
    "DROP TABLE events",
    "ALTER TABLE events ADD COLUMN mine text",
    "SET session_replication_role = replica",
    "DROP FUNCTION ledger_refuse() CASCADE",
    "ALTER FUNCTION ledger_refuse() RESET ALL",
    "CREATE TABLE mine (id int)",
    "CREATE RULE mine AS ON INSERT TO events DO INSTEAD NOTHING",
    "UPDATE alembic_version SET version_num = '0001'",
    "UPDATE head SET size = 0",
)
WRITING = (
    "INSERT INTO events VALUES (2, 'x', 'note/x', 1, 'note.added', '', '{}')",
    "INSERT INTO checkpoints VALUES (2, 1, '')",
    "UPDATE head SET size = 3",
    "INSERT INTO tiles VALUES (9, 9, '')",
    "DELETE FROM incidents",
    "SELECT size FROM head FOR UPDATE",
)


@pytest.mark.parametrize("statement", FORBIDDEN)
@pytest.mark.parametrize("role", ["steward", "auditor", "registrar", "stranger"])
def test_what_nobody_but_the_owner_may(team: Team, role: str, statement: str) -> None:
    refused = (errors.InsufficientPrivilege, errors.RaiseException)
    with as_user(getattr(team, role)) as connection, pytest.raises(refused):
        connection.execute(statement.encode())


@pytest.mark.parametrize("statement", WRITING)
@pytest.mark.parametrize("role", ["auditor", "stranger"])
def test_an_auditor_cannot_write(team: Team, role: str, statement: str) -> None:
    with as_user(getattr(team, role)) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_an_auditor_reads_and_verifies(team: Team) -> None:
    assert findings(Ledger(team.auditor)) == []
    assert list(Ledger(team.auditor).export()) == list(Ledger(team.admin).export())
    with pytest.raises(NotAllowedError, match=r"permission denied for table head.*ask the owner"):
        Ledger(team.auditor).append([note("incident/ambush", "Invented.")])
    with pytest.raises(NotAllowedError, match="permission denied"):
        Ledger(team.stranger).verify()


def test_a_steward_is_recorded_by_the_name_of_the_user(team: Team) -> None:
    made = Ledger(team.steward).append([note("incident/ambush", "Invented.")])
    user = make_url(team.steward).username
    assert [event.recorded_by for event in made] == [user]
    with pytest.raises(NotAllowedError, match=f"{user} records under that name, and not as Other"):
        Ledger(team.steward, "Other").append([note("incident/ambush", "Invented.")])


def test_the_role_of_names_may_record_under_another(team: Team) -> None:
    made = Ledger(team.registrar, "Other").append([note("incident/ambush", "Invented.")])
    assert [event.recorded_by for event in made] == ["Other"]


def test_the_database_itself_refuses_another_name(team: Team) -> None:
    """A steward who leaves the program aside records under no other name either."""
    body = '{"recorded_by":"Somebody Else"}'
    with as_user(team.steward) as connection:
        size = connection.execute("SELECT size FROM head FOR UPDATE").fetchall()[0][0]
        with pytest.raises(errors.RaiseException, match="records under that name alone"):
            connection.execute(
                "INSERT INTO events VALUES (%s, 'x', 'note/x', 1, 'note.added', '', %s)",
                (size, body),
            )


def test_a_temporary_table_does_not_mislead_the_triggers(team: Team) -> None:
    with as_user(team.steward) as connection:
        connection.execute("CREATE TEMPORARY TABLE events (LIKE public.events)")
        with pytest.raises(errors.RaiseException, match="must take the next position"):
            connection.execute(
                "INSERT INTO public.events VALUES (99, 'x', 'note/x', 1, 'note.added', '', '{}')"
            )


def test_rebuilding_needs_no_owner_and_upgrading_does(team: Team) -> None:
    steward = Ledger(team.steward)
    assert steward.rebuild() > 0
    with pytest.raises(NotAllowedError):
        Ledger(team.auditor).rebuild()
    assert findings(steward) == []


def test_roles_are_made_once(team: Team) -> None:
    with pytest.raises(LedgerExistsError):
        Ledger(team.admin).create(roles=True)
