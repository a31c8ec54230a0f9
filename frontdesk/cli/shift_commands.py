"""Duty: the roster, the change of shift, the morning view."""

from __future__ import annotations

from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontdesk.cli import out
from frontdesk.cli.group import Commands
from frontdesk.cli.house_commands import Json
from frontdesk.cli.people_commands import SHOWN, DryRun
from frontdesk.cli.session import opened
from frontdesk.domain.timing import DAY, Instant, clock, iso, local

if TYPE_CHECKING:
    from collections.abc import Sequence

    from frontdesk.desk.shift_desk import OnDuty, Post, RosterReport
    from frontdesk.domain.handover import Handover
    from frontdesk.domain.roster import Turn

PAPER = 72
"""Cells of a printed line."""
_WORDS = 4
"""The column that says what is to be done."""


def add_to(app: typer.Typer) -> None:
    """Put these commands on the application."""
    app.add_typer(roster, name="roster", help="值班表：导入、查看、现在谁当班", no_args_is_help=True)
    app.command(
        "handover",
        help="交接班：下一班要接的事，每件有名有姓。不带选项先看一遍；--give 签字交班，--take 签字接班",
    )(handover)
    app.command(
        "morning", help="晨报：夜里发生了什么、今天到期的承诺、未闭环由谁跟进；--send 交付发送，每天只发一次"
    )(morning)


roster = Commands()


@roster.command(
    "import",
    help="导入值班表（csv、xlsx，UTF-8 或 GB18030）。同一天同一岗位原有的班由文件里的替换；有坏行时退出码 1",
)
def roster_import(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="文件",
            help="表头：日期、姓名、工号、岗位、开始、结束；过零点的班结束写次日几点；- 为标准输入",
        ),
    ],
    dry_run: DryRun = False,
    as_json: Json = False,
) -> int:
    """Bring a roster in."""
    with opened() as desk:
        done = desk.shifts.import_roster(file, dry_run)
        now = desk.now()
    if as_json:
        out.document(_report_json(done, dry_run))
    else:
        _report(done, dry_run, now)
    return 1 if done.errors else 0


def _report_json(done: RosterReport, dry_run: bool) -> dict[str, Any]:
    return {
        "added": done.added,
        "same": done.same,
        "removed": [_turn_json(turn) for turn in done.removed],
        "not_replaced": [{"date": f"{local(day):%Y-%m-%d}", "duty": duty} for day, duty in done.kept],
        "dry_run": dry_run,
        "errors": [{"line": line, "reason": reason} for line, reason in done.errors],
    }


def _report(done: RosterReport, dry_run: bool, now: Instant) -> None:
    from frontdesk.desk.shift_desk import label

    verb = "试导入（没有写入）" if dry_run else "导入完成"
    out.say(
        f"{verb}：共 {done.total} 行，新增 {done.added}，相同 {done.same}，错误 {len(done.errors)}；"
        f"替换掉原有的班 {len(done.removed)} 个。"
    )
    for turn in done.removed:
        out.say(f"  {'将换掉' if dry_run else '已换掉'}：{_turn_words(turn)}")
    if done.ignored_columns:
        out.say(f"没有用到的列：{'、'.join(done.ignored_columns)}")
    for line, reason in done.errors[:SHOWN]:
        out.warn(reason if reason.startswith("「第") else f"第 {line} 行：{reason}")
    if len(done.errors) > SHOWN:
        out.warn(f"……另有 {len(done.errors) - SHOWN} 行有错，用 --json 看全部。")
    for day, duty in done.kept:
        out.warn(f"{local(day):%m-%d} {label(duty)}有错行：这天这个岗位原有的班都留着，没有换掉。")


def _turn_words(turn: Turn) -> str:
    from frontdesk.desk.shift_desk import label

    return f"{local(turn.starts_at):%m-%d %H:%M} 至 {local(turn.ends_at):%m-%d %H:%M} {label(turn.duty)} {turn.name}"


def _turn_json(turn: Turn) -> dict[str, Any]:
    from frontdesk.desk.shift_desk import label

    return {
        "login": turn.login or None,
        "name": turn.name,
        "duty": turn.duty,
        "duty_label": label(turn.duty),
        "from": iso(turn.starts_at),
        "to": iso(turn.ends_at),
    }


@roster.command("show", help="某一天的值班表，不写日期就是今天")
def roster_show(
    date: Annotated[str, typer.Option(help="哪一天，如 2026-11-22、今天、明天")] = "", as_json: Json = False
) -> int:
    """The turns that reach into a day."""
    with opened() as desk:
        from frontdesk.desk.shift_desk import day_of, label

        start = day_of(date, desk.now())
        turns = desk.shifts.turns(start, start + DAY)
    if as_json:
        out.document({"date": f"{local(start):%Y-%m-%d}", "turns": [_turn_json(turn) for turn in turns]})
    elif turns:
        head = ("岗位", "姓名", "工号", "开始", "结束")
        rows = [
            (label(t.duty), t.name, t.login or "-", clock(t.starts_at, start), clock(t.ends_at, start))
            for t in turns
        ]
        out.say(out.columns([head, *rows]))
    else:
        out.warn(f"{local(start):%Y-%m-%d} 没有排班。导入：frontdesk roster import 文件")
    return 0


@roster.command("now", help="每个岗位现在找谁（当班、下一班或替补），未来七天前台的空班")
def roster_now(as_json: Json = False) -> int:
    """Who answers for every duty."""
    with opened() as desk:
        found = desk.shifts.on_duty()
    if as_json:
        out.document(_now_json(found))
        return 0
    rows = [(post.label, *post.words(found.now)) for post in found.posts]
    out.say(out.columns([("岗位", "现在找谁", "依据"), *rows]))
    if found.gaps:
        out.warn("未来七天前台没有人当班的时段（要求 24 小时有人，T7）：")
        for gap in found.gap_words:
            out.warn(f"  {gap}")
    return 0


def _now_json(found: OnDuty) -> dict[str, Any]:
    from frontdesk.domain.roster import SOURCES

    def duty(post: Post) -> dict[str, Any]:
        who = post.found
        return {
            "duty": post.duty,
            "duty_label": post.label,
            "people": [{"login": login or None, "name": name} for login, name in who.people] if who else [],
            "source": who.source if who else None,
            "source_label": SOURCES[who.source] if who else "没有排班",
            "held": who.held if who else None,
            "at": iso(who.at) if who and who.at is not None else None,
            "contact": post.contact or None,
        }

    return {
        "now": iso(found.now),
        "duties": [duty(post) for post in found.posts],
        "gaps": [{"duty": "agent", "from": iso(begins), "to": iso(ends)} for begins, ends in found.gaps],
    }


def handover(
    give: Annotated[bool, typer.Option("--give", help="签字交班：这一页从此保留")] = False,
    take: Annotated[bool, typer.Option("--take", help="签字接班：接下全部，或用 --item 只接几件")] = False,
    item: Annotated[
        list[str] | None, typer.Option("--item", help="只接这一件（--json 里的 key），可写几次")
    ] = None,
    to_paper: Annotated[bool, typer.Option("--print", help="打印用的版面，末尾留签名处；可接 | lp")] = False,
    past: Annotated[bool, typer.Option("--list", help="最近的交接")] = False,
    show: Annotated[int | None, typer.Option("--show", help="第几号交接，按签字时的样子", min=1)] = None,
    as_json: Json = False,
) -> int:
    """The change of shift."""
    if sum((give, take, past, show is not None)) > 1:
        raise typer.BadParameter("--give、--take、--list、--show 一次只能用一个")
    if item and not take:
        raise typer.BadParameter("--item 要和 --take 一起用")
    with opened() as desk:
        work, now = desk.handovers, desk.now()
        if past:
            return _list(work.list(), now, as_json)
        if give:
            found = work.give()
        elif take:
            found = work.take(keys=item or ())
        else:
            found = work.show(show) if show is not None else work.preview()
        waits = work.waiting() if not take and show is None and not give else None
    if as_json:
        out.document(_with_waiting(found, waits))
    elif to_paper:
        _print(found)
    else:
        _say(found, now)
        if waits is not None:
            waiting = f"第 {waits.id} 号交接还有 {len(waits.waiting)} 件没有人接："
            out.warn(_fitting(f"{waiting}frontdesk handover --show {waits.id}，接下用 --take。"))
    return 0


def _with_waiting(found: Handover, waits: Handover | None) -> dict[str, Any]:
    from frontdesk.domain.handover import document

    return document(found) | {"waiting": waits.id if waits is not None else None}


def _say(found: Handover, now: Instant) -> None:
    from frontdesk.domain.handover import shift_words, signatures

    number = f"第 {found.id} 号交接" if found.id is not None else "交接预览（还没有签字）"
    out.say(_fitting(f"{number}　下一班 {shift_words(found.page, now)}　共 {len(found.lines)} 件"))
    out.say(_table(found, now) if found.lines else "没有要交接的事项。")
    if found.id is not None:
        given, taken = signatures(found, now)
        out.say(_fitting(f"交班：{given}　接班：{taken}"))


def _table(found: Handover, now: Instant) -> str:
    """A line a matter where the terminal is that wide; else what is to be done stands below, over as many as it needs."""
    from frontdesk.domain.handover import HEAD, rows

    cells, table = get_terminal_size().columns, [HEAD, *rows(found, now)]
    whole = out.columns(table)
    if max(map(out.width, whole.split("\n"))) <= cells:
        return whole
    heads = out.columns([(*row[:_WORDS], *row[_WORDS + 1 :]) for row in table]).split("\n")
    return "\n".join(_fitting(f"{head}\n    {row[_WORDS]}") for head, row in zip(heads, table, strict=True))


def _fitting(text: str) -> str:
    """The text in lines that the terminal holds; 80 cells where there is none."""
    cells = get_terminal_size().columns
    return "\n".join(part for line in text.split("\n") for part in folded(line, cells))


def _print(found: Handover) -> None:
    from frontdesk.domain.handover import paper

    for line in paper(found):
        for part in folded(line, PAPER):
            out.say(part)


def folded(line: str, cells: int) -> list[str]:
    """The line in parts of at most so many cells; what is carried over is set in like its line."""
    from frontdesk.tui.text import wrap  # knows what may not begin a line

    text = line.lstrip(" ")
    indent = line[: len(line) - len(text)]
    return [indent + part for part in wrap(text, cells - len(indent))]


def _list(found: Sequence[Handover], now: Instant, as_json: bool) -> int:
    from frontdesk.domain.handover import document, signatures

    if as_json:
        out.document({"handovers": [document(each) for each in found]})
    elif found:
        rows = [
            (str(each.id), *signatures(each, now), f"{len(each.lines)}", f"{len(each.waiting)}")
            for each in found
        ]
        out.say(_fitting(out.columns([("号", "交班", "接班", "件数", "没有人接"), *rows])))
    else:
        out.warn("还没有交接记录。")
    return 0


def morning(
    send: Annotated[bool, typer.Option("--send", help="放进待发通知；今天发过就不再发")] = False,
    as_json: Json = False,
) -> int:
    """The morning view."""
    with opened() as desk:
        now = desk.now()
        done = desk.shifts.send_morning() if send else []
        text = desk.shifts.morning(now)
        to = [{"audience": audience, "name": name} for audience, name in desk.shifts.morning_to]
    if as_json:
        out.document({"now": iso(now), "text": text, "to": to, "sent": bool(done)})
    else:
        out.say(text)
        if send:
            out.warn(done[0] if done else "今天的晨报已经发过了。")
    return 0
