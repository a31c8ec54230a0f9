"""重复投诉与群发事件: who had to come again with the same matter, what many reported at once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from frontdesk.domain.month import Month
from frontdesk.domain.month_pages import TRACED, Incident, Repeat
from frontdesk.domain.timing import DAY
from frontdesk.sheets.book import Styles, columns, title_rows
from frontdesk.sheets.cells import data_text, serial
from frontdesk.sheets.details import label
from frontdesk.sheets.figures import TOTAL
from frontdesk.sheets.lists import Listed, heading, heads, listing, note, nothing, put, summed, table

if TYPE_CHECKING:
    from frontdesk.sheets.listing import Listing

PAGE: Final = "重复投诉与群发事件"


def write_repeats(sheet: Listing, styles: Styles, month: Month, subtitle: str) -> int:
    """The page; answers the row that is to be repeated when it is printed."""
    columns(sheet, [24, 14, 18, 14, 18, 12, 13, 12])
    title_rows(sheet, styles, "重复投诉与群发事件", subtitle)
    heading(sheet, styles, 3, "重复诉求：按分类", "同一房号同一分类，七天内再次受理")
    row = _counts(sheet, styles, month) + 2
    heading(sheet, styles, row, f"群发事件（{len(month.incidents)} 起）", "一处故障、多位业主来报")
    row = _incidents(sheet, styles, month, row + 1) + 3
    heading(sheet, styles, row - 1, f"重复诉求明细（{len(month.repeats)} 件）")
    listing(sheet, styles, row, _columns(), month.repeats)
    sheet.freeze_panes(2, 1)
    return row


def _counts(sheet: Listing, styles: Styles, month: Month) -> int:
    """How often, by category; answers the row of the total."""
    counts = Counter(label("categories", one.ticket.category) for one in month.repeats)
    flats = {
        name: len(
            {
                one.ticket.household
                for one in month.repeats
                if label("categories", one.ticket.category) == name
            }
        )
        for name in counts
    }
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    block = table(
        sheet,
        styles,
        4,
        ["投诉分类", "重复件数", "涉及户数"],
        ["name", "count", "count"],
        [[name, count, flats[name]] for name, count in ranked],
    )
    for line, (name, count) in enumerate(ranked, block.first):
        numbers = [
            one.ticket.number for one in month.repeats if label("categories", one.ticket.category) == name
        ]
        note(sheet, line, 1, numbers, count, "，全部见下表")
    put(sheet, block.total, 0, TOTAL, styles["sum_name"])
    put(sheet, block.total, 1, summed(1, block, len(month.repeats)), styles["sum"])
    put(sheet, block.total, 2, summed(2, block, sum(flats.values())), styles["sum"])
    return block.total


def _incidents(sheet: Listing, styles: Styles, month: Month, row: int) -> int:
    """One line an incident; answers the last row."""
    headings = ["投诉分类", "牵头工单", "首报时间", "来报件数", "末报时间", "仍在办", "责任部门"]
    if not month.incidents:
        heads(sheet, styles, row, headings)
        nothing(sheet, styles, row + 1, "本月没有群发事件。")
        return row + 1
    looks = ["name", "middle", "date", "count", "date", "count", "middle"]
    block = table(sheet, styles, row, headings, looks, [_incident(one) for one in month.incidents])
    for line, one in enumerate(month.incidents, block.first):
        numbers = [each.number for each in one.tickets[:TRACED]]
        note(sheet, line, 3, numbers, len(one.tickets))
    return block.last


def _incident(one: Incident) -> list[float | str]:
    opened = [each.spans[0].opened_at for each in one.tickets]
    return [
        label("categories", one.tickets[0].category),
        data_text(one.number),
        serial(min(opened)),
        len(one.tickets),
        serial(max(opened)),
        one.still_open,
        label("departments", one.tickets[0].department),
    ]


def _columns() -> tuple[Listed, ...]:
    from frontdesk.sheets.listing import number, text

    def apart(one: Repeat) -> float:
        return round((one.ticket.spans[0].opened_at - one.before.spans[0].opened_at) / DAY, 4)

    return (
        Listed("投诉分类", "text", True, lambda one: text(label("categories", one.ticket.category))),
        Listed("受理编号", "middle", True, lambda one: text(data_text(one.ticket.number))),
        Listed("受理时间", "date", False, lambda one: number(serial(one.ticket.spans[0].opened_at))),
        Listed("前一次编号", "middle", True, lambda one: text(data_text(one.before.number))),
        Listed("前一次受理", "date", False, lambda one: number(serial(one.before.spans[0].opened_at))),
        Listed("相隔（天）", "list_decimal", False, lambda one: number(apart(one))),
        Listed("责任部门", "middle", True, lambda one: text(label("departments", one.ticket.department))),
        Listed("房号", "middle", True, lambda one: text(data_text(one.ticket.unit))),
    )
