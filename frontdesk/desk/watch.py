"""What time itself demands, done exactly once however many watchers run (DESIGN §5)."""

from __future__ import annotations

import sqlite3

from frontdesk.desk.access import Access, private
from frontdesk.desk.ticket_desk import held_if_contested, notices
from frontdesk.domain import moves
from frontdesk.domain.sla import due_action
from frontdesk.domain.terms import ROLES
from frontdesk.domain.timing import Instant
from frontdesk.store.tickets import Step

WATCHER = "watch"
"""The author of what nobody pressed a key for."""


def sweep(access: Access, as_of: Instant | None = None) -> list[str]:
    """Escalate every ticket that is past its resolution target (T3); answers what was done, a line each.

    Safe at any time and any number of times: the action's key and its event are one transaction.
    """
    now = access.now() if as_of is None else as_of
    told: list[str] = []
    tried: set[int] = set()
    while fresh := [ticket_id for ticket_id in access.tickets.due(now) if ticket_id not in tried]:
        for ticket_id in fresh:
            tried.add(ticket_id)
            if line := _act(access, ticket_id, now):
                told.append(line)
    return told


def _act(access: Access, ticket_id: int, now: Instant) -> str:
    def save(conn: sqlite3.Connection | None = None) -> str:
        log = access.tickets.load(ticket_id)
        policy = access.policies.of(log.ticket.policy)
        due = due_action(log.ticket, policy)
        if due is None or due.at > now:
            return ""
        at = max(now, log.events[-1].at)
        drafts = [private(d) for d in moves.overdue(log.ticket, at, policy, due.level, due.reason)]
        step = Step(at, WATCHER, drafts, policy, notices(log, drafts, at), once=due.key)
        if not access.tickets.append(log, step, conn):
            return ""
        rung = policy.rung(due.level)
        return f"{log.number} {due.reason}，已上移至{rung.name or ROLES[rung.role]}"

    return held_if_contested(access.tickets, save)
