"""Clocks: pure functions of a ticket's facts and the policy it was opened under (DESIGN §5).

A target with a calendar counts its working time alone: spans, holds and the share that is at risk.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from frontdesk.domain.calendar import Calendar
from frontdesk.domain.policy import Policy, Target
from frontdesk.domain.tickets import CaseLimit, Cycle, Promise, Ticket
from frontdesk.domain.timing import Instant, clock, span

FAR: Instant = 1 << 40
"""Later than every due time: nothing is running."""

QUIET = frozenset({"silent_close"})
"""Clocks whose end is permitted, not owed: they never colour a ticket."""


class Clock(NamedTuple):
    """A target running on a ticket. Half-open: met strictly before `due_at` is on time, at or after it is late."""

    kind: str
    source: str
    started_at: Instant
    due_at: Instant
    risk_at: Instant
    met_at: Instant | None = None
    held: bool = False
    cancelled: bool = False
    words: str = ""
    calendar: str = ""

    def state(self, now: Instant) -> str:
        """running, at_risk, breached, met, met_late, paused or cancelled."""
        if self.met_at is not None:
            return "met" if self.met_at < self.due_at else "met_late"
        if self.cancelled:
            return "cancelled"
        if self.held:
            return "paused"
        if now >= self.due_at:
            return "breached"
        return "at_risk" if now >= self.risk_at else "running"

    @property
    def counts(self) -> bool:
        """Running, and owed: it may colour the ticket."""
        return self.met_at is None and not self.cancelled and not self.held and self.kind not in QUIET


def clocks(ticket: Ticket, policy: Policy) -> tuple[Clock, ...]:
    """Every clock of the ticket, current and past cycles, in the order in which they are due."""
    return tuple(sorted(_all(ticket, policy), key=_order))


def _all(ticket: Ticket, policy: Policy) -> list[Clock]:
    found = [*_intake(ticket, policy), *_handling(ticket, policy), *_emergency(ticket, policy)]
    return [*found, *_duties(ticket, policy), *_commitments(ticket, policy), *_aftercare(ticket, policy)]


def _order(run: Clock) -> tuple[Instant, str, Instant]:
    return run.due_at, run.kind, run.started_at


def _run(
    ticket: Ticket, policy: Policy, target: Target, start: Instant, met: Instant | None, urgent: bool = False
) -> Clock:
    seconds, source, working = target.seconds, target.source, target.calendar
    if urgent and target.urgent_seconds:
        seconds, source = target.urgent_seconds, target.urgent_source or source
    left, ended = int(seconds * policy.risk_share), met is None and not ticket.open
    if working is None:
        due = start + seconds
        return Clock(target.clock, source, start, due, due - left, met, False, ended)
    due, risk = working.add(start, seconds), working.add(start, seconds - left)
    return Clock(target.clock, source, start, due, risk, met, False, ended, "", working.name)


def _intake(ticket: Ticket, policy: Policy) -> list[Clock]:
    target = policy.target("first_response", ticket)
    return (
        [] if target is None else [_run(ticket, policy, target, ticket.opened_at, ticket.first_response_at)]
    )


def _handling(ticket: Ticket, policy: Policy) -> list[Clock]:
    """Red light and resolution: with the departments' tasks what a pause holds; resuming restores what was left."""
    out = []
    red, resolution = policy.target("red_light", ticket), policy.target("resolution", ticket)
    if red is not None:
        met = ticket.handled_at or ticket.cycles[0].resolved_at
        out.append(_shifted(ticket, red.calendar, _run(ticket, policy, red, ticket.opened_at, met)))
    if resolution is not None:
        out += [_resolution(ticket, policy, resolution, cycle) for cycle in ticket.cycles]
    return out


def _shifted(ticket: Ticket, working: Calendar | None, run: Clock) -> Clock:
    """The clock moved on by the working time of every pause that fell inside it; held while the last one lasts."""
    held, due, risk = False, run.due_at, run.risk_at
    for pause in ticket.pauses:
        if (
            pause.at < run.started_at
            or pause.at >= due
            or (run.met_at is not None and pause.at >= run.met_at)
        ):
            continue
        # A progress report may meet the red light during the hold: that moment ends it for this clock.
        ends = [at for at in (pause.resumed_at, run.met_at) if at is not None]
        if not ends:
            held = ticket.open
        elif working is None:
            due, risk = due + min(ends) - pause.at, risk + min(ends) - pause.at
        else:
            lost = working.between(pause.at, min(ends))
            due, risk = working.add(due, lost), working.add(risk, lost)
    return run._replace(due_at=due, risk_at=risk, held=held) if held or due != run.due_at else run


def _resolution(ticket: Ticket, policy: Policy, target: Target, cycle: Cycle) -> Clock:
    run = _shifted(ticket, target.calendar, _run(ticket, policy, target, cycle.started_at, cycle.resolved_at))
    end = FAR if cycle.resolved_at is None else cycle.resolved_at
    agreed = [
        p
        for p in ticket.promises
        if p.completion and not p.withdrawn and cycle.started_at <= p.made_at <= end
    ]
    if agreed:
        due = max(p.due_at for p in agreed)
        risk = _risk(policy, target.calendar, agreed[-1].made_at, due)
        run = run._replace(due_at=due, risk_at=risk, held=False, source="X1", words=agreed[-1].words)
    return run


def _risk(policy: Policy, working: Calendar | None, start: Instant, due: Instant) -> Instant:
    """Where the last part before an agreed time begins; by the clock on the wall where no work lies before it."""
    spare = 0 if working is None else working.between(start, due)
    if working is None or not spare:
        return due - int((due - start) * policy.risk_share)
    return working.add(start, spare - int(spare * policy.risk_share))


def _emergency(ticket: Ticket, policy: Policy) -> list[Clock]:
    """T4 and T5: two clocks with two owners, the response team and engineering (X7)."""
    if ticket.urgent_since is None:
        return []
    since = ticket.urgent_since
    done = next(
        (c.resolved_at for c in ticket.cycles if c.resolved_at is not None and c.resolved_at >= since), None
    )
    ends = {"on_site": ticket.arrived_at or done, "repair": done}
    found = ((policy.target(name, ticket), end) for name, end in ends.items())
    return [_run(ticket, policy, target, since, end) for target, end in found if target is not None]


def _duties(ticket: Ticket, policy: Policy) -> list[Clock]:
    """The next progress notice: 24 h after the last contact, 10 min in an emergency; no pause or promise stops it (X1)."""
    if ticket.cycle.resolved_at is not None or not ticket.open:
        return []
    target = policy.target("progress", ticket)
    if target is None:
        return []
    start = max((ticket.cycle.started_at, ticket.urgent_since or 0, *ticket.contacts))
    return [_run(ticket, policy, target, start, None, urgent=ticket.urgent_since is not None)]


def _commitments(ticket: Ticket, policy: Policy) -> list[Clock]:
    out = [_promise(ticket, policy, promise) for promise in ticket.promises]
    for task in ticket.tasks:
        due, risk = task.due_at, task.due_at - int((task.due_at - task.dispatched_at) * policy.risk_share)
        ended = task.done_at is None and not ticket.open
        run = Clock(
            "task", "R-001-12", task.dispatched_at, due, risk, task.done_at, False, ended, task.department
        )
        out.append(_shifted(ticket, None, run))
    out += [_case(ticket, policy, limit) for limit in ticket.limits if limit.due_at is not None]
    for step in ticket.escalations:
        seconds = policy.rung(step.level).acknowledge
        due = step.heard_at + seconds
        risk, met = due - int(seconds * policy.risk_share), step.acknowledged_at
        ended = met is None and not ticket.open
        out.append(Clock("acknowledge", "R-S8-01", step.at, due, risk, met, False, ended, step.to))
    return out


def _case(ticket: Ticket, policy: Policy, limit: CaseLimit) -> Clock:
    due = limit.due_at or FAR
    risk = due - int((due - limit.started_at) * policy.risk_share)
    ended = limit.met_at is None and not ticket.open
    return Clock("case", limit.rule, limit.started_at, due, risk, limit.met_at, False, ended, limit.label)


def _promise(ticket: Ticket, policy: Policy, promise: Promise) -> Clock:
    due = promise.due_at
    risk = due - int((due - promise.made_at) * policy.risk_share)
    ended = promise.withdrawn or (promise.kept_at is None and not ticket.open)
    return Clock(
        "promise", "R-S5-01", promise.made_at, due, risk, promise.kept_at, False, ended, promise.words
    )


def _aftercare(ticket: Ticket, policy: Policy) -> list[Clock]:
    """The follow-up of the current cycle and, once it was declined, the seven quiet days (R-S10-05)."""
    cycle = ticket.cycle
    if cycle.resolved_at is None:
        return []
    asked = [f.at for f in ticket.follow_ups if f.at >= cycle.resolved_at]
    met = min(asked, default=ticket.declined_at if ticket.declined_at else cycle.closed_at)
    out = []
    if (asking := policy.target("follow_up", ticket)) is not None:
        out.append(_run(ticket, policy, asking, cycle.resolved_at, met))
    silence = None if ticket.quiet_since is None else policy.target("silent_close", ticket)
    if silence is not None:
        out.append(_run(ticket, policy, silence, ticket.quiet_since or 0, cycle.closed_at))
    return out


class Face(NamedTuple):
    """What the board needs of a ticket's clocks: it can be coloured at any later moment without the log.

    `base` is the look while no clock is at risk: emergency, escalated, new, paused, follow_up, working or closed.
    `due_at` and `risk_at` are the earliest of the open clocks, `due_kind` the kind of the one that is due first.
    """

    base: str
    due_kind: str
    due_at: Instant
    risk_at: Instant


def face(ticket: Ticket, policy: Policy, runs: Iterable[Clock] | None = None) -> Face:
    """The ticket's face; recomputed with every event, never with time. `runs` are the ticket's clocks where known."""
    owed = [c for c in (_all(ticket, policy) if runs is None else runs) if c.counts]
    first = min(owed, key=_order, default=None)
    base = _base(ticket)
    if first is None:
        return Face(base, "", FAR, FAR)
    return Face(base, first.kind, first.due_at, min(c.risk_at for c in owed))


def _base(ticket: Ticket) -> str:
    status = ticket.status
    if status in ("closed", "void"):
        return "closed"
    if ticket.urgent_since is not None and status != "resolved":
        return "emergency"
    if ticket.unacknowledged:
        return "escalated"
    if status == "new":
        return "new"
    return {"paused": "paused", "resolved": "follow_up"}.get(status, "working")


def sla_state(shown: Face, now: Instant) -> str:
    """on_track, at_risk, breached, paused or closed, as the JSON of DESIGN §8 names it."""
    if shown.base == "closed":
        return "closed"
    if now >= shown.due_at:
        return "breached"
    if now >= shown.risk_at:
        return "at_risk"
    return "paused" if shown.base == "paused" else "on_track"


_STEPS = {
    "first_response": "联系业主，作首次响应",
    "red_light": "派单并落实接单",
    "resolution": "办结",
    "on_site": "应急小组到场",
    "repair": "工程部修复",
    "progress": "向业主通报进展",
    "task": "催办部门任务",
    "promise": "兑现承诺",
    "follow_up": "回访业主",
    "case": "办妥案例时限",
    "acknowledge": "等上级确认接手",
}


def next_step(ticket: Ticket, policy: Policy, now: Instant) -> str:
    """What to do next and until when, one line for the detail pane."""
    return step_of(face(ticket, policy), now, ticket)


def step_of(shown: Face, now: Instant, ticket: Ticket | None = None) -> str:
    """The same from a face that is known; without a `ticket` it is open and nobody has followed it up or declined."""
    if shown.base == "closed":
        return "已作废" if ticket is None or ticket.status != "closed" else "已闭环"
    # Closing is refused without them, so they come before it.
    lacking = f"采集事实：{'、'.join(ticket.missing)}，" if ticket is not None and ticket.missing else ""
    if ticket is not None and ticket.score is not None and not ticket.low and ticket.status == "resolved":
        return f"{lacking}再关闭" if lacking else "回访已完成，可关闭"
    if not shown.due_kind:
        waits = ticket is not None and ticket.declined_at
        return f"{lacking}等待静默期满后关闭" if waits else "继续处理"
    late = now >= shown.due_at
    rest = f"已超 {span(now - shown.due_at)}" if late else f"剩 {span(shown.due_at - now)}"
    return f"{clock(shown.due_at, now)} 前 {_STEPS[shown.due_kind]}（{rest}）"
