"""The page of days: what came and what was closed, day × category, and how many were open each night."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from frontdesk.domain.tallies import FIGURES, MonthTally
from frontdesk.domain.timing import DAY, local
from frontdesk.sheets.book import BLUE, GREEN, NAVY, Styles, columns, letter
from frontdesk.sheets.details import label
from frontdesk.sheets.figures import TOTAL

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

PAGE: Final = "每日"
_STOCK: Final = "日末在办"
_WEEK: Final = "一二三四五六日"
_SATURDAY: Final = 5
_HEAD: Final = 3

_Counts = Mapping[tuple[int, str], int]


def write_daily(
    book: Workbook, sheet: Worksheet, styles: Styles, tally: MonthTally, names: Sequence[str]
) -> None:
    """Two tables and a chart; `names` are the categories in the order of the summary."""
    opened, closed = _counts(tally, 0), _counts(tally, 1)
    active = {name for _, name in tally.days}
    shown = [name for name in names if name in {label("categories", each) for each in active}]
    days = Days(sheet, styles, tally)
    columns(sheet, [24, *[4.2] * len(days.all), 7])
    sheet.set_default_row(18)
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, "每日分类统计", styles["heading"])
    later = "，灰格为尚未到的日子" if tally.last_day < len(days.all) else ""
    sheet.write_string(1, 0, f"浅色为周末{later}。", styles["remark"])
    first = days.table(_HEAD, FIGURES["opened"].label, shown, opened)
    second = days.table(first + 3, FIGURES["closed"].label, shown, closed)
    days.stock(second + 1, (first, second), opened, closed)
    sheet.insert_chart(second + 4, 0, _trend(book, tally, (first, second)), {"object_position": 2})
    sheet.set_h_pagebreaks([first + 2])
    sheet.freeze_panes(2, 1)


def _counts(tally: MonthTally, which: int) -> dict[tuple[int, str], int]:
    counts: dict[tuple[int, str], int] = {}
    for (day, name), pair in tally.days.items():
        key = (day, label("categories", name))
        counts[key] = counts.get(key, 0) + pair[which]
    return counts


@dataclass(frozen=True, slots=True)
class Days:
    """The page's grid: a column for each day of the month, then the total."""

    sheet: Worksheet
    styles: Styles
    tally: MonthTally

    @property
    def all(self) -> range:
        """The days of the month; day n stands in column n."""
        return range(1, (self.tally.end - self.tally.start) // DAY + 1)

    def table(self, row: int, heading: str, names: Sequence[str], counts: _Counts) -> int:
        """One table from `row` on; answers the row of its total."""
        self._head(row, heading)
        for place, name in enumerate(names, row + 1):
            self.sheet.write_string(place, 0, name, self.styles["name"])
            of_day = {day: counts.get((day, name), 0) for day in self.all}
            for day, count in of_day.items():
                self._count(place, day, count)
            self._sum_across(place, sum(of_day.values()))
        end = row + 1 + len(names)
        self.sheet.write_string(end, 0, TOTAL, self.styles["sum_name"])
        for day in self.all:
            above = f"{letter(day)}{row + 2}:{letter(day)}{end}"
            value = sum(count for (at, _), count in counts.items() if at == day)
            self.sheet.write_formula(end, day, f"=SUM({above})" if names else "=0", self.styles["sum"], value)
        self._sum_across(end, sum(counts.values()))
        return end

    def stock(self, row: int, totals: tuple[int, int], opened: _Counts, closed: _Counts) -> None:
        """Open when each day ended: the day before, plus new, less closed."""
        self.sheet.write_string(row, 0, _STOCK, self.styles["sum_name"])
        stock = self.tally.totals.carried_over
        before = str(stock)
        for day in self.all:
            if day > self.tally.last_day:
                self.sheet.write_blank(row, day, None, self.styles["later"])
                continue
            stock += sum(count for (at, _), count in opened.items() if at == day)
            stock -= sum(count for (at, _), count in closed.items() if at == day)
            new, gone = (f"{letter(day)}{total + 1}" for total in totals)
            self.sheet.write_formula(row, day, f"={before}+{new}-{gone}", self.styles["sum"], stock)
            before = f"{letter(day)}{row + 1}"
        self.sheet.write_blank(row, self.all[-1] + 1, None, self.styles["sum"])

    def _head(self, row: int, heading: str) -> None:
        self.sheet.set_row(row, 30)
        self.sheet.write_string(row, 0, heading, self.styles["head"])
        for day in self.all:
            style = self.styles["head_weekend" if self._weekend(day) else "head"]
            self.sheet.write_string(row, day, f"{day}\n{_WEEK[self._weekday(day)]}", style)
        self.sheet.write_string(row, self.all[-1] + 1, TOTAL, self.styles["head"])

    def _count(self, row: int, day: int, count: int) -> None:
        if day > self.tally.last_day:
            self.sheet.write_blank(row, day, None, self.styles["later"])
        else:
            style = self.styles["count_weekend" if self._weekend(day) else "count"]
            self.sheet.write_number(row, day, count, style)

    def _sum_across(self, row: int, value: int) -> None:
        last = self.all[-1]
        formula = f"=SUM({letter(1)}{row + 1}:{letter(last)}{row + 1})"
        self.sheet.write_formula(row, last + 1, formula, self.styles["sum"], value)

    def _weekday(self, day: int) -> int:
        return local(self.tally.start + (day - 1) * DAY).weekday()

    def _weekend(self, day: int) -> bool:
        return self._weekday(day) >= _SATURDAY


def _trend(book: Workbook, tally: MonthTally, totals: tuple[int, int]) -> Chart:
    """New and closed each day as columns, what was left as a line on the right-hand axis."""
    bars = cast("Chart", book.add_chart({"type": "column"}))
    line = cast("Chart", book.add_chart({"type": "line"}))

    def series(row: int, name: str) -> dict[str, object]:
        last = tally.last_day
        return {
            "name": name,
            "categories": [PAGE, _HEAD, 1, _HEAD, last],
            "values": [PAGE, row, 1, row, last],
        }

    bars.add_series({**series(totals[0], FIGURES["opened"].label), "fill": {"color": BLUE}, "gap": 60})
    bars.add_series({**series(totals[1], FIGURES["closed"].label), "fill": {"color": GREEN}})
    stock = series(totals[1] + 1, f"{_STOCK}（右轴）")
    line.add_series({**stock, "line": {"color": NAVY, "width": 1.75}, "y2_axis": True})
    bars.combine(line)
    bars.set_title({"name": "每日新增、关闭与在办", "name_font": {"size": 12, "color": NAVY}})
    bars.set_legend({"position": "bottom"})
    bars.set_y_axis(
        {"major_gridlines": {"visible": True, "line": {"color": "#E3E8EE"}}, "line": {"none": True}}
    )
    line.set_y2_axis({"line": {"none": True}, "min": 0})
    bars.set_chartarea({"border": {"none": True}})
    bars.set_size({"width": 1190, "height": 320})
    return bars
