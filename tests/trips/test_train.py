"""A training afternoon (R-000-08): 小林 plays a case at an 80x24 terminal, breaks one off; 陈主任 reads the results."""

from __future__ import annotations

import json
import re
import sys

from tests.builders import House
from tests.trips.driver import NIGHT, Console, Estate

RIGHT = {
    1: "隔一米左右",
    2: "您好，请这边坐",
    4: "是什么时候开始的，在哪个位置",
    5: "我请巡逻岗拿手电",
    7: "谢谢您替整个单元报这一声",
}
"""What is right in 楼道灯 with a calm visitor, as the seed below brings it."""


def trains(estate: Estate, *words: str) -> Console:
    command = [sys.executable, "-m", "frontdesk", "train", *words]
    return Console(command, estate.environment("xiaolin"), NIGHT)


def asked(console: Console, question: int) -> Console:
    """Wait until this question stands whole, with the prompt below it."""
    return console.until(
        lambda: re.search(rf"\[{question}/.*\n>$", console.text.rstrip(), re.DOTALL),
        f"no question {question}",
    )


def chosen(console: Console, question: int) -> str:
    """The digit of the right sentence among those that stand below this question."""
    shown = asked(console, question).text.rpartition(f"[{question}/")[2]
    found = re.search(rf"(\d)\. \S*{RIGHT[question]}", shown)
    assert found, console.text
    return found[1]


def test_a_case_is_played_by_keyboard_alone_and_the_supervisor_reads_the_result(house: House) -> None:
    for login, role in (("lin", ""), ("xiaolin", "agent"), ("laozhou", "agent"), ("chenzr", "supervisor")):
        house.desk(login, role).close()
    estate = Estate(house.home)
    with trains(estate, "B8-1", "--seed", "2") as console:
        asked(console, 1).sees("Ctrl+C")
        console.types(chosen(console, 1)).press("Enter")
        # A slip while typing hanzi: each Backspace takes a whole one, nothing of it stays on the line.
        right = chosen(console, 2)
        console.types("你好你好").sees("> 你好你好").press(*["Backspace"] * 4).loses("> 你").types(
            right
        ).press("Enter")
        asked(console, 3).types("真对不起，楼道黑着，您上下楼看好脚下").press("Enter")
        asked(console, 4).types("0").press("Enter").sees("请按 1 到 4").types(chosen(console, 4)).press(
            "Enter"
        )
        console.types(chosen(console, 5)).press("Enter")
        asked(console, 6).types("我现在就联系工程部，今天22:30前给您回电话").press("Enter")
        console.types(chosen(console, 7)).press("Enter")
        asked(console, 8).sees("关单", "几天之内").types("0").press("Enter").sees("成绩已保存", "及格")
        assert console.ends() == 0
        assert int(console.found(r"总分 (\d+) / 100")) >= 85, console.text
        assert max(len(row) for row in console.rows) <= 80

    with trains(estate, "--exam", "3", "--seed", "5") as console:
        asked(console, 1).sees("考核").press("1", "Enter")
        asked(console, 2)
        # Pressed again and again, as impatient people do: the result is kept all the same. (What it says meanwhile may not
        # be seen: a terminal throws away what waits to be shown when Ctrl+C is pressed.)
        console.until(lambda: console.hung_up or not console.sends(b"\x03"))
        assert console.ends() == 130

    table = estate.does("train", "--results", by="chenzr")
    assert "xiaolin" in table and "考核" in table and "中途停下" in table
    results = json.loads(estate.does("train", "--results", "--json", by="chenzr"))["results"]
    assert {(each["login"], each["kind"], each["broken_off"]) for each in results} == {
        ("xiaolin", "practice", False),
        ("xiaolin", "exam", True),
    }
    assert json.loads(estate.does("train", "--results", "--json", by="laozhou"))["results"] == []
