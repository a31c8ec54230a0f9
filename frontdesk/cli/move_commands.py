"""What may happen to a ticket: one command for each event, through the same use cases as the console (DESIGN §4)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontdesk.cli.house_commands import Json
from frontdesk.cli.session import moment
from frontdesk.cli.ticket_commands import Number, choices, do, known, ticket
from frontdesk.domain.errors import BadInput
from frontdesk.domain.terms import CLOSE_GROUNDS, FOLLOW_UP_FORMS, PAUSE_CAUSES

if TYPE_CHECKING:
    from frontdesk.desk import Desk
    from frontdesk.desk.ticket_desk import TicketDesk
    from frontdesk.desk.views import TicketView
    from frontdesk.domain.timing import Instant

Reason = Annotated[str, typer.Option(help="原因")]
Task = Annotated[int | None, typer.Option(help="第几个部门任务；只有一个时不用写")]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the application."""
    app.add_typer(
        ticket, name="ticket", help="工单：受理、派单、跟进、上移、办结、回访、关闭", no_args_is_help=True
    )


def _needed(desk: Desk, text: str, field: str) -> Instant:
    at = moment(desk, text, field)
    if at is None:
        raise BadInput(field, "没有填写", "请写成 16:30、明天 10:00 或 2h")
    return at


@ticket.command("dispatch", help="派单；没有写的按分类取（部门、时限、联系人）")
def dispatch(
    number: Number,
    department: Annotated[str, typer.Option(help="责任部门")] = "",
    content: Annotated[str, typer.Option(help="任务内容")] = "",
    due: Annotated[str, typer.Option(help="处理时限，如 2h、16:30")] = "",
    contact: Annotated[str, typer.Option(help="联系人及联系方式")] = "",
    as_json: Json = False,
) -> int:
    """Hand a task to a department."""
    return do(
        lambda t, desk: t.dispatch(number, department, content, moment(desk, due, "处理时限"), contact),
        as_json,
    )


@ticket.command("case", help="按手册案例办理：案例的时限开始走，关闭前要采到它的事实")
def case(
    number: Number,
    case_id: Annotated[str, typer.Argument(metavar="案例", help="如 B2，或到情形：A1-2")],
    as_json: Json = False,
) -> int:
    """Take a case up."""
    return do(lambda t, _desk: t.case(number, case_id), as_json)


@ticket.command("limit", help="案例时限：等待中的开始走，走着的算办妥（重复的接着走下一次）")
def limit(
    number: Number,
    name: Annotated[str, typer.Argument(metavar="时限", help="ticket show --json 里 case_limits 的 id")],
    since: Annotated[
        str, typer.Option("--since", help="从何时起算，如停梯、改密码的时间；不写就是现在")
    ] = "",
    as_json: Json = False,
) -> int:
    """Start or meet a limit of the case."""
    return do(lambda t, desk: t.case_limit(number, name, moment(desk, since, "从何时起算")), as_json)


@ticket.command("fact", help="采集案例要求的事实，如 trapped_from=10:05")
def fact(
    number: Number,
    values: Annotated[list[str], typer.Argument(metavar="事实=内容", help="可写多项")],
    as_json: Json = False,
) -> int:
    """Collect facts."""
    pairs = [each.partition("=") for each in values]
    if bad := [name for name, equals, _value in pairs if not equals or not name]:
        raise BadInput("事实", f"「{bad[0][:20]}」没有写成 事实=内容", "例如 trapped_from=10:05")
    return do(lambda t, _desk: t.facts(number, {name: value for name, _eq, value in pairs}), as_json)


Who = Annotated[str, typer.Option("--who", help="谁")]


@ticket.command("accept", help="部门接单")
def accept(number: Number, who: Who = "", task: Task = None, as_json: Json = False) -> int:
    """The department takes it."""
    return do(lambda t, _desk: t.accept(number, who, task), as_json)


@ticket.command("arrive", help="到场")
def arrive(number: Number, who: Who = "", task: Task = None, as_json: Json = False) -> int:
    """Somebody is on site."""
    return do(lambda t, _desk: t.arrive(number, who, task), as_json)


@ticket.command("progress", help="通报进展")
def progress_(
    number: Number,
    text: Annotated[str, typer.Option(help="进展")],
    internal: Annotated[bool, typer.Option("--internal", help="还没有告知业主；不算通报")] = False,
    as_json: Json = False,
) -> int:
    """How far it is."""
    return do(lambda t, _desk: t.progress(number, text, not internal), as_json)


@ticket.command("promise", help="对业主承诺一个时间")
def promise(
    number: Number,
    words: Annotated[str, typer.Option(help="承诺什么")],
    at: Annotated[
        str,
        typer.Option("--at", help="什么时候，如 16:30、明天 10:00、2h；不写：办完为今日内，回话为 24 小时内"),
    ] = "",
    completion: Annotated[
        bool, typer.Option("--completion", help="约定的是办完的日期，替代二十四小时办结时限")
    ] = False,
    as_json: Json = False,
) -> int:
    """A time told to an owner becomes a clock."""
    return do(lambda t, desk: t.promise(number, words, moment(desk, at, "承诺时间"), completion), as_json)


@ticket.command("pause", help="挂起：只因等业主、等配件、等第三方，须写恢复时间")
def pause(
    number: Number,
    cause: Annotated[str, typer.Option(help=choices(PAUSE_CAUSES))],
    until: Annotated[str, typer.Option(help="什么时候恢复，如 明天 9:00、3d")],
    reason: Reason,
    as_json: Json = False,
) -> int:
    """Hold the handling clocks."""
    why = known("挂起原因", cause, PAUSE_CAUSES)
    return do(lambda t, desk: t.pause(number, why, _needed(desk, until, "恢复时间"), reason), as_json)


Text = Annotated[str, typer.Option("--text", help="说明")]


@ticket.command("resume", help="恢复")
def resume(number: Number, text: Text = "", as_json: Json = False) -> int:
    """The hold ends."""
    return do(lambda t, _desk: t.resume(number, text), as_json)


@ticket.command("resolve", help="处理完毕；几个部门时逐个办结")
def resolve(
    number: Number,
    result: Annotated[str, typer.Option(help="处理结果")],
    task: Task = None,
    as_json: Json = False,
) -> int:
    """The work is done."""
    return do(lambda t, _desk: t.resolve(number, result, task), as_json)


@ticket.command("follow-up", help="回访：1–5 星和三问；1–2 星自动重开并上移")
def follow_up(
    number: Number,
    score: Annotated[int, typer.Option(help="满意度 1–5 星")],
    intake: Annotated[str, typer.Option(help="受理过程怎么样")] = "",
    measures: Annotated[str, typer.Option(help="处理措施怎么样")] = "",
    result: Annotated[str, typer.Option(help="处理结果怎么样")] = "",
    form: Annotated[str, typer.Option(help=choices(FOLLOW_UP_FORMS))] = "phone",
    words: Annotated[str, typer.Option(help="业主原话；低分必填")] = "",
    as_json: Json = False,
) -> int:
    """Stars and the three questions."""
    way = known("回访方式", form, FOLLOW_UP_FORMS)
    return do(lambda t, _desk: t.follow_up(number, score, intake, measures, result, way, words), as_json)


@ticket.command("decline", help="业主谢绝回访；七天无再诉可静默关闭")
def decline(
    number: Number, words: Annotated[str, typer.Option(help="业主原话")], as_json: Json = False
) -> int:
    """The owner wants no follow-up."""
    return do(lambda t, _desk: t.decline(number, words), as_json)


@ticket.command("close", help="关闭，须有依据")
def close(
    number: Number,
    ground: Annotated[str, typer.Option(help=choices(CLOSE_GROUNDS))] = "satisfied",
    reason: Annotated[
        str, typer.Option(help="说明；免回访请以「匿名无法联系：」或「敏感投诉不便回访：」开头")
    ] = "",
    as_json: Json = False,
) -> int:
    """Close on one of the four grounds."""
    base = known("关闭依据", ground, CLOSE_GROUNDS)
    return do(lambda t, _desk: t.close(number, base, reason), as_json)


@ticket.command("reopen", help="重开")
def reopen(number: Number, reason: Reason, as_json: Json = False) -> int:
    """A new cycle begins."""
    return do(lambda t, _desk: t.reopen(number, reason), as_json)


@ticket.command("escalate", help="服务上移：原因、层级、业主意见")
def escalate(
    number: Number,
    reason: Reason,
    consent: Annotated[str, typer.Option(help="业主的意见，如 同意")] = "同意",
    level: Annotated[int | None, typer.Option(help="上移到第几级，不写就是上一级")] = None,
    summary: Annotated[str, typer.Option(help="交接摘要，不写就自动写")] = "",
    as_json: Json = False,
) -> int:
    """The button."""
    return do(lambda t, _desk: t.escalate(number, reason, consent, level, summary), as_json)


@ticket.command("acknowledge", help="确认接手上移的工单")
def acknowledge(number: Number, text: Text = "", as_json: Json = False) -> int:
    """The receiver says «接»."""
    return do(lambda t, _desk: t.acknowledge(number, text), as_json)


@ticket.command("transfer", help="转交首问责任人；时限不变")
def transfer(
    number: Number,
    to: Annotated[str, typer.Option(help="转给谁，账号")],
    reason: Reason,
    as_json: Json = False,
) -> int:
    """Another case owner."""
    return do(lambda t, _desk: t.transfer(number, to, reason), as_json)


@ticket.command("void", help="作废误开的工单")
def void(number: Number, reason: Reason, as_json: Json = False) -> int:
    """Opened by mistake."""
    return do(lambda t, _desk: t.void(number, reason), as_json)


@ticket.command("attach", help="添加凭证文件（照片、PDF），或关联一个来电")
def attach(
    number: Number,
    file: Annotated[Path | None, typer.Option("--file", help="照片或 PDF，20MB 以内")] = None,
    call: Annotated[int | None, typer.Option("--call", help="来电编号")] = None,
    caption: Annotated[str, typer.Option(help="说明")] = "",
    as_json: Json = False,
) -> int:
    """Evidence, or another call about the same matter."""
    if (file is None) == (call is None):
        raise BadInput("--file 或 --call", "要写其中一个", "添加照片用 --file，关联来电用 --call")

    def act(tickets: TicketDesk, _desk: Desk) -> TicketView:
        if file is not None:
            return tickets.attach_file(number, file, caption)
        return tickets.attach_call(number, call or 0)

    return do(act, as_json)


@ticket.command("note", help="添一条记录")
def note(number: Number, text: Annotated[str, typer.Option(help="记录")], as_json: Json = False) -> int:
    """Add to the record."""
    return do(lambda t, _desk: t.note(number, text), as_json)


@ticket.command("correct", help="补正登记内容")
def correct(
    number: Number,
    change: Annotated[
        list[str],
        typer.Option(
            "--set",
            help="项=值，可写多次：kind category priority title place happened outcome case text name unit phone",
        ),
    ],
    as_json: Json = False,
) -> int:
    """Fill gaps and mend the classification."""
    pairs = [item.partition("=") for item in change]
    if bad := [name for name, equals, _value in pairs if not equals]:
        raise BadInput("--set", f"「{bad[0][:20]}」没有等号", "请写成 unit=3-2-1801")
    return do(
        lambda t, _desk: t.correct(number, {name.strip(): value for name, _eq, value in pairs}), as_json
    )


@ticket.command("merge", help="并入另一张工单")
def merge(
    number: Number,
    into: Annotated[str, typer.Option(help="并入哪张，单号")],
    reason: Reason,
    as_json: Json = False,
) -> int:
    """A duplicate ends."""
    return do(lambda t, _desk: t.merge(number, into, reason), as_json)


@ticket.command("link", help="归入群发事件；各有各的时限")
def link(
    number: Number,
    incident: Annotated[str, typer.Option(help="群发事件的牵头工单，单号")],
    told: Annotated[str, typer.Option("--told", help="告诉业主的话")] = "",
    as_json: Json = False,
) -> int:
    """Join an incident."""
    return do(lambda t, _desk: t.link(number, incident, told), as_json)


@ticket.command("undo", help="撤销最后一步（还没有告知业主、通知还没有发出的）")
def undo(number: Number, as_json: Json = False) -> int:
    """Take back the last step."""
    return do(lambda t, _desk: t.undo(number), as_json)
