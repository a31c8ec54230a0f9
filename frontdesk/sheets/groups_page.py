"""分类×部门: who had to do with what, the same figures by department, channel and kind, and the Pareto of categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

from frontdesk.domain.meanings import FIGURES
from frontdesk.domain.month_details import DetailRow
from frontdesk.domain.tallies import Figures, MonthTally
from frontdesk.sheets.book import BLUE, NAVY, Styles, columns, letter, title_rows
from frontdesk.sheets.details import Index, label
from frontdesk.sheets.figures import TOTAL, WITH_PROMISES, Table, labelled
from frontdesk.sheets.lists import Formula, heading, heads, note, put

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

PAGE: Final = "分类×部门"
_TOP: Final = 12
"""Categories that the Pareto names; the rest is one column."""
_CHART_ROWS: Final = 16


def write_groups(
    book: Workbook,
    sheet: Worksheet,
    styles: Styles,
    index: Index,
    tally: MonthTally,
    rows: Sequence[DetailRow],
    shown: Mapping[str, Figures],
    subtitle: str,
) -> None:
    """Two matrices, three tables, one chart; `shown` are the categories of the front page."""
    columns(sheet, [24, *[7.2] * len(WITH_PROMISES)])
    title_rows(sheet, styles, "分类、部门、渠道与类型", subtitle)
    departments = list(labelled("departments", tally.departments))
    row = 3
    for figure in ("opened", "still_open"):
        used = [name for name, figures in shown.items() if getattr(figures, figure)]
        row = _matrix(sheet, styles, index, row, (figure, used, departments), rows) + 2
    breaks = [row]
    for group, name, found in (
        ("departments", "责任部门", tally.departments),
        ("channels", "来诉渠道", tally.channels),
        ("kinds", "类型", tally.kinds),
    ):
        table, lines = Table(sheet, styles, index, group, WITH_PROMISES), labelled(group, found)
        heading(sheet, styles, row, f"按{name}")
        head = row + 2
        first, end = head + 1, head + 1 + len(lines)
        table.head(head, name)
        for place, (each, figures) in enumerate(lines.items(), first):
            sheet.set_row(place, 20)
            table.line(place, each, figures)
        sheet.set_row(end, 20)
        table.total(first, end, tally.totals)
        table.alarms(first, end)
        row = end + 2
    breaks.append(row)
    _pareto(book, sheet, styles, row, shown)
    sheet.set_h_pagebreaks(breaks)
    sheet.freeze_panes(2, 1)


def _matrix(
    sheet: Worksheet,
    styles: Styles,
    index: Index,
    row: int,
    told: tuple[str, list[str], list[str]],
    rows: Sequence[DetailRow],
) -> int:
    """Category × department of one figure; answers the row of its total."""
    key, names, departments = told
    figure = Figures._fields.index(key)
    counts: dict[tuple[str, str], int] = {}
    numbers: dict[tuple[str, str], list[str]] = {}
    for each in rows:
        if each.figures[figure]:
            cell = label("categories", each.category), label("departments", each.department)
            counts[cell] = counts.get(cell, 0) + each.figures[figure]
            numbers.setdefault(cell, []).append(each.number)
    heading(sheet, styles, row, f"{FIGURES[key].label}：分类 × 责任部门")
    head = row + 1
    heads(sheet, styles, head, ["投诉分类", *departments, TOTAL])
    last = letter(len(departments))
    for line, name in enumerate(names, head + 1):
        sheet.write_string(line, 0, name, styles["name"])
        for place, department in enumerate(departments, 1):
            formula = index.sum_of(
                figure, categories=f"$A{line + 1}", departments=f"{letter(place)}${head + 1}"
            )
            value = counts.get((name, department), 0)
            put(sheet, line, place, Formula(formula, value), styles["count"])
            note(sheet, line, place, numbers.get((name, department), ()), value, "，其余请在明细页筛选")
        whole = sum(counts.get((name, each), 0) for each in departments)
        across = f"=SUM(B{line + 1}:{last}{line + 1})" if departments else "=0"
        put(sheet, line, len(departments) + 1, Formula(across, whole), styles["sum"])
    end = head + 1 + len(names)
    sheet.write_string(end, 0, TOTAL, styles["sum_name"])
    for place in range(1, len(departments) + 2):
        column = letter(place)
        formula = f"=SUM({column}{head + 2}:{column}{end})" if names else "=0"
        chosen = departments[place - 1 : place] or departments
        value = sum(counts.get((name, each), 0) for name in names for each in chosen)
        put(sheet, end, place, Formula(formula, value), styles["sum"])
    return end


def _pareto(book: Workbook, sheet: Worksheet, styles: Styles, row: int, shown: Mapping[str, Figures]) -> None:
    """The categories by what came in, with the share of all that they make together."""
    ranked = sorted(
        ((figures.opened, name) for name, figures in shown.items() if figures.opened), reverse=True
    )
    ranked.sort(key=lambda one: -one[0])
    lines = [(name, count) for count, name in ranked[:_TOP]]
    if rest := sum(count for count, _ in ranked[_TOP:]):
        lines.append(("其余分类", rest))
    heading(sheet, styles, row, "分类排序（帕累托）：本期新增由多到少，折线为累计占比")
    data = row + _CHART_ROWS + 2
    if lines:
        sheet.insert_chart(row + 1, 0, _chart(book, data, len(lines)), {"object_position": 2})
    heads(sheet, styles, data, ["投诉分类", "本期新增", "占比", "累计占比"])
    whole, running = sum(count for _, count in lines), 0
    area = f"$B${data + 2}:$B${data + 1 + len(lines)}"
    for place, (name, count) in enumerate(lines, data + 1):
        running += count
        put(sheet, place, 0, name, styles["name"])
        put(sheet, place, 1, count, styles["count"])
        put(sheet, place, 2, Formula(f"=B{place + 1}/SUM({area})", count / whole), styles["percent"])
        so_far = Formula(f"=SUM(B${data + 2}:B{place + 1})/SUM({area})", running / whole)
        put(sheet, place, 3, so_far, styles["percent"])


def _chart(book: Workbook, data: int, count: int) -> Chart:
    bars = cast("Chart", book.add_chart({"type": "column"}))
    line = cast("Chart", book.add_chart({"type": "line"}))
    names = [PAGE, data + 1, 0, data + count, 0]
    bars.add_series(
        {
            "name": FIGURES["opened"].label,
            "categories": names,
            "values": [PAGE, data + 1, 1, data + count, 1],
            "fill": {"color": BLUE},
            "gap": 40,
            "data_labels": {
                "value": True,
                "position": "inside_base",
                "font": {"size": 8, "color": "#FFFFFF"},
            },
        }
    )
    line.add_series(
        {
            "name": "累计占比（右轴）",
            "categories": names,
            "values": [PAGE, data + 1, 3, data + count, 3],
            "line": {"color": NAVY, "width": 1.75},
            "marker": {"type": "circle", "size": 5, "fill": {"color": NAVY}, "border": {"color": NAVY}},
            "y2_axis": True,
        }
    )
    bars.combine(line)
    bars.set_title({"none": True})
    bars.set_legend({"position": "bottom"})
    bars.set_x_axis({"num_font": {"size": 8}})
    bars.set_y_axis(
        {"major_gridlines": {"visible": True, "line": {"color": "#E3E8EE"}}, "line": {"none": True}}
    )
    line.set_y2_axis({"line": {"none": True}, "min": 0, "max": 1, "num_format": "0%"})
    bars.set_chartarea({"border": {"none": True}})
    bars.set_size({"width": 1060, "height": 330})
    return bars
