"""Tickets: opening them, looking at them, bringing old ones in. What may happen to one is in move_commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontdesk.cli import hot, out, pipes, render
from frontdesk.cli.group import Commands
from frontdesk.cli.house_commands import At, Json
from frontdesk.cli.people_commands import DryRun, Report, progress, told
from frontdesk.cli.session import moment, opened
from frontdesk.domain.errors import BadInput
from frontdesk.domain.terms import (
    CATEGORY_HINT,
    CHANNELS,
    KINDS,
    PRIORITIES,
    PROMISES,
    STATUSES,
    identifier,
)
from frontdesk.domain.timing import DAY, Instant, clock, day_start, iso, parse, span

if TYPE_CHECKING:
    from frontdesk.desk import Desk
    from frontdesk.desk.ticket_desk import TicketDesk
    from frontdesk.desk.views import PromiseView, TicketView

ticket = Commands()


def choices(labels: dict[str, str]) -> str:
    """Identifiers with their labels, for a help text."""
    return "、".join(f"{key} {label}" for key, label in labels.items())


Number = Annotated[str, typer.Argument(metavar="单号", help="单号，如 261122-03；唯一的尾部也行，如 1122-03")]
Kind = Annotated[str, typer.Option(help=choices(KINDS))]
Category = Annotated[str, typer.Option(help=CATEGORY_HINT)]
Priority = Annotated[str, typer.Option(help=choices(PRIORITIES))]
Channel = Annotated[str, typer.Option(help=choices(CHANNELS))]


def known(field: str, text: str, labels: dict[str, str]) -> str:
    """The identifier of an option's value, which may also be the Chinese label."""
    if not text:
        return ""
    found = identifier(labels, text)
    if found is None:
        raise BadInput(field, f"「{text[:20]}」不在可选之列", f"可选：{choices(labels)}")
    return found


def do(act: Callable[[TicketDesk, Desk], TicketView], as_json: bool) -> int:
    """One use case, and what the ticket is afterwards."""
    with opened() as desk:
        view = act(desk.tickets, desk)
        if as_json:
            out.document(view.json())
        else:
            last = view.events[-1]
            out.say(
                f"{view.number} {last.label}：{last.note}" if last.note else f"{view.number} {last.label}"
            )
            out.say(f"现为「{STATUSES[view.status]}」。下一步：{view.next_step}")
    return 0


@ticket.command("open", help="受理一张新单；没有写的类型、分类、紧急程度按内容判断")
def open_(
    text: Annotated[str, typer.Option(help="业主说的事")],
    unit: Annotated[str, typer.Option(help="房号，如 3栋2单元1801 或 3-2-1801")] = "",
    phone: Annotated[str, typer.Option(help="联系电话")] = "",
    name: Annotated[str, typer.Option(help="业主姓名")] = "",
    kind: Kind = "",
    category: Category = "",
    priority: Priority = "",
    channel: Channel = "phone",
    title: Annotated[str, typer.Option(help="摘要，不写就取第一句")] = "",
    place: Annotated[str, typer.Option(help="地点")] = "",
    happened: Annotated[str, typer.Option(help="事情发生的时间，照业主说的写")] = "",
    outcome: Annotated[str, typer.Option(help="业主期望怎样解决")] = "",
    case: Annotated[str, typer.Option(help="手册案例，如 B2")] = "",
    call: Annotated[int | None, typer.Option(help="从哪个来电受理，来电编号")] = None,
    anonymous: Annotated[bool, typer.Option("--anonymous", help="匿名")] = False,
    sensitive: Annotated[bool, typer.Option("--sensitive", help="敏感，不便回访")] = False,
    at: At = "",
    as_json: Json = False,
) -> int:
    """Open a ticket."""
    from frontdesk.desk.ticket_desk import NewTicket

    def act(tickets: TicketDesk, desk: Desk) -> TicketView:
        return tickets.open(
            NewTicket(
                text=text,
                name=name,
                unit=unit,
                phone=phone,
                kind=known("类型", kind, KINDS),
                category=category,
                priority=known("紧急程度", priority, PRIORITIES),
                channel=known("渠道", channel, CHANNELS),
                title=title,
                place=place,
                happened=happened,
                outcome=outcome,
                case=case,
                anonymous=anonymous,
                sensitive=sensitive,
                at=moment(desk, at, "受理时间"),
                call_id=call,
            )
        )

    return do(act, as_json)


@ticket.command("show", help="一张工单：时限、经过、下一步")
def show(number: Number, as_json: Json = False) -> int:
    """One ticket."""
    return hot.ticket_show(number, as_json)


@ticket.command("explain", help="为什么是这个颜色")
def explain(number: Number, as_json: Json = False) -> int:
    """Why it is red."""
    with opened() as desk:
        words = desk.tickets.explain(number)
        if as_json:
            out.document({"number": desk.tickets.view(number).number, "text": words})
        else:
            out.say(words)
    return 0


@ticket.command("list", help="工单列表，新的在前；--all 含已结束的")
def list_(
    every: Annotated[bool, typer.Option("--all", help="含已关闭、作废的")] = False,
    kind: Kind = "",
    category: Category = "",
    priority: Priority = "",
    status: Annotated[str, typer.Option(help=choices(STATUSES))] = "",
    owner: Annotated[str, typer.Option(help="首问责任人的账号")] = "",
    department: Annotated[str, typer.Option(help="责任部门")] = "",
    channel: Channel = "",
    limit: Annotated[int, typer.Option(min=1, help="最多几件")] = 1_000_000,
    as_json: Json = False,
) -> int:
    """Tickets by their facts."""
    wanted = {
        "kind": known("类型", kind, KINDS),
        "category": category,
        "priority": known("紧急程度", priority, PRIORITIES),
        "status": known("状态", status, STATUSES),
        "case_owner": owner,
        "department": department,
        "channel": known("渠道", channel, CHANNELS),
    }
    given = {name: value for name, value in wanted.items() if value}
    with opened() as desk:
        found = desk.listing(every or status in ("closed", "void", "已关闭", "已作废"), given, limit)
        if as_json:
            out.listing(
                "tickets", (each.json() for each in desk.tickets.several([row.id for row in found.rows]))
            )
        elif found.rows:
            out.say(out.columns([render.BOARD_HEAD, *render.board_rows(found)]))
        else:
            out.say("没有符合的工单。")
    return 0


@ticket.command(
    "import",
    help="导入历史工单（csv、xlsx、jsonl），重复导入不会重复。好的行都导入，坏的行逐条报告；有坏行时退出码 1",
)
def import_(
    file: Annotated[Path, typer.Argument(metavar="文件", help="表格文件；- 为标准输入")],
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="列名=字段，可写多次；字段见文档，列名= 表示不用这一列"),
    ] = None,
    at: Annotated[
        str, typer.Option("--at", help="没有时间的行算在什么时候；写成 起..止 则分散在这段时间里")
    ] = "",
    status: Annotated[str, typer.Option(help="没有状态的行算什么状态：" + choices(STATUSES))] = "",
    dry_run: DryRun = False,
    report: Report = None,
    as_json: Json = False,
) -> int:
    """Bring old tickets in."""
    pipes.only_file(report, "错误.csv")
    pairs = [item.rpartition("=") for item in mapping or []]
    if bad := [name for name, equals, _field in pairs if not equals or not name]:
        raise BadInput("--map", f"「{bad[0][:20]}」没有写成 列名=字段", "例如 --map 来电时间=opened_at")
    wanted = {column.strip(): field.strip() for column, _eq, field in pairs}
    with opened() as desk, progress(as_json) as advance:
        spread = _spread(at, desk.now())
        state = known("状态", status, STATUSES)
        done = desk.imports.tickets(file, wanted, spread, state, dry_run, advance)
    return told(done, dry_run, report, as_json)


@ticket.command(
    "export",
    help="把工单导出为 csv、xlsx、jsonl 或 parquet，供公司的分析工具使用；脱敏，--clear 导出明文限项目经理并记入审计",
)
def export(
    file: Annotated[
        str, typer.Argument(metavar="文件", help="写到哪个文件；- 为标准输出。格式看扩展名")
    ] = "",
    kind: Annotated[
        str, typer.Option("--format", help="格式：csv、xlsx、jsonl、parquet；不写就看扩展名")
    ] = "",
    first: Annotated[str, typer.Option("--from", help="受理时间从哪天起，如 2026-11-01")] = "",
    last: Annotated[str, typer.Option("--to", help="到哪天为止，含这一天")] = "",
    still_open: Annotated[bool, typer.Option("--open", help="只要未结的")] = False,
    every: Annotated[bool, typer.Option("--all", help="未结和已结束的都要；不写也是这样")] = False,
    fields: Annotated[str, typer.Option(help="要哪些列、按什么次序，逗号隔开；全部列见 --schema")] = "",
    clear: Annotated[bool, typer.Option("--clear", help="姓名、房号、电话和原话不脱敏")] = False,
    reason: Annotated[str, typer.Option(help="导出明文的理由")] = "",
    schema: Annotated[bool, typer.Option("--schema", help="不导出，只说明每一列的名称、类型和含义")] = False,
    as_json: Json = False,
) -> int:
    """Tickets as data."""
    from frontdesk.cli.ticket_export import export as run

    wanted = first, last, fields, reason if clear else None
    return run(file, kind, wanted, (still_open, every), schema, as_json)


def _spread(text: str, now: Instant) -> tuple[Instant, Instant] | None:
    """`A..B` as that range, a single day as that whole day up to now, a moment as that moment."""
    if not text:
        return None
    first, dots, last = text.partition("..")
    start = parse(first, now, "--at")
    end = parse(last, now, "--at") if dots else start
    if (last or first).strip()[-3:-2] != ":" and end == day_start(end):
        end = min(end + DAY - 1, now)
    if not start <= end <= now:
        raise BadInput(
            "--at", "这段时间倒着写，或还没有到", "请写成 2026-09-01..2026-09-30 这样已经过去的时间"
        )
    return start, end


@ticket.command("promises", help="承诺账本：对业主说过的时间，谁说的，兑现没有")
def promises(
    days: Annotated[int, typer.Option(min=0, max=3650, help="连同最近几天已了结的；0 只看还欠着的")] = 0,
    as_json: Json = False,
) -> int:
    """The promise ledger (DESIGN §5)."""
    with opened() as desk:
        found, now = desk.tickets.promises(days), desk.now()
    if as_json:
        out.document({"now": iso(now), "promises": [each.json() for each in found]})
        return 0
    if not found:
        out.say("没有欠着的承诺。" if not days else "没有承诺。")
        return 0
    rows = [
        (each.ticket, each.unit, clock(each.due_at, now), _owed(each, now), each.by, each.words)
        for each in found
    ]
    out.say(out.columns([("单号", "房号", "约定", "状态", "谁说的", "内容"), *rows]))
    return 0


def _owed(each: PromiseView, now: Instant) -> str:
    late = f" 超{span(now - each.due_at)}" if each.state == "broken" and each.kept_at is None else ""
    return PROMISES[each.state] + late
