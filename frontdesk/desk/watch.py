"""What time itself demands, done exactly once however many watchers run (DESIGN §5): escalate, remind, resume, close."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from frontdesk.desk.access import Access, private
from frontdesk.desk.ticket_desk import held_if_contested, received
from frontdesk.domain import duties, moves
from frontdesk.domain.duties import Duty
from frontdesk.domain.errors import Refused
from frontdesk.domain.moves import Draft
from frontdesk.domain.policy import Policy
from frontdesk.domain.tickets import Ticket
from frontdesk.domain.timing import Instant
from frontdesk.store.leases import take
from frontdesk.store.tickets import Log, Step

WATCHER = "watch"
"""The author of what nobody pressed a key for."""

LEASE = "watch"


def sweep(access: Access, as_of: Instant | None = None) -> list[str]:
    """Do everything that is due; answers what was done, a line each.

    Safe at any time and any number of times: a duty's mark and what it does are one transaction, and the mark is part of the
    log that the next look reads.
    """
    now = access.now() if as_of is None else as_of
    told: list[str] = []
    tried: set[int] = set()
    while fresh := [ticket_id for ticket_id in access.tickets.due(now) if ticket_id not in tried]:
        for ticket_id in fresh:
            tried.add(ticket_id)
            told += _visit(access, ticket_id, now)
    return told


def attend(access: Access, as_of: Instant | None = None) -> list[str]:
    """One round of the watch: what time demands, the morning view, then the outbox, each line of which tells how it went."""
    from frontdesk.desk.delivery import deliver  # httpx is dear, and who only sweeps sends nothing
    from frontdesk.desk.shift_desk import morning_due

    rules = access.policy
    now = access.now() if as_of is None else as_of
    told = sweep(access, as_of) + morning_due(access, now)
    return told + deliver(access, now, awake=rules.quiet.over, singly=rules.watch.digest_over)


def host(access: Access, holder: str) -> list[str]:
    """One round of the watch for a console that has nothing else to do, where no other one does it; answers what was done.

    Whoever hosts holds a lease in the store: a console that is killed lets go when that is over.
    """
    if access.operator.role == "auditor" or not take(
        access.db, LEASE, holder, access.now(), access.policy.watch.lease
    ):
        return []
    return attend(access)


def _visit(access: Access, ticket_id: int, now: Instant) -> list[str]:
    """One ticket's duties, in as many steps as they need: what is resumed may be late at that same moment."""

    def act(conn: sqlite3.Connection | None = None) -> str:
        return _act(access, ticket_id, now, conn)

    told: list[str] = []
    while line := held_if_contested(access.tickets, act):
        told.append(line)
    return told


def _act(access: Access, ticket_id: int, now: Instant, conn: sqlite3.Connection | None) -> str:
    log = access.tickets.load(ticket_id)
    policy = access.policies.of(log.ticket.policy)
    due = duties.due(log.ticket, policy, now)
    if not due:
        return ""
    at, drafts, told = _decided(access, log, policy, due, now)
    step = Step(
        at,
        WATCHER,
        [private(draft) for draft in drafts],
        policy,
        access.tells(log.ticket, drafts, policy, at, log.events),
    )
    access.tickets.append(log, step, conn)
    return f"{log.number} {told}"


def _decided(
    access: Access, log: Log, policy: Policy, due: Sequence[Duty], now: Instant
) -> tuple[Instant, Sequence[Draft], str]:
    """When it happens, what is written, and the line that tells of it."""
    ticket, last = log.ticket, log.events[-1].at
    if (ended := next((duty for duty in due if duty.act == "resume"), None)) is not None:
        # At the hour agreed, not at the hour of this sweep: the owner's clock has gone on since then.
        return max(ended.at, last), moves.resume(ticket, now, ended.reason), f"{ended.reason}，已恢复计时"
    if (quiet := next((duty for duty in due if duty.act == "close"), None)) is not None:
        return max(now, last), *_closing(access, ticket, policy, quiet, now)
    at = max(now, last)
    marks = duties.marks(due, now)
    if up := [duty for duty in due if duty.act == "escalate"]:
        top = max(up, key=lambda duty: (duty.level, duty.clock == "resolution", duty.at))
        (draft,) = received(
            access, moves.overdue(ticket, at, policy, top.level, top.reason, marks), policy, at
        )
        return at, [_heard(ticket, draft, policy, at)], f"{top.reason}，已上移至{policy.rung(top.level).name}"
    to: dict[str, list[str]] = {}
    for duty in due:
        to.setdefault(duty.to or ticket.case_owner, []).append(duty.reason)
    said = {whom: "，".join(dict.fromkeys(reasons)) for whom, reasons in to.items()}
    words = "，".join(dict.fromkeys(duty.reason for duty in due))
    (draft,) = moves.remind(words, marks, said)
    return at, [_heard(ticket, draft, policy, at)], f"{words}，已催办"


def _heard(ticket: Ticket, draft: Draft, policy: Policy, at: Instant) -> Draft:
    """Nobody is woken for what can wait: the notice leaves, and its answer is owed, from the end of the quiet hours on."""
    if ticket.urgent_since is not None:
        return draft
    return draft._replace(data={**draft.data, "heard_at": policy.quiet.over(at)})


def _closing(
    access: Access, ticket: Ticket, policy: Policy, duty: Duty, now: Instant
) -> tuple[Sequence[Draft], str]:
    """Close after the seven quiet days; a complaint meanwhile begins them anew, what stands in the way is told once."""
    since = ticket.cycle.resolved_at or now
    again = access.tickets.repeated_at(ticket.caller.unit, ticket.category, since, ticket.number)
    if again is not None and again > (ticket.quiet_since or 0):
        words = "同户同类又有来诉，七日静默期重新起算"
        return moves.remind(words, {}, {}, repeated_at=again), words
    try:
        return moves.close(ticket, now, policy, "silence", duty.reason), f"{duty.reason}，已静默关闭"
    except Refused as refused:
        words = f"静默期已满，但还不能关闭：{refused}"
        return moves.remind(words, duties.marks([duty], now), {ticket.case_owner: words}), words
