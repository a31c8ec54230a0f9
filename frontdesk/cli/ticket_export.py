"""`ticket export`: what was asked for, checked; the file, or the description of its columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from frontdesk.cli import out, pipes
from frontdesk.cli.people_commands import progress
from frontdesk.cli.session import opened
from frontdesk.domain.errors import BadInput
from frontdesk.domain.export import TYPES, chosen, schema
from frontdesk.domain.timing import DAY, EARLIEST, Instant, day_start, parse

if TYPE_CHECKING:
    from frontdesk.desk.export_desk import Scope

Wanted = tuple[str, str, str, str | None]
"""From, to, fields, and the reason for clear text (None for masked)."""


def export(
    file: str, kind: str, wanted: Wanted, which: tuple[bool, bool], only_schema: bool, as_json: bool
) -> int:
    """Write the file and say how many tickets it holds."""
    if only_schema:
        return _describe(as_json)
    if not file:
        raise typer.BadParameter("没有写文件。写一个文件名，或用 - 写到标准输出；只看列说明用 --schema")
    if all(which):
        raise typer.BadParameter("--open 和 --all 只能用一个")
    from frontdesk.sheets.exports import format_of

    first, last, fields, clear = wanted
    columns, form = chosen(fields), format_of(file, kind)
    with opened() as desk, progress(as_json, "导出") as advance:
        scope = _scope(first, last, which[0], desk.now())
        to_pipe = pipes.named(file)
        binary = form if form in ("xlsx", "parquet") else ""
        target = pipes.stdout(binary) if to_pipe else Path(file)
        count = desk.exports.tickets(target, form, columns, scope, clear, advance)
    told = f"已导出 {count} 件工单到{'标准输出' if to_pipe else f' {file}'}（{'明文，已记入审计' if clear is not None else '脱敏'}）。"
    if as_json and not to_pipe:
        out.document({"file": file, "format": form, "tickets": count, "clear": clear is not None})
    elif to_pipe:
        out.warn(told)
    else:
        out.say(told)
    return 0


def _describe(as_json: bool) -> int:
    described = schema()
    if as_json:
        out.document({"columns": described})
        return 0
    rows = [
        (
            each["name"],
            TYPES[each["type"]],
            each["label"],
            each["meaning"] + ("（脱敏）" if each["personal"] else ""),
        )
        for each in described
    ]
    out.say(out.columns([("字段", "类型", "名称", "含义"), *rows]))
    return 0


def _scope(first: str, last: str, still_open: bool, now: Instant) -> Scope:
    """From the first instant up to and with the last day or moment."""
    from frontdesk.desk.export_desk import Scope

    start = parse(first, now, "--from") if first else EARLIEST
    end = parse(last, now, "--to") if last else now
    # A day alone means the whole of it; a moment is meant as it stands.
    end = end + DAY if last and end == day_start(end) and ":" not in last else end + 1
    if start >= end:
        raise BadInput("--from", "晚于 --to", "请核对两个日期")
    return Scope(start, end, still_open)
