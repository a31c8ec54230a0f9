"""说明: what every figure means, which edition this is, and what the reader must know before quoting it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from frontdesk.domain.meanings import CHAPTERS
from frontdesk.sheets.book import Styles, columns, title_rows
from frontdesk.sheets.cells import data_text, lines
from frontdesk.sheets.lists import heading, heads

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

PAGE: Final = "说明"
_NEW_PAGE: Final = ("每日", "重复投诉与群发事件")


def write_meanings(
    sheet: Worksheet, styles: Styles, subtitle: str, facts: Mapping[str, str], moved: Sequence[str]
) -> None:
    """`facts` are the lines about this very sheet; `moved` what came over from last month under another category."""
    columns(sheet, [24, 112])
    title_rows(sheet, styles, "口径说明", subtitle)
    row, breaks = 3, list[int]()
    for chapter, meanings in (
        ("本表", tuple(facts.items())),
        *((chapter, tuple(meanings)) for chapter, meanings in CHAPTERS.items()),
    ):
        if chapter in _NEW_PAGE:
            breaks.append(row)
        heading(sheet, styles, row, chapter)
        heads(sheet, styles, row + 1, ("项目" if chapter == "本表" else "指标", "含义"))
        row += 2
        for row, (name, text) in enumerate(meanings, row):  # noqa: B020 - goes on from where the headings ended
            _line(sheet, styles, row, (name, text))
        row += 2
    if moved:
        heading(sheet, styles, row, "上月结转改了分类的工单")
        for row, text in enumerate(moved, row + 1):  # noqa: B020
            _line(sheet, styles, row, ("改分类", data_text(text)))
    sheet.set_h_pagebreaks(breaks)
    sheet.freeze_panes(2, 0)


def _line(sheet: Worksheet, styles: Styles, row: int, told: tuple[str, str]) -> None:
    sheet.set_row(row, 15.0 * lines(told[1], 108) + 7)
    sheet.write_string(row, 0, told[0], styles["name"])
    sheet.write_string(row, 1, told[1], styles["meaning"])
