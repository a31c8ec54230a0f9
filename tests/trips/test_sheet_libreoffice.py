"""The monthly sheet in a real office program: it counts the same, prints, and what is typed there comes home."""

from __future__ import annotations

import csv
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from frontdesk.domain.facts import Span
from frontdesk.domain.tallies import FIGURES, Figures
from tests.sheets.made_up import (
    EXPECTED,
    GATE,
    LIFT,
    META,
    ORDER,
    at,
    estate,
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
    for coordinate, text in {"P10": "=换读头，仍有 2 户", "R10": "12 月第一周\n逐户回访"}.items():
        cell = book["汇总"][coordinate]
        cell.value, cell.data_type = text, "s"
    book.save(path)
    path.write_bytes(office.convert(path, "xlsx").read_bytes())
    written = write(sheets, [*estate(), ticket("261115-01", LIFT, Span(at(15)))])
    assert (written.path, written.warning) == (path, "")
    heads, lines = table(path, "汇总", "投诉分类")
    assert lines[GATE][heads["备注"]] == "=换读头，仍有 2 户"
    assert lines[GATE][heads["改进措施"]] == "12 月第一周\n逐户回访"
    assert counted(path)[LIFT]["opened"] == EXPECTED[LIFT].opened + 1


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
