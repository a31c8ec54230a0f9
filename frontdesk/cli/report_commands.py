"""What goes out: summary, monthly sheet, outbox, suggestions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from frontdesk.cli import out, suggestion
from frontdesk.cli.group import Commands
from frontdesk.cli.house_commands import Json
from frontdesk.cli.session import moment, opened
from frontdesk.domain.errors import BadInput
from frontdesk.domain.timing import local


def add_to(app: typer.Typer) -> None:
    """Put these commands on the application."""
    app.command("summary", help="当日未闭环工单，谁在跟进")(summary)
    app.command("export", help="写出顾客投诉分类统计表；数据没变，文件就不变")(export)
    app.command("suggest", help="按一句话推荐类型、分类、紧急程度、案例和话术")(suggest)
    app.add_typer(notice, name="notice", help="待发通知", no_args_is_help=True)


def summary(
    date: Annotated[str, typer.Option(help="哪一天，如 2026-11-22，不写就是今天")] = "", as_json: Json = False
) -> int:
    """The day's unclosed with who follows each (R-000-05)."""
    from frontdesk.sheets.summary import summary_json, summary_text

    with opened() as desk:
        day = moment(desk, date, "日期")
        found = desk.reports.summary(None if day is None else desk.reports.end_of_day(day))
        if as_json:
            out.document(summary_json(found))
        else:
            out.say(summary_text(found))
    return 0


def export(
    month: Annotated[str, typer.Option(help="哪个月，如 2026-11，不写就是本月")] = "",
    folder: Annotated[Path | None, typer.Option("--out", help="写到哪个文件夹")] = None,
) -> int:
    """Write the monthly sheet."""
    with opened() as desk:
        written = desk.reports.export(month or f"{local(desk.now()):%Y-%m}", folder)
    out.say(f"{written.path}（{'已写出' if written.changed else '没有变化'}）")
    if written.warning:
        out.warn(written.warning)
    return 0


def suggest(
    text: Annotated[str, typer.Argument(metavar="一句话", help="业主说的话，汉字、拼音或首字母")] = "",
    file: Annotated[
        Path | None, typer.Option("--file", help="一行一句，或含 utterance 的 JSONL；每行输出一份 JSON")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=50, help="案例和话术各最多几条")] = 5,
    as_json: Json = False,
) -> int:
    """What the desk makes of a sentence, with reasons."""
    if file is not None:
        return suggestion.each(_lines(file), limit)
    return suggestion.one(text, limit, as_json)


def _lines(file: Path) -> list[str]:
    try:
        # Only a newline ends a line: a text may hold other marks that Python takes for one.
        lines = file.expanduser().read_bytes().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise BadInput("文件", f"第 {error.start} 字节起不是 UTF-8", "请另存为 UTF-8 再试") from error
    return [_utterance(line) for line in lines if line.strip()]


def _utterance(line: str) -> str:
    if not line.lstrip().startswith("{"):
        return line
    try:
        record = json.loads(line)
    except ValueError:
        return line
    return str(record.get("utterance") or record.get("text") or "")


notice = Commands()


@notice.command("list", help="待发和已发的通知")
def notice_list(as_json: Json = False) -> int:
    """The outbox."""
    with opened() as desk:
        found = desk.notices.list()
    if as_json:
        out.document({"notices": [line.json() for line in found]})
        return 0
    rows = [(str(n.id), n.ticket, n.to, n.state, str(n.tries), n.error, n.body) for n in found]
    out.say(
        out.columns([("编号", "单号", "收件", "状态", "次数", "错误", "内容"), *rows])
        if rows
        else "没有通知。"
    )
    return 0


@notice.command("retry", help="重发一条失败的通知")
def notice_retry(
    number: Annotated[int, typer.Argument(metavar="编号", help="通知编号，见 notice list")],
) -> int:
    """Queue a failed notice again."""
    with opened() as desk:
        desk.notices.retry(number)
    out.say(f"通知 {number} 已排队重发。")
    return 0
