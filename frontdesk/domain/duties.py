"""What time itself demands of a ticket, whether or not anybody presses a key (DESIGN §5, §6).

Each duty says what it is about (`about`: a clock's kind and start) and how far it has come (`step`: a level of the ladder, or
a count). What was done is written into the log with that mark, so no duty is done twice however many watchers run, and
none is missed: the next one is always a function of the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from frontdesk.domain.policy import Policy
from frontdesk.domain.sla import Clock, clocks
from frontdesk.domain.terms import CLOCKS
from frontdesk.domain.tickets import Escalation, Ticket
from frontdesk.domain.timing import Instant, span

FOREWARNED: Final = frozenset({"promise", "task", "case"})
"""Clocks somebody outside this screen keeps: their holder is reminded before they run out, not only after."""


class Duty(NamedTuple):
    """One thing that time demands. `act` is escalate, remind, resume or close; `to` whom a reminder is for, the case owner
    where empty; `every` the seconds after which it is demanded again, 0 for once."""

    at: Instant
    act: str
    about: str
    step: int
    clock: str
    reason: str
    level: int = 0
    to: str = ""
    every: int = 0

    def done(self, now: Instant) -> int:
        """The step that is reached by doing it now: what was missed meanwhile is not made up for one by one."""
        return self.step + (now - self.at) // self.every if self.every else self.step


def duties(ticket: Ticket, policy: Policy, runs: Iterable[Clock] | None = None) -> list[Duty]:
    """Everything that is still to be done, due or not, the earliest first; `runs` are the ticket's clocks where known."""
    if not ticket.open:
        return []
    return sorted(_all(ticket, policy, clocks(ticket, policy) if runs is None else runs), key=_order)


def due(ticket: Ticket, policy: Policy, now: Instant) -> list[Duty]:
    """What is to be done by now. Calling it again after doing it answers nothing new at that moment."""
    return [duty for duty in duties(ticket, policy) if duty.at <= now]


def next_at(ticket: Ticket, policy: Policy, runs: Iterable[Clock] | None = None) -> Instant | None:
    """When the next duty falls due; None where time demands nothing more."""
    if not ticket.open:
        return None
    found = _all(ticket, policy, clocks(ticket, policy) if runs is None else runs)
    return min((duty.at for duty in found), default=None)


def marks(done: Iterable[Duty], now: Instant) -> dict[str, int]:
    """What an event that does these duties writes into the log."""
    return {duty.about: duty.done(now) for duty in sorted(done, key=lambda each: each.step)}


def _order(duty: Duty) -> tuple[Instant, str, int]:
    return duty.at, duty.about, duty.step


def _all(ticket: Ticket, policy: Policy, runs: Iterable[Clock]) -> Iterator[Duty]:
    if ticket.paused:
        pause = ticket.pauses[-1]
        yield Duty(pause.until, "resume", f"pause:{pause.at}", 1, "resolution", "约定的恢复时间到了")
    for run in runs:
        if run.kind == "silent_close":
            yield from _silence(ticket, run)
        elif run.kind != "acknowledge" and run.counts:
            yield from _late(ticket, policy, run)
    yield from _unheard(ticket, policy)


def _silence(ticket: Ticket, run: Clock) -> Iterator[Duty]:
    """Seven quiet days are over: the ticket may close by itself (R-S10-05), once tried unless a repeat begins them anew."""
    about = f"silent_close:{run.started_at}"
    if run.met_at is None and not ticket.acted.get(about):
        yield Duty(run.due_at, "close", about, 1, run.kind, "谢绝回访后七日无再诉")


def _late(ticket: Ticket, policy: Policy, run: Clock) -> Iterator[Duty]:
    about, label = (
        f"{run.kind}:{run.started_at}",
        CLOCKS[run.kind] + (f"「{run.words}」" if run.words else ""),
    )
    reached = ticket.acted.get(about, 0)
    if run.kind in FOREWARNED and not reached and not ticket.acted.get(f"near:{about}"):
        yield Duty(run.risk_at, "remind", f"near:{about}", 1, run.kind, f"{label}快到时限", to=_holder(run))
    target = policy.target(run.kind, ticket)
    first = target.escalate_to if target is not None else 0
    if first:
        yield from _steps(ticket, policy, run, about, first)
    elif run.kind == "progress" and ticket.urgent_since is not None:
        every = run.due_at - run.started_at
        yield Duty(
            run.due_at + reached * every,
            "remind", about, reached + 1, run.kind, f"{span(every)}没有通报进展", to="group", every=every,
        )  # fmt: skip
    elif not reached:
        yield Duty(run.due_at, "remind", about, 1, run.kind, f"{label}已超时", to=_holder(run))


def _holder(run: Clock) -> str:
    """Whom a reminder of that clock is for: the task's department; empty for the case owner."""
    return run.words if run.kind == "task" else ""


def _steps(ticket: Ticket, policy: Policy, run: Clock, about: str, first: int) -> Iterator[Duty]:
    """Up at the breach, and on to the next rung once its offset has passed since the one below was called (DESIGN §6).

    A rung that was reached by hand is called at the breach all the same, since it has not heard of that.
    """
    reached = ticket.acted.get(about, 0)
    if not reached and run.kind == "resolution" and _went_up(ticket.escalations, ticket.cycle.started_at):
        reached = first
    reason = f"超过{span(run.due_at - run.started_at)}{_UNDONE.get(run.kind, '未完成')}"
    if not reached:
        level = min(max(first, ticket.level), len(policy.ladder) - 1)
        yield Duty(run.due_at, "escalate", about, first, run.kind, reason, level)
        return
    above = ticket.level + 1
    offset = policy.ladder[above].offset if above < len(policy.ladder) else 0
    if offset and ticket.escalations:
        at, late = ticket.escalations[-1].heard_at + offset, f"{reason}，上移后又过了{span(offset)}"
        yield Duty(at, "escalate", about, above, run.kind, late, above)


_UNDONE: Final[Mapping[str, str]] = {
    "red_light": "无人处理",
    "resolution": "未办结",
    "on_site": "未到场",
    "repair": "未修复",
    "first_response": "未联系业主",
    "follow_up": "未回访",
    "promise": "未兑现承诺",
    "progress": "未通报进展",
}


def _went_up(steps: Iterable[Escalation], since: Instant) -> bool:
    """Whether a log from before duties were marked has gone up in this cycle."""
    return any(step.cause == "breach" and not step.marked and step.at >= since for step in steps)


def _unheard(ticket: Ticket, policy: Policy) -> Iterator[Duty]:
    """Nobody has said «接» in time: the next rung is called; at the top the same one again and again (R-S8-01)."""
    step = ticket.unacknowledged
    if step is None:
        return
    rung = policy.rung(step.level)
    about = f"acknowledge:{step.at}:{step.level}"
    reached = ticket.acted.get(about, 0)
    at = step.heard_at + rung.acknowledge
    words = f"{step.to} {span(rung.acknowledge)}内没有确认"
    if rung.level < len(policy.ladder) - 1:
        if not reached:
            yield Duty(at, "escalate", about, 1, "acknowledge", words, rung.level + 1)
        return
    every = (
        rung.acknowledge
        if ticket.urgent_since is not None
        else max(rung.acknowledge, policy.watch.remind_every)
    )
    yield Duty(
        at + reached * every, "remind", about, reached + 1, "acknowledge", words, to=rung.name, every=every
    )
