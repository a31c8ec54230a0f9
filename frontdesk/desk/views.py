"""Frozen values that leave the desk: masked for the reader's role, ready to paint or print (DESIGN §7)."""

# Annotations are evaluated here: NamedTuple would compile each one left as text, a fifth of what `ticket show` costs to start.

from typing import TYPE_CHECKING, Any, NamedTuple

from frontdesk.domain.terms import (
    CALL_STATES,
    EVENTS,
    KINDS,
    NOTICE_STATES,
    PRIORITIES,
    PROMISES,
    SLA_STATES,
    STATUSES,
)
from frontdesk.domain.timing import Instant, clock, iso

if TYPE_CHECKING:
    from frontdesk.domain.sla import Clock


class EventView(NamedTuple):
    """One line of the record; `note` is plain Chinese, `by` a login and `who` that person's name."""

    seq: int
    at: Instant
    kind: str
    by: str
    note: str
    hash: str
    undone: bool
    who: str

    @property
    def label(self) -> str:
        """The event's Chinese name."""
        return EVENTS[self.kind]


class TicketView(NamedTuple):
    """A ticket as the reader's role may see it, at the moment `now`."""

    id: int
    number: str
    version: int
    now: Instant
    kind: str
    category: str
    priority: str
    status: str
    sla: str
    look: str
    due_at: Instant | None
    level: int
    level_name: str
    unacknowledged: str
    name: str
    unit: str
    phone: str
    channel: str
    case: str
    title: str
    text: str
    place: str
    happened: str
    outcome: str
    opened_at: Instant
    case_owner: str
    owner_name: str
    department: str
    incident: str
    merged_into: str
    gaps: tuple[str, ...]
    next_step: str
    clocks: "tuple[Clock, ...]"
    events: tuple[EventView, ...]
    tasks: tuple[dict[str, Any], ...]
    evidence: tuple[dict[str, Any], ...]
    moves: tuple[str, ...]
    score: int | None
    case_taken: bool
    scenario: str
    limits: tuple[dict[str, Any], ...]
    missing: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    promises: "tuple[PromiseView, ...]" = ()
    plan: str = ""
    """The emergency plan that is open on it, by id."""

    def json(self) -> dict[str, Any]:
        """The JSON document of DESIGN §8."""
        return {
            "number": self.number,
            "kind": self.kind,
            "kind_label": KINDS[self.kind],
            "category": self.category,
            "priority": self.priority,
            "priority_label": PRIORITIES[self.priority],
            "status": self.status,
            "status_label": STATUSES[self.status],
            "sla": self.sla,
            "sla_label": SLA_STATES[self.sla],
            "due_at": iso(self.due_at) if self.due_at is not None else None,
            "escalation_level": self.level,
            "unit": self.unit,
            "caller": {"name": self.name, "phone": self.phone},
            "channel": self.channel,
            "case": self.case or None,
            "case_taken": self.case_taken,
            "scenario": self.scenario or None,
            "case_limits": list(self.limits),
            "facts": [{"id": name, "value": value} for name, value in self.facts],
            "missing_facts": list(self.missing),
            "text": self.text,
            "opened_at": iso(self.opened_at),
            "case_owner": self.case_owner,
            "case_owner_name": self.owner_name,
            "department": self.department,
            "gaps": list(self.gaps),
            "next_step": self.next_step,
            "clocks": [_clock(c, self.now) for c in self.clocks],
            "promises": [each.json() for each in self.promises],
            "events": [_event(e) for e in self.events],
            "tasks": list(self.tasks),
            "evidence": list(self.evidence),
            "moves": list(self.moves),
            "incident": self.incident or None,
            "plan": self.plan or None,
            "merged_into": self.merged_into or None,
            "satisfaction": self.score,
        }


def _clock(run: "Clock", now: Instant) -> dict[str, Any]:
    return {
        "kind": run.kind,
        "due_at": iso(run.due_at),
        "state": run.state(now),
        "met_at": iso(run.met_at) if run.met_at is not None else None,
        "source": run.source,
    }


def _event(event: EventView) -> dict[str, Any]:
    return {
        "at": iso(event.at),
        "kind": event.kind,
        "kind_label": event.label,
        "by": event.by,
        "by_name": event.who,
        "note": event.note,
        "hash": event.hash,
        "undone": event.undone,
    }


class PromiseView(NamedTuple):
    """One line of the promise ledger (承诺账本): who told the owner which time, in which words, and what became of it."""

    ticket: str
    unit: str
    made_at: Instant
    by: str
    words: str
    due_at: Instant
    completion: bool
    state: str
    kept_at: Instant | None

    def json(self) -> dict[str, Any]:
        """Its JSON; times with their offset."""
        return {
            "ticket": self.ticket,
            "unit": self.unit,
            "made_at": iso(self.made_at),
            "by": self.by,
            "words": self.words,
            "due_at": iso(self.due_at),
            "completion": self.completion,
            "state": self.state,
            "state_label": PROMISES[self.state],
            "kept_at": iso(self.kept_at) if self.kept_at is not None else None,
        }


class OwnerView(NamedTuple):
    """One owner whom a number may belong to."""

    resident_id: int
    name: str
    unit: str
    tags: tuple[str, ...]


class CallerCard(NamedTuple):
    """What the desk knows before the call is lifted (A-DAY 08:42).

    `owners` is empty for an unknown or hidden number and has several entries where a number is shared. `shown` is the
    masked number or what it is (「隐藏号码」). `called` is the masked name that the exchange sent. `last_promise` is ""
    where there was none, else whether it was kept.
    """

    call_id: int
    at: Instant
    state: str
    shown: str
    kind: str
    owners: tuple[OwnerView, ...]
    called: str
    open_tickets: tuple[tuple[str, str], ...]
    calls_30_days: int
    calls_7_days: int
    last_promise: str
    ticket: str

    @property
    def headline(self) -> str:
        """One line for the ring bar."""
        if len(self.owners) > 1:
            who = f"{len(self.owners)}位业主共用"
        elif self.owners:
            owner = self.owners[0]
            who = " ".join([owner.unit, owner.name, *owner.tags[:2]])
        else:
            who = {"hidden": "来电未显示号码"}.get(
                self.kind, " ".join(part for part in ("未登记号码", self.called) if part)
            )
        parts = [self.shown, who]
        if self.open_tickets:
            parts.append(f"未结{len(self.open_tickets)}件")
        if self.calls_30_days > 1:
            parts.append(f"30天内第{self.calls_30_days}次")
        if self.last_promise:
            parts.append(self.last_promise)
        return "  ".join(parts)

    def json(self) -> dict[str, Any]:
        """The document of `call log --json`."""
        return {
            "id": self.call_id,
            "at": iso(self.at),
            "state": self.state,
            "state_label": CALL_STATES[self.state],
            "phone": self.shown,
            "phone_kind": self.kind,
            "owners": [{"name": o.name, "unit": o.unit, "tags": list(o.tags)} for o in self.owners],
            "called": self.called,
            "open_tickets": [{"number": number, "title": title} for number, title in self.open_tickets],
            "calls_30_days": self.calls_30_days,
            "calls_7_days": self.calls_7_days,
            "last_promise": self.last_promise,
            "ticket": self.ticket or None,
        }


class NoticeView(NamedTuple):
    """A line of the outbox (DESIGN §8)."""

    id: int
    ticket: str
    kind: str
    to: str
    state: str
    tries: int
    error: str
    body: str
    audience: str = "staff"
    urgent: bool = False
    created_at: Instant = 0
    next_at: Instant | None = None
    sent_at: Instant | None = None

    @property
    def label(self) -> str:
        """Its state in Chinese."""
        return NOTICE_STATES[self.state]

    def json(self) -> dict[str, Any]:
        """The outbox document's entry."""
        names = ("id", "ticket", "kind", "to", "state", "tries", "error", "audience", "urgent")
        times = {name: getattr(self, name) for name in ("created_at", "next_at", "sent_at")}
        return {
            **{name: getattr(self, name) for name in names},
            "state_label": self.label,
            **{name: None if at is None else iso(at) for name, at in times.items()},
        }


class UnclosedLine(NamedTuple):
    """One unclosed ticket of the daily summary and who follows it (R-000-05)."""

    number: str
    title: str
    category: str
    status: str
    sla: str
    due_at: Instant | None
    department: str
    follower: str
    unit: str

    def words(self, now: Instant) -> str:
        """One printed line."""
        due = f"，{clock(self.due_at, now)} 到期" if self.due_at is not None else ""
        return f"{self.number} {self.unit} {self.title}（{STATUSES[self.status]}{due}）"
