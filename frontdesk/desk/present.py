"""A ticket's log as the frozen view that leaves the desk: masked, labelled, with what to do next."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from frontdesk.desk.views import EventView, PromiseView, TicketView
from frontdesk.domain.moves import legal
from frontdesk.domain.policy import Policy
from frontdesk.domain.privacy import Masks
from frontdesk.domain.record import words
from frontdesk.domain.sla import FAR, clocks, face, next_step, sla_state
from frontdesk.domain.tickets import Event, Ticket, undone
from frontdesk.domain.timing import Instant, iso
from frontdesk.store.tickets import Log


def look(base: str, sla: str) -> str:
    """The key into `board.FACES` for a base look and an SLA state."""
    if base in ("emergency", "closed"):
        return base
    return sla if sla in ("breached", "at_risk") else base


def present(log: Log, policy: Policy, masks: Masks, names: Mapping[str, str], now: Instant) -> TicketView:
    """The view of a ticket at `now` for the role behind `masks`; `names` are the operators' by login."""
    t, shown = log.ticket, face(log.ticket, policy)
    gone, sla = undone(log.events), sla_state(shown, now)
    pending = t.unacknowledged
    return TicketView(
        id=log.id,
        number=log.number,
        version=t.version,
        now=now,
        kind=t.kind,
        category=t.category,
        priority=t.priority,
        status=t.status,
        sla=sla,
        look=look(shown.base, sla),
        due_at=shown.due_at if shown.due_at < FAR else None,
        level=t.level,
        level_name=policy.rung(t.level).name,
        unacknowledged=pending.to if pending else "",
        name="匿名" if t.anonymous else masks.name(t.caller.name),
        unit=masks.unit(t.caller.unit),
        phone=masks.phone(t.caller.phone) if t.caller.phone else "",
        channel=t.channel,
        case=t.case,
        title=t.title,
        text=t.text,
        place=t.place,
        happened=t.happened,
        outcome=t.outcome,
        opened_at=t.opened_at,
        case_owner=t.case_owner,
        owner_name=names.get(t.case_owner, t.case_owner),
        department=t.department,
        incident=t.incident,
        merged_into=t.merged_into,
        gaps=t.gaps,
        next_step=next_step(t, policy, now),
        clocks=clocks(t, policy),
        events=tuple(
            EventView(e.seq, e.at, e.kind, e.by, words(e, now), e.hash, e.seq in gone, names.get(e.by, e.by))
            for e in log.events
        ),
        tasks=tuple(
            {
                "number": task.number,
                "department": task.department,
                "content": task.content,
                "contact": task.contact,
                "due_at": iso(task.due_at),
                "accepted_at": iso(task.accepted_at) if task.accepted_at else None,
                "arrived_at": iso(task.arrived_at) if task.arrived_at else None,
                "done_at": iso(task.done_at) if task.done_at else None,
            }
            for task in t.tasks
        ),
        evidence=tuple(
            {"digest": item.digest, "media_type": item.media_type, "size": item.size, "caption": item.caption}
            for item in t.evidence
        ),
        moves=legal(t),
        score=t.score,
        case_taken=t.case_at is not None,
        scenario=t.scenario,
        limits=tuple(
            {
                "id": each.id,
                "rule": each.rule,
                "label": each.label,
                "who": each.who,
                "since": each.since,
                "due_at": iso(each.due_at) if each.due_at else None,
                "met_at": iso(each.met_at) if each.met_at else None,
            }
            for each in t.limits
        ),
        missing=t.missing,
        facts=_facts(log.events, gone),
        promises=promised(t, masks, names, now),
        plan=t.plan,
    )


def promised(ticket: Ticket, masks: Masks, names: Mapping[str, str], now: Instant) -> tuple[PromiseView, ...]:
    """The ticket's promises as they stand at `now`, in the order in which they were made; an ended ticket keeps its result."""
    end = min(now, ticket.ended_at if ticket.ended_at is not None else now)
    return tuple(
        PromiseView(
            ticket.number,
            masks.unit(ticket.caller.unit),
            each.made_at,
            names.get(each.by, each.by),
            each.words,
            each.due_at,
            each.completion,
            each.state(end),
            each.kept_at,
        )
        for each in ticket.promises
    )


def _facts(events: Iterable[Event], gone: Collection[int]) -> tuple[tuple[str, str], ...]:
    """What was collected for the case, the newest answer to each; empty where the log was read sealed."""
    found: dict[str, str] = {}
    for event in events:
        if event.kind == "facts" and event.seq not in gone:
            found |= {name: event.sealed[name] for name in event.data["facts"] if name in event.sealed}
    return tuple(found.items())
