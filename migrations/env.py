"""Runs the migrations, on the ledger's connection or on the one that `-x db=URL` names."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, Constraint, Index
from sqlalchemy.schema import SchemaItem
from sqlmodel import SQLModel

from ledger.projections import tables as projections
from ledger.store import tables as store
from ledger.store.database import at

TABLES = (store, projections)
"""Importing them is what fills the metadata that Alembic compares."""


def compared(thing: SchemaItem, _name: str | None, kind: str, *_: object) -> bool:
    """All but how the text of facets is found, for which the two databases differ (0001)."""
    found_by = kind in ("index", "unique_constraint")
    return not (found_by and isinstance(thing, Index | Constraint) and thing.table.name == "facets")


def run(connection: Connection) -> None:
    """Run within the connection's transaction: all migrations, or none."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        transactional_ddl=True,
        render_as_batch=True,
        include_object=compared,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with at(context.get_x_argument(as_dictionary=True)["db"]).writing(fresh=True) as opened:
        run(opened)
