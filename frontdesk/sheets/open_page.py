"""未闭环: every ticket that was open when the count ended, red first, with who follows it (R-000-05)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from frontdesk.domain.month import Month
from frontdesk.domain.month_pages import Unfinished
from frontdesk.domain.sla import FAR
from frontdesk.domain.terms import PRIORITIES, SLA_STATES, STATUSES
from frontdesk.sheets.book import Styles, columns, title_rows
from frontdesk.sheets.cells import data_text, serial
from frontdesk.sheets.details import label
from frontdesk.sheets.lists import Listed, listing, words_alarm

if TYPE_CHECKING:
    from frontdesk.sheets.listing import Listing

PAGE: Final = "未闭环"
_HEAD: Final = 3
_ORDER: Final = ("breached", "at_risk", "on_track", "paused")


def write_open(sheet: Listing, styles: Styles, month: Month, subtitle: str) -> int:
    """The page; answers the row that is to be repeated when it is printed."""
    columns(sheet, [13, 9, 22, 7, 8, 9, 36, 12, 12, 17, 9, 17, 9])
    title_rows(sheet, styles, "未闭环工单", subtitle)
    states = Counter(one.sla for one in month.unfinished)
    told = "，".join(f"{SLA_STATES[name]} {states[name]} 件" for name in _ORDER if states[name])
    words = f"共 {len(month.unfinished)} 件{'：' + told if told else ''}。按时限状态、到期先后排列。"
    sheet.write_string(2, 0, words, styles["remark"])
    last = listing(sheet, styles, _HEAD, _columns(month.tally.cut), month.unfinished)
    words_alarm(sheet, styles, (_HEAD + 1, 1, last, 1))
    sheet.freeze_panes(_HEAD + 1, 1)
    return _HEAD


def _columns(cut: int) -> tuple[Listed, ...]:
    from frontdesk.sheets.listing import number, text

    def level(one: Unfinished) -> int:
        return max((step[1] for step in one.ticket.escalations), default=0)

    def days(one: Unfinished) -> float:
        return round((cut - one.since) / 86_400, 4)

    return (
        Listed("受理编号", "middle", True, lambda one: text(data_text(one.ticket.number))),
        Listed("时限状态", "middle", True, lambda one: SLA_STATES[one.sla]),
        Listed("投诉分类", "text", True, lambda one: text(label("categories", one.ticket.category))),
        Listed("紧急程度", "middle", True, lambda one: PRIORITIES.get(one.ticket.priority, "")),
        Listed("房号", "middle", True, lambda one: text(data_text(one.ticket.unit))),
        Listed("状态", "middle", True, lambda one: STATUSES.get(one.ticket.status, "在办")),
        Listed("诉求摘要", "line", True, lambda one: text(data_text(one.ticket.title))),
        Listed("责任部门", "middle", True, lambda one: text(label("departments", one.ticket.department))),
        Listed("首问责任人", "middle", True, lambda one: text(data_text(one.ticket.case_owner))),
        Listed("受理时间", "date", False, lambda one: number(serial(one.since))),
        Listed("已历时（天）", "list_decimal", False, lambda one: number(days(one))),
        Listed(
            "最近到期",
            "date",
            False,
            lambda one: number(None if one.ticket.due_at >= FAR else serial(one.ticket.due_at)),
        ),
        Listed("上移层级", "share", False, lambda one: number(level(one) or None)),
    )
