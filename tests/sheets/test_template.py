"""The company's own workbook: what it names is filled in, all else stays as it was."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName

from frontdesk.domain.errors import BadInput
from frontdesk.domain.facts import Span
from frontdesk.sheets.template import fill_template
from tests.sheets.made_up import EXPECTED, GATE, LIFT, META, at, estate, month, ticket

HEADS = ["序号", "投诉分类", "本期新增", "本期关闭", "结转下期", "按时率", "备注", "改进措施"]


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A sheet with the company's colours, a formula of its own, and names here and there."""
    book = Workbook()
    front = book.active
    assert front is not None
    front.title = "月报 A"
    front["B2"] = "星河物业集团 投诉月报"
    front["B2"].font = Font(name="楷体", size=22, color="FF8800CC")
    for row, (label, name) in enumerate(
        [("期初", "期初"), ("新增", "本月新增"), ("关闭", "关闭"), ("期末", "期末"), ("及时率", "及时率")], 4
    ):
        front.cell(row, 2, label)
        front.cell(row, 3, 999).number_format = "0.00%" if name == "及时率" else "#,##0"
        book.defined_names[name] = DefinedName(name, attr_text=f"'月报 A'!$C${row}")
    front["C9"] = "=C4+C5-C6-C7"
    front["E4"] = "旧值"
    for name, cell in (("项目", "$E$4"), ("数据截至", "$E$5"), ("版次", "$E$6")):
        book.defined_names[name] = DefinedName(name, attr_text=f"'月报 A'!{cell}")
    front["E5"].number_format = "yyyy-mm-dd"
    table = book.create_sheet("分类")
    table.append(["各类投诉"])
    table.append(HEADS)
    table["A3"].fill = PatternFill("solid", fgColor="FFFFEE00")
    for place in range(2, 9):
        table.cell(3, place).fill = PatternFill("solid", fgColor="FFFFEE00")
    table["F3"].number_format = "0.0%"
    book.defined_names["分类表"] = DefinedName("分类表", attr_text="分类!$A$3")
    days = book.create_sheet("日")
    days.append(["日期", "本期新增", "日末在办"])
    days["A2"].number_format = "m-d"
    book.defined_names["每日表"] = DefinedName("每日表", attr_text="日!$A$2:$C$2")
    path = tmp_path / "模板.xlsx"
    book.save(path)
    return path


def filled(template: Path, **changes: Any) -> Any:
    written = fill_template(month(**changes), template, template.parent / "月报.xlsx", META)
    return load_workbook(written.path)


def test_named_cells_take_the_figures_and_keep_their_looks(template: Path) -> None:
    book = filled(template)
    front = book["月报 A"]
    assert [front[f"C{row}"].value for row in range(4, 9)] == [2, 9, 7, 4, pytest.approx(0.6)]
    assert (front["C8"].number_format, front["B2"].font.name) == ("0.00%", "楷体")
    assert front["B2"].value == "星河物业集团 投诉月报"
    assert front["E4"].value == "云栖苑"
    assert f"{front['E5'].value:%Y-%m-%d}" == "2026-12-01"
    assert front["E6"].value == "未定稿"
    assert front["C9"].value == "=C4+C5-C6-C7"


def test_table_goes_down_from_its_anchor_in_the_looks_of_that_row(template: Path) -> None:
    table = filled(template)["分类"]
    lines = {row[1].value: row for row in table.iter_rows(min_row=3) if row[1].value}
    assert list(lines) == [*EXPECTED, "清洁绿化-绿化"]
    for name, figures in EXPECTED.items():
        assert [cell.value for cell in lines[name][2:5]] == [
            figures.opened,
            figures.closed,
            figures.still_open,
        ]
    assert lines[GATE][5].value == 0.5
    assert lines[GATE][5].number_format == "0.0%"
    assert {row[1].fill.fgColor.rgb for row in lines.values()} == {"FFFFEE00"}
    assert lines[GATE][0].value is None, "the company numbers its lines itself"


def test_days_are_dates(template: Path) -> None:
    days = filled(template)["日"]
    assert f"{days['A2'].value:%m-%d}" == "11-01"
    assert [days["B31"].value, days["C31"].value] == [1, 4]


def test_what_was_typed_into_the_filled_one_is_carried_on(template: Path) -> None:
    target = template.parent / "月报.xlsx"
    fill_template(month(), template, target, META)
    book = load_workbook(target)
    line = next(row for row in book["分类"].iter_rows(min_row=3) if row[1].value == GATE)
    line[6].value, line[7].value = "=读头坏", "12 月换新"
    line[6].data_type = "s"
    book.save(target)
    more = [*estate(), ticket("261115-01", LIFT, Span(at(15)))]
    again = fill_template(month(more), template, target, META)
    assert (again.path, again.warning) == (target, "")
    line = next(row for row in load_workbook(target)["分类"].iter_rows(min_row=3) if row[1].value == GATE)
    assert (line[6].value, line[6].data_type, line[7].value) == ("=读头坏", "s", "12 月换新")
    assert not fill_template(month(more), template, target, META).changed


def test_formulas_of_the_template_are_counted_anew(template: Path) -> None:
    filled(template)
    with zipfile.ZipFile(template.parent / "月报.xlsx") as archive:
        workbook = archive.read("xl/workbook.xml").decode()
        assert 'fullCalcOnLoad="1"' in workbook
        assert archive.testzip() is None
        names = set(archive.namelist())
    with zipfile.ZipFile(template) as archive:
        assert set(archive.namelist()) == names


def test_hostile_text_stays_text(template: Path) -> None:
    written = fill_template(
        month(), template, template.parent / "月报.xlsx", replace(META, site='=HYPERLINK("x")')
    )
    cell = load_workbook(written.path)["月报 A"]["E4"]
    assert (cell.value, cell.data_type) == ('\'=HYPERLINK("x")', "s")


def unnamed(path: Path) -> None:
    Workbook().save(path)


def unheaded(path: Path) -> None:
    book = Workbook()
    book.defined_names["分类表"] = DefinedName("分类表", attr_text="Sheet!$A$3")
    book.save(path)


def dangling(path: Path) -> None:
    book = Workbook()
    book.defined_names["期初"] = DefinedName("期初", attr_text="#REF!")
    book.save(path)


def with_macros(path: Path) -> None:
    unnamed(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")


def with_entities(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
        archive.writestr("xl/_rels/workbook.xml.rels", "<x/>")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (unnamed, "没有认得的名称"),
        (unheaded, "没有认得的表头"),
        (dangling, "没有指向单元格"),
        (with_macros, "带宏"),
        (with_entities, "文档类型"),
        (lambda path: path.write_bytes(b"no zip"), "不是 xlsx"),
        (lambda path: None, "读不了"),
    ],
    ids=["unnamed", "unheaded", "dangling", "macros", "entities", "no-zip", "missing"],
)
def test_template_that_cannot_be_used_is_named_with_its_remedy(tmp_path: Path, make: Any, words: str) -> None:
    path = tmp_path / "模板.xlsx"
    make(path)
    with pytest.raises(BadInput, match=words):
        fill_template(month(), path, tmp_path / "月报.xlsx", META)
    assert {each.name for each in tmp_path.iterdir()} <= {path.name}
