"""What can be done to a ticket, as one table: which fields each action asks for and which use case it calls (DESIGN §4).

Menus, forms, the palette and the help are made from it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from frontdesk.tui import steps
from frontdesk.tui.errand import Action, Errand

if TYPE_CHECKING:
    from frontdesk.desk.views import TicketView

__all__ = ["ACTIONS", "Action", "Errand", "moves"]

ACTIONS: Final = {
    action.name: action
    for action in (
        Action("plan", "各部门派单、群里通报、十分钟一报", steps.plan, steps.plan_fields, steps.plan_words),
        Action("dispatch", "交给责任部门：内容、时限、联系人", steps.dispatch, steps.dispatch_fields),
        Action("accept", "部门接单", steps.accept, partial(steps.who_fields, "接单人", "accepted_at")),
        Action("arrive", "有人到现场了", steps.arrive, partial(steps.who_fields, "到场人", "arrived_at")),
        Action("progress", "办到哪一步，是否已告知业主", steps.progress, steps.progress_fields),
        Action("promise", "答应业主的时间，开始计时", steps.promise, steps.promise_fields),
        Action("resolve", "处理完毕，等回访", steps.resolve, steps.resolve_fields),
        Action("follow_up", "星级和三问", steps.follow_up, steps.follow_up_fields),
        Action("close", "满意、签字、静默、免回访四种依据", steps.close, steps.close_fields),
        Action(
            "decline",
            "业主不愿被回访",
            partial(steps.with_words, "decline", "words"),
            steps.words("words", "业主原话"),
        ),
        Action("pause", "等业主、配件或第三方", steps.pause, steps.pause_fields),
        Action("resume", "挂起结束，时限接着走", partial(steps.at_once, "resume")),
        Action("acknowledge", "接：由我接手这次上移", partial(steps.at_once, "acknowledge")),
        Action(
            "escalate",
            "请上级接手",
            steps.escalate,
            steps.escalate_fields,
            steps.escalate_words,
            confirm="F8",
        ),
        Action("case", "按手册办理，它的时限开始走", steps.case, steps.case_fields),
        Action("limit", "案例时限起算或办妥", steps.limit, steps.limit_fields),
        Action("facts", "关闭前案例要问清的", steps.facts, steps.facts_fields),
        Action("correct", "补房号姓名、改分类", steps.correct, steps.correct_fields),
        Action("transfer", "换首问责任人", steps.transfer, steps.transfer_fields),
        Action("evidence", "照片、维修记录", steps.evidence, steps.evidence_fields),
        Action("call", "同一件事又来电", steps.call, steps.call_fields),
        Action("link", "多户同一故障", steps.link, steps.link_fields),
        Action("merge", "重复的单并到一张", steps.merge, steps.merge_fields),
        Action(
            "reopen",
            "又出问题，重新处理",
            partial(steps.with_words, "reopen", "reason"),
            steps.words("reason", "重开原因"),
        ),
        Action(
            "void", "误开的单", partial(steps.with_words, "void", "reason"), steps.words("reason", "作废原因")
        ),
        Action("undo", "撤回最后一步（通知未发出时）", partial(steps.at_once, "undo")),
    )
}

_FIRST: Final = {
    "new": ("dispatch", "promise", "progress"),
    "dispatched": ("accept", "progress", "promise"),
    "accepted": ("arrive", "progress", "promise"),
    "in_progress": ("progress", "resolve", "promise"),
    "paused": ("resume", "progress"),
    "resolved": ("follow_up", "close", "decline"),
    "closed": ("reopen",),
}
"""What usually comes next in each status stands first in the menu."""
_EMERGENCY: Final = ("arrive", "accept", "resolve", "facts")
"""And what comes while a plan is worked: several departments, each at a step of its own."""


def moves(view: TicketView) -> list[Action]:
    """The ticket's legal actions, the likely ones first, so that nine digits reach what is needed."""
    legal = {name for name in view.moves if name in ACTIONS} | {"undo"}
    urgent: tuple[str, ...] = ()
    if view.plan and view.status != "resolved":
        urgent = _EMERGENCY
    elif view.priority == "urgent" and not view.incident:
        urgent = ("plan",)
    likely = (*urgent, *(("acknowledge",) if view.unacknowledged else ()), *_FIRST.get(view.status, ()))
    order = [
        name
        for name in dict.fromkeys((*likely, *(each for each in ACTIONS if each != "plan"), "plan"))
        if name in legal
    ]
    return [ACTIONS[name] for name in order]
