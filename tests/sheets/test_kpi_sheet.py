"""绩效 3:3:4 on paper: what the formulas come to is what the domain says, the working stands beside it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from frontdesk.domain.kpi import MEANINGS, Table, Work, rank
from frontdesk.domain.timing import DAY, HOUR, month_bounds
from frontdesk.sheets.kpi_sheet import Meta, file_name, write_kpi
from frontdesk.sheets.kpi_text import HEAD, kpi_json, lines, places, star_line
from tests.builders import House

END = month_bounds("2026-11")[1]
META = Meta("云栖苑", "2026-11", END - 1, END + DAY)

PEOPLE = rank(
    [
        Work("小林", (160 * HOUR, 0), (40, 1), 20, 18, 40, 36, 2, 1, 1),
        Work("阿珍", (80 * HOUR, 0), (30, 0), 12, 12, 31, 31),
        Work("老周", (0, 150 * HOUR), (1, 9), 3, 2, 11, 8, 1, 2, 0),
        Work("=HYPERLINK(1)", (0, 0), (2, 0), 0, 0, 2, 2),
    ],
    "小时",
)
ROOMS = rank(
    [Work("工程部", (22 * DAY,), (60,), 30, 25, 70, 60), Work("保洁部", (9 * DAY,), (9,))], "天"
)._replace(starred=False)


def written(folder: Path, people: Table = PEOPLE, rooms: Table = ROOMS) -> Path:
    return write_kpi(people, rooms, folder / file_name("2026-11"), META).path


def shown(path: Path, page: str) -> list[list[Any]]:
    """What a reader that runs no formulas sees, from the headings down."""
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name(page).to_python(skip_empty_area=False)
    return [row for row in rows[5:] if row[0] != ""]


def test_the_pages_show_every_score_and_what_it_was_made_of(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert CalamineWorkbook.from_path(path).sheet_names == ["人员", "人员过程", "部门", "部门过程", "口径"]
    head, *rows = shown(path, "人员")
    assert head[:6] == ["名次", "姓名", "总分", "处理量 30%", "好评率 30%", "解决率 40%"]
    for row, score, place in zip(rows, PEOPLE.scores, places(PEOPLE), strict=True):
        assert (row[0], row[1].lstrip("'"), row[2]) == (place, score.work.name, score.total)
        assert row[3:6] == pytest.approx(score.parts)
    head, *rows = shown(path, "人员过程")
    at = {str(label).replace("\n", ""): place for place, label in enumerate(head)}
    for row, score in zip(rows, PEOPLE.scores, strict=True):
        assert [row[at["白班在岗小时"]] * HOUR, row[at["夜班在岗小时"]] * HOUR] == list(score.work.hours)
        assert [row[at["白班办结"]], row[at["夜班办结"]]] == list(score.work.handled)
        assert row[at["应办结"]] == pytest.approx(score.expected)
        assert [row[at["其中重开"]], row[at["再次上移"]], row[at["超时未办结"]]] == [
            score.work.reopened,
            score.work.again,
            score.work.overdue,
        ]
    texts = [str(row[1]) for row in CalamineWorkbook.from_path(path).get_sheet_by_name("口径").to_python()]
    assert all(text in texts for _, text in MEANINGS)


@pytest.mark.real("libreoffice")
@pytest.mark.filterwarnings("ignore:.* extension is not supported")
def test_a_spreadsheet_program_comes_to_the_same_scores(tmp_path: Path) -> None:
    path = written(tmp_path)
    # Every cached value is spoiled, so that what is read afterwards was reckoned by the formulas.
    book = openpyxl.load_workbook(path)
    assert sum(isinstance(c.value, str) and c.value.startswith("=") for s in book for r in s for c in r) == 36
    book.save(tmp_path / "bare.xlsx")
    program = shutil.which("soffice")
    assert program is not None
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir"]
    subprocess.run(
        [*command, str(tmp_path / "out"), str(tmp_path / "bare.xlsx")], check=True, capture_output=True
    )
    for page, table in (("人员", PEOPLE), ("部门", ROOMS)):
        for row, score in zip(shown(tmp_path / "out" / "bare.xlsx", page)[1:], table.scores, strict=True):
            assert row[2] == pytest.approx(score.total)
            assert row[3:6] == pytest.approx(score.parts)


def test_the_same_month_gives_the_same_bytes_and_a_name_runs_nothing(tmp_path: Path) -> None:
    path = written(tmp_path)
    before = path.read_bytes()
    assert not write_kpi(PEOPLE, ROOMS, path, META._replace(now=META.now + DAY)).changed
    assert path.read_bytes() == before
    assert any(row[1] == "'=HYPERLINK(1)" for row in shown(path, "人员"))


def test_an_empty_month_is_a_sheet_without_lines(tmp_path: Path) -> None:
    none = rank([], "天")
    path = written(tmp_path, none, none)
    assert len(shown(path, "人员")) == 1 and star_line(none) == "服务之星：本月没有人办结满 10 件，不评。"


def test_places_are_shared_and_notes_say_what_must_be_known() -> None:
    tied = rank([Work("乙", (DAY,), (10,)), Work("甲", (DAY,), (10,)), Work("丙", (DAY,), (2,))], "天")
    assert places(tied) == [1, 1, 3]
    assert star_line(tied).startswith("服务之星（并列）：乙、甲，")
    noted = {row[1]: row[-1] for row in lines(PEOPLE)}
    assert noted["老周"] == "样本少、处理量无可比、重开1、再次上移2"
    assert noted["=HYPERLINK(1)"] == "样本少、无值班记录"
    assert "服务之星" in noted["阿珍"] and all(len(row) == len(HEAD) for row in lines(PEOPLE))


def test_json_has_every_part() -> None:
    found = kpi_json("云栖苑", "2026-11", END - 1, {"operators": PEOPLE, "departments": ROOMS})
    assert (found["month"], found["stars"]) == ("2026-11", list(PEOPLE.stars))
    assert (found["operators_unit"], found["departments_unit"]) == ("hour", "day")
    zhou = next(each for each in found["operators"] if each["name"] == "老周")
    assert zhou["bands"][1] == {"band": "夜班", "on_duty": 150.0, "handled": 9, "pace_of_others": None}
    assert (zhou["handled"], zhou["asked"], zhou["good"], zhou["due"], zhou["solved"]) == (10, 3, 2, 11, 8)
    assert zhou["small_sample"] and zhou["ratio"] is None


def test_the_desk_scores_by_roster_and_attributes_to_the_case_owner(house: House) -> None:
    desk = house.desk()
    other = house.desk("wang", "agent")
    for _ in range(3):
        house.open(desk).go("dispatch", "accept", "resolve", "follow_up", "close")
    house.open(other).go("dispatch", "accept", "resolve")
    with desk._access.db.write() as conn:
        for login in ("lin", "wang"):
            conn.execute(
                "INSERT INTO shift(login, name, duty, starts_at, ends_at) VALUES (?, ?, 'agent', ?, ?)",
                (login, login, house.time.now - 10 * HOUR, house.time.now + 2 * HOUR),
            )
    found = desk.reports.kpi("2026-11")
    assert found.people.unit == "小时"
    by_name = {score.work.name: score.work for score in found.people.scores}
    # Ten hours before 10:00 are eight of night and two of day; the second of the reading counts too.
    assert by_name["lin"].hours == (2 * HOUR + 1, 8 * HOUR)
    assert (by_name["lin"].handled, by_name["lin"].asked, by_name["wang"].handled) == ((3, 0), 3, (1, 0))
    (room,) = found.departments.scores
    assert (room.work.name, room.work.handled, room.work.asked) == ("工程部", (4,), 3)
