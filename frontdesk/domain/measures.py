"""What a manager did about a concern: measures.toml in the home, read for the service improvement report (R-000-19)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from frontdesk.domain.errors import BadInput
from frontdesk.domain.privacy import one_line, redact
from frontdesk.domain.timing import month_bounds

FILE: Final = "measures.toml"
EXAMPLE: Final = """\
# 整改措施，一条一节。《服务改进报告》把它们列出来，下个月再对照同类诉求的前后数字。
[[measure]]
month = "2026-11"               # 哪个月采取的
category = "工程维修-电梯"      # 照 categories.toml 写，也可以只写大类「工程维修」
measure = "更换 3 号楼曳引轮，维保改为每周一次"
responsible = "工程部"          # 部门、岗位或单位，不写人名：报告要给业委会看
cost = 12800                    # 元，可不写
date = 2026-11-18               # 完成日期，可不写
"""
"""How the file is written; `report service --example` shows it."""
_FIELDS: Final = ("month", "category", "measure", "responsible", "cost", "date")
_LONGEST: Final = 200
_DEAREST: Final = 100_000_000


class Measure(NamedTuple):
    """One measure. `category` is a whole path or its first level; `cost` in fen, None where none was entered."""

    month: str
    category: str
    measure: str
    responsible: str
    cost: int | None = None
    date: date | None = None

    def about(self, category: str) -> bool:
        """Whether it is about tickets of that category."""
        return category == self.category or category.startswith(f"{self.category}-")


def parse_measures(
    document: Mapping[str, Any], categories: Collection[str], people: Collection[str] = ()
) -> tuple[Measure, ...]:
    """The measures in the order of months and of the file; `BadInput` names the entry, the problem and the remedy.

    `people` are names that must not stand in it.
    """
    if unknown := [name for name in document if name != "measure"]:
        raise BadInput(FILE, f"不认识 {'、'.join(map(str, unknown))}", "每条措施请写成一节 [[measure]]")
    entries = document.get("measure", [])
    if not isinstance(entries, list):
        raise BadInput(FILE, "[measure] 少了一层方括号", "每条措施请写成一节 [[measure]]")
    found = [_measure(entry, place, categories, people) for place, entry in enumerate(entries, 1)]
    return tuple(sorted(found, key=lambda each: each.month))


def _measure(entry: object, place: int, categories: Collection[str], people: Collection[str]) -> Measure:
    where = f"{FILE} 第 {place} 条"
    if not isinstance(entry, Mapping):
        raise BadInput(where, "不是一节", "请写成 [[measure]]")
    if unknown := [str(name) for name in entry if name not in _FIELDS]:
        raise BadInput(where, f"不认识 {'、'.join(unknown)}", f"可用的有 {'、'.join(_FIELDS)}")
    month = _words(entry, "month", where)
    try:
        month_bounds(month)
    except BadInput as bad:
        raise BadInput(f"{where} month", bad.problem, bad.remedy) from None
    category = _words(entry, "category", where)
    known = {*categories, *(name.partition("-")[0] for name in categories)}
    if category not in known:
        raise BadInput(
            f"{where} category", f"没有「{category}」这个分类", "请照 categories.toml 写，如 工程维修-电梯"
        )
    measure, responsible = (_words(entry, name, where) for name in ("measure", "responsible"))
    for field, text in (("measure", measure), ("responsible", responsible)):
        if redact(text).found or (named := next((name for name in people if name and name in text), "")):
            wrong = f"写了人名「{named}」" if not redact(text).found else "写了电话、证件或车牌"
            raise BadInput(f"{where} {field}", wrong, "报告要给业委会看，请写部门或岗位")
    return Measure(month, category, measure, responsible, _cost(entry, where), _date(entry, where))


def _words(entry: Mapping[str, Any], field: str, where: str) -> str:
    value = entry.get(field)
    if value is None or value == "":
        raise BadInput(f"{where} {field}", "没有填写", f"请补上；一条要有 {'、'.join(_FIELDS[:4])}")
    if not isinstance(value, str):
        raise BadInput(f"{where} {field}", f"「{value}」不是文字", '请用引号括起来，如 "2026-11"')
    words = one_line(value)
    if not words or len(words) > _LONGEST:
        raise BadInput(f"{where} {field}", "是空的" if not words else f"超过 {_LONGEST} 字", "请改写")
    return words


def _cost(entry: Mapping[str, Any], where: str) -> int | None:
    value = entry.get("cost")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _DEAREST:
        raise BadInput(f"{where} cost", f"「{value}」不是金额", "请写元数，如 12800 或 980.5，不写单位和引号")
    return round(value * 100)


def _date(entry: Mapping[str, Any], where: str) -> date | None:
    value = entry.get("date")
    if value is None:
        return None
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            value = f"「{value}」"
    # A date with a time is a date as well; what was meant is the day.
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    raise BadInput(f"{where} date", f"{value} 不是日期", "请写成 2026-11-18，不加引号")


def money(cost: int) -> str:
    """`12,800.00 元`."""
    return f"{cost / 100:,.2f} 元"
