"""What each action asks for, and the use case it calls; all of it runs in a thread (DESIGN §4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from frontdesk.domain import terms
from frontdesk.domain.timing import clock
from frontdesk.tui import saying
from frontdesk.tui.errand import Ask, Errand, choices
from frontdesk.tui.form import Field, Values
from frontdesk.tui.paper import Span

if TYPE_CHECKING:
    from frontdesk.desk.views import TicketView


def _task(errand: Errand, open_only: Callable[[Mapping[str, Any]], bool]) -> tuple[Field, ...]:
    """Which department's task, where there is more than one to choose from."""
    fitting = [task for task in errand.view.tasks if not task["done_at"] and open_only(task)]
    if len(fitting) < 2:  # noqa: PLR2004 - nothing to choose
        return ()
    options = tuple((str(task["number"]), f"{task['department']} {task['content']}") for task in fitting)
    # A plan has sent several at once: which of them has come is asked, never guessed.
    offered = "" if errand.view.plan else options[-1][0]
    return (Field("task", "部门任务", "choice", offered, options, needed=True),)


def _task_number(values: Values) -> int | None:
    return int(values["task"]) if values.get("task") else None


def plan_fields(errand: Errand) -> Iterable[Field]:
    """The plans, the likeliest chosen already, so that Enter opens it."""
    offered = errand.desk.emergencies.offered(errand.view.number)
    errand.scratch["plan"] = offered[0] if offered and not errand.view.plan else None
    first = errand.scratch["plan"]
    yield Field(
        "plan",
        "预案",
        "choice",
        first.id if first else "",
        tuple((each.id, each.title) for each in offered),
        needed=True,
        hint="回车打开；不对就按数字换一份",
    )


def plan_words(errand: Errand) -> Iterable[Span]:
    """What Enter will set going, and whom to call first."""
    plan = errand.scratch["plan"]
    if plan is not None:
        departments = "、".join(dict.fromkeys(duty.department for duty in plan.duties))
        yield f"回车打开「{plan.title}」：派{departments}，群里通报，到场、修复、通报开始计时。", "strong"
        for call in plan.calls[:2]:
            yield f"先打：{call.who} {call.number}", "warn"


def plan(errand: Errand, values: Values) -> TicketView:
    """One step opens it (R-000-03)."""
    return errand.desk.emergencies.open(
        errand.view.number, values["plan"], None if errand.view.incident else errand.view.version
    )


def dispatch_fields(errand: Errand) -> Iterable[Field]:
    """What R-001-12 demands, offered by the ticket's category (R-001-13)."""
    department, content, due_at, contact = errand.desk.tickets.suggested_dispatch(errand.view.number)
    errand.scratch["suggested"] = (department, contact, clock(due_at, errand.now))
    names = tuple((name, name) for name in errand.desk.categories.departments)
    yield Field("department", "责任部门", "choice", department, names, needed=True)
    yield Field("content", "任务内容", "text", content, needed=True)
    yield Field(
        "due_at", "处理时限", "time", clock(due_at, errand.now), hint="改了部门又不改这里，就用该部门的时限"
    )
    yield Field("contact", "联系人", "line", contact, hint="改了部门又不改这里，就用该部门的联系人")


def dispatch(errand: Errand, values: Values) -> TicketView:
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


def who_fields(label: str, done: str, errand: Errand) -> Iterable[Field]:
    """Who takes it or came; and which task, where there are several."""
    contact = errand.view.tasks[-1]["contact"] if errand.view.tasks else ""
    yield from _task(errand, lambda task: not task[done])
    yield Field("who", label, "line", hint=f"联系人 {contact}；可不填" if contact else "可不填")


def accept(errand: Errand, values: Values) -> TicketView:
    """The department takes the task (R-001-14)."""
    tickets = errand.desk.tickets
    return tickets.accept(
        errand.view.number, values.get("who", ""), _task_number(values), seen=errand.view.version
    )


def arrive(errand: Errand, values: Values) -> TicketView:
    """Somebody is on site (T4)."""
    tickets = errand.desk.tickets
    return tickets.arrive(
        errand.view.number, values.get("who", ""), _task_number(values), seen=errand.view.version
    )


_TOLD = (("yes", "已告知业主"), ("no", "还没告知"))
_PROMISE = (("reply", "约定回话"), ("completion", "约定完成日期"))


def progress_fields(_errand: Errand) -> Iterable[Field]:
    """What has been done, and whether the owner knows: only then it counts as told (R-S5-02)."""
    yield Field("text", "进展", "text", needed=True)
    yield Field("told", "告知业主", "choice", "yes", _TOLD, hint="告知业主才算通报进展，承诺才算兑现")


def progress(errand: Errand, values: Values) -> TicketView:
    """How far it is."""
    told = values["told"] != "no"
    return errand.desk.tickets.progress(errand.view.number, values["text"], told, seen=errand.view.version)


def promise_fields(_errand: Errand) -> Iterable[Field]:
    """What was said, until when, and of which kind (X1)."""
    yield Field("words", "承诺内容", "text", needed=True)
    yield Field("due_at", "承诺时间", "time", hint="如 16:30；空着：办完为今日内，回话为 24 小时内")
    yield Field(
        "completion", "是哪一种", "choice", "reply", _PROMISE, hint="完成日期会替代二十四小时办结时限"
    )


def promise(errand: Errand, values: Values) -> TicketView:
    """A time told to the owner becomes a clock (承诺账本)."""
    due = errand.at(values["due_at"], "承诺时间") if values["due_at"].strip() else None
    completion = values["completion"] == "completion"
    return errand.desk.tickets.promise(
        errand.view.number, values["words"], due, completion, seen=errand.view.version
    )


def pause_fields(_errand: Errand) -> Iterable[Field]:
    """One of three causes, a date and a reason (DESIGN §5)."""
    yield Field("cause", "挂起原因", "choice", "", choices(terms.PAUSE_CAUSES), needed=True)
    yield Field("until", "恢复时间", "time", needed=True, hint="到时再看；办结停表，通报进展不停")
    yield Field("reason", "挂起说明", "text", needed=True)


def pause(errand: Errand, values: Values) -> TicketView:
    """Hold the handling clocks."""
    until = errand.at(values["until"], "恢复时间")
    return errand.desk.tickets.pause(
        errand.view.number, values["cause"], until, values["reason"], seen=errand.view.version
    )


def resolve_fields(errand: Errand) -> Iterable[Field]:
    """The result; and which task, where there are several."""
    yield from _task(errand, lambda _task: True)
    yield Field("result", "处理结果", "text", needed=True, hint="做了什么、现在怎样；照片用「添加凭证」")


def resolve(errand: Errand, values: Values) -> TicketView:
    """The work is done."""
    tickets = errand.desk.tickets
    return tickets.resolve(
        errand.view.number, values["result"], _task_number(values), seen=errand.view.version
    )


_STARS = (("5", "5 很满意"), ("4", "4 满意"), ("3", "3 一般"), ("2", "2 不满意"), ("1", "1 很不满意"))
_ANSWERS = (("满意", "满意"), ("一般", "一般"), ("不满意", "不满意"))


def follow_up_fields(_errand: Errand) -> Iterable[Field]:
    """The three questions of R-S10-02, the stars of T17, the owner's words."""
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


def follow_up(errand: Errand, values: Values) -> TicketView:
    """One or two stars reopen the ticket and hand it up (X2)."""
    asked = {name: values.get(name, "") for name in ("intake", "measures", "result", "words")}
    return errand.desk.tickets.follow_up(
        errand.view.number,
        int(values["score"]),
        form=values["form"] or "phone",
        seen=errand.view.version,
        **asked,
    )


def close_fields(errand: Errand) -> Iterable[Field]:
    """One of the four grounds of DESIGN §4, and its reason."""
    ground = "satisfied" if errand.view.score else ""
    yield Field("ground", "关闭依据", "choice", ground, choices(terms.CLOSE_GROUNDS), needed=True)
    waivers = "：」或「".join(terms.WAIVERS.values())
    yield Field("reason", "关闭说明", "text", hint=f"现场签字、免回访必填；免回访请以「{waivers}：」开头")


def close(errand: Errand, values: Values) -> TicketView:
    """Close on that ground."""
    return errand.desk.tickets.close(
        errand.view.number, values["ground"], values.get("reason", ""), seen=errand.view.version
    )


def transfer_fields(errand: Errand) -> Iterable[Field]:
    """To whom and why; those who work here are offered."""
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


def transfer(errand: Errand, values: Values) -> TicketView:
    """Another case owner (首问责任人)."""
    return errand.desk.tickets.transfer(
        errand.view.number, values["to"], values["reason"], seen=errand.view.version
    )


_CORRECTED: Final = (
    ("text", "具体事项", "text"), ("unit", "房号", "line"), ("name", "姓名", "line"), ("phone", "联系方式", "line"),
    ("kind", "类型", "choice"), ("category", "分类", "choice"), ("priority", "紧急程度", "choice"), ("title", "摘要", "line"),
    ("place", "地点", "line"), ("happened", "发生时间", "line"), ("outcome", "期望", "line"), ("case", "案例", "choice"),
)  # fmt: skip


def correct_fields(errand: Errand) -> Iterable[Field]:
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


def correct(errand: Errand, values: Values) -> TicketView:
    """Send what was changed, and nothing that is masked and was not touched."""
    changed = {
        name: value for name, value in values.items() if value.strip() != getattr(errand.view, name).strip()
    }
    return errand.desk.tickets.correct(errand.view.number, changed, seen=errand.view.version)


def case_fields(errand: Errand) -> Iterable[Field]:
    """Every situation of every case; offered is the one that the words point at."""
    options = tuple(
        (each.id, f"{each.id} {each.title}")
        for case in errand.desk.handbook.cases.values()
        for each in case.scenarios
    )
    fitting = [key for key, _ in options if key.partition("-")[0] == errand.view.case]
    offered = errand.view.scenario or (fitting[0] if fitting else "")
    yield Field(
        "case",
        "案例",
        "choice",
        offered,
        options,
        needed=True,
        hint="采用后它的时限开始走，关闭前要采到它的事实",
    )


def case(errand: Errand, values: Values) -> TicketView:
    """Take the case up."""
    return errand.desk.tickets.case(errand.view.number, values["case"], seen=errand.view.version)


def limit_fields(errand: Errand) -> Iterable[Field]:
    """Those that run or wait."""
    now = errand.now
    options = tuple(
        (
            each["id"],
            f"{each['label']}（{clock(errand.at(each['due_at'], '时限'), now)}）"
            if each["due_at"]
            else f"{each['label']}（从{each['since']}起算）",
        )
        for each in errand.view.limits
        if not each["met_at"]
    )
    yield Field(
        "limit",
        "案例时限",
        "choice",
        options[0][0],
        options,
        needed=True,
        hint="走着的算办妥；还没起算的从现在起算",
    )
    yield Field("since", "从何时起算", "time", hint="等着起算的才用；空着就是现在，改密码写改的时间")


def limit(errand: Errand, values: Values) -> TicketView:
    """Start or meet it."""
    since = errand.at(values["since"], "从何时起算") if values["since"].strip() else None
    return errand.desk.tickets.case_limit(
        errand.view.number, values["limit"], since, seen=errand.view.version
    )


def facts_fields(errand: Errand) -> Iterable[Field]:
    """What the case and the emergency plan ask for, with what is known already."""
    known = dict(errand.view.facts)
    for fact in errand.desk.tickets.wanted(errand.view):
        kind: Literal["choice", "line"] = "choice" if fact.kind == "choice" else "line"
        hint = "几点，如 10:05" if fact.kind == "time" else ""
        yield Field(
            f"fact:{fact.id}",
            fact.label,
            kind,
            known.get(fact.id, ""),
            tuple((each, each) for each in fact.choices),
            hint=hint,
        )


def facts(errand: Errand, values: Values) -> TicketView:
    """Send what was answered anew."""
    known = dict(errand.view.facts)
    told = {name.partition(":")[2]: value for name, value in values.items() if name.startswith("fact:")}
    new = {name: value for name, value in told.items() if value.strip() and value != known.get(name)}
    return errand.desk.tickets.facts(errand.view.number, new, seen=errand.view.version)


def evidence_fields(_errand: Errand) -> Iterable[Field]:
    """Where the file is (R-001-19)."""
    yield Field("path", "凭证文件", "line", needed=True, hint="照片或 PDF 的路径，20MB 以内；加密保存")
    yield Field("caption", "说明", "line")


def evidence(errand: Errand, values: Values) -> TicketView:
    """A photo or paper becomes evidence."""
    path = Path(values["path"].strip().strip("'\""))
    return errand.desk.tickets.attach_file(
        errand.view.number, path, values.get("caption", ""), seen=errand.view.version
    )


def call_fields(errand: Errand) -> Iterable[Field]:
    """The newest calls that belong to no ticket."""
    now = errand.now
    lines = [
        (str(call.id), f"{clock(call.at, now)} {call.phone} {call.unit} {call.who}".strip())
        for call in errand.desk.calls.list(9)
        if not call.ticket
    ]
    yield Field("call", "哪个来电", "choice", lines[0][0] if lines else "", tuple(lines), needed=True)


def call(errand: Errand, values: Values) -> TicketView:
    """Another call about the same matter."""
    return errand.desk.tickets.attach_call(errand.view.number, int(values["call"]), seen=errand.view.version)


def merge_fields(_errand: Errand) -> Iterable[Field]:
    """The ticket that goes on."""
    yield Field("into", "并入工单", "line", needed=True, hint="写单号，如 1122-03；本单作废，由那张继续")
    yield Field("reason", "合并原因", "text", "重复受理", needed=True)


def merge(errand: Errand, values: Values) -> TicketView:
    """A duplicate ends."""
    return errand.desk.tickets.merge(
        errand.view.number, values["into"], values["reason"], seen=errand.view.version
    )


def link_fields(_errand: Errand) -> Iterable[Field]:
    """The incident's first ticket, and what all of its callers are told."""
    yield Field("incident", "群发事件", "line", needed=True, hint="同一故障最早的那张单号；各家时限各算各的")
    yield Field("told", "已告知", "text", hint="对业主统一的说法")


def link(errand: Errand, values: Values) -> TicketView:
    """One fault, many owners (DESIGN §4)."""
    return errand.desk.tickets.link(
        errand.view.number, values["incident"], values.get("told", ""), seen=errand.view.version
    )


_CONSENT = (("同意", "业主同意"), ("主动要求", "业主主动要求"), ("未能征询", "暂时联系不上业主"))


def escalate_fields(errand: Errand) -> Iterable[Field]:
    """Reason, level, consent, and the summary that spares the owner a second telling (R-S1-07, R-S1-08, X4)."""
    preview = errand.desk.tickets.escalation_preview(errand.view.number)
    errand.scratch["receiver"] = preview.receiver
    levels = tuple((str(level), name) for level, name in preview.levels)
    yield Field("reason", "上移原因", "text", needed=True, hint="解释无效、结果不满意、或三到五分钟仍激动")
    yield Field("level", "上移层级", "choice", str(preview.suggested), levels, needed=True)
    yield Field("consent", "业主意见", "choice", "", _CONSENT, needed=True, hint="先征询，同意了再联系")
    yield Field("handed", "交接摘要", "text", preview.summary, hint="接手的人先看这段，业主不用重说")


def escalate_words(errand: Errand) -> Iterable[Span]:
    """What to say before the button is pressed: the handbook's first words of this step (R-S1-07, R-S2-06).

    Whoever comes is named; an owner who is not known is greeted instead.
    """
    known = saying.known(errand.desk, errand.view)
    known |= {"称呼": salutation(errand.view), "上级": errand.scratch["receiver"]}
    guide = next((guide for guide in errand.desk.handbook.guides if guide.step == "escalate"), None)
    for phrase in guide.phrases[:2] if guide else ():
        yield f"{phrase.title}：{saying.half_filled(phrase, known)}", "strong"
    for rule in guide.do[:1] if guide else ():
        yield rule, "warn"


def salutation(view: TicketView) -> str:
    """The owner as this desk may see the name; a greeting where there is none."""
    return view.name if view.name not in ("", "匿名") else "您好"


def escalate(errand: Errand, values: Values) -> TicketView:
    """The button."""
    return errand.desk.tickets.escalate(
        errand.view.number,
        values["reason"],
        values["consent"],
        int(values["level"]),
        values.get("handed", ""),
        seen=errand.view.version,
    )


def words(name: str, label: str, hint: str = "") -> Ask:
    """A form of one text."""
    return lambda _errand: (Field(name, label, "text", needed=True, hint=hint),)


def with_words(move: str, name: str, errand: Errand, values: Values) -> TicketView:
    """A use case that takes one text."""
    done: TicketView = getattr(errand.desk.tickets, move)(
        errand.view.number, values[name], seen=errand.view.version
    )
    return done


def at_once(move: str, errand: Errand, _values: Values) -> TicketView:
    """A use case that asks for nothing."""
    done: TicketView = getattr(errand.desk.tickets, move)(errand.view.number, seen=errand.view.version)
    return done
