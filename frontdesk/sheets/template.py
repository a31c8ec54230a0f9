"""The company's own workbook, filled in: cells that bear the sheet's names, and tables below anchors.

What is not named stays as it is, looks included. The parts of the file are edited as they are, not read into a model
and written anew, so that pictures, charts and print set-up of the template survive.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final

from frontdesk.domain.month import Month
from frontdesk.domain.timing import Instant
from frontdesk.sheets.cells import data_text, note_text, serial
from frontdesk.sheets.complaint_sheet import Meta
from frontdesk.sheets.details import label
from frontdesk.sheets.figures import WITH_PROMISES, Column, labelled
from frontdesk.sheets.files import Written, put
from frontdesk.sheets.notes import CAUSE, KEY, MEASURE, REMARK, NoColumns, Note, NotOurs, read_notes
from frontdesk.sheets.template_book import TemplateBook, Value, read_parts

ALIASES: Final[Mapping[str, str]] = {
    "期初": "carried_over",
    "本月新增": "opened",
    "重开": "reopened",
    "关闭": "closed",
    "作废": "void",
    "期末": "still_open",
    "及时率": "按时率",
}
"""Names by which a figure may be asked for beside its heading (上期结转, 按时办结 …)."""

_TABLES: Final = ("分类表", "部门表", "渠道表", "类型表", "每日表", "明细表", "未闭环表")
_FACTS: Final = ("项目", "期间", "数据截至", "版次", "校验码")


def fill_template(month: Month, template: Path, path: Path, meta: Meta) -> Written:
    """Fill the template and write it to `path`; `BadInput` says what is wrong with the template, `files.put` the rest.

    Named cells take figures (本月新增, 期初, 及时率 …) and facts (项目, 期间, 数据截至, 版次, 校验码). The names 分类表, 部门表,
    渠道表, 类型表, 每日表, 明细表 and 未闭环表 stand on the first row below a table's headings: the headings say what goes where,
    and the looks of that row are those of the rows that follow.
    """
    check_template(template)
    parts = read_parts(template)

    def build(handle: BinaryIO, old: Path | None) -> str:
        notes, keep = _notes(old)
        book = TemplateBook(parts)
        for name, value in _facts(month, meta).items():
            book.set_name(name, value)
        for name, rows in _tables(month, meta, notes).items():
            book.set_table(name, rows)
        book.save(handle)
        return keep

    return put(path, build, meta.now)


def check_template(template: Path) -> None:
    """`BadInput` where that file could never be filled."""
    known = {*ALIASES, *_TABLES, *_FACTS, *(column.label for column in WITH_PROMISES)}
    TemplateBook(read_parts(template)).check(known)


def _notes(old: Path | None) -> tuple[Mapping[str, Note], str]:
    """What people wrote into the earlier file; a template may well have no columns for it."""
    if old is None:
        return {}, ""
    try:
        return read_notes(old).notes, ""
    except NoColumns:
        return {}, ""
    except NotOurs as problem:
        return {}, f"{old.name} {problem}"


# --- what goes in ----------------------------------------------------------------------------------------------------


def _facts(month: Month, meta: Meta) -> dict[str, Value]:
    tally = month.tally
    whole = tally.as_of >= tally.end
    columns = {column.label: column for column in WITH_PROMISES}
    found: dict[str, Value] = {name: column.value(tally.totals) for name, column in columns.items()}
    for name, key in ALIASES.items():
        found[name] = _column(key).value(tally.totals)
    for prefix, figures in (("上月", month.previous), ("去年同月", month.year_ago)):
        for name, column in columns.items():
            number = column.number(figures)
            found[f"{prefix}{name}"] = "—" if number is None else number
    return {
        **found,
        "项目": data_text(meta.site),
        "期间": f"{tally.month[:4]}年{int(tally.month[5:])}月",
        "数据截至": serial(tally.end if whole else tally.as_of),
        "版次": meta.edition.words,
        "校验码": month.digest,
    }


def _column(key: str) -> Column:
    return next(column for column in WITH_PROMISES if column.key == key)


def _tables(month: Month, meta: Meta, notes: Mapping[str, Note]) -> dict[str, list[dict[str, Value]]]:
    tally = month.tally
    groups: dict[str, list[dict[str, Value]]] = {}
    for anchor, heading, group, rows, order in (
        ("分类表", KEY, "categories", tally.categories, meta.order),
        ("部门表", "责任部门", "departments", tally.departments, ()),
        ("渠道表", "来诉渠道", "channels", tally.channels, ()),
        ("类型表", "类型", "kinds", tally.kinds, ()),
    ):
        lines = labelled(group, rows, order)
        groups[anchor] = [
            {heading: name, **{column.label: column.value(figures) for column in WITH_PROMISES}}
            for name, figures in lines.items()
        ]
    for line in groups["分类表"]:
        note = notes.get(str(line[KEY]), Note())
        line |= {name: note_text(text) for name, text in zip((REMARK, CAUSE, MEASURE), note, strict=True)}
    groups["每日表"] = [
        {
            "日期": serial(day.start),
            "日初在办": day.opening,
            "本期新增": len(day.opened),
            "本期关闭": len(day.closed),
            "日末在办": day.still_open,
            "按时办结": len(day.on_time),
            "超时办结": len(day.late),
            "补记变动": data_text("；".join(meta.marks.get(day.name, ()))),
        }
        for day in month.own_days
    ]
    groups["明细表"] = [
        {
            "受理编号": data_text(row.number),
            "受理时间": serial(row.opened_at),
            "来诉渠道": label("channels", row.channel),
            "类型": label("kinds", row.kind),
            KEY: label("categories", row.category),
            "房号": data_text(row.unit),
            "诉求摘要": data_text(row.title),
            "责任部门": label("departments", row.department),
            "首问责任人": data_text(row.case_owner),
            "关闭时间": _when(row.closed_at),
            "最近办结": _when(row.resolved_at),
            "最近回访星级": row.score,
        }
        for row in month.details
    ]
    groups["未闭环表"] = [
        {
            "受理编号": data_text(one.ticket.number),
            "受理时间": serial(one.since),
            KEY: label("categories", one.ticket.category),
            "房号": data_text(one.ticket.unit),
            "诉求摘要": data_text(one.ticket.title),
            "责任部门": label("departments", one.ticket.department),
            "首问责任人": data_text(one.ticket.case_owner),
        }
        for one in month.unfinished
    ]
    return groups


def _when(at: Instant | None) -> Value:
    return None if at is None else serial(at)
