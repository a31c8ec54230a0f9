"""Why a ticket has its colour: one sentence that ends the argument, then every clock (A-DAY 14:00)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from frontdesk.domain.policy import Policy
from frontdesk.domain.sla import FAR, Clock, clocks
from frontdesk.domain.terms import CLOCKS, PAUSE_CAUSES, STATUSES
from frontdesk.domain.tickets import Escalation, Pause, Ticket
from frontdesk.domain.timing import HOUR, Instant, clock, span

_NOBODY: Final[Mapping[str, str]] = MappingProxyType({})
_RANKS: Final = {"breached": 0, "at_risk": 1, "running": 2}
_TIMED: Final = {
    "first_response": "未首次响应",
    "red_light": "未处理",
    "resolution": "未办结",
    "on_site": "未到场",
    "repair": "未修复",
    "progress": "未通报进展",
    "follow_up": "未回访",
    "acknowledge": "未确认接手",
}
"""What has not been done within the time of the rules."""
_HELD: Final = frozenset({"red_light", "resolution", "task"})
"""The clocks that a hold stops (X1)."""
_FROM_OPENING: Final = frozenset({"first_response", "red_light"})
"""Clocks whose start need not be told: the sentence begins with it."""


def explain(ticket: Ticket, policy: Policy, now: Instant, names: Mapping[str, str] = _NOBODY) -> str:
    """The sentence for the clock that is worst off, then every clock, hold and rung; `names` are those of logins."""
    runs = clocks(ticket, policy)
    lines = [_sentence(ticket, policy, runs, now, names)]
    lines += [_explained(c, now) for c in runs]
    for place, pause in enumerate(ticket.pauses):
        held = span((pause.resumed_at or now) - pause.at)
        cause = PAUSE_CAUSES.get(pause.cause, pause.cause)
        lines.append(
            f"{clock(pause.at, now)} 因{cause}挂起 {held}{_lefts(ticket, policy, place)}，{_ended(pause, now)}；"
            "办结与两小时处理停表，通报进展不停。"
        )
    for step in ticket.escalations:
        heard = "未确认" if step.acknowledged_at is None else f"{clock(step.acknowledged_at, now)} 已确认"
        lines.append(f"{clock(step.at, now)} 上移至{step.to}（{heard}）。")
    return "\n".join(lines)


# --- the sentence --------------------------------------------------------------------------------------------


def worst(runs: Iterable[Clock], now: Instant) -> Clock | None:
    """The clock that gives the ticket its colour: over time before at risk before running, then the one due first."""
    owed = [run for run in runs if run.counts]
    return min(
        owed, key=lambda run: (_RANKS[run.state(now)], run.due_at, run.kind, run.started_at), default=None
    )


def _sentence(
    ticket: Ticket, policy: Policy, runs: tuple[Clock, ...], now: Instant, names: Mapping[str, str]
) -> str:
    run = worst(runs, now)
    begun = [f"{clock(ticket.opened_at, now)} 受理"]
    if len(ticket.cycles) > 1:
        begun.append(f"{clock(ticket.cycle.started_at, now)} 重开")
    begun += _sent(ticket, now)
    if run is None:
        head = STATUSES[ticket.status]
        ends = [_held(ticket, policy, None, now)] if ticket.status == "paused" else []
        return f"{head}：{'；'.join(['，'.join(begun), *ends, '没有在走的时限'])}。"
    over = run.state(now) == "breached"
    parts = ["，".join(begun)]
    if run.kind not in _FROM_OPENING and run.started_at != ticket.opened_at:
        parts.append(f"{clock(run.started_at, now)} 起算")
    if run.kind in _HELD and run.source != "X1":
        parts.append(_held(ticket, policy, run, now))
    parts.append("，".join([_standing(run, now), *_up(ticket, over, now, names)]))
    return f"{_head(ticket, policy, run, over)}：{'；'.join(part for part in parts if part)}。"


def _head(ticket: Ticket, policy: Policy, run: Clock, over: bool) -> str:
    """What was owed, in the words of the rule: 「2小时内未处理」; while there is time, the clock's name."""
    if not over:
        return _name(run)
    if run.kind == "promise":
        return f"答应的「{run.words}」到时未兑现"
    if run.kind == "task":
        return f"{run.words}到时未完成任务"
    if run.kind == "case":
        return f"案例时限「{run.words}」到时未办"
    if run.kind == "resolution" and run.source == "X1":
        return f"约定的日期未办结（「{run.words}」）"
    done = f"{run.words}{_TIMED[run.kind]}" if run.kind == "acknowledge" else _TIMED[run.kind]
    allowed = _allowed(ticket, policy, run)
    return f"{f'{allowed // HOUR}小时' if allowed % HOUR == 0 else span(allowed)}内{done}"


def _allowed(ticket: Ticket, policy: Policy, run: Clock) -> int:
    """The seconds that the rule gives: working time where it counts that, and without what holds added."""
    if run.kind == "acknowledge":
        step = next(s for s in ticket.escalations if s.at == run.started_at and s.to == run.words)
        return run.due_at - step.heard_at
    target = policy.target(run.kind, ticket)
    if target is None:
        return run.due_at - run.started_at
    urgent = run.kind == "progress" and ticket.urgent_since is not None
    return (target.urgent_seconds if urgent else 0) or target.seconds


def _sent(ticket: Ticket, now: Instant) -> list[str]:
    """To whom it went in this cycle, and who took it."""
    tasks = [task for task in ticket.tasks if task.dispatched_at >= ticket.cycle.started_at]
    if not tasks:
        return [] if ticket.cycle.resolved_at is not None or not ticket.open else ["还没有派单"]
    start, told = ticket.cycle.started_at, []
    for task in tasks:
        when = (
            ""
            if clock(task.dispatched_at, now) == clock(start, now)
            else f"{clock(task.dispatched_at, now)} "
        )
        if task.done_at is not None:
            taken = f"{clock(task.done_at, now)} 完成"
        elif task.arrived_at is not None:
            taken = f"{clock(task.arrived_at, now)} 到场"
        elif task.accepted_at is not None:
            taken = f"{clock(task.accepted_at, now)} 接单"
        else:
            taken = "无人接单"
        told += [f"{when}派单{task.department}", taken]
    return told


def _held(ticket: Ticket, policy: Policy, run: Clock | None, now: Instant) -> str:
    """The holds that touched the clock; without one the hold that lasts."""
    told = []
    for place, pause in enumerate(ticket.pauses):
        left = None if run is None else _left(ticket, policy, place, run)
        if left is None and (run is not None or pause.resumed_at is not None):
            continue
        cause = PAUSE_CAUSES.get(pause.cause, pause.cause)
        lasted = "" if pause.resumed_at is None else f" {span(pause.resumed_at - pause.at)}"
        rest = "" if left is None else f"，剩余 {span(left)}"
        told.append(f"{clock(pause.at, now)} 因{cause}暂停{lasted}{rest}，{_ended(pause, now)}")
    return "；".join(told)


def _standing(run: Clock, now: Instant) -> str:
    if run.state(now) == "breached":
        return f"现超时 {span(now - run.due_at)}"
    near = "，已临期" if run.state(now) == "at_risk" else ""
    return f"{clock(run.due_at, now)} 到期，还剩 {span(run.due_at - now)}{near}"


def _up(ticket: Ticket, over: bool, now: Instant, names: Mapping[str, str]) -> list[str]:
    """How far up it is and who has it: the newest rung that has not answered, else the newest."""
    if not ticket.escalations:
        return ["还没有上移"] if over else []
    waiting = [step for step in ticket.escalations if step.acknowledged_at is None]
    step = (waiting or ticket.escalations)[-1]
    return [f"已升级至{step.to}（{_heard(step, now, names)}）"]


def _heard(step: Escalation, now: Instant, names: Mapping[str, str]) -> str:
    first = names.get(step.person, step.person)
    if step.acknowledged_at is None:
        return f"第一受理人{first}，未确认" if first else "未确认"
    who = names.get(step.acknowledged_by, step.acknowledged_by)
    return f"{who} {clock(step.acknowledged_at, now)} 已确认"


# --- the list ------------------------------------------------------------------------------------------------


def _ended(pause: Pause, now: Instant) -> str:
    if pause.resumed_at:
        return f"{clock(pause.resumed_at, now)} 恢复"
    return f"预计 {clock(pause.until, now)} 恢复"


def _lefts(ticket: Ticket, policy: Policy, place: int) -> str:
    """What the handling clocks had left when the hold began: nobody need take the due time on trust."""
    told = ""
    for run in clocks(ticket, policy):
        left = None if run.kind == "task" or run.source == "X1" else _left(ticket, policy, place, run)
        told += "" if left is None else f"，{CLOCKS[run.kind]}剩余 {span(left)}"
    return told


def _left(ticket: Ticket, policy: Policy, place: int, run: Clock) -> int | None:
    """What the clock had left when the hold began, None where that hold did not stop it."""
    if run.kind not in _HELD:
        return None
    pause, before = ticket.pauses[place], ticket._replace(pauses=ticket.pauses[:place])
    same = (run.kind, run.started_at, run.words)
    then = next(c for c in clocks(before, policy) if (c.kind, c.started_at, c.words) == same)
    if not then.started_at <= pause.at < min(then.due_at, FAR if then.met_at is None else then.met_at):
        return None
    working = policy.calendars.get(then.calendar)
    return then.due_at - pause.at if working is None else working.between(pause.at, then.due_at)


def _name(run: Clock) -> str:
    return CLOCKS[run.kind] + (f"「{run.words}」" if run.words else "")


def _explained(run: Clock, now: Instant) -> str:
    state, met = run.state(now), run.met_at or now
    told = {
        "met": f"按时，{clock(met, now)} 达成",
        "met_late": f"迟 {span(met - run.due_at)}，{clock(met, now)} 才达成",
        "cancelled": "已取消",
        "paused": "挂起停表",
        "breached": f"已超时 {span(now - run.due_at)}",
        "at_risk": f"临期，剩 {span(run.due_at - now)}",
        "running": f"剩 {span(run.due_at - now)}",
    }[state]
    by = f"，按日历 {run.calendar}" if run.calendar else ""
    return f"{_name(run)}（{run.source}{by}）：{clock(run.started_at, now)} 起，{clock(run.due_at, now)} 到期，{told}。"
