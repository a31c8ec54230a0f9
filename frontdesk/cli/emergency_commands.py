"""Emergencies at the shell: open a plan, read out the bulletin, attach a caller, the timeline; and the plans themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontdesk.cli import out, pipes
from frontdesk.cli.group import Commands
from frontdesk.cli.house_commands import Json
from frontdesk.cli.session import opened
from frontdesk.cli.ticket_commands import Number
from frontdesk.domain.errors import Refused
from frontdesk.domain.terms import DANGERS

if TYPE_CHECKING:
    from frontdesk.desk.emergency_view import EmergencyView, Timeline
    from frontdesk.desk.shelf import PlanShelf
    from frontdesk.domain.plans import Plan
    from frontdesk.domain.timing import Instant

emergency, plan = Commands(), Commands()


def add_to(app: typer.Typer) -> None:
    """Put these commands on the application."""
    app.add_typer(
        emergency, name="emergency", help="突发：打开预案、十分钟通报、附上来电、经过", no_args_is_help=True
    )
    app.add_typer(plan, name="plan", help="突发预案的文件", no_args_is_help=True)


@emergency.command("open", help="打开预案：转紧急、各部门派单、群里通报一步做完；重复打开不会做两遍")
def open_(
    number: Number,
    plan_id: Annotated[
        str, typer.Option("--plan", help="预案，如 lift；不写就按工单内容选，全部见 plan list")
    ] = "",
    as_json: Json = False,
) -> int:
    """Open the plan of a ticket."""
    with opened() as desk:
        desk.emergencies.open(number, plan_id)
        _tell(desk.emergencies.show(number), as_json)
    return 0


@emergency.command("list", help="正在处理的突发")
def list_all(as_json: Json = False) -> int:
    """Every running emergency."""
    with opened() as desk:
        found = desk.emergencies.running()
        if as_json:
            unopened = [{"number": number, "title": title} for number, title in found.unopened]
            out.document({"emergencies": [each.json() for each in found.emergencies], "unopened": unopened})
            return 0
        parts = ["\n".join(_lines(each)) for each in found.emergencies] or ["没有按预案在处理的突发。"]
        parts += [f"还没开预案：{number} {title}" for number, title in found.unopened]
        out.say("\n\n".join(parts))
    return 0


@emergency.command("show", help="一起突发：时限、部门任务、现在要念的通报")
def show(number: Number, as_json: Json = False) -> int:
    """One emergency."""
    with opened() as desk:
        _tell(desk.emergencies.show(number), as_json)
    return 0


@emergency.command("tell", help="通报已念出或发出：记到每张单上，群里同发，下一个十分钟开始")
def tell(number: Number, as_json: Json = False) -> int:
    """The bulletin was read out."""
    with opened() as desk:
        _view, words = desk.emergencies.tell(number)
        seen = desk.emergencies.show(number)
        if as_json:
            out.document({"told": words, "emergency": seen.json()})
        else:
            out.say(f"已通报：{words}")
            out.say(_next(seen))
    return 0


@emergency.command("attach", help="同一突发又有人来电：附上这个来电，告知同样的话，各算各的时限")
def attach(
    number: Number,
    call: Annotated[
        int | None, typer.Argument(metavar="来电", help="来电编号；不写就是正在响的或刚来的那个")
    ] = None,
    as_json: Json = False,
) -> int:
    """Attach a caller."""
    with opened() as desk:
        if call is None:
            caller = desk.emergencies.next_caller()
            if caller is None:
                raise Refused("没有正在响或刚来的来电。请写来电编号，见 call list。")
            call = caller.id
        done = desk.emergencies.attach_caller(number, call)
        if as_json:
            out.document({"ticket": done.view.json(), "told": done.told, "opened": done.opened})
        else:
            where = "已开单并归入" if done.opened else "已记在"
            out.say(f"{where} {done.view.number}")
            if done.told:
                out.say(f"请告知：{done.told}")
    return 0


@emergency.command(
    "timeline", help="整起突发的经过（含后来附上的单），脱敏，供存档；--out 写成 Markdown 文件"
)
def timeline(
    number: Number,
    target: Annotated[
        Path | None, typer.Option("--out", help="写到这个文件，如 经过.md；- 为标准输出")
    ] = None,
    as_json: Json = False,
) -> int:
    """The timeline, printed or written."""
    with opened() as desk:
        if pipes.named(target) and not as_json:
            pipes.stdout().write(desk.emergencies.timeline_paper(number).encode())
            return 0
        if target is not None and not pipes.named(target):
            place = desk.emergencies.write_timeline(number, target)
            if as_json:
                out.document({"file": str(place), **desk.emergencies.timeline(number).json()})
            else:
                out.say(f"已写入 {place}")
            return 0
        found = desk.emergencies.timeline(number)
        if as_json:
            out.document(found.json())
        else:
            out.say("\n".join(_record(found)))
    return 0


def _tell(seen: EmergencyView, as_json: bool) -> None:
    if as_json:
        out.document(seen.json())
    else:
        out.say("\n".join(_lines(seen)))


def _lines(seen: EmergencyView) -> list[str]:
    from frontdesk.desk.emergency_view import TASK_STATES
    from frontdesk.domain.timing import clock

    lines = [f"{seen.number} {seen.plan_title} {seen.where}，{clock(seen.since, seen.now)} 起"]
    lines += [f"  先打：{each.who} {each.number}（{each.when}）" for each in seen.calls]
    lines += [f"  {_clock(run, seen.now)}" for run in seen.clocks]
    lines += [
        f"  {task.department} {TASK_STATES[task.state]} {clock(task.at, seen.now)}，"
        f"限 {clock(task.due_at, seen.now)}：{task.content}"
        for task in seen.tasks
    ]
    lines += [f"  工单 {1 + seen.members} 张，后来附上来电 {seen.callers} 个"]
    if seen.missing:
        lines.append(f"  还要采到：{'、'.join(seen.missing)}")
    return [*lines, f"  现在念：{seen.bulletin.text}", f"  {_next(seen)}"]


def _clock(run: Any, now: Instant) -> str:
    from frontdesk.domain.terms import CLOCKS
    from frontdesk.domain.timing import clock, span

    label = f"{CLOCKS[run.kind]} {clock(run.due_at, now)} 前"
    if run.met_at is not None:
        return f"{label}，{clock(run.met_at, now)} 达成"
    left = run.due_at - now
    return f"{label}，剩 {span(left)}" if left > 0 else f"{label}，已超 {span(left)}"


def _next(seen: EmergencyView) -> str:
    from frontdesk.domain.timing import clock

    if seen.bulletin.due_at is None:
        return "处理完毕，念过这一次就不用再通报。" if seen.bulletin.stage == "solved" else "通报已停。"
    return f"{clock(seen.bulletin.due_at, seen.now)} 前通报。"


def _record(told: Timeline) -> list[str]:
    from frontdesk.domain.timing import clock

    lines = [f"{told.number} {told.plan_title} {told.where}"]
    return lines + [
        f"{clock(each.at, told.now)} {each.number} {each.who} {each.label}"
        + (f"：{each.note}" if each.note else "")
        + ("（已撤销）" if each.undone else "")
        for each in told.moments
    ]


# --- the plans' files -------------------------------------------------------------------------------------------


@plan.command("check", help="检查每份预案：字段、部门、案例、空格、禁语；错误指明文件和行号")
def check(as_json: Json = False) -> int:
    """Every problem a line; status 1 where there is one."""
    from frontdesk.cli.handbook_commands import problem_json, shelf_and_categories

    handbook, categories = shelf_and_categories()
    shelf = _shelf()
    found = shelf.check(categories, handbook.read(categories.all).book)
    if as_json:
        out.document({"problems": [problem_json(shelf, each) for each in found]})
    else:
        for each in found:
            out.say(f"{shelf.path(each)}{str(each).removeprefix(each.file)}")
    if found:
        out.warn(f"预案有 {len(found)} 处要改。")
        return 1
    if not as_json:
        out.say(f"预案没有问题：{'、'.join(each.title for each in shelf.read().plans.values())}。")
    return 0


@plan.command("list", help="有哪些预案，各由什么引出")
def plans(as_json: Json = False) -> int:
    """What there is."""
    found = _plans()
    if as_json:
        out.document({"plans": [_plan_json(each) for each in found.values()]})
    else:
        rows = [
            (
                each.id,
                each.title,
                "、".join(duty.department for duty in each.duties),
                "、".join(_leads(each)[:3]),
            )
            for each in found.values()
        ]
        out.say(out.columns([("编号", "名称", "部门", "引出"), *rows]))
    return 0


@plan.command("show", help="一份预案的全文")
def plan_show(
    plan_id: Annotated[str, typer.Argument(metavar="预案", help="如 lift、fire")], as_json: Json = False
) -> int:
    """One plan."""
    found = _plans()
    chosen = found.get(plan_id.strip().lower())
    if chosen is None:
        raise Refused(f"没有预案「{plan_id[:20]}」。现有：{'、'.join(found)}。")
    if as_json:
        out.document(_plan_json(chosen))
    else:
        out.say("\n".join(_plan_lines(chosen)))
    return 0


@plan.command("copy", help="把随附的一份预案复制到家目录，改那一份；删掉它就用回随附的")
def plan_copy(name: Annotated[str, typer.Argument(metavar="预案", help="如 lift")]) -> int:
    """Take a copy to change; one that is there is never overwritten."""
    shelf = _shelf()
    file = f"{Path(name).name.removesuffix('.toml')}.toml"
    source, target = shelf.shipped / file, shelf.own / file
    if Path(name).name != name or not source.is_file():
        raise Refused(f"随附的预案里没有「{name[:40]}」。现有：{'、'.join(shelf.read().plans)}。")
    if target.exists():
        raise Refused(f"{target} 已经有了，没有动它。")
    shelf.own.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())
    out.say(f"{target}")
    return 0


def _shelf() -> PlanShelf:
    from frontdesk.desk.shelf import PlanShelf
    from frontdesk.settings import load

    return PlanShelf(load())


def _plans() -> dict[str, Plan]:
    found = _shelf().read()
    for problem in found.problems:
        out.warn(f"没有采用：{problem}")
    return dict(found.plans)


def _leads(each: Plan) -> tuple[str, ...]:
    """What leads to a plan: the dangers that are heard, its own words, its cases and categories."""
    return (*(DANGERS[danger] for danger in each.dangers), *each.words, *each.cases, *each.categories)


def _plan_lines(each: Plan) -> list[str]:
    from frontdesk.domain.plans import STAGES

    lines = [f"{each.id}  {each.title}（文字版本 {each.version}）", f"引出：{'、'.join(_leads(each))}"]
    lines += ["", "先打："]
    lines += [
        f"  {call.who} {call.number}" + (f"（{call.when}）" if call.when else "") for call in each.calls
    ]
    lines += ["", "马上对来电人说：", *(f"  {number} {text}" for number, text in enumerate(each.say, 1))]
    lines += ["", "部门任务："]
    lines += [f"  {duty.department}（{duty.minutes} 分钟）{duty.content}" for duty in each.duties]
    lines += ["", "每十分钟通报："]
    lines += [f"  {STAGES[stage]}：{text}" for stage, text in each.bulletins.items()]
    lines += ["", *(f"忌：{text}" for text in each.never), "", *(f"完了才算：{text}" for text in each.over)]
    if each.facts:
        lines += ["", f"关闭前问到：{'、'.join(fact.label for fact in each.facts)}"]
    return lines


def _plan_json(each: Plan) -> dict[str, Any]:
    return {
        "id": each.id,
        "title": each.title,
        "version": each.version,
        "dangers": list(each.dangers),
        "words": list(each.words),
        "cases": list(each.cases),
        "categories": list(each.categories),
        "case": each.case or None,
        "say": list(each.say),
        "never": list(each.never),
        "over": list(each.over),
        "calls": [{"who": call.who, "number": call.number, "when": call.when} for call in each.calls],
        "tasks": [
            {
                "department": duty.department,
                "content": duty.content,
                "minutes": duty.minutes,
                "contact": duty.contact or None,
            }
            for duty in each.duties
        ],
        "bulletins": dict(each.bulletins),
        "facts": [{"id": fact.id, "label": fact.label, "required": fact.required} for fact in each.facts],
    }
