"""时限: how the clocks came out, by clock and by department, and every one that fell due unmet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from frontdesk.domain.facts import REPORTED
from frontdesk.domain.month import Month
from frontdesk.domain.month_pages import FAIR, GOOD, Late, Timeliness, verdict
from frontdesk.domain.terms import CLOCKS
from frontdesk.sheets.book import GREEN, Styles, columns, title_rows
from frontdesk.sheets.cells import data_text, serial
from frontdesk.sheets.details import label
from frontdesk.sheets.lists import Formula, Listed, heading, listing, note, share, table, words_alarm

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart
    from xlsxwriter.workbook import Workbook

    from frontdesk.sheets.listing import Listing

PAGE: Final = "时限"
_CHART_ROWS: Final = 13


def write_times(book: Workbook, sheet: Listing, styles: Styles, month: Month, subtitle: str) -> int:
    """The page; answers the row that is to be repeated when it is printed."""
    columns(sheet, [16, 13, 23, 12, 12, 17, 17, 12, 12])
    title_rows(sheet, styles, "时限执行情况", subtitle)
    heading(sheet, styles, 3, "按时限种类")
    first = 5
    listed = first + len(REPORTED) + 3 + len(month.departments) + 3 + _CHART_ROWS + 3
    _kinds(sheet, styles, month, first - 1, listed + 1)
    row = first + len(REPORTED) + 1
    heading(sheet, styles, row, "如期率：按责任部门")
    block = table(
        sheet,
        styles,
        row + 1,
        ["责任部门", *(CLOCKS[name] for name in REPORTED)],
        ["name", *["percent"] * len(REPORTED)],
        [
            [label("departments", name), *(_rate(group[kind]) for kind in REPORTED)]
            for name, group in month.departments.items()
        ],
    )
    rule = {"type": "cell", "criteria": "<", "value": FAIR, "format": styles["alarm"]}
    if month.departments:
        sheet.conditional_format(block.first, 1, block.last, len(REPORTED), rule)
    row = block.last + 2
    heading(sheet, styles, row, "如期率（图）")
    sheet.insert_chart(row + 1, 0, _chart(book, first), {"object_position": 2})
    heading(sheet, styles, listed - 1, f"逾期明细（{len(month.late)} 次）", "按时限种类、到期先后排列")
    last = listing(sheet, styles, listed, _columns(), month.late)
    words_alarm(sheet, styles, (listed + 1, 8, last, 8))
    sheet.freeze_panes(2, 1)
    return listed


def _rate(times: Timeliness) -> float | str:
    return "—" if times.rate is None else times.rate


def _kinds(sheet: Listing, styles: Styles, month: Month, head: int, listed: int) -> None:
    rows: list[list[float | str | Formula | None]] = []
    for row, times in enumerate(month.times, head + 1):
        good, bad, rate = f"B{row + 1}", f"C{row + 1}", f"E{row + 1}"
        judged = f'=IF(ISNUMBER({rate}),IF({rate}>={GOOD},"达标",IF({rate}>={FAIR},"关注","不达标")),"—")'
        rows.append(
            [
                CLOCKS[times.name],
                times.in_time,
                times.late,
                times.owed,
                share(good, f"{good}+{bad}", times.rate),
                Formula(judged, verdict(times.rate)),
                "—" if times.hours is None else round(times.hours, 4),
            ]
        )
    headings = ["时限", "到期前做到", "逾期", "其中仍未做到", "如期率", "评价", "平均用时（小时）"]
    looks = ["name", "count", "count", "count", "percent", "plain", "decimal"]
    block = table(sheet, styles, head, headings, looks, rows)
    place = listed
    for row, times in enumerate(month.times, block.first):
        note(sheet, row, 1, times.numbers, times.in_time, "，办结的可在明细页筛选「按时办结」")
        if times.late:
            there = f"internal:'{PAGE}'!A{place + 1}:I{place + times.late}"
            tip = f"{CLOCKS[times.name]}逾期：点开看是哪些"
            for column, count in ((2, times.late), (3, times.owed)):
                if count:
                    sheet.write_url(row, column, there, styles["count"], string=" ", tip=tip)
                    sheet.write_number(row, column, count, styles["count"])
            place += times.late
    words_alarm(sheet, styles, (block.first, 5, block.last, 5))


def _chart(book: Workbook, first: int) -> Chart:
    bars = cast("Chart", book.add_chart({"type": "bar"}))
    last = first + len(REPORTED) - 1
    bars.add_series(
        {
            "name": "如期率",
            "categories": [PAGE, first, 0, last, 0],
            "values": [PAGE, first, 4, last, 4],
            "fill": {"color": GREEN},
            "gap": 45,
            "data_labels": {"value": True, "num_format": "0.0%", "font": {"size": 8}},
        }
    )
    bars.set_title({"none": True})
    bars.set_legend({"none": True})
    bars.set_x_axis({"min": 0, "max": 1, "num_format": "0%", "major_gridlines": {"visible": False}})
    bars.set_y_axis({"reverse": True, "num_font": {"size": 9}})
    bars.set_chartarea({"border": {"none": True}})
    bars.set_size({"width": 1010, "height": 270})
    return bars


def _hours(one: Late) -> float | None:
    return None if one.met_at is None else round((one.met_at - one.run.due_at) / 3600, 4)


def _columns() -> tuple[Listed, ...]:
    from frontdesk.sheets.listing import number, text

    def when(at: int | None) -> str:
        return number(None if at is None else serial(at))

    return (
        Listed("时限", "middle", True, lambda one: CLOCKS[one.run.kind]),
        Listed("受理编号", "middle", True, lambda one: text(data_text(one.ticket.number))),
        Listed("投诉分类", "text", True, lambda one: text(label("categories", one.ticket.category))),
        Listed("责任部门", "middle", True, lambda one: text(label("departments", one.ticket.department))),
        Listed("首问责任人", "middle", True, lambda one: text(data_text(one.ticket.case_owner))),
        Listed("到期时间", "date", False, lambda one: when(one.run.due_at)),
        Listed("做到时间", "date", False, lambda one: when(one.met_at)),
        Listed("迟了（小时）", "list_decimal", False, lambda one: number(_hours(one))),
        Listed("结果", "middle", True, lambda one: "仍未做到" if one.met_at is None else "已补办"),
    )
