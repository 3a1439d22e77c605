"""Signed checkpoints, kept beside the tree: what was said of the log, and when it was this long.

Revision 0002, after 0001.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store import triggers
from ledger.store.columns import INTEGER, LONG_TEXT

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "checkpoints",
        sa.Column("number", INTEGER, nullable=False, autoincrement=False),
        sa.Column("size", INTEGER, nullable=False),
        sa.Column("note", LONG_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    triggers.create(op.get_bind(), "checkpoints")
