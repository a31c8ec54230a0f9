"""升级: how often and why a matter went up the ladder, whether it was taken, and every step of the month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from frontdesk.domain.month import Month
from frontdesk.domain.month_pages import Climb
from frontdesk.domain.terms import ESCALATE_CAUSES
from frontdesk.sheets.book import Styles, columns, letter, title_rows
from frontdesk.sheets.cells import data_text, serial
from frontdesk.sheets.details import label
from frontdesk.sheets.figures import TOTAL
from frontdesk.sheets.lists import Block, Formula, Listed, heading, listing, note, put, summed, table

if TYPE_CHECKING:
    from frontdesk.sheets.listing import Listing

PAGE: Final = "升级"
_WAITING: Final = "未确认"


def write_climbs(sheet: Listing, styles: Styles, month: Month, subtitle: str) -> int:
    """The page; answers the row that is to be repeated when it is printed."""
    columns(sheet, [18, 14, 24, 13, 15, 14, 18, 14, 12])
    title_rows(sheet, styles, "服务上移", subtitle)
    heading(sheet, styles, 3, "原因 × 层级")
    rungs = list(dict.fromkeys(_rung(one) for one in sorted(month.climbs, key=lambda one: one.step.level)))
    causes = {one.step.cause: one.step.cause for one in month.climbs} | ESCALATE_CAUSES
    causes = {**ESCALATE_CAUSES, **causes}
    found: dict[tuple[str, str], list[str]] = {}
    for one in month.climbs:
        found.setdefault((one.step.cause, _rung(one)), []).append(one.ticket.number)
    last = letter(len(rungs))
    rows: list[list[float | str | Formula | None]] = [
        [
            data_text(words),
            *(len(found.get((cause, rung), ())) for rung in rungs),
            Formula(
                f"=SUM(B{row + 1}:{last}{row + 1})" if rungs else "=0",
                sum(one.step.cause == cause for one in month.climbs),
            ),
        ]
        for row, (cause, words) in enumerate(causes.items(), 5)
    ]
    looks = ["name", *["count"] * len(rungs), "sum"]
    block = table(sheet, styles, 4, ["上移原因", *rungs, TOTAL], looks, rows)
    for row, cause in enumerate(causes, block.first):
        for place, rung in enumerate(rungs, 1):
            numbers = found.get((cause, rung), [])
            note(sheet, row, place, numbers, len(numbers), "，全部见下表")
    _totals(sheet, styles, block, month, rungs)
    listed = block.total + 3
    waiting = sum(one.step.acknowledged_at is None for one in month.climbs)
    told = f"其中 {waiting} 次至数据截至时仍无人确认" if waiting else ""
    heading(sheet, styles, listed - 1, f"上移明细（{len(month.climbs)} 次）", told)
    end = listing(sheet, styles, listed, _columns(), month.climbs)
    rule = {"type": "cell", "criteria": "==", "value": f'"{_WAITING}"', "format": styles["red"]}
    sheet.conditional_format(listed + 1, 7, end, 7, rule)
    sheet.freeze_panes(2, 1)
    return listed


def _rung(one: Climb) -> str:
    return data_text(one.step.rung) or f"第 {one.step.level} 级"


def _totals(sheet: Listing, styles: Styles, block: Block, month: Month, rungs: list[str]) -> None:
    sheet.set_row(block.total, 20)
    put(sheet, block.total, 0, TOTAL, styles["sum_name"])
    for place, rung in enumerate(rungs, 1):
        count = sum(_rung(one) == rung for one in month.climbs)
        put(sheet, block.total, place, summed(place, block, count), styles["sum"])
    whole = summed(len(rungs) + 1, block, len(month.climbs))
    put(sheet, block.total, len(rungs) + 1, whole, styles["sum"])


def _columns() -> tuple[Listed, ...]:
    from frontdesk.sheets.listing import number, text

    def taken(one: Climb) -> int | None:
        return one.step.acknowledged_at

    return (
        Listed("上移时间", "date", False, lambda one: number(serial(one.step.at))),
        Listed("受理编号", "middle", True, lambda one: text(data_text(one.ticket.number))),
        Listed("投诉分类", "text", True, lambda one: text(label("categories", one.ticket.category))),
        Listed("责任部门", "middle", True, lambda one: text(label("departments", one.ticket.department))),
        Listed("上移至", "middle", True, lambda one: text(_rung(one))),
        Listed("原因", "middle", True, lambda one: text(ESCALATE_CAUSES.get(one.step.cause, one.step.cause))),
        Listed(
            "确认接手",
            "date",
            False,
            lambda one: number(None if taken(one) is None else serial(taken(one) or 0)),
        ),
        Listed("状态", "middle", True, lambda one: _WAITING if taken(one) is None else "已接手"),
        Listed(
            "等了（分钟）",
            "share",
            False,
            lambda one: number(
                None if taken(one) is None else round(((taken(one) or 0) - one.step.at) / 60, 1)
            ),
        ),
    )
