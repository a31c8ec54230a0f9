"""The pages that are read rather than looked up: 汇总, 渠道与部门, 说明."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from frontdesk.domain.tallies import FIGURES, Figures, MonthTally
from frontdesk.sheets.book import Styles, across, columns
from frontdesk.sheets.cells import lines, note_text, width
from frontdesk.sheets.details import Index
from frontdesk.sheets.figures import (
    BALANCE,
    COLUMNS,
    ON_TIME_RATE,
    SATISFIED_RATE,
    TOTAL,
    WITH_PROMISES,
    Table,
    labelled,
)
from frontdesk.sheets.notes import KEY, MEASURE, REMARK, Note

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_HEAD: Final = 6
"""Row of 汇总 that holds the headings, counted from 0."""

_NOTES: Final = ((REMARK, 22), (MEASURE, 30))
# column key, first and last column that its tile covers
_TILES: Final = (
    ("carried_over", 0, 0),
    ("opened", 1, 3),
    ("closed", 4, 6),
    ("still_open", 7, 9),
    (ON_TIME_RATE, 10, 13),
    (SATISFIED_RATE, 14, 15),
    ("escalated", 16, 16),
)
_SIGNS: Final = " ＋ ", " ＝ ", " ＋ ", "　"


def write_summary(
    sheet: Worksheet,
    styles: Styles,
    index: Index,
    rows: Mapping[str, Figures],
    totals: Figures,
    notes: Mapping[str, Note],
    subtitle: str,
) -> None:
    """The page that head office reads: category × figures, the balance, and two columns to fill in."""
    table = Table(sheet, styles, index, "categories", COLUMNS)
    edge, first = len(COLUMNS) + len(_NOTES), _HEAD + 1
    end = first + len(rows)
    widest = max([16, *(width(name) + 4 for name in rows)])
    columns(sheet, [min(widest, 32), *[6.8] * len(COLUMNS), *(size for _, size in _NOTES)])
    sheet.set_row(0, 38)
    across(sheet, 0, 0, edge, "顾客投诉分类统计表", styles["title"])
    sheet.set_row(1, 20)
    across(sheet, 1, 0, edge, subtitle, styles["subtitle"])
    _tiles(table, end, totals)
    sheet.set_row(4, 8)
    table.head(_HEAD, KEY, [("人工填写（重新导出时保留）", heading) for heading, _ in _NOTES])
    for row, (name, figures) in enumerate(rows.items(), first):
        table.line(row, name, figures)
        _note(sheet, styles, row, notes.get(name, Note()))
    table.total(first, end, totals)
    _note(sheet, styles, end, notes.get(TOTAL, Note()))
    _balance(table, end, edge, totals)
    _signatures(sheet, styles, end + 3, edge)
    table.alarms(first, end)
    sheet.freeze_panes(first, 1)


def _tiles(table: Table, total: int, totals: Figures) -> None:
    """The month in seven numbers, taken from the total row."""
    shown = [(next(c for c in COLUMNS if c.key == key), first, last) for key, first, last in _TILES]
    table.sheet.set_row(2, 18)
    for column, first, last in shown:
        across(table.sheet, 2, first, last, column.label, table.styles["tile_label"])
    table.sheet.set_row(3, 32)
    for column, first, last in shown:
        style = table.styles["tile_rate" if column.good else "tile"]
        across(table.sheet, 3, first, last, "", style)
        formula = f"={table.cell(column.key, total)}"
        table.sheet.write_formula(3, first, formula, style, column.value(totals))


def _note(sheet: Worksheet, styles: Styles, row: int, note: Note) -> None:
    """The two cells for people, tall enough for what stands in them."""
    taken = max(lines(text, size) for text, (_, size) in zip(note, _NOTES, strict=True))
    sheet.set_row(row, min(400.0, max(21.0, 15.0 * taken + 6)))
    for place, text in enumerate(note, len(COLUMNS) + 1):
        if text:
            sheet.write_string(row, place, note_text(text), styles["note"])
        else:
            sheet.write_blank(row, place, None, styles["note"])


def _balance(table: Table, total: int, edge: int, totals: Figures) -> None:
    """Opening + new = closed + carried, said by the page from its own numbers."""
    carried, opened, closed, still = (table.cell(key, total) for key in BALANCE)
    terms = [(FIGURES[key].label, table.cell(key, total), getattr(totals, key)) for key in BALANCE]
    formula = "&".join(
        f'"{name} "&{cell}&"{sign}"' for (name, cell, _), sign in zip(terms, _SIGNS, strict=True)
    )
    words = "".join(f"{name} {value}{sign}" for (name, _, value), sign in zip(terms, _SIGNS, strict=True))
    even, uneven = "（相符）", "（不符，请勿上报）"
    formula = f'="平衡核对：　"&{formula}&IF({carried}+{opened}={closed}+{still},"{even}","{uneven}")'
    style = table.styles["balance"]
    table.sheet.set_row(total + 1, 24)
    across(table.sheet, total + 1, 0, edge, "", style)
    value = f"平衡核对：　{words}{even if totals.balanced else uneven}"
    table.sheet.write_formula(total + 1, 0, formula, style, value)


def _signatures(sheet: Worksheet, styles: Styles, row: int, edge: int) -> None:
    gap = "　" * 9
    date = "报送日期：　　　　年　　月　　日"
    sheet.set_row(row, 24)
    words = f"制表：{gap}审核：{gap}项目经理：{gap}报送：公司客服中心{gap}{date}"
    across(sheet, row, 0, edge, words, styles["sign"])


def write_groups(sheet: Worksheet, styles: Styles, index: Index, tally: MonthTally, subtitle: str) -> None:
    """The same figures by kind, channel and department, with the promises beside them."""
    columns(sheet, [22, *[7.4] * len(WITH_PROMISES)])
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, "类型、渠道与责任部门", styles["heading"])
    sheet.write_string(1, 0, subtitle, styles["remark"])
    tables = (
        ("kinds", "类型", tally.kinds),
        ("channels", "来诉渠道", tally.channels),
        ("departments", "责任部门", tally.departments),
    )
    head = 4
    for group, heading, rows in tables:
        table, shown = Table(sheet, styles, index, group, WITH_PROMISES), labelled(group, rows)
        first, end = head + 1, head + 1 + len(shown)
        table.head(head, heading)
        for row, (name, figures) in enumerate(shown.items(), first):
            sheet.set_row(row, 20)
            table.line(row, name, figures)
        sheet.set_row(end, 20)
        table.total(first, end, tally.totals)
        table.alarms(first, end)
        head = end + 4
    sheet.freeze_panes(2, 1)


def write_meanings(sheet: Worksheet, styles: Styles, subtitle: str) -> None:
    """What each figure means, and what the reader must know before quoting it."""
    columns(sheet, [18, 112])
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, "口径说明", styles["heading"])
    sheet.write_string(1, 0, subtitle, styles["remark"])
    sheet.set_row(2, 22)
    for place, heading in enumerate(("指标", "含义")):
        sheet.write_string(2, place, heading, styles["head"])
    for row, (name, text) in enumerate((*FIGURES.values(), *_REMARKS), 3):
        sheet.set_row(row, 15.0 * lines(text, 108) + 7)
        sheet.write_string(row, 0, name, styles["name"])
        sheet.write_string(row, 1, text, styles["meaning"])
    sheet.freeze_panes(3, 0)


_REMARKS: Final[Sequence[tuple[str, str]]] = (
    (ON_TIME_RATE, "按时办结 ÷（按时办结＋超时办结）；没有办结的显示「—」。"),
    (SATISFIED_RATE, "满意 ÷（满意＋基本满意＋不满意）；没有回访的显示「—」。"),
    ("日末在办", "前一日在办 ＋ 当日新增 － 当日关闭；最后一日等于结转下期。"),
    ("期间", "每月一日零时起，至次月一日零时之前，北京时间。事情发生在哪个月就计入哪个月。"),
    ("数据截至", "已过完的月份为月末二十四时；当月为最后一笔记录的时间，其后没有新的变动。"),
    ("分类与部门", "按导出时工单上的分类和最近一次派单的部门；事后更正的，重新导出即随之更正。"),
    ("备注、改进措施", "由人填写，重新导出时按分类名原样保留；其余内容每次整表重算，请勿手改。"),
    ("看明细", "在汇总页点任一数字，即跳到明细页相应的工单；明细右侧各列之和就是汇总的数字。"),
    ("脱敏", "明细不含姓名和电话，房号按岗位权限显示。"),
    ("单引号", "文字以等号、加号、减号或 @ 起头的，前面加了单引号，以免被表格软件当成公式执行。"),
)
