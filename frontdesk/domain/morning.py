"""The morning view (晨报): what the night was, what today owes, who has what (DESIGN §5; R-000-05)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from frontdesk.domain.facts import Unclosed, unclosed
from frontdesk.domain.policy import Policy
from frontdesk.domain.privacy import one_line
from frontdesk.domain.sla import QUIET, clocks
from frontdesk.domain.terms import SLA_STATES
from frontdesk.domain.tickets import Ticket
from frontdesk.domain.timing import DAY, Instant, clock, day_start, local

MOST: Final = 20
"""Unclosed tickets that the message lists; group robots take short messages."""
_URGENCY: Final = ("breached", "at_risk", "on_track", "paused")


class Night(NamedTuple):
    """What one ticket adds to the night [since, now): runs begun and ended, and clocks that went past their limit."""

    opened: int
    closed: int
    breached: int


class Morning(NamedTuple):
    """The whole night and the day before us; `handover` is one line about the shift that was given."""

    site: str
    since: Instant
    now: Instant
    night: Night
    tickets: tuple[Unclosed, ...]
    handover: str


def night(ticket: Ticket, policy: Policy, since: Instant, now: Instant) -> Night:
    """A reopened ticket was closed before; one that was void counts as ended."""
    ends = [cycle.closed_at for cycle in ticket.cycles] + [ticket.voided_at]
    return Night(
        int(since <= ticket.opened_at < now),
        sum(at is not None and since <= at < now for at in ends),
        sum(
            since <= run.due_at < now and run.state(now) in ("breached", "met_late")
            for run in clocks(ticket, policy)
            if run.kind not in QUIET
        ),
    )


def morning(
    site: str,
    found: Iterable[tuple[Ticket, Policy, str]],
    since: Instant,
    now: Instant,
    handover: str,
) -> Morning:
    """The morning out of (ticket with its owner's name as case_owner, its policy, its masked unit)."""
    total, open_ones = Night(0, 0, 0), list[Unclosed]()
    for ticket, policy, unit in found:
        each = night(ticket, policy, since, now)
        total = Night(*(a + b for a, b in zip(total, each, strict=True)))
        if ticket.open:
            open_ones.append(unclosed(ticket, policy, unit, now))
    open_ones.sort(
        key=lambda u: (_URGENCY.index(u.sla), u.priority != "urgent", u.due_at or now + DAY, u.number)
    )
    return Morning(site, since, now, total, tuple(open_ones), handover)


def morning_text(found: Morning) -> str:
    """As it is sent: plain lines, nothing in clear."""
    now, past = found.now, found.night
    late = sum(each.sla == "breached" for each in found.tickets)
    lines = [
        f"【晨报】{one_line(found.site)} {local(now):%Y-%m-%d %H:%M}",
        f"{clock(found.since, now)} 以来：受理 {past.opened} 件，结束 {past.closed} 件，新超时 {past.breached} 次。",
        f"未闭环 {len(found.tickets)} 件，其中超时 {late} 件。",
        *_promises(found),
        *_waiting(found.tickets, now),
        *_followed(found.tickets, now),
        f"交接班：{found.handover}",
    ]
    return "\n".join(lines)


def _promises(found: Morning) -> list[str]:
    """Those that are owed by midnight, overdue ones too, the soonest first."""
    end = day_start(found.now) + DAY
    owed = sorted(
        (due, each.number, words, each.follower) for each in found.tickets for due, words in each.promises
    )
    today = [line for line in owed if line[0] < end]
    if not today:
        return ["今天没有到期的承诺。"]
    return [
        f"今天到期的承诺 {len(today)} 个：",
        *(
            f"  {clock(due, found.now)} {number} {one_line(words)}（{follower}{'，已过' if due <= found.now else ''}）"
            for due, number, words, follower in today
        ),
    ]


def _waiting(tickets: Iterable[Unclosed], now: Instant) -> list[str]:
    found = [each for each in tickets if each.escalated_at is not None]
    told = [
        f"  {each.number} {clock(each.escalated_at or now, now)} 上移至{each.escalated_to}（{each.follower} 跟进）"
        for each in found
    ]
    return [f"上移没有人接 {len(found)} 件：", *told] if told else []


def _followed(tickets: Sequence[Unclosed], now: Instant) -> list[str]:
    """The unclosed by who follows them, the worst first."""
    groups: dict[str, list[Unclosed]] = {}
    for each in tickets[:MOST]:
        groups.setdefault(each.follower, []).append(each)
    lines = []
    for name, mine in groups.items():
        lines.append(f"{name} 跟进：")
        for each in mine:
            where = " ".join(filter(None, (each.number, each.unit, one_line(each.title))))
            due = f"，{clock(each.due_at, now)} 到期" if each.due_at is not None else ""
            lines.append(f"  [{SLA_STATES[each.sla]}] {where}{due}")
    if len(tickets) > MOST:
        lines.append(f"另有 {len(tickets) - MOST} 件，见 frontdesk summary。")
    return lines
