"""The monthly sheet in a real office program: it counts the same, prints, and what is typed there comes home."""

from __future__ import annotations

import csv
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName

from frontdesk.domain.facts import Span
from frontdesk.domain.tallies import FIGURES, Figures
from frontdesk.domain.timing import DAY
from frontdesk.sheets.template import fill_template
from tests.builders import House
from tests.sheets import years
from tests.sheets.made_up import (
    EXPECTED,
    GATE,
    LIFT,
    META,
    ORDER,
    at,
    estate,
    month,
    rows,
    table,
    tally,
    ticket,
    write,
)

pytestmark = pytest.mark.real("libreoffice", "pdftoppm")

# An office program shows the numbers it finds in the file unless it is told to count again.
RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode"><value>0</value></prop></item>
</oor:items>
"""


class Office:
    """LibreOffice without a screen, in a profile of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.profile = folder / "out", folder / "profile"
        (self.profile / "user").mkdir(parents=True)
        (self.profile / "user" / "registrymodifications.xcu").write_text(RECALCULATE, encoding="utf-8")

    def convert(self, path: Path, to: str) -> Path:
        """The file as the program saves it; raises with what the program said where it fails."""
        command = ["soffice", "--headless", "--norestore", f"-env:UserInstallation={self.profile.as_uri()}"]
        command += ["--convert-to", to, "--outdir", str(self.folder), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        made = list(self.folder.glob(f"{path.stem}*.{to.split(':', maxsplit=1)[0]}"))
        assert len(made) == 1, done.stdout + done.stderr
        return made[0]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    return folder


def counted(path: Path) -> dict[str, dict[str, int]]:
    heads, lines = table(path, "汇总", "投诉分类")
    known = {name: heads[m.label] for name, m in FIGURES.items() if m.label in heads}
    return {line: {name: int(cells[place]) for name, place in known.items()} for line, cells in lines.items()}


def blanked(path: Path) -> Path:
    """The same sheet without a single stored result: whatever it shows now, it has counted itself."""
    book = load_workbook(path)
    bare = path.with_name("bare.xlsx")
    book.save(bare)
    assert {str(cell) for row in rows(bare, "汇总")[8:13] for cell in row[1:15]} == {""}
    return bare


def test_office_counts_what_the_tally_says(office: Office, sheets: Path) -> None:
    again = office.convert(blanked(write(sheets).path), "xlsx")
    found = counted(again)
    for name in ORDER:
        expected = EXPECTED.get(name, Figures())._asdict()
        assert found[name] == {key: expected[key] for key in found[name]}
    totals = tally().totals._asdict()
    assert found["合计"] == {key: totals[key] for key in found["合计"]}
    texts = [str(cell) for row in rows(again, "汇总") for cell in row]
    assert "平衡核对：　上期结转 2 ＋ 本期新增 9 ＝ 本期关闭 7 ＋ 结转下期 4　（相符）" in texts
    stock = next(row for row in rows(again, "每日") if row[0] == "日末在办")
    assert stock[30] == totals["still_open"]
    heads, lines = table(again, "分类×部门", "责任部门")
    assert [lines["合计"][heads[meaning.label]] for meaning in FIGURES.values()] == list(totals.values())
    assert not [
        text
        for page in ("汇总", "每日", "分类×部门")
        for row in rows(again, page)
        for text in row
        if str(text).startswith("#")
    ]


def test_stored_results_are_those_that_office_counts(office: Office, sheets: Path) -> None:
    path = write(sheets).path
    assert counted(path) == counted(office.convert(path, "xlsx"))


def test_what_is_typed_in_office_comes_home(office: Office, sheets: Path) -> None:
    path = write(sheets).path
    book = load_workbook(path)
    for coordinate, text in {
        "P10": "=换读头，仍有 2 户",
        "Q10": "读头受潮",
        "R10": "12 月第一周\n逐户回访",
    }.items():
        cell = book["汇总"][coordinate]
        cell.value, cell.data_type = text, "s"
    book.save(path)
    path.write_bytes(office.convert(path, "xlsx").read_bytes())
    written = write(sheets, [*estate(), ticket("261115-01", LIFT, Span(at(15)))])
    assert (written.path, written.warning) == (path, "")
    heads, lines = table(path, "汇总", "投诉分类")
    assert lines[GATE][heads["备注"]] == "=换读头，仍有 2 户"
    assert lines[GATE][heads["改进措施"]] == "12 月第一周\n逐户回访"
    assert lines[GATE][heads["原因分析"]] == "读头受潮"
    assert counted(path)[LIFT]["opened"] == EXPECTED[LIFT].opened + 1


def test_signatures_that_were_typed_in_office_come_home(office: Office, sheets: Path) -> None:
    path = write(sheets).path
    book = load_workbook(path)
    front = book["汇总"]
    row = next(cell.row for cell in front["A"] if cell.value == "填表人：")
    front[f"B{row}"], front[f"H{row}"], front[f"Q{row}"] = "小林", "陈主任", "2026-12-01"
    book.save(path)
    path.write_bytes(office.convert(path, "xlsx").read_bytes())
    write(sheets, [*estate(), ticket("261115-01", LIFT, Span(at(15)))])
    front = load_workbook(path)["汇总"]
    row = next(cell.row for cell in front["A"] if cell.value == "填表人：")
    assert [front[f"{column}{row}"].value for column in "BHQ"] == ["小林", "陈主任", "2026-12-01"]


@pytest.fixture(scope="module")
def october(furnished: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """October 2025 out of two years of an estate, which take seconds to tell."""
    house = furnished.copy(tmp_path_factory.mktemp("years") / "home")
    house.time.now = years.AFTER + 10 * DAY
    desk = house.desk()
    years.settle(desk)
    written = desk.sheets.export("2025-10")
    desk.close()
    return written.path


@pytest.fixture
def year(october: Path, sheets: Path) -> Path:
    """That sheet in a folder of this test's own."""
    return Path(shutil.copy2(october, sheets))


def test_every_formula_on_every_page_comes_to_what_is_stored(office: Office, year: Path) -> None:
    """All stored results are thrown away first: what the office program shows, it has counted itself."""
    values, formulas = load_workbook(year, data_only=True), load_workbook(year)
    bare = year.with_name("bare.xlsx")
    formulas.save(bare)
    again = load_workbook(office.convert(bare, "xlsx"), data_only=True)
    checked = 0
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    stored, found = (book[sheet.title][cell.coordinate].value for book in (values, again))
                    if isinstance(stored, float):
                        assert found == pytest.approx(stored, abs=1e-9), (sheet.title, cell.coordinate)
                    else:
                        assert found == stored, (sheet.title, cell.coordinate)
                    checked += 1
    assert checked > 1_000


def test_a_busy_month_prints_with_heads_again_and_nothing_cut_off(office: Office, year: Path) -> None:
    pdf = office.convert(year, "pdf")
    shown = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True
    )
    pages = shown.stdout.split("\f")[:-1]
    for number, text in enumerate(pages, 1):
        assert f"第 {number} 页，共 {len(pages)} 页" in text
        assert "填表人" in text
        assert "###" not in text
    whole = shown.stdout
    assert len([text for text in pages if "迟了（小时）" in text and "结果" in text]) > 2
    assert sum("时限状态" in text for text in pages) > 2
    for words in ("工程维修-给排水漏水", "秩序维护-噪音扰民", "日末在办", "上月 2025-09", "去年同月 2024-10"):
        assert words in whole
    assert "2 0 2 5" not in whole
    pictures = pdf.with_name("page")
    subprocess.run(["pdftoppm", "-r", "40", "-png", str(pdf), str(pictures)], check=True)
    assert len(list(pdf.parent.glob("page-*.png"))) == len(pages)


def test_template_that_office_has_saved_is_filled_and_counts(office: Office, sheets: Path) -> None:
    book = Workbook()
    front = book.active
    assert front is not None
    for row, name in enumerate(("期初", "本月新增", "关闭", "期末"), 1):
        front.cell(row, 1, name)
        front.cell(row, 2, 0)
        book.defined_names[name] = DefinedName(name, attr_text=f"Sheet!$B${row}")
    front["B6"] = "=B1+B2-B3-B4"
    front["B7"] = "=B2*100"
    book.save(sheets / "模板.xlsx")
    template = office.convert(sheets / "模板.xlsx", "xlsx")
    written = fill_template(month(), template, sheets / "月报.xlsx", META)
    found = rows(office.convert(written.path, "xlsx"), "Sheet")
    assert [row[1] for row in found] == [2, 9, 7, 4, "", 0, 900]


def test_hostile_text_is_harmless_in_the_csv_made_of_the_sheet(office: Office, sheets: Path) -> None:
    bad = ticket(
        "261115-01", LIFT, Span(at(15)), title='=HYPERLINK("http://x","点")', unit="@A1", case_owner="+1"
    )
    path = write(sheets, [*estate(), bad]).path
    made = office.convert(
        path, "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,9"
    )
    with made.open(encoding="utf-8", newline="") as handle:
        found = list(csv.reader(handle))
    line = next(row for row in found if row[0] == "261115-01")
    assert (line[7], line[6], line[9]) == ('\'=HYPERLINK("http://x","点")', "'@A1", "'+1")
    assert not [cell for row in found for cell in row if cell[:1] in {*"=+-@"}]


def test_it_prints_on_a4_with_chinese_on_every_page(office: Office, sheets: Path) -> None:
    many = [ticket(f"2611{n:05d}", LIFT, Span(at(15)), title=f"第 {n} 件：楼道灯不亮") for n in range(120)]
    pdf = office.convert(write(sheets, [*estate(), *many], replace(META, site="云栖苑 & 西区")).path, "pdf")
    described = subprocess.run(["pdfinfo", str(pdf)], capture_output=True, text=True, check=True).stdout
    assert "(A4)" in described
    pages = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True
    )
    texts = pages.stdout.split("\f")[:-1]
    assert "顾客投诉分类统计表" in texts[0]
    assert "平衡核对" in texts[0]
    listing = [text for text in texts if "诉求摘要" in text]
    assert len(listing) >= 3
    for number, text in enumerate(texts, 1):
        assert f"第 {number} 页，共 {len(texts)} 页" in text
        assert "云栖苑 & 西区" in text
