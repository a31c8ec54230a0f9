"""measures.toml: what a manager writes is taken as it is meant, or refused with the entry, the problem and the remedy."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pytest

from frontdesk.domain.errors import BadInput
from frontdesk.domain.measures import EXAMPLE, Measure, money, parse_measures

CATEGORIES = ("工程维修-电梯", "工程维修-门禁对讲", "收费-物业费")
GOOD = """
[[measure]]
month = "2026-11"
category = "工程维修"
measure = "夜间增设一名值班电工"
responsible = "工程部"
cost = 3600.5

[[measure]]
month = "2026-10"
category = "工程维修-电梯"
measure = "更换曳引轮"
responsible = "维保单位"
cost = 12800
date = 2026-10-18
"""


def parse(text: str) -> tuple[Measure, ...]:
    return parse_measures(tomllib.loads(text), CATEGORIES, ("小林", "陈主任", ""))


def test_measures_come_by_month_with_cost_in_fen() -> None:
    first, second = parse(GOOD)
    assert first == Measure(
        "2026-10", "工程维修-电梯", "更换曳引轮", "维保单位", 1_280_000, date(2026, 10, 18)
    )
    assert second == Measure("2026-11", "工程维修", "夜间增设一名值班电工", "工程部", 360_050)
    assert (money(360_050), money(0)) == ("3,600.50 元", "0.00 元")


def test_a_first_level_is_about_all_below_it_and_a_path_only_about_itself() -> None:
    lift, whole = parse(GOOD)
    assert whole.about("工程维修-电梯") and whole.about("工程维修") and not whole.about("工程维修部-电梯")
    assert lift.about("工程维修-电梯") and not lift.about("工程维修-门禁对讲")


def test_the_example_is_taken_as_it_stands() -> None:
    (found,) = parse(EXAMPLE)
    assert found.about("工程维修-电梯") and found.cost == 1_280_000 and found.date == date(2026, 11, 18)


def test_no_measures_is_no_mistake() -> None:
    assert parse("") == ()


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("month", '"2026-13"', ("第 1 条 month", "不是年月", "2026-11")),
        ("month", "2026", ("第 1 条 month", "不是文字", "引号")),
        ("category", '"电梯"', ("第 1 条 category", "没有「电梯」这个分类", "categories.toml")),
        ("measure", '""', ("第 1 条 measure", "没有填写", "请补上")),
        ("measure", '"更换"'.replace("更换", "换" * 201), ("第 1 条 measure", "超过 200 字", "请改写")),
        ("responsible", '"小林"', ("第 1 条 responsible", "写了人名「小林」", "部门或岗位")),
        ("measure", '"由陈主任督办"', ("第 1 条 measure", "写了人名「陈主任」", "部门或岗位")),
        ("measure", '"联系 19900004821"', ("第 1 条 measure", "电话", "部门或岗位")),
        ("cost", '"12800元"', ("第 1 条 cost", "不是金额", "不写单位")),
        ("cost", "-1", ("第 1 条 cost", "不是金额", "元数")),
        ("cost", "nan", ("第 1 条 cost", "不是金额", "元数")),
        ("cost", "true", ("第 1 条 cost", "不是金额", "元数")),
        ("date", '"下周"', ("第 1 条 date", "不是日期", "2026-11-18")),
        ("date", "5", ("第 1 条 date", "不是日期", "2026-11-18")),
        ("who", '"工程部"', ("第 1 条", "不认识 who", "responsible")),
    ],
)
def test_a_mistake_is_named_with_its_entry_and_remedy(field: str, value: str, told: tuple[str, ...]) -> None:
    fields = {"month": '"2026-11"', "category": '"工程维修"', "measure": '"巡查"', "responsible": '"工程部"'}
    text = "\n".join(f"{name} = {shown}" for name, shown in (fields | {field: value}).items())
    with pytest.raises(BadInput) as refused:
        parse(f"[[measure]]\n{text}\n")
    assert all(words in str(refused.value) for words in told), str(refused.value)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"measure": {"month": "2026-11"}}, "一节 [[measure]]"),
        ({"measures": []}, "不认识 measures"),
        ({"measure": ["更换"]}, "第 1 条"),
        ({"measure": [{}]}, "第 1 条 month"),
    ],
)
def test_a_document_of_another_shape_is_refused(document: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_measures(document, CATEGORIES)
    assert told in str(refused.value)


def test_a_date_may_be_written_with_quotes_or_with_a_time() -> None:
    for value in ('"2026-11-18"', "2026-11-18", "2026-11-18T08:30:00"):
        text = GOOD.replace("date = 2026-10-18", f"date = {value}")
        assert parse(text)[0].date == date(2026, 11, 18)
