"""每日: the balance of each day, what came and what was closed by category, and the trend of thirty days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from frontdesk.domain.calendar import day_number
from frontdesk.domain.days import Day
from frontdesk.domain.holidays import whole
from frontdesk.domain.meanings import FIGURES
from frontdesk.domain.month import Month
from frontdesk.domain.timing import DAY, local
from frontdesk.sheets.book import BLUE, GREEN, NAVY, Styles, columns, letter, title_rows
from frontdesk.sheets.cells import data_text, serial
from frontdesk.sheets.details import label
from frontdesk.sheets.figures import TOTAL
from frontdesk.sheets.lists import heading, note
from frontdesk.sheets.workdays import day_mark, known

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

PAGE: Final = "每日"
OPENING, STOCK, MARKED = "日初在办", "日末在办", "补记变动"
_WEEK: Final = "一二三四五六日"
_HEAD: Final = 4
_CHART_ROWS: Final = 15

Marks = Mapping[str, Sequence[str]]
"""Date → what has changed in that day since it was first written."""


def write_daily(
    book: Workbook,
    sheet: Worksheet,
    styles: Styles,
    month: Month,
    names: Sequence[str],
    marks: Marks,
    own_days: Mapping[int, bool],
) -> None:
    """`names` are the categories in the order of the front page, `own_days` the days that the company has spoken of."""
    grid = _Grid(sheet, styles, month, own_days)
    active = {label("categories", name) for _, name in month.tally.days}
    shown = [name for name in names if name in active]
    columns(sheet, [24, *[4.3] * len(grid.all), 7])
    sheet.set_default_row(18)
    later = "，灰格为尚未到的日子" if month.tally.last_day < len(grid.all) else ""
    title_rows(sheet, styles, "每日受理与关闭", f"{_legend(month, own_days)}{later}。")
    heading(sheet, styles, _HEAD - 1, "每日平衡", "日初在办 ＋ 本期新增 ＝ 本期关闭 ＋ 日末在办")
    noted = [
        (day, text) for day, texts in sorted(marks.items()) for text in texts if day[:7] == month.tally.month
    ]
    opened = _HEAD + 9 + len(noted) + 2
    closed = opened + len(shown) + 4
    grid.balance(_HEAD, (opened + len(shown) + 1, closed + len(shown) + 1), marks)
    for row, (day, text) in enumerate(noted, _HEAD + 8):
        sheet.write_string(row, 0, f"{int(day[5:7])}月{int(day[8:])}日补记", styles["remark"])
        sheet.write_string(row, 1, data_text(text), styles["remark"])
    heading(sheet, styles, opened - 1, "本期新增（分类）")
    grid.table(opened, "本期新增", shown, 0)
    heading(sheet, styles, closed - 1, "本期关闭（分类）")
    grid.table(closed, "本期关闭", shown, 1)
    chart = closed + len(shown) + 3
    heading(sheet, styles, chart, "近三十日走势")
    data = chart + _CHART_ROWS + 2
    sheet.insert_chart(chart + 1, 0, _trend(book, len(month.trend), data), {"object_position": 2})
    _trend_data(sheet, styles, data, month.trend)
    tall = len(shown) > 8  # noqa: PLR2004 - then the two tables fill a page
    sheet.set_h_pagebreaks([opened - 1, chart] if tall else [chart])
    sheet.freeze_panes(2, 1)


def _legend(month: Month, own_days: Mapping[int, bool]) -> str:
    year = local(month.tally.start).year
    if known(year) or whole(year, own_days):
        return "浅色为休息日（含法定节假日），班为调休上班日"
    return f"{year}年的法定节假日和调休还没有写全，没写的日子只按周末：浅色为休息日，班为调休上班日"


@dataclass(frozen=True, slots=True)
class _Grid:
    """A column for each day of the month, then the total; day n stands in column n."""

    sheet: Worksheet
    styles: Styles
    month: Month
    own_days: Mapping[int, bool]

    @property
    def all(self) -> range:
        """The days of the month."""
        return range(1, (self.month.tally.end - self.month.tally.start) // DAY + 1)

    def balance(self, row: int, totals: tuple[int, int], marks: Marks) -> None:
        """Open at midnight, plus new, less closed; each day takes over what the day before has left."""
        self._head(row, "日期")
        names = (
            OPENING,
            FIGURES["opened"].label,
            FIGURES["closed"].label,
            STOCK,
            "按时办结",
            "超时办结",
            MARKED,
        )
        days = {local(day.start).day: day for day in self.month.own_days}
        for line, name in enumerate(names, 1):
            style = self.styles["sum_name" if name in (OPENING, STOCK) else "name"]
            self.sheet.write_string(row + line, 0, name, style)
            for day in self.all:
                self._balance_cell(row, line, day, (days.get(day), totals, marks))
            self._balance_total(row, line)

    def _balance_cell(
        self, head: int, line: int, day: int, told: tuple[Day | None, tuple[int, int], Marks]
    ) -> None:
        found, totals, marks = told
        row, column, sheet = head + line, letter(day), self.sheet
        if found is None:
            sheet.write_blank(row, day, None, self.styles["later"])
            return
        style = self.styles["count_weekend" if self._free(day) else "count"]
        stock = self.styles["sum"]
        if line == 1 and day == 1:
            sheet.write_number(row, day, found.opening, stock)
        elif line == 1:
            sheet.write_formula(row, day, f"={letter(day - 1)}{head + 5}", stock, found.opening)
        elif line in (2, 3):
            numbers = found.opened if line == 2 else found.closed  # noqa: PLR2004 - the second line
            sheet.write_formula(row, day, f"={column}{totals[line - 2] + 1}", style, len(numbers))
            note(sheet, row, day, list(dict.fromkeys(numbers)), len(numbers))
        elif line == 4:  # noqa: PLR2004
            formula = f"={column}{head + 2}+{column}{head + 3}-{column}{head + 4}"
            sheet.write_formula(row, day, formula, stock, found.still_open)
        elif line in (5, 6):
            numbers = found.on_time if line == 5 else found.late  # noqa: PLR2004
            sheet.write_number(row, day, len(numbers), style)
            note(sheet, row, day, list(dict.fromkeys(numbers)), len(numbers))
        else:
            texts = marks.get(found.name, ())
            sheet.write_string(row, day, "补" if texts else "", self.styles["mark"])

    def _balance_total(self, head: int, line: int) -> None:
        row, place = head + line, self.all[-1] + 1
        days = self.month.own_days
        last = letter(self.month.tally.last_day)
        area = f"{letter(1)}{row + 1}:{letter(self.all[-1])}{row + 1}"
        told: dict[int, tuple[str, int]] = {
            1: (f"={letter(1)}{row + 1}", days[0].opening),
            2: (f"=SUM({area})", sum(len(day.opened) for day in days)),
            3: (f"=SUM({area})", sum(len(day.closed) for day in days)),
            4: (f"={last}{row + 1}", days[-1].still_open),
            5: (f"=SUM({area})", sum(len(day.on_time) for day in days)),
            6: (f"=SUM({area})", sum(len(day.late) for day in days)),
        }
        if line in told:
            self.sheet.write_formula(row, place, told[line][0], self.styles["sum"], told[line][1])
        else:
            self.sheet.write_blank(row, place, None, self.styles["sum"])

    def table(self, row: int, title: str, names: Sequence[str], which: int) -> None:
        """Category × day, with totals on both sides."""
        self._head(row, title)
        counts: dict[tuple[int, str], int] = {}
        for (day, name), pair in self.month.tally.days.items():
            key = (day, label("categories", name))
            counts[key] = counts.get(key, 0) + pair[which]
        numbers = self._numbers(which)
        for place, name in enumerate(names, row + 1):
            self.sheet.write_string(place, 0, name, self.styles["name"])
            for day in self.all:
                count = counts.get((day, name), 0)
                self._count(place, day, count)
                note(self.sheet, place, day, numbers.get((day, name), ()), count)
            self._sum_across(place, sum(counts.get((day, name), 0) for day in self.all))
        end = row + 1 + len(names)
        self.sheet.write_string(end, 0, TOTAL, self.styles["sum_name"])
        for day in self.all:
            above = f"{letter(day)}{row + 2}:{letter(day)}{end}"
            value = sum(counts.get((day, name), 0) for name in names)
            self.sheet.write_formula(end, day, f"=SUM({above})" if names else "=0", self.styles["sum"], value)
        self._sum_across(end, sum(counts.values()))

    def _numbers(self, which: int) -> dict[tuple[int, str], list[str]]:
        """(day, category) → the tickets that came, or were closed."""
        named = {row.number: label("categories", row.category) for row in self.month.details}
        found: dict[tuple[int, str], list[str]] = {}
        for day in self.month.own_days:
            for number in (day.opened, day.closed)[which]:
                found.setdefault((local(day.start).day, named[number]), []).append(number)
        return found

    def _head(self, row: int, title: str) -> None:
        self.sheet.set_row(row, 30)
        self.sheet.write_string(row, 0, title, self.styles["head"])
        for day in self.all:
            when = local(self.month.tally.start + (day - 1) * DAY)
            free, mark = self._mark(day)
            text = f"{day}\n{mark or _WEEK[when.weekday()]}"
            self.sheet.write_string(row, day, text, self.styles["head_weekend" if free else "head"])
        self.sheet.write_string(row, self.all[-1] + 1, TOTAL, self.styles["head"])

    def _count(self, row: int, day: int, count: int) -> None:
        if day > self.month.tally.last_day:
            self.sheet.write_blank(row, day, None, self.styles["later"])
        else:
            style = self.styles["count_weekend" if self._free(day) else "count"]
            self.sheet.write_number(row, day, count, style)

    def _sum_across(self, row: int, value: int) -> None:
        last = self.all[-1]
        formula = f"=SUM({letter(1)}{row + 1}:{letter(last)}{row + 1})"
        self.sheet.write_formula(row, last + 1, formula, self.styles["sum"], value)

    def _free(self, day: int) -> bool:
        return self._mark(day)[0]

    def _mark(self, day: int) -> tuple[bool, str]:
        at = self.month.tally.start + (day - 1) * DAY
        return day_mark(local(at).date(), self.own_days.get(day_number(at)))


def _trend_data(sheet: Worksheet, styles: Styles, row: int, days: Sequence[Day]) -> None:
    """What the chart draws: real dates across, new, closed and open below."""
    told: tuple[tuple[str, str, list[float]], ...] = (
        ("日期", "day", [serial(day.start) for day in days]),
        (FIGURES["opened"].label, "share", [len(day.opened) for day in days]),
        (FIGURES["closed"].label, "share", [len(day.closed) for day in days]),
        (STOCK, "share", [day.still_open for day in days]),
    )
    for place, (name, style, values) in enumerate(told, row):
        sheet.write_string(place, 0, name, styles["name"])
        for column, value in enumerate(values, 1):
            sheet.write_number(place, column, value, styles[style])


def _trend(book: Workbook, count: int, row: int) -> Chart:
    """New and closed each day as columns, what was left as a line on the right-hand axis."""
    bars = cast("Chart", book.add_chart({"type": "column"}))
    line = cast("Chart", book.add_chart({"type": "line"}))

    def series(place: int, name: str) -> dict[str, object]:
        return {
            "name": name,
            "categories": [PAGE, row, 1, row, count],
            "values": [PAGE, place, 1, place, count],
        }

    bars.add_series({**series(row + 1, FIGURES["opened"].label), "fill": {"color": BLUE}, "gap": 60})
    bars.add_series({**series(row + 2, FIGURES["closed"].label), "fill": {"color": GREEN}})
    stock = series(row + 3, f"{STOCK}（右轴）")
    line.add_series({**stock, "line": {"color": NAVY, "width": 1.75}, "y2_axis": True})
    bars.combine(line)
    bars.set_title({"none": True})
    bars.set_legend({"position": "bottom"})
    bars.set_x_axis({"num_format": "m/d", "text_axis": True, "num_font": {"size": 8}})
    bars.set_y_axis(
        {"major_gridlines": {"visible": True, "line": {"color": "#E3E8EE"}}, "line": {"none": True}}
    )
    line.set_y2_axis({"line": {"none": True}, "min": 0})
    bars.set_chartarea({"border": {"none": True}})
    bars.set_size({"width": 1190, "height": 345})
    return bars
