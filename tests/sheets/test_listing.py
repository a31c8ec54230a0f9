"""Listing: a row written at one stroke is the row that XlsxWriter would have written cell by cell."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from openpyxl import load_workbook

from frontdesk.sheets.listing import Listing, number, text

SHEET = "xl/worksheets/sheet1.xml"
ROWS: list[tuple[str, float | None, int]] = [
    ("电梯停了", 46348.416666666664, 0),
    ("a&b<c>\"d'", None, 3),
    ("_x0041_ 与 _xZZZZ_", 0.1, -5),
    ("", 1e-9, 10**12),
    ("🏠" * 9, 46348.0, 1),
]


def cells(path: Path) -> list[list[tuple[Any, str]]]:
    """Each cell's value and, in words, everything about its look."""
    rows = load_workbook(path).worksheets[0].iter_rows()
    return [
        [(c.value, repr((c.data_type, c.number_format, c.font, c.border, c.alignment))) for c in row]
        for row in rows
    ]


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("fast.xlsx", "plain.xlsx"):
        book = xlsxwriter.Workbook(tmp_path / name, {"constant_memory": True, "tmpdir": str(tmp_path)})
        words, day = (
            book.add_format({"border": 1, "bold": True}),
            book.add_format({"num_format": "yyyy-mm-dd"}),
        )
        count = book.add_format({"num_format": "0;;", "align": "center"})
        sheet = book.add_worksheet("甲", Listing)
        assert isinstance(sheet, Listing)
        sheet.write_string(0, 0, "标题", words)
        if name == "fast.xlsx":
            made = ((21, (text(a), number(b), number(c))) for a, b, c in ROWS)
            sheet.write_list(2, [(words, True), (day, False), (count, False)], made)
        else:
            for row, (a, b, c) in enumerate(ROWS, 2):
                sheet.set_row(row, 21)
                sheet.write_string(row, 0, a, words)
                if b is None:
                    sheet.write_blank(row, 1, None, day)
                else:
                    sheet.write_number(row, 1, b, day)
                sheet.write_number(row, 2, c, count)
        book.add_worksheet("乙").write_string(0, 0, "另一页", words)
        book.close()
    return tmp_path / "fast.xlsx", tmp_path / "plain.xlsx"


def test_same_cells_same_look_same_size(pair: tuple[Path, Path]) -> None:
    fast, plain = (load_workbook(path).worksheets[0] for path in pair)
    assert cells(pair[0]) == cells(pair[1])
    assert [b'<dimension ref="A1:C7"/>' in zipfile.Path(path, SHEET).read_bytes() for path in pair] == [
        True,
        True,
    ]
    assert [fast.row_dimensions[row].height for row in range(1, 8)] == [
        plain.row_dimensions[row].height for row in range(1, 8)
    ]


def test_list_may_be_empty_and_the_page_goes_on_after_it(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx", {"constant_memory": True, "tmpdir": str(tmp_path)})
    sheet = book.add_worksheet("甲", Listing)
    assert isinstance(sheet, Listing)
    style = book.add_format()
    sheet.write_string(0, 0, "上", style)
    sheet.write_list(1, [(style, True)], [])
    sheet.write_list(1, [(style, True)], [(15, (text("中"),)), (15, (text("间"),))])
    assert sheet.write_string(1, 0, "迟了：这一行已经写出", style) != 0
    assert sheet.write_string(3, 0, "下", style) == 0
    book.close()
    assert [row[0][0] for row in cells(tmp_path / "a.xlsx")] == ["上", "中", "间", "下"]
