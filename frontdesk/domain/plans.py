"""Emergency plans (突发预案, R-000-03): who does what, who is called first, what is said now and every ten minutes.

One TOML file each in data/plans/, written so that a manager can edit it:

`id`, `title`, `order` (of two plans that the words lead to, the smaller one goes first: danger to life)
`dangers`, `words`, `cases`, `categories`
    What leads to it: a danger that was heard (`terms.DANGERS`; their words are in categories.toml) or words in what was
    reported (`困+梯/轿厢`: both parts, any word of each), then the case, then the category of an urgent ticket.
`case`
    The case of the handbook that is taken up with it, where none has been.
`say`, `never`, `over`
    What the caller hears at once; what nobody says or promises; when it is over.
`[[call]]`
    Whom the desk calls outside before anything else: `id`, `who`, `number`, optional `when`.
`[[task]]`
    A department's share (R-001-12): `id`, `department`, `content`, `minutes`, optional `contact`.
`[bulletin]`
    What is read out and sent every ten minutes (T6): `first`, `coming` (nobody there yet), `arrived` (somebody just
    came), `working`, `solved`, with blanks that the ticket fills.
`[[fact]]`
    What closing asks for, as in a case: `id`, `label`, `kind`, `choices`, `required`.

Bulletins and group words never say more of where it is than the building, and name nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from frontdesk.domain.emergency import mentions
from frontdesk.domain.entries import Entry
from frontdesk.domain.errors import BadInput
from frontdesk.domain.handbook_entries import Page, one_of, read_dangers, read_fact, read_words
from frontdesk.domain.patterns import pattern
from frontdesk.domain.playbook import BLANK, Fact
from frontdesk.domain.tickets import Task, Ticket
from frontdesk.domain.timing import Instant, local, span
from frontdesk.domain.units import building

STAGES: Final = {
    "first": "第一次通报",
    "coming": "还没人到",
    "arrived": "有人到场",
    "working": "还在处理",
    "solved": "处理完毕",
}
_ALWAYS: Final = frozenset({"地点", "事项", "开始", "历时", "部门"})
_ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    "first": _ALWAYS | {"下次"},
    "coming": _ALWAYS | {"下次"},
    "arrived": _ALWAYS | {"下次", "到场", "到场时间"},
    "working": _ALWAYS | {"下次", "到场", "到场时间"},
    "solved": _ALWAYS | {"结束"},
}
"""Blanks by stage: nobody's arrival is told before somebody has arrived."""

TEXT_AT_MOST: Final = 120
NOWHERE: Final = "小区内"
_BUILDING: Final = pattern(
    r"(?<![0-9A-Za-z一二三四五六七八九十])([0-9]{1,3}|[A-Z]|[一二三四五六七八九十]{1,3})\s?(栋|幢|座|号楼)"
)
_SPOT: Final = pattern(
    "地下车库|车库|配电房|配电室|水泵房|大堂|楼道|楼梯间|天台|架空层|泳池|会所|大门口|儿童乐园|游乐场|篮球场|人工湖|水池|广场|电梯间"
)


class Outside(NamedTuple):
    """Whom the desk calls before anything else."""

    id: str
    who: str
    number: str
    when: str


class Duty(NamedTuple):
    """One department's task; an empty `contact` is the department's own."""

    id: str
    department: str
    content: str
    minutes: int
    contact: str


class Plan(NamedTuple):
    """One plan; `version` is a digest of its words, written down with the ticket that it is opened on."""

    id: str
    title: str
    order: int
    dangers: tuple[str, ...]
    words: tuple[str, ...]
    cases: tuple[str, ...]
    categories: tuple[str, ...]
    case: str
    say: tuple[str, ...]
    never: tuple[str, ...]
    over: tuple[str, ...]
    calls: tuple[Outside, ...]
    duties: tuple[Duty, ...]
    bulletins: Mapping[str, str]
    facts: tuple[Fact, ...]
    version: str = ""

    def spoken(self) -> Iterable[tuple[str, str]]:
        """(entry, text) of everything that an owner hears or reads."""
        yield from (("say", text) for text in self.say)
        yield from ((f"bulletin {stage}", text) for stage, text in self.bulletins.items())


class Bulletin(NamedTuple):
    """What is to be read out now, and until when; `due_at` is None once nothing more is owed."""

    stage: str
    text: str
    due_at: Instant | None


# --- reading ----------------------------------------------------------------------------------------------------


def parse_plan(
    name: str,
    document: Mapping[str, Any],
    departments: Collection[str] | None = None,
    categories: Collection[str] | None = None,
    cases: Collection[str] | None = None,
) -> tuple[Plan | None, list[BadInput]]:
    """The plan of one file, or None with everything that is wrong with it. What it refers to is checked where known."""
    page = Page(name, document, categories)
    try:
        plan = _plan(page, departments, cases)
    except BadInput as problem:
        page.problems.append(problem)
        plan = None
    return (None if page.problems else plan), page.problems


def _plan(page: Page, departments: Collection[str] | None, cases: Collection[str] | None) -> Plan:
    file = page.file
    wanted = file.where.removesuffix(".toml")
    if file.text("id") != wanted:
        raise file.bad(f"id 和文件名里的「{wanted}」对不上", "请改成一样的", "id")
    order = file.number("order")
    if order is None or order <= 0:
        raise file.bad("order 没有写，或不大于 0", "请写 1、2、3 这样的数，越危急越小", "order")
    dangers, words = read_dangers(file), read_words(file, "words")
    led, case = file.texts("cases"), file.text("case", needed=False)
    within = page.categories_of(file, needed=False)
    if not (dangers or words or led or within):
        raise file.bad(
            "没有什么会用到这份预案",
            '请写 dangers、words、cases、categories 中的一项，如 words = ["困+电梯"]',
            "words",
        )
    for each in (*led, *((case,) if case else ())) if cases is not None else ():
        one_of(file, "案例", each.partition("-")[0], cases or (), "case" if each == case else "cases")
    plan = Plan(
        id=wanted,
        title=file.text("title"),
        order=order,
        dangers=dangers,
        words=words,
        cases=led,
        categories=within,
        case=case,
        say=_lines(file, "say"),
        never=file.texts("never", needed=True),
        over=file.texts("over", needed=True),
        calls=page.each(page.tables("call"), _outside),
        duties=page.each(page.tables("task", needed=True), lambda each: _duty(each, departments)),
        bulletins=_bulletins(page),
        facts=page.each(page.tables("fact"), lambda each: read_fact(each, ())),
    )
    file.done()
    return plan


def _lines(file: Entry, name: str) -> tuple[str, ...]:
    found = file.texts(name, needed=True)
    for text in found:
        if len(text) > TEXT_AT_MOST:
            raise file.bad(f"{name} 里有一句超过 {TEXT_AT_MOST} 字，念不顺", "请分成几句", name)
    return found


def _outside(entry: Entry) -> Outside:
    found = Outside(
        entry.text("id"), entry.text("who"), entry.text("number"), entry.text("when", needed=False)
    )
    entry.done()
    return found


def _duty(entry: Entry, departments: Collection[str] | None) -> Duty:
    minutes = entry.number("minutes")
    if minutes is None or minutes <= 0:
        raise entry.bad("minutes 没有写，或不大于 0", "请写从打开预案算起的分钟数", "minutes")
    found = Duty(
        entry.text("id"),
        entry.text("department"),
        entry.text("content"),
        minutes,
        entry.text("contact", needed=False),
    )
    if departments is not None:
        one_of(entry, "部门", found.department, departments, "department")
    entry.done()
    return found


def _bulletins(page: Page) -> Mapping[str, str]:
    entry = Entry(page.file.table_of("bulletin"), f"{page.file.where} bulletin", (("bulletin", 0),))
    found: dict[str, str] = {}
    for stage in STAGES:
        text = entry.text(stage)
        if len(text) > TEXT_AT_MOST:
            raise entry.bad(f"{stage} 超过 {TEXT_AT_MOST} 字，念不顺", "请写短些", stage)
        for blank in BLANK.findall(text):
            if blank not in _ALLOWED[stage]:
                known = "、".join(sorted(_ALLOWED[stage]))
                raise entry.bad(f"{stage} 里不能有空格「{{{blank}}}」", f"可以用的有：{known}", stage)
        if re.search(r"[{}]", BLANK.sub("", text)):
            raise entry.bad(f"{stage} 的花括号没有成对", "请写成 {地点} 这样", stage)
        found[stage] = text
    entry.done()
    return found


def plain(plan_id: str, title: str) -> Plan:
    """What stands in for an open plan whose file is gone: the bulletins go on in words that fit anything."""
    words = {
        "first": "{地点}{事项}，{开始}接到反映，{部门}已经派去。{下次}再跟您说。",
        "coming": "{地点}{事项}，到现在{历时}，我们的人正在赶去。{下次}再跟您说。",
        "arrived": "{地点}{事项}，{到场}{到场时间}到了现场，正在处理。{下次}再跟您说。",
        "working": "{地点}{事项}，到现在{历时}，{到场}还在现场处理。{下次}再跟您说。",
        "solved": "{地点}{事项}，{结束}处理完，前后{历时}。",
    }
    return Plan(plan_id, title, 1, (), (), (), (), "", (), (), (), (), (), words, ())


# --- choosing ---------------------------------------------------------------------------------------------------


def fitting(
    plans: Iterable[Plan], dangers: Sequence[str], text: str, case: str, category: str
) -> tuple[Plan, ...]:
    """The plans that a report leads to, the likeliest first: by the dangers heard in it (likeliest first), a plan's own
    words in its text, then its case, then its category. Words that are denied lead nowhere: 不是着火，是煤气漏了.
    """
    ranked: list[tuple[int, int, Plan]] = []
    for plan in plans:
        heard = [place for place, danger in enumerate(dangers) if danger in plan.dangers]
        if heard:
            sort = heard[0] - len(dangers)
        elif any(mentions(word, text) for word in plan.words):
            sort = 0
        elif case and case.partition("-")[0] in (each.partition("-")[0] for each in plan.cases):
            sort = 1
        elif category in plan.categories:
            sort = 2
        else:
            continue
        ranked.append((sort, plan.order, plan))
    return tuple(plan for _, _, plan in sorted(ranked, key=lambda each: each[:2]))


# --- speaking ---------------------------------------------------------------------------------------------------


def where(ticket: Ticket) -> str:
    """Where it is, in words that may be told to everybody: the building and the kind of place, never the flat."""
    said = f"{ticket.place} {ticket.title} {ticket.text}"
    match = _BUILDING.search(said)
    spot = _SPOT.search(said)
    house = f"{match[1]}{match[2]}" if match else "" if spot else building(ticket.caller.unit)
    return f"{house}{spot[0] if spot else ''}" or NOWHERE


def running(ticket: Ticket) -> bool:
    """Whether its plan is still being worked: until it is over, and that has been told."""
    if not ticket.plans or not ticket.open:
        return False
    return ticket.cycle.resolved_at is None or not any(each.over for each in ticket.bulletins)


def bulletin(plan: Plan, ticket: Ticket, now: Instant, due_at: Instant | None, every: int) -> Bulletin:
    """What is to be read out now. `due_at` is when the progress clock wants it (T6), `every` its seconds."""
    stage = _stage(ticket)
    return Bulletin(stage, _fill(plan.bulletins[stage], plan, ticket, now, every), due_at)


def _stage(ticket: Ticket) -> str:
    if ticket.cycle.resolved_at is not None:
        return "solved"
    there = sum(task.arrived_at is not None for task in ticket.tasks)
    if there:
        return "arrived" if there > max((each.arrived for each in ticket.bulletins), default=0) else "working"
    return "coming" if ticket.bulletins else "first"


def _fill(text: str, plan: Plan, ticket: Ticket, now: Instant, every: int) -> str:
    since, done = ticket.urgent_since or ticket.opened_at, ticket.cycle.resolved_at
    came = [task for task in ticket.tasks if task.arrived_at is not None]
    values = {
        "地点": where(ticket),
        "事项": plan.title,
        "开始": hour(since),
        "历时": span((done or now) - since),
        "部门": _names(ticket.tasks),
        "到场": _names(came),
        "到场时间": hour(min((task.arrived_at or now for task in came), default=now)),
        "下次": hour(now + every),
        "结束": hour(done or now),
    }
    return BLANK.sub(lambda match: values[match[1]], text)


def hour(at: Instant) -> str:
    """`09:15`: an emergency is counted in minutes, and a 「明日」 just after midnight would only be misheard."""
    return f"{local(at):%H:%M}"


def _names(tasks: Iterable[Task]) -> str:
    return "、".join(dict.fromkeys(task.department for task in tasks)) or "物业"


def group_words(plan: Plan | None, ticket: Ticket, kind: str, now: Instant, told: str = "") -> str:
    """What the group reads after a step of that kind (一键联动), "" where it needs no word.

    `ticket` is the ticket after the step. `told` is the bulletin that was read out, where the step is one.
    """
    say = _GROUP.get(kind)
    words = say(ticket, now, told) if say else ""
    title = plan.title if plan is not None else ticket.category.rpartition("-")[2] or "突发"
    return f"【突发·{title}】{where(ticket)}{words}" if words else ""


def _since(ticket: Ticket) -> Instant:
    return ticket.urgent_since or ticket.opened_at


def _sent(ticket: Ticket, _now: Instant, _told: str) -> str:
    tasks = [task for task in ticket.tasks if task.done_at is None]
    sent = "，".join(f"{task.department} {hour(task.due_at)} 前" for task in tasks)
    return f"，{hour(_since(ticket))} 起。已派：{sent or '待派'}。请接单。单号 {ticket.number}"


def _arrived(ticket: Ticket, now: Instant, _told: str) -> str:
    return f"：{_newest(ticket, 'arrived_at')} {hour(now)} 到场，用时 {span(now - _since(ticket))}。"


def _done(ticket: Ticket, _now: Instant, _told: str) -> str:
    left = [task for task in ticket.tasks if task.done_at is None]
    rest = f"，还有 {_names(left)}" if left else ""
    return f"：{_newest(ticket, 'done_at')}的任务完成{rest}。"


_GROUP: Final[Mapping[str, Callable[[Ticket, Instant, str], str]]] = {
    "plan_opened": _sent,
    "dispatched": _sent,
    "accepted": lambda ticket, _now, _told: f"：{_newest(ticket, 'accepted_at')}已接单。",
    "arrived": _arrived,
    "progressed": lambda _ticket, _now, told: f"，通报：{told}" if told else "",
    "task_done": _done,
    "resolved": lambda ticket, now, _told: f"：{hour(now)} 处理完毕，历时 {span(now - _since(ticket))}。",
}


def _newest(ticket: Ticket, moment: str) -> str:
    """The departments of the tasks whose moment came last."""
    found = [(at, task) for task in ticket.tasks if (at := getattr(task, moment)) is not None]
    last = max((at for at, _ in found), default=0)
    return _names(task for at, task in found if at == last)
