"""Residents and old tickets as tables bring them in: a row becomes a value, or says what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from frontdesk.domain.cells import (
    Cells,
    Row,
    category,
    choice,
    day,
    moment,
    one_phone,
    phones_of,
    required,
    tags,
)
from frontdesk.domain.errors import BadInput
from frontdesk.domain.phones import Phone, half_width, match_keys, parse_phone, phone_key
from frontdesk.domain.privacy import clean, one_line
from frontdesk.domain.terms import CHANNELS, KINDS, PRIORITIES, STATUSES
from frontdesk.domain.timing import Instant
from frontdesk.domain.units import unit_key, unit_of_parts, unit_text

__all__ = [
    "Phone",
    "Resident",
    "TicketDraftRow",
    "match_keys",
    "parse_phone",
    "phone_key",
    "phones_of",
    "resident_columns",
    "resident_from_row",
    "ticket_columns",
    "ticket_fields_from_row",
    "unit_key",
    "unit_text",
]


@dataclass(frozen=True, slots=True)
class Resident:
    """An owner or resident as imported: phones in their one spelling (`Phone.text`), the unit as shown."""

    name: str
    phones: tuple[str, ...]
    unit: str
    tags: tuple[str, ...] = ()
    moved_in: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class TicketDraftRow:
    """An old ticket as imported; "" and None stand for what the row does not say. Times are UTC seconds."""

    text: str
    title: str = ""
    external_id: str = ""
    opened_at: Instant | None = None
    closed_at: Instant | None = None
    unit: str = ""
    phone: str = ""
    name: str = ""
    kind: str = ""
    category: str = ""
    priority: str = ""
    channel: str = ""
    status: str = ""


_ALIASES = {
    "resident": {
        "name": "姓名 业主姓名 业主 户主 户主姓名 住户 住户姓名 客户姓名 客户名称 name owner",
        "phones": "电话 手机 手机号 手机号码 电话号码 联系电话 联系方式 固定电话 座机 备用电话 "
        "phone mobile tel",
        "building": "楼栋 楼栋号 栋 栋号 楼号 楼座 幢 building",
        "section": "单元 单元号 unit",
        "room": "房号 室 室号 房间 房间号 房屋 房屋编号 房产 门牌 门牌号 room",
        "tags": "标签 偏好 tag tags",
        "moved_in": "入住日期 入住时间 入住 交房日期 moved_in move_in",
        "note": "备注 说明 note notes remark",
    },
    "ticket": {
        "external_id": "外部编号 编号 单号 工单号 工单编号 来电编号 external_id id call_id ticket_id",
        "title": "标题 主题 title subject",
        "text": "内容 诉求 诉求内容 描述 问题描述 正文 text body content",
        "opened_at": "受理时间 时间 日期 创建时间 来电时间 opened_at date created_at received_at",
        "unit": "房号 楼栋 栋 单元 室 房间 房间号 unit building room",
        "phone": "电话 手机 手机号 联系电话 联系方式 来电号码 phone mobile tel",
        "name": "姓名 业主姓名 业主 来电人 联系人 name caller",
        "kind": "类型 诉求类型 kind",
        "category": "类别 分类 诉求分类 category",
        "priority": "优先级 紧急程度 priority",
        "channel": "渠道 来源渠道 受理渠道 channel",
        "status": "状态 工单状态 status",
        "closed_at": "关闭时间 办结时间 完成时间 closed_at",
    },
}


def resident_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns of a residents' table that will not be read; `BadInput` where 姓名 or 房号 is missing."""
    known = _known(tuple(columns), "resident")
    fields = set(known.values())
    if "name" not in fields or not fields & {"room", "section"}:
        missing = "房号" if "name" in fields else "姓名"
        raise BadInput(
            "表头", f"没有「{missing}」一列", "请把列名写成：姓名、电话、房号、标签、入住日期、备注"
        )
    return tuple(column for column in columns if column not in known)


def resident_from_row(row: Row, line: int) -> Resident:
    """A row of the residents' table; 房号 stands in one column or spread over 楼栋, 单元 and 室.

    `BadInput` names the line and the field. Move-in dates run from 1950 to 2099.
    """
    cells = Cells(row, _known(tuple(row), "resident"))
    try:
        return Resident(
            name=required(" ".join(dict.fromkeys(map(one_line, cells["name"]))), "姓名", 64),
            phones=phones_of(" / ".join(cells["phones"])),
            unit=unit_of_parts([*cells["building"], *cells["section"], *cells["room"]]),
            tags=tags("、".join(cells["tags"])),
            moved_in=day(one_line(" ".join(cells["moved_in"])), "入住日期"),
            note=clean("\n".join(cells["note"]), "备注", 2_000),
        )
    except BadInput as bad:
        raise BadInput(f"第 {line} 行 {bad.field}", bad.problem, bad.remedy) from None


def ticket_columns(columns: Sequence[str], chosen: Mapping[str, str] | None = None) -> dict[str, str]:
    """Column → field of `TicketDraftRow`: what the user chose (`--map`), then the usual names.

    A column mapped to "" is left out; a field that was given a column is filled from no other by its name.
    `BadInput` for a column or field that does not exist, and where no column holds the text.
    """
    wanted, fields = dict(chosen or {}), _ALIASES["ticket"]
    for column, field in wanted.items():
        if column not in columns:
            raise BadInput("列对应", f"表里没有「{column}」一列", f"表里的列：{'、'.join(columns)}")
        if field and field not in fields:
            raise BadInput("列对应", f"没有「{field}」这个字段", f"可选：{'、'.join(fields)}")
    usual = {c: f for c, f in _known(tuple(columns), "ticket").items() if f not in wanted.values()}
    mapped = {column: field for column in columns if (field := {**usual, **wanted}.get(column, ""))}
    if not {"text", "title"} & set(mapped.values()):
        raise BadInput("表头", "没有诉求内容一列", "请用 --map 列名=text 指明哪一列是内容")
    return mapped


def ticket_fields_from_row(
    row: Row,
    columns: Mapping[str, str],
    *,
    line: int,
    now: Instant,
    categories: Collection[str] = (),
    lenient_opening: bool = False,
) -> TicketDraftRow:
    """A row of old tickets under the mapping of `ticket_columns`.

    Columns for the unit are joined in the table's order, those for the text by lines. Kinds, priorities,
    channels and states are identifiers or labels of `terms`; with `categories` given, a category must be one
    of them or the last part of just one. Times without offset are Asia/Shanghai, from 2000 to `now`.
    With `lenient_opening` (the caller has a time for such rows, `--at`) an unreadable one counts as not given.
    `BadInput` names the line and the field.
    """
    cells = Cells(row, columns)
    try:
        opened, closed = (
            moment(cells.one("opened_at"), now, "受理时间", lenient_opening),
            moment(cells.one("closed_at"), now, "关闭时间"),
        )
        if opened is not None and closed is not None and closed < opened:
            raise BadInput("关闭时间", "早于受理时间", "请核对两个时间")
        title = clean(cells.one("title"), "标题", 200)
        return TicketDraftRow(
            text=required("\n".join(cells["text"]).strip() or title, "内容", 10_000),
            title=title,
            external_id=clean(cells.one("external_id"), "编号", 64),
            opened_at=opened,
            closed_at=closed,
            unit=unit_of_parts(cells["unit"]) if cells["unit"] else "",
            phone=one_phone(" / ".join(cells["phone"])),
            name=clean(cells.one("name"), "姓名", 64),
            kind=choice(cells.one("kind"), KINDS, "类型"),
            category=category(cells.one("category"), categories),
            priority=choice(cells.one("priority"), PRIORITIES, "优先级"),
            channel=choice(cells.one("channel"), CHANNELS, "渠道"),
            status=choice(cells.one("status"), STATUSES, "状态"),
        )
    except BadInput as bad:
        raise BadInput(f"第 {line} 行 {bad.field}", bad.problem, bad.remedy) from None


@lru_cache(maxsize=16)
def _known(columns: tuple[str, ...], table: str) -> dict[str, str]:
    """Column → field by the usual names, whatever stars, brackets, blanks or numbers a form adds."""
    fields = {name: field for field, names in _ALIASES[table].items() for name in (field, *names.split())}
    bare = {c: re.sub(r"\(.*?\)|[\s*:]", "", half_width(one_line(c)).lower()) for c in columns}
    found = {c: fields.get(name) or fields.get(name.rstrip("0123456789")) for c, name in bare.items()}
    return {column: field for column, field in found.items() if field}
