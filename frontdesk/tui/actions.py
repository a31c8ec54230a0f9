"""What can be done to a ticket, as one table: which fields each action asks for and which use case it calls (DESIGN §4).

Menus, forms, the palette and the help are made from it. Every `do` runs in a thread; so does every `ask`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from frontdesk.domain import terms
from frontdesk.domain.moves import VERBS
from frontdesk.domain.timing import Instant, clock, parse
from frontdesk.tui.form import Field, Values
from frontdesk.tui.paper import Span

if TYPE_CHECKING:
    from frontdesk.desk import Desk
    from frontdesk.desk.views import TicketView


@dataclass(slots=True)
class Errand:
    """One action on one ticket: the desk, the ticket as it was seen, and what a retry must remember.

    After a conflict `view` is the ticket as the others have left it, so that the next try is about what is seen then.
    """

    desk: Desk
    view: TicketView
    scratch: dict[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> Instant:
        """By the desk's clock."""
        return self.desk.now()

    def at(self, text: str, label: str) -> Instant:
        """A time that a form brought."""
        return parse(text, self.now, label)


Ask = Callable[[Errand], Iterable[Field]]
Do = Callable[[Errand, Values], "TicketView"]


def _nothing(_errand: Errand) -> Iterable[Any]:
    return ()


@dataclass(frozen=True, slots=True)
class Action:
    """`name` is the move of domain/moves.py; `ask` gives the fields, none of which means that it is done at once."""

    name: str
    does: str
    do: Do
    ask: Ask = _nothing
    preface: Callable[[Errand], Iterable[Span]] = _nothing
    confirm: str = "F9"

    @property
    def label(self) -> str:
        """Its Chinese verb."""
        return VERBS[self.name]


def choices(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Options out of a table of terms."""
    return tuple(labels.items())


# --- fields -------------------------------------------------------------------------------------------------------


def _task(errand: Errand, open_only: Callable[[Mapping[str, Any]], bool]) -> tuple[Field, ...]:
    """Which department's task, where there is more than one to choose from."""
    fitting = [task for task in errand.view.tasks if not task["done_at"] and open_only(task)]
    if len(fitting) < 2:  # noqa: PLR2004 - nothing to choose
        return ()
    options = tuple((str(task["number"]), f"{task['department']} {task['content']}") for task in fitting)
    return (Field("task", "部门任务", "choice", options[-1][0], options, needed=True),)


def _task_number(values: Values) -> int | None:
    return int(values["task"]) if values.get("task") else None


def _dispatch_fields(errand: Errand) -> Iterable[Field]:
    department, content, due_at, contact = errand.desk.tickets.suggested_dispatch(errand.view.number)
    errand.scratch["suggested"] = (department, contact, clock(due_at, errand.now))
    names = tuple((name, name) for name in errand.desk.categories.departments)
    yield Field("department", "责任部门", "choice", department, names, needed=True)
    yield Field("content", "任务内容", "text", content, needed=True)
    yield Field(
        "due_at", "处理时限", "time", clock(due_at, errand.now), hint="改了部门又不改这里，就用该部门的时限"
    )
    yield Field("contact", "联系人", "line", contact, hint="改了部门又不改这里，就用该部门的联系人")


def _dispatch(errand: Errand, values: Values) -> TicketView:
    """What was offered for one department does not follow to another."""
    department, contact, due = errand.scratch["suggested"]
    other = values["department"] != department
    limit = "" if other and values["due_at"] == due else values["due_at"]
    person = "" if other and values["contact"] == contact else values["contact"]
    return errand.desk.tickets.dispatch(
        errand.view.number,
        values["department"],
        values["content"],
        errand.at(limit, "处理时限") if limit else None,
        person,
        seen=errand.view.version,
    )


def _who_fields(label: str, done: str, errand: Errand) -> Iterable[Field]:
    contact = errand.view.tasks[-1]["contact"] if errand.view.tasks else ""
    yield from _task(errand, lambda task: not task[done])
    yield Field("who", label, "line", hint=f"联系人 {contact}；可不填" if contact else "可不填")


def _accept(errand: Errand, values: Values) -> TicketView:
    tickets = errand.desk.tickets
    return tickets.accept(
        errand.view.number, values.get("who", ""), _task_number(values), seen=errand.view.version
    )


def _arrive(errand: Errand, values: Values) -> TicketView:
    tickets = errand.desk.tickets
    return tickets.arrive(
        errand.view.number, values.get("who", ""), _task_number(values), seen=errand.view.version
    )


_TOLD = (("yes", "已告知业主"), ("no", "还没告知"))
_PROMISE = (("reply", "约定回话"), ("completion", "约定完成日期"))


def _progress_fields(_errand: Errand) -> Iterable[Field]:
    yield Field("text", "进展", "text", needed=True)
    yield Field("told", "告知业主", "choice", "yes", _TOLD, hint="告知业主才算通报进展，承诺才算兑现")


def _progress(errand: Errand, values: Values) -> TicketView:
    told = values["told"] != "no"
    return errand.desk.tickets.progress(errand.view.number, values["text"], told, seen=errand.view.version)


def _promise_fields(_errand: Errand) -> Iterable[Field]:
    yield Field("words", "承诺内容", "text", needed=True)
    yield Field("due_at", "承诺时间", "time", needed=True, hint="如 16:30、明天 10:00")
    yield Field(
        "completion", "是哪一种", "choice", "reply", _PROMISE, hint="完成日期会替代二十四小时办结时限"
    )


def _promise(errand: Errand, values: Values) -> TicketView:
    due, completion = errand.at(values["due_at"], "承诺时间"), values["completion"] == "completion"
    return errand.desk.tickets.promise(
        errand.view.number, values["words"], due, completion, seen=errand.view.version
    )


def _pause_fields(_errand: Errand) -> Iterable[Field]:
    yield Field("cause", "挂起原因", "choice", "", choices(terms.PAUSE_CAUSES), needed=True)
    yield Field("until", "恢复时间", "time", needed=True, hint="到时再看；办结停表，通报进展不停")
    yield Field("reason", "挂起说明", "text", needed=True)


def _pause(errand: Errand, values: Values) -> TicketView:
    until = errand.at(values["until"], "恢复时间")
    return errand.desk.tickets.pause(
        errand.view.number, values["cause"], until, values["reason"], seen=errand.view.version
    )


def _resolve_fields(errand: Errand) -> Iterable[Field]:
    yield from _task(errand, lambda _task: True)
    yield Field("result", "处理结果", "text", needed=True, hint="做了什么、现在怎样；照片用「添加凭证」")


def _resolve(errand: Errand, values: Values) -> TicketView:
    tickets = errand.desk.tickets
    return tickets.resolve(
        errand.view.number, values["result"], _task_number(values), seen=errand.view.version
    )


_STARS = (("5", "5 很满意"), ("4", "4 满意"), ("3", "3 一般"), ("2", "2 不满意"), ("1", "1 很不满意"))
_ANSWERS = (("满意", "满意"), ("一般", "一般"), ("不满意", "不满意"))


def _follow_up_fields(_errand: Errand) -> Iterable[Field]:
    yield Field("intake", "受理过程", "choice", "", _ANSWERS, hint="问：受理的时候，我们做得怎样？")
    yield Field("measures", "处理措施", "choice", "", _ANSWERS, hint="问：处理的办法，您觉得合适吗？")
    yield Field("result", "处理结果", "choice", "", _ANSWERS, hint="问：现在问题解决了吗？")
    yield Field(
        "score",
        "满意度",
        "choice",
        "",
        tuple(sorted(_STARS)),
        needed=True,
        hint="业主说几星就按几；一二星自动重开并上移",
    )
    yield Field("words", "业主原话", "text", hint="一二星必填，照原话写")
    yield Field("form", "回访方式", "choice", "phone", choices(terms.FOLLOW_UP_FORMS))


def _follow_up(errand: Errand, values: Values) -> TicketView:
    asked = {name: values.get(name, "") for name in ("intake", "measures", "result", "words")}
    return errand.desk.tickets.follow_up(
        errand.view.number,
        int(values["score"]),
        form=values["form"] or "phone",
        seen=errand.view.version,
        **asked,
    )


def _close_fields(errand: Errand) -> Iterable[Field]:
    ground = "satisfied" if errand.view.score else ""
    yield Field("ground", "关闭依据", "choice", ground, choices(terms.CLOSE_GROUNDS), needed=True)
    waivers = "：」或「".join(terms.WAIVERS.values())
    yield Field("reason", "关闭说明", "text", hint=f"现场签字、免回访必填；免回访请以「{waivers}：」开头")


def _close(errand: Errand, values: Values) -> TicketView:
    return errand.desk.tickets.close(
        errand.view.number, values["ground"], values.get("reason", ""), seen=errand.view.version
    )


def _transfer_fields(errand: Errand) -> Iterable[Field]:
    people = errand.desk.people.operators()
    options = tuple(
        (login, f"{name}（{terms.ROLES[role]}）") for login, name, role, active in people if active
    )
    yield Field(
        "to",
        "转交给",
        "choice",
        "",
        options,
        needed=True,
        hint=f"现在的首问责任人是 {errand.view.owner_name}",
    )
    yield Field("reason", "转交原因", "text", needed=True, hint="转交不改任何时限")


def _transfer(errand: Errand, values: Values) -> TicketView:
    return errand.desk.tickets.transfer(
        errand.view.number, values["to"], values["reason"], seen=errand.view.version
    )


_CORRECTED: Final = (
    ("text", "具体事项", "text"), ("unit", "房号", "line"), ("name", "姓名", "line"), ("phone", "联系方式", "line"),
    ("kind", "类型", "choice"), ("category", "分类", "choice"), ("priority", "紧急程度", "choice"), ("title", "摘要", "line"),
    ("place", "地点", "line"), ("happened", "发生时间", "line"), ("outcome", "期望", "line"), ("case", "案例", "choice"),
)  # fmt: skip


def _correct_fields(errand: Errand) -> Iterable[Field]:
    """As it stands; personal data stand there masked, and only what is changed is sent."""
    view = errand.view
    options = {
        "kind": choices(terms.KINDS),
        "priority": choices(terms.PRIORITIES),
        "category": tuple((name, name) for name in errand.desk.categories.all),
        "case": (
            ("", "没有合适的"),
            *((case.id, f"{case.id} {case.title}") for case in errand.desk.handbook.cases.values()),
        ),
    }
    for name, label, kind in _CORRECTED:
        hint = "遮住的部分不改就不动" if name in ("unit", "name", "phone") else ""
        yield Field(name, label, kind, getattr(view, name), options.get(name, ()), hint=hint)  # type: ignore[arg-type]


def _correct(errand: Errand, values: Values) -> TicketView:
    changed = {
        name: value for name, value in values.items() if value.strip() != getattr(errand.view, name).strip()
    }
    return errand.desk.tickets.correct(errand.view.number, changed, seen=errand.view.version)


def _evidence_fields(_errand: Errand) -> Iterable[Field]:
    yield Field("path", "凭证文件", "line", needed=True, hint="照片或 PDF 的路径，20MB 以内；加密保存")
    yield Field("caption", "说明", "line")


def _evidence(errand: Errand, values: Values) -> TicketView:
    path = Path(values["path"].strip().strip("'\""))
    return errand.desk.tickets.attach_file(
        errand.view.number, path, values.get("caption", ""), seen=errand.view.version
    )


def _call_fields(errand: Errand) -> Iterable[Field]:
    now = errand.now
    lines = [
        (str(call.id), f"{clock(call.at, now)} {call.phone} {call.unit} {call.who}".strip())
        for call in errand.desk.calls.list(9)
        if not call.ticket
    ]
    yield Field("call", "哪个来电", "choice", lines[0][0] if lines else "", tuple(lines), needed=True)


def _call(errand: Errand, values: Values) -> TicketView:
    return errand.desk.tickets.attach_call(errand.view.number, int(values["call"]), seen=errand.view.version)


def _merge_fields(_errand: Errand) -> Iterable[Field]:
    yield Field("into", "并入工单", "line", needed=True, hint="写单号，如 1122-03；本单作废，由那张继续")
    yield Field("reason", "合并原因", "text", "重复受理", needed=True)


def _merge(errand: Errand, values: Values) -> TicketView:
    return errand.desk.tickets.merge(
        errand.view.number, values["into"], values["reason"], seen=errand.view.version
    )


def _link_fields(_errand: Errand) -> Iterable[Field]:
    yield Field("incident", "群发事件", "line", needed=True, hint="同一故障最早的那张单号；各家时限各算各的")
    yield Field("told", "已告知", "text", hint="对业主统一的说法")


def _link(errand: Errand, values: Values) -> TicketView:
    return errand.desk.tickets.link(
        errand.view.number, values["incident"], values.get("told", ""), seen=errand.view.version
    )


_CONSENT = (("同意", "业主同意"), ("主动要求", "业主主动要求"), ("未能征询", "暂时联系不上业主"))


def _escalate_fields(errand: Errand) -> Iterable[Field]:
    preview = errand.desk.tickets.escalation_preview(errand.view.number)
    levels = tuple((str(level), name) for level, name in preview.levels)
    yield Field("reason", "上移原因", "text", needed=True, hint="解释无效、结果不满意、或三到五分钟仍激动")
    yield Field("level", "上移层级", "choice", str(preview.suggested), levels, needed=True)
    yield Field("consent", "业主意见", "choice", "", _CONSENT, needed=True, hint="先征询，同意了再联系")
    yield Field("handed", "交接摘要", "text", preview.summary, hint="接手的人先看这段，业主不用重说")


def _escalate_words(errand: Errand) -> Iterable[Span]:
    """What to say before the button is pressed: the handbook's first words of this step (R-S1-07, R-S2-06)."""
    guide = next((guide for guide in errand.desk.handbook.guides if guide.step == "escalate"), None)
    for phrase in guide.phrases[:2] if guide else ():
        yield f"{phrase.title}：{phrase.text.replace('{', '【').replace('}', '】')}", "strong"
    for rule in guide.do[:1] if guide else ():
        yield rule, "warn"


def _escalate(errand: Errand, values: Values) -> TicketView:
    return errand.desk.tickets.escalate(
        errand.view.number,
        values["reason"],
        values["consent"],
        int(values["level"]),
        values.get("handed", ""),
        seen=errand.view.version,
    )


def _words(name: str, label: str, hint: str = "") -> Ask:
    return lambda _errand: (Field(name, label, "text", needed=True, hint=hint),)


def _with_words(move: str, name: str, errand: Errand, values: Values) -> TicketView:
    done: TicketView = getattr(errand.desk.tickets, move)(
        errand.view.number, values[name], seen=errand.view.version
    )
    return done


def _at_once(move: str, errand: Errand, _values: Values) -> TicketView:
    done: TicketView = getattr(errand.desk.tickets, move)(errand.view.number, seen=errand.view.version)
    return done


# --- the table ----------------------------------------------------------------------------------------------------

ACTIONS: Final = {
    action.name: action
    for action in (
        Action("dispatch", "交给责任部门：内容、时限、联系人", _dispatch, _dispatch_fields),
        Action("accept", "部门接单", _accept, partial(_who_fields, "接单人", "accepted_at")),
        Action("arrive", "有人到现场了", _arrive, partial(_who_fields, "到场人", "arrived_at")),
        Action("progress", "办到哪一步，是否已告知业主", _progress, _progress_fields),
        Action("promise", "答应业主的时间，开始计时", _promise, _promise_fields),
        Action("resolve", "处理完毕，等回访", _resolve, _resolve_fields),
        Action("follow_up", "星级和三问", _follow_up, _follow_up_fields),
        Action("close", "满意、签字、静默、免回访四种依据", _close, _close_fields),
        Action(
            "decline", "业主不愿被回访", partial(_with_words, "decline", "words"), _words("words", "业主原话")
        ),
        Action("pause", "等业主、配件或第三方", _pause, _pause_fields),
        Action("resume", "挂起结束，时限接着走", partial(_at_once, "resume")),
        Action("acknowledge", "接：由我接手这次上移", partial(_at_once, "acknowledge")),
        Action("escalate", "请上级接手", _escalate, _escalate_fields, _escalate_words, confirm="F8"),
        Action("correct", "补房号姓名、改分类", _correct, _correct_fields),
        Action("transfer", "换首问责任人", _transfer, _transfer_fields),
        Action("evidence", "照片、维修记录", _evidence, _evidence_fields),
        Action("call", "同一件事又来电", _call, _call_fields),
        Action("link", "多户同一故障", _link, _link_fields),
        Action("merge", "重复的单并到一张", _merge, _merge_fields),
        Action(
            "reopen",
            "又出问题，重新处理",
            partial(_with_words, "reopen", "reason"),
            _words("reason", "重开原因"),
        ),
        Action("void", "误开的单", partial(_with_words, "void", "reason"), _words("reason", "作废原因")),
        Action("undo", "撤回最后一步（通知未发出时）", partial(_at_once, "undo")),
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


def moves(view: TicketView) -> list[Action]:
    """The ticket's legal actions, the likely ones first, so that nine digits reach what is needed."""
    legal = {name for name in view.moves if name in ACTIONS} | {"undo"}
    likely = (*(("acknowledge",) if view.unacknowledged else ()), *_FIRST.get(view.status, ()))
    order = [name for name in dict.fromkeys((*likely, *ACTIONS)) if name in legal]
    return [ACTIONS[name] for name in order]
