"""Exports of a month through its life: open, marked where a day changed late, closed, reissued, caught up."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from frontdesk.desk import Desk
from frontdesk.desk.sheet_desk import Asked
from frontdesk.domain.errors import BadInput, Refused
from frontdesk.domain.moves import Draft
from frontdesk.domain.timing import DAY, HOUR, Instant, instant, month_bounds
from tests.builders import TEN, House
from tests.processes import answers, python
from tests.sheets.made_up import rows, table

START, END = month_bounds("2026-11")
LIFT = "工程维修-电梯"


def late(desk: Desk, at: Instant, category: str = LIFT) -> str:
    """A ticket that somebody writes down after the fact, as an import does; answers its number."""
    access = desk._access
    told = {
        **{"policy": access.policy.version, "kind": "repair", "category": category, "priority": "normal"},
        **{"channel": "phone", "title": "电梯停了", "text": "电梯停了"},
    }
    with access.db.write() as conn:
        row = access.tickets.create_in(conn, [(at, "lin", Draft("opened", told))], access.policy)
    return access.tickets.load(row).number


def texts(path: Path, page: str) -> list[str]:
    return [str(cell) for row in rows(path, page) for cell in row if cell != ""]


def total(path: Path, label: str = "本期新增") -> int:
    heads, lines = table(path, "汇总", "投诉分类")
    return int(lines["合计"][heads[label]])


def unchanged(path: Path, work: Callable[[], object]) -> bool:
    os.utime(path, (1_000_000_000, 1_000_000_000))
    before = path.read_bytes(), path.stat().st_ino
    work()
    return (path.read_bytes(), path.stat().st_ino, path.stat().st_mtime) == (*before, 1_000_000_000)


# --- an open month -----------------------------------------------------------------------------------------------


def test_open_month_is_written_anew_and_says_that_it_is_open(house: House, desk: Desk) -> None:
    house.open(desk)
    written = desk.sheets.export("2026-11")
    assert written.changed
    assert any("版次：未定稿" in text for text in texts(written.path, "汇总"))
    assert unchanged(written.path, lambda: desk.sheets.export("2026-11"))
    house.open(desk)
    assert desk.sheets.export("2026-11").changed
    assert total(written.path) == 2
    assert [row[:2] + row[6:] for row in desk.sheets.history()] == [("2026-11", 1, "open")]


def test_unchanged_month_is_not_even_read_again(
    house: House, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.open(desk)
    desk.sheets.export("2026-11")
    monkeypatch.setattr(desk.sheets, "_count", None)
    assert not desk.sheets.export("2026-11").changed


@pytest.mark.parametrize("change", ["file", "gone", "ticket", "site"])
def test_whatever_the_sheet_depends_on_makes_it_look_again(house: House, desk: Desk, change: str) -> None:
    case = house.open(desk)
    path = desk.sheets.export("2026-11").path
    whole = path.read_bytes()
    if change == "file":
        path.write_bytes(whole + b" ")
    elif change == "gone":
        path.unlink()
    elif change == "ticket":
        case.after(60).go("dispatch")
    else:
        desk._access.settings = desk._access.settings._replace(site="金桂园")
    assert desk.sheets.export("2026-11").changed
    assert (path.read_bytes() == whole) == (change in ("file", "gone"))


def test_day_that_changed_after_it_was_written_is_marked_with_what_changed(house: House, desk: Desk) -> None:
    house.open(desk)
    house.time.forward(DAY)
    house.open(desk)
    path = desk.sheets.export("2026-11").path
    today = house.open(desk).number
    missed = late(desk, TEN - 3 * HOUR)
    house.time.forward(DAY)
    house.open(desk)
    desk.sheets.export("2026-11")
    heads, lines = table(path, "每日", "日期")
    marked = [head for head, place in heads.items() if lines["补记变动"][place] == "补"]
    assert marked == ["22\n日"], "the day that was still running at the last export has nothing late in it"
    told = next(text for text in texts(path, "每日") if "发现" in text)
    assert told == f"11-24 发现：新增多 1 件（{missed}）"
    assert today not in told
    assert unchanged(path, lambda: desk.sheets.export("2026-11")), "the mark stays with the month"
    house.open(desk)
    desk.sheets.export("2026-11")
    assert told in texts(path, "每日")


# --- a closed one ------------------------------------------------------------------------------------------------


def closed(house: House, desk: Desk) -> Path:
    """November with two tickets, closed on 4 December."""
    house.open(desk)
    house.open(desk).go("dispatch", "accept", "resolve")
    house.time.now = END + 3 * DAY
    return desk.sheets.export("2026-11").path


def test_first_export_after_the_grace_closes_the_month(house: House, desk: Desk) -> None:
    house.open(desk)
    house.time.now = END + 3 * DAY - 1
    path = desk.sheets.export("2026-11").path
    assert any("版次：未定稿" in text for text in texts(path, "汇总"))
    house.time.forward(1)
    assert desk.sheets.export("2026-11").changed
    assert any("版次：第1版（定稿 2026-12-04 00:00，lin）" in text for text in texts(path, "汇总"))
    assert unchanged(path, lambda: desk.sheets.export("2026-11"))
    (edition,) = desk.sheets.history()
    assert edition[:5] == ("2026-11", 1, END + 3 * DAY, "lin", "")
    assert any(edition[5][:16] in text for text in texts(path, "汇总"))


def test_close_before_its_time_needs_the_month_to_be_over_and_a_manager(house: House, desk: Desk) -> None:
    house.open(desk)
    with pytest.raises(BadInput, match="还没有过完"):
        desk.sheets.export("2026-11", asked=Asked(close=True))
    house.time.now = END
    with pytest.raises(Refused, match="需要项目经理"):
        house.desk("wang", "supervisor").sheets.export("2026-11", asked=Asked(close=True))
    path = desk.sheets.export("2026-11", asked=Asked(close=True)).path
    assert any("第1版（定稿 2026-12-01 00:00" in text for text in texts(path, "汇总"))


def test_frozen_month_stays_though_its_data_has_changed(house: House, desk: Desk) -> None:
    path = closed(house, desk)
    late(desk, TEN)
    with pytest.raises(Refused, match=r"定稿（第1版），其后数据又变了（有变动的日子：11-22），文件没有动"):
        desk.sheets.export("2026-11")
    with pytest.raises(Refused):
        desk.sheets.export("2026-11")
    assert total(path) == 2


def test_what_happens_in_the_next_month_leaves_the_frozen_one_alone(house: House, desk: Desk) -> None:
    path = closed(house, desk)
    (number,) = [row.number for row in desk.listing().rows if row.status == "resolved"]
    desk.tickets.follow_up(number, 5, "满意", "满意", "满意")
    desk.tickets.close(number, "satisfied", "")
    assert unchanged(path, lambda: desk.sheets.export("2026-11"))


def test_reissue_is_a_manager_s_has_a_reason_and_a_number(house: House, desk: Desk) -> None:
    path = closed(house, desk)
    wish = Asked(reissue=True, reason="补录漏单")
    with pytest.raises(Refused, match="数据没有变动"):
        desk.sheets.export("2026-11", asked=wish)
    missed = late(desk, TEN)
    with pytest.raises(Refused, match="需要项目经理"):
        house.desk("wang", "supervisor").sheets.export("2026-11", asked=wish)
    with pytest.raises(BadInput, match="没有填写"):
        desk.sheets.export("2026-11", asked=Asked(reissue=True, reason=" "))
    assert total(path) == 2
    house.time.forward(HOUR)
    assert desk.sheets.export("2026-11", asked=wish).changed
    assert total(path) == 3
    words = "第2版（定稿 2026-12-04 01:00，lin，重出原因：补录漏单）"
    assert any(words in text for text in texts(path, "汇总"))
    assert f"12-04 发现：新增多 1 件（{missed}）" in texts(path, "每日")
    assert unchanged(path, lambda: desk.sheets.export("2026-11"))
    assert [row[1] for row in desk.sheets.history()] == [1, 2]


def test_open_month_is_not_reissued(house: House, desk: Desk) -> None:
    house.open(desk)
    with pytest.raises(Refused, match="还没有定稿"):
        desk.sheets.export("2026-11", asked=Asked(reissue=True, reason="x"))


def test_comparison_is_with_what_was_frozen(house: House, desk: Desk) -> None:
    closed(house, desk)
    late(desk, TEN)
    house.open(desk)
    path = desk.sheets.export("2026-12").path
    shown = {str(row[0]): row for row in rows(path, "汇总")}
    heads, _ = table(path, "汇总", "投诉分类")
    assert shown["上月 2026-11"][heads["本期新增"]] == 2
    assert shown["去年同月 2025-12"][heads["本期新增"]] == "—"


def test_ticket_moved_to_another_category_is_told(house: House, desk: Desk) -> None:
    case = house.open(desk, category=LIFT)
    house.time.now = END + DAY
    case.correct(category="收费-物业费")
    path = desk.sheets.export("2026-12").path
    assert f"{case.number}：由「{LIFT}」改为「收费-物业费」" in texts(path, "说明")
    november = desk.sheets.export("2026-11").path
    heads, lines = table(november, "汇总", "投诉分类")
    assert lines[LIFT][heads["结转下期"]] == 1, "at the end of November it stood there"


# --- catching up -------------------------------------------------------------------------------------------------


def names(found: list[Path]) -> list[str]:
    return [path.stem[-7:] for path in found]


def test_daily_run_catches_up_what_was_missed(house: House, desk: Desk) -> None:
    house.open(desk)
    assert names([w.path for w in desk.sheets.due()]) == ["2026-11"]
    house.time.now = instant(datetime(2027, 2, 2, 23, 50))
    house.open(desk)
    done = list(desk.sheets.due())
    assert names([w.path for w in done]) == ["2026-11", "2026-12", "2027-01", "2027-02"]
    assert [(row[0], row[6]) for row in desk.sheets.history()] == [
        *(("2026-11", "closed"), ("2026-12", "closed"), ("2027-01", "open"), ("2027-02", "open"))
    ]
    assert names([w.path for w in desk.sheets.due()]) == ["2027-01", "2027-02"]
    house.time.now = instant(datetime(2027, 3, 9, 23, 50))
    assert names([w.path for w in desk.sheets.due()]) == ["2027-01", "2027-02", "2027-03"]
    house.time.now = instant(datetime(2027, 4, 1, 23, 50))
    assert names([w.path for w in desk.sheets.due()]) == ["2027-03", "2027-04"]


def test_daily_run_writes_the_others_before_it_says_that_one_is_refused(house: House, desk: Desk) -> None:
    closed(house, desk)
    late(desk, TEN)
    house.open(desk)
    written = []
    with pytest.raises(Refused, match="2026-11 已于"):
        for each in desk.sheets.all():
            written.append(each.path)
    assert names(written) == ["2026-12"]
    assert names([w.path for w in desk.sheets.due()]) == ["2026-12"]


def test_folder_that_cannot_be_made_is_told(house: House, desk: Desk, tmp_path: Path) -> None:
    house.open(desk)
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="建不了"):
        desk.sheets.export("2026-11", tmp_path / "file" / "below")


# --- two at once, and killed -------------------------------------------------------------------------------------

EXPORT = """
import sys
from pathlib import Path
from tests.builders import House, Time
from frontdesk.domain.timing import month_bounds
house = House(Path(sys.argv[1]), Time(month_bounds("2026-11")[1] + 4 * 86400))
print(house.desk().sheets.export("2026-11").path.name)
"""


def test_two_that_close_a_month_at_once_make_one_edition(house: House, desk: Desk) -> None:
    house.open(desk)
    both = [python(EXPORT, house.home, str(house.home)) for _ in range(2)]
    assert {told.strip() for told in answers(*both)} == {"顾客投诉分类统计表-2026-11.xlsx"}
    assert [row[:2] + row[6:] for row in desk.sheets.history()] == [("2026-11", 1, "closed")]
    path = house.settings().exports / "顾客投诉分类统计表-2026-11.xlsx"
    assert total(path) == 1
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    house.time.now = END + 5 * DAY
    assert unchanged(path, lambda: desk.sheets.export("2026-11"))


def test_no_macro_and_names_for_key_cells(house: House, desk: Desk) -> None:
    house.open(desk)
    book = load_workbook(desk.sheets.export("2026-11").path)
    assert book.vba_archive is None
    there = dict(book.defined_names["本月新增"].destinations)
    assert book["汇总"][there["汇总"].replace("$", "")].value.startswith("=SUM(")
