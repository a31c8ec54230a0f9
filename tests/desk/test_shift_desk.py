"""Rosters come in, duties are answered for, the morning view is sent once (T7, R-000-02, R-000-05)."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from frontdesk.desk import Desk
from frontdesk.desk.shift_desk import morning_at, morning_due, recipients
from frontdesk.domain.errors import BadInput, Refused
from frontdesk.domain.timing import DAY, HOUR, MINUTE, WEEK, Instant, day_start, local
from tests.builders import NAME, PHONE, TEN, UNIT, House

HEAD = "日期,姓名,工号,岗位,开始,结束"
MIDNIGHT = day_start(TEN)
EIGHT_THIRTY = MIDNIGHT + 8 * HOUR + 30 * MINUTE


def crew(house: House) -> Desk:
    """小林 and 老周 at the front desk, 陈 above them; lin is the admin."""
    for login in ("xiaolin", "laozhou"):
        house.desk(login, "agent")
    return house.desk("chen", "supervisor")


def table(folder: Path, *rows: str, encoding: str = "utf-8", head: str = HEAD) -> Path:
    path = folder / "值班表.csv"
    path.write_bytes("\n".join((head, *rows, "")).encode(encoding))
    return path


def week(first: int = 0) -> list[str]:
    days = [f"{local(TEN + n * DAY):%Y-%m-%d}" for n in range(first, first + 8)]
    return [row for d in days for row in (f"{d},xiaolin,,前台,08:30,20:30", f"{d},,laozhou,夜班,20:30,08:30")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_roster_comes_in_in_any_encoding_and_again_changes_nothing(
    house: House, tmp_path: Path, encoding: str
) -> None:
    desk = crew(house)
    path = table(tmp_path, *week(), encoding=encoding)
    assert desk.shifts.import_roster(path, dry_run=True).added == 16
    assert desk.shifts.turns(TEN, TEN + WEEK) == ()
    first = desk.shifts.import_roster(path)
    assert (first.added, first.same, first.removed, first.errors) == (16, 0, (), ())
    again = desk.shifts.import_roster(path)
    assert (again.added, again.same, again.removed) == (0, 16, ())
    found = desk.shifts.on_duty()
    assert found.posts[0].found is not None and found.posts[0].found.names == "xiaolin"
    assert found.gaps == (), "seven days, day and night"


def test_a_workbook_brings_real_dates_and_times(house: House, tmp_path: Path) -> None:
    from datetime import date, time

    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["幸福花园十一月值班表"])
    sheet.append(HEAD.split(","))
    sheet.append([date(2026, 11, 22), "laozhou", None, "前台客服", time(20, 30), time(8, 30)])
    path = tmp_path / "值班表.xlsx"
    book.save(path)
    report = crew(house).shifts.import_roster(path)
    assert (report.added, report.errors) == (1, ())
    (turn,) = house.desk().shifts.turns(TEN, TEN + DAY)
    assert (local(turn.starts_at).hour, local(turn.ends_at).hour, turn.login) == (20, 8, "laozhou")


def test_bad_rows_are_reported_good_ones_go_in_and_their_day_loses_nothing(
    house: House, tmp_path: Path
) -> None:
    desk = crew(house)
    desk.shifts.import_roster(table(tmp_path, *week()))
    report = desk.shifts.import_roster(
        table(
            tmp_path,
            "2026-11-22,xiaolin,,前台,09:00,20:30",
            "2026-11-22,王五,,前台,20:30,08:30",
            "2026-11-23,xiaolin,,前台,09:00,20:30",
            "2026-11-23,xiaolin,,前台,10:00,12:00",
            "2026-11-32,xiaolin,,前台,09:00,20:30",
            "2026-11-24,xiaolin,,前台,09:00,20:30",
        )
    )
    assert [line for line, _reason in report.errors] == [3, 5, 6]
    assert "与第 4 行是同一个人、时间重叠的班" in report.errors[1][1]
    assert report.kept == ((MIDNIGHT, "agent"), (MIDNIGHT + DAY, "agent"))
    gone = {(local(turn.starts_at).day, turn.login) for turn in report.removed}
    assert gone == {(24, "xiaolin"), (24, "laozhou")}, "only the day without a bad row was replaced"
    assert report.total == 6


def test_who_may_import_and_what_a_table_without_heads_is_told(house: House, tmp_path: Path) -> None:
    desk = crew(house)
    with pytest.raises(Refused, match="需要客服主任"):
        house.desk("xiaolin").shifts.import_roster(table(tmp_path, *week()))
    with pytest.raises(BadInput, match="缺少「岗位」"):
        desk.shifts.import_roster(table(tmp_path, "2026-11-22,xiaolin,8:30,9:30", head="日期,姓名,开始,结束"))


def test_without_a_roster_every_duty_still_has_somebody_and_the_gap_is_told(house: House) -> None:
    found = crew(house).shifts.on_duty()
    told = {post.duty: post.found for post in found.posts}
    assert told["agent"] is not None and told["agent"].source == "role"
    assert told["manager"] is not None and told["manager"].names == "lin", "the admin stands above"
    assert told["工程部"] is None
    assert found.gaps == ((TEN, TEN + WEEK),)
    assert len({post.label for post in found.posts}) == len(found.posts), "a rung is not listed twice"


def test_a_disabled_operator_s_turn_does_not_count(house: House, tmp_path: Path) -> None:
    desk = crew(house)
    desk.shifts.import_roster(table(tmp_path, *week()))
    house.desk().people.disable_operator("xiaolin")
    found = house.desk().shifts.answering("agent")
    assert found is not None and (found.source, found.names) == ("next", "laozhou")
    gaps = desk.shifts.on_duty().gaps
    assert gaps[0] == (TEN, MIDNIGHT + 20 * HOUR + 30 * MINUTE)


# --- the morning ---------------------------------------------------------------------------------------------------


def sent(desk: Desk) -> list[tuple[str, str, str, str]]:
    with desk._access.db.read() as conn:
        return conn.execute(
            "SELECT key, audience, recipient, body FROM notice WHERE kind = 'morning' ORDER BY id"
        ).fetchall()


def test_the_morning_view_is_sent_once_at_its_time(house: House) -> None:
    house.time.now = EIGHT_THIRTY - 10 * HOUR
    desk = house.open().promise(due_in=12 * HOUR).desk
    assert morning_due(desk._access, EIGHT_THIRTY - 1) == []
    assert len(morning_due(desk._access, EIGHT_THIRTY)) == 1
    assert morning_due(desk._access, EIGHT_THIRTY + HOUR) == []
    assert [(key, audience, to) for key, audience, to, _body in sent(desk)] == [
        ("morning:2026-11-22", "staff", "客服主任"),
        ("morning:2026-11-22:群", "group", "群"),
    ]
    body = sent(desk)[0][3]
    assert "【晨报】云栖苑 2026-11-22 08:30" in body and "今天到期的承诺 1 个" in body
    assert all(secret not in body for secret in (NAME, UNIT, PHONE))
    assert len(morning_due(desk._access, EIGHT_THIRTY + DAY)) == 1, "and again the next day"


def test_a_watcher_that_slept_too_long_sends_no_stale_morning(house: House) -> None:
    access = house.desk()._access
    assert morning_due(access, EIGHT_THIRTY + 6 * HOUR) == []
    assert len(morning_due(access, EIGHT_THIRTY + 6 * HOUR - 1)) == 1


def test_watchers_at_once_send_it_once(house: House) -> None:
    desks = [house.desk() for _ in range(4)]
    start, done = threading.Barrier(4), list[str]()

    def watch(mine: Desk) -> None:
        start.wait()
        done.extend(morning_due(mine._access, EIGHT_THIRTY))
        mine.close()

    threads = [threading.Thread(target=watch, args=(mine,)) for mine in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1 and len(sent(house.desk())) == 2


def test_whoever_wants_none_gets_none(house: House) -> None:
    from frontdesk.bootstrap import open_desk

    for changes in ({"morning": ""}, {"morning_to": ""}):
        desk = open_desk(house.settings(**changes), house.time)
        assert morning_due(desk._access, EIGHT_THIRTY) == [] and sent(desk) == []


@pytest.mark.parametrize(
    ("text", "at"), [("08:30", EIGHT_THIRTY), ("7:05", MIDNIGHT + 7 * HOUR + 5 * MINUTE), ("", None)]
)
def test_the_time_of_the_setting(text: str, at: Instant | None) -> None:
    assert morning_at(text, TEN) == at


def test_recipients_are_rungs_and_the_group() -> None:
    wanted = [("staff", "客服主任"), ("group", "管理群"), ("staff", "项目经理")]
    assert recipients("客服主任、管理群 项目经理，客服主任") == wanted


def test_the_night_begins_with_the_turn_that_crossed_midnight(house: House, tmp_path: Path) -> None:
    desk = crew(house)
    assert "昨日17:30 以来" in desk.shifts.morning()
    desk.shifts.import_roster(table(tmp_path, *week(-1)))
    assert "昨日20:30 以来" in desk.shifts.morning()
