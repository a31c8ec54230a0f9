"""汇总: the page that head office reads, with the balance, the comparison and three columns to fill in."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from frontdesk.domain.meanings import FIGURES
from frontdesk.domain.month import shifted
from frontdesk.domain.tallies import Figures
from frontdesk.sheets.book import Styles, across, columns, letter
from frontdesk.sheets.cells import lines, note_text, width
from frontdesk.sheets.details import Index
from frontdesk.sheets.figures import BALANCE, COLUMNS, ON_TIME_RATE, SATISFIED_RATE, TOTAL, Column, Table
from frontdesk.sheets.notes import CAUSE, KEY, MEASURE, REMARK, SIGNERS, Note, Written

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

PAGE: Final = "汇总"
HEAD: Final = 7
"""Row of the headings, counted from 0."""

_NOTES: Final = ((REMARK, 18), (CAUSE, 19), (MEASURE, 19))
_EDGE: Final = len(COLUMNS) + len(_NOTES)
# column key, first and last column that its tile covers
_TILES: Final = (
    ("carried_over", 0, 0),
    ("opened", 1, 3),
    ("closed", 4, 6),
    ("still_open", 7, 10),
    (ON_TIME_RATE, 11, 14),
    (SATISFIED_RATE, 15, 16),
    ("escalated", 17, 17),
)
_SIGNS: Final = " ＋ ", " ＝ ", " ＋ ", "　"
_NAMED: Final = {
    "期初": "carried_over",
    "本月新增": "opened",
    "重开": "reopened",
    "关闭": "closed",
    "作废": "void",
    "期末": "still_open",
    "按时办结": "on_time",
    "超时办结": "late",
    "及时率": ON_TIME_RATE,
    "满意": "satisfied",
    "基本满意": "fair",
    "不满意": "dissatisfied",
    "满意率": SATISFIED_RATE,
    "服务上移": "escalated",
}
"""The names that key cells of this page have, for formulas elsewhere."""


class Compared(NamedTuple):
    """The month and the two that it is held against."""

    month: str
    totals: Figures
    previous: Figures | None
    year_ago: Figures | None


def write_front(
    book: Workbook,
    sheet: Worksheet,
    styles: Styles,
    index: Index,
    rows: Mapping[str, Figures],
    compared: Compared,
    written: Written,
    said: tuple[str, str],
) -> None:
    """The page; `said` are the two lines under its title: what it covers, and which edition it is."""
    table = Table(sheet, styles, index, "categories", COLUMNS)
    first = HEAD + 1
    end = first + len(rows)
    widest = max([16, *(width(name) + 4 for name in rows)])
    columns(sheet, [min(widest, 30), *[6.6] * len(COLUMNS), *(size for _, size in _NOTES)])
    sheet.set_row(0, 36)
    across(sheet, 0, 0, _EDGE, "顾客投诉分类统计表", styles["title"])
    for row, text in enumerate(said, 1):
        sheet.set_row(row, 17)
        across(sheet, row, 0, _EDGE, text, styles["subtitle"])
    _tiles(table, end, compared)
    table.head(HEAD, KEY, [("人工填写（重新导出时保留）", heading) for heading, _ in _NOTES])
    for row, (name, figures) in enumerate(rows.items(), first):
        table.line(row, name, figures)
        _note(sheet, styles, row, written.notes.get(name, Note()))
    table.total(first, end, compared.totals)
    _note(sheet, styles, end, written.notes.get(TOTAL, Note()))
    below = _comparison(table, end, compared)
    _balance(table, below, end, compared.totals)
    _signatures(sheet, styles, below + 2, written.signed)
    table.alarms(first, end)
    sheet.freeze_panes(first, 1)
    for name, key in _NAMED.items():
        book.define_name(name, f"={PAGE}!${letter(1 + _place(key))}${end + 1}")


def _place(key: str) -> int:
    return [column.key for column in COLUMNS].index(key)


def _column(key: str) -> Column:
    return COLUMNS[_place(key)]


def _tiles(table: Table, total: int, compared: Compared) -> None:
    """The month in seven numbers, taken from the total row, and how they have moved."""
    sheet, styles = table.sheet, table.styles
    shown = [(_column(key), first, last) for key, first, last in _TILES]
    sheet.set_row(3, 17)
    for column, first, last in shown:
        across(sheet, 3, first, last, column.label, styles["tile_label"])
    sheet.set_row(4, 30)
    for column, first, last in shown:
        style = styles["tile_rate" if column.good else "tile"]
        across(sheet, 4, first, last, "", style)
        formula = f"={table.cell(column.key, total)}"
        sheet.write_formula(4, first, formula, style, column.value(compared.totals))
    sheet.set_row(5, 17)
    for column, first, last in shown:
        pairs = (("环比", compared.previous), ("同比", compared.year_ago))
        words = "　".join(_moved(word, column, compared.totals, before) for word, before in pairs)
        across(sheet, 5, first, last, words, styles["tile_change"])


def _moved(word: str, column: Column, now: Figures, before: Figures | None) -> str:
    new, old = column.number(now), column.number(before)
    if new is None or old is None or (not column.good and not old):
        return f"{word} —"
    share = new - old if column.good else new / old - 1
    points = Decimal(str(share * 100)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{word} {points:+}{'点' if column.good else '%'}"


def _comparison(table: Table, total: int, compared: Compared) -> int:
    """Under the total: the month before and the same month last year, and what has changed; answers the next row."""
    row = total + 1
    for words, back, figures in (("环比", -1, compared.previous), ("同比", -12, compared.year_ago)):
        name = f"{'上月' if back == -1 else '去年同月'} {shifted(compared.month, back)}"
        # One row after the other: what is behind the newest one is already on its way to the disk.
        _begin(table, row, name)
        for place, column in enumerate(COLUMNS, 1):
            _then(table, row, place, column, figures)
        _begin(table, row + 1, f"{words}增减")
        for place, column in enumerate(COLUMNS, 1):
            _change(table, row + 1, place, (total, row), (column, compared.totals, figures))
        row += 2
    return row


def _begin(table: Table, row: int, name: str) -> None:
    table.sheet.set_row(row, 18)
    table.sheet.write_string(row, 0, name, table.styles["compare_name"])


def _then(table: Table, row: int, place: int, column: Column, figures: Figures | None) -> None:
    number, style = column.number(figures), table.styles["compare_rate" if column.good else "compare"]
    if number is None:
        table.sheet.write_string(row, place, "—", style)
    else:
        table.sheet.write_number(row, place, number, style)


def _change(
    table: Table,
    row: int,
    place: int,
    rows: tuple[int, int],
    told: tuple[Column, Figures, Figures | None],
) -> None:
    column, totals, figures = told
    new, old = column.number(totals), column.number(figures)
    style = table.styles["change_rate" if column.good else "change"]
    now, then = (f"{letter(place)}{each + 1}" for each in rows)
    value = "—" if new is None or old is None else new - old
    table.sheet.write_formula(row, place, f'=IF(COUNT({now},{then})<2,"—",{now}-{then})', style, value)


def _note(sheet: Worksheet, styles: Styles, row: int, note: Note) -> None:
    """The cells for people, tall enough for what stands in them."""
    taken = max(lines(text, size) for text, (_, size) in zip(note, _NOTES, strict=True))
    sheet.set_row(row, min(400.0, max(20.0, 15.0 * taken + 5)))
    for place, text in enumerate(note, len(COLUMNS) + 1):
        if text:
            sheet.write_string(row, place, note_text(text), styles["note"])
        else:
            sheet.write_blank(row, place, None, styles["note"])


def _balance(table: Table, row: int, total: int, totals: Figures) -> None:
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
    table.sheet.set_row(row, 22)
    across(table.sheet, row, 0, _EDGE, "", style)
    value = f"平衡核对：　{words}{even if totals.balanced else uneven}"
    table.sheet.write_formula(row, 0, formula, style, value)


def _signatures(sheet: Worksheet, styles: Styles, row: int, signed: tuple[str, ...]) -> None:
    """Who filled it in, who checked it, when; what is typed there stays."""
    sheet.set_row(row, 24)
    for name, text, (label, first, last) in zip(
        SIGNERS, signed, ((0, 1, 4), (6, 7, 11), (15, 16, 16)), strict=True
    ):
        sheet.write_string(row, label, f"{name}：", styles["sign_right"])
        across(sheet, row, first, last, note_text(text), styles["sign_line"])
