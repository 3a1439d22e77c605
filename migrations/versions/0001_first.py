"""The first schema: the log, its tree and the projections.

Revision 0001, after None.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger import tree
from ledger.store import triggers
from ledger.store.columns import INTEGER, LONG_TEXT, WORDS

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "attributions",
        sa.Column("position", INTEGER, nullable=False),
        sa.Column("item", INTEGER, nullable=False),
        sa.Column("incident", INTEGER, nullable=False),
        sa.Column("known", WORDS, nullable=False),
        sa.Column("until", WORDS, nullable=False),
        sa.Column("document", LONG_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("position", "item"),
    )
    op.create_index("ix_attributions_incident", "attributions", ["incident"])

    op.create_table(
        "batches",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("position", INTEGER, nullable=False),
        sa.Column("retraction", WORDS, nullable=False),
        sa.Column("taken_by", INTEGER, nullable=False),
        sa.Column("until", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "events",
        sa.Column("position", INTEGER, nullable=False, autoincrement=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("stream", WORDS, nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("batch", WORDS, nullable=False),
        sa.Column("body", LONG_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("stream", "version"),
    )
    op.create_index(
        "events_by_batch",
        "events",
        ["batch"],
        sqlite_where=sa.text("batch != ''"),
        postgresql_where=sa.text("batch != ''"),
    )

    op.create_table(
        "facets",
        sa.Column("id", INTEGER, nullable=False, autoincrement=False),
        sa.Column("facet", LONG_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("facet").ddl_if(dialect="sqlite"),
    )
    if op.get_bind().dialect.name == "postgresql":  # its ordered indexes hold no long text
        op.create_index("facets_by_text", "facets", ["facet"], postgresql_using="hash")
    head = op.create_table(
        "head",
        sa.Column("id", INTEGER, nullable=False, autoincrement=False),
        sa.Column("size", INTEGER, nullable=False),
        sa.Column("root", WORDS, nullable=False),
        sa.Column("recorded_at", WORDS, nullable=False),
        sa.CheckConstraint("id = 1", name="one_head"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "incidents",
        sa.Column("id", INTEGER, nullable=False, autoincrement=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("first_day", WORDS, nullable=False),
        sa.Column("last_day", WORDS, nullable=False),
        sa.Column("facet", INTEGER, nullable=False),
        sa.Column("merged_into", WORDS, nullable=False),
        sa.Column("known", WORDS, nullable=False),
        sa.Column("until", WORDS, nullable=False),
        sa.Column("document", LONG_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("incidents_by_key", "incidents", ["key"], unique=True)
    op.create_index(
        "incidents_merged",
        "incidents",
        ["merged_into"],
        sqlite_where=sa.text("merged_into != ''"),
        postgresql_where=sa.text("merged_into != ''"),
    )

    op.create_table(
        "links",
        sa.Column("position", INTEGER, nullable=False, autoincrement=False),
        sa.Column("source_incident", WORDS, nullable=False),
        sa.Column("relation", WORDS, nullable=False),
        sa.Column("target_incident", WORDS, nullable=False),
        sa.Column("known", WORDS, nullable=False),
        sa.Column("until", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("position"),
    )
    op.create_index("ix_links_source_incident", "links", ["source_incident"])
    op.create_index("ix_links_target_incident", "links", ["target_incident"])

    op.create_table(
        "marks",
        sa.Column("mapping", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("token", WORDS, nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.Column("names", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("mapping"),
    )

    op.create_table(
        "people",
        sa.Column("position", INTEGER, nullable=False, autoincrement=False),
        sa.Column("incident", INTEGER, nullable=False),
        sa.Column("known", WORDS, nullable=False),
        sa.Column("until", WORDS, nullable=False),
        sa.Column("document", LONG_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("position"),
    )
    op.create_index("ix_people_incident", "people", ["incident"])

    op.create_table(
        "projections",
        sa.Column("name", WORDS, nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.Column("position", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "sources",
        sa.Column("key", WORDS, nullable=False),
        sa.Column("position", INTEGER, nullable=False),
        sa.Column("grade", WORDS, nullable=False),
        sa.Column("day", WORDS, nullable=False),
        sa.Column("instant", INTEGER, nullable=False),
        sa.Column("known", WORDS, nullable=False),
        sa.Column("document", LONG_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "sums",
        sa.Column("facet", INTEGER, nullable=False),
        sa.Column("measure", WORDS, nullable=False),
        sa.Column("year", WORDS, nullable=False),
        sa.Column("incidents", INTEGER, nullable=False),
        sa.Column("low", sa.BigInteger(), nullable=False),
        sa.Column("lows", INTEGER, nullable=False),
        sa.Column("best", sa.BigInteger(), nullable=False),
        sa.Column("bests", INTEGER, nullable=False),
        sa.Column("high", sa.BigInteger(), nullable=False),
        sa.Column("highs", INTEGER, nullable=False),
        sa.Column("lines", INTEGER, nullable=False),
        sa.Column("at_least", INTEGER, nullable=False),
        sa.Column("vague", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("facet", "measure", "year"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tallies",
        sa.Column("key", WORDS, nullable=False),
        sa.Column("position", INTEGER, nullable=False),
        sa.Column("document", LONG_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "tiles",
        sa.Column("level", INTEGER, nullable=False),
        sa.Column("number", INTEGER, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number"),
    )
    op.create_table(
        "tolls",
        sa.Column("incident", INTEGER, nullable=False),
        sa.Column("measure", WORDS, nullable=False),
        sa.Column("facet", INTEGER, nullable=False),
        sa.Column("first_day", WORDS, nullable=False),
        sa.Column("low", sa.BigInteger(), nullable=True),
        sa.Column("best", sa.BigInteger(), nullable=True),
        sa.Column("high", sa.BigInteger(), nullable=True),
        sa.Column("lines", INTEGER, nullable=False),
        sa.Column("at_least", INTEGER, nullable=False),
        sa.Column("vague", INTEGER, nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("first_known", WORDS, nullable=False),
        sa.Column("last_known", WORDS, nullable=False),
        sa.Column("document", LONG_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("incident", "measure"),
    )
    op.create_table(
        "totals",
        sa.Column("position", INTEGER, nullable=False, autoincrement=False),
        sa.Column("tally", WORDS, nullable=False),
        sa.Column("known", WORDS, nullable=False),
        sa.Column("until", WORDS, nullable=False),
        sa.Column("document", LONG_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("position"),
    )
    op.create_index("ix_totals_tally", "totals", ["tally"])

    op.bulk_insert(head, [{"id": 1, "size": 0, "root": tree.EMPTY_ROOT.hex(), "recorded_at": ""}])
    triggers.create(op.get_bind(), "events", "head")


def _only(condition: str) -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
