"""The schema as SQLModel tables (DESIGN §9). Migrations create it, a test holds the two equal.

Loaded only off the hot paths: importing sqlmodel costs more than a whole CLI read (DESIGN §12).
Columns named `*_sealed` are AES-GCM ciphertext, `*_index` keyed blind indexes; times are whole UTC seconds.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

_CLUSTERED = {"sqlite_with_rowid": False}
"""Rows lie in the order of their key: one page less to write in every save, and a ticket's events side by side."""


def _sealed(required: bool = False) -> Column:  # type: ignore[type-arg]
    return Column(LargeBinary, nullable=not required)


class VaultRow(SQLModel, table=True):
    """The data key, wrapped by the master key; exactly one row."""

    __tablename__ = "vault"
    id: int | None = Field(default=None, primary_key=True)
    key_id: str
    wrapped: bytes = Field(sa_column=_sealed(required=True))


class OperatorRow(SQLModel, table=True):
    """A person at the desk, with one role."""

    __tablename__ = "operator"
    id: int | None = Field(default=None, primary_key=True)
    login: str = Field(unique=True)
    name: str
    role: str
    active: bool = True


class ResidentRow(SQLModel, table=True):
    """An owner or resident of a unit."""

    __tablename__ = "resident"
    id: int | None = Field(default=None, primary_key=True)
    identity: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    unit_index: bytes = Field(sa_column=Column(LargeBinary, nullable=False, index=True))
    name_sealed: bytes = Field(sa_column=_sealed(required=True))
    unit_sealed: bytes = Field(sa_column=_sealed(required=True))
    phones_sealed: bytes = Field(sa_column=_sealed(required=True))
    note_sealed: bytes | None = Field(default=None, sa_column=_sealed())
    tags: str = ""
    moved_in: str = ""
    updated_at: int


class ResidentPhoneRow(SQLModel, table=True):
    """A number's blind index; one number may belong to several residents."""

    __tablename__ = "resident_phone"
    resident_id: int = Field(primary_key=True, foreign_key="resident.id")
    phone_index: bytes = Field(sa_column=Column(LargeBinary, primary_key=True, index=True))


class CallRow(SQLModel, table=True):
    """An incoming call."""

    __tablename__ = "call"
    __table_args__ = (
        Index("ix_call_phone", "phone_index", "at"),
        Index("ix_call_live", "at", sqlite_where=text("live = 1"), postgresql_where=text("live = 1")),
    )
    id: int | None = Field(default=None, primary_key=True)
    uid: str | None = Field(default=None, unique=True)
    at: int = Field(index=True)
    state: str
    live: int = 1
    phone_kind: str
    phone_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    phone_sealed: bytes | None = Field(default=None, sa_column=_sealed())
    name_sealed: bytes | None = Field(default=None, sa_column=_sealed())
    answered_at: int | None = None
    answered_by: str = ""
    ticket_id: int | None = Field(default=None, foreign_key="ticket.id", index=True)


class TicketRow(SQLModel, table=True):
    """The cache of a ticket's newest facts for queries; rebuilt from its events and compared by `doctor`."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index(
            "ix_ticket_open",
            "lane",
            "due_at",
            sqlite_where=text("open = 1"),
            postgresql_where=text("open = 1"),
        ),
        Index(
            "ix_ticket_action",
            "action_at",
            sqlite_where=text("action_at IS NOT NULL"),
            postgresql_where=text("action_at IS NOT NULL"),
        ),
        Index(
            "ix_ticket_incident",
            "incident",
            sqlite_where=text("incident <> ''"),
            postgresql_where=text("incident <> ''"),
        ),
        Index("ix_ticket_unit", "unit_index", "opened_at"),
        Index("ix_ticket_phone", "phone_index", "opened_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True)
    version: int
    external_id: str | None = Field(default=None, unique=True)
    policy: str
    kind: str
    category: str
    priority: str
    channel: str
    status: str
    open: int
    lane: int
    base: str
    due_kind: str
    due_at: int
    risk_at: int
    action_at: int | None = None
    level: int
    title: str
    department: str
    case_owner: str
    incident: str
    opened_at: int = Field(index=True)
    closed_at: int | None = Field(default=None, index=True)
    unit_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    phone_index: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    unit_sealed: bytes | None = Field(default=None, sa_column=_sealed())


class EventRow(SQLModel, table=True):
    """One link of a ticket's append-only log; the truth that every cache follows."""

    __tablename__ = "event"
    __table_args__ = _CLUSTERED
    ticket_id: int = Field(foreign_key="ticket.id", primary_key=True)
    seq: int = Field(primary_key=True)
    at: int
    kind: str
    by: str
    data: str
    sealed: bytes | None = Field(default=None, sa_column=_sealed())
    hash: str


class NoticeRow(SQLModel, table=True):
    """The outbox: what must reach a person outside this database. Written in the transaction of its event.

    `audience` is staff, group or owner; `key` makes a notice that time demands happen once; `next_at` is when it may be
    tried (again), None once it is sent, given up or withdrawn. While it is being sent, `next_at` is when others may take it
    over. `reached` names the endpoints, one a line, that have it already while others of its route have not.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index(
            "ix_notice_next_at",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        Index(
            "ix_notice_stuck",
            "state",
            sqlite_where=text("state IN ('failed', 'unrouted')"),
            postgresql_where=text("state IN ('failed', 'unrouted')"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int | None = Field(default=None, foreign_key="ticket.id", index=True)
    event_seq: int | None = None
    key: str | None = Field(default=None, unique=True)
    kind: str
    audience: str
    recipient: str
    body: str
    urgent: bool = False
    state: str = "queued"
    tries: int = 0
    error: str = ""
    created_at: int
    next_at: int | None = None
    sent_at: int | None = None
    reached: str = ""


class EnclosureRow(SQLModel, table=True):
    """A file that goes with a notice, masked as the notice is; there until the notice is sent or withdrawn."""

    __tablename__ = "enclosure"
    notice_id: int = Field(primary_key=True, foreign_key="notice.id")
    name: str = Field(primary_key=True)
    media: str
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class LeaseRow(SQLModel, table=True):
    """Who does what only one process may do at a time, and until when it may count on that."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    holder: str
    until: int


class ShiftRow(SQLModel, table=True):
    """One person's turn of duty, half-open; `duty` is a role of the ladder or a department."""

    __tablename__ = "shift"
    __table_args__ = (
        UniqueConstraint("login", "name", "duty", "starts_at", name="uq_shift"),
        Index("ix_shift_ends_at", "ends_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    login: str
    name: str
    duty: str
    starts_at: int
    ends_at: int


class HandoverRow(SQLModel, table=True):
    """A handover page as it was signed; `page` is masked JSON."""

    __tablename__ = "handover"
    id: int | None = Field(default=None, primary_key=True)
    given_at: int
    given_by: str
    taken_at: int | None = None
    taken_by: str = ""
    page: str


class HandoverItemRow(SQLModel, table=True):
    """One thing handed over, and whose it is until somebody takes it."""

    __tablename__ = "handover_item"
    __table_args__ = (
        Index(
            "ix_handover_item_key",
            "key",
            sqlite_where=text("taken_at IS NULL"),
            postgresql_where=text("taken_at IS NULL"),
        ),
    )
    handover_id: int = Field(primary_key=True, foreign_key="handover.id")
    key: str = Field(primary_key=True)
    owner: str
    taken_at: int | None = None


class EditionRow(SQLModel, table=True):
    """A written edition of a month's sheet: what it was made from, by whom and why.

    `content` is compressed JSON: totals, ticket numbers by day, what changed late. `stamp` and `file` are digests of
    what its file was last made of and of that file; empty until it was written.
    """

    __tablename__ = "edition"
    month: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    at: int
    by: str
    reason: str
    digest: str
    state: str
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    stamp: str = ""
    file: str = ""


class CounterRow(SQLModel, table=True):
    """The last ticket number given out on a day (`YYMMDD`)."""

    __tablename__ = "counter"
    __table_args__ = _CLUSTERED
    day: str = Field(primary_key=True)
    last: int


class PolicyRow(SQLModel, table=True):
    """Every policy version that a ticket was opened under, whole."""

    __tablename__ = "policy"
    version: str = Field(primary_key=True)
    since: int
    document: str


class AuditRow(SQLModel, table=True):
    """Who saw or took out more than a mask shows, and why (DESIGN §7)."""

    __tablename__ = "audit"
    id: int | None = Field(default=None, primary_key=True)
    at: int
    by: str
    what: str
    reason: str


class SearchStateRow(SQLModel, table=True):
    """How far the search index goes: the last ticket and the last resident in it; one row."""

    __tablename__ = "search_state"
    id: int | None = Field(default=None, primary_key=True)
    tickets: int
    people: int


class SearchPartRow(SQLModel, table=True):
    """A keyed index of a part (the end of a phone, a building, two characters of a name) and of the whole that has it."""

    __tablename__ = "search_part"
    __table_args__ = _CLUSTERED
    part: bytes = Field(sa_column=Column(LargeBinary, primary_key=True, nullable=False))
    whole: bytes = Field(sa_column=Column(LargeBinary, primary_key=True, nullable=False))


class SearchRestatedRow(SQLModel, table=True):
    """The redacted text of a ticket whose text was corrected; the others' stands in their first event."""

    __tablename__ = "search_restated"
    ticket_id: int | None = Field(default=None, primary_key=True, foreign_key="ticket.id")
    text: str
