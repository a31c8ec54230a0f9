"""The workbook and its look: one palette, one way of printing; the same input always gives the same bytes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from frontdesk.domain.timing import Instant, local

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

NAVY, BLUE, GREEN, AMBER, SLATE = "#1F3A5F", "#2F6DB5", "#6FA287", "#D08A2E", "#8A94A0"
_INK, _GREY, _LINE, _ALARM = "#22303C", "#6B7785", "#C9D2DC", "#B3261E"
_BAND, _TOTAL, _PAPER, _WEEKEND, _LATER = "#EEF3F8", "#DCE6F0", "#FFFBEA", "#F4F6F8", "#E7EBEF"
_FONT: Final = "微软雅黑"
_A4: Final = 9

_BASE: Final = {"font_name": _FONT, "font_size": 10, "font_color": _INK, "valign": "vcenter"}
_CELL: Final = {"border": 1, "border_color": _LINE}
_MIDDLE: Final = {"align": "center"}
# A zero says nothing and is not printed; it stays a number for whoever adds up.
_COUNT: Final = {"num_format": "#,##0;-#,##0;;@", **_MIDDLE}
_PERCENT: Final = {"num_format": "0.0%", **_MIDDLE}
_HEAD: Final = {
    **_CELL,
    **_MIDDLE,
    "bold": True,
    "font_color": "#FFFFFF",
    "bg_color": NAVY,
    "text_wrap": True,
}
_SUM: Final = {**_CELL, "bold": True, "bg_color": _TOTAL}
_TILE: Final = {"bold": True, "font_size": 18, "font_color": NAVY, "bg_color": _BAND, **_MIDDLE}
_LIST: Final = {**_BASE, **_CELL, "font_size": 9}
# Whatever is typed into such a cell stays the text that was typed: no formula, date or number comes of it.
_TYPED: Final = {"num_format": "@", "quote_prefix": True, "text_wrap": True}

_STYLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "title": {**_BASE, **_MIDDLE, "bold": True, "font_size": 20, "font_color": NAVY},
    "subtitle": {**_BASE, **_MIDDLE, "font_color": _GREY},
    "heading": {**_BASE, "bold": True, "font_size": 13, "font_color": NAVY},
    "remark": {**_BASE, "font_size": 9, "font_color": _GREY},
    "tile_label": {
        **_BASE,
        **_MIDDLE,
        "font_size": 9,
        "font_color": _GREY,
        "bg_color": _BAND,
        "top": 2,
        "top_color": NAVY,
    },
    "tile": {**_BASE, **_TILE, "num_format": "#,##0"},
    "tile_rate": {**_BASE, **_TILE, "num_format": "0.0%"},
    "group": {**_BASE, **_HEAD, "font_size": 9, "bg_color": "#34567F"},
    "head": {**_BASE, **_HEAD},
    "head_weekend": {**_BASE, **_HEAD, "bg_color": "#5A7390"},
    "name": {**_BASE, **_CELL, "indent": 1, "quote_prefix": True},
    "count": {**_BASE, **_CELL, **_COUNT},
    "count_weekend": {**_BASE, **_CELL, **_COUNT, "bg_color": _WEEKEND},
    "later": {**_BASE, **_CELL, "bg_color": _LATER},
    "percent": {**_BASE, **_CELL, **_PERCENT},
    "note": {**_BASE, **_CELL, **_TYPED, "bg_color": _PAPER, "indent": 1},
    "sum_name": {**_BASE, **_SUM, "indent": 1},
    "sum": {**_BASE, **_SUM, **_COUNT},
    "sum_decimal": {**_BASE, **_SUM, **_MIDDLE, "num_format": "0.0"},
    "sum_percent": {**_BASE, **_SUM, **_PERCENT},
    "balance": {**_BASE, "bold": True, "font_color": NAVY, "indent": 1, "bottom": 1, "bottom_color": _LINE},
    "meaning": {**_BASE, **_CELL, "indent": 1, "text_wrap": True},
    "text": {**_LIST, "quote_prefix": True, "text_wrap": True, "indent": 1},
    "line": {**_LIST, "quote_prefix": True, "indent": 1},
    "middle": {**_LIST, **_MIDDLE, "quote_prefix": True},
    "date": {**_LIST, **_MIDDLE, "num_format": "yyyy-mm-dd hh:mm"},
    "share": {**_LIST, **_COUNT},
    "section": {
        **_BASE,
        "bold": True,
        "font_size": 11,
        "font_color": NAVY,
        "bottom": 2,
        "bottom_color": NAVY,
    },
    "plain": {**_BASE, **_CELL, **_MIDDLE},
    "decimal": {**_BASE, **_CELL, **_MIDDLE, "num_format": "0.0"},
    "list_decimal": {**_LIST, **_MIDDLE, "num_format": "0.0"},
    "day": {**_LIST, **_MIDDLE, "num_format": "m/d"},
    "compare_name": {**_BASE, **_CELL, "indent": 1, "font_color": _GREY},
    "compare": {**_BASE, **_CELL, **_MIDDLE, "font_color": _GREY, "num_format": "#,##0"},
    "compare_rate": {**_BASE, **_CELL, **_MIDDLE, "font_color": _GREY, "num_format": "0.0%"},
    "change": {**_BASE, **_CELL, **_MIDDLE, "font_color": NAVY, "num_format": "+#,##0;-#,##0;0"},
    "change_rate": {**_BASE, **_CELL, **_MIDDLE, "font_color": NAVY, "num_format": "+0.0%;-0.0%;0.0%"},
    "tile_change": {**_BASE, **_MIDDLE, "font_size": 8, "font_color": _GREY, "bg_color": _BAND},
    "sign_right": {**_BASE, "align": "right"},
    "sign_line": {**_BASE, "bottom": 1, "bottom_color": _GREY, **_TYPED},
    "mark": {**_BASE, **_CELL, **_MIDDLE, "font_color": _ALARM, "bold": True},
    "red": {"font_color": "#9C1C14", "bg_color": "#F9D7D3", "bold": True},
    "amber": {"font_color": "#7A4B00", "bg_color": "#FCE7C3"},
    "green": {"font_color": "#1E5B3A", "bg_color": "#DCEFE3"},
    "grey": {"font_color": _GREY, "bg_color": _LATER},
    "alarm": {"bold": True, "font_color": _ALARM},
    "uneven": {"font_color": "#FFFFFF", "bg_color": _ALARM},
}


class Styles:
    """The formats of one workbook by name, made when first used."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[str, Format] = {}

    def __getitem__(self, name: str) -> Format:
        if name not in self._made:
            self._made[name] = self._book.add_format(dict(_STYLES[name]))
        return self._made[name]


@contextmanager
def workbook(handle: BinaryIO, title: str, site: str, at: Instant) -> Iterator[Workbook]:
    """A workbook that is written to `handle` on leaving; it says that it was made at `at`.

    Constant memory: rows go to disk as they come, so each page is written from top to bottom. `OSError` as
    the disk says it.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    with tempfile.TemporaryDirectory(prefix="frontdesk-") as folder:
        book = xlsxwriter.Workbook(handle, {"constant_memory": True, "tmpdir": folder})
        made = local(at).replace(tzinfo=None)
        book.set_properties({"title": title, "author": site, "company": site, "created": made})
        try:
            yield book
            book.close()
        except FileCreateError as problem:
            raise problem.args[0] from problem
        finally:
            for sheet in book.worksheets():
                with suppress(OSError):
                    sheet.row_data_fh.close()  # type: ignore[attr-defined]  # set in constant memory


def page(sheet: Worksheet, title: str, site: str, repeat: tuple[int, int] | None, colour: str) -> None:
    """A4 landscape, one page wide, as many long as it takes, with the rows `repeat`, a number, and who signs, on each."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.65)
    sheet.center_horizontally()
    if repeat is not None:
        sheet.repeat_rows(*repeat)
    sheet.hide_gridlines(2)
    sheet.set_tab_color(colour)
    small, shown = f'&"{_FONT},Regular"&8', site[:60].replace("&", "&&")
    sheet.set_header(f"&L{small} {shown}&R{small} {title}　&A", {"margin": 0.3})
    signed = "填表人：＿＿＿＿＿＿　审核人：＿＿＿＿＿＿　日期：＿＿＿＿＿＿"
    sheet.set_footer(f"&L{small} {signed}&R{small} 第 &P 页，共 &N 页", {"margin": 0.3})


def title_rows(sheet: Worksheet, styles: Styles, text: str, subtitle: str) -> None:
    """The first two rows of every page but the front one."""
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, text, styles["heading"])
    sheet.write_string(1, 0, subtitle, styles["remark"])


def columns(sheet: Worksheet, widths: Sequence[float]) -> None:
    """The widths of the first columns, in digits of the usual font; a hanzi takes two."""
    for place, size in enumerate(widths):
        sheet.set_column(place, place, size)


def across(sheet: Worksheet, row: int, first: int, last: int, text: str, style: Format) -> None:
    """A text over a stretch of one row; constant memory allows no taller merge."""
    if last > first:
        sheet.merge_range(row, first, row, last, "", style)
    sheet.write_string(row, first, text, style)


def letter(column: int) -> str:
    """The name of a column counted from 0."""
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))
