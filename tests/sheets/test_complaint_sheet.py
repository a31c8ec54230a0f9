"""The monthly sheet as its readers find it: figures, formulas, tickets, notes; and the same bytes for the same data."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from frontdesk.domain.calendar import day_number
from frontdesk.domain.facts import Span
from frontdesk.domain.month import count_month
from frontdesk.domain.tallies import FIGURES, Figures, Imbalance
from frontdesk.domain.timing import instant, month_bounds
from frontdesk.sheets.complaint_sheet import Meta, file_name, write_month
from tests.sheets.made_up import (
    END,
    EXPECTED,
    GATE,
    LIFT,
    META,
    NOW,
    ORDER,
    PARKING,
    START,
    at,
    estate,
    month,
    rows,
    table,
    ticket,
    write,
)

ROOT = Path(__file__).parents[2]
DETAILS = "明细(脱敏)"
PAGES = [
    *("汇总", "每日", "分类×部门", "时限", "回访与满意度", "升级"),
    *("重复投诉与群发事件", "未闭环", DETAILS, "说明"),
]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("sheet")).path


def figures(heads: dict[str, int], line: list[Any]) -> dict[str, int]:
    return {name: int(line[heads[m.label]]) for name, m in FIGURES.items() if m.label in heads}


def test_pages_and_file_name(path: Path) -> None:
    assert path.name == file_name("2026-11") == "顾客投诉分类统计表-2026-11.xlsx"
    assert load_workbook(path).sheetnames == PAGES


def test_summary_shows_each_category_as_counted_by_hand(path: Path) -> None:
    heads, lines = table(path, "汇总", "投诉分类")
    assert list(lines) == [*ORDER, "合计"]
    whole = Counter[str]()
    for name, line in lines.items():
        shown = figures(heads, line)
        if name == "合计":
            assert shown == {key: whole[key] for key in shown}
            continue
        expected = EXPECTED.get(name, Figures())._asdict()
        assert shown == {key: expected[key] for key in shown}
        whole.update(shown)
    assert lines[GATE][heads["按时率"]] == 0.5
    assert lines["清洁绿化-绿化"][heads["按时率"]] == "—"
    assert lines["合计"][heads["满意率"]] == pytest.approx(3 / 6)


def test_summary_says_that_it_balances_and_what_it_is(path: Path) -> None:
    texts = [str(cell) for row in rows(path, "汇总") for cell in row]
    assert "平衡核对：　上期结转 2 ＋ 本期新增 9 ＝ 本期关闭 7 ＋ 结转下期 4　（相符）" in texts
    subtitle = next(text for text in texts if text.startswith("项目"))
    assert subtitle.split("　　") == [
        *(
            "项目：云栖苑",
            "期间：2026年11月",
            "范围：全部诉求",
            "数据截至：2026-11-30 24:00",
            "单位：件（次）",
        )
    ]


def test_groups_add_up_to_the_same_total(path: Path) -> None:
    whole = {name: sum(getattr(each, name) for each in EXPECTED.values()) for name in FIGURES}
    for first, names in {
        "类型": ["报修", "投诉", "咨询", "求助"],
        "来诉渠道": ["电话", "前台来访", "微信", "APP", "网络"],
        "责任部门": ["客服部", "工程部", "秩序部", "未派单"],
    }.items():
        heads, lines = table(path, "分类×部门", first)
        assert list(lines) == [*names, "合计"]
        assert figures(heads, lines["合计"]) == whole
        added = Counter[str]()
        for name in names:
            added.update(figures(heads, lines[name]))
        assert {name: added[name] for name in whole} == whole


def test_days_show_what_came_and_went_and_what_was_left(path: Path) -> None:
    shown = rows(path, "每日")
    opened = next(row for row in shown if row[0] == "本期新增")
    stock = next(row for row in shown if row[0] == "日末在办")
    heads, lines = table(path, "每日", "本期新增", 2)
    assert (heads["1\n日"], heads["30\n一"], heads["合计"]) == (1, 30, 31)
    assert [day for day in range(1, 31) if lines[GATE][day]] == [4, 5, 7, 9]
    assert (opened[30], opened[31]) == (1, 9)
    assert (stock[1], stock[8], stock[30]) == (3, 3, 4)
    assert list(lines) == [name for name in [*ORDER, "合计"] if name != "清洁绿化-绿化"]


def test_days_still_to_come_are_left_blank(tmp_path: Path) -> None:
    running = replace(META, now=at(21, 12))
    path = write(tmp_path, meta=running).path
    stock = next(row for row in rows(path, "每日") if row[0] == "日末在办")
    assert stock[21] != ""
    assert set(stock[22:31]) == {""}


def test_details_are_typed_masked_and_add_up(path: Path) -> None:
    heads, *lines = rows(path, DETAILS)[2:]
    place = {str(label): column for column, label in enumerate(heads)}
    assert len(lines) == len(estate()) - 1
    for name, meaning in FIGURES.items():
        whole = sum(getattr(each, name) for each in EXPECTED.values())
        assert sum(line[place[meaning.label]] for line in lines) == whole
    by_number = {line[0]: line for line in lines}
    line = by_number["261104-01"]
    assert [line[place[head]] for head in ("来诉渠道", "类型", "紧急程度", "房号", "状态")] == [
        *("微信", "投诉", "普通", "···04", "现场签字满意")
    ]
    assert line[place["受理时间"]] == datetime(2026, 11, 4, 10)
    assert line[place["关闭时间"]] == datetime(2026, 11, 12, 10)
    assert line[place["最近回访星级"]] == 3
    assert by_number["261105-04"][place["状态"]] == "作废"
    assert by_number["261105-04"][place["责任部门"]] == "未派单"
    assert by_number["261103-02"][place["关闭时间"]] == ""
    assert [line[place["投诉分类"]] for line in lines] == sorted(
        (line[place["投诉分类"]] for line in lines), key=ORDER.index
    )


def test_every_number_is_a_formula_that_comes_to_its_value(path: Path) -> None:
    """Counted again from the details by hand: the value that is stored and the formula beside it agree."""
    formulas, values = load_workbook(path)["汇总"], load_workbook(path, data_only=True)["汇总"]
    details = load_workbook(path, data_only=True)[DETAILS]
    pattern = re.compile(
        r"=SUMIFS\('明细\(脱敏\)'!\$(\w+)\$(\d+):\$\1\$(\d+),'明细\(脱敏\)'!\$(\w+)\$\2:\$\4\$\3,\$A(\d+)\)"
    )
    checked = 0
    for row in formulas.iter_rows(min_row=9, max_row=8 + len(ORDER), min_col=2, max_col=15):
        for cell in row:
            match = pattern.fullmatch(str(cell.value))
            if match is None:
                assert str(cell.value).startswith("=IF(")
                continue
            share, first, last, names, key = match.groups()
            name = values[f"A{key}"].value
            found = [
                details[f"{share}{line}"].value
                for line in range(int(first), int(last) + 1)
                if details[f"{names}{line}"].value == name
            ]
            assert values[cell.coordinate].value == sum(found)
            checked += 1
    assert checked == len(ORDER) * 12


def test_click_on_a_number_leads_to_its_tickets(path: Path) -> None:
    book = load_workbook(path)
    heads, _ = table(path, "汇总", "投诉分类")
    column = heads["本期关闭"] + 1
    cell = book["汇总"].cell(9 + ORDER.index(GATE), column)
    assert cell.hyperlink is not None
    there = re.fullmatch(r"'明细\(脱敏\)'!A(\d+):\w+?(\d+)", cell.hyperlink.location or "")
    assert there is not None
    numbers = [book[DETAILS].cell(row, 1).value for row in range(int(there[1]), int(there[2]) + 1)]
    assert sorted(map(str, numbers)) == ["261104-01", "261105-04", "261107-01"]
    assert book["汇总"].cell(9 + ORDER.index("清洁绿化-绿化"), column).hyperlink is None


def test_every_figure_leads_to_exactly_its_tickets(path: Path) -> None:
    """Either the range that a click selects holds them and no others, or the cell's note lists them."""
    book = load_workbook(path)
    details = book[DETAILS]
    heads = {str(cell.value): cell.coordinate[:-1] for cell in details[3]}
    groups = {"投诉分类": "投诉分类", "责任部门": "责任部门", "来诉渠道": "来诉渠道", "类型": "类型"}
    checked = 0
    for page in ("汇总", "分类×部门"):
        sheet, head = book[page], dict[str, int]()
        for row in sheet.iter_rows():
            if row[0].value in groups and row[1].value == "上期结转":
                head = {str(cell.value): place for place, cell in enumerate(row)}
                named = str(row[0].value)
                continue
            if row[0].value == "合计":
                head = {}
            for label in {meaning.label for meaning in FIGURES.values()} & set(head):
                cell = row[head[label]]
                expected = [
                    str(details[f"A{line}"].value)
                    for line in range(4, details.max_row + 1)
                    if details[f"{heads[named]}{line}"].value == row[0].value
                    and details[f"{heads[label]}{line}"].value
                ]
                if not expected:
                    assert cell.hyperlink is None
                    continue
                assert cell.hyperlink is not None
                there = re.fullmatch(r"'明细\(脱敏\)'!A(\d+):\w+?(\d+)", cell.hyperlink.location or "")
                assert there is not None
                area = [str(details[f"A{line}"].value) for line in range(int(there[1]), int(there[2]) + 1)]
                if area != expected:
                    assert cell.comment is not None
                    assert cell.comment.text.split("、") == expected
                checked += 1
    assert checked > 60


def test_note_that_would_be_too_long_says_how_to_see_the_rest(tmp_path: Path) -> None:
    many = [ticket(f"2611{n:05d}", LIFT, Span(at(15)), channel=("phone", "web")[n % 2]) for n in range(300)]
    sheet = load_workbook(write(tmp_path, many).path)["分类×部门"]
    notes = [cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment]
    assert any(text.endswith("…… 共 150 件（次），其余请在明细页筛选「本期新增」") for text in notes)
    assert all(text.count("、") < 120 for text in notes)


def test_pages_are_ready_to_print_and_to_read(path: Path) -> None:
    book = load_workbook(path)
    for name in PAGES:
        sheet = book[name]
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert "第 &P 页" in str(sheet.oddFooter)
        assert sheet.print_title_rows
        assert sheet.freeze_panes
    assert book[DETAILS].auto_filter.ref == "A3:AC13"
    assert book[DETAILS].column_dimensions["E"].width > 2 * len(PARKING)


def test_sheet_without_any_ticket_is_still_a_sheet(tmp_path: Path) -> None:
    path = write(tmp_path, []).path
    heads, lines = table(path, "汇总", "投诉分类")
    assert figures(heads, lines["合计"])["still_open"] == 0
    empty = write(tmp_path, [], Meta("云栖苑", NOW)).path
    assert list(table(empty, "汇总", "投诉分类")[1]) == ["合计"]


def test_a_month_whose_holidays_are_not_known_says_so_and_takes_those_of_the_rules(tmp_path: Path) -> None:
    start, end = month_bounds("2027-02")
    empty, path = count_month([], "2027-02", end), tmp_path / "2027-02.xlsx"

    def daily(own_days: dict[int, bool]) -> tuple[str, set[str]]:
        write_month(empty, path, Meta("云栖苑", end, own_days=own_days))
        sheet = load_workbook(path)["每日"]
        return str(sheet["A2"].value), {str(cell.value) for row in sheet.iter_rows() for cell in row}

    told, heads = daily({})
    assert told.startswith("2027年的法定节假日和调休还没有写全") and {"5\n五", "14\n日"} <= heads
    spoken = {day_number(start) + 4: True, day_number(start) + 13: False}
    told, heads = daily(spoken)
    assert told.startswith("2027年的法定节假日和调休还没有写全") and {"5\n休", "14\n班"} <= heads
    year = [day_number(instant(datetime(2027, month, 1))) for month in (1, 5, 10)]
    assert daily(spoken | dict.fromkeys(year, True))[0].startswith("浅色为休息日（含法定节假日）")


# --- the same data, the same bytes -------------------------------------------------------------------------------

SCRIPT = """
import sys
from pathlib import Path
from tests.sheets.made_up import write
print(write(Path(sys.argv[1])).changed)
"""


def test_another_process_elsewhere_writes_the_same_bytes(path: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "TZ": "America/New_York", "PYTHONHASHSEED": "7", "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=60)
    assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_order_of_tickets_and_the_clock_leave_the_bytes_alone(path: Path, tmp_path: Path) -> None:
    other = write(tmp_path, estate()[::-1], replace(META, now=NOW + 12345)).path
    assert other.read_bytes() == path.read_bytes()


def test_second_run_does_not_touch_the_file(tmp_path: Path) -> None:
    first = write(tmp_path)
    os.utime(first.path, (1_000_000_000, 1_000_000_000))
    before = first.path.stat()
    second = write(tmp_path)
    assert (first.changed, second.changed, second.warning) == (True, False, "")
    assert (first.path.stat().st_mtime_ns, first.path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_one_event_more_changes_it(tmp_path: Path) -> None:
    write(tmp_path)
    again = write(tmp_path, [*estate(), ticket("261115-01", LIFT, Span(at(15)))])
    assert again.changed


def test_it_says_it_was_made_when_the_data_ends(path: Path) -> None:
    assert load_workbook(path).properties.created == datetime(2026, 11, 30, 23, 59, 59)


def test_only_the_day_of_the_newest_change_stands_in_a_running_month(tmp_path: Path) -> None:
    path = write(tmp_path, meta=replace(META, now=at(21, 12))).path
    assert any("数据截至：2026-11-21 10:00" in str(cell) for row in rows(path, "汇总") for cell in row)


# --- what it refuses ---------------------------------------------------------------------------------------------


def test_list_that_does_not_add_up_to_the_figures_is_not_written(tmp_path: Path) -> None:
    whole = month()
    with pytest.raises(Imbalance, match="明细与汇总对不上"):
        write_month(replace(whole, details=whole.details[1:]), tmp_path / "x.xlsx", META)
    assert list(tmp_path.iterdir()) == []


# --- hostile and odd text ----------------------------------------------------------------------------------------

HOSTILE = "=cmd|'/C calc'!A0"


def test_hostile_text_stays_text_everywhere(tmp_path: Path) -> None:
    texts = {"title": HOSTILE, "unit": "+1", "case_owner": "@lin", "department": "-部"}
    more = ticket("=1+1", "=分类", Span(at(15)), **texts)
    path = write(tmp_path, [*estate(), more], replace(META, site='=site&"<>')).path
    for sheet in load_workbook(path):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert re.match(r"=(SUM\(|SUMIFS\(|IF\(|\w+\d+|0|\d+\+|\"平衡核对)", str(cell.value)), (
                        cell.value
                    )
                elif isinstance(cell.value, str):
                    assert cell.value[:1] not in {*"=+-@"}
    line = next(row for row in rows(path, DETAILS) if row[7] == "'" + HOSTILE)
    assert [line[0], line[4], line[6], line[8], line[9]] == ["'=1+1", "'=分类", "'+1", "'-部", "'@lin"]


@pytest.mark.parametrize(
    "title",
    [
        "<r><t>注入</t></r>",
        "<r>&坏",
        "a&b<c>\"d'",
        "_x0041_与_x000D_",
        "]]>",
        "\x00\x0b\ud800坏字符",
        "🏠" * 20000,
        "漏" * 40000,
    ],
)
def test_odd_text_is_read_back_as_it_was(tmp_path: Path, title: str) -> None:
    from frontdesk.sheets.cells import data_text

    path = write(tmp_path, [ticket("261115-01", title[:40] + title[-9:], Span(at(15)), title=title)]).path
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            ElementTree.fromstring(archive.read(name))
    shown = data_text(title)
    raw = str(load_workbook(path)[DETAILS]["H4"].value)  # openpyxl leaves the escape of an underscore in
    assert raw.replace("_x005F_", "_").strip() == shown.strip()
    assert str(rows(path, DETAILS)[3][7]).strip() == shown.strip()


def test_names_that_read_alike_are_one_row(tmp_path: Path) -> None:
    twins = [
        ticket("261115-01", "", Span(at(15)), channel=""),
        ticket("261115-02", "未分类", Span(at(15)), department=""),
        ticket("261115-03", " 未分类\x00", Span(START), department="未派单"),
    ]
    path = write(tmp_path, twins, Meta("云栖苑", NOW)).path
    heads, lines = table(path, "汇总", "投诉分类")
    assert figures(heads, lines["未分类"])["opened"] == 3
    assert list(lines) == ["未分类", "合计"]
    heads, lines = table(path, "分类×部门", "责任部门")
    assert figures(heads, lines["未派单"])["opened"] == 2


# --- what people wrote into it -----------------------------------------------------------------------------------


def type_in(path: Path, cells: dict[str, str]) -> None:
    book = load_workbook(path)
    for coordinate, text in cells.items():
        cell = book["汇总"][coordinate]
        cell.value = text
        cell.data_type = "s"
    book.save(path)


def notes(path: Path) -> dict[str, tuple[str, str]]:
    heads, lines = table(path, "汇总", "投诉分类")
    found = {name: (line[heads["备注"]], line[heads["改进措施"]]) for name, line in lines.items()}
    return {name: note for name, note in found.items() if any(note)}


def test_notes_survive_new_data_and_new_rows(tmp_path: Path) -> None:
    path = write(tmp_path, meta=Meta("云栖苑", NOW)).path
    row = 9 + list(table(path, "汇总", "投诉分类")[1]).index(PARKING)
    type_in(
        path,
        {
            f"P{row}": "两户反复占位",
            f"R{row}": "=加装地锁\n12 月 5 日前",
            f"P{9 + len(EXPECTED)}": "本月总体平稳",
        },
    )
    written = write(tmp_path, [*estate(), ticket("261115-01", "业委会与公示", Span(at(15)))])
    assert written.changed
    expected = {PARKING: ("两户反复占位", "=加装地锁\n12 月 5 日前"), "合计": ("本月总体平稳", "")}
    assert notes(path) == expected
    assert not write(tmp_path, [*estate(), ticket("261115-01", "业委会与公示", Span(at(15)))]).changed
    cell = next(
        c
        for row_ in load_workbook(path)["汇总"].iter_rows()
        for c in row_
        if str(c.value).startswith("=加装")
    )
    assert (cell.data_type, cell.number_format, cell.quotePrefix) == ("s", "@", True)


def test_row_stays_while_somebody_has_written_beside_it(tmp_path: Path) -> None:
    gone = ticket("261115-01", "违建装修", Span(at(15)))
    path = write(tmp_path, [*estate(), gone]).path
    row = 9 + list(table(path, "汇总", "投诉分类")[1]).index("违建装修")
    type_in(path, {f"P{row}": "转城管"})
    write(tmp_path, [*estate(), gone._replace(category=LIFT)])
    assert notes(path) == {"违建装修": ("转城管", "")}
    heads, lines = table(path, "汇总", "投诉分类")
    assert figures(heads, lines["违建装修"])["opened"] == 0


def test_notes_are_found_after_people_moved_things_about(tmp_path: Path) -> None:
    path = write(tmp_path).path
    type_in(path, {"P10": "换了读头"})
    book = load_workbook(path)
    sheet = book["汇总"]
    for merged in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(merged))
    sheet.insert_rows(1, 3)
    sheet.insert_cols(2)
    sheet.title = "十一月"
    book.move_sheet(sheet, 3)
    book.save(path)
    write(tmp_path)
    assert notes(path) == {GATE: ("换了读头", "")}


def test_numbers_typed_as_notes_read_as_they_look(tmp_path: Path) -> None:
    path = write(tmp_path).path
    book = load_workbook(path)
    book["汇总"]["P9"], book["汇总"]["R9"], book["汇总"]["P10"] = 12, 0.5, True
    book.save(path)
    write(tmp_path)
    assert notes(path) == {LIFT: ("12", "0.5"), GATE: ("True", "")}


def test_nothing_heavy_is_loaded_before_a_sheet_is_written() -> None:
    script = (
        "import sys; import frontdesk.sheets.complaint_sheet, frontdesk.sheets.summary;"
        "print([m for m in ('xlsxwriter', 'python_calamine', 'openpyxl', 'rich', 'textual') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_estate_covers_every_figure() -> None:
    assert END - START == 30 * 86_400
    assert all(any(getattr(each, name) for each in EXPECTED.values()) for name in FIGURES)
