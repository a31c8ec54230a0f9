"""回访与满意度: what owners said, by category, and every low score with what became of it (R-S10-04)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from frontdesk.domain.month import Month
from frontdesk.domain.month_pages import Asked, Stars
from frontdesk.sheets.book import AMBER, Styles, columns, title_rows
from frontdesk.sheets.cells import data_text, serial
from frontdesk.sheets.details import label
from frontdesk.sheets.figures import TOTAL
from frontdesk.sheets.lists import Block, Formula, Listed, heading, listing, note, put, summed, table

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart
    from xlsxwriter.workbook import Workbook

    from frontdesk.sheets.listing import Listing

PAGE: Final = "回访与满意度"
_HEADINGS: Final = (
    *("投诉分类", "回访次数", "5 星", "4 星", "3 星", "2 星", "1 星"),
    *("平均星级", "签字满意", "静默关闭", "免回访", "满意率"),
)
_LOOKS: Final = ("name", *["count"] * 6, "decimal", *["count"] * 3, "percent")
_CHART_ROWS: Final = 12
_SIGNED: Final = 8
_ENDINGS: Final = {"silence": 9, "waived": 10}
"""The columns of endings without stars."""


def write_aftercare(book: Workbook, sheet: Listing, styles: Styles, month: Month, subtitle: str) -> int:
    """The page; answers the row that is to be repeated when it is printed."""
    columns(sheet, [24, 13, 11, 17, 8, 10, 10, 10, 10, 10, 10, 11])
    title_rows(sheet, styles, "回访与满意度", subtitle)
    heading(sheet, styles, 3, "按分类")
    merged = _by_label(month.stars)
    block = table(sheet, styles, 4, _HEADINGS, _LOOKS, [_line(*one) for one in enumerate(merged, 5)])
    sheet.set_row(block.total, 20)
    _total(sheet, styles, merged, (block.first, block.last))
    _notes(sheet, month, merged, block.first)
    row = block.total + 2
    heading(sheet, styles, row, "星级分布")
    if any(sum(one.scores) for one in merged):
        sheet.insert_chart(row + 1, 0, _chart(book, block.total), {"object_position": 2})
    listed = row + _CHART_ROWS + 3
    heading(sheet, styles, listed - 1, f"低分回访（{len(month.low)} 次）", "1–2 星须再次处理并上移")
    last = listing(sheet, styles, listed, _columns(), month.low)
    rule = {"type": "cell", "criteria": "==", "value": '"尚未挽回"', "format": styles["red"]}
    sheet.conditional_format(listed + 1, 6, last, 6, rule)
    sheet.freeze_panes(2, 1)
    return listed


def _by_label(stars: tuple[Stars, ...]) -> list[Stars]:
    """Names that read alike are one row."""
    found: dict[str, Stars] = {}
    for one in stars:
        name = label("categories", one.category)
        old = found.get(name)
        if old is None:
            found[name] = one._replace(category=name)
            continue
        a, b, c, d, e = (x + y for x, y in zip(old.scores, one.scores, strict=True))
        found[name] = Stars(
            name,
            (a, b, c, d, e),
            old.signed + one.signed,
            old.silent + one.silent,
            old.waived + one.waived,
        )
    return list(found.values())


def _line(row: int, one: Stars) -> list[float | str | Formula | None]:
    return [
        one.category,
        Formula(f"=SUM(C{row + 1}:G{row + 1})", sum(one.scores)),
        *reversed(one.scores),
        *_rest(row, one),
    ]


def _rest(row: int, one: Stars) -> list[float | str | Formula | None]:
    r = row + 1
    asked = sum(one.scores)
    mean = sum(place * count for place, count in enumerate(one.scores, 1)) / asked if asked else "—"
    happy = one.scores[4] + one.scores[3] + one.signed
    whole = asked + one.signed
    return [
        Formula(f'=IF(B{r}=0,"—",(5*C{r}+4*D{r}+3*E{r}+2*F{r}+G{r})/B{r})', mean),
        one.signed,
        one.silent,
        one.waived,
        Formula(f'=IF(B{r}+I{r}=0,"—",(C{r}+D{r}+I{r})/(B{r}+I{r}))', happy / whole if whole else "—"),
    ]


def _total(sheet: Listing, styles: Styles, rows: list[Stars], lines: tuple[int, int]) -> None:
    block = Block(*lines)
    one, two, three, four, five = (sum(row.scores[place] for row in rows) for place in range(5))
    whole = Stars(
        TOTAL,
        (one, two, three, four, five),
        sum(row.signed for row in rows),
        sum(row.silent for row in rows),
        sum(row.waived for row in rows),
    )
    cells = _line(block.total, whole)
    values = {
        **dict(zip(range(2, 7), reversed(whole.scores), strict=True)),
        8: whole.signed,
        9: whole.silent,
        10: whole.waived,
    }
    looks = ("sum_name", *["sum"] * 6, "sum_decimal", *["sum"] * 3, "sum_percent")
    for place, (cell, look) in enumerate(zip(cells, looks, strict=True)):
        value = summed(place, block, values[place]) if place in values else cell
        put(sheet, block.total, place, value, styles[look])


def _notes(sheet: Listing, month: Month, rows: list[Stars], first: int) -> None:
    """The tickets behind each count."""
    numbers: dict[tuple[str, int], list[str]] = {}
    start, cut = month.tally.start, month.tally.cut
    for each in month.sound:
        name = label("categories", each.category)
        said = [(at, 7 - score) for at, score in each.scores]
        said += [(at, _SIGNED) for at in each.signed]
        said += [
            (span.closed_at, _ENDINGS[span.ground])
            for span in each.spans
            if span.closed_at is not None and span.ground in _ENDINGS
        ]
        for at, place in said:
            if start <= at < cut:
                numbers.setdefault((name, place), []).append(each.number)
    for row, one in enumerate(rows, first):
        for place in (*range(2, 7), _SIGNED, *_ENDINGS.values()):
            found = numbers.get((one.category, place), [])
            note(sheet, row, place, found, len(found))


def _chart(book: Workbook, total: int) -> Chart:
    bars = cast("Chart", book.add_chart({"type": "column"}))
    bars.add_series(
        {
            "name": "回访次数",
            "categories": [PAGE, 4, 2, 4, 6],
            "values": [PAGE, total, 2, total, 6],
            "fill": {"color": AMBER},
            "gap": 80,
            "data_labels": {"value": True, "font": {"size": 9}},
        }
    )
    bars.set_title({"none": True})
    bars.set_legend({"none": True})
    bars.set_y_axis(
        {"major_gridlines": {"visible": True, "line": {"color": "#E3E8EE"}}, "line": {"none": True}}
    )
    bars.set_chartarea({"border": {"none": True}})
    bars.set_size({"width": 620, "height": 245})
    return bars


def _after(one: Asked) -> str:
    return "尚未挽回" if one.later is None or one.later <= 2 else f"后来 {one.later} 星"  # noqa: PLR2004


def _columns() -> tuple[Listed, ...]:
    from frontdesk.sheets.listing import number, text

    return (
        Listed("投诉分类", "text", True, lambda one: text(label("categories", one.ticket.category))),
        Listed("受理编号", "middle", True, lambda one: text(data_text(one.ticket.number))),
        Listed("责任部门", "middle", True, lambda one: text(label("departments", one.ticket.department))),
        Listed("回访时间", "date", False, lambda one: number(serial(one.at))),
        Listed("星级", "share", False, lambda one: number(one.score)),
        Listed("首问责任人", "middle", True, lambda one: text(data_text(one.ticket.case_owner))),
        Listed("本月结果", "middle", True, _after),
    )
