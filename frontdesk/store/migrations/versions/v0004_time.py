"""What keeps promises while nobody presses a key: an outbox that is delivered, leases, shifts, handovers, sheet editions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the outbox anew with every notice carried over, and the tables for shifts, handovers and editions."""
    _outbox()
    many = sa.text("incident <> ''")
    op.create_index("ix_ticket_incident", "ticket", ["incident"], sqlite_where=many, postgresql_where=many)
    op.drop_table("action")  # what time has done stands in each ticket's log
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "shift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("starts_at", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("login", "name", "duty", "starts_at", name="uq_shift"),
    )
    op.create_index("ix_shift_ends_at", "shift", ["ends_at"])
    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.Integer(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("taken_at", sa.Integer(), nullable=True),
        sa.Column("taken_by", sa.String(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "handover_item",
        sa.Column("handover_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("taken_at", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"]),
        sa.PrimaryKeyConstraint("handover_id", "key"),
    )
    left = sa.text("taken_at IS NULL")
    op.create_index(
        "ix_handover_item_key", "handover_item", ["key"], sqlite_where=left, postgresql_where=left
    )
    op.create_table(
        "edition",
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("stamp", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("month", "number"),
    )
    # What falls due on a day is found without reading a log (store/dashboard.py); only a promise pays for it.
    op.execute(
        "CREATE INDEX ix_event_promised ON event(json_extract(data, '$.due_at')) WHERE kind = 'promised'"
    )


def _outbox() -> None:
    for name in ("ix_notice_state", "ix_notice_ticket_id"):
        op.drop_index(name, table_name="notice")
    op.rename_table("notice", "notice_before")
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("event_seq", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.Integer(), nullable=True),
        sa.Column("sent_at", sa.Integer(), nullable=True),
        sa.Column("reached", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.execute(
        "INSERT INTO notice(id, ticket_id, event_seq, kind, audience, recipient, body, urgent, state, tries, error, "
        "created_at, next_at, sent_at, reached) SELECT id, ticket_id, event_seq, kind, 'staff', recipient, body, 0, state, "
        "tries, error, created_at, CASE WHEN state IN ('queued', 'sending') THEN created_at END, sent_at, '' FROM notice_before"
    )
    op.drop_table("notice_before")
    op.create_index("ix_notice_ticket_id", "notice", ["ticket_id"])
    due = sa.text("next_at IS NOT NULL")
    op.create_index("ix_notice_next_at", "notice", ["next_at"], sqlite_where=due, postgresql_where=due)
    stuck = sa.text("state IN ('failed', 'unrouted')")
    op.create_index("ix_notice_stuck", "notice", ["state"], sqlite_where=stuck, postgresql_where=stuck)
