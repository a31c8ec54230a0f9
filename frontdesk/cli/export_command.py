"""`export`: the monthly sheet, daily by cron or for one month."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontdesk.cli import out, pipes
from frontdesk.cli.house_commands import Json
from frontdesk.cli.session import opened
from frontdesk.domain.errors import BadInput

if TYPE_CHECKING:
    from frontdesk.sheets.files import Written


def add_to(app: typer.Typer) -> None:
    """Put the command on the application."""
    app.command("export", help="写出顾客投诉分类统计表；数据没变，文件就不变")(export)


def export(
    month: Annotated[str, typer.Option(help="哪个月，如 2026-11；不写就写本月，并补上还没有定稿的月份")] = "",
    folder: Annotated[Path | None, typer.Option("--out", help="写到哪个文件夹")] = None,
    close: Annotated[bool, typer.Option("--close", help="月末已过，提前定稿（项目经理）")] = False,
    reissue: Annotated[
        bool, typer.Option("--reissue", help="给已定稿的月份出新版，须写 --reason（项目经理）")
    ] = False,
    reason: Annotated[str, typer.Option(help="重出的原因，写在表上")] = "",
    template: Annotated[
        Path | None, typer.Option(help="公司自己的模板（xlsx），按单元格名称填写，格式不动")
    ] = None,
    every: Annotated[bool, typer.Option("--all-months", help="从第一张工单起，每个月都写")] = False,
    editions: Annotated[bool, typer.Option("--editions", help="只列出各月的版次，不写文件")] = False,
    as_json: Json = False,
) -> int:
    """Write the monthly sheet."""
    from frontdesk.desk.sheet_desk import Asked

    pipes.only_file(folder, "报表")
    if (close or reissue) and not month:
        raise BadInput("--month", "没有填写", "定稿和重出都要指明哪个月，如 --month 2026-11")
    if every and month:
        raise BadInput("--all-months", "与 --month 只能选一个", "请去掉其中一个")
    if reason and not reissue:
        raise BadInput("--reason", "只用于重出", "请同时写 --reissue")
    with opened() as desk:
        if editions:
            return _editions(desk.sheets.history(), as_json)
        if month:
            found: Iterable[Written] = [
                desk.sheets.export(month, folder, Asked(close, reissue, reason, template))
            ]
        else:
            found = (desk.sheets.all if every else desk.sheets.due)(folder, template)
        if as_json:
            out.listing("files", [_json(each) for each in found])
            return 0
        for written in found:
            out.say(f"{written.path}（{'已写出' if written.changed else '没有变化'}）")
            if written.warning:
                out.warn(written.warning)
    return 0


def _json(written: Written) -> dict[str, object]:
    return {"path": str(written.path), "changed": written.changed, "warning": written.warning}


def _editions(found: list[tuple[str, int, int, str, str, str, str]], as_json: bool) -> int:
    from frontdesk.domain.timing import iso, local

    if as_json:
        names = ("month", "number", "at", "by", "reason", "digest", "state")
        out.listing("editions", ({**dict(zip(names, row, strict=True)), "at": iso(row[2])} for row in found))
        return 0
    rows = [
        (
            *(row[0], f"第{row[1]}版", "已定稿" if row[6] == "closed" else "未定稿"),
            *(f"{local(row[2]):%Y-%m-%d %H:%M}", row[3], row[5][:16], row[4]),
        )
        for row in found
    ]
    heads = ("月份", "版次", "状态", "时间", "经办", "校验码", "原因")
    out.say(out.columns([heads, *rows]) if rows else "还没有导出过。")
    return 0
