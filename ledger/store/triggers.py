"""The triggers that keep the log immutable in the database too: the one place that holds them.

Migrations create them, `doctor` and `verify` compare what is there with them.

On SQLite the insert trigger checks position, id and stream version itself: `INSERT OR REPLACE`
would otherwise delete a row without firing a delete trigger on connections without
`recursive_triggers`. On PostgreSQL, keys refuse what is not new, whole statements are checked at
once, so that COPY stays fast, and the triggers are ENABLE ALWAYS: others are passed over where
`session_replication_role` is `replica`.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text

from ledger.store.driver import is_postgres, run

SQLITE: Mapping[str, str] = {
    "events_no_update": (
        "CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN "
        "SELECT RAISE(ABORT, 'events are never changed'); END"
    ),
    "events_no_delete": (
        "CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN "
        "SELECT RAISE(ABORT, 'events are never removed'); END"
    ),
    "events_in_order": (
        "CREATE TRIGGER events_in_order BEFORE INSERT ON events "
        "WHEN NEW.position <> (SELECT coalesce(max(position) + 1, 0) FROM events) "
        "OR EXISTS (SELECT 1 FROM events WHERE id = NEW.id) "
        "OR EXISTS (SELECT 1 FROM events WHERE stream = NEW.stream AND version = NEW.version) "
        "BEGIN SELECT RAISE(ABORT, 'an event must take the next position') WHERE NEW.position <> "
        "(SELECT coalesce(max(position) + 1, 0) FROM events); "
        "SELECT RAISE(ABORT, 'an event id must be new') WHERE EXISTS "
        "(SELECT 1 FROM events WHERE id = NEW.id); "
        "SELECT RAISE(ABORT, 'a stream version must be new'); END"
    ),
    "head_no_delete": (
        "CREATE TRIGGER head_no_delete BEFORE DELETE ON head BEGIN "
        "SELECT RAISE(ABORT, 'the head is never removed'); END"
    ),
    "head_only_one": (
        "CREATE TRIGGER head_only_one BEFORE INSERT ON head "
        "WHEN EXISTS (SELECT 1 FROM head) BEGIN "
        "SELECT RAISE(ABORT, 'there is one head'); END"
    ),
    "head_never_back": (
        "CREATE TRIGGER head_never_back BEFORE UPDATE ON head "
        "WHEN NEW.size < OLD.size BEGIN "
        "SELECT RAISE(ABORT, 'the log never shrinks'); END"
    ),
    "checkpoints_no_update": (
        "CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON checkpoints BEGIN "
        "SELECT RAISE(ABORT, 'checkpoints are never changed'); END"
    ),
    "checkpoints_no_delete": (
        "CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints BEGIN "
        "SELECT RAISE(ABORT, 'checkpoints are never removed'); END"
    ),
    "checkpoints_in_order": (
        "CREATE TRIGGER checkpoints_in_order BEFORE INSERT ON checkpoints "
        "WHEN NEW.number <> (SELECT coalesce(max(number) + 1, 1) FROM checkpoints) BEGIN "
        "SELECT RAISE(ABORT, 'a checkpoint must take the next number'); END"
    ),
}
"""Name of each trigger, which begins with its table's, and the statement that creates it."""

_REFUSE = "EXECUTE FUNCTION ledger_refuse"
_ADDED = "REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION"

POSTGRES: Mapping[str, str] = {
    "events_no_update": (
        "CREATE TRIGGER events_no_update BEFORE UPDATE ON events "
        f"FOR EACH STATEMENT {_REFUSE}('events are never changed')"
    ),
    "events_no_delete": (
        "CREATE TRIGGER events_no_delete BEFORE DELETE OR TRUNCATE ON events "
        f"FOR EACH STATEMENT {_REFUSE}('events are never removed')"
    ),
    "events_in_order": (
        f"CREATE TRIGGER events_in_order AFTER INSERT ON events {_ADDED} ledger_events_in_order()"
    ),
    "head_no_delete": (
        "CREATE TRIGGER head_no_delete BEFORE DELETE OR TRUNCATE ON head "
        f"FOR EACH STATEMENT {_REFUSE}('the head is never removed')"
    ),
    "head_never_back": (
        "CREATE TRIGGER head_never_back BEFORE UPDATE ON head "
        f"FOR EACH ROW WHEN (new.size < old.size) {_REFUSE}('the log never shrinks')"
    ),
    "checkpoints_no_update": (
        "CREATE TRIGGER checkpoints_no_update BEFORE UPDATE ON checkpoints "
        f"FOR EACH STATEMENT {_REFUSE}('checkpoints are never changed')"
    ),
    "checkpoints_no_delete": (
        "CREATE TRIGGER checkpoints_no_delete BEFORE DELETE OR TRUNCATE ON checkpoints "
        f"FOR EACH STATEMENT {_REFUSE}('checkpoints are never removed')"
    ),
    "checkpoints_in_order": (
        "CREATE TRIGGER checkpoints_in_order AFTER INSERT ON checkpoints "
        f"{_ADDED} ledger_checkpoints_in_order()"
    ),
}
"""The same on PostgreSQL, as the server itself writes each; its key keeps the head the only one."""

_FUNCTIONS: Mapping[str, str] = {
    "ledger_refuse": "BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END",
    "ledger_events_in_order": """
DECLARE
    names name := current_database() || '_names';
BEGIN
    IF (SELECT count(*) <> max(position) - min(position) + 1
            OR min(position) <> coalesce(
                (SELECT max(e.position) + 1 FROM events e
                 WHERE e.position < (SELECT min(position) FROM added)), 0)
        FROM added) THEN
        RAISE EXCEPTION 'an event must take the next position';
    END IF;
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = names)
        AND NOT pg_has_role(session_user, names, 'MEMBER')
        AND EXISTS (SELECT 1 FROM added
                    WHERE body::json ->> 'recorded_by' IS DISTINCT FROM session_user) THEN
        RAISE EXCEPTION '% records under that name alone', session_user;
    END IF;
    RETURN NULL;
END
""",
    "ledger_checkpoints_in_order": """
BEGIN
    IF (SELECT count(*) <> max(number) - min(number) + 1
            OR min(number) <> coalesce(
                (SELECT max(c.number) + 1 FROM checkpoints c
                 WHERE c.number < (SELECT min(number) FROM added)), 1)
        FROM added) THEN
        RAISE EXCEPTION 'a checkpoint must take the next number';
    END IF;
    RETURN NULL;
END
""",
}
"""What the triggers of PostgreSQL call. A steward may make temporary tables, hence their path."""

_TRIGGERS_THERE = text(
    "SELECT t.tgname AS name, pg_get_triggerdef(t.oid, true) || "
    "CASE t.tgenabled WHEN 'A' THEN '' ELSE ' (not always)' END AS sql "
    "FROM pg_trigger t WHERE NOT t.tgisinternal AND t.tgrelid::regclass IN "
    "(SELECT c.oid FROM pg_class c "
    "WHERE c.relnamespace = CAST(quote_ident(current_schema()) AS regnamespace)) "
    "UNION ALL SELECT rulename, definition FROM pg_rules WHERE schemaname = current_schema()"
)
_FUNCTIONS_THERE = text(
    "SELECT proname AS name, prosrc || coalesce(array_to_string(proconfig, ';'), '') AS sql "
    "FROM pg_proc WHERE pronamespace = CAST(quote_ident(current_schema()) AS regnamespace) "
    "AND proname LIKE 'ledger!_%' ESCAPE '!'"
)


def create(connection: Connection, *tables: str) -> None:
    """Create the triggers of some tables; for migrations."""
    if is_postgres(connection):
        _create_functions(connection)
    for name, statement in expected(connection).items():
        table = name.partition("_")[0]
        if table in tables:
            connection.exec_driver_sql(statement)
            if is_postgres(connection):
                connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def expected(connection: Connection) -> Mapping[str, str]:
    """The triggers that a ledger in this kind of database has."""
    return POSTGRES if is_postgres(connection) else SQLITE


def missing(connection: Connection) -> list[str]:
    """Names of triggers, and of what they call, that are not there or not as they should be."""
    there = _there(connection)
    wanted = expected(connection)
    lacking = [name for name, statement in wanted.items() if there.get(name) != statement]
    if is_postgres(connection):
        found = {row.name: row.sql for row in connection.execute(_FUNCTIONS_THERE)}
        path = _path(connection)
        lacking += [name for name, body in _FUNCTIONS.items() if found.get(name) != body + path]
    return lacking


def unknown(connection: Connection) -> list[str]:
    """Names of triggers, and of rules, that nobody who made the ledger put there."""
    return sorted(_there(connection).keys() - expected(connection).keys())


def drop_functions(connection: Connection) -> None:
    """Drop what the triggers of PostgreSQL call, after the tables."""
    for name in _FUNCTIONS:
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name}()")


def _create_functions(connection: Connection) -> None:
    """The functions, each of which finds the ledger's own tables, whoever calls it."""
    path = _path(connection).removeprefix("search_path=")
    for name, body in _FUNCTIONS.items():
        run(
            connection,
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
            f"SET search_path = {path} AS $body${body}$body$",
        )


def _path(connection: Connection) -> str:
    schema = connection.execute(text("SELECT quote_ident(current_schema())")).scalar_one()
    return f"search_path={schema}, pg_temp"


def _there(connection: Connection) -> dict[str, str]:
    if is_postgres(connection):
        rows = connection.execute(_TRIGGERS_THERE)
    else:
        rows = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        )
    return {row.name: row.sql for row in rows}
