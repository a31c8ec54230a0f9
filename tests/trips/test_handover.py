"""08:28 (A-DAY): the night gives its page in the console, the morning finds it in front and takes it, all at 80x24."""

from __future__ import annotations

import json
import re

from tests.trips.driver import NIGHT, SOON, Console, Estate

LEFT = r"剩(\d+)/(\d+)件"


def gives(desk: Console) -> int:
    """老周 looks his page through and signs it; how many matters there are."""
    desk.press("Ctrl+P").sees("打汉字、拼音或首字母").types("jjb").sees("交接班 (jjb)").press("Enter")
    desk.sees("数字选", "看一遍要交给下一班的").chooses("交班")
    count = int(desk.found(r"共(\d+)件"))
    desk.sees("F9 签字交班").press("F9").sees("交接已签字").loses("F9 签字交班")
    return count


def left(desk: Console) -> int:
    found = re.search(LEFT, desk.text)
    return int(found[1]) if found else 0


def test_the_night_gives_and_the_morning_takes_at_eighty_by_twenty_four(estate: Estate) -> None:
    with estate.console("laozhou", size=NIGHT, TERM="xterm") as desk:
        desk.sees("老周(前台客服)", "未结工单 F3", "F10 退出")
        count = gives(desk)
        desk.press("F10")
        assert desk.ends() == 0
    ((page,),) = estate.rows("SELECT page FROM handover WHERE given_by = 'laozhou' AND taken_at IS NULL")
    items = json.loads(page)["items"]
    assert len(items) == count and all(item["owner_name"] for item in items)

    with estate.console("xiaolin", size=NIGHT, TERM="xterm") as desk:
        desk.sees("接班", "老周", "谁手上", "Enter 接这一件", "F9 全部接下")
        assert left(desk) == count, "the page lies in front, whole"
        first = desk.found(r" 1 \S+ +\S+ +(\d{4}-\d+) ")
        desk.press("Enter").until(lambda: left(desk) < count, "nothing was taken").sees("小林")
        desk.press("Esc").sees("件在老周名下", "未结工单 F3")
        ((owner,),) = estate.rows("SELECT case_owner FROM ticket WHERE number LIKE ?", f"%{first}")
        assert owner == "xiaolin"
        ((waits,),) = estate.rows("SELECT count(*) FROM handover_item WHERE taken_at IS NULL")
        holders = estate.rows("SELECT DISTINCT owner FROM handover_item WHERE taken_at IS NULL")
        assert 0 < waits < count and holders == [("laozhou",)]

        desk.press("Ctrl+P").sees("打汉字、拼音或首字母").types("交接班").sees("交接班 (jjb)").press("Enter")
        desk.sees("老周交班").chooses("接班").until(lambda: left(desk) > 0, "the page is not open")
        desk.press("F9").sees("全部接下了")
        desk.press("F10")
        assert desk.ends() == 0

    ((given, taken, by),) = estate.rows("SELECT given_at, taken_at, taken_by FROM handover")
    assert given <= taken and by == "xiaolin"
    assert estate.rows("SELECT count(*) FROM handover_item WHERE taken_at IS NULL") == [(0,)]
    shown = json.loads(estate.does("handover", "--show", "1", "--json"))
    assert [item["key"] for item in shown["items"]] == [item["key"] for item in items]
    numbers = {item["ticket"] for item in items if item["ticket"]}
    marks = ", ".join("?" * len(numbers))
    owners = estate.rows(f"SELECT DISTINCT case_owner FROM ticket WHERE number IN ({marks})", *numbers)
    assert owners == [("xiaolin",)]
    assert estate.run("doctor", by="chenzr").returncode == 0


def test_two_who_come_at_once_see_each_other_take(estate: Estate) -> None:
    estate.does("handover", "--give", by="laozhou")
    with estate.console("xiaolin", size=NIGHT) as one, estate.console("azhen", size=NIGHT) as other:
        one.sees("Enter 接这一件")
        other.sees("Enter 接这一件")
        before = left(other)
        one.press("Enter").sees("小林")
        other.until(lambda: left(other) < before, "does not follow", within=10 * SOON).sees("小林")
        other.press("1").sees("这一件不用接了：小林")
