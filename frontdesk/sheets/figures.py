"""A table of figures on a page: headings, a row for each name, a total; each number a formula over tickets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from frontdesk.domain.tallies import FIGURES, Figures, Row
from frontdesk.sheets import details
from frontdesk.sheets.book import Styles, across, letter
from frontdesk.sheets.details import Index
from frontdesk.sheets.lists import note

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

TOTAL: Final = "合计"
ON_TIME_RATE: Final = "按时率"
SATISFIED_RATE: Final = "满意率"
BALANCE: Final = ("carried_over", "opened", "closed", "still_open")
"""上期结转 + 本期新增 = 本期关闭 + 结转下期."""

_NOTHING: Final = "—"
_ALARMING: Final = frozenset({"late", "dissatisfied", "broken"})


class Column(NamedTuple):
    """A column of a table: one of `FIGURES`, or the rate of `good` among itself and `bad`."""

    group: str
    key: str
    good: str = ""
    bad: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The heading."""
        return self.key if self.good else FIGURES[self.key].label

    def value(self, figures: Figures) -> int | float | str:
        """What the formula in the cell comes to."""
        number = self.number(figures)
        return _NOTHING if number is None else number

    def number(self, figures: Figures | None) -> int | float | None:
        """The figure or the rate; None where there is none."""
        if figures is None:
            return None
        if not self.good:
            return int(getattr(figures, self.key))
        good = getattr(figures, self.good)
        whole = good + sum(getattr(figures, name) for name in self.bad)
        return good / whole if whole else None


COLUMNS: Final = (
    *(
        Column("件数平衡", key)
        for key in ("carried_over", "opened", "reopened", "closed", "void", "still_open")
    ),
    Column("办结时效", "on_time"),
    Column("办结时效", "late"),
    Column("办结时效", ON_TIME_RATE, "on_time", ("late",)),
    Column("回访满意度", "satisfied"),
    Column("回访满意度", "fair"),
    Column("回访满意度", "dissatisfied"),
    Column("回访满意度", SATISFIED_RATE, "satisfied", ("fair", "dissatisfied")),
    Column("升级", "escalated"),
)
WITH_PROMISES: Final = (*COLUMNS, Column("承诺", "kept"), Column("承诺", "broken"))


def labelled(group: str, rows: Iterable[Row], order: Sequence[str] = ()) -> dict[str, Figures]:
    """Label → figures, first those of `order`, then as they come; names that read alike are one row."""
    found = dict.fromkeys((details.label(group, name) for name in order), Figures())
    for row in rows:
        name = details.label(group, row.name)
        found[name] = Figures(*map(sum, zip(found.get(name, Figures()), row.figures, strict=True)))
    return found


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of one group (categories, kinds …) on a page, names in column A."""

    sheet: Worksheet
    styles: Styles
    index: Index
    group: str
    columns: Sequence[Column]

    def head(self, row: int, heading: str, more: Sequence[tuple[str, str]] = ()) -> None:
        """The headings in `row`, and above them what belongs together; `more` columns as (group, label)."""
        headings = [*((column.group, column.label) for column in self.columns), *more]
        self.sheet.set_row(row - 1, 18)
        self.sheet.write_blank(row - 1, 0, None, self.styles["group"])
        place = 1
        for group in dict.fromkeys(group for group, _ in headings):
            size = sum(each == group for each, _ in headings)
            across(self.sheet, row - 1, place, place + size - 1, group, self.styles["group"])
            place += size
        self.sheet.set_row(row, 34)
        for place, text in enumerate((heading, *(label for _, label in headings))):
            self.sheet.write_string(row, place, text, self.styles["head"])

    def line(self, row: int, name: str, figures: Figures) -> None:
        """One name's figures; in the table of categories a click on a number shows its tickets."""
        self.sheet.write_string(row, 0, name, self.styles["name"])
        for place, column in enumerate(self.columns, 1):
            if column.good:
                formula, style = self._rate(column, row), self.styles["percent"]
            else:
                figure = Figures._fields.index(column.key)
                formula = self.index.sum_of(figure, **{self.group: f"$A{row + 1}"})
                style = self.styles["count"]
                self._trace(row, place, name, column, figure)
            # Office programs show this value until they recalculate; some never do.
            self.sheet.write_formula(row, place, formula, style, column.value(figures))

    def _trace(self, row: int, place: int, name: str, column: Column, figure: int) -> None:
        """A click leads to the tickets; where others stand between them, a note has their numbers."""
        trace = self.index.traces.get((self.group, name, figure))
        if trace is None:
            return
        tip = f"{name}　{column.label}：点开看明细"
        there = self.index.link(trace, figure)
        self.sheet.write_url(row, place, there, self.styles["count"], string=" ", tip=tip)
        if not trace.together:
            where = f"，其余请在明细页筛选「{column.label}」"
            note(self.sheet, row, place, trace.numbers, trace.count, where)

    def total(self, first: int, row: int, totals: Figures) -> None:
        """The total in `row` of the lines from `first` on."""
        self.sheet.write_string(row, 0, TOTAL, self.styles["sum_name"])
        for place, column in enumerate(self.columns, 1):
            name = letter(place)
            formula = f"=SUM({name}{first + 1}:{name}{row})" if row > first else "=0"
            style = self.styles["sum_percent" if column.good else "sum"]
            formula = self._rate(column, row) if column.good else formula
            if not column.good and column.number(totals):
                there = self.index.whole(Figures._fields.index(column.key))
                tip = f"{column.label}合计：点开看明细，再筛选「{column.label}」"
                self.sheet.write_url(row, place, there, style, string=" ", tip=tip)
            self.sheet.write_formula(row, place, formula, style, column.value(totals))

    def alarms(self, first: int, last: int) -> None:
        """Red where something was late, refused or broken; glaring where a row does not balance."""
        carried, opened, closed, still = (f"${self.cell(key, first)}" for key in BALANCE)
        uneven = f"={carried}+{opened}<>{closed}+{still}"
        rule = {"type": "formula", "criteria": uneven, "format": self.styles["uneven"]}
        self.sheet.conditional_format(first, 0, last, len(self.columns), rule)
        for place, column in enumerate(self.columns, 1):
            if column.key in _ALARMING:
                rule = {"type": "cell", "criteria": ">", "value": 0, "format": self.styles["alarm"]}
                self.sheet.conditional_format(first, place, last, place, rule)

    def cell(self, key: str, row: int) -> str:
        """The cell of a column in a row, as a formula names it."""
        return f"{letter(1 + [column.key for column in self.columns].index(key))}{row + 1}"

    def _rate(self, column: Column, row: int) -> str:
        good, *bad = (self.cell(key, row) for key in (column.good, *column.bad))
        whole = "+".join((good, *bad))
        return f'=IF({whole}=0,"{_NOTHING}",{good}/({whole}))'
