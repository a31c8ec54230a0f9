"""The search index (store/search.py): it starts empty and is filled in batches by whoever searches, imports or examines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index; nothing that is there is touched."""
    state = op.create_table(
        "search_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.bulk_insert(state, [{"id": 1, "tickets": 0, "people": 0}])
    op.create_table(
        "search_part",
        sa.Column("part", sa.LargeBinary(), nullable=False),
        sa.Column("whole", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("part", "whole"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_restated",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("ticket_id"),
    )
    for name in ("search_pairs", "search_letters"):
        op.execute(
            f"CREATE VIRTUAL TABLE {name} USING fts5(terms, content='', columnsize=0, detail=none, tokenize='ascii')"
        )
