"""What may happen to a ticket next: each move answers the events it would write, or refuses with the reason (DESIGN §4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from frontdesk.domain.errors import BadInput, Refused
from frontdesk.domain.policy import Policy
from frontdesk.domain.promising import by_default, too_far
from frontdesk.domain.terms import (
    CLOSE_GROUNDS,
    ESCALATE_CAUSES,
    FOLLOW_UP_FORMS,
    KINDS,
    PAUSE_CAUSES,
    PRIORITIES,
    STATUSES,
    WAIVERS,
)
from frontdesk.domain.tickets import LOW_SCORE, Event, Ticket, undone
from frontdesk.domain.timing import Instant, clock


class Draft(NamedTuple):
    """An event before it has a number and a hash. `sealed` is what is encrypted at rest."""

    kind: str
    data: Mapping[str, Any] = {}
    sealed: Mapping[str, str] = {}


Moves = tuple[Draft, ...]

_WORK = ("new", "dispatched", "accepted", "in_progress")
_OPEN = (*_WORK, "paused", "resolved")
_ALLOWED: Mapping[str, tuple[str, ...]] = {
    "note": (*_OPEN, "closed"),
    "correct": _OPEN,
    "case": _OPEN,
    "limit": _OPEN,
    "facts": _OPEN,
    "plan": (*_WORK, "paused"),
    "dispatch": _WORK,
    "accept": _WORK[1:],
    "arrive": _WORK[1:],
    "progress": _OPEN,
    "promise": (*_WORK, "paused"),
    "pause": _WORK,
    "resume": ("paused",),
    "resolve": _WORK,
    "follow_up": ("resolved",),
    "decline": ("resolved",),
    "close": ("resolved",),
    "reopen": ("closed", "resolved"),
    "escalate": _OPEN,
    "acknowledge": _OPEN,
    "transfer": _OPEN,
    "evidence": (*_OPEN, "closed"),
    "call": (*_OPEN, "closed"),
    "merge": _OPEN,
    "link": _OPEN,
    "void": _OPEN,
}
VERBS: Mapping[str, str] = {
    "note": "记录",
    "correct": "补正",
    "case": "采用案例",
    "limit": "案例时限",
    "facts": "采集事实",
    "plan": "突发预案",
    "dispatch": "派单",
    "accept": "接单",
    "arrive": "到场",
    "progress": "通报进展",
    "promise": "承诺时间",
    "pause": "挂起",
    "resume": "恢复",
    "resolve": "办结",
    "follow_up": "回访",
    "decline": "谢绝回访",
    "close": "关闭",
    "reopen": "重开",
    "escalate": "服务上移",
    "acknowledge": "确认接手",
    "transfer": "转交",
    "evidence": "添加凭证",
    "call": "关联来电",
    "merge": "合并",
    "link": "关联群发事件",
    "void": "作废",
    "undo": "撤销",
}
_REMEDY = {
    "paused": "请先恢复",
    "resolved": "已处理完毕，请回访后关闭，或重开",
    "closed": "工单已关闭，需要时请重开",
    "void": "工单已作废，请另开新单",
    "new": "请先派单",
}


def legal(ticket: Ticket) -> tuple[str, ...]:
    """The moves that the ticket's status allows, in the order of a ticket's life."""
    found = [move for move, statuses in _ALLOWED.items() if ticket.status in statuses]
    if ticket.unacknowledged is None and "acknowledge" in found:
        found.remove("acknowledge")
    if "limit" in found and all(limit.met_at is not None for limit in ticket.limits):
        found.remove("limit")
    if "facts" in found and not ticket.wanted and not ticket.asked:
        found.remove("facts")
    if "accept" in found and not any(t.accepted_at is None and t.done_at is None for t in ticket.tasks):
        found.remove("accept")
    if "arrive" in found and not any(t.arrived_at is None and t.done_at is None for t in ticket.tasks):
        found.remove("arrive")
    return tuple(found)


def check(ticket: Ticket, move: str) -> None:
    """`Refused` with the reason and the way out where the status does not allow the move."""
    if ticket.status not in _ALLOWED[move]:
        hint = _REMEDY.get(ticket.status, "请先完成前一步")
        raise Refused(f"{ticket.number} 现为「{STATUSES[ticket.status]}」，不能{VERBS[move]}。{hint}。")


def _text(field: str, value: str) -> str:
    if not value.strip():
        raise BadInput(field, "没有填写", "请写一句话")
    return value.strip()


def _later(field: str, due_at: Instant, now: Instant) -> Instant:
    if due_at <= now:
        raise BadInput(field, f"{clock(due_at, now)} 已经过去", "请给一个以后的时间")
    return due_at


def _choice(field: str, value: str, labels: Mapping[str, str]) -> str:
    if value not in labels:
        raise BadInput(field, f"「{value[:20]}」不在可选之列", f"可选：{'、'.join(labels.values())}")
    return value


def note(ticket: Ticket, now: Instant, text: str) -> Moves:
    """A line in the record; never a first response (DESIGN §5)."""
    check(ticket, "note")
    return (Draft("noted", {"note": _text("记录", text)}),)


def correct(ticket: Ticket, now: Instant, data: Mapping[str, Any], sealed: Mapping[str, str]) -> Moves:
    """Fill gaps or mend the classification; the old values stay in the log. An empty `sealed` value clears it."""
    check(ticket, "correct")
    if not data and not sealed:
        raise BadInput("补正", "没有任何改动", "请至少改一项")
    if "kind" in data:
        _choice("类型", data["kind"], KINDS)
    if "priority" in data:
        _choice("紧急程度", data["priority"], PRIORITIES)
    for name, label in (("category", "分类"), ("title", "摘要"), ("text", "具体事项")):
        if name in data:
            _text(label, data[name])
    fields = {"fields": sorted(sealed)} if sealed else {}
    return (Draft("corrected", {**data, **fields}, dict(sealed)),)


def take_case(ticket: Ticket, now: Instant, taken: Mapping[str, Any]) -> Moves:
    """Work by a case of the handbook: `taken` holds case, scenario, limits and wanted facts as the handbook has them now."""
    check(ticket, "case")
    if ticket.case_at is not None and (ticket.case, ticket.scenario) == (taken["case"], taken["scenario"]):
        raise Refused(f"{ticket.number} 已经按案例 {taken['case']} 办理。")
    return (Draft("case_taken", taken),)


def limit(
    ticket: Ticket, now: Instant, name: str, first_due: Instant | None = None, since: Instant | None = None
) -> Moves:
    """What a limit counts from has happened (`first_due`), or it is met; a repeating one runs anew at once (T26, T30, T36).

    `since`: when it happened, or will (T32, T34); a clock never starts after it is due.
    """
    check(ticket, "limit")
    found = next((each for each in ticket.limits if each.id == name and each.met_at is None), None)
    if found is None:
        running = "、".join(each.id for each in ticket.limits if each.met_at is None) or "没有了"
        raise BadInput("案例时限", f"没有还在走的「{name[:20]}」", f"还在走的：{running}")
    due = first_due
    if found.due_at is not None:
        due = found.due_at + found.every if found.every else None
        while due is not None and due <= now:
            due += found.every
    data = {"limit": found.id, "label": found.label, "due_at": due}
    if found.due_at is None and due is not None:
        data["start"] = min(now, now if since is None else since, due)
    return (Draft("case_limit", data),)


def facts(ticket: Ticket, now: Instant, values: Mapping[str, str]) -> Moves:
    """Facts that the case demands before closing; what they say is kept encrypted: it may tell of somebody's health."""
    check(ticket, "facts")
    if not values:
        raise BadInput("事实", "一项也没有填", "请至少填一项")
    return (Draft("facts", {"facts": list(values)}, dict(values)),)


def dispatch(
    ticket: Ticket, now: Instant, department: str, content: str, due_at: Instant, contact: str
) -> Moves:
    """Hand a task to a department: content, limit and contact are all required (R-001-12)."""
    check(ticket, "dispatch")
    data = {
        "task": len(ticket.tasks) + 1,
        "department": _text("责任部门", department),
        "content": _text("任务内容", content),
        "due_at": _later("处理时限", due_at, now),
        "contact": _text("联系人", contact),
    }
    return (Draft("dispatched", data),)


def open_plan(
    ticket: Ticket, now: Instant, opened: Mapping[str, Any], tasks: Sequence[tuple[str, str, Instant, str]]
) -> Moves:
    """Everything that a plan sets going, at once: it is urgent, nothing holds it up, every department has its task.

    `opened` names the plan, `tasks` are department, content, limit and contact. Nothing where it is open already.
    """
    check(ticket, "plan")
    if opened["plan"] in ticket.plans:
        return ()
    first = [Draft("resumed", {"note": "突发，不再挂起"})] if ticket.paused else []
    mended = {"priority": "urgent"} if ticket.priority != "urgent" else {}
    if ticket.title.isascii():  # `dtkr` was enough to write; whoever reads it needs words
        mended["title"] = opened["title"]
    if mended:
        first.append(Draft("corrected", mended))
    running = ticket._replace(pauses=())
    sent = []
    for place, task in enumerate(tasks, len(ticket.tasks) + 1):
        (draft,) = dispatch(running, now, *task)
        sent.append(draft._replace(data={**draft.data, "task": place}))
    # Last, so that «undo» finds a step that cannot be taken back, and never a part of the plan.
    return (*first, *sent, Draft("plan_opened", {**opened, "tasks": len(sent)}))


def _pick(ticket: Ticket, number: int | None, open_only: Callable[[Any], bool], verb: str) -> int:
    fitting = [task for task in ticket.tasks if task.done_at is None and open_only(task)]
    if number is not None:
        fitting = [task for task in fitting if task.number == number]
    if not fitting:
        raise Refused(f"{ticket.number} 没有可以{verb}的部门任务。请先派单，或核对任务号。")
    if len(fitting) > 1 and number is None:
        names = "、".join(f"{task.number} {task.department}" for task in fitting)
        raise Refused(f"{ticket.number} 有几个部门任务（{names}），请说明{verb}的是哪一个。")
    return int(fitting[-1].number)


def accept(ticket: Ticket, now: Instant, who: str, task: int | None = None) -> Moves:
    """The department takes the task (R-001-14)."""
    check(ticket, "accept")
    number = _pick(ticket, task, lambda t: t.accepted_at is None, "接单")
    return (Draft("accepted", {"task": number, "note": who.strip()}),)


def arrive(ticket: Ticket, now: Instant, who: str, task: int | None = None) -> Moves:
    """Somebody is on site (T4)."""
    check(ticket, "arrive")
    number = _pick(ticket, task, lambda t: t.arrived_at is None, "到场")
    return (Draft("arrived", {"task": number, "note": who.strip()}),)


def progress(ticket: Ticket, now: Instant, text: str, told: bool) -> Moves:
    """How far it is; `told` where the owner was told by a human, which keeps reply promises (R-S5-02)."""
    check(ticket, "progress")
    return (Draft("progressed", {"note": _text("进展", text), "told": told}),)


def promise(ticket: Ticket, now: Instant, words: str, due_at: Instant | None, completion: bool) -> Moves:
    """A time told to the owner; with `completion` it is the agreed date that replaces the resolution target (X1).

    Without a time it is due the same day where completion was agreed, in 24 hours where a reply was (T13, T12).
    """
    check(ticket, "promise")
    due = by_default(now, completion) if due_at is None else _later("承诺时间", due_at, now)
    data = {"words": _text("承诺内容", words), "due_at": due, "completion": completion}
    if too_far(now, due, completion):
        data["far"] = True
    return (Draft("promised", data),)


def pause(ticket: Ticket, now: Instant, cause: str, until: Instant, reason: str) -> Moves:
    """Hold the handling clocks; only for the owner, parts or a third party, with a resume date."""
    check(ticket, "pause")
    data = {
        "cause": _choice("挂起原因", cause, PAUSE_CAUSES),
        "until": _later("恢复时间", until, now),
        "reason": _text("挂起说明", reason),
    }
    return (Draft("paused", data),)


def resume(ticket: Ticket, now: Instant, text: str = "") -> Moves:
    """The hold ends; the clocks get back exactly what was left."""
    check(ticket, "resume")
    return (Draft("resumed", {"note": text.strip()}),)


def resolve(ticket: Ticket, now: Instant, result: str, task: int | None = None) -> Moves:
    """The work is done. With several departments each one's task is finished by number; the last one resolves the ticket."""
    check(ticket, "resolve")
    words = _text("处理结果", result)
    waiting = [t for t in ticket.tasks if t.done_at is None]
    if len(waiting) <= 1 and task in (None, waiting[0].number if waiting else None):
        return (Draft("resolved", {"note": words, "task": waiting[0].number if waiting else None}),)
    number = _pick(ticket, task, lambda t: True, "办结")
    return (Draft("task_done", {"task": number, "result": words}),)


def follow_up(  # noqa: PLR0913 - one argument for each thing that R-S10-02 asks for
    ticket: Ticket,
    now: Instant,
    policy: Policy,
    *,
    score: int,
    intake: str,
    measures: str,
    result: str,
    form: str,
    words: str,
) -> Moves:
    """Stars and the three questions. One or two stars reopen the ticket and hand it up, with the owner's words (X2)."""
    check(ticket, "follow_up")
    if not 1 <= score <= 5:  # noqa: PLR2004 - T17 is one to five
        raise BadInput("满意度", f"「{score}」不在 1–5 之间", "请按业主说的打 1 到 5 星")
    data = {
        "score": score,
        "intake": intake.strip(),
        "measures": measures.strip(),
        "result": result.strip(),
        "form": _choice("回访方式", form, FOLLOW_UP_FORMS),
        "words": words.strip(),
    }
    asked = Draft("followed_up", data)
    if score > LOW_SCORE:
        return (asked,)
    said = _text("业主原话", words)
    reason = f"回访 {score} 星：{said}"
    up = _escalated(ticket, policy, ticket.level + 1, "dissatisfied", reason, "", summary(ticket, now))
    return (asked, Draft("reopened", {"reason": reason}), up)


def decline(ticket: Ticket, now: Instant, words: str) -> Moves:
    """The owner does not want to be called again: seven quiet days then allow closing (R-S10-05)."""
    check(ticket, "decline")
    if ticket.low:
        raise Refused("业主给过低分，不能免回访。请再次回访或服务上移。")
    return (Draft("declined", {"note": _text("业主原话", words)}),)


def close(
    ticket: Ticket, now: Instant, policy: Policy, ground: str, reason: str, repeated_at: Instant | None = None
) -> Moves:
    """Close on one of the four grounds of DESIGN §4.

    `repeated_at`: when the same unit last complained of the same category on another ticket since the resolution.
    """
    check(ticket, "close")
    _choice("关闭依据", ground, CLOSE_GROUNDS)
    exempt = ground == "waived" and (ticket.anonymous or ticket.sensitive)  # X2: ② and ③ stay exempt
    if ticket.missing:
        lacking = "、".join(ticket.missing)
        source = f"案例 {ticket.case}" if ticket.wanted else "突发预案"
        raise Refused(f"{source} 关闭前要采到：{lacking}。请先「采集事实」补上，再关闭。")
    if ticket.low and not exempt:
        raise Refused(f"最近一次回访 {ticket.score} 星，不能关闭。须再次处理、回访满意后关闭（R-S10-04）。")
    if ground == "satisfied" and ticket.score is None:
        raise Refused("还没有回访，不能按「回访满意」关闭。请先回访（F7）。")
    if ground == "silence":
        _check_silence(ticket, now, policy, repeated_at)
    if ground == "waived":
        _check_waiver(ticket, reason)
    if ground in ("signed", "waived"):
        _text("关闭说明", reason)
    return (Draft("closed", {"ground": ground, "reason": reason.strip()}),)


def _check_silence(ticket: Ticket, now: Instant, policy: Policy, repeated_at: Instant | None) -> None:
    since = ticket.quiet_since
    if since is None:
        raise Refused("业主没有谢绝回访，不能按静默关闭。请先回访，或登记谢绝回访。")
    begins = max(since, repeated_at or since)
    target = policy.target("silent_close", ticket) or policy.targets["silent_close"]
    ends = begins + target.seconds
    if now < ends:
        again = (
            f"业主 {clock(begins, now)} 又有来诉，重新起算，" if begins != ticket.cycle.resolved_at else ""
        )
        raise Refused(f"{again}静默期到 {clock(ends, now)} 才满七天，现在还不能关闭（R-S10-05）。")


def _check_waiver(ticket: Ticket, reason: str) -> None:
    kind = re.split("[：:]", reason, maxsplit=1)[0].strip()
    if kind not in WAIVERS and kind not in WAIVERS.values():
        raise BadInput(
            "免回访理由",
            f"「{reason[:20]}」不是允许的理由",
            f"请以「{'：」或「'.join(WAIVERS.values())}：」开头",
        )
    if kind in ("anonymous", WAIVERS["anonymous"]) and not ticket.anonymous and ticket.caller.phone:
        raise Refused("工单留有联系方式，不属于匿名无法联系。请回访，或选其他依据。")


def reopen(ticket: Ticket, now: Instant, reason: str) -> Moves:
    """Start a new cycle; the resolution clock runs anew and both results are reported."""
    check(ticket, "reopen")
    return (Draft("reopened", {"reason": _text("重开原因", reason)}),)


def escalate(
    ticket: Ticket,
    now: Instant,
    policy: Policy,
    *,
    level: int | None,
    reason: str,
    consent: str,
    handed: str = "",
) -> Moves:
    """The button: up the ladder with reason, consent and the summary handed over (R-S1-07, X4).

    `level` None is the next rung; at the top the topmost is called again.
    """
    check(ticket, "escalate")
    top = len(policy.ladder) - 1
    target = min(ticket.level + 1, top) if level is None else level
    if not 1 <= target <= top:
        raise BadInput("上移层级", f"「{target}」不在 1–{top} 之间", _ladder_words(policy))
    if target < ticket.level:
        raise Refused(f"{ticket.number} 已在「{policy.rung(ticket.level).name}」，不能往下移。")
    _text("业主意见", consent)
    return (
        _escalated(
            ticket,
            policy,
            target,
            "manual",
            _text("上移原因", reason),
            consent,
            handed or summary(ticket, now),
        ),
    )


def _ladder_words(policy: Policy) -> str:
    return "可选：" + "、".join(f"{rung.level} {rung.name}" for rung in policy.ladder[1:])


def _escalated(
    ticket: Ticket, policy: Policy, level: int, cause: str, reason: str, consent: str, handed: str
) -> Draft:
    rung = policy.rung(level)
    data = {"level": rung.level, "to": rung.name, "cause": _choice("起因", cause, ESCALATE_CAUSES)}
    return Draft("escalated", {**data, "reason": reason, "consent": consent, "summary": handed})


def overdue(
    ticket: Ticket, now: Instant, policy: Policy, level: int, reason: str, done: Mapping[str, int]
) -> Moves:
    """The automatic escalation that time demands (T3); `done` marks the duties it does."""
    (up,) = (_escalated(ticket, policy, level, "breach", reason, "", summary(ticket, now)),)
    return (up._replace(data={**up.data, "done": dict(done)}),)


def remind(
    words: str, done: Mapping[str, int], to: Mapping[str, str], repeated_at: Instant | None = None
) -> Moves:
    """A reminder that time demands: `to` is whom → of what; with `repeated_at` the seven quiet days begin anew (R-S10-05)."""
    again = {} if repeated_at is None else {"repeated_at": repeated_at}
    return (Draft("reminded", {"note": words, "done": dict(done), "to": dict(to), **again}),)


def summary(ticket: Ticket, now: Instant) -> str:
    """What the receiver must know so that the owner need not begin again (X4); no personal data."""
    parts = [f"{clock(ticket.opened_at, now)} 受理：{ticket.title}"]
    if ticket.outcome:
        parts.append(f"业主期望：{ticket.outcome}")
    parts += [f"已派{task.department}：{task.content}" for task in ticket.tasks[-2:]]
    open_promises = [p for p in ticket.promises if p.kept_at is None and not p.withdrawn]
    parts += [f"已承诺 {clock(p.due_at, now)} {p.words}" for p in open_promises[-2:]]
    return "；".join(parts)


def acknowledge(ticket: Ticket, now: Instant, text: str = "") -> Moves:
    """The receiver says «接» and is the first responsible person from here on (R-S8-01)."""
    check(ticket, "acknowledge")
    if ticket.unacknowledged is None:
        raise Refused(f"{ticket.number} 没有等待确认的上移。")
    return (Draft("acknowledged", {"note": text.strip()}),)


def transfer(ticket: Ticket, now: Instant, to: str, reason: str) -> Moves:
    """Another case owner; no clock is touched (DESIGN §4)."""
    check(ticket, "transfer")
    target = _text("转交给", to)
    if target == ticket.case_owner:
        raise Refused(f"{ticket.number} 的首问责任人已经是 {target}。")
    return (Draft("transferred", {"to": target, "reason": _text("转交原因", reason)}),)


def evidence(ticket: Ticket, now: Instant, digest: str, media_type: str, size: int, caption: str) -> Moves:
    """A stored file belongs to the ticket from now on (R-001-19)."""
    check(ticket, "evidence")
    if any(item.digest == digest for item in ticket.evidence):
        raise Refused("同样的文件已经在凭证里了。")
    return (
        Draft(
            "evidence", {"digest": digest, "media_type": media_type, "size": size, "caption": caption.strip()}
        ),
    )


def call(ticket: Ticket, now: Instant, call_id: int, answered: bool, sealed: Mapping[str, str]) -> Moves:
    """Another call about the same matter; an answered one is contact with the owner."""
    check(ticket, "call")
    return (Draft("called", {"call": call_id, "answered": answered}, sealed),)


def merge(ticket: Ticket, now: Instant, into: str, reason: str) -> Moves:
    """A duplicate: this ticket ends and points at the one that goes on."""
    check(ticket, "merge")
    if into == ticket.number:
        raise Refused("不能把工单并入它自己。")
    return (Draft("merged", {"into": into, "reason": _text("合并原因", reason)}),)


def link(ticket: Ticket, now: Instant, incident: str, told: str) -> Moves:
    """One fault, many owners: the ticket joins an incident and keeps clocks of its own."""
    check(ticket, "link")
    if incident == ticket.number:
        raise Refused("不能把工单关联到它自己。")
    return (Draft("linked", {"incident": incident, "told": told.strip()}),)


def void(ticket: Ticket, now: Instant, reason: str) -> Moves:
    """Opened by mistake: it stays in the log with its reason."""
    check(ticket, "void")
    return (Draft("voided", {"reason": _text("作废原因", reason)}),)


def rebase(ticket: Ticket, now: Instant, policy: Policy, reason: str) -> Moves:
    """From here on the ticket is measured by these rules, from its opening on, with every hold kept (never by itself)."""
    if not ticket.open:
        raise Refused(f"{ticket.number} 已经结束，时限按当时的规则算，不能换。")
    if ticket.policy == policy.version:
        raise Refused(f"{ticket.number} 已经按规则 {policy.version} 计时。")
    data = {"policy": policy.version, "before": ticket.policy, "reason": _text("换规则的原因", reason)}
    return (Draft("rebased", data),)


_UNDOABLE = frozenset(
    {"noted", "corrected", "dispatched", "accepted", "arrived", "paused", "resumed", "task_done", "resolved"}
    | {
        "closed",
        "reopened",
        "case_taken",
        "case_limit",
        "facts",
        "transferred",
        "evidence",
        "linked",
        "merged",
        "voided",
        "escalated",
    }
)


def undo(log: tuple[Event, ...], by: str, left: frozenset[int]) -> Moves:
    """Take back the last step. `left`: numbers of events whose notices have already left the house.

    Refuses what an owner has heard (a promise, progress, a follow-up), what has left, and what somebody else did.
    """
    gone = undone(log)
    standing = [event for event in log if event.seq not in gone and event.kind not in ("undone", "reminded")]
    last = standing[-1]
    if last.kind == "rebased":
        raise Refused("最后一步是换时限规则，不能撤销。规则改好后可以再换（policy rebase）。")
    if last.kind not in _UNDOABLE:
        raise Refused("最后一步是受理、来电或已告知业主的话，不能撤销。误开的工单请作废。")
    if last.data.get("cause") == "dissatisfied":
        raise Refused("业主给了低分，重开和上移是回访的一部分，不能撤销（R-S10-04）。")
    if last.by != by:
        raise Refused(f"最后一步是 {last.by} 做的，只能由本人撤销。")
    if last.seq in left:
        raise Refused("最后一步的通知已经发出，不能撤销。请用新的一步更正。")
    return (Draft("undone", {"seqs": [last.seq], "what": last.kind}),)
