"""What goes out: the summary, the month's reports, suggestions."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontdesk.cli import hot, out, pipes, suggestion
from frontdesk.cli.group import Commands
from frontdesk.cli.house_commands import Json
from frontdesk.cli.session import moment, opened
from frontdesk.domain.errors import BadInput
from frontdesk.domain.timing import local

if TYPE_CHECKING:
    from frontdesk.desk import Desk
    from frontdesk.domain.kpi import Table
    from frontdesk.domain.timing import Instant
    from frontdesk.sheets.files import Written


def add_to(app: typer.Typer) -> None:
    """Put these commands on the application."""
    app.command("summary", help="当日未闭环工单，谁在跟进")(summary)
    app.command("suggest", help="按一句话推荐类型、分类、紧急程度、案例和话术")(suggest)
    app.add_typer(report, name="report", help="月度绩效与服务改进报告", no_args_is_help=True)


_FORMATS = {"text": "txt", "markdown": "md", "json": "json", "html": "html", "png": "png"}
"""Forms of the summary, and how a file of each is named."""


def summary(
    date: Annotated[str, typer.Option(help="哪一天，如 2026-11-22，不写就是今天")] = "",
    form: Annotated[
        str, typer.Option("--format", help="text、markdown、json、html 或 png，不写就看 --out 的后缀")
    ] = "",
    target: Annotated[
        Path | None, typer.Option("--out", help="写进哪个文件，- 为标准输出；png 不能显示在终端")
    ] = None,
    send: Annotated[bool, typer.Option("--send", help="放进待发通知，发给工作群；没有变化就不再发")] = False,
    as_json: Json = False,
) -> int:
    """The day's unclosed with who follows each, and what the day came to (R-000-05)."""
    shape = "json" if as_json else form or _by_suffix(target)
    if shape not in _FORMATS:
        raise BadInput("格式", f"「{shape}」不认识", f"可用的有 {'、'.join(_FORMATS)}")
    if not send and target is None and shape in ("text", "json"):
        return hot.summary(date, shape == "json")
    if send and pipes.named(target):
        raise typer.BadParameter("--send 和 --out - 一次只能用一个")
    if shape == "png" and target is None and not send:
        raise BadInput("格式", "图片不能显示在终端里", "请加 --out 汇总.png 写进文件")
    with opened() as desk:
        day = moment(desk, date, "日期")
        at = None if day is None else desk.reports.end_of_day(day)
        if send:
            _sent(desk, at, shape == "json")
        elif target is None:
            out.say(_summary(desk, at, shape).decode().rstrip("\n"))
        if pipes.named(target):
            pipes.stdout("png" if shape == "png" else "").write(_summary(desk, at, shape))
        elif target is not None:
            _written(desk.reports.save(target, _summary(desk, at, shape)))
    return 0


def _by_suffix(target: Path | None) -> str:
    """The form that a file's name asks for; text where it asks for none."""
    suffix = target.suffix.lower().lstrip(".") if target is not None else ""
    named = {"htm": "html", "markdown": "markdown", **{ending: shape for shape, ending in _FORMATS.items()}}
    return named.get(suffix, "text")


def _summary(desk: Desk, at: Instant | None, shape: str) -> bytes:
    """The summary as it leaves the house: masked as an ordinary agent would see it."""
    day = desk.reports.summary(at, outside=True)
    if shape == "png":
        from frontdesk.sheets.summary_card import summary_png

        return summary_png(day)
    if shape == "html":
        from frontdesk.sheets.summary_html import summary_html

        return summary_html(day).encode()
    if shape == "markdown":
        from frontdesk.sheets.summary_markdown import summary_markdown

        return f"{summary_markdown(day)}\n".encode()
    from frontdesk.sheets.summary import summary_json, summary_text

    if shape == "json":
        return f"{json.dumps(summary_json(day), ensure_ascii=False, indent=2)}\n".encode()
    return f"{summary_text(day)}\n".encode()


def _sent(desk: Desk, at: Instant | None, as_json: bool) -> None:
    posted = desk.reports.send_summary(at)
    if as_json:
        out.document({"edition": posted.edition, "new": posted.new})
    elif not posted.new:
        out.say("当日汇总没有变化，已经发过，没有再发。")
    elif posted.edition > 1:
        out.say(f"当日汇总与上次发的不同，已作为第 {posted.edition} 版放进待发通知。")
    else:
        out.say("当日汇总已放进待发通知。")
    if posted.lacking:
        out.warn(f"汇总图片没有附上，其余照发：{posted.lacking}")


def _written(written: Written) -> None:
    out.say(f"{written.path}（{'已写出' if written.changed else '没有变化'}）")
    if written.warning:
        out.warn(written.warning)


report = Commands()
Month = Annotated[str, typer.Option(help="哪个月，如 2026-11，不写就是本月")]


@report.command("kpi", help="绩效 3:3:4：处理量、好评率、解决率，和服务之星；口径见 --meanings")
def report_kpi(
    month: Month = "",
    target: Annotated[Path | None, typer.Option("--out", help="写成哪个 xlsx，或写到哪个文件夹")] = None,
    meanings: Annotated[bool, typer.Option("--meanings", help="只说明每项怎么算")] = False,
    as_json: Json = False,
) -> int:
    """Points of the month for everybody and every department, with all that they were made of."""
    from frontdesk.sheets import kpi_text

    if meanings:
        out.say(kpi_text.meanings())
        return 0
    pipes.only_file(target, "kpi.xlsx")
    with opened() as desk:
        found = desk.reports.kpi(month or f"{local(desk.now()):%Y-%m}")
        if target is not None:
            _written(desk.reports.write_kpi(found, target))
    tables = {"operators": found.people, "departments": found.departments}
    if as_json:
        out.document(kpi_text.kpi_json(found.site, found.month, found.until, tables))
    elif target is None:
        _show_kpi(kpi_text.heading(found.site, found.month, found.until), tables.values())
        out.say(kpi_text.star_line(found.people))
        out.say("每项怎么算：frontdesk report kpi --meanings；带过程的表：--out 文件.xlsx")
    return 0


def _show_kpi(title: str, tables: Iterable[Table]) -> None:
    from frontdesk.sheets import kpi_text

    for table, name in zip(tables, ("人员", "部门"), strict=True):
        head = f"{title}　{name}"
        if not table.scores:
            out.say(f"{head}：本月没有可计的工单。")
        elif sys.stdout is not None and sys.stdout.isatty():
            from frontdesk.cli.kpi_table import show

            show(table, head)
        else:
            out.say(head)
            out.say(out.columns([kpi_text.HEAD, *kpi_text.lines(table)]))


@report.command(
    "service", help="服务改进报告：集中诉求、趋势、响应与维修、费用、措施与成效、案例；可交业委会"
)
def report_service(
    month: Month = "",
    form: Annotated[str, typer.Option("--format", help="docx 或 markdown，不写就看 --out 的后缀")] = "",
    target: Annotated[
        Path | None, typer.Option("--out", help="写成哪个文件，或写到哪个文件夹；不写就放进 exports")
    ] = None,
    example: Annotated[
        bool, typer.Option("--example", help="只显示整改措施 measures.toml 怎么写、放在哪里")
    ] = False,
) -> int:
    """The improvement report of the month."""
    if example:
        from frontdesk.domain.measures import EXAMPLE, FILE

        with opened() as desk:
            out.warn(f"放在：{desk.settings.home / FILE}")
        out.say(EXAMPLE.rstrip("\n"))
        return 0
    by_name = "markdown" if target is not None and target.suffix.lower() in (".md", ".markdown") else "docx"
    shape = form or by_name
    if shape not in ("docx", "markdown"):
        raise BadInput("格式", f"「{shape}」不认识", "可用的有 docx、markdown")
    if pipes.named(target) and shape == "markdown":
        target = None
    pipes.only_file(target, "报告.docx")
    with opened() as desk:
        found = desk.reports.service(month or f"{local(desk.now()):%Y-%m}")
        if shape == "markdown" and target is None:
            from frontdesk.sheets.service_report import service_markdown

            out.say(service_markdown(found).rstrip("\n"))
        else:
            _written(desk.reports.write_service(found, shape, target))
    if found.lessons:
        # The report names no ticket; whoever prepares the training needs to find them.
        told = "、".join(f"案例{place} {each.number}" for place, each in enumerate(found.lessons, 1))
        out.warn(f"案例对应的工单（报告里不写）：{told}")
    return 0


def suggest(
    text: Annotated[str, typer.Argument(metavar="一句话", help="业主说的话，汉字、拼音或首字母")] = "",
    file: Annotated[
        Path | None,
        typer.Option("--file", help="一行一句，或含 utterance 的 JSONL，- 为标准输入；每行输出一份 JSON"),
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
        raw = pipes.stdin() if pipes.named(file) else file.expanduser().read_bytes()
        lines = raw.decode("utf-8-sig").split("\n")
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
