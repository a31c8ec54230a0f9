"""`export` as scripts use it: answers, refusals and their exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName

from frontdesk.domain.timing import DAY, month_bounds
from tests.builders import House
from tests.cli.conftest import Command
from tests.desk.test_sheet_desk import late

END = month_bounds("2026-11")[1]


def test_daily_export_says_where_the_sheet_is_and_that_nothing_changed(
    house: House, frontdesk: Command
) -> None:
    house.open()
    first, second = frontdesk("export"), frontdesk("export")
    path = house.settings().exports / "顾客投诉分类统计表-2026-11.xlsx"
    assert (first.code, first.out) == (0, f"{path}（已写出）\n")
    assert (second.code, second.out) == (0, f"{path}（没有变化）\n")
    assert frontdesk("export", "--json").json == {
        "files": [{"path": str(path), "changed": False, "warning": ""}]
    }


def test_month_that_was_missed_is_written_first(house: House, frontdesk: Command, tmp_path: Path) -> None:
    house.open()
    frontdesk("export", "--out", tmp_path)
    house.time.now = END + 20 * DAY
    told = frontdesk("export", "--out", tmp_path).out.splitlines()
    assert [line[-17:] for line in told] == ["2026-11.xlsx（已写出）", "2026-12.xlsx（已写出）"]
    editions = frontdesk("export", "--editions", "--json").json["editions"]
    assert [(each["month"], each["number"], each["state"]) for each in editions] == [
        ("2026-11", 1, "closed"),
        ("2026-12", 1, "open"),
    ]
    assert "未定稿" in frontdesk("export", "--editions").out


def test_every_month_from_the_first_ticket_on(house: House, frontdesk: Command) -> None:
    house.open()
    house.time.now = END + 40 * DAY
    assert len(frontdesk("export", "--all-months").out.splitlines()) == 3


def test_frozen_month_is_refused_and_reissued(house: House, frontdesk: Command) -> None:
    house.open()
    house.time.now = END + 5 * DAY
    frontdesk("export", "--month", "2026-11")
    desk = house.desk()
    late(desk, END - 3 * DAY)
    refused = frontdesk("export", "--month", "2026-11")
    assert (refused.code, refused.out) == (1, "")
    assert "--reissue --reason" in refused.err
    assert frontdesk("export", "--month", "2026-11", "--reissue").code == 1
    done = frontdesk("export", "--month", "2026-11", "--reissue", "--reason", "补录漏单")
    assert (done.code, "已写出" in done.out) == (0, True)
    assert "第2版" in frontdesk("export", "--editions").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--close",), "没有填写"),
        (("--reissue", "--reason", "x"), "没有填写"),
        (("--all-months", "--month", "2026-11"), "只能选一个"),
        (("--reason", "x"), "只用于重出"),
        (("--month", "2026-13"), "不是年月"),
        (("--month", "2027-05"), "还没有到"),
        (("--month", "2026-11", "--close"), "还没有过完"),
        (("--template", "/nowhere.xlsx"), "读不了"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    house: House, frontdesk: Command, words: tuple[str, ...], told: str
) -> None:
    answer = frontdesk("export", *words)
    assert (answer.code, answer.out) == (1, "")
    assert told in answer.err


def test_template_of_the_company_is_filled(house: House, frontdesk: Command, tmp_path: Path) -> None:
    house.open()
    book = Workbook()
    book.defined_names["本月新增"] = DefinedName("本月新增", attr_text="Sheet!$B$2")
    book.save(tmp_path / "模板.xlsx")
    words = ("export", "--month", "2026-11", "--out", tmp_path, "--template", tmp_path / "模板.xlsx")
    assert "已写出" in frontdesk(*words).out
    assert "没有变化" in frontdesk(*words).out
    assert "已写出" in frontdesk("export", "--month", "2026-11", "--out", tmp_path).out
